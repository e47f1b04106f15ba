"""Inspect an SQLite database without changing it."""

import json
from collections.abc import Sequence
from pathlib import Path

from typing_extensions import override

from storage.errors import StoreUnusableError
from storage.models import SourceState
from storage.protocols import Contents, Diagnostics
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import database_exists, fetch_one, fetch_value, open_for_inspection
from storage.sqlite.sources import fetch_sources

# The migration that added `last_run_at` and the other results of reads.
SOURCES_SINCE = 2

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
                " (SELECT count(*) FROM documents WHERE rejected_reason IS NOT NULL"
                " AND source_id IN named),"
                " (SELECT count(*) FROM posts WHERE status = 'uncertain'),"
                " (SELECT count(*) FROM posts WHERE status = 'failed'),"
                f" ({_ORPHANED})",
                (json.dumps(list(sources)),),
            )
        assert row is not None
        return Contents(*row)

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
            if await fetch_value(connection, "PRAGMA user_version") < SOURCES_SINCE:
                return ()
            return await fetch_sources(connection, DamageLog())
