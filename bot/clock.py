"""Clocks as parameters, so that tests can control time."""

import asyncio
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """A source of the current time that can also sleep."""

    def now(self) -> datetime:
        """The current time, aware and in UTC; it may jump."""

    def monotonic(self) -> float:
        """Seconds that never jump, from an arbitrary start."""

    async def sleep(self, seconds: float) -> None:
        """Wait for this many seconds of the clock."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """The machine's monotonic time in seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(seconds)


def until_next_second(clock: Clock) -> float:
    """Seconds until the clock's next full second.

    All loops that poll once a second wait this long, so that they wake the processor together.
    """
    return 1.0 - clock.monotonic() % 1.0


async def wait_for_event(event: asyncio.Event, seconds: float, clock: Clock) -> bool:
    """Wait for an event for at most `seconds`; clear it and return whether it was set."""
    waiting = asyncio.ensure_future(event.wait())
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({waiting, sleeping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        sleeping.cancel()
        await asyncio.gather(waiting, sleeping, return_exceptions=True)
    was_set = event.is_set()
    event.clear()
    return was_set


async def finish_within(work: Coroutine[Any, Any, T], seconds: float, clock: Clock) -> T:
    """Return the result of `work`; cancel it and raise `TimeoutError` after `seconds`."""
    working = asyncio.ensure_future(work)
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({working, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise TimeoutError
        return working.result()
    finally:
        working.cancel()
        sleeping.cancel()
        await asyncio.gather(working, sleeping, return_exceptions=True)
