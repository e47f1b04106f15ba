"""Subscriptions and what they begin with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import aiosqlite

from storage.errors import NotFoundError
from storage.models import (
    NewSubscription,
    Order,
    PausedBy,
    Rules,
    StoryQuery,
    Subscription,
    SubscriptionView,
)
from storage.posts import NewPost
from storage.sqlite.codec import (
    STORY_COLUMNS,
    STORY_TABLES,
    ArticleCodec,
    decode_subscription,
    encode_time,
)
from storage.sqlite.database import Database, Value, fetch_all, fetch_one, fetch_value
from storage.sqlite.outbox import CURSOR, LATEST_REVISION, REVIVABLE, insert_posts
from storage.sqlite.stories import ORDERS, story_conditions


class SqliteSubscriptions:
    """`storage.store.SubscriptionStore`."""

    def __init__(self, database: Database, codec: ArticleCodec) -> None:
        self._database = database
        self._codec = codec

    async def subscription_view(
        self, rules: Rules, channel_id: int, fresh_after: datetime | None, best: int
    ) -> SubscriptionView:
        """See `SubscriptionStore`."""
        conditions, values = story_conditions(
            StoryQuery(topics=rules.topics, min_quality=rules.min_quality)
        )
        stories = f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES} WHERE {' AND '.join(conditions)} AND"
        async with self._database.read() as connection:
            revision = await fetch_value(connection, LATEST_REVISION)
            fresh = await fetch_all(
                connection,
                f"{stories} a.dated_at >= ?",
                [*values, encode_time(fresh_after) if fresh_after else ""],
            )
            top = await fetch_all(
                connection,
                f"{stories} a.id NOT IN (SELECT article_id FROM posts WHERE channel_id = ?"
                f" AND NOT ({REVIVABLE})) ORDER BY {ORDERS[Order.BEST]} LIMIT ?",
                [*values, channel_id, best],
            )
        decode = self._codec.decode_story
        return SubscriptionView(revision, tuple(map(decode, fresh)), tuple(map(decode, top)))

    async def add_subscription(
        self,
        new: NewSubscription,
        *,
        revision: int,
        seen: Sequence[int],
        catch_up: Sequence[NewPost],
    ) -> Subscription:
        """See `SubscriptionStore`."""

        async def work(connection: aiosqlite.Connection) -> Subscription:
            row = await fetch_one(
                connection,
                "INSERT INTO subscriptions"
                " (guild_id, channel_id, created_by, created_at, topics, min_quality, max_per_hour,"
                " fresh_after) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
                (
                    new.guild_id,
                    new.channel_id,
                    new.created_by,
                    encode_time(new.created_at),
                    json.dumps(new.rules.topics),
                    new.rules.min_quality,
                    new.max_per_hour,
                    encode_time(new.fresh_after) if new.fresh_after else None,
                ),
            )
            assert row is not None
            subscription = decode_subscription(row)
            await connection.executemany(
                "INSERT INTO subscription_seen (subscription_id, article_id) VALUES (?, ?)",
                [(subscription.id, story_id) for story_id in seen],
            )
            # A story may have come since the view was taken, and the planner may have passed it.
            await connection.execute(
                "UPDATE settings SET value = min(CAST(value AS INTEGER), ?) WHERE name = ?",
                (revision, CURSOR),
            )
            await insert_posts(
                connection, catch_up, new.created_at, subscription_id=subscription.id
            )
            return subscription

        return await self._database.write(work)

    async def list_subscriptions(
        self, guild_id: int | None = None, channel_id: int | None = None
    ) -> Sequence[Subscription]:
        """See `SubscriptionStore`."""
        conditions, values = ["1"], list[Value]()
        if guild_id is not None:
            conditions.append("guild_id = ?")
            values.append(guild_id)
        if channel_id is not None:
            conditions.append("channel_id = ?")
            values.append(channel_id)
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                f"SELECT * FROM subscriptions WHERE {' AND '.join(conditions)} ORDER BY id",
                values,
            )
        return [decode_subscription(row) for row in rows]

    async def remove_subscription(
        self, guild_id: int, subscription_id: int, now: datetime
    ) -> Subscription:
        """See `SubscriptionStore`."""

        async def work(connection: aiosqlite.Connection) -> Subscription:
            row = await fetch_one(
                connection,
                "SELECT * FROM subscriptions WHERE id = ? AND guild_id = ?",
                (subscription_id, guild_id),
            )
            if row is None:
                raise NotFoundError(f"there is no subscription {subscription_id} here")
            await _remove(connection, "id = ?", subscription_id, now)
            return decode_subscription(row)

        return await self._database.write(work)

    async def remove_channel(self, channel_id: int, now: datetime) -> int:
        """See `SubscriptionStore`."""
        return await self._database.write(
            lambda connection: _remove(connection, "channel_id = ?", channel_id, now)
        )

    async def remove_left(self, before: datetime, now: datetime) -> int:
        """See `SubscriptionStore`."""
        return await self._database.write(
            lambda connection: _remove(connection, "left_at < ?", encode_time(before), now)
        )

    async def leave_guild(self, guild_id: int, now: datetime) -> int:
        """See `SubscriptionStore`."""
        return await self._update(
            "left_at = ? WHERE guild_id = ? AND left_at IS NULL", encode_time(now), guild_id
        )

    async def rejoin_guild(self, guild_id: int) -> int:
        """See `SubscriptionStore`."""
        return await self._update(
            "left_at = NULL WHERE guild_id = ? AND left_at IS NOT NULL", guild_id
        )

    async def pause_channel(self, channel_id: int, by: PausedBy, reason: str) -> int:
        """See `SubscriptionStore`."""
        return await self._update(
            "paused_by = ?, paused_reason = ? WHERE channel_id = ? AND paused_by IS NULL",
            by,
            reason,
            channel_id,
        )

    async def resume_channel(self, channel_id: int, by: PausedBy) -> int:
        """See `SubscriptionStore`."""
        return await self._update(
            "paused_by = NULL, paused_reason = NULL WHERE channel_id = ? AND paused_by = ?",
            channel_id,
            by,
        )

    async def _update(self, change: str, *values: Value) -> int:
        """Change subscriptions; answers how many."""

        async def work(connection: aiosqlite.Connection) -> int:
            return (await connection.execute(f"UPDATE subscriptions SET {change}", values)).rowcount

        return await self._database.write(work)


async def _remove(connection: aiosqlite.Connection, which: str, value: Value, now: datetime) -> int:
    """Remove subscriptions, and skip what waits for them; answers how many.

    A post whose outcome is unknown may be out already: the sender settles it first. The planner
    looks at the others again: another subscription of the channel may want them.
    """
    time = encode_time(now)
    await connection.execute(
        "UPDATE settings SET value = min(CAST(value AS INTEGER), coalesce("
        "(SELECT min(a.revision) - 1 FROM posts AS p JOIN articles AS a ON a.id = p.article_id"
        " WHERE p.status IN ('planned', 'retry') AND p.unknown_since IS NULL AND p.subscription_id"
        f" IN (SELECT id FROM subscriptions WHERE {which})), CAST(value AS INTEGER)))"
        " WHERE name = ?",
        (value, CURSOR),
    )
    await connection.execute(
        "UPDATE posts SET status = 'skipped', reason = 'the subscription was removed',"
        " settled_at = ?, changed_at = ? WHERE status IN ('planned', 'retry')"
        " AND unknown_since IS NULL"
        f" AND subscription_id IN (SELECT id FROM subscriptions WHERE {which})",
        (time, time, value),
    )
    return (await connection.execute(f"DELETE FROM subscriptions WHERE {which}", (value,))).rowcount
