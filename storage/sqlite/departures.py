"""Subscriptions that are held or go: paused channels, servers that are left, removals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import aiosqlite

from storage.models import PausedBy, PausedChannel, Subscription
from storage.reasons import Reason, SubscriptionRemoved, encode_reason
from storage.sqlite.codec import ArticleCodec, decode_subscription, encode_time
from storage.sqlite.database import Database, Value, fetch_all, fetch_value
from storage.sqlite.drafts import remove_old_drafts
from storage.sqlite.planning import CURSOR, look_again
from storage.sqlite.subscriptions import find_subscription
from storage.sqlite.waiting import release_waiting, skip_waiting

DRAFTS_LAST = timedelta(days=1)


class SqliteDepartures:
    """Holding and removing, of `storage.protocols.SubscriptionStore`."""

    def __init__(self, database: Database, codec: ArticleCodec) -> None:
        self._database = database
        self._codec = codec

    async def remove_subscription(
        self, guild_id: int, subscription_id: int, now: datetime
    ) -> Subscription:
        """See `SubscriptionStore`."""

        async def work(connection: aiosqlite.Connection) -> Subscription:
            row = await find_subscription(connection, guild_id, subscription_id)
            cursor = await fetch_value(
                connection, "SELECT value FROM settings WHERE name = ?", (CURSOR,)
            )
            await connection.execute(
                "UPDATE subscriptions SET removed_at = ?, removed_cursor = ? WHERE id = ?",
                (encode_time(now), cursor, subscription_id),
            )
            # What waits stays as it is, for whoever undoes it; another subscription may take it.
            await release_waiting(connection, subscription_id, now)
            return decode_subscription(row)

        return await self._database.write(work)

    async def restore_subscription(self, guild_id: int, subscription_id: int) -> Subscription:
        """See `SubscriptionStore`."""

        async def work(connection: aiosqlite.Connection) -> Subscription:
            row = await find_subscription(connection, guild_id, subscription_id, removed=True)
            await connection.execute(
                "UPDATE subscriptions SET removed_at = NULL, removed_cursor = NULL WHERE id = ?",
                (subscription_id,),
            )
            await look_again(connection, row["removed_cursor"])
            return decode_subscription(row)

        return await self._database.write(work)

    async def remove_expired(self, before: datetime, now: datetime) -> int:
        """See `SubscriptionStore`."""

        async def work(connection: aiosqlite.Connection) -> int:
            await remove_old_drafts(connection, now - DRAFTS_LAST)
            return await _remove(connection, "removed_at <= ?", encode_time(before), now)

        return await self._database.write(work)

    async def remove_channel(self, channel_id: int, now: datetime) -> int:
        """See `SubscriptionStore`."""
        return await self._database.write(
            lambda connection: _remove(connection, "channel_id = ?", channel_id, now)
        )

    async def subscribed_guilds(self) -> frozenset[int]:
        """See `GuildStore`."""
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT DISTINCT guild_id FROM subscriptions"
                " WHERE removed_at IS NULL AND left_at IS NULL",
            )
        return frozenset(row["guild_id"] for row in rows)

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

    async def pause_channel(self, channel_id: int, by: PausedBy, reason: Reason) -> int:
        """See `SubscriptionStore`."""
        return await self._update(
            "paused_by = ?, paused_reason = ? WHERE channel_id = ? AND paused_by IS NULL"
            " AND removed_at IS NULL",
            by,
            encode_reason(reason),
            channel_id,
        )

    async def resume_channel(self, channel_id: int, by: PausedBy) -> int:
        """See `SubscriptionStore`."""
        return await self._update(
            "paused_by = NULL, paused_reason = NULL WHERE channel_id = ? AND paused_by = ?",
            channel_id,
            by,
        )

    async def paused_channels(
        self, by: PausedBy, limit: int, *, guild_id: int | None = None, after: int = 0
    ) -> Sequence[PausedChannel]:
        """See `GuildStore`."""
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT DISTINCT guild_id, channel_id FROM subscriptions"
                " WHERE paused_by = :by AND channel_id > :after AND removed_at IS NULL"
                " AND (:guild_id IS NULL OR guild_id = :guild_id)"
                " ORDER BY channel_id LIMIT :limit",
                {"by": by, "after": after, "guild_id": guild_id, "limit": limit},
            )
        return [PausedChannel(row["guild_id"], row["channel_id"]) for row in rows]

    async def _update(self, change: str, *values: Value) -> int:
        """Change subscriptions; answers how many."""

        async def work(connection: aiosqlite.Connection) -> int:
            return (await connection.execute(f"UPDATE subscriptions SET {change}", values)).rowcount

        return await self._database.write(work)


async def _remove(connection: aiosqlite.Connection, which: str, value: Value, now: datetime) -> int:
    """Remove subscriptions for good, and skip what waits for them; answers how many."""
    rows = await fetch_all(connection, f"SELECT id FROM subscriptions WHERE {which}", (value,))
    if rows:
        going = [row["id"] for row in rows]
        # First of all, so that nothing that was folded comes back for one of them.
        await connection.execute(
            f"UPDATE subscriptions SET removed_at = ? WHERE {which}", (encode_time(now), value)
        )
        await skip_waiting(connection, going, SubscriptionRemoved(), now)
        await _delete(connection, going)
    return len(rows)


async def _delete(connection: aiosqlite.Connection, subscriptions: Sequence[int]) -> None:
    await connection.executemany(
        "DELETE FROM subscriptions WHERE id = ?", [(number,) for number in subscriptions]
    )
