"""How often one member, and all members of one server together, may ask.

A token bucket for each, so that nobody keeps others waiting. Pure; the clock is a parameter.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock

# Members and servers are forgotten in the order of their last request, and then have their full
# allowance.
MOST_MEMBERS, MOST_SERVERS = 10_000, 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` requests at once, and `per_second` more for each second that passes."""

    burst: int
    per_second: float


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a member may ask, and how often all members of a server together."""

    member: Rate
    server: Rate


@dataclass(frozen=True, slots=True)
class Excess:
    """Why a request is not answered: the member, or else the `server`, has asked too often.

    `retry_at`: when one more is answered. `announce`: whether the member is to read that. Of the
    refusals because of the member only the first one since the last answer is announced, as a
    program that goes on asking would get as many responses as before.
    """

    retry_at: datetime
    server: bool
    announce: bool


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float
    refused: bool = False


class _Buckets:
    """The buckets of those who asked lately."""

    def __init__(self, rate: Rate, most: int) -> None:
        self._rate = rate
        self._most = most
        self._buckets: OrderedDict[int, _Bucket] = OrderedDict()

    def get(self, key: int, now: float) -> _Bucket:
        """A bucket, filled up to a monotonic time."""
        rate = self._rate
        bucket = self._buckets.pop(key, None) or _Bucket(rate.burst, now)
        self._buckets[key] = bucket
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        bucket.tokens += max(0.0, now - bucket.filled_at) * rate.per_second
        bucket.tokens, bucket.filled_at = min(bucket.tokens, rate.burst), now
        return bucket

    def wait(self, bucket: _Bucket) -> timedelta:
        """How long until a bucket has a token."""
        return timedelta(seconds=max(0.0, 1 - bucket.tokens) / self._rate.per_second)

    def __len__(self) -> int:
        return len(self._buckets)


class MemberLimits:
    """Counts requests of members and servers."""

    def __init__(self, clock: Clock, rates: Rates) -> None:
        self._clock = clock
        self._members = _Buckets(rates.member, MOST_MEMBERS)
        self._servers = _Buckets(rates.server, MOST_SERVERS)

    def take(self, member_id: int, server_id: int | None) -> Excess | None:
        """Count a request; None if it may be answered.

        `server_id` is the server whose members share an allowance, if any.
        """
        now = self._clock.monotonic()
        member = self._members.get(member_id, now)
        if member.tokens < 1:
            first, member.refused = not member.refused, True
            return self._excess(self._members.wait(member), server=False, announce=first)
        # A refusal because of the server costs the member as much as an answer.
        member.tokens -= 1
        member.refused = False
        if server_id is None:
            return None
        server = self._servers.get(server_id, now)
        if server.tokens < 1:
            return self._excess(self._servers.wait(server), server=True, announce=True)
        server.tokens -= 1
        return None

    def _excess(self, wait: timedelta, *, server: bool, announce: bool) -> Excess:
        # In whole seconds, and never too early.
        retry_at = (self._clock.now() + wait).replace(microsecond=0) + timedelta(seconds=1)
        return Excess(retry_at, server, announce)

    def __len__(self) -> int:
        return len(self._members) + len(self._servers)
