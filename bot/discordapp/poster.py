"""Sending stories with discord.py, and telling what every possible end of a send means."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import aiohttp
import discord

from bot.announce.posting import (
    Accepted,
    ChannelClosed,
    Found,
    NotFound,
    Outcome,
    Refused,
    Trace,
    Unavailable,
    Unreadable,
)
from bot.discordapp.permissions import can_read_history
from bot.discordapp.rendering.story import story_embed, story_view
from storage.models import Story
from storage.posts import Post

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
SLOWMODE = 20016
HISTORY_PAGES = 10
HISTORY_PAGE = 100

_LOST = (aiohttp.ClientError, OSError, asyncio.TimeoutError)


class DiscordPoster:
    """Posts as the bot itself: a webhook's message takes no nonce."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def send(self, post: Post, story: Story) -> Outcome:
        """See `Poster`."""
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        view = story_view(post.mark, story)
        # The button is answered by its custom_id; a stopped view isn't kept in memory for ever.
        view.stop()
        try:
            message = await channel.send(
                embed=story_embed(story),
                view=view,
                nonce=post.nonce,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except (discord.HTTPException, discord.RateLimited, *_LOST) as error:
            return explain_failure(error)
        return Accepted(message.id)

    async def find(self, post: Post, since: datetime) -> Trace:
        """See `Poster`."""
        channel = self._client.get_channel(post.channel_id)
        if not isinstance(channel, discord.TextChannel | discord.Thread):
            return Unreadable("the channel can't be seen")
        if not can_read_history(channel):
            return Unreadable("Read Message History is missing in the channel")
        limit, read = HISTORY_PAGES * HISTORY_PAGE, 0
        try:
            async for message in channel.history(limit=limit, after=since, oldest_first=True):
                read += 1
                if _carries(message, post.mark):
                    return Found(message.id)
        except (discord.HTTPException, discord.RateLimited, *_LOST) as error:
            return Unreadable(f"the channel's history can't be read: {error}")
        if read == limit:
            return Unreadable(f"it is not among the first {limit} messages since it was planned")
        return NotFound()


def explain_failure(error: Exception) -> Outcome:
    """What a failed send means: refused, not now, or nobody knows.

    A connection that was never made carried nothing. After any other broken connection, time-out
    or 5xx the message may be in the channel all the same.
    """
    match error:
        case aiohttp.ClientConnectorError():
            return Unavailable("Discord can't be reached", unknown=False)
        case discord.RateLimited():
            return Unavailable("rate limited", False, timedelta(seconds=error.retry_after))
        case discord.HTTPException():
            return _explain_answer(error)
        case _:
            words = str(error) or type(error).__name__
            return Unavailable(f"the connection broke: {words}", unknown=True)


def _explain_answer(error: discord.HTTPException) -> Outcome:
    match error.status:
        case _ if error.code == SLOWMODE:
            return Unavailable("the channel is in slow mode", unknown=False)
        case 401:
            return Unavailable("Discord no longer takes the token", unknown=False)
        case 403:
            return ChannelClosed(f"Discord refuses it: {error.text}")
        case 404:
            return ChannelClosed(f"the channel is gone: {error.text}")
        case 429:
            return Unavailable("rate limited", unknown=False)
        case status if status >= 500:  # noqa: PLR2004 - HTTP's own class of answers
            return Unavailable(f"Discord answered {status}", unknown=True)
        case status:
            return Refused(f"Discord refuses the message: {error.text or status}")


def _carries(message: discord.Message, mark: str) -> bool:
    return any(
        isinstance(button, discord.Button) and button.custom_id == mark
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for button in row.children
    )
