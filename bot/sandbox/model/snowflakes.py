"""Ids that contain the time of their creation, as Discord's do.

https://docs.discord.com/developers/reference#snowflakes
"""

from datetime import UTC, datetime, timedelta

from bot.sandbox.clock import Clock

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_EPOCH_SECONDS = int(_EPOCH.timestamp())
_SEQUENCE_BITS = 22
_END = 2**64
_MAX_DIGITS = len(str(_END))


def read_id(value: object) -> int | None:
    """Read an id that was written as text or number; None if it is none.

    Ids have 64 bits. Python refuses to convert thousands of digits, and accepts those of other
    scripts.
    """
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        return None
    return number if (number := int(text)) < _END else None


def floor(moment: datetime) -> int:
    """The smallest id of a time."""
    seconds = int(moment.timestamp()) - _EPOCH_SECONDS
    return (seconds * 1000 + moment.microsecond // 1000) << _SEQUENCE_BITS


def moment_of(snowflake: int) -> datetime:
    """The time at which an id was created, in UTC, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=snowflake >> _SEQUENCE_BITS)


class Snowflakes:
    """Creates increasing ids, even if the clock stands still or is moved back."""

    def __init__(self, clock: Clock, last: int = 0) -> None:
        self._clock = clock
        self._last = last

    def next(self) -> int:
        """A new id, larger than all before it."""
        self._last = max(floor(self._clock()), self._last + 1)
        return self._last

    def seen(self, snowflake: int) -> None:
        """Record an id of the saved state; new ids are larger."""
        self._last = max(self._last, snowflake)
