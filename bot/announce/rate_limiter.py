"""Keep all requests of the bot below Discord's global rate limit.

Discord allows 50 requests a second over all routes
(https://discord.com/developers/docs/topics/rate-limits#global-rate-limit); discord.py observes the
limits of single routes, not the global one.
"""

import math
from collections import deque

from bot.clock import Clock

# After a stall, delayed requests catch up at intervals shortened by this factor, not all at once.
CATCH_UP = 0.9


class RateLimiter:
    """Spaces requests evenly, at most `per_second` in any second, roughly first come, first served.

    Even spacing alone is not enough. After a stall of the program, all delayed requests would go
    out together with the next ones; and requests with different latencies may reach Discord in the
    same second.
    """

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._clock = clock
        self._next = 0.0
        self._taken = deque[float]()
        self.set_rate(per_second)

    def set_rate(self, per_second: float) -> None:
        """Allow this many requests per second from now on."""
        self._interval = 1 / per_second
        self._taken = deque(self._taken, maxlen=math.ceil(per_second))

    async def acquire(self) -> None:
        """Wait until the next request may be sent."""
        now = self._clock.monotonic()
        at = max(now, self._next)
        self._next = at + self._interval
        while (wait := max(at, self._earliest()) - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)
        self._taken.append(self._clock.monotonic())

    def _earliest(self) -> float:
        """The earliest monotonic time for another request, given those already sent."""
        if not self._taken:
            return 0.0
        spaced = self._taken[-1] + self._interval * CATCH_UP
        if len(self._taken) < (self._taken.maxlen or 0):
            return spaced
        return max(spaced, self._taken[0] + 1)
