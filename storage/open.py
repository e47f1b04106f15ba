"""Open a store by its URL; the only module that knows all adapters."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from storage.errors import StoreUnusableError
from storage.protocols import Diagnostics, Store
from storage.sqlite import SqliteStore
from storage.sqlite.archive import read_archive, write_archive
from storage.sqlite.backup import copy_database, replace_database
from storage.sqlite.database import LOCK_TIMEOUT_SECONDS, REPLACED, in_stoppable_thread
from storage.sqlite.diagnostics import SqliteDiagnostics

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SQLITE = "sqlite:///"


@asynccontextmanager
async def open_store(
    url: str | Path, *, lock_timeout: float = LOCK_TIMEOUT_SECONDS
) -> AsyncIterator[Store]:
    """Open a store, creating or migrating it where needed, and close it at the end.

    `url` is a path, or `sqlite:///` and a path (`sqlite:////` for an absolute one).
    `lock_timeout` is the time in seconds to wait for a lock of another program.
    Raises `StoreLockedError`, `StoreTooNewError` or `StoreUnusableError`.
    """
    async with SqliteStore.open(_sqlite_path(url), lock_timeout=lock_timeout) as store:
        yield store


def inspect_store(url: str | Path) -> Diagnostics:
    """Inspect a store without opening it. Raises `StoreUnusableError` for an unsupported URL."""
    return SqliteDiagnostics(_sqlite_path(url))


async def back_up_store(url: str | Path, target: Path, now: datetime) -> int:
    """Write a backup of a store, also while a bot uses it; returns its size in bytes.

    Raises `BackupError`, or the errors of opening the store.
    """
    path = _sqlite_path(url)
    return await in_stoppable_thread(lambda stopped: copy_database(path, target, now, stopped))


async def export_store(url: str | Path, target: Path, now: datetime) -> int:
    """Write a store as text, made at `now`, also while a bot uses it; returns the number of rows.

    Raises `BackupError`, or the errors of opening the store.
    """
    path = _sqlite_path(url)
    return await in_stoppable_thread(lambda stopped: write_archive(path, target, now, stopped))


async def import_store(url: str | Path, archive: Path) -> int:
    """Make a store of what `export_store` wrote, where there is none; returns the number of rows.

    Raises `BackupError` or `StoreLockedError`.
    """
    return await read_archive(archive, _sqlite_path(url))


async def restore_store(url: str | Path, backup: Path, now: datetime) -> Path | None:
    """Put a copy of a backup in the place of a store that nobody uses.

    Returns where the store that was there is now, with the time in its name; None if there was
    none. Raises `BackupError`, `StoreLockedError`, or the errors of opening the backup.
    """
    suffix = f"{REPLACED}{now:%Y%m%dT%H%M%SZ}"
    return await asyncio.to_thread(replace_database, _sqlite_path(url), backup, suffix)


def _sqlite_path(url: str | Path) -> Path:
    """The file that a URL names."""
    if isinstance(url, Path):
        return url
    scheme = _SCHEME.match(url)
    if scheme is None and url:
        return Path(url)
    # The message does not repeat the URL, which may contain a password.
    if not url.startswith(_SQLITE) or len(url) == len(_SQLITE) or re.search(r"[?#\0]", url):
        raise StoreUnusableError(
            f"this {scheme[1] if scheme else 'empty'} address is not supported as a database;"
            " use a file, such as var/storywire.db or sqlite:///var/storywire.db"
        )
    return Path(unquote(url.removeprefix(_SQLITE)))
