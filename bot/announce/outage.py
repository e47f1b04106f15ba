"""Patience with a Discord that is away: pure, with the time passed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

FIRST_RETRY = timedelta(seconds=1)
LAST_RETRY = timedelta(minutes=5)
# So many failures in a row, and it is not this message that is at fault.
ENOUGH = 3


def back_off(attempts: int, jitter: Callable[[], float]) -> timedelta:
    """How long to wait after that many attempts: doubled each time, bounded, spread by half."""
    longest = min(LAST_RETRY, FIRST_RETRY * (1 << min(attempts - 1, 16)))
    return longest * (1 - jitter() / 2)


class Outage:
    """Counts failures in a row over all channels, so that an outage is probed and not hammered."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._failures = 0
        self._probe_at: datetime | None = None

    def failed(self, now: datetime) -> None:
        """A send found Discord away."""
        self._failures += 1
        if self._failures >= ENOUGH:
            self._probe_at = now + back_off(self._failures - ENOUGH + 1, self._jitter)

    def succeeded(self) -> None:
        """Discord answered, whatever it said."""
        self._failures, self._probe_at = 0, None

    def slots(self, now: datetime, slots: int) -> int:
        """How many sends may be in flight: all, or one to see whether Discord is back, or none."""
        if self._probe_at is None:
            return slots
        # A clock that was set back must not prolong an outage.
        due = now >= self._probe_at or self._probe_at - now > LAST_RETRY
        return 1 if due else 0
