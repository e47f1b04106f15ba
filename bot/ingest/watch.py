"""Keeping the store up to date with a source for as long as the bot runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Never, Protocol

from bot.clock import Clock
from bot.errors import SourceError
from bot.ingest.loader import load_source
from bot.ingest.source import Source
from bot.retry import Backoff
from storage.errors import StorageError, StorywireError
from storage.models import LoadCounts
from storage.protocols import ArticleStore, SourceStore

logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=1)
LAST_RETRY = timedelta(minutes=1)


class WatchStore(ArticleStore, SourceStore, Protocol):
    """What watching needs."""


async def watch_source(
    source: Source,
    store: WatchStore,
    clock: Clock,
    on_loaded: Callable[[LoadCounts], None],
    on_failed: Callable[[], None] = lambda: None,
) -> Never:
    """Load the source now and at every change, until cancelled; tell each load to `on_loaded`.

    A source that can't be read keeps its last state, is marked in the store, told to `on_failed`,
    and is tried again; so is a database that can't be written.
    """
    watch = _Watch(source, store, clock, on_loaded, on_failed)
    while True:
        try:
            async with aclosing(source.changes()) as changes:
                async for _ in changes:
                    await watch.load()
        except SourceError as error:
            await watch.fail(error)
        await watch.wait()


class _Watch:
    """What is known of a source while it is watched: its trouble, and how patient to be."""

    def __init__(
        self,
        source: Source,
        store: WatchStore,
        clock: Clock,
        on_loaded: Callable[[LoadCounts], None],
        on_failed: Callable[[], None],
    ) -> None:
        self._source = source
        self._store = store
        self._clock = clock
        self._on_loaded = on_loaded
        self._on_failed = on_failed
        self._trouble: str | None = None
        self._backoff = Backoff(FIRST_RETRY, LAST_RETRY)

    async def load(self) -> None:
        """Load the source, as often as the database needs. Raises `SourceError`.

        Its trouble is none of the source's, which may be looked at again only in a day.
        """
        while (counts := await self._try_to_load()) is None:
            await self.wait()
        if self._trouble is not None:
            logger.info("Source %s can be read again", self._source.name)
        self._trouble = None
        self._backoff.reset()
        _report(self._source, counts)
        self._on_loaded(counts)

    async def _try_to_load(self) -> LoadCounts | None:
        try:
            counts = await load_source(self._source, self._store, self._clock)
            await self._store.note_run(self._source.name, self._clock.now(), None)
        except StorageError as error:
            self._warn(error)
            return None
        return counts

    async def fail(self, error: SourceError) -> None:
        """Mark the source; if even that fails, the log has told it."""
        self._warn(error)
        try:
            await self._store.note_run(self._source.name, self._clock.now(), str(error))
        except StorageError as trouble:
            logger.debug("Source %s could not be marked: %s", self._source.name, trouble)
        self._on_failed()

    async def wait(self) -> None:
        """Wait before the next attempt, longer after each failure."""
        await self._clock.sleep(self._backoff.next_wait().total_seconds())

    def _warn(self, error: StorywireError) -> None:
        """Once for each trouble."""
        if str(error) != self._trouble:
            self._trouble = str(error)
            logger.warning("Source %s: %s; its last state stays", self._source.name, error)


def _report(source: Source, counts: LoadCounts) -> None:
    if counts.new or counts.changed or counts.withdrawn or counts.rejected:
        logger.info("Source %s: %s", source.name, counts)
    else:
        logger.debug("Source %s: %s", source.name, counts)
