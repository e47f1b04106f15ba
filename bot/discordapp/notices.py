"""Telling a server's admins that a channel can't be posted in: once, inside Discord."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import discord

from bot.discordapp.outcomes import FAILURES
from bot.discordapp.permissions import missing_permissions
from storage.store import SubscriptionStore

logger = logging.getLogger(__name__)

# How long to wait for servers to come when the bot has just started.
_SERVERS_COME_SECONDS = 30


class Notices:
    """Tells it in the server's system channel, else to the admin who subscribed the channel.

    Where neither can be told, `/subscriptions list` still says it.
    """

    def __init__(self, client: discord.Client, store: SubscriptionStore) -> None:
        self._client = client
        self._store = store
        # Refused although nothing seems to be missing: tried again, and refused again, whenever
        # something changes in the server.
        self._unexplained: set[int] = set()

    async def channel_closed(
        self,
        guild_id: int,
        channel_id: int,
        reason: str,
        refused: Callable[[Exception], None],
    ) -> None:
        """Say what to grant; the stories wait meanwhile.

        `refused` is told of requests that fail.
        """
        guild = await self._guild(guild_id)
        if guild is None:
            return
        missing = _missing(guild, channel_id)
        if not missing and channel_id in self._unexplained:
            return
        await self._tell(guild, channel_id, _words(guild, channel_id, missing, reason), refused)
        if not missing:
            self._unexplained.add(channel_id)

    async def _tell(
        self,
        guild: discord.Guild,
        channel_id: int,
        text: str,
        refused: Callable[[Exception], None],
    ) -> None:
        system = guild.system_channel
        if system is not None and _can_be_told(system):
            try:
                await system.send(text, allowed_mentions=discord.AllowedMentions.none())
            except FAILURES as error:
                logger.info("channel %d could not be told: %s", system.id, error)
                refused(error)
            else:
                return
        for admin in {
            subscription.created_by
            for subscription in await self._store.list_subscriptions(guild.id, channel_id)
        }:
            try:
                channel = await self._client.create_dm(discord.Object(admin))
                await channel.send(text)
            except FAILURES as error:
                logger.info("the admin %d could not be told: %s", admin, error)
                refused(error)

    async def _guild(self, guild_id: int) -> discord.Guild | None:
        """The server, when it has come."""
        if not has_come(self._client, guild_id):
            try:
                async with asyncio.timeout(_SERVERS_COME_SECONDS):
                    await self._client.wait_until_ready()
            except TimeoutError:
                return None
        guild = self._client.get_guild(guild_id)
        return None if guild is None or guild.unavailable else guild


def has_come(client: discord.Client, guild_id: int) -> bool:
    """Whether all is known of a server that can be known, be it that the bot is not in it."""
    guild = client.get_guild(guild_id)
    return client.is_ready() if guild is None else not guild.unavailable


def _can_be_told(channel: discord.TextChannel) -> bool:
    return not {"View Channel", "Send Messages"} & set(missing_permissions(channel))


def _missing(guild: discord.Guild, channel_id: int) -> list[str]:
    channel = guild.get_channel_or_thread(channel_id)
    if not isinstance(channel, discord.TextChannel | discord.Thread):
        return []
    return missing_permissions(channel)


def _words(guild: discord.Guild, channel_id: int, missing: list[str], reason: str) -> str:
    grant = f"Please grant me **{', '.join(missing)}** there" if missing else f"({reason})"
    return (
        f"I can't post in <#{channel_id}> of **{discord.utils.escape_markdown(guild.name)}**."
        f" {grant}; the stories wait until I can, and then come by themselves."
    )
