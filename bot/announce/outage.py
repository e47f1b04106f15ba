"""Patience with a Discord that is away: pure, with the time passed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

FIRST_RETRY = timedelta(seconds=1)
LAST_RETRY = timedelta(minutes=5)
# So many channels fail in a row, and it is neither the message nor the channel that is at fault.
ENOUGH = 3


def back_off(attempts: int, jitter: Callable[[], float]) -> timedelta:
    """How long to wait after that many attempts: doubled each time, bounded, spread by half."""
    longest = min(LAST_RETRY, FIRST_RETRY * (1 << min(attempts - 1, 16)))
    return longest * (1 - jitter() / 2)


class Outage:
    """Notices when channel after channel fails, so that an outage is probed and not hammered."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._failing: set[int] = set()
        self._probes = 0
        self._probe_at: datetime | None = None

    def failed(self, channel_id: int, now: datetime) -> None:
        """A send to a channel found Discord away."""
        self._failing.add(channel_id)
        # What was in flight when it began says nothing new.
        if len(self._failing) >= ENOUGH and not self._waits(now):
            self._probes += 1
            self._probe_at = now + back_off(self._probes, self._jitter)

    def succeeded(self) -> None:
        """Discord answered, whatever it said."""
        self._failing.clear()
        self._probes, self._probe_at = 0, None

    def slots(self, now: datetime, slots: int) -> int:
        """How many sends may be in flight: all, or one to see whether Discord is back, or none."""
        if self._probe_at is None:
            return slots
        return 0 if self._waits(now) else 1

    def _waits(self, now: datetime) -> bool:
        # A clock that was set back must not prolong an outage.
        return self._probe_at is not None and timedelta() < self._probe_at - now <= LAST_RETRY
