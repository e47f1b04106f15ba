"""Telling a server's admins that a channel can't be posted in: once, inside Discord."""

from __future__ import annotations

import logging

import discord

from bot.discordapp.outcomes import FAILURES
from bot.discordapp.permissions import missing_permissions
from storage.store import SubscriptionStore

logger = logging.getLogger(__name__)


class Notices:
    """Tells it in the server's system channel, else to the admin who subscribed the channel.

    Where neither can be told, `/subscriptions list` still says it.
    """

    def __init__(self, client: discord.Client, store: SubscriptionStore) -> None:
        self._client = client
        self._store = store

    async def channel_closed(self, guild_id: int, channel_id: int, reason: str) -> None:
        """Say what to grant; the stories wait meanwhile."""
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return
        text = _words(guild, channel_id, reason)
        if await _told(guild.system_channel, text):
            return
        for admin in {
            subscription.created_by
            for subscription in await self._store.list_subscriptions(guild_id, channel_id)
        }:
            await self._tell_person(admin, text)

    async def _tell_person(self, user_id: int, text: str) -> None:
        try:
            channel = await self._client.create_dm(discord.Object(user_id))
            await channel.send(text)
        except FAILURES as error:
            logger.info("the admin %d could not be told: %s", user_id, error)


async def _told(channel: discord.TextChannel | None, text: str) -> bool:
    if channel is None or "Send Messages" in missing_permissions(channel):
        return False
    try:
        await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
    except FAILURES as error:
        logger.info("channel %d could not be told: %s", channel.id, error)
        return False
    return True


def _words(guild: discord.Guild, channel_id: int, reason: str) -> str:
    channel = guild.get_channel_or_thread(channel_id)
    missing = (
        missing_permissions(channel)
        if isinstance(channel, discord.TextChannel | discord.Thread)
        else []
    )
    grant = f"Please grant me **{', '.join(missing)}** there" if missing else f"({reason})"
    return (
        f"I can't post in <#{channel_id}> of **{discord.utils.escape_markdown(guild.name)}**."
        f" {grant}; the stories wait until I can, and then come by themselves."
    )
