"""What one field may hold: text, a whole number, yes or no, a date, a web address.

A reader answers None for nothing and raises `ValueError` with words for a person for what it can't
read. Values come as text (front matter), or as numbers and booleans (JSON).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.address import web_address
from bot.ingest.text import clean_text, is_visible

# Nine digits: anything longer is no quality, no heat and no number of pixels.
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(?:\.0*)?")
_LARGEST = 999_999_999
_FLAGS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
_MAX_DATE_LENGTH = 64
_NO_DATE = "is not a date; write it like 2020-09-11T12:19:00Z"
_SPACE_BEFORE_ZONE = re.compile(r"\s+(?=[+-]|[Zz]$)")


def read_text(value: object, limit: int) -> str | None:
    """Text on one line, cut to `limit` characters; None if nothing can be seen in it."""
    if value is None:
        return None
    if isinstance(value, list | dict):
        raise ValueError(f"must be text, not a {_shape(value)}")  # noqa: TRY004 - see the module
    text = clean_text(str(value), limit)
    return text if is_visible(text) else None


def read_whole_number(value: object) -> int | None:
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


def read_flag(value: object) -> bool | None:
    """True or false, in YAML's words (also those of YAML 1.1: yes, no, on, off)."""
    if value is None or value == "":
        return None
    flag = _FLAGS.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if flag is None:
        raise ValueError("must be true or false")
    return flag


def read_date(value: object) -> datetime | None:
    """A time in UTC; one without a zone counts as UTC, a date alone as its midnight."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _MAX_DATE_LENGTH:
        raise ValueError(_NO_DATE)
    try:
        date = datetime.fromisoformat(_SPACE_BEFORE_ZONE.sub("", value.strip()))
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(_NO_DATE) from error


def read_address(value: object) -> str | None:
    """A web address that is safe to show and to link."""
    if value is None or value == "":
        return None
    address = web_address(value) if isinstance(value, str) else None
    if address is None:
        raise ValueError(
            "is not a web address; it must begin with http:// or https://, name a host and hold"
            " no password, quotes or spaces, in at most 2,048 characters"
        )
    return address


def _shape(value: object) -> str:
    return "list" if isinstance(value, list) else "group of fields"
