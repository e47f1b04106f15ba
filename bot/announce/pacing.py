"""Keeping the whole bot under Discord's global rate.

Discord allows 50 requests a second over all routes
(https://discord.com/developers/docs/topics/rate-limits#global-rate-limit); discord.py keeps the
limits of single routes, not that one.
"""

from __future__ import annotations

import math
from collections import deque

from bot.clock import Clock

# A program that was held up makes good for it a little faster than its pace, not all at once.
CATCH_UP = 0.9


class Pacer:
    """Hands out turns: evenly spaced, never more than so many a second, about in order of asking.

    An even plan alone is not enough. Turns whose time came while the program was held up would go
    out together, beside those that are due then; and whatever goes out together meets the next
    second's at Discord, when some of it travels longer than the rest.
    """

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._next = 0.0
        self._taken: deque[float] = deque(maxlen=math.ceil(per_second))

    async def turn(self) -> None:
        """Wait for the next turn."""
        now = self._clock.monotonic()
        at = max(now, self._next)
        self._next = at + self._interval
        while (wait := max(at, self._earliest()) - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)
        self._taken.append(self._clock.monotonic())

    def _earliest(self) -> float:
        """When the turns already taken allow another one."""
        if not self._taken:
            return 0.0
        spaced = self._taken[-1] + self._interval * CATCH_UP
        if len(self._taken) < (self._taken.maxlen or 0):
            return spaced
        return max(spaced, self._taken[0] + 1)
