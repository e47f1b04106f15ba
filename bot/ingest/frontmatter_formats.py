"""Front matter in TOML (between lines `+++`) and in JSON, which Hugo supports besides YAML."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from bot.ingest.frontmatter import (
    BOM,
    DECISIVE,
    MAX_BYTES,
    MAX_DEPTH,
    FrontMatter,
    RejectedError,
    Value,
    read_front_matter,
)
from bot.ingest.text import clean_text

_TOML = re.compile(rb"\s*+\+\+\+[ \t]*+(?:\r\n?|\n|\Z)")
_TOML_END = re.compile(rb"[\r\n]\+\+\+[ \t]*+(?:\r\n?|\n|\Z)")
_JSON = re.compile(rb"\s*+\{\s*+[\"}]")
_ERROR_PLACE = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)")
# Strings and comments; an unclosed string ends at the end of its line or of the text.
_TOML_STRING_OR_COMMENT = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5})?'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5})?"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+",
    re.DOTALL,
)
_DEEP_KEY = re.compile(rf"(?:\.[ \t]*+[\w-]++[ \t]*+){{{MAX_DEPTH}}}")
_TOML_KEY = re.compile(r"[ \t]*([A-Za-z0-9_-]+)[ \t]*=")
_TOO_DEEP = f"is nested more than {MAX_DEPTH} levels deep"
_TOO_LONG = "contains a number with thousands of digits"


def read_any_front_matter(content: bytes) -> FrontMatter:
    """Front matter in YAML, TOML or JSON. Raises `RejectedError`."""
    start = content.removeprefix(BOM)
    if opening := _TOML.match(start):
        return _read_toml(start, opening.end())
    if _JSON.match(start):
        return _read_json(start.lstrip())
    return read_front_matter(content)


def _read_toml(content: bytes, start: int) -> FrontMatter:
    end = _TOML_END.search(content, start - 1, start + MAX_BYTES)
    if end is None:
        if len(content) > MAX_BYTES:
            raise RejectedError(f"has more than {MAX_BYTES // 1024} KB of front matter")
        raise RejectedError("has front matter that is not closed; end it with a line +++")
    # Lines of old Macs, which the library does not accept, end with CR alone.
    text = _decode(content[start : end.start() + 1].replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    _check_keys(text)
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _ERROR_PLACE.search(str(error))
        problem = _ERROR_PLACE.sub("", str(error)).replace("\n", " ")
        line = int(place[1]) + 1 if place and place[1] else None
        raise RejectedError(f"is not valid TOML: {problem[:200]}", line=line) from error
    except RecursionError as error:
        raise RejectedError(_TOO_DEEP) from error
    except ValueError as error:
        raise RejectedError("is not valid TOML: a value is not a valid date or number") from error
    lines: dict[str, int] = {}
    for number, line_text in enumerate(text.split("\n"), start=2):
        if (key := _TOML_KEY.match(line_text)) and key[1] in fields:
            lines.setdefault(key[1], number)
    return FrontMatter(_group(fields, 1), lines, content[end.end() :])


def _check_keys(text: str) -> None:
    """Reject a key with too many parts: tomllib takes quadratic time for it."""
    bare = _TOML_STRING_OR_COMMENT.sub(lambda found: "s" + "\n" * found[0].count("\n"), text)
    if deep := _DEEP_KEY.search(bare):
        raise RejectedError(_TOO_DEEP, line=bare.count("\n", 0, deep.start()) + 2)


def _read_json(content: bytes) -> FrontMatter:
    # Front matter beyond the limit is cut off, and then found to be invalid or too large.
    head = content[: MAX_BYTES + 4]
    text = head.decode("utf-8", "surrogateescape")
    last: Sequence[tuple[str, object]] = ()

    def build(pairs: Sequence[tuple[str, object]]) -> Mapping[str, object]:
        nonlocal last
        last = pairs  # in the end those of the whole
        return dict(pairs)

    try:
        fields, end = json.JSONDecoder(object_pairs_hook=build).raw_decode(text)
        _check_twice(last)
    except json.JSONDecodeError as error:
        if len(content) > MAX_BYTES:
            raise RejectedError(
                f"has more than {MAX_BYTES // 1024} KB of front matter, or invalid JSON"
            ) from error
        raise RejectedError(f"is not valid JSON: {error.msg}", line=error.lineno) from error
    except RecursionError as error:
        raise RejectedError(_TOO_DEEP) from error
    except ValueError as error:
        raise RejectedError(_TOO_LONG) from error
    block = text[:end].encode("utf-8", "surrogateescape")
    _decode(block)
    return FrontMatter(_group(fields, 1), {}, content[len(block) :])


def _check_twice(pairs: Sequence[tuple[str, object]]) -> None:
    """Reject two different values of a decisive field; of other fields the last one counts."""
    values: dict[str, object] = {}
    for name, value in pairs:
        is_same = not isinstance(value, list | dict) and values.get(name, value) == value
        if name in values and name.lower() in DECISIVE and not is_same:
            raise RejectedError("appears twice", field=clean_text(name, 100))
        values[name] = value


def _decode(block: bytes) -> str:
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RejectedError(
            f"is not UTF-8 text (byte 0x{block[error.start]:02X}); save the file as UTF-8"
        ) from error


def _group(fields: Mapping[str, object], depth: int) -> dict[str, Value]:
    return {name: _value(value, depth) for name, value in fields.items()}


def _value(value: object, depth: int) -> Value:
    """Convert a value to text, lists and mappings, which the field parsers accept."""
    if depth > MAX_DEPTH:
        raise RejectedError(_TOO_DEEP)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return _group(value, depth + 1)
    if isinstance(value, list):
        return [_value(each, depth + 1) for each in value]
    try:
        return str(value)
    except ValueError as error:
        raise RejectedError(_TOO_LONG) from error
