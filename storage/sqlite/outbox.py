"""The outbox: what is to be told where, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import aiosqlite
from filelock import FileLock, Timeout

from storage.errors import NotFoundError, StoreLockedError
from storage.posts import (
    ClaimedPost,
    Failed,
    NewPost,
    PlannerView,
    Post,
    PostStatus,
    RetryAt,
    Sent,
    Settlement,
    Skipped,
    Uncertain,
)
from storage.sqlite.articles import fetch_story
from storage.sqlite.codec import (
    STORY_COLUMNS,
    STORY_TABLES,
    ArticleCodec,
    decode_optional_time,
    decode_post,
    decode_subscription,
    encode_time,
)
from storage.sqlite.database import Database, Row, Value, fetch_all, fetch_one, fetch_value

CURSOR = "planner_cursor"
LATEST_REVISION = "SELECT coalesce(max(revision), 0) FROM articles"

# A post whose subscription is gone is of interest only while it may be out already.
_WAITING = (
    "FROM posts AS p LEFT JOIN subscriptions AS s ON s.id = p.subscription_id"
    " WHERE p.status IN ('planned', 'retry') AND CASE WHEN s.id IS NULL"
    " THEN p.unknown_since IS NOT NULL ELSE s.paused_by IS NULL END"
)


class SqliteOutbox:
    """`storage.store.OutboxStore`."""

    def __init__(self, database: Database, codec: ArticleCodec, owner: FileLock) -> None:
        self._database = database
        self._codec = codec
        self._owner = owner

    async def own_outbox(self) -> None:
        """See `OutboxStore`; the operating system frees the lock when the process ends."""
        try:
            self._owner.acquire(blocking=False)
        except Timeout as error:
            raise StoreLockedError(
                f"another Storywire runs on this database ({self._owner.lock_file} is locked);"
                " stop it first, or name another database"
            ) from error
        except OSError as error:
            raise StoreLockedError(
                f"{self._owner.lock_file} can't be locked: {error.strerror}; check its folder"
            ) from error

    async def latest_revision(self) -> int:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            return int(await fetch_value(connection, LATEST_REVISION))

    async def planner_view(self, limit: int) -> PlannerView:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            cursor = await _cursor(connection)
            stories = await fetch_all(
                connection,
                f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES}"
                " WHERE a.revision > ? ORDER BY a.revision LIMIT ?",
                (cursor, limit),
            )
            ids = json.dumps([row["id"] for row in stories])
            subscriptions = await fetch_all(connection, "SELECT * FROM subscriptions ORDER BY id")
            told = await fetch_all(
                connection,
                "SELECT article_id, channel_id FROM posts"
                " WHERE article_id IN (SELECT value FROM json_each(?))",
                (ids,),
            )
            seen = await fetch_all(
                connection,
                "SELECT subscription_id, article_id FROM subscription_seen"
                " WHERE article_id IN (SELECT value FROM json_each(?))",
                (ids,),
            )
        return PlannerView(
            cursor=cursor,
            stories=tuple(self._codec.decode_story(row) for row in stories),
            subscriptions=tuple(decode_subscription(row) for row in subscriptions),
            told=frozenset((row[0], row[1]) for row in told),
            seen=frozenset((row[0], row[1]) for row in seen),
        )

    async def plan_posts(
        self, cursor: int, new_cursor: int, posts: Sequence[NewPost], now: datetime
    ) -> int:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> int:
            if await _cursor(connection) != cursor:
                return 0
            await connection.execute(
                "UPDATE settings SET value = ? WHERE name = ?", (str(new_cursor), CURSOR)
            )
            return await insert_posts(connection, posts, now)

        return await self._database.write(work)

    async def claim_posts(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[ClaimedPost]:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> Sequence[ClaimedPost]:
            due = await fetch_all(
                connection,
                f"SELECT min(p.id) {_WAITING}"
                " AND p.due_at <= ? AND p.channel_id NOT IN (SELECT value FROM json_each(?))"
                " GROUP BY p.channel_id ORDER BY min(p.due_at), min(p.id) LIMIT ?",
                (encode_time(now), json.dumps(list(busy_channels)), limit),
            )
            rows = await fetch_all(
                connection,
                "UPDATE posts SET status = 'claimed', claimed_at = ?, attempts = attempts + 1"
                " WHERE id IN (SELECT value FROM json_each(?)) RETURNING *",
                (encode_time(now), json.dumps([row[0] for row in due])),
            )
            return [await self._with_story(connection, decode_post(row)) for row in rows]

        if not await self._anything_due(now, busy_channels):
            return ()
        return await self._database.write(work)

    async def _anything_due(self, now: datetime, busy_channels: Sequence[int]) -> bool:
        """Whether claiming is worth a write transaction."""
        async with self._database.read() as connection:
            found = await fetch_value(
                connection,
                f"SELECT 1 {_WAITING}"
                " AND p.due_at <= ?"
                " AND p.channel_id NOT IN (SELECT value FROM json_each(?)) LIMIT 1",
                (encode_time(now), json.dumps(list(busy_channels))),
            )
        return found is not None

    async def _with_story(self, connection: aiosqlite.Connection, post: Post) -> ClaimedPost:
        story = await fetch_story(connection, self._codec, post.story_id)
        assert story is not None, "articles are never deleted"
        return ClaimedPost(post, story)

    async def settle_post(self, post_id: int, settlement: Settlement, now: datetime) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            row = await fetch_one(
                connection, "SELECT * FROM posts WHERE id = ? AND status = 'claimed'", (post_id,)
            )
            if row is None:
                raise NotFoundError(f"there is no claimed post {post_id}")
            changes = _changes(row, settlement, now)
            assignments = ", ".join(f"{column} = :{column}" for column in changes)
            await connection.execute(
                f"UPDATE posts SET {assignments} WHERE id = :id",
                {**changes, "id": post_id},
            )

        await self._database.write(work)

    async def recover_claimed(self, now: datetime) -> int:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> int:
            cursor = await connection.execute(
                "UPDATE posts SET status = 'retry', due_at = ?,"
                " unknown_since = coalesce(unknown_since, claimed_at),"
                " reason = 'the bot stopped while sending it' WHERE status = 'claimed'",
                (encode_time(now),),
            )
            return cursor.rowcount

        return await self._database.write(work)

    async def next_due_at(self) -> datetime | None:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            return decode_optional_time(
                await fetch_value(connection, f"SELECT min(p.due_at) {_WAITING}")
            )

    async def get_post(self, post_id: int) -> Post:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            row = await fetch_one(connection, "SELECT * FROM posts WHERE id = ?", (post_id,))
        if row is None:
            raise NotFoundError(f"there is no post {post_id}")
        return decode_post(row)

    async def count_posts(self) -> Mapping[PostStatus, int]:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            rows = await fetch_all(connection, "SELECT status, count(*) FROM posts GROUP BY status")
        return {PostStatus(row[0]): row[1] for row in rows}


async def insert_posts(
    connection: aiosqlite.Connection,
    posts: Sequence[NewPost],
    now: datetime,
    *,
    subscription_id: int | None = None,
    revive: bool = False,
) -> int:
    """Write planned posts of subscriptions that still exist; answers how many.

    With `subscription_id` they are all that one's. With `revive` a story that was skipped in the
    channel is planned anew; it was never sent.
    """
    conflict = "NOTHING"
    if revive:
        conflict = (
            "UPDATE SET subscription_id = excluded.subscription_id, nonce = excluded.nonce,"
            " status = 'planned', catch_up = excluded.catch_up, planned_at = excluded.planned_at,"
            " due_at = excluded.due_at, attempts = 0, claimed_at = NULL, settled_at = NULL,"
            " reason = NULL WHERE posts.status = 'skipped'"
        )
    before = connection.total_changes
    await connection.executemany(
        "INSERT INTO posts (article_id, subscription_id, guild_id, channel_id, nonce, status,"
        " catch_up, planned_at, due_at)"
        " SELECT ?, id, guild_id, channel_id, ?, 'planned', ?, ?, ? FROM subscriptions WHERE id = ?"
        f" ON CONFLICT (article_id, channel_id) DO {conflict}",
        [
            (
                post.story_id,
                post.nonce,
                post.catch_up,
                encode_time(now),
                encode_time(post.due_at),
                post.subscription_id if subscription_id is None else subscription_id,
            )
            for post in posts
        ],
    )
    return connection.total_changes - before


async def _cursor(connection: aiosqlite.Connection) -> int:
    return int(
        await fetch_value(connection, "SELECT value FROM settings WHERE name = ?", (CURSOR,))
    )


def _changes(row: Row, settlement: Settlement, now: datetime) -> dict[str, Value]:
    """The columns that a settlement changes."""
    if isinstance(settlement, RetryAt):
        unknown_since = row["unknown_since"] or (row["claimed_at"] if settlement.unknown else None)
        if row["subscription_id"] is None and unknown_since is None:
            return _changes(row, Skipped("the subscription was removed"), now)
        return {
            "status": PostStatus.RETRY,
            "due_at": encode_time(settlement.at),
            "reason": settlement.reason,
            "unknown_since": unknown_since,
        }
    settled: dict[str, Value] = {"settled_at": encode_time(now)}
    match settlement:
        case Sent(message_id):
            return settled | {"status": PostStatus.SENT, "message_id": message_id, "reason": None}
        case Skipped(reason):
            return settled | {"status": PostStatus.SKIPPED, "reason": reason}
        case Failed(reason):
            return settled | {"status": PostStatus.FAILED, "reason": reason}
        case Uncertain(reason):
            return settled | {"status": PostStatus.UNCERTAIN, "reason": reason}
