"""The files of an open database are removed, replaced or overwritten: nothing is written then."""

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage.errors import StoreMissingError, StoreReplacedError
from storage.sqlite import SqliteStore
from tests.support.database import execute, query

Accident = Callable[[Path], None]
PROBE = "SELECT value FROM settings WHERE name = 'probe'"


def beside(path: Path, ending: str) -> Path:
    """Another file of a database."""
    return path.with_name(path.name + ending)


def replace(path: Path) -> None:
    """Move another database over it."""
    (path.parent / "other.db").replace(path)


def overwrite(path: Path) -> None:
    """Copy another database into it."""
    shutil.copyfile(path.parent / "other.db", path)


def overwrite_with_older(path: Path) -> None:
    """Copy a backup into it that was made an hour ago."""
    shutil.copyfile(path.parent / "older.db", path)


def restore(path: Path) -> None:
    """Restore a backup with SQLite's own commands."""
    other = path.parent / "other.db"
    with closing(sqlite3.connect(other)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)


def garble(path: Path) -> None:
    """Write something else into it."""
    path.write_bytes(b"no database " * 2000)


def remove_log(path: Path) -> None:
    """Remove the write-ahead log."""
    beside(path, "-wal").unlink()


def empty_log(path: Path) -> None:
    """Truncate the write-ahead log to nothing."""
    os.truncate(beside(path, "-wal"), 0)


def shorten_log(path: Path) -> None:
    """Truncate the write-ahead log in its middle."""
    log = beside(path, "-wal")
    os.truncate(log, log.stat().st_size // 2)


def blank_log(path: Path) -> None:
    """Overwrite the write-ahead log with zeros."""
    log = beside(path, "-wal")
    log.write_bytes(bytes(log.stat().st_size))


def remove_index(path: Path) -> None:
    """Remove the shared memory."""
    beside(path, "-shm").unlink()


def remove(path: Path) -> None:
    """Remove the database."""
    path.unlink()


def remove_folder(path: Path) -> None:
    """Remove everything."""
    shutil.rmtree(path.parent)


def move_folder(path: Path) -> None:
    """Rename the folder."""
    path.parent.rename(path.parent.with_name("moved"))


def empty(path: Path) -> None:
    """Truncate the database to nothing."""
    os.truncate(path, 0)


FATAL = [
    replace,
    overwrite,
    overwrite_with_older,
    restore,
    garble,
    remove_log,
    empty_log,
    shorten_log,
    blank_log,
    remove_index,
]
PASSING = [remove, remove_folder, move_folder, empty]


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A database in its folder, with another one and an older copy of itself."""
    folder = tmp_path / "var"
    for name in ("other", "storywire"):
        async with SqliteStore.open(folder / f"{name}.db") as store:
            await store.set_value("probe", name)
    return folder / "storywire.db"


async def write_much(store: SqliteStore) -> None:
    """More than fits into the log before SQLite copies it into the database."""
    for number in range(40):
        await store.set_value(f"x{number}", "x" * 200_000)


async def own(store: SqliteStore, path: Path) -> None:
    """Acquire the outbox, make the older copy, and write."""
    await store.acquire_outbox()
    older = path.parent / "older.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(older)) as target:
        source.backup(target)
    await write_much(store)
    await store.set_value("probe", "latest")


@pytest.mark.parametrize("accident", FATAL)
async def test_a_look_notices_it(path: Path, accident: Accident) -> None:
    """Sender and planner look once a second."""
    async with SqliteStore.open(path) as store:
        await own(store, path)
        accident(path)
        with pytest.raises(StoreReplacedError, match=r"storywire\.db \w.*storywire docs database"):
            await store.data_version()


@pytest.mark.parametrize("accident", FATAL)
async def test_a_write_notices_it_without_a_look(path: Path, accident: Accident) -> None:
    """No claim is recorded between two looks."""
    async with SqliteStore.open(path) as store:
        await own(store, path)
        accident(path)
        with pytest.raises(StoreReplacedError):
            await store.set_value("probe", "lost")


@pytest.mark.parametrize("accident", [remove_log, remove_index])
async def test_a_lost_log_is_saved_at_the_end(path: Path, accident: Accident) -> None:
    """SQLite still has the log open, and copies it into the database."""
    async with SqliteStore.open(path) as store:
        await own(store, path)
        accident(path)
        with pytest.raises(StoreReplacedError):
            await store.data_version()
    assert query(path, PROBE) == ["latest"]
    assert query(path, "PRAGMA integrity_check") == ["ok"]


@pytest.mark.parametrize("accident", [replace, overwrite, restore])
async def test_the_new_database_is_not_touched(path: Path, accident: Accident) -> None:
    """The old log is not copied into it, neither at the end nor at the next start."""
    async with SqliteStore.open(path) as store:
        await own(store, path)
        accident(path)
        with pytest.raises(StoreReplacedError):
            await store.set_value("probe", "lost")
    async with SqliteStore.open(path) as store:
        await store.acquire_outbox()
        assert await store.get_value("probe") == "other"
        await store.set_value("probe", "used")
    assert query(path, "PRAGMA integrity_check") == ["ok"]


async def test_a_copy_of_the_same_database_keeps_the_log(path: Path) -> None:
    """Programs that rewrite a file replace it by a copy of itself."""
    async with SqliteStore.open(path) as store:
        await own(store, path)
        copy = beside(path, ".copy")
        shutil.copyfile(path, copy)
        copy.replace(path)
        with pytest.raises(StoreReplacedError):
            await store.data_version()
    assert query(path, PROBE) == ["latest"]
    assert query(path, "PRAGMA integrity_check") == ["ok"]


async def test_the_log_of_the_new_database_is_kept(path: Path) -> None:
    """A backup that was copied together with its own log is complete."""
    other = path.parent / "other.db"
    async with SqliteStore.open(path) as store, SqliteStore.open(other) as running:
        await running.set_value("probe", "in the log")
        await own(store, path)
        for ending in ("-wal", ""):
            copy = beside(path, ".copy")
            shutil.copyfile(beside(other, ending), copy)
            copy.replace(beside(path, ending))
        with pytest.raises(StoreReplacedError):
            await store.data_version()
    async with SqliteStore.open(path) as store:
        assert await store.get_value("probe") == "in the log"


@pytest.mark.parametrize("accident", PASSING)
async def test_nothing_is_written_while_it_is_away(
    path: Path, accident: Accident, caplog: pytest.LogCaptureFixture
) -> None:
    """A restart would begin with an empty database, so the program waits and says so once."""
    async with SqliteStore.open(path) as store:
        await own(store, path)
        accident(path)
        for _ in range(2):
            with pytest.raises(StoreMissingError):
                await store.data_version()
            with pytest.raises(StoreMissingError):
                await store.set_value("probe", "lost")
        (line,) = [record.getMessage() for record in caplog.records]
        assert "storywire.db was" in line
        assert "put the same file back, or restore a backup" in line


async def test_work_goes_on_when_it_is_back(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The same file is used again, with everything in it."""
    caplog.set_level(logging.INFO)
    moved = path.parent.with_name("moved")
    async with SqliteStore.open(path) as store:
        await own(store, path)
        path.parent.rename(moved)
        with pytest.raises(StoreMissingError):
            await store.set_value("probe", "too early")
        moved.rename(path.parent)
        await store.set_value("probe", "back")
    assert query(path, PROBE) == ["back"]
    assert [record.getMessage() for record in caplog.records][1:] == [f"{path} is back"]


async def test_another_file_in_its_place_ends_the_program(path: Path) -> None:
    """A backup that is restored after the removal is used from the next start."""
    async with SqliteStore.open(path) as store:
        await own(store, path)
        remove(path)
        with pytest.raises(StoreMissingError):
            await store.data_version()
        replace(path)
        with pytest.raises(StoreReplacedError, match="was replaced by another file"):
            await store.data_version()
    assert query(path, PROBE) == ["other"]


async def test_a_moved_database_has_everything(path: Path) -> None:
    """What was in the log is copied into it at the end, wherever it is."""
    async with SqliteStore.open(path) as store:
        await own(store, path)
        move_folder(path)
    assert query(path.parent.with_name("moved") / path.name, PROBE) == ["latest"]


@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA wal_checkpoint(RESTART)",
        "VACUUM",
        "ANALYZE",
        "UPDATE settings SET value = 'elsewhere' WHERE name = 'probe'",
    ],
)
async def test_other_programs_may_use_the_database(path: Path, statement: str) -> None:
    """What SQLite itself does with the files is not an accident."""
    async with SqliteStore.open(path) as store:
        await own(store, path)
        for _ in range(3):
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute(statement)
            await store.data_version()
            await store.set_value("probe", "still there")
            await write_much(store)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute(statement)
        await store.data_version()
    assert query(path, "PRAGMA integrity_check") == ["ok"]


async def test_a_second_owner_ends_the_first(path: Path) -> None:
    """Where no lock works, the mark in the database shows that another bot has taken it over."""
    async with SqliteStore.open(path) as store:
        await own(store, path)
        execute(path, "PRAGMA schema_version = 5")
        with pytest.raises(StoreReplacedError, match="another bot has taken it over"):
            await store.set_value("probe", "lost")
