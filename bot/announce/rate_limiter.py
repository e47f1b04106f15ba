"""Keeps all requests of the bot under Discord's global rate limit.

Discord allows 50 requests a second over all routes
(https://discord.com/developers/docs/topics/rate-limits#global-rate-limit); discord.py observes the
limits of single routes, not that one.
"""

import math
from collections import deque

from bot.clock import Clock

# After a stall, missed turns are made up a little faster than the pace, not all at once.
CATCH_UP = 0.9


class RateLimiter:
    """Spaces requests evenly, at most `per_second` in any second, roughly first come first served.

    Even spacing alone is not enough. Requests that were due while the program stalled would go out
    together, beside those that are due then; and when some of them travel longer than others, they
    arrive at Discord in the same second as the next ones.
    """

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._next = 0.0
        self._taken: deque[float] = deque(maxlen=math.ceil(per_second))

    async def acquire(self) -> None:
        """Wait until the next request may be sent."""
        now = self._clock.monotonic()
        at = max(now, self._next)
        self._next = at + self._interval
        while (wait := max(at, self._earliest()) - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)
        self._taken.append(self._clock.monotonic())

    def _earliest(self) -> float:
        """The monotonic time from which the requests already sent allow another."""
        if not self._taken:
            return 0.0
        spaced = self._taken[-1] + self._interval * CATCH_UP
        if len(self._taken) < (self._taken.maxlen or 0):
            return spaced
        return max(spaced, self._taken[0] + 1)
