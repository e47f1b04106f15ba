"""Names, times, quiet hours and counts as admins type them. Pure.

What can't be parsed raises `ValueError`; its message, with markdown, says what to type instead.
Local times have no zone of their own; the subscription's zone goes with them.
"""

import contextlib
import re
from datetime import time

from bot.discordapp.markdown import discord_length, escaped, plain
from storage.models import Digest, DigestDays, QuietHours

MAX_NAMES = 25
MAX_NAME_LENGTH = 100
MAX_QUALITY = 1000
MAX_CATCH_UP = 20
MAX_PER_HOUR = 1000
MAX_BEST = 20

DEFAULT_TIME = time(9)
DEFAULT_BEST = 10
INSTANT = "instant"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-9]{2}))?\s*(?P<half>[ap]\.?m\.?)?", re.IGNORECASE
)
_BETWEEN_TIMES = re.compile(r"\s*(?:-|\u2013|\u2014|\bto\b|\buntil\b)\s*", re.IGNORECASE)
_NOTHING = {"", "-", "no", "none", "never", "off"}
_SHOWN = 60
_NOON = 12
_TWO = 2
_ID = 18


def split_names(typed: str, what: str = "names") -> tuple[str, ...]:
    """Split names at commas, without duplicates that differ in case only."""
    names: dict[str, str] = {}
    for part in re.split(r"[,\n]", typed):
        if name := plain(part, discord_length(part)):
            names.setdefault(name.casefold(), name)
    if len(names) > MAX_NAMES:
        raise ValueError(f"Please name at most {MAX_NAMES} {what}.")
    for name in names.values():
        if discord_length(name) > MAX_NAME_LENGTH:
            shown = escaped(name, _SHOWN)
            raise ValueError(f"“{shown}” is too long; {MAX_NAME_LENGTH} characters are the limit.")
    return tuple(names.values())


def parse_time(typed: str) -> time:
    """A time of day: `9`, `09:00`, `18.30`, `6:30 pm`."""
    found = _TIME.fullmatch(typed.strip())
    if found is not None:
        hour, minute = int(found["hour"]), int(found["minute"] or 0)
        half = (found["half"] or "").lower()[:1]
        if half and not 1 <= hour <= _NOON:
            hour = 99
        elif half:
            hour = hour % _NOON + (_NOON if half == "p" else 0)
        with contextlib.suppress(ValueError):  # such as 25:00; refused below
            return time(hour, minute)
    raise ValueError(f"“{escaped(typed, _SHOWN)}” is no time of day. Type it like 09:00 or 18:30.")


def format_time(at: time) -> str:
    """`09:00`."""
    return at.strftime("%H:%M")


def parse_quiet(typed: str) -> QuietHours | None:
    """Quiet hours: `22:00-08:00`; None for `none`."""
    if typed.strip().casefold() in _NOTHING:
        return None
    parts = _BETWEEN_TIMES.split(typed.strip())
    if len(parts) != _TWO:
        raise ValueError(
            f"“{escaped(typed, _SHOWN)}” is no span of time."
            " Type quiet hours like 22:00-08:00, or none."
        )
    begin, end = map(parse_time, parts)
    if begin == end:
        raise ValueError("Quiet hours can't last all day. Type them like 22:00-08:00, or none.")
    return QuietHours(begin, end)


def format_quiet(quiet: QuietHours | None) -> str:
    """`22:00-08:00`, or nothing."""
    return f"{format_time(quiet.begin)}-{format_time(quiet.end)}" if quiet else ""


def parse_weekday(typed: str) -> int:
    """A day of the week by the beginning of its English name; Monday is 0."""
    name = typed.strip().casefold()
    for number, weekday in enumerate(WEEKDAYS):
        if len(name) > _TWO and weekday.casefold().startswith(name):
            return number
    raise ValueError(f"“{escaped(typed, _SHOWN)}” is no day of the week. Type it like Monday.")


def parse_id(typed: str) -> int | None:
    """The id that was chosen from autocompletion; None for other text."""
    # Of 18 digits: that fits 64 bits.
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _ID else None


def parse_count(typed: str, least: int, most: int, what: str) -> int:
    """A whole number within bounds."""
    digits = typed.strip()
    if digits.isascii() and digits.isdecimal() and len(digits) <= len(str(most)):
        count = int(digits)
        if least <= count <= most:
            return count
    raise ValueError(
        f"“{escaped(typed, _SHOWN)}” is not possible for {what}. Type a number, {least} to {most}."
    )


def make_digest(
    mode: str | None, at: time | None, weekday: int | None, best: int | None
) -> Digest | None:
    """Return the digest that the options ask for; None if each story comes by itself.

    A time, a weekday or a number of stories implies a digest where no mode is named. Raises
    `ValueError` if they contradict the mode.
    """
    nothing_given = at is None and weekday is None and best is None
    if mode is None and not nothing_given:
        mode = DigestDays.DAILY if weekday is None else DigestDays.WEEKLY
    if mode in {None, INSTANT}:
        if not nothing_given:
            raise ValueError(
                "A time, a weekday or the best few go with a digest; choose another `mode:`."
            )
        return None
    days = DigestDays(mode)
    if weekday is not None and days is not DigestDays.WEEKLY:
        raise ValueError("A weekday goes with a weekly digest; choose `mode:weekly`.")
    return Digest(
        days,
        DEFAULT_TIME if at is None else at,
        weekday or 0,
        DEFAULT_BEST if best is None else min(best, MAX_BEST),
    )
