"""A feed as a source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.clock import Clock
from bot.errors import SourceError
from bot.fetching.addresses import shown_address
from bot.fetching.fetcher import Answer
from bot.fetching.page import NOTHING_HELD, Held, Page, digest_of
from bot.fetching.schedule import Schedule
from bot.ingest.defaults import Defaults
from bot.ingest.document import FORMAT_VERSION, read_article
from bot.ingest.feed.entry import MAX_ENTRIES, Entry, Feed, fields_of, provider_of
from bot.ingest.feed.reading import read_feed
from bot.ingest.source import Glance, Survey
from bot.ingest.workers import Workers
from storage.models import Document, Fingerprint, Reading, Rejection

# Raise it when the same feed is to be read differently.
FEED_VERSION = 2
BATCH = 200
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
    dates what has no date. `recall` tells what was held of the feed when the bot last ran.
    """

    def __init__(
        self,
        page: Page,
        schedule: Schedule,
        *,
        name: str,
        clock: Clock,
        defaults: Defaults,
        recall: Callable[[str, str], Awaitable[str | None]],
        workers: Workers,
    ) -> None:
        self._page = page
        self._schedule = schedule
        self._name = name
        self._clock = clock
        self._defaults = defaults
        self._recall = recall
        self._workers = workers
        self._held: Held | None = None
        self._answer: Answer | None = None
        self._kept: tuple[Feed, Held] | None = None

    @property
    def name(self) -> str:
        """See `Source`."""
        return self._name

    @property
    def settings_digest(self) -> str:
        """See `Source`."""
        return f"feed {FEED_VERSION}, front matter {FORMAT_VERSION}, {self._defaults}"

    def changes(self) -> AsyncGenerator[None]:
        """Yield at once, and when the schedule says so."""
        return self._schedule.ticks()

    async def glance(self) -> Glance | None:
        """Ask the server whether the feed has changed. Raises `SourceError`."""
        if self._held is None:
            self._held = Held.decode(await self._recall(self._name, self.settings_digest))
        self._kept = None
        self._answer = await self._page.ask(self._held)
        if self._answer is None:
            return Glance(self._held.encode(), self._held.documents)
        return None

    async def survey(self, known: Mapping[str, Fingerprint]) -> Survey:
        """Read the feed, if need be, and compare. Raises `SourceError`."""
        feed, held = await self._read()
        # The one who asks knows nothing yet will ask again when all of it is known.
        self._kept = None if known else (feed, held)
        self._held = held
        return await asyncio.to_thread(self._compare, feed, held, known)

    async def probe(self) -> str:
        """Whether the feed can be read, in words, changing nothing. Raises `SourceError`."""
        feed, _ = await self._read()
        return f"a feed of {len(feed.entries)} entries"

    async def _read(self) -> tuple[Feed, Held]:
        if self._kept is not None:
            return self._kept
        answer, self._answer = self._answer or await self._page.ask(NOTHING_HELD), None
        assert answer is not None
        assert answer.body is not None
        try:
            feed = await self._workers.run(read_feed, answer.body, answer.url, answer.content_type)
        except SourceError as error:
            raise SourceError(f"{shown_address(answer.url)}: {error}") from error
        return feed, Held(answer.validators, digest_of(answer.body), len(feed.entries))

    def _compare(self, feed: Feed, held: Held, known: Mapping[str, Fingerprint]) -> Survey:
        now = self._clock.now()
        names = {fingerprint.digest: key for key, fingerprint in known.items()}
        changed: dict[str, tuple[Entry, Fingerprint]] = {}
        seen: set[str] = set()
        for entry in feed.entries:
            key, digest = entry.key, entry.digest
            if key not in known and entry.link and digest in names:
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
        return Survey(len(changed), unchanged, gone, batches, held.encode(), archive=True)

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
        told = read_article(
            {"provider": provider, **self._defaults.fill(fields)}, unpublished="announce"
        )
        if isinstance(told, Rejection):
            return replace(told, field=_SPELLED.get(told.field or "", told.field))
        return told
