"""When to ask again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import timedelta

from bot.clock import Clock
from bot.retry import Backoff

# Up to a tenth earlier, so that many sources (and many bots) don't ask in the same second; never
# later, so that what is new is there within the interval.
JITTER = 0.1
# A server in trouble is asked half as often each time, down to this or to the interval.
LONGEST_BACK_OFF = timedelta(hours=1)


class Schedule:
    """Asks every so often, less often in trouble, and not before the server wants it.

    `random` gives numbers from 0 to 1. Whoever asks reports to `succeeded` or `failed`.
    """

    def __init__(self, every: timedelta, clock: Clock, random: Callable[[], float]) -> None:
        self._clock = clock
        self._backoff = Backoff(every, max(every, LONGEST_BACK_OFF), spread=JITTER, random=random)
        self._due_at = clock.monotonic()

    @property
    def seconds_left(self) -> float:
        """How long it is until the next time; 0: now."""
        return max(0.0, self._due_at - self._clock.monotonic())

    def succeeded(self) -> None:
        """It was asked, and answered."""
        self._backoff.reset()
        # Every wait begins with the interval.
        self._wait(self._backoff.wait_after(1))

    def failed(self, retry_after: timedelta | None = None) -> None:
        """It did not answer, or wants to be left alone for a while."""
        self._wait(self._backoff.next_wait())
        if retry_after is not None:
            earliest = self._clock.monotonic() + retry_after.total_seconds()
            self._due_at = max(self._due_at, earliest)

    async def ticks(self) -> AsyncGenerator[None]:
        """Yield whenever it is time; the first time at once."""
        while True:
            while (seconds := self.seconds_left) > 0:
                await self._clock.sleep(seconds)
            yield

    def _wait(self, wait: timedelta) -> None:
        self._due_at = self._clock.monotonic() + wait.total_seconds()
