"""Messages that are to be edited."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import aiosqlite
from typing_extensions import override

from storage.messages import due_edit
from storage.posts import DueEdit
from storage.protocols import OutboxStore
from storage.sqlite.aggregate import Aggregate
from storage.sqlite.codec import decode_post, encode_time
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.messages import fetch_shown, fetch_wanting


class SqliteEdits(Aggregate, OutboxStore):
    """The edits of `OutboxStore`."""

    @override
    async def due_edits(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[DueEdit]:
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT p.*, min(e.due_at), e.attempts AS edit_attempts"
                " FROM edits AS e JOIN posts AS p ON p.id = e.post_id WHERE e.due_at <= ?"
                " AND p.channel_id NOT IN (SELECT value FROM json_each(?))"
                " AND p.channel_id NOT IN (SELECT channel_id FROM subscriptions"
                " WHERE (paused_by = 'bot' OR left_at IS NOT NULL) AND removed_at IS NULL)"
                " GROUP BY p.channel_id ORDER BY e.due_at LIMIT ?",
                (encode_time(now), json.dumps(list(busy_channels)), limit),
            )
            edits = []
            for row in rows:
                post = decode_post(row)
                shown = await fetch_shown(connection, self._codec, post)
                subscription = await fetch_wanting(connection, post)
                edits.append(due_edit(post, shown, subscription, row["edit_attempts"]))
        return edits

    @override
    async def delay_edit(self, edit: DueEdit, until: datetime) -> None:

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "UPDATE edits SET due_at = ?, attempts = attempts + 1 WHERE post_id = ?",
                (encode_time(until), edit.post.id),
            )

        await self._database.write(work)

    @override
    async def drop_edit(self, edit: DueEdit) -> None:

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute("DELETE FROM edits WHERE post_id = ?", (edit.post.id,))

        await self._database.write(work)

    @override
    async def count_edits(self) -> int:
        async with self._database.read() as connection:
            return int(await fetch_value(connection, "SELECT count(*) FROM edits"))
