"""Clocks as parameters, so that tests can control time."""

import asyncio
import sys
import time
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

# A jump ahead by more than that is only believed later: see `CautiousClock`.
_BELIEVED_JUMP = timedelta(hours=1)
_BELIEVED_AFTER = timedelta(days=1)


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
        """The machine's monotonic time in seconds, with the time that it was asleep."""
        if sys.platform == "linux":
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(seconds)


class CautiousClock:
    """The time for decisions that lose something if the clock is wrong: what is too old.

    A clock that was set ahead by more than an hour may be wrong. For a day, its time is counted on
    from before the jump. If it is not set back by then, it is right. Other changes count at once.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._believed = clock.now()
        self._at = clock.monotonic()
        self._doubted_since: float | None = None

    def now(self) -> datetime:
        """The current time, or what it would be without the jump ahead."""
        shown, at = self._clock.now(), self._clock.monotonic()
        expected = self._believed + timedelta(seconds=at - self._at)
        if shown - expected <= _BELIEVED_JUMP:
            expected, self._doubted_since = shown, None
        elif self._doubted_since is None:
            self._doubted_since = at
        elif at - self._doubted_since >= _BELIEVED_AFTER.total_seconds():
            expected, self._doubted_since = shown, None
        self._believed, self._at = expected, at
        return expected


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
