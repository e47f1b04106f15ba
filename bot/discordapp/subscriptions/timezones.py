"""Finds and offers time zones by the names that people type. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.announce.schedule import complete_timezones, is_timezone
from bot.discordapp.messages import input_errors

UTC = "UTC"

# Offered before anything is typed: one for each densely populated part of the world.
_COMMON = (
    UTC,
    "Europe/London",
    "Europe/Berlin",
    "Europe/Kyiv",
    "Africa/Lagos",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Jakarta",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
_LONGEST = 60
_MANY = 100


def find_timezone(typed: str) -> str:
    """Find a zone by its name in any case, or by its city.

    Raises `ValueError` with a message that says what to type instead.
    """
    typed = typed.strip()
    if is_timezone(typed):
        return typed
    folded = "_".join(typed.split()).casefold()
    if folded and len(folded) <= _LONGEST:
        likely = complete_timezones(typed, _MANY)
        same = [name for name in likely if name.casefold() == folded]
        # Etc/GMT+1 is west of Greenwich, the opposite of what people mean by GMT+1.
        cities = [
            name
            for name in likely
            if name.rpartition("/")[2].casefold() == folded and not name.startswith("Etc/")
        ]
        if len(found := same or cities) == 1:
            return found[0]
    raise ValueError(input_errors.invalid_timezone(typed))


def offer_timezones(typed: str, first: str, limit: int) -> list[str]:
    """Zones whose names contain the typed text; `first` and common ones if there is no text."""
    if typed.strip():
        return complete_timezones(typed, limit)
    common = [first, *(name for name in _COMMON if is_timezone(name))]
    return list(dict.fromkeys(common))[:limit]


def local_clock(name: str, now: datetime) -> str:
    """The local time: `14:05`."""
    return now.astimezone(ZoneInfo(name)).strftime("%H:%M")
