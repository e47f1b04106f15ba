"""Ending the pauses that the bot made, once the permission is back."""

from __future__ import annotations

import asyncio
import logging

import discord

from bot.discordapp.permissions import missing_permissions
from storage.models import PausedBy
from storage.store import SubscriptionStore

logger = logging.getLogger(__name__)


class Resumer:
    """Looks at a server's paused channels whenever its permissions may have changed.

    `resumed` is set when waiting stories may go out again.
    """

    def __init__(self, store: SubscriptionStore, resumed: asyncio.Event) -> None:
        self._store = store
        self._resumed = resumed
        self._guilds: dict[int, discord.Guild] = {}
        self._changed = asyncio.Event()

    def guild_changed(self, guild: discord.Guild) -> None:
        """Note that a server is to be looked at."""
        self._guilds[guild.id] = guild
        self._changed.set()

    async def run(self) -> None:
        """Look at whatever changed, until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._guilds:
                _, guild = self._guilds.popitem()
                await self._look_at(guild)

    async def _look_at(self, guild: discord.Guild) -> None:
        subscriptions = await self._store.list_subscriptions(guild_id=guild.id)
        paused = {s.channel_id for s in subscriptions if s.paused_by is PausedBy.BOT}
        for channel_id in paused:
            channel = guild.get_channel_or_thread(channel_id)
            if not isinstance(channel, discord.TextChannel | discord.Thread):
                continue
            if not missing_permissions(channel):
                await self._store.resume_channel(channel_id, PausedBy.BOT)
                logger.info("channel %d can be posted in again", channel_id)
                self._resumed.set()
