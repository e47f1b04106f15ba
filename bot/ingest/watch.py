"""Keeps the store up to date with one source for as long as the bot runs."""

import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Never, Protocol

from bot.clock import Clock
from bot.errors import SourceError
from bot.ingest.loader import load_source
from bot.ingest.source import Source
from bot.retry import Backoff
from storage.errors import StorageError, StoreMissingError, StorywireError
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
    on_failed: Callable[[SourceError], None] = lambda _: None,
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


@dataclass(slots=True)
class _Watch:
    """The state of a watched source: its last error, and how long to wait before a retry."""

    source: Source
    store: WatchStore
    clock: Clock
    on_loaded: Callable[[LoadCounts], None]
    on_failed: Callable[[SourceError], None]
    last_error: str | None = None
    backoff: Backoff = field(default_factory=lambda: Backoff(FIRST_RETRY, LAST_RETRY))

    async def load(self) -> None:
        """Load the source, and again while the database fails. Raises `SourceError`.

        The source is not to blame for the database, and its next change may be a day away.
        """
        while (counts := await self._try_to_load()) is None:
            await self.wait()
        if self.last_error is not None:
            logger.info("Source %s can be read again", self.source.name, extra=self._about)
        self.last_error = None
        self.backoff.reset()
        notable = counts.new or counts.changed or counts.withdrawn or counts.rejected
        level = logging.INFO if notable else logging.DEBUG
        logger.log(level, "Source %s: %s", self.source.name, counts, extra=self._about)
        self.on_loaded(counts)

    async def _try_to_load(self) -> LoadCounts | None:
        try:
            counts = await load_source(self.source, self.store, self.clock)
            await self.store.record_run(self.source.name, self.clock.now(), None)
        except StoreMissingError:
            return None  # The store logs it, once for all operations.
        except StorageError as error:
            self._warn(error)
            return None
        return counts

    async def fail(self, error: SourceError) -> None:
        """Log and store the error."""
        self._warn(error)
        try:
            await self.store.record_run(self.source.name, self.clock.now(), str(error))
        except StorageError as storage_error:
            logger.debug("Could not store the error of %s: %s", self.source.name, storage_error)
        self.on_failed(error)

    async def wait(self) -> None:
        """Wait before the next attempt, longer after each failure."""
        await self.clock.sleep(self.backoff.next_wait().total_seconds())

    def _warn(self, error: StorywireError) -> None:
        """Log an error once, not at every retry."""
        if str(error) != self.last_error:
            self.last_error = str(error)
            text = "Source %s: %s; its stories stay as they are"
            logger.warning(text, self.source.name, error, extra=self._about)

    @property
    def _about(self) -> dict[str, str]:
        return {"source": self.source.name}
