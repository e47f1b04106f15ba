"""The outbox as an operator sees it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import aiosqlite

from storage.errors import NotFoundError
from storage.posts import ClaimedPost, PostEvent, PostStatus, Settlement
from storage.reasons import OperatorRetried, encode_reason
from storage.sqlite.codec import ArticleCodec, decode_optional_reason, decode_time, encode_time
from storage.sqlite.database import Database, Row, fetch_all, fetch_one, fetch_value
from storage.sqlite.digests import dissolve_digest, settle_followers
from storage.sqlite.edits import plan_edit_if_changed, show_again
from storage.sqlite.messages import fetch_claimed
from storage.sqlite.outbox import change_post, changes_of


class SqliteOperating:
    """The operators' part of `storage.protocols.OutboxStore`."""

    def __init__(self, database: Database, codec: ArticleCodec) -> None:
        self._database = database
        self._codec = codec

    async def list_posts(self, statuses: Sequence[PostStatus], limit: int) -> Sequence[ClaimedPost]:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT * FROM posts WHERE status IN (SELECT value FROM json_each(?))"
                " ORDER BY changed_at DESC, id DESC LIMIT ?",
                (json.dumps(list(statuses)), limit),
            )
            return [await fetch_claimed(connection, self._codec, row) for row in rows]

    async def post_history(self, post_id: int) -> Sequence[PostEvent]:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT at, status, reason FROM post_history WHERE post_id = ? ORDER BY id",
                (post_id,),
            )
        if not rows:
            raise NotFoundError(f"there is no post {post_id}")
        return [
            PostEvent(
                decode_time(row["at"]),
                PostStatus(row["status"]),
                decode_optional_reason(row["reason"]),
            )
            for row in rows
        ]

    async def redirect_post(
        self, post_id: int, settlement: Settlement | None, now: datetime
    ) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            row = await _undecided(connection, post_id)
            if settlement is None:
                await _send_again(connection, row, now)
                return
            changes = changes_of(row, settlement, now) | {"final": 1}
            await change_post(connection, row["id"], changes, now)
            await settle_followers(connection, row["id"], changes, now)
            await plan_edit_if_changed(connection, row["id"], now)
            await _leave_coverage(connection, row, now)

        await self._database.write(work)


async def _undecided(connection: aiosqlite.Connection, post_id: int) -> Row:
    """The post to decide about; for one in a digest that is the digest's first."""
    row = await fetch_one(
        connection,
        "SELECT lead.* FROM posts AS p"
        " JOIN posts AS lead ON lead.id = iif(p.status = 'folded', p.id, coalesce(p.told_by, p.id))"
        " WHERE p.id = ? AND lead.status NOT IN ('claimed', 'sent')",
        (post_id,),
    )
    if row is None:
        raise NotFoundError(
            f"there is no post {post_id} to decide about; it may be on its way, or sent"
        )
    return row


async def _send_again(connection: aiosqlite.Connection, row: Row, now: datetime) -> None:
    """Plan a post anew, with all that its digest holds."""
    wanted = await fetch_value(
        connection,
        "SELECT 1 FROM subscriptions WHERE id = ? AND channel_id = ? AND removed_at IS NULL",
        (row["subscription_id"], row["channel_id"]),
    )
    if wanted is None:
        raise NotFoundError(f"post {row['id']} has no subscription any more; nobody wants it")
    followers = await fetch_all(
        connection,
        "SELECT id FROM posts WHERE told_by = ? AND status != 'folded'",
        (row["id"],),
    )
    await dissolve_digest(connection, row["id"], encode_time(now))
    # An operator's word counts more than its age: it goes out like catch-up.
    again = {
        "status": PostStatus.PLANNED,
        "due_at": encode_time(now),
        "planned_at": encode_time(now),
        "catch_up": 1,
        "unknown_since": None,
        "final": 0,
        "settled_at": None,
        "reason": encode_reason(OperatorRetried()),
    }
    for each in (row, *followers):
        await change_post(connection, each["id"], again, now)
    await _leave_coverage(connection, row, now)


async def _leave_coverage(connection: aiosqlite.Connection, row: Row, now: datetime) -> None:
    """Let the message that a story was folded into no longer show it."""
    if row["status"] == PostStatus.FOLDED:
        await connection.execute("UPDATE posts SET told_by = NULL WHERE id = ?", (row["id"],))
        lead = await fetch_value(
            connection, "SELECT coalesce(told_by, id) FROM posts WHERE id = ?", (row["told_by"],)
        )
        await show_again(connection, lead, now)
