"""What one field may hold: text, a whole number, yes or no, a date, a web address.

A reader answers None for nothing and raises `ValueError` with words for a person for what it can't
read. Values come as text (front matter), or as numbers and booleans (JSON).
"""

import re
from datetime import UTC, datetime

from bot.ingest.text import clean_text, is_visible
from bot.urls.safety import parse_web_address

# Nine digits: anything longer is no quality, no heat and no number of pixels.
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(?:\.0*)?")
_LARGEST = 999_999_999
_FLAGS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
_MAX_DATE_LENGTH = 64
_NO_DATE = "is not a date; write it like 2020-09-11T12:19:00Z"
# The year first, with one digit where ISO 8601 wants two, or slashes; a zone also by its name.
_YEAR_FIRST = re.compile(
    r"(\d{4})([-/])(\d\d?)\2(\d\d?)(?:(?:T|\s+)(\d\d?)((?::\d\d){0,2}(?:[.,]\d+)?))?"
    r"\s*([+-][\d:.]+|[A-Z]{1,3})?",
    re.ASCII | re.IGNORECASE,
)
# The month by its name; the day stands before or after it.
_NAMED_MONTH = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+)?"
    r"(?:(\d\d?)\.?\s+)?([A-Z]{3,9})\.?,?\s+(?:(\d\d?),?\s+)?(\d{4})(?!\d),?",
    re.ASCII | re.IGNORECASE,
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
# https://www.rfc-editor.org/rfc/rfc822#section-5.1, and what people write for UT.
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
    """Text on one line, cut to `limit` characters; None if nothing can be seen in it."""
    if value is None:
        return None
    if isinstance(value, list | dict):
        shape = "list" if isinstance(value, list) else "group of fields"
        raise ValueError(f"must be text, not a {shape}")  # noqa: TRY004 - see the module
    text = clean_text(str(value), limit)
    return text if is_visible(text) else None


def parse_integer(value: object) -> int | None:
    """A whole number, also one written as text."""
    if value is None or value == "":
        return None
    number = float("nan")
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value.strip()):
        number = float(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = value
    # NaN compares as false.
    if abs(number) <= _LARGEST and number == int(number):
        return int(number)
    raise ValueError("must be a whole number of at most nine digits")


def parse_boolean(value: object) -> bool | None:
    """True or false, in YAML's words (also those of YAML 1.1: yes, no, on, off)."""
    if value is None or value == "":
        return None
    flag = _FLAGS.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if flag is None:
        raise ValueError("must be true or false")
    return flag


def parse_date(value: object) -> datetime | None:
    """A time in UTC; one without a zone counts as UTC, a date alone as its midnight."""
    written = parse_date_as_written(value)
    if written is None or written.tzinfo is None:
        return written and written.replace(tzinfo=UTC)
    try:
        return written.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(_NO_DATE) from error


def parse_date_as_written(value: object) -> datetime | None:
    """The same with the zone that is written there, or none: the day as its author sees it."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _MAX_DATE_LENGTH:
        raise ValueError(_NO_DATE)
    try:
        return datetime.fromisoformat(_in_iso_8601(value.strip()))
    except ValueError as error:
        raise ValueError(_NO_DATE) from error


def _in_iso_8601(text: str) -> str:
    """A date in one of the forms that site generators take, in the one that Python takes."""
    if named := _NAMED_MONTH.match(text):
        before, name, after, year = named.groups()
        months = [at for at, each in enumerate(_MONTHS, 1) if each.startswith(name.lower())]
        if months and (before is None) != (after is None):
            text = f"{year}-{months[0]}-{before or after}{text[named.end() :]}"
    dated = _YEAR_FIRST.fullmatch(text)
    if dated is None:
        return text
    year, _, month, day, hour, minutes, zone = dated.groups("")
    zone = _ZONES.get(zone.upper(), zone)
    return f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}{minutes or ':00'}{zone}"


def parse_address(value: object) -> str | None:
    """A web address that is safe to show and to link."""
    if value is None or value == "":
        return None
    address = parse_web_address(value) if isinstance(value, str) else None
    if address is None:
        raise ValueError(
            "is not a web address; it must begin with http:// or https://, name a host and hold"
            " no password, quotes or spaces, in at most 2,048 characters"
        )
    return address
