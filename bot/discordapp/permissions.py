"""The permissions that the bot needs in a channel.

https://discord.com/developers/docs/topics/permissions
"""

from typing import TypeAlias

import discord

from bot.discordapp.messages.channels import PERMISSION_NAMES

PostingChannel: TypeAlias = discord.TextChannel | discord.Thread

# Without Embed Links a message arrives empty. Without Read Message History the bot can't find out,
# after a broken connection, whether a message was sent.
_NEEDED = ("view_channel", "send_messages", "embed_links", "read_message_history")
_NEEDED_IN_THREADS = (
    "view_channel",
    "send_messages_in_threads",
    "embed_links",
    "read_message_history",
)
INVITE_PERMISSIONS = discord.Permissions(**dict.fromkeys([*_NEEDED, *_NEEDED_IN_THREADS], True))


def get_posting_channel(guild: discord.Guild, channel_id: int) -> PostingChannel | None:
    """Return a text channel or thread; None if it is of another kind, or the bot can't see it."""
    channel = guild.get_channel_or_thread(channel_id)
    return channel if isinstance(channel, PostingChannel) else None


def missing_permissions(channel: PostingChannel) -> list[str]:
    """Return the names of the permissions that the bot lacks in a channel."""
    needed = _NEEDED_IN_THREADS if isinstance(channel, discord.Thread) else _NEEDED
    held = channel.permissions_for(channel.guild.me)
    return [PERMISSION_NAMES[name] for name in needed if not getattr(held, name)]


def can_read_history(channel: PostingChannel) -> bool:
    """Whether the bot can read a channel's history.

    Without Read Message History Discord returns an empty list instead of an error.
    """
    held = channel.permissions_for(channel.guild.me)
    return held.view_channel and held.read_message_history
