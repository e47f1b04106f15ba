"""Parses JSON from web servers. Pure."""

import json
import math

from bot.errors import SourceError
from bot.ingest.feed.encoding import decode
from bot.ingest.feed.other_content import describe_markup

# Longer numbers stay text, because converting them takes quadratic time; no field is that large.
_MAX_DIGITS = 40
# Larger floats have lost digits.
_MAX_EXACT_FLOAT = 2**53


def parse_json(body: bytes, content_type: str = "") -> object:
    """Parse JSON in any encoding. Raises `SourceError` with the position.

    Numbers that are not finite count as null; line breaks in strings are accepted. Of
    fields with the same name, the last one counts, as in browsers.
    """
    text = decode(body, content_type).lstrip("\ufeff").replace("\0", "")
    try:
        value: object = json.loads(
            text,
            strict=False,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=lambda _: None,
        )
    except json.JSONDecodeError as error:
        if text.lstrip().startswith("<"):
            raise SourceError(describe_markup(text)) from error
        position = f"line {error.lineno}, column {error.colno}"
        raise SourceError(f"it is not valid JSON: {position}, {error.msg}") from error
    except RecursionError as error:
        raise SourceError("it is not valid JSON: it is nested too deeply") from error
    return value


def text_of(value: object) -> str:
    """Return text, also of a number (1.0 is 1); an empty string for any other value."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _MAX_EXACT_FLOAT:
        return str(int(value))
    is_text = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if is_text else ""


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _float(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
