"""Sending, editing and finding stories with discord.py."""

from __future__ import annotations

from datetime import datetime

import discord

from bot.announce.posting import (
    Accepted,
    ChannelClosed,
    EditOutcome,
    Found,
    NotFound,
    Outcome,
    Trace,
    Unavailable,
    Unreadable,
)
from bot.discordapp.notices import Notices
from bot.discordapp.outcomes import (
    FAILURES,
    InvalidRequests,
    explain_failed_edit,
    explain_failure,
)
from bot.discordapp.permissions import PostingChannel, can_read_history, missing_permissions
from bot.discordapp.receipts import Receipts
from bot.discordapp.rendering.story import story_embed, story_view
from storage.models import Story
from storage.posts import Post

HISTORY_PAGES = 10
HISTORY_PAGE = 100


class DiscordPoster:
    """Posts as the bot itself: a webhook's message takes no nonce."""

    def __init__(
        self,
        client: discord.Client,
        receipts: Receipts,
        invalid_requests: InvalidRequests,
        notices: Notices,
    ) -> None:
        self._client = client
        self._receipts = receipts
        self._invalid_requests = invalid_requests
        self._notices = notices

    async def send(self, post: Post, story: Story) -> Outcome:
        """See `Poster`."""
        if (known := self._closed(post)) is not None:
            return known
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        try:
            receipt = await self._receipts.of(
                channel.send(
                    embed=story_embed(story),
                    view=story_view(post.mark, story),
                    nonce=post.nonce,
                    allowed_mentions=discord.AllowedMentions.none(),
                )
            )
        except FAILURES as error:
            self._invalid_requests.count(error)
            return explain_failure(error)
        return Accepted(receipt.message_id, receipt.rest)

    async def edit(self, post: Post, story: Story, *, delete: bool) -> EditOutcome:
        """See `Poster`."""
        if (known := self._closed(post)) is not None:
            return known
        assert post.message_id is not None, "only messages that were sent are edited"
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        message = channel.get_partial_message(post.message_id)
        try:
            if delete:
                await message.delete()
            else:
                await message.edit(embed=story_embed(story), view=story_view(post.mark, story))
        except FAILURES as error:
            self._invalid_requests.count(error)
            return explain_failed_edit(error)
        return Accepted(post.message_id)

    async def report_closed(self, post: Post, reason: str) -> None:
        """See `Poster`."""
        await self._notices.channel_closed(post.guild_id, post.channel_id, reason)

    async def find(self, post: Post, since: datetime) -> Trace:
        """See `Poster`."""
        channel = self._channel(post)
        if channel is None:
            return Unreadable("the channel can't be seen")
        if not can_read_history(channel):
            return Unreadable("Read Message History is missing in the channel")
        limit, read = HISTORY_PAGES * HISTORY_PAGE, 0
        try:
            async for message in channel.history(limit=limit, after=since, oldest_first=True):
                read += 1
                if _carries(message, post.mark):
                    return Found(message.id)
        except FAILURES as error:
            self._invalid_requests.count(error)
            return Unreadable(f"the channel's history can't be read: {error}")
        if read == limit:
            return Unreadable(f"it is not among the first {limit} messages since it was planned")
        return NotFound()

    def _closed(self, post: Post) -> Outcome | None:
        """What is known without asking: that a permission is missing, or too much was refused."""
        channel = self._channel(post)
        if channel is not None and (missing := missing_permissions(channel)):
            return ChannelClosed(f"I lack {', '.join(missing)}")
        if (wait := self._invalid_requests.wait()) is not None:
            return Unavailable("Discord refused too much lately", unknown=False, retry_after=wait)
        return None

    def _channel(self, post: Post) -> PostingChannel | None:
        channel = self._client.get_channel(post.channel_id)
        return channel if isinstance(channel, discord.TextChannel | discord.Thread) else None


def _carries(message: discord.Message, mark: str) -> bool:
    return any(
        isinstance(button, discord.Button) and button.custom_id == mark
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for button in row.children
    )
