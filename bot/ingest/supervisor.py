"""Supervising the sources: each is watched, and those removed from the settings are cleaned up."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from bot.clock import Clock
from bot.ingest.git.clone import remove_unused_clones
from bot.ingest.source import Source
from bot.ingest.watch import WatchStore, watch_source
from bot.retry import keep_trying

logger = logging.getLogger(__name__)


class SourceSupervisor:
    """Keeps the store up to date with all sources.

    Sets `changed` after each load. Sets `tried` when every source was read or has failed once: a
    source that is unreachable for days delays nothing else. `clones` is the folder of the clones of
    git sources.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        store: WatchStore,
        clock: Clock,
        *,
        clones: Path,
        changed: asyncio.Event,
        tried: asyncio.Event,
    ) -> None:
        self._sources = sources
        self._names = [source.name for source in sources]
        self._store = store
        self._clock = clock
        self._clones = clones
        self._changed = changed
        self._tried = tried
        self._untried = set(self._names)
        self._read = asyncio.Event()
        self._unread = set(self._names)

    async def register(self) -> None:
        """Give the store the names of the sources, in order of precedence."""
        await self._store.register_sources(self._names)

    async def run(self) -> None:
        """Watch the sources until cancelled. Without sources, clean up and return."""
        self._check_progress()
        async with asyncio.TaskGroup() as group:
            for source in self._sources:
                group.create_task(self._watch(source))
            group.create_task(self._clean_up())

    async def _watch(self, source: Source) -> None:
        def on_failed() -> None:
            self._untried.discard(source.name)
            self._check_progress()

        def on_loaded(_: object) -> None:
            self._unread.discard(source.name)
            on_failed()
            self._changed.set()

        await watch_source(source, self._store, self._clock, on_loaded, on_failed)

    def _check_progress(self) -> None:
        if not self._untried:
            self._tried.set()
        if not self._unread:
            self._read.set()

    async def _clean_up(self) -> None:
        """Withdraw documents that only sources no longer in the settings have, and remove clones.

        This waits until every source was read: until then, a source with a new name would lose its
        stories for a moment.
        """
        await self._read.wait()
        withdrawn = await keep_trying(
            self._store.withdraw_unregistered_sources, self._clock, "removing old sources"
        )
        if withdrawn:
            logger.info("Withdrew %d documents of sources no longer in the settings", withdrawn)
            self._changed.set()
        await remove_unused_clones(self._clones, self._names, self._clock.now())
