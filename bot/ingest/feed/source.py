"""Feeds as sources."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from bot.clock import Clock
from bot.ingest.article import FORMAT_VERSION, as_reading, read_fields
from bot.ingest.defaults import Defaults
from bot.ingest.entries.archive import completed_bounds
from bot.ingest.entries.comparison import KnownEntries
from bot.ingest.entries.documents import read_documents
from bot.ingest.feed.articles import (
    default_provider,
    disambiguate_links,
    front_matter_fields,
    list_entry,
)
from bot.ingest.feed.entry import MAX_ENTRIES, Entry, Feed
from bot.ingest.feed.worker import parse_feed_in_worker
from bot.ingest.source import ChangeSet
from bot.ingest.text import pluralize
from bot.ingest.web_page import PageState, WebPage
from storage.models import (
    ArchiveBounds,
    Document,
    Fingerprint,
    KnownDocuments,
    Reading,
    Rejection,
)

# Increase it when a change of the code reads the same feed differently.
FEED_VERSION = 4
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9,"
    " application/json;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
# The key of the rejection that reports skipped entries.
_EXCESS_KEY = f"hash:more than {MAX_ENTRIES}"
# The names that feeds use for fields of front matter.
_FEED_NAMES = {"webUrl": "link", "publishedDateTime": "date"}


class FeedSource:
    """The entries of a feed. A feed lists only its newest entries, so missing ones are not gone.

    `bot.ingest.entries` decides which entries are known. The time in a document's fingerprint
    (`modified_ns`) is when the entry was first seen, which dates an entry that has no date.
    """

    def __init__(
        self,
        page: WebPage,
        *,
        clock: Clock,
        defaults: Defaults,
        max_entries: int = MAX_ENTRIES,
        time_zone: str | None = None,
    ) -> None:
        self.name = page.name
        self.changes, self.quick_check = page.changes, page.quick_check
        self.settings_digest = f"feed {FEED_VERSION}, front matter {FORMAT_VERSION}, {defaults}"
        if time_zone:
            self.settings_digest += f", time zone {time_zone}"
        self._time_zone = time_zone
        self._page = page
        self._clock = clock
        self._defaults = defaults
        self._max_entries = max_entries

    async def read(self, known: KnownDocuments, state: str | None) -> ChangeSet:
        """Fetch the feed and compare its entries with the known ones. Raises `SourceError`."""
        began_at = self._clock.now()
        feed, page_state = await self._fetch(state)
        return await asyncio.to_thread(self._compare, feed, page_state, known, began_at)

    async def probe(self) -> str:
        """Fetch the feed and describe it, storing nothing. Raises `SourceError`."""
        feed, _ = await self._fetch(None)
        return f"a feed of {pluralize(len(feed.entries), 'entry', 'entries')}"

    async def _fetch(self, state: str | None) -> tuple[Feed, PageState]:
        response, page_state = await self._page.fetch(state)
        feed = await self._page.parse(
            response,
            parse_feed_in_worker,
            response.content_type,
            self._max_entries,
            self._time_zone,
        )
        return feed, replace(page_state, documents=len(feed.entries))

    def _compare(
        self, feed: Feed, page_state: PageState, known: KnownDocuments, now: datetime
    ) -> ChangeSet:
        entries = disambiguate_links(feed)
        listed = [list_entry(entry) for entry in entries]
        comparison = KnownEntries(known).compare(listed, now)
        page_state = page_state.waiting(comparison.waits_until)
        bounds = known.archive or ArchiveBounds(now)
        by_listed = dict(zip(reversed(listed), reversed(entries), strict=True))
        documents = read_documents(
            comparison.changed,
            lambda each: self._parse(by_listed[each.entry], feed, each.fingerprint),
            bounds,
            now,
        )
        keys = {each.key for each in comparison.changed}
        present = comparison.present
        if feed.skipped:
            problem = (
                f"has {feed.skipped} entries beyond the limit of {self._max_entries:,};"
                " they are skipped"
            )
            fingerprint = Fingerprint(0, 0, problem)
            present |= {_EXCESS_KEY}
            if known.get(_EXCESS_KEY) != fingerprint:
                keys.add(_EXCESS_KEY)
                documents = chain(
                    [Document(_EXCESS_KEY, fingerprint, Rejection(problem))], documents
                )
        return ChangeSet(
            keys,
            documents,
            unchanged=len(present) - len(keys),
            state_token=page_state.encode,
            archive=completed_bounds(bounds, (each.published_at for each in listed), now),
            present=present,
            findings=comparison.findings,
        )

    def _parse(self, entry: Entry, feed: Feed, fingerprint: Fingerprint) -> Reading:
        if entry.problem:
            return Rejection(entry.problem)
        first_seen_at = datetime.fromtimestamp(fingerprint.modified_ns / 1e9, UTC)
        fields = front_matter_fields(entry, first_seen_at)
        if not fields.get("webUrl"):
            return Rejection("is missing; an entry needs the address of its page", field="link")
        provider = default_provider(feed, str(fields.get("webUrl", "")))
        reading = as_reading(
            lambda: read_fields(
                {"provider": provider, **self._defaults.fill(fields)}, unpublished="announce"
            )
        )
        if isinstance(reading, Rejection):
            return replace(reading, field=_FEED_NAMES.get(reading.field or "", reading.field))
        return reading
