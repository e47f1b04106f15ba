"""Servers and channels that come, go and close."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.models import PausedBy, PausedChannel
from storage.reasons import Reason


class GuildStore(Protocol):
    """What happens to subscriptions when their channel or server closes, or is joined again."""

    async def leave_guild(self, guild_id: int, now: datetime) -> int:
        """Note that the bot is no longer in a server; its posts are held. Returns how many."""

    async def rejoin_guild(self, guild_id: int) -> int:
        """Note that the bot is in a server again; returns how many subscriptions go on."""

    async def subscribed_guilds(self) -> frozenset[int]:
        """Ids of the servers with subscriptions that the bot is not noted to have left."""

    async def pause_channel(self, channel_id: int, by: PausedBy, reason: Reason) -> int:
        """Pause a channel's running subscriptions; returns how many. Waiting posts are held."""

    async def resume_channel(self, channel_id: int, by: PausedBy) -> int:
        """End the pauses of a channel that `by` made; returns how many."""

    async def paused_channels(
        self, by: PausedBy, limit: int, *, guild_id: int | None = None, after: int = 0
    ) -> Sequence[PausedChannel]:
        """Channels that `by` paused, of one server or of all, by channel id: at most `limit`.

        Only ids greater than `after`; the next page begins after the last channel of this one.
        """
