"""The times and errors of reading sources."""

from collections.abc import Sequence
from datetime import datetime

import aiosqlite
from typing_extensions import override

from storage.models import NO_FINDINGS, SourceState
from storage.protocols import SourceStore
from storage.sqlite.base import StorePart
from storage.sqlite.codec import SOURCES, encode_time
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import fetch_all
from storage.sqlite.documents import UNREGISTERED_SOURCE_RANK
from storage.sqlite.values import Row

_STATE = ("name", "last_run_at", "last_success_at", "last_error", "findings")


class SqliteSources(StorePart, SourceStore):
    """`SourceStore`."""

    @override
    async def record_run(self, source: str, at: datetime, error: str | None) -> None:
        success_at = encode_time(at) if error is None else None
        await self._execute(
            "INSERT INTO sources (name, rank, last_run_at, last_success_at, last_error)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " last_run_at = excluded.last_run_at, last_error = excluded.last_error,"
            " last_success_at = coalesce(excluded.last_success_at, last_success_at)"
            f" WHERE {SOURCES.intact}",
            (source, UNREGISTERED_SOURCE_RANK, encode_time(at), success_at, error),
        )

    @override
    async def list_sources(self) -> Sequence[SourceState]:
        async with self._database.read() as connection:
            return await fetch_sources(connection, self._damage)


async def fetch_sources(
    connection: aiosqlite.Connection, damage: DamageLog
) -> Sequence[SourceState]:
    """All sources that have been read, in the order of the settings."""
    rows = await fetch_all(
        connection,
        "SELECT s.*, count(d.id) AS documents, count(d.rejected_reason) AS rejected"
        " FROM sources AS s LEFT JOIN documents AS d ON d.source_id = s.id AND d.state != 'gone'"
        " GROUP BY s.id ORDER BY s.rank, s.name",
    )
    return damage.decode_all(rows, _decode_source)


def _decode_source(row: Row) -> SourceState:
    values = SOURCES.decode(row, _STATE)
    return SourceState(
        values["name"],
        row["documents"],
        row["rejected"],
        values["last_run_at"],
        values["last_success_at"],
        values["last_error"],
        values["findings"] or NO_FINDINGS,
    )
