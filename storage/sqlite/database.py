"""The connections to the database file (one writer, some readers), and translated SQLite errors.

https://www.sqlite.org/wal.html describes how they work concurrently.
"""

import asyncio
import sqlite3
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from enum import Enum
from pathlib import Path
from typing import TypeVar

import aiosqlite

from storage.errors import StorageError, StoreBusyError, StoreLockedError, StoreUnusableError
from storage.sqlite.damage import DamageLog
from storage.sqlite.migrating import Migration, load_migrations, migrate, read_version
from storage.sqlite.values import Row, Value, decode_text

T = TypeVar("T")

# A lookup takes milliseconds; one that takes so long would only delay those of others.
LOOKUP_SECONDS = 2.0
_INSTRUCTIONS_PER_CHECK = 20_000
# Caches keep their memory once filled. SQLite's default of 2 MB does not make lookups among 100,000
# articles faster, because the operating system caches the file's pages, too.
READER_CACHE_KILOBYTES = 512
LOCK_TIMEOUT_SECONDS = 5.0

_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_MESSAGES = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; restore a backup",
    sqlite3.SQLITE_NOTADB: "the file is not an SQLite database; use another file",
    sqlite3.SQLITE_READONLY: "the file or its folder is read-only; check its owner and permissions",
    sqlite3.SQLITE_CANTOPEN: "the file can't be opened; check its folder, owner and permissions",
    sqlite3.SQLITE_IOERR: "the disk reports an error; check it",
}


class Readers(Enum):
    """Groups of reading connections, with their sizes: one that is busy delays no other.

    Whatever members ask must not delay the announcements.
    """

    OTHER = "other", 2
    LOOKUPS = "lookups", 2
    ANNOUNCEMENTS = "announcements", 1

    @property
    def size(self) -> int:
        """The number of connections."""
        return self.value[1]


class Database:
    """An open database file.

    `write` runs a function inside one transaction on the only writing connection; `read` lends a
    read-only connection that sees one state of the database while it is lent. Closing waits for
    calls in progress and refuses new ones.
    """

    def __init__(self, path: Path, writer: aiosqlite.Connection) -> None:
        self.damage = DamageLog()
        self._path = path
        self._writer = writer
        self._writing = asyncio.Lock()
        self._commits = 0
        self._readers: dict[Readers, asyncio.Queue[aiosqlite.Connection]] = {
            each: asyncio.Queue() for each in Readers
        }
        # When the transaction of a connection that is lent to a lookup has to end.
        self._deadlines: dict[aiosqlite.Connection, float] = {}
        self._lookup_seconds = LOOKUP_SECONDS
        self._closing = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: Path,
        migrations: Sequence[Migration] | None = None,
        *,
        lock_timeout: float = LOCK_TIMEOUT_SECONDS,
        lookup_seconds: float = LOOKUP_SECONDS,
    ) -> "AsyncIterator[Database]":
        """Open the file, creating or migrating it where needed.

        `lock_timeout` is the time in seconds to wait for a lock of another program, and
        `lookup_seconds` the time that a transaction of `Readers.LOOKUPS` may take.
        Raises `StoreLockedError`, `StoreTooNewError` or `StoreUnusableError`.
        """
        migrations = load_migrations() if migrations is None else migrations
        database_exists(path)
        async with AsyncExitStack() as stack:
            with translated_errors(path):
                try:
                    path.parent.mkdir(parents=True, exist_ok=True)
                except OSError as error:
                    raise StoreUnusableError(
                        f"the database's folder {path.parent} can't be created: {error.strerror};"
                        " create it, or use another file"
                    ) from error
                writer = await stack.enter_async_context(_connect(path, "rwc", lock_timeout))
                await writer.execute("PRAGMA journal_mode = WAL")
                # With NORMAL, a power failure may lose the nonce of a sent message, which would
                # then be sent twice.
                await writer.execute("PRAGMA synchronous = FULL")
                await migrate(writer, str(path), migrations)
                await writer.execute("PRAGMA foreign_keys = ON")
                database = cls(path, writer)
                database._lookup_seconds = lookup_seconds
                for group in Readers:
                    for _ in range(group.size):
                        reader = await stack.enter_async_context(_connect(path, "ro", lock_timeout))
                        await database._add_reader(group, reader)
            try:
                yield database
            finally:
                await uninterrupted(database._finish())

    async def _add_reader(self, group: Readers, reader: aiosqlite.Connection) -> None:
        await reader.execute(f"PRAGMA cache_size = -{READER_CACHE_KILOBYTES}")
        if group is Readers.LOOKUPS:
            # SQLite asks this between its instructions, and interrupts the query if it is true.
            await reader.set_progress_handler(
                lambda: time.monotonic() > self._deadlines.get(reader, float("inf")),
                _INSTRUCTIONS_PER_CHECK,
            )
        self._readers[group].put_nowait(reader)

    async def write(self, work: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        """Run `work` inside `BEGIN IMMEDIATE … COMMIT`, to its end even if the caller is cancelled.

        Any exception that `work` raises rolls everything back.
        """
        self._refuse_if_closing()
        return await uninterrupted(self._transact(work))

    async def _transact(self, work: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        async with self._writing:
            with translated_errors(self._path):
                await self._writer.execute("BEGIN IMMEDIATE")
                try:
                    result = await work(self._writer)
                    await self._writer.execute("COMMIT")
                    self._commits += 1
                finally:
                    # A failed COMMIT may leave the transaction open, or have closed it.
                    if self._writer.in_transaction:
                        await self._writer.execute("ROLLBACK")
                return result

    async def version(self) -> tuple[int, int]:
        """A value that changes with every commit of this program or another."""
        self._refuse_if_closing()
        with translated_errors(self._path):
            # `data_version` does not count commits of the connection that asks.
            others = await fetch_value(self._writer, "PRAGMA data_version")
        return self._commits, int(others)

    @asynccontextmanager
    async def read(self, group: Readers = Readers.OTHER) -> AsyncIterator[aiosqlite.Connection]:
        """Lend a read-only connection inside a transaction: every query sees the same state.

        Raises `StoreBusyError` if a lookup takes too long.
        """
        self._refuse_if_closing()
        reader = await self._readers[group].get()
        self._deadlines[reader] = time.monotonic() + self._lookup_seconds
        try:
            with translated_errors(self._path):
                await reader.execute("BEGIN")
                yield reader
        finally:
            del self._deadlines[reader]
            await uninterrupted(self._give_back(group, reader))

    async def _give_back(self, group: Readers, reader: aiosqlite.Connection) -> None:
        """Roll back, including a BEGIN that was still queued when its caller was cancelled."""
        try:
            await reader.rollback()
        finally:
            self._readers[group].put_nowait(reader)

    def _refuse_if_closing(self) -> None:
        if self._closing:
            raise StoreUnusableError(f"{self._path} is being closed because the program is ending")

    async def _finish(self) -> None:
        """Refuse new calls, and wait for all earlier calls, including queued ones."""
        self._closing = True
        await self._writing.acquire()
        for group in Readers:
            for _ in range(group.size):
                await self._readers[group].get()


async def uninterrupted(work: Coroutine[None, None, T]) -> T:
    """Await `work` to its end even if the caller is cancelled; then raise `CancelledError`."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:
                continue
        raise


@asynccontextmanager
async def open_for_inspection(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    """Open an existing database read-only. Raises the same errors as `Database.open`."""
    with translated_errors(path):
        async with _connect(path, "ro") as connection:
            await read_version(connection, str(path), load_migrations())
            yield connection


async def fetch_all(
    connection: aiosqlite.Connection, sql: str, parameters: Iterable[Value] = ()
) -> list[Row]:
    """All rows of a query."""
    return list(await connection.execute_fetchall(sql, parameters))


async def fetch_one(
    connection: aiosqlite.Connection, sql: str, parameters: Iterable[Value] = ()
) -> Row | None:
    """The only row of a query, or None."""
    # One call in SQLite's thread; a cursor would take three.
    return next(iter(await connection.execute_fetchall(sql, parameters)), None)


async def fetch_value(
    connection: aiosqlite.Connection, sql: str, parameters: Iterable[Value] = ()
) -> Value:
    """The first column of the only row, or None."""
    row = await fetch_one(connection, sql, parameters)
    return None if row is None else row[0]


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


@asynccontextmanager
async def _connect(
    path: Path, mode: str, lock_timeout: float = LOCK_TIMEOUT_SECONDS
) -> AsyncIterator[aiosqlite.Connection]:
    connection = aiosqlite.connect(
        _uri(path, mode),
        uri=True,
        isolation_level=None,
        timeout=lock_timeout,
        cached_statements=256,
    )
    try:
        await connection
    except BaseException:
        # Otherwise its thread would fail if the event loop is closed before the thread ends.
        await uninterrupted(asyncio.to_thread(connection._thread.join))  # noqa: SLF001 - there is no other way
        raise
    try:
        connection.row_factory = sqlite3.Row
        connection.text_factory = decode_text
        yield connection
    finally:
        await connection.close()


def database_exists(path: Path) -> bool:
    """Whether there is a file at the path.

    Raises `StoreUnusableError` for a folder, or if the path can't be accessed.
    """
    try:
        if path.is_dir():
            raise StoreUnusableError(
                f"{path} is a folder; use a file in it, such as {path / 'storywire.db'}"
            )
        return path.exists()
    except OSError as error:
        raise StoreUnusableError(
            f"{path} can't be accessed: {error.strerror}; check it, or use another file"
        ) from error


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Convert SQLite errors that an operator can fix; others are bugs and pass unchanged."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(error, path) from error


def _translate(error: sqlite3.Error, path: Path) -> StorageError | sqlite3.Error:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _LOCKED:
        return StoreLockedError(
            f"{path} is locked by another program; close that program and try again"
        )
    if code == sqlite3.SQLITE_INTERRUPT:
        return StoreBusyError(f"{path}: a lookup took too long and was ended")
    if code in _MESSAGES:
        return StoreUnusableError(f"{path}: {_MESSAGES[code]}")
    return error
