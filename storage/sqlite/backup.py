"""Copy a database, also while a bot uses it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage.errors import BackupError, StoreUnusableError
from storage.private_files import create_file
from storage.sqlite.database import database_exists, translated_errors
from storage.sqlite.migrating import APPLICATION_ID


def copy_database(path: Path, target: Path) -> int:
    """Write a checked copy of a database, which is a single file; returns its size in bytes.

    The copy has the state of one moment. The target exists only once it is complete, and only its
    owner may read it. Writers are not kept waiting (https://www.sqlite.org/backup.html). Raises
    `BackupError`, or the errors of opening the database.
    """
    if not database_exists(path):
        raise BackupError(f"there is no database at {path}; check the setting `database`")
    part = target.with_name(f".{target.name}.part")
    with _explained_errors(target):
        _require_free(target)
        part.unlink(missing_ok=True)
        create_file(part)
        try:
            _copy(path, part)
            _write_through(part)
            size = part.stat().st_size
            _require_free(target)
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
        _write_through(target.parent)
    return size


def _copy(path: Path, part: Path) -> None:
    with (
        translated_errors(path),
        closing(_connect(path, "ro")) as original,
        closing(_connect(part, "rw")) as copy,
    ):
        (application_id,) = original.execute("PRAGMA application_id").fetchone()
        if application_id != APPLICATION_ID:
            raise StoreUnusableError(f"{path} is not a database of Storywire; nothing was copied")
        # In one step: in several, each write of the bot would start the copy again.
        original.backup(copy)
        # A single file, without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        (problem,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if problem != "ok":
            raise StoreUnusableError(
                f"{path} is damaged ({problem}), and no backup was made; `storywire check --deep`"
                " says more"
            )


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None)


def _require_free(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise BackupError(f"{target} exists already; choose another name")


@contextmanager
def _explained_errors(target: Path) -> Iterator[None]:
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
