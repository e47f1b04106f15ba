"""Backups that the running bot makes at intervals."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.scheduled_backups import (
    LAST_BACKUP,
    BackupSchedule,
    ScheduledBackups,
    superfluous,
    time_until_backup,
)
from storage.open import back_up_store, open_store
from storage.protocols import Store
from tests.support.clock import START, FakeClock
from tests.support.database import execute, larger_than_the_disk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = "storywire-20261123T120000Z.db"
SECOND = "storywire-20261124T120000Z.db"
THIRD = "storywire-20261125T120000Z.db"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty database."""
    async with open_store(tmp_path / "storywire.db") as opened:
        yield opened


@asynccontextmanager
async def scheduled(
    store: Store, folder: Path, clock: FakeClock, keep: int = 2
) -> AsyncIterator[None]:
    """Backups every day, until the block ends."""
    database = folder.parent / "storywire.db"
    backups = ScheduledBackups(store, clock, database, BackupSchedule(folder, DAY, keep))
    task = asyncio.create_task(backups.run())
    await clock.wait_for_sleepers(1)
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def advance(clock: FakeClock, hours: int) -> None:
    """Move the clock hour by hour, and wait each time for what becomes due."""
    for _ in range(hours):
        slept = len(clock.slept)
        await clock.advance(HOUR)
        await clock.wait_for_sleeps(slept + 1)


def names(folder: Path) -> list[str]:
    """The files in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("last", "wait"),
    [(None, 0), (START - DAY, 0), (START - 23 * HOUR, 1), (START, 24), (START + HOUR, 0)],
    ids=["none yet", "a day ago", "23 hours ago", "now", "in the future"],
)
def test_a_backup_is_due_after_the_interval(last: datetime | None, wait: int) -> None:
    """A time in the future shows that the clock was wrong, and counts as none."""
    assert time_until_backup(last, DAY, START) == wait * HOUR


def test_only_backups_and_unfinished_ones_are_superfluous() -> None:
    unfinished = [f".{FIRST}.part", f".{SECOND}.part-journal"]
    others = ["storywire.db", f"{FIRST}.gz", f"my-{FIRST}", "storywire-2026.db", f".{FIRST}"]
    found = superfluous([FIRST, SECOND, THIRD, *unfinished, *others], THIRD, 2)
    assert found == [FIRST, *unfinished]


def test_the_newest_backup_stays_if_the_clock_was_set_back() -> None:
    assert superfluous([FIRST, SECOND, THIRD], FIRST, 1) == [SECOND, THIRD]


async def test_backups_are_made_daily_and_the_newest_kept(store: Store, tmp_path: Path) -> None:
    folder, clock = tmp_path / "backups", FakeClock()
    async with scheduled(store, folder, clock):
        assert names(folder) == [FIRST]
        (folder / "notes.db").touch()
        await advance(clock, 24)
        assert names(folder) == ["notes.db", FIRST, SECOND]
        await advance(clock, 24)
        assert names(folder) == ["notes.db", SECOND, THIRD]
    async with open_store(folder / THIRD) as copy:
        assert await copy.get_value(LAST_BACKUP) == (START + DAY).isoformat()


async def test_the_schedule_goes_on_after_a_restart(store: Store, tmp_path: Path) -> None:
    folder, clock = tmp_path / "backups", FakeClock()
    async with scheduled(store, folder, clock):
        await advance(clock, 23)
    async with scheduled(store, folder, clock):
        assert names(folder) == [FIRST]
        await advance(clock, 1)
        assert names(folder) == [FIRST, SECOND]


async def test_a_full_disk_keeps_the_old_backups(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One line says so; the backup is made when there is space again."""
    folder, clock = tmp_path / "backups", FakeClock()
    async with scheduled(store, folder, clock, keep=1):
        await advance(clock, 23)
        with larger_than_the_disk(tmp_path / "storywire.db"):
            await advance(clock, 1)
        assert names(folder) == [FIRST]
        (line,) = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
        assert line.startswith(f"no backup was made: {folder / SECOND} needs ")
        assert line.endswith("free some space; it is tried again in 1 min")
        await advance(clock, 1)
        assert names(folder) == ["storywire-20261124T120100Z.db"]


async def test_a_folder_that_cannot_be_created_ends_nothing(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    async with scheduled(store, tmp_path / "file" / "backups", FakeClock()):
        pass
    assert "check the setting `backup.folder`; it is tried again in 1 min" in caplog.text


async def test_a_backup_that_is_cancelled_leaves_nothing(store: Store, tmp_path: Path) -> None:
    """The bot is stopped while it copies a large database."""
    database, copies = tmp_path / "storywire.db", tmp_path / "copies"
    copies.mkdir()
    execute(database, "CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000000))")
    work = asyncio.create_task(back_up_store(database, copies / "a.db", START))
    async with asyncio.timeout(60):
        while not names(copies):  # noqa: ASYNC110 - a thread creates the file
            await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert names(copies) == []
    await store.set_value("a", "b")
