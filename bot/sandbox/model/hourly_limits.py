"""Limits of what may be done in a channel within an hour, apart from the limits of routes."""

from collections import defaultdict, deque

from bot.sandbox import errors
from bot.sandbox.clock import Clock

_HOUR_SECONDS = 3600.0


class HourlyLimit:
    """Counts an action per channel; without a maximum nothing is limited."""

    def __init__(self, maximum: int | None, clock: Clock) -> None:
        self._maximum = maximum
        self._clock = clock
        self._done: dict[int, deque[float]] = defaultdict(deque)

    def take(self, channel_id: int) -> None:
        """Count an action; raises 20028 if there were too many in the last hour."""
        if self._maximum is None:
            return
        now, done = self._clock().timestamp(), self._done[channel_id]
        # After the clock was moved back, some times are in the future; they do not count.
        while done and not now - _HOUR_SECONDS < done[0] <= now:
            done.popleft()
        if len(done) >= self._maximum:
            raise errors.channel_write_limited(done[0] + _HOUR_SECONDS - now)
        done.append(now)
