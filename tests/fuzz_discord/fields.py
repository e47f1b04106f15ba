"""The fields of a payload, and the ways to spoil one. Pure.

A field is named by the keys on the way to it: `d.guilds[].id`. `[]` stands for the index of an
element, and `{}` for a key that is a number. The empty name is the whole payload.
"""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, TypeAlias

Place: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead to one value."""

NOT_JSON, EMPTY, MISSING = "not JSON", "empty", "missing"
_DEEP = "\x00deep"
# Parsers refuse this depth, but not that of `nested`.
_DEPTH, _NESTED_DEPTH = 20_000, 300
_HUGE_NUMBER = 10**400
_HUGE_ID = "9" * 5_000
_HUGE_TEXT = "x" * 100_000
_HUGE_COUNT = 1_000

CHANGES = (
    MISSING,
    "null",
    "text",
    "number",
    "boolean",
    "list",
    "object",
    "huge",
    "nested",
    "deep",
)
CHANGES_OF_WHOLE = (NOT_JSON, EMPTY, *CHANGES[1:])
HEADER_CHANGES = (MISSING, EMPTY, "text", "negative", "fraction", "huge")


def places(value: object, place: Place = ()) -> Iterator[Place]:
    """Every value within a payload, the payload itself first."""
    yield place
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places(each, (*place, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places(each, (*place, index))


def field_name(place: Place) -> str:
    """The field that a place belongs to."""
    name = ""
    for key in place:
        if isinstance(key, int):
            name += "[]"
        else:
            part = "{}" if re.fullmatch(r"[0-9]+", key) else key
            name += f".{part}" if name else part
    return name


def changes_of(field: str) -> tuple[str, ...]:
    """The ways to spoil a field."""
    return CHANGES if field else CHANGES_OF_WHOLE


def spoil(payload: object, place: Place, change: str) -> bytes:
    """The JSON of a payload in which one value is spoiled."""
    if change == EMPTY:
        return b""
    if change == NOT_JSON:
        text = json.dumps(payload)
        return text[: len(text) // 2].encode() + b"<html>"
    changed = deepcopy(payload)
    if not place:
        changed = spoiled_value(changed, change)
    else:
        parent: Any = changed
        for key in place[:-1]:
            parent = parent[key]
        if change == MISSING:
            del parent[place[-1]]
        else:
            parent[place[-1]] = spoiled_value(parent[place[-1]], change)
    deep = "[" * _DEPTH + "]" * _DEPTH
    return json.dumps(changed).replace(json.dumps(_DEEP), deep).encode()


def spoiled_value(value: object, change: str) -> object:
    """The value that takes the place of another one."""
    if change == "huge":
        return _huge(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    values: dict[str, object] = {
        "null": None,
        "text": "?",
        "number": -1 if is_number else 7,
        "boolean": value is not True,
        "list": [None, 7, "?", {}, []],
        "object": {"id": None, "?": [7]},
        "nested": _nested(),
        "deep": _DEEP,
    }
    return values[change]


def _nested() -> object:
    nested: object = "?"
    for _ in range(_NESTED_DEPTH):
        nested = {"id": nested}
    return nested


def _huge(value: object) -> object:
    match value:
        case str() if value.isdecimal():
            return _HUGE_ID
        case str():
            return _HUGE_TEXT
        case [first, *_]:
            return [first] * _HUGE_COUNT
        case list():
            return [{}] * _HUGE_COUNT
        case dict():
            return {**value, **{f"x{number}": number for number in range(_HUGE_COUNT)}}
    return _HUGE_NUMBER


def spoiled_header(change: str) -> str:
    """The value that takes the place of a header."""
    values = {EMPTY: "", "text": "?", "negative": "-1", "fraction": "0.001", "huge": "9" * 5_000}
    return values[change]
