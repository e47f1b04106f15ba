"""Keeping the whole bot under Discord's global rate.

Discord allows 50 requests a second over all routes
(https://discord.com/developers/docs/topics/rate-limits#global-rate-limit); discord.py keeps the
limits of single routes, not that one.
"""

from __future__ import annotations

from bot.clock import Clock


class Pacer:
    """Hands out turns, evenly spaced, so many a second, in the order of asking."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for the next turn."""
        now = self._clock.monotonic()
        at = max(now, self._next)
        self._next = at + self._interval
        if at > now:
            await self._clock.sleep(at - now)
