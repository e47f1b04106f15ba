"""Supervising the sources: each is watched, and those removed from the settings are cleaned up."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from bot.clock import Clock
from bot.errors import SourceError
from bot.ingest.git.clone import remove_unused_clones
from bot.ingest.source import Source
from bot.ingest.watch import WatchStore, watch_source
from bot.retry import keep_trying
from storage.models import LoadCounts

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
        self._sources = {source.name: source for source in sources}
        self._store = store
        self._clock = clock
        self._clones = clones
        self._changed = changed
        self._tried = tried
        self._untried = set(self._sources)
        self._unread = set(self._sources)
        self._read = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._watching: dict[str, asyncio.Task[None]] = {}
        self._cleaning: asyncio.Task[None] | None = None
        # Who waits for the result of the next attempt to read a source.
        self._waiting: defaultdict[str, list[asyncio.Future[LoadCounts]]] = defaultdict(list)

    async def register(self) -> None:
        """Give the store the names of the sources, in order of precedence."""
        await self._store.register_sources(list(self._sources))

    async def run(self) -> None:
        """Watch the sources until cancelled."""
        async with asyncio.TaskGroup() as self._group:
            self._start(self._sources)
            await asyncio.Event().wait()

    async def replace(self, sources: Sequence[Source], restart: Collection[str]) -> None:
        """Watch these sources from now on.

        New sources, those that read differently, and those whose names are in `restart` are read at
        once; the others go on.
        """
        await self._store.register_sources([source.name for source in sources])
        wanted = {source.name: source for source in sources}
        begun = [
            name
            for name, source in wanted.items()
            if name in restart
            or name not in self._sources
            or self._sources[name].settings_digest != source.settings_digest
        ]
        await self._stop([name for name in self._sources if name not in wanted or name in begun])
        kept = {name: self._sources[name] for name in wanted if name not in begun}
        self._sources = wanted | kept
        self._start(begun)

    async def read_now(self, source: Source) -> asyncio.Future[LoadCounts]:
        """Read a source at once, in place of the one with its name.

        The result is what has changed, or a `SourceError`. Cancelling it does not end the reading.
        """
        result: asyncio.Future[LoadCounts] = asyncio.get_running_loop().create_future()
        await self._stop([source.name])
        self._sources[source.name] = source
        self._waiting[source.name].append(result)
        self._start([source.name])
        return result

    def _start(self, names: Iterable[str]) -> None:
        """Watch sources, and clean up when all have been read."""
        self._untried &= set(self._sources)
        self._unread = (self._unread & set(self._sources)) | set(names)
        self._check_progress()
        if self._group is None:
            return
        for name in names:
            self._watching[name] = self._group.create_task(self._watch(self._sources[name]))
        if self._cleaning is None or self._cleaning.done():
            self._cleaning = self._group.create_task(self._clean_up())

    async def _stop(self, names: Iterable[str]) -> None:
        stopped = [self._watching.pop(name) for name in names if name in self._watching]
        for task in stopped:
            task.cancel()
        await asyncio.gather(*stopped, return_exceptions=True)

    async def _watch(self, source: Source) -> None:
        def on_failed(error: SourceError) -> None:
            self._untried.discard(source.name)
            self._check_progress()
            for each in self._take_waiting(source.name):
                each.set_exception(error)

        def on_loaded(counts: LoadCounts) -> None:
            self._untried.discard(source.name)
            self._unread.discard(source.name)
            self._check_progress()
            self._changed.set()
            for each in self._take_waiting(source.name):
                each.set_result(counts)

        await watch_source(source, self._store, self._clock, on_loaded, on_failed)

    def _take_waiting(self, name: str) -> list[asyncio.Future[LoadCounts]]:
        return [each for each in self._waiting.pop(name, []) if not each.done()]

    def _check_progress(self) -> None:
        if not self._untried:
            self._tried.set()
        if self._unread:
            self._read.clear()
        else:
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
        await remove_unused_clones(self._clones, list(self._sources), self._clock.now())
