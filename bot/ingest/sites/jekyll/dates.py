"""Reads the dates of Jekyll's documents, as Ruby and its YAML library do. Pure.

YAML takes a plain time with seconds but without a zone for one in UTC; Jekyll takes all other
dates without a zone as local: https://yaml.org/type/timestamp.html,
https://docs.ruby-lang.org/en/3.1/Time.html (parse).
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from bot.ingest.field_values import parse_date_as_written

# A time that YAML takes for one in UTC unless it is in quotes.
_PLAIN_TIME = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)", re.ASCII)
_DOTTED = re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})(?!\d)", re.ASCII)
_TWO_DIGITS = re.compile(r"(\d\d)-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
# The name of a zone, other than those that Ruby knows: UTC and the American ones.
_ZONE_NAME = re.compile(
    r"(?<=\d)\s*(?!(?:[AP]M|UTC?|GMT|Z|[ECMP][SD]T)\Z)([A-Za-z]{2,5}|[A-Za-z]+/[A-Za-z_/]+)\Z",
    re.ASCII | re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)", re.ASCII)
# As the command `date` writes it: `Mon Mar  2 10:11:12 CET 2026`.
_ZONE_BEFORE_YEAR = re.compile(r"(?<=:\d\d) ([A-Za-z]{3,5}) (\d{4})\Z", re.ASCII)
_HALF_OF_DAY = re.compile(r"(\d{1,2})((?::\d\d){1,2})\s*([AP])\.?M\.?\Z", re.ASCII | re.IGNORECASE)
_HALF_DAY = 12
_LONGEST_MONTH = 31
# The first year of two digits that is of the last century.
_LAST_CENTURY = 69
# Ruby ignores what it does not understand after the time.
_BEGINNING = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:(?:T|\s+)\d{1,2}:\d\d(?::\d\d)?)?(?![\d:])",
    re.ASCII | re.IGNORECASE,
)
# POSIX: https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html (TZ).
_FIXED_ZONE = re.compile(r"(?:[A-Za-z]{3,}|<[+-]?\w+>)([+-]?)(\d{1,2})(?::(\d\d))?", re.ASCII)


def parse_date(text: object, zone: tzinfo) -> datetime | None:
    """Return the time that a text stands for, in the site's zone; None if there is no text.

    Fractions of a second are dropped.
    Raises `ValueError` for what is no date.
    """
    name = None
    if isinstance(text, str):
        text = _rewrite(text.strip())
        if name := _ZONE_NAME.search(text):
            text = text[: name.start()]
    try:
        written = parse_date_as_written(text)
    except ValueError:
        beginning = _BEGINNING.match(text) if isinstance(text, str) else None
        if beginning is None:
            raise
        written = parse_date_as_written(beginning[0])
    if written is None:
        return None
    written = written.replace(microsecond=0)
    try:
        if name and written.tzinfo is None:
            written = written.replace(tzinfo=_named_offset(name[1], written.year, zone))
        if written.tzinfo is not None:
            return written.astimezone(zone)
        return _at_wall_clock(written, zone)
    except OverflowError as error:
        raise ValueError("is not a date") from error


def with_zone_of_yaml(text: str) -> str:
    """Add a `Z` to a time that YAML takes for one in UTC, if it is not in quotes."""
    return f"{text}Z" if _PLAIN_TIME.fullmatch(text) else text


def read_zone(name: object) -> tzinfo:
    """Return a time zone by its name, or by a difference as in the variable `TZ`; UTC if unknown.

    Like the C library, which takes names that it does not know for UTC.
    """
    if not isinstance(name, str):
        return UTC
    try:
        return ZoneInfo(name.strip())
    except (ValueError, OSError, KeyError):
        pass
    if match := _FIXED_ZONE.fullmatch(name.strip()):
        sign, hours, minutes = match.groups()
        # It says how much later UTC is.
        difference = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(difference if sign == "-" else -difference)
    return UTC


def _at_wall_clock(written: datetime, zone: tzinfo) -> datetime:
    """The time at which clocks show what is written; the later one of two.

    A time that is left out when the clocks go forward is an hour later.
    """
    times = (written.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(times).astimezone(zone)


def _named_offset(name: str, year: int, zone: tzinfo) -> tzinfo | None:
    """The difference that an abbreviation stands for at the site's place; others have no meaning.

    https://docs.ruby-lang.org/en/3.1/Time.html (zone_offset)
    """
    for month in (1, 7):
        day = datetime(year, month, 1, tzinfo=zone)
        if day.tzname() == name.upper() and (offset := day.utcoffset()) is not None:
            return timezone(offset)
    return None


def _rewrite(text: str) -> str:
    """Rewrite forms that Ruby accepts to the usual one."""
    text = _DAY_FIRST.sub(r"\4-\3-\1", text, count=1) if _DAY_FIRST.match(text) else text
    text = _DOTTED.sub(r"\1-\2-\3", text, count=1) if _DOTTED.match(text) else text
    if short := _TWO_DIGITS.match(text):
        century = "19" if int(short[1]) >= _LAST_CENTURY else "20"
        text = century + text
    text = _ZONE_BEFORE_YEAR.sub(r" \2 \1", text)
    if (day := _YEAR_FIRST.match(text)) and (rolled := _roll_over(*map(int, day.groups()))):
        text = f"{rolled.isoformat()}{text[day.end() :]}"
    if half := _HALF_OF_DAY.search(text):
        hour = int(half[1]) % _HALF_DAY + (_HALF_DAY if half[3] in "Pp" else 0)
        text = f"{text[: half.start()]}{hour:02}{half[2]}"
    return text


def _roll_over(year: int, month: int, day: int) -> date | None:
    """The day that Ruby takes for one that the month does not have: 1 March for 29 February."""
    try:
        if day <= _LONGEST_MONTH and day > monthrange(year, month)[1]:
            return date(year, month, 1) + timedelta(days=day - 1)
    except ValueError:
        pass  # There is no such month.
    return None
