"""The database file: transactions, locks, migrations and errors."""

import asyncio
import gc
import sqlite3
import threading
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import aiosqlite
import pytest

from storage.errors import (
    StorageError,
    StoreBusyError,
    StoreLockedError,
    StoreTooNewError,
    StoreUnusableError,
)
from storage.protocols import Contents
from storage.sqlite import SqliteStore
from storage.sqlite.database import Database, Readers, fetch_value
from storage.sqlite.diagnostics import SqliteDiagnostics
from storage.sqlite.migrating import Migration, load_migrations


async def count_values(database: Database) -> int:
    """The number of settings."""
    async with database.read() as connection:
        return int(await fetch_value(connection, "SELECT count(*) FROM settings"))


async def insert(connection: aiosqlite.Connection, name: str) -> None:
    """Write a value."""
    await connection.execute("INSERT INTO settings (name, value) VALUES (?, '')", (name,))


async def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    """Everything that the function wrote before it raised is rolled back."""
    async with Database.open(tmp_path / "a.db") as database:
        before = await count_values(database)

        async def fail(connection: aiosqlite.Connection) -> None:
            await insert(connection, "x")
            raise LookupError

        with pytest.raises(LookupError):
            await database.write(fail)
        assert before == await count_values(database)


async def test_a_cancelled_write_is_finished(tmp_path: Path) -> None:
    """Cancelling the caller, even twice, never splits a transaction."""
    async with Database.open(tmp_path / "a.db") as database:
        before = await count_values(database)
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow(connection: aiosqlite.Connection) -> None:
            await insert(connection, "x")
            begun.set()
            await go_on.wait()
            await insert(connection, "y")

        writing = asyncio.create_task(database.write(slow))
        await begun.wait()
        writing.cancel()
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert before + 2 == await count_values(database)


async def test_closing_waits_for_earlier_calls(tmp_path: Path) -> None:
    """A command just before the end loses nothing, and later calls are refused."""
    begun, go_on, read_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(connection: aiosqlite.Connection) -> None:
        await insert(connection, "x")
        begun.set()
        await go_on.wait()

    async def read(database: Database) -> int:
        async with database.read() as connection:
            await read_on.wait()
            return int(await fetch_value(connection, "SELECT count(*) FROM settings"))

    stack = AsyncExitStack()
    database = await stack.enter_async_context(Database.open(tmp_path / "a.db"))
    before = await count_values(database)
    writing = asyncio.create_task(database.write(slow))
    reading = asyncio.create_task(read(database))
    await begun.wait()
    waiting = asyncio.create_task(database.write(lambda writer: insert(writer, "y")))
    await asyncio.sleep(0)
    closing = asyncio.create_task(stack.aclose())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(StoreUnusableError, match="is being closed"):
        await database.write(slow)
    with pytest.raises(StoreUnusableError, match="is being closed"):
        await read(database)
    go_on.set()
    await asyncio.gather(writing, waiting)
    assert not closing.done()
    read_on.set()
    assert await reading == before + 2
    await closing
    async with Database.open(tmp_path / "a.db") as again:
        assert await count_values(again) == before + 2


async def test_writes_of_many_tasks_do_not_mix(tmp_path: Path) -> None:
    """A rollback does not affect other tasks."""
    async with Database.open(tmp_path / "a.db") as database:
        before = await count_values(database)

        async def write(number: int) -> None:
            async def work(connection: aiosqlite.Connection) -> None:
                await insert(connection, f"x{number}")
                if number % 2:
                    raise LookupError

            await database.write(work)

        await asyncio.gather(*map(write, range(20)), return_exceptions=True)
        assert before + 10 == await count_values(database)


async def test_a_reader_sees_one_state(tmp_path: Path) -> None:
    """Concurrent writes appear in the next read."""
    async with Database.open(tmp_path / "a.db") as database:
        async with database.read() as connection:
            before = await fetch_value(connection, "SELECT count(*) FROM settings")
            await database.write(lambda writer: insert(writer, "x"))
            assert before == await fetch_value(connection, "SELECT count(*) FROM settings")
        assert before + 1 == await count_values(database)


async def test_each_commit_is_synced_to_disk(tmp_path: Path) -> None:
    """With less than FULL (2), a power failure may lose the nonce of a sent message."""

    async def pragmas(connection: aiosqlite.Connection) -> tuple[int, str]:
        synchronous = int(await fetch_value(connection, "PRAGMA synchronous"))
        return synchronous, str(await fetch_value(connection, "PRAGMA journal_mode"))

    async with Database.open(tmp_path / "a.db") as database:
        assert await database.write(pragmas) == (2, "wal")


@pytest.mark.parametrize("error", [StoreUnusableError("it is full"), ValueError("a bug")])
async def test_only_bugs_of_cancelled_writes_are_logged(tmp_path: Path, error: Exception) -> None:
    """By asyncio, with a traceback, which an operator should not see for a full disk."""
    logged: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: logged.append(context.get("exception")))
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def fail(_: aiosqlite.Connection) -> None:
        begun.set()
        await go_on.wait()
        raise error

    async with Database.open(tmp_path / "a.db") as database:
        writing = asyncio.create_task(database.write(fail))
        await begun.wait()
        writing.cancel()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await writing
        del writing
        gc.collect()
    assert logged == ([error] if isinstance(error, ValueError) else [])


async def test_a_reader_comes_back_from_a_cancelled_caller(tmp_path: Path) -> None:
    """Otherwise it would be lost, or be lent with the old transaction still open."""
    async with Database.open(tmp_path / "a.db") as database:
        before = await count_values(database)
        for _ in range(Readers.OTHER.size):
            held, go_on = asyncio.Event(), threading.Event()

            async def read(held: asyncio.Event, go_on: threading.Event) -> None:
                async with database.read() as connection:
                    await fetch_value(connection, "SELECT count(*) FROM settings")
                    await connection.create_function("hold", 0, go_on.wait)
                    held.set()
                    await fetch_value(connection, "SELECT hold()")

            reading = asyncio.create_task(read(held, go_on))
            await held.wait()
            for _ in range(3):
                reading.cancel()
                await asyncio.sleep(0)
            assert not reading.done()
            go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await reading
        await database.write(lambda writer: insert(writer, "x"))
        for _ in range(Readers.OTHER.size):
            assert await count_values(database) == before + 1


async def test_lookups_delay_no_announcement(tmp_path: Path) -> None:
    """The planner reads while lookups, and everything else, use all of their connections."""
    async with Database.open(tmp_path / "a.db") as database, AsyncExitStack() as stack:
        for group in (Readers.LOOKUPS, Readers.OTHER):
            for _ in range(group.size):
                await stack.enter_async_context(database.read(group))
        async with database.read(Readers.ANNOUNCEMENTS) as connection:
            assert await fetch_value(connection, "SELECT 1") == 1


async def test_a_query_that_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    """Its connection is free for the next one."""
    running, loop = asyncio.Event(), asyncio.get_running_loop()

    async def count_forever() -> None:
        async with database.read() as reader:
            start = partial(loop.call_soon_threadsafe, running.set)
            await reader.create_function("start", 0, start)
            await fetch_value(
                reader,
                "WITH RECURSIVE n (i) AS (SELECT start() UNION ALL SELECT 1 FROM n)"
                " SELECT count(*) FROM n",
            )

    async with Database.open(tmp_path / "a.db") as database:
        for _ in range(Readers.OTHER.size + 1):
            running.clear()
            task = asyncio.create_task(count_forever())
            await running.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


async def test_a_lookup_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """Its connection is used again; reading for announcements may take its time."""
    endless = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    )
    long = endless.replace("FROM n)", "FROM n WHERE i < 100000)")
    async with Database.open(tmp_path / "a.db", lookup_seconds=0) as database:
        for _ in range(Readers.LOOKUPS.size):
            with pytest.raises(StoreBusyError, match="took too long"):
                async with database.read(Readers.LOOKUPS) as connection:
                    await fetch_value(connection, endless)
        async with database.read(Readers.LOOKUPS) as connection:
            assert await fetch_value(connection, "SELECT 1") == 1
        async with database.read(Readers.ANNOUNCEMENTS) as connection:
            assert await fetch_value(connection, long) == 100000


async def test_a_failed_migration_keeps_the_old_version(tmp_path: Path) -> None:
    """No migration is half done, and the next start tries it again."""
    path = tmp_path / "a.db"
    first = load_migrations()[0]
    broken = Migration(7, "CREATE TABLE half (x);\nCREATE TABLE half (x);")
    with pytest.raises(sqlite3.OperationalError):
        async with Database.open(path, [first, broken]):
            pass
    fixed = Migration(7, "CREATE TABLE half (x);\nCREATE TABLE whole (x);")
    async with Database.open(path, [first, fixed]) as database, database.read() as connection:
        assert await fetch_value(connection, "PRAGMA user_version") == 7


async def test_two_programs_may_open_an_empty_database_at_once(tmp_path: Path) -> None:
    """Each migration runs once."""
    async with (
        SqliteStore.open(tmp_path / "a.db") as one,
        SqliteStore.open(tmp_path / "a.db") as two,
    ):
        await one.set_value("x", "1")
        assert await two.get_value("x") == "1"


async def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """An older program would not understand it."""
    path = tmp_path / "a.db"
    newer = [*load_migrations(), Migration(9999, "CREATE TABLE later (x)")]
    async with Database.open(path, newer):
        pass
    for refused in (SqliteStore.open(path), Database.open(path)):
        with pytest.raises(StoreTooNewError, match="update Storywire"):
            async with refused:
                pass
    with pytest.raises(StoreTooNewError):
        await SqliteDiagnostics(path).inspect_contents([])


async def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """Nothing is written into it."""
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(StoreUnusableError, match="another program"):
        async with SqliteStore.open(path):
            pass


async def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    """The message names the file and the remedy."""
    path = tmp_path / "a.db"
    path.write_text("This is a letter, not a database. " * 100)
    with pytest.raises(StoreUnusableError, match=r"a\.db: the file is not an SQLite database"):
        async with SqliteStore.open(path):
            pass
    with pytest.raises(StoreUnusableError):
        await SqliteDiagnostics(path).inspect_contents([])


async def test_a_folder_that_can_not_be_created_is_reported(tmp_path: Path) -> None:
    """There is a file in place of the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnusableError, match="folder"):
        async with SqliteStore.open(tmp_path / "file" / "a.db"):
            pass


async def test_a_folder_instead_of_a_database_is_reported(tmp_path: Path) -> None:
    """SQLite itself would blame the disk."""
    words = r"is a folder; use a file in it, such as .*storywire\.db"
    with pytest.raises(StoreUnusableError, match=words):
        async with SqliteStore.open(tmp_path):
            pass
    with pytest.raises(StoreUnusableError, match=words):
        await SqliteDiagnostics(tmp_path).inspect_contents([])


async def test_a_database_that_can_not_be_opened_leaves_no_thread(tmp_path: Path) -> None:
    """A thread that ends after the event loop would print a traceback below the error."""
    path = tmp_path / "a.db"
    path.symlink_to(tmp_path / "nowhere" / "b.db")
    with pytest.raises(StoreUnusableError, match="can't be opened"):
        async with SqliteStore.open(path):
            pass
    names = [thread.name for thread in threading.enumerate()]
    assert [] == [name for name in names if "_connection_worker_thread" in name]


async def test_an_inaccessible_path_is_reported(tmp_path: Path) -> None:
    """The error is not a traceback."""
    with pytest.raises(StoreUnusableError, match="name too long"):
        await SqliteDiagnostics(tmp_path / ("a" * 300)).inspect_contents([])


async def test_a_database_locked_by_a_program_is_reported(tmp_path: Path) -> None:
    """The error comes after the busy timeout and names the remedy."""
    path = tmp_path / "a.db"
    async with SqliteStore.open(path, lock_timeout=0.05) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLockedError, match="locked by another program"):
            await store.set_value("x", "1")
        other.execute("ROLLBACK")
        other.close()
        await store.set_value("x", "1")


async def test_a_full_disk_is_reported_and_recovers(tmp_path: Path) -> None:
    """Existing data is kept, and writing works again when there is space."""
    async with Database.open(tmp_path / "a.db") as database:
        pages = await fetch_value(database._writer, "PRAGMA page_count")  # noqa: SLF001 - SQLite's own way to play a full disk
        await database._writer.execute(f"PRAGMA max_page_count = {pages}")  # noqa: SLF001 - the same

        async def fill(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "INSERT INTO settings (name, value) VALUES ('big', ?)", ("x" * 100_000,)
            )

        with pytest.raises(StoreUnusableError, match="disk is full"):
            await database.write(fill)
        await database._writer.execute("PRAGMA max_page_count = 1000000")  # noqa: SLF001 - the same
        await database.write(fill)


async def test_an_inspection_creates_no_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    assert await SqliteDiagnostics(path).inspect_contents([]) is None
    assert not path.exists()
    path.touch()
    assert await SqliteDiagnostics(path).inspect_contents([]) is None
    async with SqliteStore.open(path):
        assert await SqliteDiagnostics(path).inspect_contents([]) == Contents(0, 0, 0, 0, 0, 0)


def test_storage_errors_have_one_root() -> None:
    """Catching the root catches every error that a person can fix."""
    assert issubclass(StoreLockedError, StorageError)
