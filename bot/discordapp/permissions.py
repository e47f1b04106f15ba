"""What the bot needs in a channel, in Discord's words.

https://discord.com/developers/docs/topics/permissions
"""

from typing import TypeAlias

import discord

PostingChannel: TypeAlias = discord.TextChannel | discord.Thread

# Without Embed Links a post arrives empty; without Read Message History the bot can't tell, after
# a broken connection, whether a story is in the channel already.
_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}
_NEEDED_IN_THREADS = {
    "view_channel": "View Channel",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}
INVITE_PERMISSIONS = discord.Permissions(**dict.fromkeys([*_NEEDED, *_NEEDED_IN_THREADS], True))


def get_posting_channel(guild: discord.Guild, channel_id: int) -> PostingChannel | None:
    """A channel of a server that the bot sees and can post in if it is allowed to."""
    channel = guild.get_channel_or_thread(channel_id)
    return channel if isinstance(channel, PostingChannel) else None


def missing_permissions(channel: PostingChannel) -> list[str]:
    """The names of the permissions that the bot lacks there, as Discord's settings call them."""
    needed = _NEEDED_IN_THREADS if isinstance(channel, discord.Thread) else _NEEDED
    held = channel.permissions_for(channel.guild.me)
    return [words for name, words in needed.items() if not getattr(held, name)]


def can_read_history(channel: PostingChannel) -> bool:
    """Whether an empty history means that there is none.

    Without Read Message History Discord answers with an empty list.
    """
    held = channel.permissions_for(channel.guild.me)
    return held.view_channel and held.read_message_history
