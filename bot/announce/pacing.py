"""Keeping the whole bot under Discord's global rate.

Discord allows 50 requests a second over all routes
(https://discord.com/developers/docs/topics/rate-limits#global-rate-limit); discord.py keeps the
limits of single routes, not that one.
"""

from __future__ import annotations

import math
from collections import deque

from bot.clock import Clock


class Pacer:
    """Hands out turns in the order of asking: evenly spaced, and never more than so many a second.

    Even spacing alone is not enough: turns whose time came while the program was held up would go
    out together, beside those that are due then.
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
        if at > now:
            await self._clock.sleep(at - now)
        while (wait := self._until_a_second_has_room()) > 0:
            await self._clock.sleep(wait)
        self._taken.append(self._clock.monotonic())

    def _until_a_second_has_room(self) -> float:
        if len(self._taken) < (self._taken.maxlen or 0):
            return 0
        return self._taken[0] + 1 - self._clock.monotonic()
