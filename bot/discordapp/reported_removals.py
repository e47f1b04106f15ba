"""Checks with Discord's REST API what the gateway reports as gone.

Subscriptions are deleted for good with their channel. An event may be wrong: its id may be, or a
server may only be away for a while.
"""

from typing import Protocol

import discord

from bot.discordapp.gateway_socket import GatewaySocket
from bot.discordapp.outcomes import FAILURES, UNKNOWN_CHANNEL

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
_UNKNOWN_GUILD = 10004


class Directory(Protocol):
    """Answers whether servers and channels exist."""

    async def guild_is_gone(self, guild_id: int) -> bool | None:
        """Whether the bot is not in a server; None if that can't be found out now."""

    async def channel_is_gone(self, channel_id: int) -> bool | None:
        """Whether a channel was deleted; None if that can't be found out now."""


class DiscordDirectory:
    """Asks Discord. If something is still there, the client gets a new session.

    The session has removed it from the client's cache.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def guild_is_gone(self, guild_id: int) -> bool | None:
        """See `Directory`."""
        try:
            # Every server has a role with its own id. This request is also made for mentions.
            await self._client.http.get_role(guild_id, guild_id)
        except discord.Forbidden:
            return True
        except FAILURES as error:
            return True if _has_code(error, _UNKNOWN_GUILD) else None
        if self._client.get_guild(guild_id) is None:
            self._renew_session(incomplete=True)
        return False

    async def channel_is_gone(self, channel_id: int) -> bool | None:
        """See `Directory`. A channel that the bot can't see was not deleted."""
        try:
            await self._client.http.get_channel(channel_id)
        except discord.Forbidden:
            return False
        except FAILURES as error:
            return True if _has_code(error, UNKNOWN_CHANNEL) else None
        if self._client.get_channel(channel_id) is None:
            self._renew_session(incomplete=False)
        return False

    def _renew_session(self, *, incomplete: bool) -> None:
        socket: object = self._client.ws
        if isinstance(socket, GatewaySocket):
            socket.incomplete = socket.incomplete or incomplete
            socket.outdated.set()


def _has_code(error: Exception, code: int) -> bool:
    return isinstance(error, discord.NotFound) and error.code == code
