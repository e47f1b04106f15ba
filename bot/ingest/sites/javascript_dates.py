"""Reads dates as JavaScript does, for the generators that are written in it. Pure.

YAML reads dates in ISO 8601 itself: https://yaml.org/type/timestamp.html. Everything else is text
for `new Date()`: https://tc39.es/ecma262/#sec-date.parse; the forms that this does not define are
those of V8, which puts the month first.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from bot.ingest.field_values import MAX_DATE_LENGTH, parse_date_as_written

# What is a date in YAML unless it is in quotes.
_YAML_DATE = re.compile(
    r"\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:T|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?"
    r"(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?",
    re.ASCII | re.IGNORECASE,
)
_ISO_MONTH = re.compile(r"\d{4}-\d\d", re.ASCII)
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT", re.ASCII)
_NUMBERS = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+)?"
    r"(\d{1,4})[-/. ](\d\d?)(?:[-/. ](\d{1,4}))?"
    r"(?:(?:T|,?\s+)(\d\d?):(\d\d?)(?::(\d\d?(?:\.\d*)?))?\s*([AP]M)?)?"
    r"\s*(Z|(?:UTC?|GMT)?(?:[-+]\d\d?(?::?\d\d)?)?)(?:\s*\([^()]*\))?",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(r"([-+])(\d\d?):?(\d\d)?\Z", re.ASCII)
_OFFSET_IN_TEXT = re.compile(
    r"\d\s*(?:UTC?|GMT)?[-+]\d\d?(?::?\d\d)?(?:\s*\([^()]*\))?\Z", re.ASCII
)
_MONTH_AND_YEAR = re.compile(r"[A-Z]{3,9}\.?,?\s+\d{4}", re.ASCII | re.IGNORECASE)
_LONGEST_MONTH = 31
_MONTHS = 12
_HOURS, _MINUTES = 24, 60
_HALF_DAY = 12
# Years of two digits from this one on are of the last century.
_LAST_CENTURY = 50


def is_yaml_date(value: object) -> bool:
    """Whether a value is a date for YAML, if it is not in quotes."""
    return isinstance(value, str) and _YAML_DATE.fullmatch(value.strip()) is not None


def has_numeric_offset(text: str) -> bool:
    """Whether a text that V8 reads as it likes ends with a difference from UTC such as `+0100`.

    Not one in ISO 8601, after which JavaScript takes nothing more.
    """
    text = text.strip()
    return ":" in text and _ISO_TIME.match(text) is None and bool(_OFFSET_IN_TEXT.search(text))


def parse_javascript_date(value: object) -> datetime | None:
    """Return a date as it is written; without a time zone it is in that of YAML or the machine.

    Days that a month does not have are those after it. Forms that JavaScript does not know are
    read as everywhere else. Returns None for a missing value; raises `ValueError` for what is no
    date.
    """
    if isinstance(value, str) and len(value) <= MAX_DATE_LENGTH:
        text = value.strip()
        if (found := _NUMBERS.fullmatch(text)) and (date := _from_numbers(found)):
            return date.replace(tzinfo=UTC) if _ISO_MONTH.fullmatch(text) else date
        if _MONTH_AND_YEAR.fullmatch(text):
            return parse_date_as_written(f"1 {text}")
    return parse_date_as_written(value)


def _from_numbers(found: re.Match[str]) -> datetime | None:
    """The date of its numbers; None if JavaScript would not take them for one."""
    first, second, third, hour, minute, seconds, half, zone = found.groups("")
    year, month, day = first, second, third or "1"
    if len(first) <= len("31") and 1 <= int(first) <= _LONGEST_MONTH:
        if not third:
            return None
        year, month, day = third, first, second
    if not (1 <= int(month) <= _MONTHS and 1 <= int(day) <= _LONGEST_MONTH):
        return None
    hours = int(hour or 0)
    if half:
        if hours > _HALF_DAY:
            return None
        hours = hours % _HALF_DAY + (_HALF_DAY if half.upper() == "PM" else 0)
    time = timedelta(hours=hours, minutes=int(minute or 0), seconds=float(seconds or 0))
    is_time = int(minute or 0) < _MINUTES and float(seconds or 0) < _MINUTES
    if not is_time or time > timedelta(hours=_HOURS):
        return None
    full_year = int(year)
    if len(year) <= len("99"):
        full_year += 1900 if full_year >= _LAST_CENTURY else 2000
    try:
        date = datetime(full_year, int(month), 1, tzinfo=_zone(zone))
        return date + timedelta(days=int(day) - 1) + time
    except (ValueError, OverflowError):
        return None


def _zone(written: str) -> timezone | None:
    if offset := _OFFSET.search(written):
        sign, hours, minutes = offset.groups("0")
        difference = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-difference if sign == "-" else difference)
    return UTC if written else None
