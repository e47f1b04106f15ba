"""What operators watch."""

from collections.abc import Sequence
from datetime import UTC, datetime

from typing_extensions import override

from storage.models import SourceRun
from storage.posts import OutboxState, PostChanges, PostStatus
from storage.protocols import MonitoringStore
from storage.sqlite.base import StorePart
from storage.sqlite.codec import SOURCES, encode_time, is_time
from storage.sqlite.database import fetch_all, fetch_one, fetch_value
from storage.sqlite.due_posts import fetch_due
from storage.sqlite.values import Row

_RUN = ("name", "last_run_at", "last_success_at", "last_error")
# The part of a stored time that names its hour.
_HOUR_LENGTH = len("2026-11-23T12")


class SqliteMonitoring(StorePart, MonitoringStore):
    """`MonitoringStore`."""

    @override
    async def outbox_state(self, now: datetime) -> OutboxState:
        async with self._database.read() as connection:
            waiting = await fetch_value(
                connection, "SELECT count(*) FROM posts WHERE status IN ('planned', 'retry')"
            )
            edits = await fetch_value(connection, "SELECT count(*) FROM edits")
            follow_ups = await fetch_value(
                connection, "SELECT count(*) FROM follow_ups WHERE status = 'waiting'"
            )
            due, oldest_due_at = await fetch_due(connection, now)
        return OutboxState(int(waiting), int(edits), due, oldest_due_at, int(follow_ups))

    @override
    async def source_runs(self) -> Sequence[SourceRun]:
        rows = await self._fetch_all("SELECT * FROM sources ORDER BY rank, name")
        return self._damage.decode_all(rows, _decode_run)

    @override
    async def last_change_before(self, time: datetime) -> int:
        # There is no index on the time, but ids grow with it.
        wanted = encode_time(time)
        async with self._database.read() as connection:
            low = 0
            high = int(await fetch_value(connection, "SELECT max(id) FROM post_history") or 0)
            while low < high:
                middle = (low + high) // 2
                row = await fetch_one(
                    connection,
                    "SELECT id, at FROM post_history WHERE id > ? ORDER BY id LIMIT 1",
                    (middle,),
                )
                if row is not None and str(row["at"]) < wanted:
                    low = row["id"]
                else:
                    high = middle
        return low

    @override
    async def count_changes(self, after: int) -> PostChanges:
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT substr(at, 1, ?) AS hour, status, count(*) AS changes, max(id) AS last"
                f" FROM post_history WHERE id > ? AND {is_time('at')} GROUP BY 1, 2",
                (_HOUR_LENGTH, after),
            )
        known = set(PostStatus)
        return PostChanges(
            max((row["last"] for row in rows), default=after),
            {
                (_decode_hour(row["hour"]), PostStatus(row["status"])): row["changes"]
                for row in rows
                if row["status"] in known
            },
        )


def _decode_hour(hour: str) -> datetime:
    return datetime.fromisoformat(f"{hour}:00").replace(tzinfo=UTC)


def _decode_run(row: Row) -> SourceRun:
    values = SOURCES.decode(row, _RUN)
    return SourceRun(
        values["name"], values["last_run_at"], values["last_success_at"], values["last_error"]
    )
