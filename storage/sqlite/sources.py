"""When the sources were read, and what was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import aiosqlite
from typing_extensions import override

from storage.models import SourceState
from storage.protocols import SourceStore
from storage.sqlite.aggregate import Aggregate
from storage.sqlite.codec import decode_optional_time, encode_time
from storage.sqlite.database import fetch_all
from storage.sqlite.documents import UNNAMED_SOURCE_RANK


class SqliteSources(Aggregate, SourceStore):
    """`SourceStore`."""

    @override
    async def note_run(self, source: str, at: datetime, error: str | None) -> None:
        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "INSERT INTO sources (name, rank) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (source, UNNAMED_SOURCE_RANK),
            )
            await connection.execute(
                "UPDATE sources SET last_run_at = ?1, last_error = ?2,"
                " last_success_at = iif(?2 IS NULL, ?1, last_success_at) WHERE name = ?3",
                (encode_time(at), error, source),
            )

        await self._database.write(work)

    @override
    async def list_sources(self) -> Sequence[SourceState]:
        async with self._database.read() as connection:
            return await fetch_sources(connection)


async def fetch_sources(connection: aiosqlite.Connection) -> Sequence[SourceState]:
    """All sources that were ever read, in the order of the settings."""
    rows = await fetch_all(
        connection,
        "SELECT s.name, count(d.id), count(d.rejected_reason), s.last_run_at,"
        " s.last_success_at, s.last_error FROM sources AS s"
        " LEFT JOIN documents AS d ON d.source_id = s.id AND d.state != 'gone'"
        " GROUP BY s.id ORDER BY s.rank, s.name",
    )
    return [
        SourceState(
            name,
            documents,
            rejected,
            decode_optional_time(run),
            decode_optional_time(success),
            error,
        )
        for name, documents, rejected, run, success, error in rows
    ]
