"""Time zones as people name them. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.announce.schedule import complete_timezones, is_timezone
from bot.discordapp.markdown import escaped

UTC = "UTC"

# Offered while nothing is typed: one for each densely populated part of the world.
_USUAL = (
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
_SHOWN = 60
_MANY = 100


def find_timezone(typed: str) -> str:
    """Find a zone by its name in any case, or by its city.

    Raises `ValueError` with advice what to type instead.
    """
    typed = typed.strip()
    if is_timezone(typed):
        return typed
    folded = "_".join(typed.split()).casefold()
    if folded and len(folded) <= _LONGEST:
        likely = complete_timezones(typed, _MANY)
        same = [name for name in likely if name.casefold() == folded]
        # Etc/GMT+1 is west of Greenwich: the opposite of what whoever types GMT+1 means.
        cities = [
            name
            for name in likely
            if name.rpartition("/")[2].casefold() == folded and not name.startswith("Etc/")
        ]
        if len(found := same or cities) == 1:
            return found[0]
    raise ValueError(
        f"I know no time zone “{escaped(typed, _SHOWN)}”."
        " Type the nearest big city with its continent, such as Europe/Berlin."
    )


def offer_timezones(typed: str, first: str, limit: int) -> list[str]:
    """Zones whose names contain what was typed; `first` and common ones while nothing is typed."""
    if typed.strip():
        return complete_timezones(typed, limit)
    usual = [first, *(name for name in _USUAL if is_timezone(name))]
    return list(dict.fromkeys(usual))[:limit]


def local_clock(name: str, now: datetime) -> str:
    """The local time: `14:05`."""
    return now.astimezone(ZoneInfo(name)).strftime("%H:%M")
