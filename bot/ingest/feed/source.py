"""Feeds as sources."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bot.clock import Clock
from bot.ingest.defaults import Defaults
from bot.ingest.document import FORMAT_VERSION, as_reading, read_fields
from bot.ingest.feed.entry import (
    MAX_ENTRIES,
    Entry,
    Feed,
    default_provider,
    disambiguate_links,
    front_matter_fields,
)
from bot.ingest.feed.parser import parse_feed
from bot.ingest.source import ChangeSet, Known
from bot.ingest.text import content_digest, pluralize
from bot.ingest.web_page import PageState, WebPage
from storage.models import Document, Fingerprint, Reading, Rejection

# Increase it when a change of the code reads the same feed differently.
FEED_VERSION = 3
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

    A document's key is the entry's id. The time in its fingerprint (`modified_ns`) is when the
    entry was first seen, which dates an entry that has no date.
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

    async def read(self, known: Known, state: str | None) -> ChangeSet:
        """Fetch the feed and compare its entries with the known ones. Raises `SourceError`."""
        feed, page_state = await self._fetch(state)
        return await asyncio.to_thread(self._compare, feed, page_state, known)

    async def probe(self) -> str:
        """Fetch the feed and describe it, storing nothing. Raises `SourceError`."""
        feed, _ = await self._fetch(None)
        return f"a feed of {pluralize(len(feed.entries), 'entry', 'entries')}"

    async def _fetch(self, state: str | None) -> tuple[Feed, PageState]:
        response, body = await self._page.fetch(state)
        feed = await self._page.parse(
            response, parse_feed, response.content_type, self._max_entries, self._time_zone
        )
        return feed, PageState(response.validators, content_digest(body), len(feed.entries))

    def _compare(self, feed: Feed, page_state: PageState, known: Known) -> ChangeSet:
        now = self._clock.now()
        keys = {before.digest: key for key, before in known.items() if before is not None}
        changed: dict[str, tuple[Entry, Fingerprint]] = {}
        seen: set[str] = set()
        entries = disambiguate_links(feed)
        current_keys = {entry.key for entry in entries}
        for entry in entries:
            key, digest = entry.key, entry.digest
            if key not in known and entry.link and keys.get(digest, key) not in current_keys:
                key = keys[digest]  # the same entry under another id
            if key in seen:
                continue
            seen.add(key)
            before = known.get(key)
            if before is None or before.digest != digest:
                first_seen = before.modified_ns if before else int(now.timestamp() * 1e9)
                changed[key] = (entry, Fingerprint(0, first_seen, digest))
        gone: tuple[str, ...] = ()
        if feed.skipped:
            seen.add(_EXCESS_KEY)
            problem = (
                f"has {feed.skipped} entries beyond the limit of {self._max_entries:,};"
                " they are skipped"
            )
            fingerprint = Fingerprint(0, 0, problem)
            if known.get(_EXCESS_KEY) != fingerprint:
                changed[_EXCESS_KEY] = (Entry(problem=problem), fingerprint)
        elif _EXCESS_KEY in known:
            gone = (_EXCESS_KEY,)
        return ChangeSet(
            changed.keys(),
            self._documents(feed, changed),
            unchanged=len(seen) - len(changed),
            gone=gone,
            state_token=page_state.encode,
            archive=True,
            present=seen,
        )

    def _documents(
        self, feed: Feed, changed: dict[str, tuple[Entry, Fingerprint]]
    ) -> Iterator[Document]:
        """Yield the oldest first; a feed lists its newest first."""
        for key, (entry, fingerprint) in reversed(changed.items()):
            yield Document(key, fingerprint, self._parse(entry, feed, fingerprint))

    def _parse(self, entry: Entry, feed: Feed, fingerprint: Fingerprint) -> Reading:
        if entry.problem:
            return Rejection(entry.problem)
        first_seen_at = datetime.fromtimestamp(fingerprint.modified_ns / 1e9, UTC)
        fields = front_matter_fields(entry, feed, first_seen_at)
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
