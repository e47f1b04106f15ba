"""A circuit breaker: send less while Discord is unavailable. Pure; the time is passed in."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.retry import Backoff

FIRST_RETRY = timedelta(seconds=1)
LAST_RETRY = timedelta(minutes=5)
# If this many channels fail in a row, the cause is Discord, not a message or a channel.
THRESHOLD = 3


def send_backoff(random: Callable[[], float]) -> Backoff:
    """The waits between attempts to send to Discord; jitter shortens each by at most half."""
    return Backoff(FIRST_RETRY, LAST_RETRY, spread=0.5, random=random)


class CircuitBreaker:
    """Opens when several channels fail in a row; then one send at a time probes Discord.

    `random` returns numbers from 0 to 1 and adds jitter to the times of the probes.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._backoff = send_backoff(random)
        self._failing: set[int] = set()
        self._probe_at: datetime | None = None

    def record_failure(self, channel_id: int, now: datetime) -> None:
        """Record that a send to a channel failed because Discord was unavailable."""
        self._failing.add(channel_id)
        # Sends that were in flight when the outage began also fail; they don't count as probes.
        if len(self._failing) >= THRESHOLD and not self._is_open(now):
            self._probe_at = now + self._backoff.next_wait()

    def record_success(self) -> bool:
        """Record that Discord answered, even with a refusal; return whether this ends an outage."""
        ended = self._probe_at is not None
        self._failing.clear()
        self._backoff.reset()
        self._probe_at = None
        return ended

    def probe_now(self, now: datetime) -> None:
        """Allow the next probe at once: there is a sign that Discord is back."""
        self._backoff.reset()
        if self._probe_at is not None:
            self._probe_at = now

    def allowed(self, now: datetime, limit: int) -> int:
        """The number of sends that may be in flight: `limit`, one (a probe) or none."""
        if self._probe_at is None:
            return limit
        return 0 if self._is_open(now) else 1

    def _is_open(self, now: datetime) -> bool:
        # If the clock is set back, the wait must not get longer.
        return self._probe_at is not None and timedelta() < self._probe_at - now <= LAST_RETRY
