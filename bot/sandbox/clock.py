"""The sandbox's time: a given clock plus an offset that tests and the page can change."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

# The base clock may jump without notice, so a wait checks it at least this often.
_POLL_SECONDS = 0.05


def system_clock() -> datetime:
    """The machine's time in UTC."""
    return datetime.now(UTC)


class MovableClock:
    """A UTC clock that can be moved; every deadline and window follows it."""

    def __init__(self, base: Clock = system_clock) -> None:
        self._base = base
        self._offset = timedelta()

    def __call__(self) -> datetime:
        """The time now, in UTC."""
        return self._base() + self._offset

    def move(self, by: timedelta) -> None:
        """Move the clock; a negative span moves it back."""
        self._offset += by

    async def wait(self, event: asyncio.Event, until: datetime) -> bool:
        """Wait for an event, or until this clock reaches a time; returns whether it is set."""
        while not event.is_set():
            remaining = (until - self()).total_seconds()
            if remaining <= 0:
                return False
            try:
                async with asyncio.timeout(min(remaining, _POLL_SECONDS)):
                    await event.wait()
            except TimeoutError:
                continue
        return True
