"""Queries of `/news`: reads stories and topics from the store and renders a page."""

import asyncio
import difflib
from contextlib import suppress
from dataclasses import replace

from bot.announce.archive_terms import ArchiveTerms
from bot.clock import Clock
from bot.discordapp.ids import parse_id
from bot.discordapp.markdown import plain
from bot.discordapp.messages import news as messages
from bot.discordapp.messages.stories import STORIES, TOPICS
from bot.discordapp.news.lookup import Lookup, LookupKind, Period
from bot.discordapp.rendering.coverage import story_coverage
from bot.discordapp.rendering.lists import (
    STORIES_PER_PAGE,
    TOPICS_PER_PAGE,
    nothing_found,
    story_list,
    topic_list,
    topic_page,
)
from bot.discordapp.rendering.page import Page, page_count
from bot.discordapp.rendering.story import story_page
from storage.errors import NotFoundError
from storage.models import Order, Story, StoryPage, StoryQuery, Topic
from storage.protocols import StoryStore

_SUGGESTIONS = 3
_TOPICS_COMPARED = 500
_TYPED = 200


class NewsQueries:
    """Answers lookups from a store; periods end at the clock's time."""

    def __init__(self, store: StoryStore, clock: Clock, terms: ArchiveTerms) -> None:
        self._store = store
        self._clock = clock
        self._terms = terms

    async def look_up(self, lookup: Lookup, number: int) -> Page:
        """Return the page with a number (from 0), or the last page if there are fewer.

        Raises `NotFoundError` with a text for a member if the topic or story is gone.
        """
        if lookup.kind is LookupKind.STORY:
            story = await _published_story(self._store, lookup.subject_id or 0)
            return story_page(story, number, story_coverage(story, await self._terms.get()))
        if lookup.kind is LookupKind.TOPICS:
            return await self._topics(number)
        topic = await self._topic(lookup.subject_id) if lookup.subject_id is not None else None
        found, number = await self._find(lookup, topic, number)
        if topic is not None and lookup.kind is LookupKind.TOPIC:
            return topic_page(await self._store.summarise_topic(topic.id), found, number)
        heading = _heading(lookup, topic)
        if not found.stories:
            return nothing_found(heading, await self._advice(lookup, topic))
        return story_list(heading, found, number)

    async def shortest_period_with_stories(self, lookup: Lookup) -> Period:
        """Week, month or all time: the first period in which the lookup finds a story."""
        topic = await self._topic(lookup.subject_id) if lookup.subject_id is not None else None
        for period in (Period.WEEK, Period.MONTH):
            found, _ = await self._find(replace(lookup, period=period), topic, 0)
            if found.stories:
                return period
        return Period.EVER

    async def find_topic(self, typed: str) -> Topic:
        """Return the topic with a name in any case. Raises `NotFoundError` with suggestions."""
        typed = plain(typed, _TYPED)
        prefix, _, number = typed.partition("id:")
        if not prefix and (topic_id := parse_id(number)) is not None:
            return await self._topic(topic_id)
        try:
            return await self._store.get_topic(typed)
        except NotFoundError:
            similar = await self._similar_topics(typed)
        raise NotFoundError(messages.topic_not_found(typed, similar))

    async def _find(
        self, lookup: Lookup, topic: Topic | None, number: int
    ) -> tuple[StoryPage, int]:
        """Return a page of stories and its number, which is the last one if there are fewer."""
        orders = {LookupKind.TOP: Order.BEST, LookupKind.SEARCH: Order.RELEVANT}
        while True:
            query = StoryQuery(
                text=lookup.text,
                topics=(topic.name,) if topic else (),
                min_quality=lookup.min_quality,
                since=lookup.period.since(self._clock.now()),
                order=orders.get(lookup.kind, Order.NEWEST),
                limit=STORIES_PER_PAGE,
                offset=number * STORIES_PER_PAGE,
            )
            found = await self._store.find_stories(query)
            last = page_count(found.total, STORIES_PER_PAGE) - 1
            if number <= last:
                return found, number
            number = last

    async def _topics(self, number: int) -> Page:
        total = await self._store.count_topics()
        if not total:
            return nothing_found(TOPICS, messages.NO_TOPICS_YET)
        number = min(number, page_count(total, TOPICS_PER_PAGE) - 1)
        topics = await self._store.list_topics(TOPICS_PER_PAGE, number * TOPICS_PER_PAGE)
        return topic_list(topics, total, number)

    async def _topic(self, topic_id: int) -> Topic:
        try:
            return await self._store.get_topic_by_id(topic_id)
        except NotFoundError as error:
            raise NotFoundError(messages.TOPIC_GONE) from error

    async def _similar_topics(self, typed: str) -> list[str]:
        """Names of topics that contain the typed text, or else are spelled like it."""
        names = [topic.name for topic in await self._store.complete_topics(typed, _SUGGESTIONS)]
        if not names:
            known = await self._store.list_topics(_TOPICS_COMPARED)
            by_folded = {topic.name.casefold(): topic.name for topic in known}
            # Comparing so many names takes up to a tenth of a second.
            close = await asyncio.to_thread(
                difflib.get_close_matches, typed.casefold(), by_folded, _SUGGESTIONS
            )
            names = [by_folded[folded] for folded in close]
        return names

    async def _advice(self, lookup: Lookup, topic: Topic | None) -> str:
        """What to try when nothing was found."""
        if not await self._store.count_stories():
            return messages.NO_STORIES_YET
        return messages.no_results(
            search=lookup.kind is LookupKind.SEARCH,
            any_period=lookup.period is Period.EVER,
            any_quality=not lookup.min_quality,
            any_topic=topic is None,
        )


def _heading(lookup: Lookup, topic: Topic | None) -> str:
    titles = {
        LookupKind.LATEST: messages.LATEST,
        LookupKind.TOP: messages.TOP,
        LookupKind.SEARCH: messages.search_title(lookup.text),
    }
    return messages.list_heading(
        titles.get(lookup.kind, STORIES),
        period=None if lookup.period is Period.EVER else lookup.period.name.lower(),
        topic=topic.name if topic else None,
        min_quality=lookup.min_quality,
    )


async def find_story(store: StoryStore, typed: str) -> Story:
    """Return the story with a typed id, or the best match for words. Raises `NotFoundError`."""
    typed = plain(typed, _TYPED)
    if (story_id := parse_id(typed)) is not None:
        with suppress(NotFoundError):  # it may be a word of a title, such as a year
            return await _published_story(store, story_id)
    query = StoryQuery(text=typed, order=Order.RELEVANT, limit=1)
    stories = (await store.find_stories(query)).stories
    if not stories:
        raise NotFoundError(messages.story_not_found(typed))
    return stories[0]


async def _published_story(store: StoryStore, story_id: int) -> Story:
    with suppress(NotFoundError):
        story = await store.get_story(story_id)
        if not story.withdrawn:
            return story
    raise NotFoundError(messages.STORY_GONE)
