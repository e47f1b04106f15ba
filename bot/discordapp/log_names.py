"""Servers and channels of Discord as the log names them."""

import discord

from bot.announce.log_names import Place, Server


def name_server(guild: discord.Guild) -> Server:
    """A server with its name."""
    return Server(guild.id, _text(guild.name))


def name_channel(guild: discord.Guild, channel_id: int, deleted: object = None) -> Place:
    """A channel or thread of a server, with its name if the bot can see it; it may be deleted."""
    channel = deleted or guild.get_channel_or_thread(channel_id)
    return Place(channel_id, _text(getattr(channel, "name", None)), name_server(guild))


def find_channel(
    client: discord.Client, guild_id: int, channel_id: int, deleted: object = None
) -> Place:
    """As `name_channel`, also if the bot is not in the server any more."""
    guild = client.get_guild(guild_id)
    if guild is None:
        return Place(channel_id, server=Server(guild_id))
    return name_channel(guild, channel_id, deleted)


def _text(name: object) -> str | None:
    """A name; after a malformed event it may be anything."""
    return name if isinstance(name, str) else None
