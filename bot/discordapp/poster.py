"""Sending, editing and finding stories with discord.py."""

import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import TypeVar

import discord

from bot.announce import poster_port as port
from bot.discordapp.http_trace import Changed, Receipts
from bot.discordapp.notices import Notices, has_come
from bot.discordapp.outcomes import FAILURES, InvalidRequests, explain_failed_edit, explain_failure
from bot.discordapp.permissions import PostingChannel, can_read_history, missing_permissions
from bot.discordapp.rendering.post import Message, called_role, is_silent, post_message
from bot.retry import Backoff
from storage.posts import ClaimedPost, Post
from storage.reasons import Cause, HistoryTooLong, HistoryUnreadable, PermissionsMissing, Reason

OutcomeT = TypeVar("OutcomeT", bound=port.EditOutcome)

HISTORY_PAGES = 10
HISTORY_PAGE = 100
# How often a refusal that the gateway contradicts is tried again, and after which waits.
DOUBTS = 2
_FIRST_DOUBT, _LAST_DOUBT = timedelta(seconds=1), timedelta(seconds=2)
# Servers come one after the other when the gateway has connected.
_SERVERS_COME = timedelta(seconds=2)
_UNRENDERED = port.Refused(Cause.RENDERING_FAILED)

logger = logging.getLogger(__name__)


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
        self._doubts: Counter[int] = Counter()
        self._doubt_backoff = Backoff(_FIRST_DOUBT, _LAST_DOUBT)

    async def send(self, claimed: ClaimedPost) -> port.Outcome:
        """See `Poster`."""
        post = claimed.post
        if (known := self._closed(post)) is not None:
            return known
        if (message := _rendered(claimed)) is None:
            return _UNRENDERED
        role = called_role(claimed)
        roles = [] if role is None else [discord.Object(role)]
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        try:
            receipt = await self._receipts.of(
                channel.send(
                    None if role is None else f"<@&{role}>",
                    embed=message.embed,
                    view=message.view,
                    nonce=post.nonce,
                    silent=is_silent(claimed),
                    allowed_mentions=discord.AllowedMentions(
                        everyone=False, users=False, roles=roles, replied_user=False
                    ),
                )
            )
        except FAILURES as error:
            self._invalid_requests.count(error)
            return self._doubted(post, explain_failure(error))
        self._doubts.pop(post.channel_id, None)
        self._notices.delivered(post.channel_id)
        return receipt

    async def edit(self, claimed: ClaimedPost, *, delete: bool) -> port.EditOutcome:
        """See `Poster`."""
        post = claimed.post
        if (known := self._closed(post)) is not None:
            return known
        assert post.message_id is not None, "only messages that were sent are edited"
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        message = channel.get_partial_message(post.message_id)
        if delete:
            changing = _deleted(message)
        elif (shown := _rendered(claimed)) is not None:
            # The words above it are not sent again: nobody is called twice.
            changing = message.edit(embed=shown.embed, view=shown.view)
        else:
            return _UNRENDERED
        try:
            receipt = await self._receipts.of(changing)
        except FAILURES as error:
            self._invalid_requests.count(error)
            return self._doubted(post, explain_failed_edit(error))
        if receipt.embed_missing and not delete:
            # Without Embed Links Discord takes the edit and drops what it was to show.
            return self._doubted(post, port.ChannelClosed(Cause.EMBED_REMOVED))
        self._doubts.pop(post.channel_id, None)
        return port.Accepted(post.message_id, receipt.rest)

    async def report_closed(self, post: Post, reason: Reason) -> None:
        """See `Poster`."""
        if self._invalid_requests.wait() is None:
            await self._notices.channel_closed(post.guild_id, post.channel_id, reason)

    async def send_pending_notices(self) -> None:
        """At start: tell of pauses that the bot didn't come to tell of. Raises `StorageError`."""
        if self._invalid_requests.wait() is None:
            await self._notices.send_pending_notices()

    async def find(self, post: Post, since: datetime) -> port.SearchResult:
        """See `Poster`."""
        channel = self._channel(post)
        if channel is None:
            if has_come(self._client, post.guild_id):
                return port.Unreadable(Cause.CHANNEL_INVISIBLE)
            return port.Unavailable(
                Cause.GUILD_UNAVAILABLE, False, _SERVERS_COME, discord_answered=False
            )
        if not can_read_history(channel):
            return port.Unreadable(Cause.HISTORY_FORBIDDEN)
        if (wait := self._invalid_requests.wait()) is not None:
            return _too_much_refused(wait)
        try:
            return await _search(channel, post.mark, since)
        except FAILURES as error:
            self._invalid_requests.count(error)
            outcome = explain_failure(error)
            if isinstance(outcome, port.Unavailable | port.ChannelGone):
                return outcome
            return port.Unreadable(HistoryUnreadable(str(error)))

    def _closed(self, post: Post) -> port.Outcome | None:
        """What is known without asking: that a permission is missing, or too much was refused."""
        channel = self._channel(post)
        if channel is not None and (missing := missing_permissions(channel)):
            return port.ChannelClosed(PermissionsMissing(tuple(missing)), discord_answered=False)
        if (wait := self._invalid_requests.wait()) is not None:
            return _too_much_refused(wait)
        return None

    def _doubted(self, post: Post, outcome: OutcomeT) -> OutcomeT | port.Unavailable:
        """A refusal is not believed at once where the gateway says that nothing is missing.

        The answer may have been on its way when the permission came back. A pause written after
        that event would never end; and if the permission has gone, the gateway will say so.
        """
        channel = self._channel(post)
        if not isinstance(outcome, port.ChannelClosed) or channel is None:
            return outcome
        if missing_permissions(channel) or self._doubts[post.channel_id] >= DOUBTS:
            del self._doubts[post.channel_id]
            return outcome
        self._doubts[post.channel_id] += 1
        wait = self._doubt_backoff.wait_after(self._doubts[post.channel_id])
        return port.Unavailable(outcome.reason, unknown=False, retry_after=wait)

    def _channel(self, post: Post) -> PostingChannel | None:
        channel = self._client.get_channel(post.channel_id)
        return channel if isinstance(channel, PostingChannel) else None


async def _search(channel: PostingChannel, mark: str, since: datetime) -> port.SearchResult:
    """Read the history page by page until the mark comes, or the end."""
    after: datetime | discord.abc.Snowflake = since
    for _ in range(HISTORY_PAGES):
        messages = [
            message
            async for message in channel.history(limit=HISTORY_PAGE, after=after, oldest_first=True)
        ]
        for message in messages:
            if _carries(message, mark):
                return port.Found(message.id, embed_missing=not message.embeds)
        if len(messages) < HISTORY_PAGE:
            return port.NotFound()
        after = messages[-1]
    return port.Unreadable(HistoryTooLong(HISTORY_PAGES * HISTORY_PAGE))


def _too_much_refused(wait: timedelta) -> port.Unavailable:
    return port.Unavailable(Cause.TOO_MANY_REFUSALS, False, wait, discord_answered=False)


def _carries(message: discord.Message, mark: str) -> bool:
    return any(
        isinstance(button, discord.Button) and button.custom_id == mark
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for button in row.children
    )


async def _deleted(message: discord.PartialMessage) -> Changed:
    await message.delete()
    return message


def _rendered(told: ClaimedPost) -> Message | None:
    """The message, or None where our rendering has a fault: one story must not stop the others."""
    try:
        return post_message(told)
    except Exception:
        logger.exception("story %d can't be rendered", told.story.id)
        return None
