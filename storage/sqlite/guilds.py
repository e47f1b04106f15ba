"""Paused channels, and servers that the bot leaves and joins again."""

from collections.abc import Sequence
from datetime import datetime

from typing_extensions import override

from storage.models import PausedBy, PausedChannel
from storage.protocols import GuildStore
from storage.reasons import Reason, encode_reason
from storage.sqlite.base import StorePart
from storage.sqlite.codec import SUBSCRIPTIONS, encode_time
from storage.sqlite.values import Row


class SqliteGuilds(StorePart, GuildStore):
    """`GuildStore`."""

    @override
    async def leave_guild(self, guild_id: int, now: datetime) -> int:
        return await self._execute(
            "UPDATE subscriptions SET left_at = ? WHERE guild_id = ? AND left_at IS NULL"
            f" AND {SUBSCRIPTIONS.intact}",
            (encode_time(now), guild_id),
        )

    @override
    async def rejoin_guild(self, guild_id: int) -> int:
        return await self._execute(
            "UPDATE subscriptions SET left_at = NULL WHERE guild_id = ? AND left_at IS NOT NULL"
            f" AND {SUBSCRIPTIONS.intact}",
            (guild_id,),
        )

    @override
    async def pause_channel(self, channel_id: int, by: PausedBy, reason: Reason) -> int:
        return await self._execute(
            "UPDATE subscriptions SET paused_by = ?, paused_reason = ?"
            " WHERE channel_id = ? AND paused_by IS NULL AND removed_at IS NULL"
            f" AND {SUBSCRIPTIONS.intact}",
            (by, encode_reason(reason), channel_id),
        )

    @override
    async def resume_channel(self, channel_id: int, by: PausedBy) -> int:
        return await self._execute(
            "UPDATE subscriptions SET paused_by = NULL, paused_reason = NULL"
            f" WHERE channel_id = ? AND paused_by = ? AND {SUBSCRIPTIONS.intact}",
            (channel_id, by),
        )

    @override
    async def subscribed_guilds(self) -> frozenset[int]:
        rows = await self._fetch_all(
            "SELECT id, guild_id, min(channel_id) AS channel_id FROM subscriptions"
            " WHERE removed_at IS NULL AND left_at IS NULL GROUP BY guild_id"
        )
        found = self._damage.decode_all(rows, _decode_place)
        return frozenset(guild_id for guild_id, _ in found)

    @override
    async def paused_channels(
        self, by: PausedBy, limit: int, *, guild_id: int | None = None, after: int = 0
    ) -> Sequence[PausedChannel]:
        rows = await self._fetch_all(
            "SELECT id, guild_id, channel_id FROM subscriptions"
            " WHERE paused_by = :by AND channel_id > :after AND removed_at IS NULL"
            " AND (:guild_id IS NULL OR guild_id = :guild_id)"
            " GROUP BY guild_id, channel_id ORDER BY channel_id LIMIT :limit",
            {"by": by, "after": after, "guild_id": guild_id, "limit": limit},
        )
        return [PausedChannel(*each) for each in self._damage.decode_all(rows, _decode_place)]


def _decode_place(row: Row) -> tuple[int, int]:
    """The server and the channel of a subscription."""
    values = SUBSCRIPTIONS.decode(row, ("guild_id", "channel_id"))
    return values["guild_id"], values["channel_id"]
