"""How often one member may ask: a token bucket for each, so that nobody keeps others waiting.

Pure; the clock is a parameter.
"""

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum, auto

from bot.clock import Clock

# Members are forgotten in the order of their last request, and then have their full allowance.
MOST_MEMBERS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` requests at once, and `per_second` more for each second that passes."""

    burst: int
    per_second: float


class Allowance(Enum):
    """Whether a request is answered. `REFUSED_FIRST`: the first refusal since the last answer."""

    ALLOWED = auto()
    REFUSED_FIRST = auto()
    REFUSED = auto()


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float
    refused: bool = False


class MemberLimits:
    """The buckets of the members who asked lately."""

    def __init__(self, clock: Clock, rate: Rate) -> None:
        self._clock = clock
        self._rate = rate
        self._buckets: OrderedDict[int, _Bucket] = OrderedDict()

    def take(self, member_id: int) -> Allowance:
        """Count a request of a member and return whether it may be answered."""
        now, rate = self._clock.monotonic(), self._rate
        bucket = self._buckets.pop(member_id, None) or _Bucket(rate.burst, now)
        self._buckets[member_id] = bucket
        if len(self._buckets) > MOST_MEMBERS:
            self._buckets.popitem(last=False)
        bucket.tokens += max(0.0, now - bucket.filled_at) * rate.per_second
        bucket.tokens, bucket.filled_at = min(bucket.tokens, rate.burst), now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            bucket.refused = False
            return Allowance.ALLOWED
        first, bucket.refused = not bucket.refused, True
        return Allowance.REFUSED_FIRST if first else Allowance.REFUSED

    def __len__(self) -> int:
        return len(self._buckets)
