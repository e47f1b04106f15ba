"""A feed as a source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.clock import Clock
from bot.fetching.page import Held, digest_of
from bot.ingest.defaults import Defaults
from bot.ingest.document import FORMAT_VERSION, as_reading, read_fields
from bot.ingest.feed.entry import MAX_ENTRIES, Entry, Feed, fields_of, provider_of, tell_apart
from bot.ingest.feed.reading import read_feed
from bot.ingest.source import BATCH, Glance, Survey
from bot.ingest.text import counted
from bot.ingest.web_page import WebPage
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
    """The entries of a feed. A feed shows only its newest, so none is ever found to be gone.

    A document's key is the entry's id; a fingerprint's time is when the entry was first seen, which
    dates what has no date.
    """

    def __init__(self, page: WebPage, *, clock: Clock, defaults: Defaults) -> None:
        self._page = page
        self._clock = clock
        self._defaults = defaults
        self._kept: tuple[Feed, Held] | None = None

    @property
    def name(self) -> str:
        """See `Source`."""
        return self._page.name

    @property
    def settings_digest(self) -> str:
        """See `Source`."""
        return f"feed {FEED_VERSION}, front matter {FORMAT_VERSION}, {self._defaults}"

    def changes(self) -> AsyncGenerator[None]:
        """Yield at once, and when the schedule says so."""
        return self._page.changes()

    async def glance(self) -> Glance | None:
        """Ask the server whether the feed has changed. Raises `SourceError`."""
        self._kept = None
        return await self._page.glance(self.settings_digest)

    async def survey(self, known: Mapping[str, Fingerprint]) -> Survey:
        """Read the feed, if need be, and compare. Raises `SourceError`."""
        feed, held = self._kept or await self._read()
        # The one who asks knows nothing yet will ask again when all of it is known.
        self._kept = None if known else (feed, held)
        return await asyncio.to_thread(self._compare, feed, held, known)

    async def probe(self) -> str:
        """Whether the feed can be read, in words, changing nothing. Raises `SourceError`."""
        feed, _ = await self._read()
        return f"a feed of {counted(len(feed.entries), 'entry', 'entries')}"

    async def _read(self) -> tuple[Feed, Held]:
        answer, body = await self._page.answer()
        feed = await self._page.read(answer, read_feed, answer.content_type)
        return feed, Held(answer.validators, digest_of(body), len(feed.entries))

    def _compare(self, feed: Feed, held: Held, known: Mapping[str, Fingerprint]) -> Survey:
        now = self._clock.now()
        names = {fingerprint.digest: key for key, fingerprint in known.items()}
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
        batches = self._batches(feed, list(changed.items()))
        unchanged = len(seen) - len(changed)
        return Survey(
            changed.keys(), unchanged, gone, batches, holdings=held.encode(), archive=True
        )

    def _batches(
        self, feed: Feed, changed: Sequence[tuple[str, tuple[Entry, Fingerprint]]]
    ) -> Iterator[Sequence[Document]]:
        """The oldest first, as they come at the end of a feed."""
        documents = changed[::-1]
        for start in range(0, len(documents), BATCH):
            yield [
                Document(key, fingerprint, self._tell(entry, feed, fingerprint))
                for key, (entry, fingerprint) in documents[start : start + BATCH]
            ]

    def _tell(self, entry: Entry, feed: Feed, fingerprint: Fingerprint) -> Reading:
        if entry.problem:
            return Rejection(entry.problem)
        first_seen_at = datetime.fromtimestamp(fingerprint.modified_ns / 1e9, UTC)
        fields = fields_of(entry, feed, first_seen_at)
        if not fields.get("webUrl"):
            return Rejection("is missing; an entry without one leads nowhere", field="link")
        provider = provider_of(feed, str(fields.get("webUrl", "")))
        told = as_reading(
            lambda: read_fields(
                {"provider": provider, **self._defaults.fill(fields)}, unpublished="announce"
            )
        )
        if isinstance(told, Rejection):
            return replace(told, field=_SPELLED.get(told.field or "", told.field))
        return told
