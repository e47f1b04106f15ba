"""Rate limits: buckets per route, the total per second, and the count of invalid requests.

https://docs.discord.com/developers/topics/rate-limits
"""

import hashlib
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from bot.sandbox.clock import Clock
from bot.sandbox.options import RateOptions

INVALID_WINDOW_SECONDS = 600
_INVALID = frozenset({401, 403, 429})


class Scope(StrEnum):
    """Which limit was exceeded."""

    USER = "user"
    GLOBAL = "global"


@dataclass(slots=True)
class _Bucket:
    name: str
    limit: int
    remaining: int
    resets_at: float


@dataclass(frozen=True, slots=True)
class RateDecision:
    """Whether a request may pass, and the rate limit headers of its response.

    `retry_after` is in seconds; None: it may pass.
    """

    headers: dict[str, str]
    retry_after: float | None = None
    scope: Scope = Scope.USER


_UNLIMITED = RateDecision({})


class RateLimits:
    """Counts requests; without options nothing is limited, but invalid requests are counted."""

    def __init__(self, options: RateOptions | None, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._latest_second: deque[float] = deque()
        self._invalid: deque[float] = deque()

    def take(self, route: str, major: str, *, counts_globally: bool) -> RateDecision:
        """Count a request of a route; `major` is the id of its channel or webhook."""
        if self._options is None:
            return _UNLIMITED
        now = self._clock().timestamp()
        if counts_globally and (wait := self._take_global(now)) is not None:
            return RateDecision({"X-RateLimit-Global": "true"}, wait, Scope.GLOBAL)
        if (limit := self._options.routes.get(route)) is None:
            return RateDecision({})
        bucket = self._bucket(route, major, limit, now)
        if bucket.remaining == 0:
            return RateDecision(_headers(bucket, now), bucket.resets_at - now)
        bucket.remaining -= 1
        return RateDecision(_headers(bucket, now))

    def _take_global(self, now: float) -> float | None:
        """The seconds to wait if this second is full, else None."""
        maximum = self._options.global_per_second if self._options else None
        if maximum is None:
            return None
        # After the clock was moved back, some times are in the future; they do not count.
        while self._latest_second and not now - 1 < self._latest_second[0] <= now:
            self._latest_second.popleft()
        if len(self._latest_second) >= maximum:
            return self._latest_second[0] + 1 - now
        self._latest_second.append(now)
        return None

    def _bucket(self, route: str, major: str, limit: tuple[int, float], now: float) -> _Bucket:
        bucket = self._buckets.get((route, major))
        if bucket is None or now >= bucket.resets_at or bucket.resets_at - now > limit[1]:
            name = hashlib.sha256(route.encode()).hexdigest()[:32]
            bucket = _Bucket(name, limit[0], limit[0], now + limit[1])
            self._buckets[route, major] = bucket
        return bucket

    def count_status(self, status: int) -> None:
        """Count a response to an invalid request: 401, 403, 429."""
        if status in _INVALID:
            self._invalid.append(self._clock().timestamp())

    @property
    def invalid_requests(self) -> int:
        """How many invalid requests there were in the last ten minutes."""
        now = self._clock().timestamp()
        while self._invalid and not now - INVALID_WINDOW_SECONDS < self._invalid[0] <= now:
            self._invalid.popleft()
        return len(self._invalid)

    @property
    def is_banned(self) -> bool:
        """Whether the client is banned, as by Cloudflare after too many invalid requests."""
        limit = self._options.invalid_per_ten_minutes if self._options else None
        return limit is not None and len(self._invalid) >= limit <= self.invalid_requests


def _headers(bucket: _Bucket, now: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(bucket.limit),
        "X-RateLimit-Remaining": str(bucket.remaining),
        "X-RateLimit-Reset": f"{bucket.resets_at:.3f}",
        "X-RateLimit-Reset-After": f"{max(0.0, bucket.resets_at - now):.3f}",
        "X-RateLimit-Bucket": bucket.name,
    }
