"""Channels that are read after a restore."""

from collections.abc import Sequence
from datetime import datetime

import aiosqlite
from typing_extensions import override

from storage.posts import ChannelToRecover, RecoveredChannel
from storage.protocols.recovery import RecoveryStore
from storage.sqlite.base import StorePart
from storage.sqlite.codec import decode_recovered_channel, encode_time

_TO_RECOVER = """
    SELECT DISTINCT guild_id, channel_id FROM (
        SELECT guild_id, channel_id FROM subscriptions
        UNION SELECT guild_id, channel_id FROM posts
            WHERE status IN ('planned', 'retry', 'claimed', 'folded')
    )
    WHERE typeof(guild_id) = 'integer' AND typeof(channel_id) = 'integer'
    AND channel_id NOT IN (SELECT channel_id FROM recovered_channels WHERE backup = ?)
    ORDER BY channel_id
"""


class SqliteRecovery(StorePart, RecoveryStore):
    """`RecoveryStore`."""

    @override
    async def channels_to_recover(self, backup: str) -> Sequence[ChannelToRecover]:
        rows = await self._fetch_all(_TO_RECOVER, (backup,))
        found = {row["channel_id"]: row["guild_id"] for row in rows}
        return [ChannelToRecover(guild_id, channel_id) for channel_id, guild_id in found.items()]

    @override
    async def recovered_from(self, backup: str) -> Sequence[RecoveredChannel]:
        rows = await self._fetch_all(
            "SELECT * FROM recovered_channels WHERE backup = ? ORDER BY channel_id", (backup,)
        )
        return self._damage.decode_all(rows, decode_recovered_channel)

    @override
    async def forget_recoveries(self, before: datetime) -> None:
        time = (encode_time(before),)

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "DELETE FROM announced_addresses WHERE channel_id IN"
                " (SELECT channel_id FROM recovered_channels WHERE recovered_at < ?)",
                time,
            )
            await connection.execute("DELETE FROM recovered_channels WHERE recovered_at < ?", time)

        await self._database.write(work)
