"""A clock that tests move."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class ManualClock:
    """Stands still until `advance` moves it; whoever sleeps wakes when it passes their time."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> datetime:
        """The time it stands at."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that only `advance` adds to."""
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was moved that far."""
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._order), woken))
        await woken

    async def advance(self, time: timedelta | float) -> None:
        """Move on step by step, so that whoever wakes acts at its own time."""
        seconds = time.total_seconds() if isinstance(time, timedelta) else time
        end = self._monotonic + seconds
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, woken = heapq.heappop(self._sleepers)
            self._move(max(0.0, at - self._monotonic))
            if not woken.done():
                woken.set_result(None)
            await asyncio.sleep(0)
        self._move(end - self._monotonic)
        await asyncio.sleep(0)

    async def until_asleep(self, sleepers: int) -> None:
        """Wait until so many sleep: then those whom it woke have done what they had to."""
        async with asyncio.timeout(10):
            while sum(not woken.done() for _, _, woken in self._sleepers) < sleepers:  # noqa: ASYNC110 - what they do between is the store's, on threads
                await asyncio.sleep(0.001)

    def jump(self, time: timedelta) -> None:
        """Change the time of day as an operator or NTP does; nobody wakes."""
        self._now += time

    def _move(self, seconds: float) -> None:
        self._monotonic += seconds
        self._now += timedelta(seconds=seconds)
