"""Sending, editing and finding stories with discord.py."""

import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import TypeVar

import discord

from bot.announce import poster_port as port
from bot.discordapp.http_trace import Changed, TracedRequests
from bot.discordapp.notices import Notices, guild_is_loaded
from bot.discordapp.outcomes import FAILURES, InvalidRequests, explain_failed_edit, explain_failure
from bot.discordapp.permissions import PostingChannel, can_read_history, missing_permissions
from bot.discordapp.rendering.post import Message, is_silent, mentioned_role, post_message
from bot.retry import Backoff
from storage.posts import ClaimedPost, Post
from storage.reasons import Cause, HistoryTooLong, HistoryUnreadable, PermissionsMissing, Reason

OutcomeT = TypeVar("OutcomeT", bound=port.EditOutcome)

HISTORY_PAGES = 10
HISTORY_PAGE = 100
# How often to repeat a request that Discord refused although the gateway reports no missing
# permission, and how long to wait in between.
REFUSAL_RETRIES = 2
_FIRST_RETRY_WAIT, _LAST_RETRY_WAIT = timedelta(seconds=1), timedelta(seconds=2)
# After connecting, the gateway sends one server after the other.
_GUILD_LOADING_WAIT = timedelta(seconds=2)
_UNRENDERED = port.Refused(Cause.RENDERING_FAILED)

logger = logging.getLogger(__name__)


class DiscordPoster:
    """Posts as the bot itself, not by webhook: a webhook's message can't have a nonce."""

    def __init__(
        self,
        client: discord.Client,
        requests: TracedRequests,
        invalid_requests: InvalidRequests,
        notices: Notices,
    ) -> None:
        self._client = client
        self._requests = requests
        self._invalid_requests = invalid_requests
        self._notices = notices
        self._refusals: Counter[int] = Counter()
        self._refusal_backoff = Backoff(_FIRST_RETRY_WAIT, _LAST_RETRY_WAIT)

    async def send(self, claimed: ClaimedPost) -> port.Outcome:
        """See `Poster`."""
        post = claimed.post
        if (known := self._known_obstacle(post)) is not None:
            return known
        if (message := _render(claimed)) is None:
            return _UNRENDERED
        role = mentioned_role(claimed)
        roles = [] if role is None else [discord.Object(role)]
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        try:
            accepted = await self._requests.run(
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
            return self._confirm_refusal(post, explain_failure(error))
        self._refusals.pop(post.channel_id, None)
        self._notices.channel_accepted(post.channel_id)
        return accepted

    async def edit(self, claimed: ClaimedPost, *, delete: bool) -> port.EditOutcome:
        """See `Poster`."""
        post = claimed.post
        if (known := self._known_obstacle(post)) is not None:
            return known
        assert post.message_id is not None, "a post without a message can't be edited"
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        message = channel.get_partial_message(post.message_id)
        if delete:
            request = _delete(message)
        elif (shown := _render(claimed)) is not None:
            # The content stays as it is, so that no role is mentioned twice.
            request = message.edit(embed=shown.embed, view=shown.view)
        else:
            return _UNRENDERED
        try:
            accepted = await self._requests.run(request)
        except FAILURES as error:
            self._invalid_requests.count(error)
            return self._confirm_refusal(post, explain_failed_edit(error))
        if accepted.embed_missing and not delete:
            # Without Embed Links Discord accepts the edit and drops the embed.
            return self._confirm_refusal(post, port.ChannelClosed(Cause.EMBED_REMOVED))
        self._refusals.pop(post.channel_id, None)
        return port.Accepted(post.message_id, accepted.cooldown)

    async def report_closed(self, post: Post, reason: Reason) -> None:
        """See `Poster`."""
        if self._invalid_requests.wait() is None:
            await self._notices.channel_closed(post.guild_id, post.channel_id, reason)

    async def send_pending_notices(self) -> None:
        """Report pauses that the bot could not report before it stopped. Raises `StorageError`."""
        if self._invalid_requests.wait() is None:
            await self._notices.send_pending_notices()

    async def find(self, post: Post, since: datetime) -> port.SearchResult:
        """See `Poster`."""
        channel = self._channel(post)
        if channel is None:
            if guild_is_loaded(self._client, post.guild_id):
                return port.Unreadable(Cause.CHANNEL_INVISIBLE)
            return port.Unavailable(
                Cause.GUILD_UNAVAILABLE, False, _GUILD_LOADING_WAIT, request_made=False
            )
        if not can_read_history(channel):
            return port.Unreadable(Cause.HISTORY_FORBIDDEN)
        if (wait := self._invalid_requests.wait()) is not None:
            return _too_many_refusals(wait)
        try:
            return await _search(channel, post.mark, since)
        except FAILURES as error:
            self._invalid_requests.count(error)
            outcome = explain_failure(error)
            if isinstance(outcome, port.Unavailable | port.ChannelGone):
                return outcome
            return port.Unreadable(HistoryUnreadable(str(error)))

    def _known_obstacle(self, post: Post) -> port.Outcome | None:
        """Return why a request is pointless: missing permissions, or too many refusals lately."""
        channel = self._channel(post)
        if channel is not None and (missing := missing_permissions(channel)):
            return port.ChannelClosed(PermissionsMissing(tuple(missing)), request_made=False)
        if (wait := self._invalid_requests.wait()) is not None:
            return _too_many_refusals(wait)
        return None

    def _confirm_refusal(self, post: Post, outcome: OutcomeT) -> OutcomeT | port.Unavailable:
        """Return a refusal, or a short wait while the gateway reports no missing permission.

        Discord may have answered just before the permission was granted. A pause that is recorded
        after the gateway's event would never end. If the permission is missing, the gateway will
        report that, too.
        """
        channel = self._channel(post)
        if not isinstance(outcome, port.ChannelClosed) or channel is None:
            return outcome
        if missing_permissions(channel) or self._refusals[post.channel_id] >= REFUSAL_RETRIES:
            del self._refusals[post.channel_id]
            return outcome
        self._refusals[post.channel_id] += 1
        wait = self._refusal_backoff.wait_after(self._refusals[post.channel_id])
        return port.Unavailable(outcome.reason, unknown=False, retry_after=wait)

    def _channel(self, post: Post) -> PostingChannel | None:
        channel = self._client.get_channel(post.channel_id)
        return channel if isinstance(channel, PostingChannel) else None


async def _search(channel: PostingChannel, mark: str, since: datetime) -> port.SearchResult:
    """Read the history page by page until a message has the mark, or until the end."""
    after: datetime | discord.abc.Snowflake = since
    for _ in range(HISTORY_PAGES):
        messages = [
            message
            async for message in channel.history(limit=HISTORY_PAGE, after=after, oldest_first=True)
        ]
        for message in messages:
            if _has_mark(message, mark):
                return port.Found(message.id, embed_missing=not message.embeds)
        if len(messages) < HISTORY_PAGE:
            return port.NotFound()
        after = messages[-1]
    return port.Unreadable(HistoryTooLong(HISTORY_PAGES * HISTORY_PAGE))


def _too_many_refusals(wait: timedelta) -> port.Unavailable:
    return port.Unavailable(Cause.TOO_MANY_REFUSALS, False, wait, request_made=False)


def _has_mark(message: discord.Message, mark: str) -> bool:
    return any(
        isinstance(button, discord.Button) and button.custom_id == mark
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for button in row.children
    )


async def _delete(message: discord.PartialMessage) -> Changed:
    await message.delete()
    return message


def _render(claimed: ClaimedPost) -> Message | None:
    """Return the message; None after an internal error, so that other stories are still sent."""
    try:
        return post_message(claimed)
    except Exception:
        logger.exception("can't render story %d", claimed.story.id)
        return None
