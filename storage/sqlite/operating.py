"""The outbox as an operator sees it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import aiosqlite

from storage.errors import NotFoundError
from storage.posts import ClaimedPost, PostEvent, PostStatus, Settlement
from storage.sqlite.codec import ArticleCodec, decode_post, decode_time, encode_time
from storage.sqlite.database import Database, fetch_all, fetch_one
from storage.sqlite.edits import plan_edit_if_changed
from storage.sqlite.outbox import change_post, changes_of, with_story


class SqliteOperating:
    """The operators' part of `storage.store.OutboxStore`."""

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
            return [await with_story(connection, self._codec, decode_post(row)) for row in rows]

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
        return [PostEvent(decode_time(row[0]), PostStatus(row[1]), row[2]) for row in rows]

    async def redirect_post(
        self, post_id: int, settlement: Settlement | None, now: datetime
    ) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            row = await fetch_one(
                connection,
                "SELECT * FROM posts WHERE id = ? AND status NOT IN ('claimed', 'sent')",
                (post_id,),
            )
            if row is None:
                raise NotFoundError(
                    f"there is no post {post_id} to decide about; it may be on its way, or sent"
                )
            if settlement is not None:
                await change_post(
                    connection, post_id, {**changes_of(row, settlement, now), "final": 1}, now
                )
                await plan_edit_if_changed(connection, post_id, now)
                return
            if row["subscription_id"] is None:
                raise NotFoundError(f"post {post_id} has no subscription any more; nobody wants it")
            # An operator's word counts more than its age: it goes out like catch-up.
            again = {
                "status": PostStatus.PLANNED,
                "due_at": encode_time(now),
                "planned_at": encode_time(now),
                "catch_up": 1,
                "unknown_since": None,
                "final": 0,
                "settled_at": None,
                "reason": "an operator sends it again",
            }
            await change_post(connection, post_id, again, now)

        await self._database.write(work)
