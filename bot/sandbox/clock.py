"""The sandbox's time: a given clock plus whatever a test or the page moved it by."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

# A foreign clock may jump without telling us, so a wait looks at it again at least this often.
_LOOK_AGAIN_SECONDS = 0.05


def system_clock() -> datetime:
    """The machine's time in UTC."""
    return datetime.now(UTC)


class MovableClock:
    """A clock in UTC that can be moved; all deadlines and windows are read from it."""

    def __init__(self, base: Clock = system_clock) -> None:
        self._base = base
        self._offset = timedelta()

    def __call__(self) -> datetime:
        """The time now, in UTC."""
        return self._base() + self._offset

    def move(self, by: timedelta) -> None:
        """Jump by a span, forwards or (negative) backwards."""
        self._offset += by

    async def wait(self, event: asyncio.Event, until: datetime) -> bool:
        """Wait until the event is set (True) or this clock has reached a moment (False)."""
        while not event.is_set():
            left = (until - self()).total_seconds()
            if left <= 0:
                return False
            try:
                async with asyncio.timeout(min(left, _LOOK_AGAIN_SECONDS)):
                    await event.wait()
            except TimeoutError:
                continue
        return True
