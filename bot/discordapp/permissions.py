"""The permissions that the bot needs in a channel.

https://discord.com/developers/docs/topics/permissions
"""

import asyncio
from typing import TypeAlias, TypeGuard

import discord

from bot.discordapp.malformed import MALFORMED
from bot.discordapp.messages.channels import PERMISSION_NAMES
from bot.discordapp.outcomes import FAILURES
from bot.discordapp.responses import UnreadableResponseError
from bot.errors import one_line

PostingChannel: TypeAlias = discord.TextChannel | discord.Thread | discord.ForumChannel

# Interactions must be answered within three seconds.
_ANSWER_SECONDS = 1.0

# Without Embed Links a message arrives empty. Without Read Message History the bot can't find out,
# after a broken connection, whether a message was sent.
_NEEDED = ("view_channel", "send_messages", "embed_links", "read_message_history")
_NEEDED_IN_THREADS = (
    "view_channel",
    "send_messages_in_threads",
    "embed_links",
    "read_message_history",
)
# In a forum, Send Messages allows posts, and the other their threads to be reopened for an edit.
_NEEDED_IN_FORUMS = (*_NEEDED, "send_messages_in_threads")
# For threads under messages.
_NEEDED_TO_DISCUSS = "create_public_threads"
INVITE_PERMISSIONS = discord.Permissions(
    **dict.fromkeys((*_NEEDED_IN_FORUMS, _NEEDED_TO_DISCUSS), True)
)


def get_posting_channel(guild: discord.Guild, channel_id: int) -> PostingChannel | None:
    """Return a channel for stories; None if it is of another kind, or the bot can't see it."""
    channel = guild.get_channel_or_thread(channel_id)
    return channel if is_posting_channel(channel) else None


async def find_posting_channel(guild: discord.Guild, channel_id: int) -> PostingChannel | None:
    """Return a channel as `get_posting_channel` does, or an archived thread.

    The gateway does not report archived threads, so Discord is asked about unknown channels. None
    also if it doesn't answer soon: people wait for this.
    """
    channel = guild.get_channel_or_thread(channel_id)
    if channel is not None:
        return channel if is_posting_channel(channel) else None
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            fetched = await guild.fetch_channel(channel_id)
    except (*FAILURES, *MALFORMED):
        return None
    return fetched if is_posting_channel(fetched) else None


def is_posting_channel(channel: object) -> TypeGuard[PostingChannel]:
    """Whether it is a text channel, a forum, or a thread of a channel that the bot can see."""
    if isinstance(channel, discord.Thread):
        return channel.parent is not None
    if isinstance(channel, discord.ForumChannel):
        return not channel.is_media()
    return isinstance(channel, discord.TextChannel)


def can_publish(channel: PostingChannel) -> bool:
    """Whether messages of a channel can be published to the channels that follow it."""
    return isinstance(channel, discord.TextChannel) and channel.is_news()


def can_discuss(channel: PostingChannel) -> bool:
    """Whether threads can be opened under messages of a channel."""
    return isinstance(channel, discord.TextChannel)


async def fetch_thread(client: discord.Client, thread_id: int) -> discord.Thread | None:
    """Fetch a thread; None if it is another channel.

    The gateway does not report archived threads. Raises what the request raises, and
    `UnreadableResponseError`.
    """
    try:
        channel = await client.fetch_channel(thread_id)
    except FAILURES:
        raise
    except MALFORMED as error:
        raise UnreadableResponseError(f"the channel can't be read ({one_line(error)})") from None
    return channel if isinstance(channel, discord.Thread) and channel.parent else None


def missing_permissions(channel: PostingChannel, *, discuss: bool = False) -> list[str]:
    """Return the names of the permissions that the bot is known to lack in a channel.

    `discuss`: threads are opened under its messages.
    """
    match channel:
        case discord.Thread(locked=locked):
            needed = (*_NEEDED_IN_THREADS, *(["manage_threads"] if locked else []))
        case discord.ForumChannel():
            needed = _NEEDED_IN_FORUMS
        case _:
            needed = (*_NEEDED, *([_NEEDED_TO_DISCUSS] if discuss else []))
    held = _granted_permissions(channel)
    if held is None:
        return []
    return [PERMISSION_NAMES[name] for name in needed if not getattr(held, name)]


def _granted_permissions(channel: PostingChannel) -> discord.Permissions | None:
    """Return what roles and channel grant the bot; None if that can't be determined.

    A channel's own `permissions_for` also leaves out what another missing permission implies, such
    as Embed Links without Send Messages. To name these would mislead whoever grants the rest.
    """
    parent = channel.parent if isinstance(channel, discord.Thread) else channel
    try:
        return discord.abc.GuildChannel.permissions_for(
            parent,  # type: ignore[arg-type]  # None raises AttributeError
            channel.guild.me,
        )
    except (discord.ClientException, *MALFORMED):
        return None


def held_permissions(channel: PostingChannel) -> discord.Permissions | None:
    """Return the bot's permissions in a channel.

    None if they can't be determined, because the gateway has sent the server's data only in part,
    such as without the bot itself or without the role of everybody.
    """
    if channel.guild.unavailable:
        return None
    try:
        return channel.permissions_for(channel.guild.me)
    except (discord.ClientException, *MALFORMED):
        return None


def is_deleted_role(guild: discord.Guild | None, role_id: int) -> bool:
    """Whether a role does not exist any more; False while the server's data is not loaded."""
    return guild is not None and not guild.unavailable and guild.get_role(role_id) is None


def usable_tags(forum: discord.ForumChannel) -> list[discord.ForumTag]:
    """The tags of a forum that the bot may apply: without Manage Threads none of moderators."""
    moderator = moderates(forum)
    return [tag for tag in forum.available_tags if moderator or not tag.moderated]


def moderates(forum: discord.ForumChannel) -> bool:
    """Whether the bot is known to have Manage Threads in a forum."""
    held = held_permissions(forum)
    return held is not None and held.manage_threads


def can_read_history(channel: PostingChannel) -> bool | None:
    """Whether the bot can read a channel's history; None if that is not known.

    Without Read Message History Discord returns an empty list instead of an error.
    """
    held = held_permissions(channel)
    return None if held is None else held.view_channel and held.read_message_history
