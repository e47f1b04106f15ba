"""Clocks for tests: a fake one that tests move, and the machine's clock with an offset."""

import asyncio
import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

from bot.clock import SystemClock

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LONGEST_WAIT = 60.0
"""Seconds of real time after which a wait for other tasks is given up."""


class FakeClock:
    """A clock that stands still until a test moves it.

    With `auto_advance`, every sleep returns at once and moves the clock by its length.
    """

    def __init__(self, start: datetime = START, *, auto_advance: bool = False) -> None:
        self.slept: list[float] = []
        """The length of every sleep so far, in seconds."""
        self._now = start
        self._monotonic = 1000.0
        self._auto_advance = auto_advance
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()
        self._someone_slept = asyncio.Event()

    def now(self) -> datetime:
        """Return the time of day."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds that `advance` and `skip` have added, from an arbitrary start."""
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has moved that far."""
        self.slept.append(seconds)
        self._someone_slept.set()
        if self._auto_advance:
            self.skip(seconds)
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._order), woken))
        await woken

    async def advance(self, time: timedelta | float) -> None:
        """Move the clock and wake the sleepers, each at its own time."""
        seconds = time.total_seconds() if isinstance(time, timedelta) else time
        end = self._monotonic + seconds
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, woken = heapq.heappop(self._sleepers)
            self.skip(max(0.0, at - self._monotonic))
            if not woken.done():
                woken.set_result(None)
            await asyncio.sleep(0)
        self.skip(end - self._monotonic)
        await asyncio.sleep(0)

    def skip(self, seconds: float) -> None:
        """Let time pass without waking anybody, as if the program had been suspended."""
        self._monotonic += seconds
        self._now += timedelta(seconds=seconds)

    def jump(self, time: timedelta) -> None:
        """Change the time of day only, as an operator or NTP does; nobody wakes."""
        self._now += time

    def wake_times(self) -> list[float]:
        """Return the monotonic time at which each sleeper wants to wake."""
        return [at for at, _, woken in self._sleepers if not woken.done()]

    async def wait_for_sleepers(self, number: int) -> None:
        """Wait in real time until that many tasks sleep: until they have done their work."""
        await self.wait_until(lambda: len(self.wake_times()) >= number)

    async def wait_for_sleeps(self, number: int) -> None:
        """Wait in real time until there have been that many sleeps."""
        await self.wait_until(lambda: len(self.slept) >= number)

    async def wait_until(self, is_true: Callable[[], bool]) -> None:
        """Wait in real time for a condition, which is checked whenever a task begins to sleep."""
        async with asyncio.timeout(LONGEST_WAIT):
            while not is_true():
                self._someone_slept.clear()
                await self._someone_slept.wait()


class OffsetClock(SystemClock):
    """The machine's clock with an offset, for bots in real time whose clock is wrong.

    `error` shifts only the time of day; `skipped` is time that the monotonic clock has, too.
    """

    def __init__(self, error: timedelta = timedelta()) -> None:
        self.error = error
        self.skipped = timedelta()

    def now(self) -> datetime:
        """Return the machine's time of day with both offsets."""
        return super().now() + self.error + self.skipped

    def monotonic(self) -> float:
        """Return the machine's monotonic time with the skipped seconds."""
        return super().monotonic() + self.skipped.total_seconds()
