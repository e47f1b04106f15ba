"""Ids that carry the time they were made, as Discord's do.

https://docs.discord.com/developers/reference#snowflakes
"""

from datetime import UTC, datetime, timedelta

from bot.sandbox.clock import Clock

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_EPOCH_SECONDS = int(_EPOCH.timestamp())
_SEQUENCE_BITS = 22


def floor(moment: datetime) -> int:
    """The smallest id that can have been made at a moment."""
    seconds = int(moment.timestamp()) - _EPOCH_SECONDS
    return (seconds * 1000 + moment.microsecond // 1000) << _SEQUENCE_BITS


def moment_of(snowflake: int) -> datetime:
    """When an id was made, in UTC, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=snowflake >> _SEQUENCE_BITS)


class Snowflakes:
    """Makes ids that only grow, also when the clock is moved back or stands still."""

    def __init__(self, clock: Clock, last: int = 0) -> None:
        self._clock = clock
        self._last = last

    def next(self) -> int:
        """A new id, larger than every one before it."""
        self._last = max(floor(self._clock()), self._last + 1)
        return self._last

    def seen(self, snowflake: int) -> None:
        """Never make an id up to this one again (it comes from a saved state)."""
        self._last = max(self._last, snowflake)
