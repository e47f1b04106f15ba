"""Servers that the bot leaves and joins again, and paused channels."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.models import PausedBy, PausedChannel
from storage.reasons import Reason


class GuildStore(Protocol):
    """Records that servers were left or joined again, and pauses the subscriptions of channels."""

    async def leave_guild(self, guild_id: int, now: datetime) -> int:
        """Record that the bot left a server; hold its posts. Return the number of subscriptions."""

    async def rejoin_guild(self, guild_id: int) -> int:
        """Record that the bot is in a server again; return the number of subscriptions."""

    async def subscribed_guilds(self) -> frozenset[int]:
        """Ids of the servers with subscriptions, without those that the bot left."""

    async def pause_channel(self, channel_id: int, by: PausedBy, reason: Reason) -> int:
        """Pause a channel's active subscriptions, holding their posts; return their number."""

    async def resume_channel(self, channel_id: int, by: PausedBy) -> int:
        """End a channel's pauses made by `by`; return the number of subscriptions."""

    async def paused_channels(
        self, by: PausedBy, limit: int, *, guild_id: int | None = None, after: int = 0
    ) -> Sequence[PausedChannel]:
        """Channels that `by` paused, in one server or all, ordered by channel id: at most `limit`.

        Only ids greater than `after`: for the next page, pass the last channel id of this one.
        """
