"""Queries of `/news`: reads stories and topics from the store and renders a page."""

import difflib
from contextlib import suppress
from dataclasses import replace

from bot.clock import Clock
from bot.discordapp.markdown import escaped, plain
from bot.discordapp.news.lookup import Lookup, LookupKind, Period
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

_EVERY_TOPIC = "`/news topics` lists them all."
_NOTHING_YET = "Nothing here yet. Try `/news latest`"
_NOT_FOUND = "Nothing was found. Every word must occur in a story. Try fewer or other words"
_SUGGESTIONS = 3
_TOPICS_COMPARED = 500
_NAME_SHOWN = 80
_TYPED = 200
_ID_DIGITS = 18


class NewsQueries:
    """Answers lookups from a store; periods are counted back from the clock's time."""

    def __init__(self, store: StoryStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def look_up(self, lookup: Lookup, number: int) -> Page:
        """The page with that number (from 0), or the last one if there are fewer.

        Raises `NotFoundError`, worded for a member, if the topic or story is gone.
        """
        if lookup.kind is LookupKind.STORY:
            return story_page(await self._story(lookup.subject_id or 0), number)
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
        """Week, month or ever: the first in which the lookup finds any story."""
        topic = await self._topic(lookup.subject_id) if lookup.subject_id is not None else None
        for period in (Period.WEEK, Period.MONTH):
            found, _ = await self._find(replace(lookup, period=period), topic, 0)
            if found.stories:
                return period
        return Period.EVER

    async def topic_named(self, typed: str) -> Topic:
        """The topic of that name, case ignored. Raises `NotFoundError` with suggestions."""
        typed = plain(typed, _TYPED)
        if typed.startswith("id:") and _is_id(typed.removeprefix("id:")):
            return await self._topic(int(typed.removeprefix("id:")))
        try:
            return await self._store.get_topic(typed)
        except NotFoundError:
            close = await self._topics_like(typed)
        shown = escaped(typed, _NAME_SHOWN)
        meant = f" Did you mean {' or '.join(close)}?" if close else ""
        raise NotFoundError(f"There is no topic “{shown}”.{meant} {_EVERY_TOPIC}")

    async def story_meant(self, typed: str) -> Story:
        """The story of that id, or the best match for typed words. Raises `NotFoundError`."""
        typed = plain(typed, _TYPED)
        if _is_id(typed):
            with suppress(NotFoundError):  # it may be a word of a title, such as a year
                return await self._story(int(typed))
        query = StoryQuery(text=typed, order=Order.RELEVANT, limit=1)
        stories = (await self._store.find_stories(query)).stories
        if not stories:
            shown = escaped(typed, _NAME_SHOWN)
            raise NotFoundError(
                f"I know no story like “{shown}”. Try `/news search` with one word."
            )
        return stories[0]

    async def _find(
        self, lookup: Lookup, topic: Topic | None, number: int
    ) -> tuple[StoryPage, int]:
        """A page of stories and its number, which is lower than requested if there are fewer."""
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
            return nothing_found("Topics", "Nothing has been loaded yet, so there are no topics.")
        number = min(number, page_count(total, TOPICS_PER_PAGE) - 1)
        topics = await self._store.list_topics(TOPICS_PER_PAGE, number * TOPICS_PER_PAGE)
        return topic_list(topics, total, number)

    async def _story(self, story_id: int) -> Story:
        with suppress(NotFoundError):
            story = await self._store.get_story(story_id)
            if not story.withdrawn:
                return story
        raise NotFoundError("I no longer know this story.")

    async def _topic(self, topic_id: int) -> Topic:
        try:
            return await self._store.get_topic_by_id(topic_id)
        except NotFoundError as error:
            raise NotFoundError(f"This topic has no stories any more. {_EVERY_TOPIC}") from error

    async def _topics_like(self, typed: str) -> list[str]:
        """Names of topics that contain what was typed, else of those with a similar spelling."""
        names = [topic.name for topic in await self._store.complete_topics(typed, _SUGGESTIONS)]
        if not names:
            known = await self._store.list_topics(_TOPICS_COMPARED)
            by_folded = {topic.name.casefold(): topic.name for topic in known}
            close = difflib.get_close_matches(typed.casefold(), by_folded, _SUGGESTIONS)
            names = [by_folded[folded] for folded in close]
        return [f"“{escaped(name, _NAME_SHOWN)}”" for name in names]

    async def _advice(self, lookup: Lookup, topic: Topic | None) -> str:
        """What to try when nothing was found."""
        if not await self._store.count_stories():
            return "Nothing has been loaded yet. Stories appear here as soon as a source has some."
        hints = [_NOT_FOUND if lookup.kind is LookupKind.SEARCH else _NOTHING_YET]
        hints += ["a longer period"] if lookup.period is not Period.EVER else []
        hints += ["a lower quality"] if lookup.min_quality else []
        hints += ["all topics"] if topic else []
        return ", or ".join(hints) + "."


def _heading(lookup: Lookup, topic: Topic | None) -> str:
    words = {
        LookupKind.LATEST: "Latest stories",
        LookupKind.TOP: "Best stories",
        LookupKind.SEARCH: f"Stories about “{lookup.text}”",
    }.get(lookup.kind, "Stories")
    parts = [words, lookup.period.words, f"in {topic.name}" if topic else ""]
    if lookup.min_quality:
        parts.append(f"with quality {lookup.min_quality} or more")
    return " ".join(part for part in parts if part)


def _is_id(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) <= _ID_DIGITS
