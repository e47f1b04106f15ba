"""Backups of the database at intervals, made by the running bot, which keeps the newest ones."""

import asyncio
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.clock import Clock
from bot.retry import Backoff
from storage.errors import BackupError, StorageError
from storage.open import back_up_store
from storage.private_files import create_folder
from storage.protocols import KeyValueStore

logger = logging.getLogger(__name__)

# The name under which the time of the last scheduled backup is stored.
LAST_BACKUP = "last_backup_at"
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)

_NAME = re.compile(r"storywire-\d{8}T\d{6}Z\.db", re.ASCII)
# What is left of a backup during which the bot was killed.
_UNFINISHED = re.compile(rf"\.{_NAME.pattern}\.part(-journal|-wal|-shm)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class BackupSchedule:
    """Where scheduled backups are kept, how often they are made, and how many are kept."""

    folder: Path
    every: timedelta
    keep: int


def backup_name(now: datetime) -> str:
    """The file of a backup; names are in the order of their times."""
    return f"storywire-{now:%Y%m%dT%H%M%SZ}.db"


def time_until_backup(last: datetime | None, every: timedelta, now: datetime) -> timedelta:
    """How long it is until the next backup is due; zero or less if it is now.

    A last backup in the future, after the clock was wrong, does not count.
    """
    if last is None or last > now:
        return timedelta()
    return last + every - now


def superfluous(names: Iterable[str], newest: str, keep: int) -> Sequence[str]:
    """The files that a new backup replaces: old backups, and what is left of unfinished ones.

    Other files are never among them, and neither is `newest`, which was just made, even if the
    clock was set back.
    """
    names = set(names) - {newest}
    backups = sorted(name for name in names if _NAME.fullmatch(name))
    unfinished = sorted(name for name in names if _UNFINISHED.fullmatch(name))
    return [*backups[: max(0, len(backups) - keep + 1)], *unfinished]


class ScheduledBackups:
    """Makes a backup whenever one is due. A failure is logged, tried again, and ends nothing."""

    def __init__(
        self, store: KeyValueStore, clock: Clock, database: Path, schedule: BackupSchedule
    ) -> None:
        self._store = store
        self._clock = clock
        self._database = database
        self._schedule = schedule

    async def run(self) -> None:
        """Make backups until cancelled."""
        backoff = Backoff(FIRST_WAIT, LONGEST_WAIT)
        while True:
            try:
                wait = await self._back_up_if_due()
            except StorageError as error:
                wait = backoff.next_wait()
                minutes = int(wait.total_seconds() // 60)
                logger.error(  # noqa: TRY400 - not a bug, no traceback
                    "no backup was made: %s; it is tried again in %s min", error, minutes
                )
            else:
                backoff.reset()
            # The clock may be set meanwhile.
            await self._clock.sleep(min(wait, LONGEST_WAIT).total_seconds())

    async def _back_up_if_due(self) -> timedelta:
        now, every = self._clock.now(), self._schedule.every
        wait = time_until_backup(
            parse_last_backup(await self._store.get_value(LAST_BACKUP)), every, now
        )
        if wait > timedelta():
            return wait
        target = self._schedule.folder / backup_name(now)
        await asyncio.to_thread(_create, self._schedule.folder)
        size = await back_up_store(self._database, target, now)
        logger.info("backed up to %s (%s MB)", target, f"{size / 1e6:,.1f}")
        await asyncio.to_thread(_rotate, target, self._schedule.keep)
        await self._store.set_value(LAST_BACKUP, now.isoformat())
        return every


def parse_last_backup(value: str | None) -> datetime | None:
    """The time of the last scheduled backup, as it is stored; None if there was none."""
    try:
        time = None if value is None else datetime.fromisoformat(value)
    except ValueError:
        return None
    return time if time and time.tzinfo else None


def _create(folder: Path) -> None:
    try:
        create_folder(folder)
    except OSError as error:
        raise BackupError(
            f"the folder {folder} can't be created: {error.strerror}; check the setting"
            " `backup.folder`"
        ) from error


def _rotate(newest: Path, keep: int) -> None:
    """Delete superfluous files; one that can't be deleted now may be after the next backup."""
    try:
        names = [path.name for path in newest.parent.iterdir()]
        for name in superfluous(names, newest.name, keep):
            newest.with_name(name).unlink(missing_ok=True)
    except OSError as error:
        logger.warning("old backups in %s can't be deleted: %s", newest.parent, error.strerror)
