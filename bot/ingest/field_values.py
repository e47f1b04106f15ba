"""Parses the values of fields: text, whole numbers, booleans, dates, web addresses.

Each function returns None for a missing value and raises `ValueError` with a message for the
author for an invalid one. Values are text (front matter), or numbers and booleans (JSON).
"""

import re
from datetime import UTC, datetime

from bot.ingest.text import clean_text
from bot.urls.safety import parse_web_address
from bot.visible_text import is_blank

# Nine digits are enough for a quality, a heat or a number of pixels.
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(?:\.0*)?")
_MAX_NUMBER = 999_999_999
_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
MAX_DATE_LENGTH = 100
_INVALID_DATE = "is not a date; use a format like 2020-09-11T12:19:00Z"
# Like ISO 8601, but also with single digits, slashes, or the name of the time zone.
_YEAR_FIRST = re.compile(
    r"(\d{4})([-/])(\d\d?)\2(\d\d?)(?:(?:T|\s+)(\d\d?)((?::\d\d){0,2}(?:[.,]\d+)?))?"
    r"\s*([+-][\d:.]+|[A-Z]{1,3})?",
    re.ASCII | re.IGNORECASE,
)
# The name of the month with the day before or after it.
_NAMED_MONTH = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+)?"
    r"(?:(\d\d?)\.?\s+)?([A-Z]{3,9})\.?,?\s+(?:(\d\d?),?\s+)?(\d{4})(?!\d),?",
    re.ASCII | re.IGNORECASE,
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
# https://www.rfc-editor.org/rfc/rfc822#section-5.1, and other names of UT.
_ZONES = {
    **dict.fromkeys(("UT", "UTC", "GMT", "Z"), "+00:00"),
    "EST": "-05:00",
    "EDT": "-04:00",
    "CST": "-06:00",
    "CDT": "-05:00",
    "MST": "-07:00",
    "MDT": "-06:00",
    "PST": "-08:00",
    "PDT": "-07:00",
}


def parse_text(value: object, limit: int) -> str | None:
    """Return text on one line, of at most `limit` characters; None if nothing of it is visible."""
    if value is None:
        return None
    if not isinstance(value, str) and isinstance(value, list | dict):
        kind = "list" if isinstance(value, list) else "group of fields"
        raise ValueError(f"must be text, not a {kind}")  # noqa: TRY004 - callers expect ValueError
    text = clean_text(str(value), limit)
    return None if is_blank(text) else text


def parse_integer(value: object) -> int | None:
    """Return a whole number, which may be written as text."""
    if value is None or value == "":
        return None
    number = float("nan")
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value.strip()):
        number = float(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = value
    # Comparisons with NaN are false.
    if abs(number) <= _MAX_NUMBER and number == int(number):
        return int(number)
    raise ValueError("must be a whole number of at most nine digits")


def parse_boolean(value: object) -> bool | None:
    """Return a boolean, written as in YAML 1.2 or YAML 1.1 (yes, no, on, off)."""
    if value is None or value == "":
        return None
    flag = _BOOLEANS.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if flag is None:
        raise ValueError("must be true or false")
    return flag


def parse_date(value: object) -> datetime | None:
    """Return a time in UTC. Without a time zone it is taken as UTC, a date alone as midnight."""
    written = parse_date_as_written(value)
    if written is None or written.tzinfo is None:
        return written and written.replace(tzinfo=UTC)
    try:
        return written.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(_INVALID_DATE) from error


def parse_date_as_written(value: object) -> datetime | None:
    """Like `parse_date`, but keep the time zone (or none), and so the author's calendar day."""
    try:
        return parse_usual_date(value)
    except ValueError:
        if not isinstance(value, str) or len(value) > MAX_DATE_LENGTH:
            raise
    # Its tables and patterns are for the few dates that are written in an unusual way.
    from bot.ingest.dates.reading import DateReader  # noqa: PLC0415

    if (written := DateReader().read_as_written(value)) is None:
        raise ValueError(_INVALID_DATE)
    return written


def is_date(value: object) -> bool:
    """Whether a value is a valid date, and not missing."""
    try:
        return parse_date_as_written(value) is not None
    except ValueError:
        return False


def parse_usual_date(value: object) -> datetime | None:
    """Like `parse_date_as_written`, but only a date in the forms that most generators write."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MAX_DATE_LENGTH:
        raise ValueError(_INVALID_DATE)
    try:
        return datetime.fromisoformat(_in_iso_8601(value.strip()))
    except ValueError as error:
        raise ValueError(_INVALID_DATE) from error


def _in_iso_8601(text: str) -> str:
    """Convert a date in a format that site generators accept to the one that Python accepts."""
    if month_match := _NAMED_MONTH.match(text):
        before, name, after, year = month_match.groups()
        months = [
            number for number, month in enumerate(_MONTHS, 1) if month.startswith(name.lower())
        ]
        if months and (before is None) != (after is None):
            text = f"{year}-{months[0]}-{before or after}{text[month_match.end() :]}"
    match = _YEAR_FIRST.fullmatch(text)
    if match is None:
        return text
    year, _, month, day, hour, minutes, zone = match.groups("")
    zone = _ZONES.get(zone.upper(), zone)
    return f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}{minutes or ':00'}{zone}"


def parse_address(value: object) -> str | None:
    """Return a web address that is safe to show and to link to."""
    if value is None or value == "":
        return None
    address = parse_web_address(value) if isinstance(value, str) else None
    if address is None:
        raise ValueError(
            "is not a web address; it must begin with http:// or https://, have a host, contain no"
            " password, quotes or spaces, and have at most 2,048 characters"
        )
    return address
