"""What every possible end of a request to Discord means for a post."""

import asyncio
import json
from collections import deque
from datetime import timedelta

import aiohttp
import discord

from bot.announce.poster_port import (
    ChannelClosed,
    ChannelGone,
    EditOutcome,
    MessageGone,
    Outcome,
    Refused,
    Unavailable,
)
from bot.clock import Clock
from storage import reasons
from storage.reasons import Cause

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
SLOWMODE = 20016
INVALID_STATUSES = frozenset({401, 403, 429})

FAILURES = (
    discord.HTTPException,
    discord.RateLimited,
    aiohttp.ClientError,
    OSError,
    asyncio.TimeoutError,
    json.JSONDecodeError,  # an answer that was cut off
)


def explain_failure(error: Exception) -> Outcome:
    """What a failed send means: refused, not now, or nobody knows.

    A connection that was never made carried nothing. After any other broken connection, time-out
    or 5xx the message may be in the channel all the same.
    """
    match error:
        case aiohttp.ClientConnectorError():
            return Unavailable(Cause.CONNECTION_FAILED, unknown=False)
        case discord.RateLimited():
            return Unavailable(Cause.RATE_LIMITED, False, timedelta(seconds=error.retry_after))
        case discord.HTTPException():
            return _explain_answer(error)
        case _:
            return Unavailable(
                reasons.ConnectionLost(str(error) or type(error).__name__), unknown=True
            )


def explain_failed_edit(error: Exception) -> EditOutcome:
    """The same for an edit, whose message may be gone."""
    if isinstance(error, discord.NotFound) and error.code == UNKNOWN_MESSAGE:
        return MessageGone(Cause.MESSAGE_DELETED)
    return explain_failure(error)


def _explain_answer(error: discord.HTTPException) -> Outcome:
    match error.status:
        case _ if error.code == SLOWMODE:
            return Unavailable(Cause.SLOW_MODE, False, timedelta(minutes=1))
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
        case status if status >= 500:  # noqa: PLR2004 - HTTP's own class of answers
            return Unavailable(reasons.ServerError(status), unknown=True)
        case status:
            return Refused(reasons.MessageRefused(error.text or str(status)))


class InvalidRequests:
    """Keeps refused requests far below the number at which Discord bans an address.

    10,000 answers of 401, 403 or 429 in 10 minutes bring a ban:
    https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
    """

    PERIOD = timedelta(minutes=10)
    BUDGET = 500

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: deque[float] = deque()

    def count(self, error: Exception) -> None:
        """Note an answer, if it is of the kind that counts."""
        if isinstance(error, discord.HTTPException) and error.status in INVALID_STATUSES:
            self._times.append(self._clock.monotonic())

    def wait(self) -> timedelta | None:
        """How long to ask nothing more; None while the budget lasts."""
        now, period = self._clock.monotonic(), self.PERIOD.total_seconds()
        while self._times and now - self._times[0] >= period:
            self._times.popleft()
        if len(self._times) < self.BUDGET:
            return None
        return timedelta(seconds=self._times[0] + period - now)
