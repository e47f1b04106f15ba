"""Edits: messages that are to show their story as it is now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import aiosqlite

from storage.posts import DueEdit
from storage.sqlite.articles import fetch_story
from storage.sqlite.codec import ArticleCodec, decode_post, encode_time
from storage.sqlite.database import Database, fetch_all, fetch_value

_PLAN = """
    INSERT INTO edits (post_id, due_at)
    SELECT p.id, :now FROM posts AS p JOIN articles AS a ON a.id = p.article_id
    WHERE p.status = 'sent' AND p.shown_hash IS NOT a.visible_hash AND p.shown_hash IS NOT 'deleted'
"""
_AGAIN = " ON CONFLICT (post_id) DO UPDATE SET due_at = excluded.due_at, attempts = 0"


class SqliteEdits:
    """The edits' part of `storage.store.OutboxStore`."""

    def __init__(self, database: Database, codec: ArticleCodec) -> None:
        self._database = database
        self._codec = codec

    async def due_edits(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[DueEdit]:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT p.*, a.visible_hash, min(e.due_at), e.attempts AS edit_attempts"
                " FROM edits AS e JOIN posts AS p ON p.id = e.post_id"
                " JOIN articles AS a ON a.id = p.article_id WHERE e.due_at <= ?"
                " AND p.channel_id NOT IN (SELECT value FROM json_each(?))"
                " AND p.channel_id NOT IN (SELECT channel_id FROM subscriptions"
                " WHERE paused_by = 'bot' OR left_at IS NOT NULL)"
                " GROUP BY p.channel_id ORDER BY e.due_at LIMIT ?",
                (encode_time(now), json.dumps(list(busy_channels)), limit),
            )
            edits = []
            for row in rows:
                post = decode_post(row)
                story = await fetch_story(connection, self._codec, post.story_id)
                assert story is not None, "articles are never deleted"
                edits.append(DueEdit(post, story, row["visible_hash"], row["edit_attempts"]))
        return edits

    async def finish_edit(self, edit: DueEdit, now: datetime, *, deleted: bool = False) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute("DELETE FROM edits WHERE post_id = ?", (edit.post.id,))
            await connection.execute(
                "UPDATE posts SET shown_hash = ? WHERE id = ?",
                ("deleted" if deleted else edit.visible_hash, edit.post.id),
            )
            await plan_edit_if_changed(connection, edit.post.id, now)

        await self._database.write(work)

    async def delay_edit(self, edit: DueEdit, until: datetime) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "UPDATE edits SET due_at = ?, attempts = attempts + 1 WHERE post_id = ?",
                (encode_time(until), edit.post.id),
            )

        await self._database.write(work)

    async def drop_edit(self, edit: DueEdit) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute("DELETE FROM edits WHERE post_id = ?", (edit.post.id,))

        await self._database.write(work)

    async def count_edits(self) -> int:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            return int(await fetch_value(connection, "SELECT count(*) FROM edits"))


async def plan_edits(
    connection: aiosqlite.Connection, cursor: int, new_cursor: int, now: datetime, since: datetime
) -> int:
    """Plan edits of messages sent since a time whose stories changed between two revisions."""
    planned = await connection.execute(
        f"{_PLAN} AND a.revision > :cursor AND a.revision <= :new_cursor"
        f" AND p.settled_at > :since {_AGAIN}",
        {
            "now": encode_time(now),
            "cursor": cursor,
            "new_cursor": new_cursor,
            "since": encode_time(since),
        },
    )
    return planned.rowcount


async def plan_edit_if_changed(
    connection: aiosqlite.Connection, post_id: int, now: datetime
) -> None:
    """Plan the edit of a message whose story changed while it was being sent or edited."""
    await connection.execute(
        f"{_PLAN} AND p.id = :post_id {_AGAIN}", {"now": encode_time(now), "post_id": post_id}
    )
