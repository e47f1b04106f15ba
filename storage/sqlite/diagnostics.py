"""Inspect an SQLite database without changing it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import aiosqlite
from typing_extensions import override

from storage.errors import StoreUnusableError
from storage.models import SourceState
from storage.protocols import Contents, Damage, DatabaseFile, Diagnostics
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import (
    connect_in_thread,
    database_exists,
    fetch_one,
    fetch_value,
    open_for_inspection,
    translated_errors,
)
from storage.sqlite.migrating import load_migrations, migrate
from storage.sqlite.owner_lock import is_owned
from storage.sqlite.sources import fetch_sources
from storage.sqlite.upgrade_steps import find_unfinished
from storage.sqlite.upgrades import STEPS
from storage.sqlite.verification import find_contradictions, find_damaged_rows

# The migration that added the last of the columns that `fetch_sources` reads.
SOURCES_SINCE = 10

_NAMED = "WITH named AS (SELECT id FROM sources WHERE name IN (SELECT value FROM json_each(?)))"
_ORPHANED = (
    "SELECT count(*) FROM articles AS a WHERE NOT withdrawn AND NOT EXISTS (SELECT 1"
    " FROM documents WHERE article_id = a.id AND state = 'live' AND source_id IN named)"
)


class SqliteDiagnostics(Diagnostics):
    """`Diagnostics` of an SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @override
    async def exists(self) -> bool:
        return database_exists(self._path)

    @override
    async def inspect_file(self) -> DatabaseFile | None:
        if not database_exists(self._path):
            return None
        async with open_for_inspection(self._path) as connection:
            version = int(await fetch_value(connection, "PRAGMA user_version"))
        # Only now, as this opens the file: see `OwnerLock`.
        try:
            in_use, size = is_owned(self._path), _size(self._path)
        except OSError as error:
            raise StoreUnusableError(f"{self._path} can't be read: {error.strerror}") from error
        return DatabaseFile(version, load_migrations()[-1].version, size, in_use)

    @override
    async def unfinished_upgrade(self) -> int | None:
        if not database_exists(self._path):
            return None
        async with open_for_inspection(self._path) as connection:
            return await _find_unfinished(connection)

    @override
    async def inspect_contents(self, sources: Sequence[str]) -> Contents | None:
        if not database_exists(self._path):
            return None
        async with open_for_inspection(self._path) as connection:
            if not await fetch_value(connection, "SELECT count(*) FROM sqlite_schema"):
                return None
            damage = await fetch_value(connection, "PRAGMA quick_check(1)")
            if damage != "ok":
                raise StoreUnusableError(f"{self._path} is damaged ({damage}); restore a backup")
            row = await fetch_one(
                connection,
                f"{_NAMED} SELECT (SELECT count(*) FROM articles WHERE NOT withdrawn),"
                " (SELECT count(*) FROM subscriptions),"
                " (SELECT count(*) FROM subscriptions WHERE paused_by = 'bot'),"
                " (SELECT count(*) FROM posts WHERE status = 'uncertain'),"
                " (SELECT count(*) FROM posts WHERE status = 'failed'),"
                f" ({_ORPHANED})",
                (json.dumps(list(sources)),),
            )
        assert row is not None
        return Contents(*row)

    @override
    async def find_damage(self, *, deep: bool = False) -> Sequence[Damage]:
        if not database_exists(self._path):
            return ()
        migrations = load_migrations()
        async with open_for_inspection(self._path) as connection:
            version = await fetch_value(connection, "PRAGMA user_version")
            if version < migrations[-1].version or await _find_unfinished(connection) is not None:
                return ()
        schema = await _expected_schema() if deep else None
        with translated_errors(self._path):
            return await asyncio.to_thread(_find_damage, self._path, schema)

    @override
    async def count_orphaned(self, sources: Sequence[str]) -> int:
        async with open_for_inspection(self._path) as connection:
            return int(
                await fetch_value(connection, f"{_NAMED} {_ORPHANED}", (json.dumps(list(sources)),))
            )

    @override
    async def inspect_value(self, name: str) -> str | None:
        if not database_exists(self._path):
            return None
        async with open_for_inspection(self._path) as connection:
            if not await fetch_value(connection, "SELECT count(*) FROM sqlite_schema"):
                return None
            row = await fetch_one(connection, "SELECT value FROM settings WHERE name = ?", (name,))
        return None if row is None else str(row[0])

    @override
    async def inspect_sources(self) -> Sequence[SourceState]:
        if not database_exists(self._path):
            return ()
        async with open_for_inspection(self._path) as connection:
            version = await fetch_value(connection, "PRAGMA user_version")
            if version < SOURCES_SINCE or await _find_unfinished(connection) is not None:
                return ()
            return await fetch_sources(connection, DamageLog())


def _size(path: Path) -> int:
    """The size of a database with its log, in bytes."""
    log = path.with_name(f"{path.name}-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)


async def _find_unfinished(connection: aiosqlite.Connection) -> int | None:
    """How far an upgrade is that was begun and not finished, in percent."""
    version = await fetch_value(connection, "PRAGMA user_version")
    progress = await find_unfinished(connection, STEPS, version, load_migrations()[-1].version)
    return None if progress is None else progress.percent


async def _expected_schema() -> Mapping[str, str]:
    """The statements of an undamaged database, by name."""
    async with aiosqlite.connect(":memory:", isolation_level=None) as connection:
        await migrate(connection, ":memory:", load_migrations(), STEPS)
        rows = await connection.execute_fetchall(
            "SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL"
        )
        return {row[0]: row[1] for row in rows}


def _find_damage(path: Path, schema: Mapping[str, str] | None) -> Sequence[Damage]:
    """Check a database, or (with its `schema`) a temporary copy more deeply."""
    with closing(connect_in_thread(path, "ro")) as original:
        found = list(find_damaged_rows(original))
        if schema is not None:
            with (
                TemporaryDirectory(prefix="storywire-check-") as folder,
                closing(connect_in_thread(Path(folder) / "copy.db", "rwc")) as copy,
            ):
                original.backup(copy)
                found += find_contradictions(copy, schema, datetime.now(UTC))
    return found
