"""When to poll a web server again."""

from collections.abc import AsyncGenerator, Callable
from datetime import timedelta

from bot.clock import Clock
from bot.retry import Backoff

# Poll up to 10 % earlier, so that many sources (and many bots) don't poll in the same second; never
# later, so that new documents are found within the interval.
JITTER = 0.1
# The wait doubles after each failure, up to this or to the interval, whichever is longer.
MAX_BACKOFF = timedelta(hours=1)


class PollSchedule:
    """Schedules polls: at an interval, less often after failures, never before Retry-After.

    `random` returns numbers from 0 to 1. The caller reports each attempt to `succeeded` or
    `failed`.
    """

    def __init__(self, every: timedelta, clock: Clock, random: Callable[[], float]) -> None:
        self._clock = clock
        self._backoff = Backoff(every, max(every, MAX_BACKOFF), spread=JITTER, random=random)
        self._due_at = clock.monotonic()

    @property
    def seconds_left(self) -> float:
        """Seconds until the next attempt; 0 if it is due."""
        return max(0.0, self._due_at - self._clock.monotonic())

    def succeeded(self) -> None:
        """Record that the server responded."""
        self._backoff.reset()
        # The first wait after a failure is the interval, too.
        self._wait(self._backoff.wait_after(1))

    def failed(self, retry_after: timedelta | None = None) -> None:
        """Record a failed attempt; `retry_after` is the wait that the server requested, if any."""
        self._wait(self._backoff.next_wait())
        if retry_after is not None:
            earliest = self._clock.monotonic() + retry_after.total_seconds()
            self._due_at = max(self._due_at, earliest)

    async def ticks(self) -> AsyncGenerator[None]:
        """Yield whenever an attempt is due; the first is due immediately."""
        while True:
            while (seconds := self.seconds_left) > 0:
                await self._clock.sleep(seconds)
            yield

    def _wait(self, wait: timedelta) -> None:
        self._due_at = self._clock.monotonic() + wait.total_seconds()
