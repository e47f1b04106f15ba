"""The outbox: what is to be told where, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

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
    decode_post,
    decode_subscription,
    decode_time,
    encode_time,
)
from storage.sqlite.database import Database, Row, Value, fetch_all, fetch_one, fetch_value
from storage.sqlite.edits import plan_edit_if_changed, plan_edits

CURSOR = "planner_cursor"
_NEWEST_SUBSCRIPTION = "SELECT coalesce(max(id), 0) FROM subscriptions"
LATEST_REVISION = "SELECT coalesce(max(revision), 0) FROM articles"

# Waiting posts that may go out as far as their subscription goes. One whose outcome is unknown is
# settled whatever the hourly cap says, and also when its subscription is gone; until then it counts
# as sent. A clock that was set back must not let what was sent "later" count for longer than that.
_WAITING = """
    FROM posts AS p
    JOIN articles AS a ON a.id = p.article_id
    LEFT JOIN subscriptions AS s ON s.id = p.subscription_id
    WHERE p.status IN ('planned', 'retry')
    AND CASE
        WHEN s.id IS NULL THEN p.unknown_since IS NOT NULL
        WHEN s.paused_by IS NOT NULL OR s.left_at IS NOT NULL THEN 0
        WHEN p.unknown_since IS NOT NULL OR s.max_per_hour IS NULL THEN 1
        ELSE s.max_per_hour > (
            SELECT count(*) FROM posts AS q
            WHERE q.subscription_id = s.id AND q.status IN ('sent', 'uncertain')
            AND q.settled_at > :hour_ago AND q.settled_at < :hour_ahead
        ) + (
            SELECT count(*) FROM posts AS q
            WHERE q.subscription_id = s.id AND q.status IN ('claimed', 'retry')
            AND (q.status = 'claimed' OR q.unknown_since IS NOT NULL)
        )
    END
"""
_DUE = (
    f"{_WAITING} AND p.due_at <= :now AND p.channel_id NOT IN (SELECT value FROM json_each(:busy))"
)
# A channel with a post that may be out goes first, while Discord still folds its nonce; then the
# one whose post has waited longest. Of its waiting posts: what may be out, catch-up in its order,
# then the best. Channels come out of an index and only as many as are asked for are looked into:
# ranking all that waits would take most of a processor's time.
_NEXT = f"""
    SELECT (
        SELECT p.id {_WAITING} AND p.due_at <= :now AND p.channel_id = c.channel_id
        ORDER BY p.unknown_since IS NULL, NOT p.catch_up, iif(p.catch_up, 0, -a.quality), p.id
        LIMIT 1
    ) AS id
    FROM (
        SELECT channel_id, min(due_at) AS first_due_at, max(unknown_since IS NOT NULL) AS doubt
        FROM posts WHERE status IN ('planned', 'retry') AND due_at <= :now
        AND channel_id NOT IN (SELECT value FROM json_each(:busy))
        AND channel_id NOT IN (SELECT channel_id FROM subscriptions GROUP BY channel_id
            HAVING min(paused_by IS NOT NULL OR left_at IS NOT NULL))
        GROUP BY channel_id ORDER BY doubt DESC, first_due_at, channel_id
    ) AS c WHERE id IS NOT NULL LIMIT :limit
"""
_HOUR = timedelta(hours=1)
# Never sent, and the bot itself decided so: may be planned anew when that reason has gone.
REVIVABLE = "posts.status = 'skipped' AND posts.unknown_since IS NULL AND NOT posts.final"


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
            if not stories:
                # The planner looks every second; thousands of subscriptions are not read for that.
                return PlannerView(cursor=cursor, stories=(), subscriptions=())
            ids = json.dumps([row["id"] for row in stories])
            subscriptions = await fetch_all(connection, "SELECT * FROM subscriptions ORDER BY id")
            told = await fetch_all(
                connection,
                "SELECT article_id, channel_id FROM posts"
                f" WHERE article_id IN (SELECT value FROM json_each(?)) AND NOT ({REVIVABLE})",
                (ids,),
            )
            newest = await fetch_value(connection, _NEWEST_SUBSCRIPTION)
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
            newest_subscription=newest,
        )

    async def plan_posts(
        self,
        cursor: int,
        new_cursor: int,
        posts: Sequence[NewPost],
        now: datetime,
        *,
        edit_since: datetime,
        newest_subscription: int | None = None,
    ) -> int:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> int:
            if await _cursor(connection) != cursor:
                return 0
            newest = await fetch_value(connection, _NEWEST_SUBSCRIPTION)
            if newest_subscription not in {None, newest}:
                return 0
            await connection.execute(
                "UPDATE settings SET value = ? WHERE name = ?", (str(new_cursor), CURSOR)
            )
            edits = await plan_edits(connection, cursor, new_cursor, now, edit_since)
            return edits + await insert_posts(connection, posts, now)

        return await self._database.write(work)

    async def claim_posts(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[ClaimedPost]:
        """See `OutboxStore`."""
        given = _parameters(now, busy_channels)

        async def work(connection: aiosqlite.Connection) -> Sequence[ClaimedPost]:
            due = await fetch_all(connection, _NEXT, {**given, "limit": limit})
            rows = await fetch_all(
                connection,
                "UPDATE posts SET status = 'claimed', claimed_at = :now, changed_at = :now,"
                " attempts = attempts + 1, shown_hash = (SELECT iif(unknown_since IS NULL"
                " OR shown_hash = visible_hash, visible_hash, 'unknown')"
                " FROM articles AS a WHERE a.id = article_id)"
                " WHERE id IN (SELECT value FROM json_each(:ids)) RETURNING *",
                {"now": encode_time(now), "ids": json.dumps([row[0] for row in due])},
            )
            return [await with_story(connection, self._codec, decode_post(row)) for row in rows]

        async with self._database.read() as connection:
            if await fetch_value(connection, f"SELECT 1 {_DUE} LIMIT 1", given) is None:
                return ()
        return await self._database.write(work)

    async def settle_post(self, post_id: int, settlement: Settlement, now: datetime) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            row = await fetch_one(
                connection, "SELECT * FROM posts WHERE id = ? AND status = 'claimed'", (post_id,)
            )
            if row is None:
                raise NotFoundError(f"there is no claimed post {post_id}")
            await change_post(connection, post_id, changes_of(row, settlement, now), now)
            await plan_edit_if_changed(connection, post_id, now)

        await self._database.write(work)

    async def recover_claimed(self, now: datetime) -> int:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> int:
            cursor = await connection.execute(
                "UPDATE posts SET status = 'retry', changed_at = :now,"
                " unknown_since = coalesce(unknown_since, claimed_at),"
                " reason = 'the bot stopped while sending it' WHERE status = 'claimed'",
                {"now": encode_time(now)},
            )
            return cursor.rowcount

        return await self._database.write(work)

    async def clock_set_back(self, now: datetime) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "UPDATE posts SET due_at = :now WHERE status IN ('planned', 'retry')"
                " AND changed_at > :now",
                {"now": encode_time(now)},
            )
            await connection.execute(
                "UPDATE edits SET due_at = :now WHERE due_at > :now", {"now": encode_time(now)}
            )

        await self._database.write(work)

    async def next_due_at(self, now: datetime) -> datetime | None:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            post = await fetch_value(
                connection,
                f"SELECT min(p.due_at) {_WAITING} AND p.due_at > :now",
                _parameters(now, ()),
            )
            edit = await fetch_value(
                connection, "SELECT min(due_at) FROM edits WHERE due_at > ?", (encode_time(now),)
            )
        times = [decode_time(time) for time in (post, edit) if time is not None]
        return min(times, default=None)

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
) -> int:
    """Write planned posts of subscriptions that still exist; answers how many.

    With `subscription_id` they are all that one's. A story that the bot skipped in the channel is
    planned anew; it was never sent.
    """
    # rowcount, unlike total_changes, leaves out what the triggers write.
    cursor = await connection.executemany(
        "INSERT INTO posts (article_id, subscription_id, guild_id, channel_id, nonce, status,"
        " catch_up, planned_at, changed_at, due_at)"
        " SELECT ?, id, guild_id, channel_id, ?, 'planned', ?, ?, ?, ?"
        " FROM subscriptions WHERE id = ?"
        " ON CONFLICT (article_id, channel_id) DO UPDATE SET"
        " subscription_id = excluded.subscription_id, nonce = excluded.nonce, status = 'planned',"
        " catch_up = excluded.catch_up, planned_at = excluded.planned_at, due_at = excluded.due_at,"
        " changed_at = excluded.changed_at, attempts = 0, claimed_at = NULL, settled_at = NULL,"
        f" shown_hash = NULL, reason = NULL WHERE {REVIVABLE}",
        [
            (
                post.story_id,
                post.nonce,
                post.catch_up,
                encode_time(now),
                encode_time(now),
                encode_time(post.due_at),
                post.subscription_id if subscription_id is None else subscription_id,
            )
            for post in posts
        ],
    )
    return max(0, cursor.rowcount)


async def with_story(
    connection: aiosqlite.Connection, codec: ArticleCodec, post: Post
) -> ClaimedPost:
    """A post with its story."""
    story = await fetch_story(connection, codec, post.story_id)
    assert story is not None, "articles are never deleted"
    return ClaimedPost(post, story)


async def change_post(
    connection: aiosqlite.Connection, post_id: int, changes: Mapping[str, Value], now: datetime
) -> None:
    """Change columns of a post; its history follows by itself."""
    values = {**changes, "changed_at": encode_time(now)}
    assignments = ", ".join(f"{column} = :{column}" for column in values)
    await connection.execute(
        f"UPDATE posts SET {assignments} WHERE id = :id", {**values, "id": post_id}
    )


def _parameters(now: datetime, busy_channels: Sequence[int]) -> dict[str, Value]:
    return {
        "now": encode_time(now),
        "hour_ago": encode_time(now - _HOUR),
        "hour_ahead": encode_time(now + _HOUR),
        "busy": json.dumps(list(busy_channels)),
    }


async def _cursor(connection: aiosqlite.Connection) -> int:
    return int(
        await fetch_value(connection, "SELECT value FROM settings WHERE name = ?", (CURSOR,))
    )


def changes_of(row: Row, settlement: Settlement, now: datetime) -> dict[str, Value]:
    """The columns that a settlement changes."""
    if isinstance(settlement, RetryAt):
        unknown_since = row["unknown_since"] or (row["claimed_at"] if settlement.unknown else None)
        if row["subscription_id"] is None and unknown_since is None:
            return changes_of(row, Skipped("the subscription was removed"), now)
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
