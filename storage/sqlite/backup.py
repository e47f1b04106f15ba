"""Copy a database, also while a bot uses it, and put a copy in its place."""

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from storage.errors import BackupError, StoreTooNewError, StoreUnusableError
from storage.private_files import create_file, create_folder
from storage.protocols.recovery import BACKUP_MADE_AT
from storage.sqlite.database import (
    connect_in_thread,
    database_exists,
    in_stoppable_thread,
    real_path,
    translated_errors,
)
from storage.sqlite.migrating import (
    APPLICATION_ID,
    PROGRAM_QUERY,
    describe_too_new,
    load_migrations,
)
from storage.sqlite.owner_lock import OwnerLock

logger = logging.getLogger(__name__)

# Of a database, copied at a time: after each of these parts, the copy can be stopped.
_PAGES = 1000
_INSTRUCTIONS_PER_CHECK = 100_000


class StoppedError(Exception):
    """Nobody waits for the copy any more."""


def copy_database(
    path: Path,
    target: Path,
    now: datetime,
    stopped: Callable[[], bool] = lambda: False,
    *,
    before_upgrade: bool = False,
) -> int:
    """Write a checked copy of a database, which is a single file; returns its size in bytes.

    The copy has the state of one moment, and says that it is a backup made at `now`. The target
    exists only once it is complete, and only its owner may read it. Writers are not kept waiting
    (https://www.sqlite.org/backup.html). A copy before an upgrade replaces an existing target, and
    has the damage that the database has. Raises `BackupError`, or the errors of opening it.
    """
    if not database_exists(path):
        raise BackupError(f"there is no database at {path}; check the setting `database`")
    with new_file(target, replace=before_upgrade) as part:
        _require_space(path, target)
        damage = _copy(path, part, stopped=stopped)
        if damage and not before_upgrade:
            raise _damaged(path, damage)
        _mark_as_backup(part, now.astimezone(UTC).isoformat())
        return part.stat().st_size


@contextmanager
def new_file(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Lend an empty private file, which becomes `target` once the block has ended without an error.

    Raises `BackupError` if the target exists, unless it is to be replaced, or can't be written.
    """
    part = target.with_name(f".{target.name}.part")
    with explained_errors(target):
        if not replace:
            require_free(target)
        part.unlink(missing_ok=True)
        create_file(part)
        try:
            yield part
            _write_through(part)
            if not replace:
                require_free(target)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        _write_through(target.parent)


async def copy_before_upgrade(path: Path, version: int) -> None:
    """Copy a database before its migration, so that the upgrade can be undone.

    The copy is beside the database, with the version in its name, and replaces an earlier one.
    """
    target = path.with_name(f"{path.name}.before-{version}")
    now = datetime.now(UTC)
    await in_stoppable_thread(
        lambda stopped: copy_database(path, target, now, stopped, before_upgrade=True)
    )
    logger.info("upgrading %s: its copy before the upgrade is %s", path, target.name)


def replace_database(path: Path, backup: Path, suffix: str) -> Path | None:
    """Put a copy of a backup in the place of a database that nobody uses.

    The files that are there get names with `suffix`, and stay a complete database. Returns its new
    path, or None if there was none. Nothing changes before the copy is complete and checked. Raises
    `BackupError`, `StoreLockedError`, or the errors of opening the backup.
    """
    if not database_exists(backup):
        raise BackupError(f"there is no backup at {backup}")
    path = real_path(path)
    aside = path.with_name(f"{path.name}{suffix}")
    part = path.with_name(f".{path.name}.part")
    with explained_errors(path):
        create_folder(path.parent)
        lock = OwnerLock(path)
        if exists := database_exists(path):
            if path.samefile(backup):
                raise BackupError(f"{backup} is the database itself; choose a backup")
            lock.acquire()
        else:
            lock.acquire_path()
        try:
            part.unlink(missing_ok=True)
            create_file(part)
            if damage := _copy(backup, part, newest_version=load_migrations()[-1].version):
                raise _damaged(backup, damage)
            _mark_as_backup(part, "")
            _write_through(part)
            if exists:
                _fold_log(path)
                _set_aside(path, aside)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
            lock.release()
        _write_through(path.parent)
    return aside if exists else None


def _set_aside(path: Path, aside: Path) -> None:
    """Give a database another name.

    It keeps its own, too, until it is replaced: if the program is killed in between, the next one
    uses the old database, and `database_exists` removes the other name. That is not possible for a
    database with a log, nor on every file system.
    """
    if not path.with_name(f"{path.name}-wal").exists():
        with suppress(OSError):
            os.link(path, aside)
            return
    for ending in ("-wal", "-shm", ""):
        old = path.with_name(f"{path.name}{ending}")
        if old.exists():
            old.rename(aside.with_name(f"{aside.name}{ending}"))


def _fold_log(path: Path) -> None:
    """Let SQLite write what a killed bot left in the log into the database, if that is possible.

    The last connection does so when it is closed (https://www.sqlite.org/wal.html).
    """
    with suppress(sqlite3.Error), closing(connect_in_thread(path, "rw")) as connection:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def _copy(
    path: Path,
    part: Path,
    newest_version: int | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> str | None:
    """Copy a database into an empty file, and check the copy; returns what is damaged."""

    def check(*_: int) -> None:
        if stopped():
            raise StoppedError

    with (
        translated_errors(path),
        closing(connect_in_thread(path, "ro")) as original,
        closing(connect_in_thread(part, "rw")) as copy,
    ):
        (application_id,) = original.execute("PRAGMA application_id").fetchone()
        if application_id != APPLICATION_ID:
            raise StoreUnusableError(f"{path} is not a database of Storywire; nothing was copied")
        (version,) = original.execute("PRAGMA user_version").fetchone()
        if newest_version is not None and version > newest_version:
            program = fetch_program(original)
            raise StoreTooNewError(describe_too_new(path, version, newest_version, program))
        # Within a transaction: otherwise, each write of the bot would start the copy again.
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        try:
            original.backup(copy, pages=_PAGES, progress=check)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
                raise BackupError(f"the disk of {part.parent} is full; free some space") from error
            raise
        copy.set_progress_handler(stopped, _INSTRUCTIONS_PER_CHECK)
        # A single file, without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        (problem,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        return None if problem == "ok" else str(problem)


def _damaged(path: Path, damage: str) -> StoreUnusableError:
    return StoreUnusableError(
        f"{path} is damaged ({damage}), and was not copied; `storywire check --deep` says more"
    )


def fetch_program(connection: sqlite3.Connection) -> str | None:
    """The version of Storywire that used a database last."""
    with suppress(sqlite3.Error):
        row = connection.execute(PROGRAM_QUERY).fetchone()
        return None if row is None else str(row[0])
    return None


def _mark_as_backup(part: Path, made_at: str) -> None:
    """Record when a copy was made; a backup that was not recovered yet keeps its own time."""
    with translated_errors(part), closing(connect_in_thread(part, "rw")) as copy, copy:
        copy.execute(
            "INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)", (BACKUP_MADE_AT, made_at)
        )
        tables = "SELECT 1 FROM sqlite_schema WHERE name = 'recovered_channels'"
        if copy.execute(tables).fetchone() is not None:
            # What was read before is not up to date when the copy is restored.
            copy.execute("UPDATE recovered_channels SET backup = 'an earlier one'")


def _require_space(path: Path, target: Path) -> None:
    """Leave the rest of a disk to the bot if it is too full for a copy."""
    log = path.with_name(f"{path.name}-wal")
    needed = sum(file.stat().st_size for file in (path, log) if file.exists())
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        raise BackupError(
            f"{target} needs {needed / 1e6:,.0f} MB, but its disk has only {free / 1e6:,.0f} MB"
            " free; free some space"
        )


def require_free(target: Path) -> None:
    """Raise `BackupError` if there is a file."""
    if target.exists() or target.is_symlink():
        raise BackupError(f"{target} exists already; choose another name")


@contextmanager
def explained_errors(target: Path) -> Iterator[None]:
    """Raise `BackupError` for what prevents a file from being written."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"{target} can't be written: {error.strerror}; choose another") from error


def _write_through(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
