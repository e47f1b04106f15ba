"""The connections to the database file (one writer, some readers), and translated SQLite errors.

https://www.sqlite.org/wal.html describes how they work concurrently.
"""

import asyncio
import logging
import secrets
import sqlite3
import threading
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
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import TypeVar

import aiosqlite

from storage.errors import (
    StorageError,
    StoreBusyError,
    StoreLockedError,
    StoreMissingError,
    StoreReplacedError,
    StoreUnusableError,
    StorywireError,
)
from storage.private_files import close_to_others, create_file, create_folder
from storage.sqlite.columns import HIGHEST_COUNTED
from storage.sqlite.damage import DamageLog
from storage.sqlite.migrating import Migration, load_migrations, migrate, read_version
from storage.sqlite.open_files import LARGEST_MARK, MARKS, FileProblem, OpenFiles
from storage.sqlite.owner_lock import OwnerLock
from storage.sqlite.search_index import is_index_damaged, rebuild_index
from storage.sqlite.upgrade_steps import Step
from storage.sqlite.values import Row, Value, decode_text

T = TypeVar("T")

logger = logging.getLogger(__name__)

# The value that names the owner of the outbox.
_OWNER = "owner"
# A lookup takes milliseconds. Its answer is deferred while it takes longer; one that takes so long
# would only delay those of others.
LOOKUP_SECONDS = 10.0
_INSTRUCTIONS_PER_CHECK = 20_000
# Caches keep their memory once filled. SQLite's default of 2 MB does not make lookups among 100,000
# articles faster, because the operating system caches the file's pages, too.
READER_CACHE_KILOBYTES = 512
# SQLite's defaults.
WRITER_CACHE_KILOBYTES = 2000
LOG_PAGES = 1000
UPGRADE_CACHE_KILOBYTES = 32 * 1024
UPGRADE_LOG_PAGES = 10_000
LOCK_TIMEOUT_SECONDS = 5.0
# What the name of a database that a backup has replaced ends with, before the time.
REPLACED = ".replaced-"

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

    The files are compared with those that were opened before and after each transaction, and at
    each `version`: see `open_files`.
    """

    def __init__(self, path: Path, writer: aiosqlite.Connection, files: OpenFiles) -> None:
        self.damage = DamageLog()
        self._path = path
        self._writer = writer
        self._files = files
        self._mark: int | None = None
        self._last_mark = 0
        self._last_event = 0
        self._missing: str | None = None
        self._writing = asyncio.Lock()
        self._commits = 0
        self._readers: dict[Readers, asyncio.Queue[aiosqlite.Connection]] = {
            each: asyncio.Queue() for each in Readers
        }
        # When the transaction of a connection that is lent to a lookup has to end.
        self._deadlines: dict[aiosqlite.Connection, float] = {}
        self._lookup_seconds = LOOKUP_SECONDS
        self._closing = False
        self._index_damaged = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: Path,
        migrations: Sequence[Migration] | None = None,
        steps: Sequence[Step] = (),
        *,
        before_upgrade: Callable[[int], Awaitable[None]] | None = None,
        lock_timeout: float = LOCK_TIMEOUT_SECONDS,
        lookup_seconds: float = LOOKUP_SECONDS,
    ) -> "AsyncIterator[Database]":
        """Open the file, creating or migrating it where needed.

        An upgrade that was interrupted is finished first, unless this is interrupted as well.

        `before_upgrade` is called with the version of a database that is to be migrated.
        `lock_timeout` is the time in seconds to wait for a lock of another program, and
        `lookup_seconds` the time that a transaction of `Readers.LOOKUPS` may take.
        Raises `StoreLockedError`, `StoreTooNewError` or `StoreUnusableError`.
        """
        migrations = load_migrations() if migrations is None else migrations
        database_exists(path)
        path = await asyncio.to_thread(_prepare_files, path)
        files = OpenFiles(path)
        async with AsyncExitStack() as stack:
            stack.callback(files.set_log_aside)
            with translated_errors(path):
                writer = await stack.enter_async_context(_connect(path, "rwc", lock_timeout))
                await writer.execute("PRAGMA journal_mode = WAL")
                # With NORMAL, a power failure may lose the nonce of a sent message, which would
                # then be sent twice.
                await writer.execute("PRAGMA synchronous = FULL")
                await _migrate(writer, str(path), migrations, steps, before_upgrade)
                await writer.execute("PRAGMA foreign_keys = ON")
                # Called in the thread of the connection.
                await writer.create_function("file_problem", 0, lambda: _name(files.find_problem()))
                database = cls(path, writer, files)
                database._lookup_seconds = lookup_seconds
                for group in Readers:
                    for _ in range(group.size):
                        reader = await stack.enter_async_context(_connect(path, "ro", lock_timeout))
                        await database._add_reader(group, reader)
            await asyncio.to_thread(_make_private, path)
            try:
                await asyncio.to_thread(files.remember)
            except OSError as error:
                raise StoreUnusableError(
                    f"{path} was removed while it was being opened: {error.strerror}; try again"
                ) from error
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

        Any exception that `work` raises rolls everything back. Raises `StoreMissingError` or
        `StoreReplacedError` if the files are not those that were opened; nothing is written then.
        """
        self._refuse_if_closing()
        return await uninterrupted(self._transact(work))

    async def _transact(self, work: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        async with self._writing, self._explained_errors():
            await self._check_files()
            await self._repair_index()
            await self._writer.execute("BEGIN IMMEDIATE")
            try:
                await self._check_owner()
                result = await work(self._writer)
                if self._mark is not None:
                    self._last_event = await self._fetch_last_event()
                await self._writer.execute("COMMIT")
                self._commits += 1
            finally:
                # A failed COMMIT may leave the transaction open, or have closed it.
                if self._writer.in_transaction:
                    await self._writer.execute("ROLLBACK")
            await self._check_files(committed=True)
            return result

    async def guard(self, file: int) -> None:
        """Compare the content, too, through an open descriptor of the database file.

        The database gets a mark: as its schema version (which is only a number, at the beginning of
        the file) and among its values. A database that is put in its place has another one, and
        another bot that takes it over sets its own.
        https://www.sqlite.org/pragma.html#pragma_schema_version
        """
        mark = secrets.randbelow(LARGEST_MARK) + 1

        async def set_mark(connection: aiosqlite.Connection) -> None:
            self._files.guard(file, mark)
            await connection.execute(f"PRAGMA schema_version = {mark}")
            await connection.execute(
                "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (_OWNER, str(mark))
            )

        self._refuse_if_closing()
        await uninterrupted(self._transact(set_mark))
        self._mark = self._last_mark = mark
        async with self._writing, self._explained_errors():
            await self._writer.execute_fetchall("PRAGMA wal_checkpoint(PASSIVE)")

    async def version(self) -> tuple[int, int]:
        """A value that changes with every commit of this program or another.

        Raises the same errors as `write` if the files are not those that were opened.
        """
        self._refuse_if_closing()
        async with self._explained_errors():
            async with self._writing:
                await self._check_files()
                await self._check_owner()
                await self._repair_index()
            # `data_version` does not count commits of the connection that asks.
            others = await fetch_value(self._writer, "PRAGMA data_version")
        return self._commits, int(others)

    async def _repair_index(self) -> None:
        """Repair the search index after an error; only the holder of `_writing` may call it."""
        if self._index_damaged:
            self._index_damaged = False
            await rebuild_index(self._writer, self._path)

    async def _check_files(self, *, committed: bool = False) -> None:
        """Raise `StoreMissingError` or `StoreReplacedError` if the files are not ours any more.

        Only the holder of `_writing` may call it, outside a transaction. What was just
        `committed` may be lost with the files, so that nobody may act on it.
        """
        name = await fetch_value(self._writer, "SELECT file_problem()")
        problem = None if name is None else FileProblem[name]
        if problem is FileProblem.LOG_SHORTER and await self._was_log_emptied():
            problem = None
        if problem is None:
            if self._missing is not None:
                self._missing = None
                logger.info("%s is back", self._path)
            return
        if not problem.may_pass or committed:
            raise StoreReplacedError(_describe(self._path, problem))
        message = (
            f"{self._path} {problem.value} while it was in use; nothing is sent until it is back:"
            " put the same file back, or restore a backup (storywire docs database)"
        )
        if self._missing != message:
            self._missing = message
            logger.error("%s", message)
        raise StoreMissingError(message)

    async def _was_log_emptied(self) -> bool:
        """Whether SQLite emptied the log, which needs no content of a log that is complete."""
        try:
            (row,) = await self._writer.execute_fetchall("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error:
            return False
        if row[1] == 0:  # SQLite's own number of frames in the log
            self._files.remember_log()
            return True
        return False

    async def _check_owner(self) -> None:
        """Raise `StoreReplacedError` if a bot or a backup has replaced our mark, or the content.

        SQLite counts up the schema version when it restores a backup, but also for VACUUM.
        """
        if self._mark is None:
            return
        version = int(await fetch_value(self._writer, "PRAGMA schema_version"))
        if version != self._last_mark:
            owner = await fetch_value(
                self._writer, "SELECT value FROM settings WHERE name = ?", (_OWNER,)
            )
            if (
                version not in range(self._mark, self._mark + MARKS)
                or owner != str(self._mark)
                or await self._fetch_last_event() < self._last_event
            ):
                raise StoreReplacedError(_describe(self._path, FileProblem.OVERWRITTEN))
            self._last_mark = version

    async def _fetch_last_event(self) -> int:
        """The last change of a post: an older copy of the database has fewer."""
        query = "SELECT coalesce(max(id), 0) FROM post_history WHERE id <= ?"
        return int(await fetch_value(self._writer, query, (HIGHEST_COUNTED,)))

    @asynccontextmanager
    async def _explained_errors(self) -> AsyncIterator[None]:
        """Convert SQLite errors; after one that may follow from it, look at the files, too."""
        try:
            with translated_errors(self._path):
                try:
                    yield
                except sqlite3.Error as error:
                    # It can't be repaired by a reader, or within the transaction.
                    self._index_damaged |= is_index_damaged(error)
                    raise
        except (sqlite3.Error, StoreUnusableError):
            problem = await asyncio.to_thread(self._files.find_problem)
            if problem is not None and not problem.may_pass:
                raise StoreReplacedError(_describe(self._path, problem)) from None
            raise

    @asynccontextmanager
    async def read(self, group: Readers = Readers.OTHER) -> AsyncIterator[aiosqlite.Connection]:
        """Lend a read-only connection inside a transaction: every query sees the same state.

        Raises `StoreBusyError` if a lookup takes too long.
        """
        self._refuse_if_closing()
        reader = await self._readers[group].get()
        self._deadlines[reader] = time.monotonic() + self._lookup_seconds
        try:
            async with self._explained_errors():
                await reader.execute("BEGIN")
                yield reader
        except asyncio.CancelledError:
            await reader.interrupt()  # nobody waits for the rest of the query
            raise
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
        if not await asyncio.to_thread(self._files.may_be_finished):
            # The last connection would copy the log into the database and remove it by its name.
            # The readers are closed later, and can't.
            await self._writer.close()


async def uninterrupted(work: Coroutine[None, None, T]) -> T:
    """Await `work` to its end even if the caller is cancelled; then raise `CancelledError`.

    An error that a person can fix is of no use to a caller that was cancelled; asyncio would log it
    with a traceback. Others are bugs.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:
                continue
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, StorywireError):
            context = {"message": "a cancelled task failed", "exception": error, "task": task}
            asyncio.get_running_loop().call_exception_handler(context)
        raise


async def in_stoppable_thread(work: Callable[[Callable[[], bool]], T]) -> T:
    """Run `work` in a thread, and wait for its end even if the caller is cancelled.

    `work` gets a function that says whether the caller was cancelled, so that it may end early.
    """
    cancelled = threading.Event()
    task = asyncio.ensure_future(asyncio.to_thread(work, cancelled.is_set))
    try:
        return await asyncio.shield(task)
    finally:
        cancelled.set()
        await uninterrupted(_wait_for_end(task))


async def _wait_for_end(task: asyncio.Future[T]) -> None:
    await asyncio.gather(task, return_exceptions=True)


def connect_in_thread(path: Path, mode: str) -> sqlite3.Connection:
    """A connection for work that runs in a thread of its own; `mode` is `ro`, `rw` or `rwc`."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.text_factory = decode_text
    return connection


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


async def _migrate(
    connection: aiosqlite.Connection,
    path: str,
    migrations: Sequence[Migration],
    steps: Sequence[Step],
    before_upgrade: Callable[[int], Awaitable[None]] | None,
) -> None:
    """Migrate with a larger cache and log: an upgrade changes the same pages again and again."""
    await connection.execute(f"PRAGMA cache_size = -{UPGRADE_CACHE_KILOBYTES}")
    await connection.execute(f"PRAGMA wal_autocheckpoint = {UPGRADE_LOG_PAGES}")
    await migrate(connection, path, migrations, steps, before_upgrade)
    await connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    await connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KILOBYTES}")
    await connection.execute("PRAGMA shrink_memory")


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


def files_of(path: Path) -> Sequence[Path]:
    """The files of a database that may exist."""
    return [path, *(path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-shm", ".lock"))]


def real_path(path: Path) -> Path:
    """The file that a symbolic link leads to; the same for each of its links."""
    try:
        return path.resolve() if path.is_symlink() else path
    except (OSError, RuntimeError):  # RuntimeError: links that lead to each other
        return path  # SQLite can't open it, and says why.


def _prepare_files(path: Path) -> Path:
    """Create the file and its folder if they don't exist, for the user alone; return its real path.

    SQLite gives its other files the mode of the database. Raises `StoreUnusableError`.
    """
    real = real_path(path)
    linked, path = real != path, real
    try:
        if not linked:  # A link into a missing folder is a mistake, or a drive is not mounted.
            create_folder(path.parent)
    except OSError as error:
        raise StoreUnusableError(
            f"the database's folder {path.parent} can't be created: {error.strerror};"
            " create it, or use another file"
        ) from error
    with suppress(OSError):  # SQLite can't open it then, and says why.
        create_file(path)
    return path


def _make_private(path: Path) -> None:
    """Take the permissions of other users away from the files of our database."""
    changed, failed = close_to_others(files_of(path))
    if changed:
        logger.warning("other users could read %s; now its owner alone can", path)
    if failed:
        logger.warning(
            "other users can read %s, which belongs to another user; run chmod 600",
            ", ".join(map(str, failed)),
        )


def _name(problem: FileProblem | None) -> str | None:
    return None if problem is None else problem.name


def _describe(path: Path, problem: FileProblem) -> str:
    return (
        f"{path} {problem.value} while it was in use, so nothing more is sent and the program ends;"
        " start it again to use the files that are there now (storywire docs database)"
    )


def database_exists(path: Path) -> bool:
    """Whether there is a file at the path.

    Raises `StoreUnusableError` for a folder, for a file with several names, or if the path can't be
    accessed.
    """
    try:
        if path.is_dir():
            raise StoreUnusableError(
                f"{path} is a folder; use a file in it, such as {path / 'storywire.db'}"
            )
        exists = path.exists()
        names = path.stat().st_nlink if exists else 1
        if names > 1:
            names -= _remove_names_of_restore(path)
    except OSError as error:
        raise StoreUnusableError(
            f"{path} can't be accessed: {error.strerror}; check it, or use another file"
        ) from error
    if names > 1:
        # SQLite would keep a log for each name: https://www.sqlite.org/howtocorrupt.html
        raise StoreUnusableError(
            f"{path} has {names} names (hard links), which SQLite does not support; remove the"
            " others, or use another file"
        )
    return exists


def _remove_names_of_restore(path: Path) -> int:
    """Remove the names that a restore gave a database before it was killed; returns their number.

    The database is still in its place. A restore that goes on has the lock.
    """
    lock, removed = OwnerLock(path), 0
    with suppress(StoreLockedError):
        lock.acquire_path()
        for other in path.parent.iterdir():
            if other.name.startswith(f"{path.name}{REPLACED}") and other.samefile(path):
                other.unlink()
                removed += 1
    lock.release()
    return removed


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Convert SQLite errors that an operator can fix; others are bugs and pass unchanged."""
    try:
        yield
    except UnicodeDecodeError as error:
        # Python can't read SQLite's message, which quotes a damaged schema.
        problem = _MESSAGES[sqlite3.SQLITE_CORRUPT]
        raise StoreUnusableError(f"{path}: {problem}") from error
    except sqlite3.Error as error:
        raise _translate(error, path) from error


def _translate(error: sqlite3.Error, path: Path) -> StorageError | sqlite3.Error:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if is_index_damaged(error):
        return StoreUnusableError(f"{path}: the search index is damaged; it is being rebuilt")
    if code in _LOCKED:
        return StoreLockedError(
            f"{path} is locked by another program; close that program and try again"
        )
    if code == sqlite3.SQLITE_INTERRUPT:
        return StoreBusyError(f"{path}: a lookup took too long and was ended")
    if code in _MESSAGES:
        return StoreUnusableError(f"{path}: {_MESSAGES[code]}")
    return error
