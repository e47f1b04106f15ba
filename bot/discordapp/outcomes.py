"""Maps the result of a request to Discord to the outcome of a post."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import aiohttp
import discord

from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    ChannelGone,
    EditOutcome,
    FollowUpOutcome,
    Impossible,
    MessageGone,
    Outcome,
    Refused,
    Unavailable,
)
from bot.clock import Clock
from bot.discordapp.rejections import (
    BadRequestError,
    RejectedError,
    Rejection,
    TooManyRequestsError,
)
from bot.discordapp.responses import LONGEST_WAIT, read_seconds
from bot.errors import one_line
from storage import reasons
from storage.posts import FollowUpAction
from storage.reasons import Cause

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
UNKNOWN_CHANNEL = 10003
UNKNOWN_ROLE = 10011
UNKNOWN_TAG = 10087
SLOWMODE = 20016
TAG_REQUIRED = 40067
# Discord limits how many messages of a channel are published within an hour, and how often those
# are edited. The response says how long to wait; another request of the same route may succeed.
ANNOUNCEMENT_EDIT_LIMIT = 20022
CHANNEL_WRITE_LIMIT = 20028
PUBLISHING_LIMITS = frozenset({ANNOUNCEMENT_EDIT_LIMIT, CHANNEL_WRITE_LIMIT})
ALREADY_PUBLISHED = 40033
THREAD_EXISTS = 160004
WRONG_CHANNEL_TYPE = 50024
WRONG_CHANNEL = {
    FollowUpAction.PUBLISH: Cause.NO_ANNOUNCEMENT_CHANNEL,
    FollowUpAction.DISCUSS: Cause.NO_THREADS,
}
NOT_A_TEXT_CHANNEL = 50008
THREAD_ARCHIVED = 50083
THREAD_LOCKED = 160005
TOO_MANY_THREADS = 160006
TOO_MANY_ANNOUNCEMENT_THREADS = 160007
# These are not about the message: another one would have the same answer. Which status Discord
# answers with is not documented. An archived thread is locked if sending does not unarchive it.
_CHANNEL_STATES: Mapping[int, Outcome] = {
    # A forum, which the gateway has not reported yet.
    NOT_A_TEXT_CHANNEL: Unavailable(Cause.GUILD_UNAVAILABLE, False, timedelta(seconds=5)),
    TAG_REQUIRED: ChannelClosed(Cause.TAG_REQUIRED),
    SLOWMODE: Unavailable(Cause.SLOW_MODE, False, timedelta(minutes=1)),
    THREAD_ARCHIVED: ChannelClosed(Cause.THREAD_LOCKED),
    THREAD_LOCKED: ChannelClosed(Cause.THREAD_LOCKED),
    TOO_MANY_THREADS: ChannelClosed(Cause.TOO_MANY_THREADS),
    TOO_MANY_ANNOUNCEMENT_THREADS: ChannelClosed(Cause.TOO_MANY_THREADS),
}
# Of a post in a forum, beside its message.
_THREAD_FIELDS = {"name", "applied_tags"}
FailureT = TypeVar("FailureT", bound=Outcome | FollowUpOutcome)
INVALID_STATUSES = frozenset({401, 403, 429})

FAILURES = (
    discord.HTTPException,
    discord.RateLimited,
    RejectedError,
    aiohttp.ClientError,
    OSError,
    asyncio.TimeoutError,
    json.JSONDecodeError,  # a truncated response
)


def explain_failure(error: Exception) -> Outcome:
    """Return what a failed send means: refused, to be retried, or unknown.

    Without a connection nothing was sent. After any other broken connection, a time-out or a 5xx
    response, the message may be in the channel nevertheless.
    """
    match error:
        case aiohttp.ClientConnectorError():
            return Unavailable(Cause.CONNECTION_FAILED, unknown=False)
        case discord.RateLimited():
            # Raised instead of a request.
            return Unavailable(Cause.RATE_LIMITED, False, requested_wait(error), request_made=False)
        case TooManyRequestsError() if error.wait is not None:
            return Unavailable(Cause.RATE_LIMITED, False, requested_wait(error))
        case RejectedError():
            return _explain_rejection(error.rejection)
        case discord.HTTPException():
            return _explain_answer(error)
        case _:
            return Unavailable(reasons.ConnectionLost(one_line(error)), unknown=True)


def after_repetition(outcome: FailureT) -> FailureT | Unavailable:
    """What a failure means if discord.py had repeated the request before.

    It repeats what was answered by a server error, and Discord may have carried that out. What the
    last response says is only about the last request.
    """
    match outcome:
        case Unavailable():
            return replace(outcome, unknown=True)
        case ChannelClosed() | Refused():
            return Unavailable(outcome.reason, unknown=True)
        case _:
            return outcome


def requested_wait(error: Exception) -> timedelta | None:
    """How long Discord asks to wait after an error with status 429; None if it does not."""
    if isinstance(error, discord.RateLimited):
        seconds = read_seconds(error.retry_after)
    elif isinstance(error, TooManyRequestsError) and error.wait is not None:
        seconds = error.wait.seconds
    else:
        return None
    return None if seconds is None else timedelta(seconds=seconds)


def explain_failed_edit(error: Exception) -> EditOutcome:
    """Return what a failed edit means.

    With 404, whatever the code, there is nothing to edit. That says nothing about posts: whether
    the channel was deleted is found out by the next one.
    """
    if isinstance(error, discord.NotFound):
        return MessageGone(Cause.MESSAGE_DELETED)
    return _explain_limit(error) or explain_failure(error)


def explain_failed_follow_up(
    error: Exception, action: FollowUpAction, message_id: int
) -> FollowUpOutcome:
    """Return what a failed follow-up means. That it was done before is a success."""
    code = error_code(error)
    if code in {ALREADY_PUBLISHED, THREAD_EXISTS}:
        return Accepted(message_id)
    if code == WRONG_CHANNEL_TYPE:
        return Impossible(WRONG_CHANNEL[action])
    if isinstance(error, discord.NotFound):
        return Impossible(Cause.MESSAGE_DELETED)
    outcome = _explain_limit(error) or explain_failure(error)
    # Only with status 404, see above, is a channel gone.
    return Impossible(outcome.reason) if isinstance(outcome, ChannelGone) else outcome


def _explain_limit(error: Exception) -> Unavailable | None:
    """What a failure because of the limits of publishing means; None if it is another."""
    if not isinstance(error, TooManyRequestsError) or error.code not in PUBLISHING_LIMITS:
        return None
    wait = requested_wait(error)
    return Unavailable(Cause.PUBLISHING_LIMIT, False, wait or LONGEST_WAIT)


def _explain_answer(error: discord.HTTPException) -> Outcome:
    if (state := _CHANNEL_STATES.get(error.code)) is not None:
        return state
    match error.status:
        case 401:
            return Unavailable(Cause.TOKEN_REJECTED, unknown=False)
        case 403:
            return ChannelClosed(reasons.AccessRefused(error.text))
        case 404 if error.code == UNKNOWN_CHANNEL:
            return ChannelGone(reasons.ChannelDeleted(error.text))
        case 404:
            return ChannelClosed(reasons.ChannelNotFound(error.text))
        case 429:
            return Unavailable(Cause.RATE_LIMITED, unknown=False)
        case 400 | 413:
            return Refused(reasons.MessageRefused(error.text or str(error.status)))
        case status:
            # A server error, a redirect or an answer of a proxy: none is about the message.
            refused = 400 <= status < 500  # noqa: PLR2004 - HTTP's class of client errors
            return Unavailable(reasons.ServerError(status), unknown=not refused)


def _explain_rejection(rejection: Rejection) -> Outcome:
    if (state := _CHANNEL_STATES.get(rejection.code)) is not None:
        return state
    return Refused(reasons.MessageRefused(rejection.text))


def is_about_message(rejection: Rejection) -> bool:
    """Whether Discord may accept another message in the same channel."""
    about_thread = any(path[0] in _THREAD_FIELDS for path in rejection.fields)
    return rejection.code not in _CHANNEL_STATES and not about_thread


def rejected_fields(error: Exception) -> tuple[tuple[str, ...], ...]:
    """The paths of the fields that Discord rejects."""
    return error.rejection.fields if isinstance(error, RejectedError | BadRequestError) else ()


def error_code(error: Exception) -> int:
    """Discord's code for an error; 0 if it has none."""
    if isinstance(error, RejectedError):
        return error.rejection.code
    return error.code if isinstance(error, discord.HTTPException) else 0


class InvalidRequests:
    """Limits refused requests to far fewer than the number for which Discord bans an IP address.

    That number is 10,000 responses with status 401, 403 or 429 in 10 minutes:
    https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
    """

    PERIOD = timedelta(minutes=10)
    BUDGET = 500

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: deque[float] = deque()

    def count(self, error: Exception) -> None:
        """Count a response if it has such a status."""
        if isinstance(error, discord.HTTPException) and error.status in INVALID_STATUSES:
            self._times.append(self._clock.monotonic())

    def wait(self) -> timedelta | None:
        """Return how long to send no requests; None if there is budget left."""
        now, period = self._clock.monotonic(), self.PERIOD.total_seconds()
        while self._times and now - self._times[0] >= period:
            self._times.popleft()
        if len(self._times) < self.BUDGET:
            return None
        return timedelta(seconds=self._times[0] + period - now)


def longest_wait(wait: timedelta, error: Exception) -> float:
    """The wait after an error, in seconds: ours, or that which Discord asks for."""
    return max(wait, requested_wait(error) or wait).total_seconds()
