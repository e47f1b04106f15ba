"""Keeps the store up to date with one source for as long as the bot runs."""

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
    """The parts of the store that watching needs."""


async def watch_source(
    source: Source,
    store: WatchStore,
    clock: Clock,
    on_loaded: Callable[[LoadCounts], None],
    on_failed: Callable[[], None] = lambda: None,
) -> Never:
    """Load the source now and at every change, until cancelled. Calls `on_loaded` after each load.

    If the source can't be read, its stories stay as they are, the error is stored, `on_failed` is
    called, and the source is tried again later. A database that can't be written is retried too.
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
    """The state of a watched source: its last error, and how long to wait before a retry."""

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
        self._last_error: str | None = None
        self._backoff = Backoff(FIRST_RETRY, LAST_RETRY)

    async def load(self) -> None:
        """Load the source, and again while the database fails. Raises `SourceError`.

        The source is not to blame for the database, and its next change may be a day away.
        """
        while (counts := await self._try_to_load()) is None:
            await self.wait()
        if self._last_error is not None:
            logger.info("Source %s can be read again", self._source.name)
        self._last_error = None
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
        """Store the error; if even that fails, it was logged."""
        self._warn(error)
        try:
            await self._store.note_run(self._source.name, self._clock.now(), str(error))
        except StorageError as storage_error:
            logger.debug("Source %s could not be marked: %s", self._source.name, storage_error)
        self._on_failed()

    async def wait(self) -> None:
        """Wait before the next attempt, longer after each failure."""
        await self._clock.sleep(self._backoff.next_wait().total_seconds())

    def _warn(self, error: StorywireError) -> None:
        """Log an error once, not at every retry."""
        if str(error) != self._last_error:
            self._last_error = str(error)
            logger.warning("Source %s: %s; its last state stays", self._source.name, error)


def _report(source: Source, counts: LoadCounts) -> None:
    if counts.new or counts.changed or counts.withdrawn or counts.rejected:
        logger.info("Source %s: %s", source.name, counts)
    else:
        logger.debug("Source %s: %s", source.name, counts)
