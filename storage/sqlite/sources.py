"""The times and errors of reading sources."""

from collections.abc import Sequence
from datetime import datetime

import aiosqlite
from typing_extensions import override

from storage.models import SourceState
from storage.protocols import SourceStore
from storage.sqlite.base import StorePart
from storage.sqlite.codec import decode_findings, decode_optional_time, encode_time
from storage.sqlite.database import fetch_all
from storage.sqlite.documents import UNREGISTERED_SOURCE_RANK


class SqliteSources(StorePart, SourceStore):
    """`SourceStore`."""

    @override
    async def record_run(self, source: str, at: datetime, error: str | None) -> None:
        success_at = encode_time(at) if error is None else None
        await self._execute(
            "INSERT INTO sources (name, rank, last_run_at, last_success_at, last_error)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " last_run_at = excluded.last_run_at, last_error = excluded.last_error,"
            " last_success_at = coalesce(excluded.last_success_at, last_success_at)",
            (source, UNREGISTERED_SOURCE_RANK, encode_time(at), success_at, error),
        )

    @override
    async def list_sources(self) -> Sequence[SourceState]:
        async with self._database.read() as connection:
            return await fetch_sources(connection)


async def fetch_sources(connection: aiosqlite.Connection) -> Sequence[SourceState]:
    """All sources that have been read, in the order of the settings."""
    rows = await fetch_all(
        connection,
        "SELECT s.name, count(d.id), count(d.rejected_reason), s.last_run_at,"
        " s.last_success_at, s.last_error, s.findings FROM sources AS s"
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
            decode_findings(findings),
        )
        for name, documents, rejected, run, success, error, findings in rows
    ]
