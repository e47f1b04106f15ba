"""A clock for the bot that is set wrong now and then."""

from datetime import datetime, timedelta

from bot.clock import SystemClock


class WrongClock(SystemClock):
    """The machine's time, off by `error`; `passed` is time that the whole world has skipped."""

    def __init__(self) -> None:
        self.error = timedelta()
        self.passed = timedelta()

    def now(self) -> datetime:
        """What the clock on the wall says."""
        return super().now() + self.error + self.passed

    def monotonic(self) -> float:
        """Seconds, whatever the wall says."""
        return super().monotonic() + self.passed.total_seconds()
