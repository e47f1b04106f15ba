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
    Held,
    Post,
    PostStatus,
    RetryAt,
    Sent,
    Settlement,
    Skipped,
    Uncertain,
)
from storage.reasons import BotStopped, SubscriptionRemoved, encode_reason
from storage.sqlite.codec import ArticleCodec, decode_post, decode_time, encode_time
from storage.sqlite.database import Database, Row, Value, fetch_all, fetch_one, fetch_value
from storage.sqlite.digests import compose_digest, settle_followers
from storage.sqlite.edits import note_shown, plan_edit_if_changed
from storage.sqlite.messages import fetch_claimed
from storage.sqlite.waiting import release_message

# Waiting posts that may go out as far as their subscription goes; what is in a digest waits for the
# post that leads it. One whose outcome is unknown is settled whatever the hourly cap says, and also
# when its subscription is gone; until then it counts as sent. Digests have no cap. A clock that was
# set back must not let what was sent "later" count for longer than that.
_WAITING = """
    FROM posts AS p
    JOIN articles AS a ON a.id = p.article_id
    LEFT JOIN subscriptions AS s
        ON s.id = p.subscription_id AND s.channel_id = p.channel_id AND s.removed_at IS NULL
    WHERE p.status IN ('planned', 'retry') AND p.told_by IS NULL
    AND CASE
        WHEN s.id IS NULL THEN p.unknown_since IS NOT NULL
        WHEN s.paused_by IS NOT NULL OR s.left_at IS NOT NULL THEN 0
        WHEN p.unknown_since IS NOT NULL OR s.max_per_hour IS NULL THEN 1
        WHEN s.digest_best IS NOT NULL THEN 1
        ELSE s.max_per_hour > (
            SELECT count(*) FROM posts AS q
            WHERE q.subscription_id = s.id AND q.status IN ('sent', 'uncertain')
            AND q.settled_at > :hour_ago AND q.settled_at < :hour_ahead AND q.place IS NULL
        ) + (
            SELECT count(*) FROM posts AS q
            WHERE q.subscription_id = s.id AND q.status IN ('claimed', 'retry')
            AND (q.status = 'claimed' OR q.unknown_since IS NOT NULL) AND q.place IS NULL
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
        FROM posts WHERE status IN ('planned', 'retry') AND told_by IS NULL AND due_at <= :now
        AND channel_id NOT IN (SELECT value FROM json_each(:busy))
        AND (unknown_since IS NOT NULL OR channel_id NOT IN (SELECT channel_id FROM subscriptions
            WHERE removed_at IS NULL GROUP BY channel_id
            HAVING min(paused_by IS NOT NULL OR left_at IS NOT NULL)))
        GROUP BY channel_id ORDER BY doubt DESC, first_due_at, channel_id
    ) AS c WHERE id IS NOT NULL LIMIT :limit
"""
_NOT_OUT = {PostStatus.PLANNED, PostStatus.RETRY, PostStatus.SKIPPED}
_HOUR = timedelta(hours=1)
# No digest is planned further ahead: one that is was planned by a clock that was wrong by more.
_DIGEST_AHEAD = timedelta(days=8)


class SqliteOutbox:
    """`storage.protocols.OutboxStore`."""

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

    async def claim_posts(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[ClaimedPost]:
        """See `OutboxStore`."""
        given = _parameters(now, busy_channels)

        async def work(connection: aiosqlite.Connection) -> Sequence[ClaimedPost]:
            due = await fetch_all(connection, _NEXT, {**given, "limit": limit})
            claimed = []
            for row in due:
                lead = await compose_digest(connection, row["id"], now)
                if lead is not None:
                    claimed.append(await self._claim(connection, lead, now))
            return claimed

        async with self._database.read() as connection:
            if await fetch_value(connection, f"SELECT 1 {_DUE} LIMIT 1", given) is None:
                return ()
        return await self._database.write(work)

    async def _claim(
        self, connection: aiosqlite.Connection, post_id: int, now: datetime
    ) -> ClaimedPost:
        await note_shown(connection, post_id)
        row = await fetch_one(
            connection,
            "UPDATE posts SET status = 'claimed', claimed_at = :now, changed_at = :now,"
            " attempts = attempts + 1 WHERE id = :id RETURNING *",
            {"now": encode_time(now), "id": post_id},
        )
        assert row is not None
        return await fetch_claimed(connection, self._codec, row)

    async def settle_post(self, post_id: int, settlement: Settlement, now: datetime) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            row = await fetch_one(
                connection, "SELECT * FROM posts WHERE id = ? AND status = 'claimed'", (post_id,)
            )
            if row is None:
                raise NotFoundError(f"there is no claimed post {post_id}")
            waits = isinstance(settlement, RetryAt | Held)
            orphaned = waits and await is_orphaned(connection, row)
            changes = changes_of(row, settlement, now, orphaned=orphaned)
            if changes["status"] in _NOT_OUT and changes.get("unknown_since") is None:
                await release_message(connection, post_id)
            await change_post(connection, post_id, changes, now)
            await settle_followers(connection, post_id, changes, now)
            await plan_edit_if_changed(connection, post_id, now)

        await self._database.write(work)

    async def recover_claimed(self, now: datetime) -> int:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> int:
            cursor = await connection.execute(
                "UPDATE posts SET status = 'retry', changed_at = :now,"
                " unknown_since = coalesce(unknown_since, claimed_at),"
                " reason = :reason WHERE status = 'claimed'",
                {"now": encode_time(now), "reason": encode_reason(BotStopped())},
            )
            return cursor.rowcount

        return await self._database.write(work)

    async def clock_set_back(self, now: datetime) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "UPDATE posts SET due_at = :now WHERE status IN ('planned', 'retry')"
                " AND told_by IS NULL AND changed_at > :now AND (due_at > :digest OR NOT EXISTS"
                " (SELECT 1 FROM subscriptions AS s WHERE s.id = posts.subscription_id"
                " AND s.digest_best IS NOT NULL AND posts.unknown_since IS NULL))",
                {"now": encode_time(now), "digest": encode_time(now + _DIGEST_AHEAD)},
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
                f"SELECT p.due_at {_WAITING} AND p.due_at > :now ORDER BY p.due_at LIMIT 1",
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

    async def get_told(self, post_id: int) -> ClaimedPost:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            row = await fetch_one(connection, "SELECT * FROM posts WHERE id = ?", (post_id,))
            if row is None:
                raise NotFoundError(f"there is no post {post_id}")
            return await fetch_claimed(connection, self._codec, row)

    async def count_posts(self) -> Mapping[PostStatus, int]:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            rows = await fetch_all(connection, "SELECT status, count(*) FROM posts GROUP BY status")
        return {PostStatus(row[0]): row[1] for row in rows}


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


async def is_orphaned(connection: aiosqlite.Connection, row: Row) -> bool:
    """Whether nobody wants a post any more: its subscription is gone, or in another channel now."""
    wanted = await fetch_value(
        connection,
        "SELECT 1 FROM subscriptions WHERE id = ? AND channel_id = ?",
        (row["subscription_id"], row["channel_id"]),
    )
    return wanted is None


def changes_of(
    row: Row, settlement: Settlement, now: datetime, *, orphaned: bool = False
) -> dict[str, Value]:
    """The columns that a settlement changes; an orphaned post does not wait for another try."""
    if isinstance(settlement, RetryAt | Held):
        waiting = _waiting(row, settlement)
        if not orphaned or waiting["unknown_since"] is not None:
            return waiting
        settlement = Skipped(SubscriptionRemoved())
    settled: dict[str, Value] = {"settled_at": encode_time(now)}
    match settlement:
        case Sent(message_id, bare):
            sent = {"status": PostStatus.SENT, "message_id": message_id, "reason": None}
            return settled | sent | ({"shown_hash": "bare"} if bare else {})
        case Skipped(reason):
            # If it might have been out, it was looked for and is not: it can be planned anew.
            return settled | {
                "status": PostStatus.SKIPPED,
                "reason": encode_reason(reason),
                "unknown_since": None,
            }
        case Failed(reason):
            return settled | {"status": PostStatus.FAILED, "reason": encode_reason(reason)}
        case Uncertain(reason):
            return settled | {"status": PostStatus.UNCERTAIN, "reason": encode_reason(reason)}


def _waiting(row: Row, settlement: RetryAt | Held) -> dict[str, Value]:
    if isinstance(settlement, Held):
        return {
            "status": PostStatus.PLANNED,
            "due_at": encode_time(settlement.until),
            "reason": encode_reason(settlement.reason),
            "attempts": row["attempts"] - 1,
            "unknown_since": None,
            "shown_hash": None,
        }
    unknown_since = row["unknown_since"] or (row["claimed_at"] if settlement.unknown else None)
    return {
        "status": PostStatus.RETRY,
        "due_at": encode_time(settlement.at),
        "reason": encode_reason(settlement.reason),
        "unknown_since": unknown_since,
    }
