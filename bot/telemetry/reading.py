"""The state of a running bot at one moment."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.announce.pausing import read_pauses
from bot.config.settings import Settings
from storage.errors import StorageError
from storage.models import SourceRun
from storage.posts import OutboxState
from storage.protocols import KeyValueStore, MonitoringStore

logger = logging.getLogger(__name__)


class ReadStore(MonitoringStore, KeyValueStore, Protocol):
    """What is read of the store."""

    async def data_version(self) -> object:
        """See `OutboxStore`."""


@dataclass(frozen=True, slots=True)
class WatchedBot:
    """The parts of a running bot whose state is read.

    `loaded` is set once every source was read or has failed. `settings` may be reloaded.
    """

    store: ReadStore
    loaded: asyncio.Event
    settings: Callable[[], Settings]
    gateway_connected: Callable[[], bool]
    servers: Callable[[], int]


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What was read from the database."""

    outbox: OutboxState
    sources: tuple[SourceRun, ...]
    paused_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes that the database takes, and that are free where it is."""

    used: int
    free: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The state at one moment; `problem` says why `database` is None."""

    at: datetime
    started: bool = False
    loaded: bool = False
    gateway_connected: bool = False
    servers: int = 0
    pace: float = 0.0
    database: DatabaseState | None = None
    problem: str = "it is being opened"
    disk: Disk | None = None

    @property
    def oldest_due_age(self) -> timedelta:
        """How long the oldest post that may be sent is due."""
        since = self.database.outbox.oldest_due_at if self.database else None
        return timedelta() if since is None else max(timedelta(), self.at - since)


async def take_reading(bot: WatchedBot | None, database: Path, now: datetime) -> Reading:
    """Read the state; `bot` is None while its database is being opened."""
    disk = await asyncio.to_thread(_read_disk, database)
    if bot is None:
        return Reading(now, disk=disk)
    state, problem = None, ""
    try:
        state = await _read_database(bot, now)
    except StorageError as error:
        problem = str(error)
    return Reading(
        now,
        started=True,
        loaded=bot.loaded.is_set(),
        gateway_connected=bot.gateway_connected(),
        servers=bot.servers(),
        pace=bot.settings().announce.pace,
        database=state,
        problem=problem,
        disk=disk,
    )


async def _read_database(bot: WatchedBot, now: datetime) -> DatabaseState:
    # An open file can be read after it was moved away, but nothing is sent then.
    await bot.store.data_version()
    names = [source.name for source in bot.settings().all_sources]
    runs = {run.name: run for run in await bot.store.source_runs()}
    return DatabaseState(
        await bot.store.outbox_state(now),
        tuple(runs.get(name, SourceRun(name)) for name in names),
        (await read_pauses(bot.store)).paused_since,
    )


def _read_disk(database: Path) -> Disk | None:
    files = [database, database.with_name(f"{database.name}-wal")]
    try:
        used = sum(file.stat().st_size for file in files if file.exists())
        return Disk(used, shutil.disk_usage(database.parent).free)
    except OSError as error:
        logger.debug("the size of %s is unknown: %s", database, error)
        return None
