"""Sending, editing and finding stories with discord.py."""

import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import discord
from discord.http import handle_message_parameters

from bot.announce import poster_port as port
from bot.announce.archive_terms import ArchiveTerms
from bot.announce.event_terms import TermFrequencies
from bot.announce.log_names import Place, name_stories, story_fields
from bot.discordapp.announcements import read_announcement
from bot.discordapp.forums import Forums
from bot.discordapp.history import PAGE, FetchPage, read_pages, search_history
from bot.discordapp.history import Message as JsonMessage
from bot.discordapp.http_trace import Attempts, Changed, TracedRequests
from bot.discordapp.log_names import find_channel
from bot.discordapp.messages import stories as labels
from bot.discordapp.notices import Notices, guild_is_loaded
from bot.discordapp.outcomes import (
    FAILURES,
    NOT_A_TEXT_CHANNEL,
    THREAD_ARCHIVED,
    UNKNOWN_ROLE,
    UNKNOWN_TAG,
    WRONG_CHANNEL,
    InvalidRequests,
    after_repetition,
    error_code,
    explain_failed_edit,
    explain_failed_follow_up,
    explain_failure,
    is_about_message,
    rejected_fields,
)
from bot.discordapp.permissions import (
    PostingChannel,
    can_discuss,
    can_publish,
    can_read_history,
    fetch_thread,
    is_deleted_role,
    is_posting_channel,
    missing_permissions,
)
from bot.discordapp.rejections import RejectedError
from bot.discordapp.rendering.forum import post_title
from bot.discordapp.rendering.message import Message
from bot.discordapp.rendering.post import is_silent, mentioned_roles, post_message
from bot.discordapp.rendering.reduce import Payload, complete_payload, reduce_payload
from bot.discordapp.responses import UnreadableResponseError
from bot.retry import Backoff
from storage.posts import ChannelToRecover, ClaimedPost, FollowUpAction, Post
from storage.reasons import (
    Cause,
    HistoryUnreadable,
    MessageReduced,
    Part,
    PermissionsMissing,
    Reason,
)

OutcomeT = TypeVar("OutcomeT", bound=port.EditOutcome)

# How often to repeat a request that Discord refused although the gateway reports no missing
# permission, and how long to wait in between.
REFUSAL_RETRIES = 2
_FIRST_RETRY_WAIT, _LAST_RETRY_WAIT = timedelta(seconds=1), timedelta(seconds=2)
# After connecting, the gateway sends one server after the other.
_GUILD_LOADING_WAIT = timedelta(seconds=2)
# How often to send a message that Discord rejects, each time with less of it; the last ones are
# plain text, with and without a mention.
MOST_REQUESTS, _PLAIN_REQUESTS = 6, 2
# How long a thread stays active without messages.
_THREAD_ARCHIVE_MINUTES: Final = 1440
# After a restore, up to 10,000 messages of a channel are read.
RECOVERY_PAGES = 100
_UNRENDERED = port.Refused(Cause.RENDERING_FAILED)
_LOADING = port.Unavailable(Cause.GUILD_UNAVAILABLE, False, _GUILD_LOADING_WAIT)
_INVISIBLE = port.Unreadable(Cause.CHANNEL_INVISIBLE)
_FORBIDDEN = port.Unreadable(Cause.HISTORY_FORBIDDEN)

logger = logging.getLogger(__name__)


class DiscordPoster:
    """Posts as the bot itself, not by webhook: a webhook's message can't have a nonce."""

    def __init__(
        self,
        client: discord.Client,
        requests: TracedRequests,
        invalid_requests: InvalidRequests,
        notices: Notices,
        terms: ArchiveTerms,
    ) -> None:
        self._client = client
        self._requests = requests
        self._invalid_requests = invalid_requests
        self._notices = notices
        self._terms = terms
        self._refusals: Counter[int] = Counter()
        self._deleted_roles: set[int] = set()
        self._forums = Forums(client)
        self._refusal_backoff = Backoff(_FIRST_RETRY_WAIT, _LAST_RETRY_WAIT)

    async def send(self, claimed: ClaimedPost) -> port.Outcome:
        """See `Poster`."""
        post = claimed.post
        # Before anything is awaited: if the channel only now turns out to be a forum, the sender
        # has relied on a nonce, and a thread may exist that it did not search for.
        is_forum = self._forums.contain(post.channel_id)
        if (known := self._known_obstacle(post)) is not None:
            return known
        if is_forum and not self._knows_tags(post):
            return replace(_LOADING, request_made=False)
        if (message := _render(claimed, await self._terms.get())) is None:
            return _UNRENDERED
        roles = await self._roles_to_mention(claimed)
        attempts = Attempts()
        try:
            if is_forum:
                accepted = await self._start_thread(claimed, message, roles)
            else:
                accepted = await self._send_message(claimed, message, roles, attempts)
        except FAILURES as error:
            if error_code(error) == NOT_A_TEXT_CHANNEL:
                self._forums.add(post.channel_id)
            self._invalid_requests.count(error)
            outcome = self._confirm_refusal(post, explain_failure(error))
            return after_repetition(outcome) if attempts.repeated else outcome
        self._refusals.pop(post.channel_id, None)
        self._notices.channel_accepted(post.channel_id)
        return accepted

    async def _send_message(
        self, claimed: ClaimedPost, message: Message, roles: tuple[int, ...], attempts: Attempts
    ) -> port.Accepted:
        """Send a message to a channel. Raises what the request raises."""
        post = claimed.post
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)

        def request(payload: Payload) -> Coroutine[None, None, discord.Message]:
            return channel.send(
                **_message_fields(payload),
                nonce=post.nonce,
                silent=is_silent(claimed),
                suppress_embeds=payload.hides_previews,
            )

        return await self._submit(claimed, message, roles, request, attempts=attempts)

    async def _start_thread(
        self, claimed: ClaimedPost, message: Message, roles: tuple[int, ...]
    ) -> port.Accepted:
        """Post a message in a forum: as the first of a new thread. Raises what the request raises.

        Tags that Discord does not know any more are left out, and so is a title that it rejects.
        """
        forum_id = claimed.post.channel_id
        title, tags = post_title(claimed), self._forums.choose_tags(claimed)

        async def request(payload: Payload) -> discord.PartialMessage:
            flags = discord.MessageFlags(
                suppress_notifications=is_silent(claimed), suppress_embeds=payload.hides_previews
            )
            thread = {"name": title, "applied_tags": [str(tag) for tag in tags]}
            with handle_message_parameters(
                **_message_fields(payload), flags=flags, channel_payload=thread
            ) as params:
                started = await self._client.http.start_thread_in_forum(forum_id, params=params)
            channel = self._client.get_partial_messageable(int(started["id"]))
            return channel.get_partial_message(channel.id)

        while True:
            try:
                return await self._submit(claimed, message, roles, request, once=True)
            except FAILURES as error:
                rejected = {path[0] for path in rejected_fields(error)}
                if tags and ("applied_tags" in rejected or error_code(error) == UNKNOWN_TAG):
                    tags = []
                elif "name" in rejected and title != labels.UNTITLED_STORY:
                    title = labels.UNTITLED_STORY
                else:
                    raise

    async def edit(self, claimed: ClaimedPost, *, delete: bool) -> port.EditOutcome:
        """See `Poster`."""
        post = claimed.post
        if (known := self._known_obstacle(post)) is not None:
            return known
        if (locked := self._locked(post)) is not None:
            return locked
        shown = None if delete else _render(claimed, await self._terms.get())
        if shown is None and not delete:
            return _UNRENDERED
        outcome: port.EditOutcome
        try:
            if delete and await self._forums.delete_thread(post):
                return port.Accepted(post.message_id or 0)
            outcome = await self._change_unarchived(claimed, shown)
        except FAILURES as error:
            self._invalid_requests.count(error)
            outcome = explain_failed_edit(error)
        if not isinstance(outcome, port.Accepted):
            return self._confirm_refusal(post, self._confined(post, outcome))
        if outcome.embed_missing and not delete:
            # Without Embed Links Discord accepts the edit and drops the embed.
            return self._confirm_refusal(post, port.ChannelClosed(Cause.EMBED_REMOVED))
        untitled = await self._forums.update_title(claimed)
        # A deleted message has no further edits.
        if untitled is not None and not delete:
            return untitled
        self._refusals.pop(post.channel_id, None)
        return replace(outcome, embed_missing=False)

    async def follow_up(self, claimed: ClaimedPost, action: FollowUpAction) -> port.FollowUpOutcome:
        """See `Poster`."""
        post = claimed.post
        assert post.message_id is not None, "a post without a message has no follow-ups"
        channel, discuss = self._channel(post), action is FollowUpAction.DISCUSS
        if channel is not None and not (can_discuss if discuss else can_publish)(channel):
            return port.Impossible(WRONG_CHANNEL[action], request_made=False)
        known = self._known_obstacle(post, discuss=discuss)
        if isinstance(known, port.ChannelClosed | port.Unavailable):
            return known
        partial = self._client.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
        message = partial.get_partial_message(post.message_id)
        request = self._open_thread(message, claimed) if discuss else _publish(message)
        attempts = Attempts()
        try:
            return await self._requests.run(request, attempts=attempts)
        except FAILURES as error:
            self._invalid_requests.count(error)
            outcome = explain_failed_follow_up(error, action, post.message_id)
            return after_repetition(outcome) if attempts.repeated else outcome

    async def _open_thread(self, message: discord.PartialMessage, claimed: ClaimedPost) -> Changed:
        # Not `message.create_thread`: it reads more of the response than matters here.
        await self._client.http.start_thread_with_message(
            message.channel.id,
            message.id,
            name=post_title(claimed),
            auto_archive_duration=_THREAD_ARCHIVE_MINUTES,
        )
        return message

    async def _change_unarchived(self, claimed: ClaimedPost, shown: Message | None) -> port.Outcome:
        """Change a message; if that needs it, unarchive its thread before."""
        try:
            return await self._change(claimed, shown)
        except FAILURES as error:
            if error_code(error) != THREAD_ARCHIVED:
                raise
        thread_id = self._forums.channel_of_message(claimed.post)
        return await self._unarchive(thread_id) or await self._change(claimed, shown)

    async def _change(self, claimed: ClaimedPost, shown: Message | None) -> port.Accepted:
        """Edit a message, or (without `shown`) delete it. Raises what the request raises."""
        post = claimed.post
        assert post.message_id is not None, "a post without a message can't be edited"
        channel_id = self._forums.channel_of_message(post)
        channel = self._client.get_partial_messageable(channel_id, guild_id=post.guild_id)
        message = channel.get_partial_message(post.message_id)

        replaces_text = _is_plain_text(post) or (shown is not None and shown.line is not None)

        def request(payload: Payload) -> Coroutine[None, None, discord.Message]:
            # The content stays as it is, so that no role is mentioned twice, unless it is more than
            # mentions, or was: plain text replaces the embed, or is replaced by it, and a line
            # shows the current story.
            changed: dict[str, Any] = {}
            if payload.embed is None or replaces_text:
                changed["content"] = payload.content or None
                changed["allowed_mentions"] = _allowed_mentions(payload)
            return message.edit(embeds=payload.embeds, view=payload.components, **changed)

        if shown is None:
            accepted = await self._requests.run(_delete(message))
        else:
            roles = await self._roles_to_mention(claimed)
            accepted = await self._submit(claimed, shown, roles, request, is_edit=True)
            if accepted.has_text and not replaces_text:
                # The message is plain text, which was not recorded because a response was lost, or
                # has a line that its subscription lacks now, or about a withdrawn story.
                replaces_text = True
                accepted = await self._submit(claimed, shown, roles, request, is_edit=True)
        return replace(accepted, message_id=post.message_id)

    async def _submit(
        self,
        claimed: ClaimedPost,
        message: Message,
        roles: tuple[int, ...],
        request: Callable[[Payload], Coroutine[None, None, Changed]],
        *,
        once: bool = False,
        attempts: Attempts | None = None,
        is_edit: bool = False,
    ) -> port.Accepted:
        """Send or edit a message; leave out what Discord rejects.

        Each request has less than the one before. `once` and `attempts` as in
        `TracedRequests.run`. Raises what the last one raised.
        """
        payload, answer = complete_payload(message, roles), ""
        requests_left = MOST_REQUESTS
        while True:
            requests_left -= 1
            try:
                accepted = await self._requests.run(request(payload), once=once, attempts=attempts)
            except RejectedError as error:
                rejection = error.rejection
                last_in_full = not payload.is_plain and requests_left <= _PLAIN_REQUESTS
                rejected = () if last_in_full else rejection.fields
                reduced = reduce_payload(payload, rejected, message, is_edit=is_edit)
                if reduced is None or not requests_left or not is_about_message(rejection):
                    raise
                place = self.place(claimed.post)
                logger.warning(
                    "Discord rejected %s in %s: %s; sending less",
                    *(name_stories(claimed), place, rejection.text),
                    extra={**story_fields(claimed), **place.fields},
                )
                payload, answer = reduced, answer or rejection.text
            else:
                return _with_dropped(accepted, payload, answer)

    def place(self, where: Post | ChannelToRecover, /) -> Place:
        """See `Poster`."""
        return find_channel(self._client, where.guild_id, where.channel_id)

    def keeps_nonces(self, post: Post, /) -> bool:
        """See `Poster`.

        If it is not known that the channel is a forum, a repeated nonce does no harm: Discord
        refuses messages in forums.
        """
        return not self._forums.contain(post.channel_id)

    async def report_closed(self, post: Post, reason: Reason) -> None:
        """See `Poster`."""
        if self._invalid_requests.wait() is None:
            await self._notices.channel_closed(post.guild_id, post.channel_id, reason)

    async def find(self, post: Post, since: datetime) -> port.SearchResult:
        """See `Poster`."""

        async def search(fetch: FetchPage, if_empty: port.SearchResult) -> port.SearchResult:
            return await search_history(fetch, post.mark, since, self._own_id, if_empty=if_empty)

        result = await self._read_history(post, since, search)
        if isinstance(result, port.Found) and self._forums.contain(post.channel_id):
            return replace(result, thread_id=result.message_id)
        return result

    async def read_history(
        self, channel: ChannelToRecover, since: datetime
    ) -> port.History | port.Unavailable:
        """See `HistoryReader`."""
        history = port.History(())

        def read(message: JsonMessage, message_id: int) -> port.Announcement | None:
            found = read_announcement(message, message_id, self._own_id)
            if found is not None and self._forums.contain(channel.channel_id):
                return replace(found, thread_id=message_id)
            return found

        async def read_all(fetch: FetchPage, if_empty: port.SearchResult) -> port.SearchResult:
            nonlocal history
            result = await read_pages(fetch, read, since, pages=RECOVERY_PAGES)
            history = port.History(result.found, result.problem)
            return if_empty if result.is_empty else port.NotFound()

        match await self._read_history(channel, since, read_all):
            case port.Unavailable() as unavailable:
                return unavailable
            case port.Unreadable(reason):
                return port.History(history.announcements, reason)
            case _:
                return history

    @property
    def _own_id(self) -> int | None:
        return self._client.user.id if self._client.user else None

    async def _read_history(
        self,
        place: Post | ChannelToRecover,
        since: datetime,
        read: Callable[[FetchPage, port.SearchResult], Awaitable[port.SearchResult]],
    ) -> port.SearchResult:
        """Read the history of a post's channel since a time, if that is possible.

        `read` gets a function that requests a page, and the result for an empty history.
        """
        if (wait := self._invalid_requests.wait()) is not None:
            return _too_many_refusals(wait)
        may_read, otherwise = await self._check_history(place)
        if not may_read:
            return otherwise

        async def fetch_page(after: int | None) -> object:
            return await self._client.http.logs_from(place.channel_id, PAGE, after=after)

        fetch: FetchPage = fetch_page
        if self._forums.contain(place.channel_id):
            fetch = self._forums.history(place, since, self._own_id)
        try:
            result = await read(fetch, otherwise)
        except FAILURES as error:
            self._invalid_requests.count(error)
            outcome = explain_failure(error)
            if isinstance(outcome, port.Unavailable | port.ChannelGone):
                result = outcome
            else:
                result = port.Unreadable(HistoryUnreadable(str(error)))
        waits = otherwise is _LOADING and isinstance(result, port.Unreadable | port.ChannelGone)
        return _LOADING if waits else result

    async def _check_history(
        self, place: Post | ChannelToRecover
    ) -> tuple[bool, port.SearchResult]:
        """Return whether the channel's history can be read, and the result if it is empty.

        If the server or the permissions are not known, the history is read, too: a message in it
        shows that the bot may read it.
        """
        if not guild_is_loaded(self._client, place.guild_id):
            return True, _LOADING
        try:
            channel = self._channel(place) or await fetch_thread(self._client, place.channel_id)
        except UnreadableResponseError:
            return True, _INVISIBLE
        except FAILURES as error:
            self._invalid_requests.count(error)
            outcome = explain_failure(error)
            return False, outcome if isinstance(outcome, port.Unavailable) else _INVISIBLE
        if channel is None:
            return False, _INVISIBLE
        match can_read_history(channel):
            case True:
                return True, port.NotFound()
            case readable:
                return readable is None, _FORBIDDEN

    def _known_obstacle(self, post: Post, *, discuss: bool = False) -> port.Outcome | None:
        """Return why a request is pointless: missing permissions, or too many refusals lately.

        `discuss`: a thread is to be opened.
        """
        channel = self._channel(post)
        missing = missing_permissions(channel, discuss=discuss) if channel is not None else ()
        if missing:
            return port.ChannelClosed(PermissionsMissing(tuple(missing)), request_made=False)
        if (wait := self._invalid_requests.wait()) is not None:
            return _too_many_refusals(wait)
        return None

    def _knows_tags(self, post: Post) -> bool:
        """Whether the gateway has reported a forum, or has no more to report of its server."""
        return self._channel(post) is not None or guild_is_loaded(self._client, post.guild_id)

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

    def _confined(self, post: Post, outcome: port.EditOutcome) -> port.EditOutcome:
        """What a failed edit means if it may concern one thread of a forum, but not the others."""
        channel = self._channel(post)
        if not isinstance(channel, discord.ForumChannel):
            return outcome
        match outcome:
            case port.Unavailable(reason=Cause.RATE_LIMITED):
                return port.Postponed(outcome.reason, outcome.retry_after, outcome.request_made)
            case port.ChannelClosed(reason) if not (
                missing_permissions(channel) or reason is Cause.TOO_MANY_THREADS
            ):
                return self._locked(post) or port.Postponed(reason)
        return outcome

    def _locked(self, post: Post) -> port.Postponed | None:
        """Why a message can't be edited, if its thread of a forum is known to be locked."""
        thread_id = self._forums.channel_of_message(post)
        thread = None if thread_id == post.channel_id else self._client.get_channel(thread_id)
        if isinstance(thread, discord.Thread) and thread.locked and missing_permissions(thread):
            return port.Postponed(Cause.THREAD_LOCKED, request_made=False)
        return None

    async def _unarchive(self, thread_id: int) -> port.Outcome | None:
        """Unarchive a thread; return why it can't be, or None if it is now."""
        try:
            with contextlib.suppress(UnreadableResponseError):
                thread = await fetch_thread(self._client, thread_id)
                if thread is not None and thread.locked and missing_permissions(thread):
                    return port.ChannelClosed(Cause.THREAD_LOCKED)
            # Not `thread.edit`: it reads more of the response than matters here.
            await self._client.http.edit_channel(thread_id, archived=False)
        except FAILURES as error:
            self._invalid_requests.count(error)
            return explain_failure(error)
        return None

    async def _roles_to_mention(self, claimed: ClaimedPost) -> tuple[int, ...]:
        """The roles to mention without deleted ones: Discord would show `@deleted-role`."""
        roles = mentioned_roles(claimed)
        return tuple([role for role in roles if not await self._is_deleted_role(claimed, role)])

    async def _is_deleted_role(self, claimed: ClaimedPost, role: int) -> bool:
        """Whether a role of the server was deleted.

        The gateway may not have reported a new role yet, so Discord is asked about an unknown one.
        """
        if role in self._deleted_roles:
            return True
        guild = self._client.get_guild(claimed.post.guild_id)
        if guild is None or not is_deleted_role(guild, role):
            return False
        try:
            await self._client.http.get_role(guild.id, role)
        except FAILURES as error:
            self._invalid_requests.count(error)
            if isinstance(error, discord.NotFound) and error.code == UNKNOWN_ROLE:
                # Ids are never used again.
                self._deleted_roles.add(role)
                return True
        return False

    def _channel(self, place: Post | ChannelToRecover) -> PostingChannel | None:
        channel = self._client.get_channel(place.channel_id)
        return channel if is_posting_channel(channel) else None


def _message_fields(payload: Payload) -> dict[str, Any]:
    """What a new message contains, as discord.py calls it."""
    return {
        "content": payload.content or None,
        "embeds": payload.embeds or discord.utils.MISSING,
        "view": payload.components,
        "allowed_mentions": _allowed_mentions(payload),
    }


def _allowed_mentions(payload: Payload) -> discord.AllowedMentions:
    roles = [discord.Object(role) for role in payload.roles]
    return discord.AllowedMentions(everyone=False, users=False, roles=roles, replied_user=False)


def _with_dropped(accepted: port.Accepted, payload: Payload, answer: str) -> port.Accepted:
    """The outcome of a request for a message without some of its parts."""
    if payload.embed is None:
        accepted = replace(accepted, embed_missing=False, has_text=False)
    if not payload.dropped:
        return accepted
    return replace(accepted, reduced=MessageReduced(payload.dropped, answer))


def _is_plain_text(post: Post) -> bool:
    """Whether the message of a post has text in place of its embed."""
    return isinstance(post.reason, MessageReduced) and Part.EMBED in post.reason.parts


def _too_many_refusals(wait: timedelta) -> port.Unavailable:
    return port.Unavailable(Cause.TOO_MANY_REFUSALS, False, wait, request_made=False)


async def _delete(message: discord.PartialMessage) -> Changed:
    await message.delete()
    return message


async def _publish(message: discord.PartialMessage) -> Changed:
    await message.publish()
    return message


def _render(claimed: ClaimedPost, frequencies: TermFrequencies) -> Message | None:
    """Return the message; None after an internal error, so that other stories are still sent."""
    try:
        return post_message(claimed, frequencies)
    except Exception:
        logger.exception("can't render %s", name_stories(claimed), extra=story_fields(claimed))
        return None
