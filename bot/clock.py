"""Time as a parameter, so that tests can move it."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC; it may jump."""

    def monotonic(self) -> float:
        """Seconds that never jump, from an arbitrary start."""

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds by this clock."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time of day in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """The machine's monotonic time in seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(seconds)


def until_next_second(clock: Clock) -> float:
    """Seconds until the clock's next full second.

    Whoever polls each second waits so long: all of them then wake the processor once.
    """
    return 1.0 - clock.monotonic() % 1.0


async def wait_for_event(event: asyncio.Event, seconds: float, clock: Clock) -> bool:
    """Wait for an event, at most that many seconds by the clock; clears it and says if it came."""
    waiting = asyncio.ensure_future(event.wait())
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({waiting, sleeping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        sleeping.cancel()
        await asyncio.gather(waiting, sleeping, return_exceptions=True)
    came = event.is_set()
    event.clear()
    return came
