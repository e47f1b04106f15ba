"""Queries of `/news`: reads stories and topics from the store and renders a page."""

from dataclasses import dataclass, replace

from bot.announce.archive_terms import ArchiveTerms
from bot.clock import Clock
from bot.discordapp.messages import news as messages
from bot.discordapp.messages.stories import STORIES, story_count
from bot.discordapp.news import subjects
from bot.discordapp.news.lookup import Lookup, LookupKind, Period
from bot.discordapp.news.place import Place
from bot.discordapp.rendering.coverage import story_coverage
from bot.discordapp.rendering.lists import (
    STORIES_PER_PAGE,
    TOPICS_PER_PAGE,
    story_list,
    topic_list,
    topic_page,
)
from bot.discordapp.rendering.page import Page, page_count
from bot.discordapp.rendering.story import story_page
from storage.errors import NotFoundError
from storage.models import MOST_FOUND, Order, ProviderCount, StoryPage, StoryQuery, Topic
from storage.protocols import StoryStore

_MESSAGES_SHOWN = 3
_ORDERS = {
    LookupKind.TOP: Order.BEST,
    LookupKind.TRENDING: Order.HOTTEST,
    LookupKind.SEARCH: Order.RELEVANT,
}
_DEFAULT_PERIODS = {
    LookupKind.TOP: (Period.WEEK, Period.MONTH, Period.YEAR),
    LookupKind.TRENDING: (Period.THREE_DAYS, Period.WEEK, Period.MONTH),
}


@dataclass(frozen=True, slots=True)
class _Subject:
    """The topic and the provider of a lookup."""

    topic: Topic | None
    provider: ProviderCount | None


class NewsQueries:
    """Answers lookups from a store; periods end at the clock's time."""

    def __init__(self, store: StoryStore, clock: Clock, terms: ArchiveTerms) -> None:
        self._store = store
        self._clock = clock
        self._terms = terms

    async def look_up(self, lookup: Lookup, number: int, place: Place | None = None) -> Page:
        """Return the page with a number (from 0), or the last page if there are fewer.

        A story's page has links to its messages in the server of `place`. Raises `NotFoundError`
        with a text for a member if nothing is found.
        """
        if lookup.kind is LookupKind.STORY:
            return await self._story(lookup, number, place)
        if lookup.kind is LookupKind.TOPICS:
            return await self._topics(number)
        subject = await self._subject(lookup)
        found, number = await self._find(lookup, subject, number)
        if subject.topic is not None and lookup.kind is LookupKind.TOPIC:
            summary = await self._store.summarise_topic(subject.topic.id)
            return topic_page(summary, found, number)
        if not found.stories:
            raise NotFoundError(await self._advice(lookup, subject))
        return story_list(_heading(lookup, subject), found, number, searched=lookup.text)

    async def with_default_period(self, lookup: Lookup) -> Lookup:
        """The lookup with the first of its usual periods in which it finds a story, or all time."""
        query = replace(self._query(lookup, await self._subject(lookup), 0), order=Order.NEWEST)
        newest = (await self._store.find_stories(replace(query, limit=1))).stories
        now = self._clock.now()
        for period in _DEFAULT_PERIODS[lookup.kind]:
            since = period.since(now)
            if newest and since and newest[0].dated_at >= since:
                return replace(lookup, period=period)
        return replace(lookup, period=Period.EVER)

    async def _subject(self, lookup: Lookup) -> _Subject:
        topic_id, provider_id = lookup.subject_id, lookup.provider_id
        return _Subject(
            None if topic_id is None else await subjects.topic_with_id(self._store, topic_id),
            None
            if provider_id is None
            else await subjects.provider_with_id(self._store, provider_id),
        )

    def _query(self, lookup: Lookup, subject: _Subject, number: int) -> StoryQuery:
        now = self._clock.now()
        return StoryQuery(
            text=lookup.text,
            topics=(subject.topic.name,) if subject.topic else (),
            min_quality=lookup.min_quality,
            since=lookup.period.since(now),
            order=_ORDERS.get(lookup.kind, Order.NEWEST),
            limit=STORIES_PER_PAGE,
            offset=number * STORIES_PER_PAGE,
            providers=(subject.provider.name,) if subject.provider else (),
            kinds=(lookup.content,) if lookup.content else (),
            now=now,
        )

    async def _find(self, lookup: Lookup, subject: _Subject, number: int) -> tuple[StoryPage, int]:
        """Return a page of stories and its number, which is the last one if there are fewer."""
        while True:
            found = await self._store.find_stories(self._query(lookup, subject, number))
            last = page_count(found.total, STORIES_PER_PAGE) - 1
            if number <= last:
                return found, number
            number = last

    async def _story(self, lookup: Lookup, number: int, place: Place | None) -> Page:
        story = await subjects.story_with_id(self._store, lookup.subject_id or 0)
        page = story_page(story, number, story_coverage(story, await self._terms.latest()))
        if lookup.text:
            above = messages.closest_match(lookup.text)
            page.embed.description = "\n".join(filter(None, (above, page.embed.description)))
        if place is not None and page.number == 0:
            posted = await self._store.find_messages(story.id, place.guild.id)
            if shown := place.readable(posted)[:_MESSAGES_SHOWN]:
                links = messages.message_links(place.guild.id, shown)
                page.embed.add_field(name=messages.IN_THIS_SERVER, value=links, inline=False)
        return page

    async def _topics(self, number: int) -> Page:
        total = await self._store.count_topics()
        if not total:
            raise NotFoundError(messages.NO_TOPICS_YET)
        shown = min(total, MOST_FOUND)
        number = min(number, page_count(shown, TOPICS_PER_PAGE) - 1)
        first = number * TOPICS_PER_PAGE
        topics = await self._store.list_topics(min(TOPICS_PER_PAGE, shown - first), first)
        return topic_list(topics, shown, number, complete=shown == total)

    async def _advice(self, lookup: Lookup, subject: _Subject) -> str:
        """What to try when nothing was found."""
        if not await self._store.count_stories():
            return messages.NO_STORIES_YET
        heading, filters = _heading(lookup, subject), _filters(lookup, subject)
        if lookup.kind is not LookupKind.SEARCH:
            return messages.no_results(heading, filters, search=False)
        unfiltered = ""
        if filters != messages.NO_FILTERS:
            everything = self._query(Lookup(lookup.kind, text=lookup.text), _Subject(None, None), 0)
            found = await self._store.find_stories(everything)
            unfiltered = story_count(found.total, complete=found.complete) if found.total else ""
        meant = "" if unfiltered else await subjects.suggestions(self._store, lookup.text)
        return messages.no_results(
            heading, filters, search=True, meant=meant, unfiltered=unfiltered
        )


def _filters(lookup: Lookup, subject: _Subject) -> messages.Filters:
    return messages.Filters(
        period=None if lookup.period is Period.EVER else lookup.period.name.lower(),
        topic=subject.topic.name if subject.topic else None,
        provider=subject.provider.name if subject.provider else None,
        content=lookup.content,
        min_quality=lookup.min_quality,
    )


def _heading(lookup: Lookup, subject: _Subject) -> str:
    titles = {
        LookupKind.LATEST: messages.LATEST,
        LookupKind.TOP: messages.TOP,
        LookupKind.TRENDING: messages.TRENDING,
        LookupKind.SEARCH: messages.search_title(lookup.text),
    }
    return messages.list_heading(titles.get(lookup.kind, STORIES), _filters(lookup, subject))
