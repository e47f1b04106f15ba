"""Sending less while Discord is unavailable. Pure; the time is passed in."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.retry import Backoff

FIRST_RETRY = timedelta(seconds=1)
LAST_RETRY = timedelta(minutes=5)
# When this many channels fail in a row, neither a message nor a channel is at fault.
THRESHOLD = 3


def send_backoff(random: Callable[[], float]) -> Backoff:
    """The waits between attempts to send anything to Discord; at least half of each is waited."""
    return Backoff(FIRST_RETRY, LAST_RETRY, spread=0.5, random=random)


class CircuitBreaker:
    """Opens when channel after channel fails; then one send at a time probes Discord.

    `random` returns numbers from 0 to 1 and spreads the probes.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._backoff = send_backoff(random)
        self._failing: set[int] = set()
        self._probe_at: datetime | None = None

    def record_failure(self, channel_id: int, now: datetime) -> None:
        """A send to a channel found Discord unavailable."""
        self._failing.add(channel_id)
        # Sends that were in flight when the outage began fail too; they are no failed probes.
        if len(self._failing) >= THRESHOLD and not self._is_open(now):
            self._probe_at = now + self._backoff.next_wait()

    def record_success(self) -> None:
        """Discord answered, whatever the answer was."""
        self._failing.clear()
        self._backoff.reset()
        self._probe_at = None

    def allowed(self, now: datetime, limit: int) -> int:
        """How many sends may be in flight: `limit`, or one as a probe, or none."""
        if self._probe_at is None:
            return limit
        return 0 if self._is_open(now) else 1

    def _is_open(self, now: datetime) -> bool:
        # A clock that was set back must not prolong the wait.
        return self._probe_at is not None and timedelta() < self._probe_at - now <= LAST_RETRY
