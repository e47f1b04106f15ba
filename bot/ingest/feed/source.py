"""A feed as a source."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bot.clock import Clock
from bot.ingest.defaults import Defaults
from bot.ingest.document import FORMAT_VERSION, as_reading, read_fields
from bot.ingest.feed.entry import MAX_ENTRIES, Entry, Feed, fields_of, provider_of, tell_apart
from bot.ingest.feed.parser import parse_feed
from bot.ingest.source import ChangeSet, Known
from bot.ingest.text import content_digest, pluralize
from bot.ingest.web_page import PageState, WebPage
from storage.models import Document, Fingerprint, Reading, Rejection

# Raise it when the same feed is to be read differently.
FEED_VERSION = 3
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9,"
    " application/json;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
_BEYOND = f"hash:more than {MAX_ENTRIES}"
# What a feed calls the fields of front matter.
_SPELLED = {"webUrl": "link", "publishedDateTime": "date"}


class FeedSource:
    """The entries of a feed. A feed lists only its newest ones, so none is ever found to be gone.

    A document's key is the entry's id. The time in its fingerprint (`modified_ns`) is when the
    entry was first seen, which is the date of an entry without one.
    """

    def __init__(self, page: WebPage, *, clock: Clock, defaults: Defaults) -> None:
        self.name = page.name
        self.changes, self.quick_check = page.changes, page.quick_check
        self.settings_digest = f"feed {FEED_VERSION}, front matter {FORMAT_VERSION}, {defaults}"
        self._page = page
        self._clock = clock
        self._defaults = defaults

    async def read(self, known: Known, state: str | None) -> ChangeSet:
        """Read the feed and compare its entries. Raises `SourceError`."""
        feed, held = await self._fetch(state)
        return await asyncio.to_thread(self._compare, feed, held, known)

    async def probe(self) -> str:
        """Whether the feed can be read, in words, changing nothing. Raises `SourceError`."""
        feed, _ = await self._fetch(None)
        return f"a feed of {pluralize(len(feed.entries), 'entry', 'entries')}"

    async def _fetch(self, state: str | None) -> tuple[Feed, PageState]:
        answer, body = await self._page.answer(state)
        feed = await self._page.read(answer, parse_feed, answer.content_type)
        return feed, PageState(answer.validators, content_digest(body), len(feed.entries))

    def _compare(self, feed: Feed, held: PageState, known: Known) -> ChangeSet:
        now = self._clock.now()
        names = {before.digest: key for key, before in known.items() if before is not None}
        changed: dict[str, tuple[Entry, Fingerprint]] = {}
        seen: set[str] = set()
        entries = tell_apart(feed)
        ids = {entry.key for entry in entries}
        for entry in entries:
            key, digest = entry.key, entry.digest
            if key not in known and entry.link and names.get(digest, key) not in ids:
                key = names[digest]  # the same under another id
            if key in seen:
                continue
            seen.add(key)
            before = known.get(key)
            if before is None or before.digest != digest:
                first_seen = before.modified_ns if before else int(now.timestamp() * 1e9)
                changed[key] = (entry, Fingerprint(0, first_seen, digest))
        gone: tuple[str, ...] = ()
        if feed.left_out:
            seen.add(_BEYOND)
            problem = f"holds {feed.left_out} entries more than {MAX_ENTRIES:,}; they are left out"
            fingerprint = Fingerprint(0, 0, problem)
            if known.get(_BEYOND) != fingerprint:
                changed[_BEYOND] = (Entry(problem=problem), fingerprint)
        elif _BEYOND in known:
            gone = (_BEYOND,)
        return ChangeSet(
            changed.keys(),
            self._documents(feed, changed),
            unchanged=len(seen) - len(changed),
            gone=gone,
            state_token=held.encode,
            archive=True,
        )

    def _documents(
        self, feed: Feed, changed: dict[str, tuple[Entry, Fingerprint]]
    ) -> Iterator[Document]:
        """The oldest first; a feed lists its newest first."""
        for key, (entry, fingerprint) in reversed(changed.items()):
            yield Document(key, fingerprint, self._parse(entry, feed, fingerprint))

    def _parse(self, entry: Entry, feed: Feed, fingerprint: Fingerprint) -> Reading:
        if entry.problem:
            return Rejection(entry.problem)
        first_seen_at = datetime.fromtimestamp(fingerprint.modified_ns / 1e9, UTC)
        fields = fields_of(entry, feed, first_seen_at)
        if not fields.get("webUrl"):
            return Rejection("is missing; an entry without one leads nowhere", field="link")
        provider = provider_of(feed, str(fields.get("webUrl", "")))
        reading = as_reading(
            lambda: read_fields(
                {"provider": provider, **self._defaults.fill(fields)}, unpublished="announce"
            )
        )
        if isinstance(reading, Rejection):
            return replace(reading, field=_SPELLED.get(reading.field or "", reading.field))
        return reading
