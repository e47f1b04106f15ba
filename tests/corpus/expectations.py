"""What feedparser expects of a test feed, and whether our reading agrees."""

import ast
import html
import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from bot.ingest.feed.entry import Entry, Feed

# A comment at the beginning: `Expect: not bozo and entries[0]['title'] == 'A title'`.
_EXPECTATION = re.compile(r"Expect:\s*(.*?)\s*-->", re.DOTALL)
# The headers with which it is served: `Header: Content-Type: application/xml`.
_HEADER = re.compile(r"^Header:\s+([^:\s]+):[ \t]*(.+?)\s*$", re.MULTILINE)
_TAG = re.compile(r"<[^<>]*>")
# The dates of an entry in the order in which ours is chosen.
_DATES = ("published_parsed", "updated_parsed", "created_parsed")


@dataclass(frozen=True, slots=True)
class Expectation:
    """The value that feedparser expects of a field; `entry` is None for a field of the feed."""

    entry: int | None
    field: str
    value: str | datetime


def served_with(text: str) -> Mapping[str, str]:
    """Return the headers with which a file is served; their names are in lower case."""
    return {name.lower(): value for name, value in _HEADER.findall(text)}


def stated_expectations(text: str) -> Iterator[Expectation]:
    """Yield what the comment in a file says about titles, links and dates; it may say more."""
    found = _EXPECTATION.search(text)
    if found is None:
        return
    try:
        condition = ast.parse(found[1], mode="eval").body
    except (SyntaxError, ValueError):
        return
    parts = condition.values if isinstance(condition, ast.BoolOp) else [condition]
    if isinstance(condition, ast.BoolOp) and isinstance(condition.op, ast.Or):
        return
    for part in parts:
        match part:
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
                if (expected := _expectation(left, right)) is not None:
                    yield expected


def _expectation(left: ast.expr, right: ast.expr) -> Expectation | None:
    path = _path(left)
    try:
        value = ast.literal_eval(right)
    except ValueError:
        return None
    match path, value:
        case ["entries", int(number), ("title" | "link") as field], str():
            return Expectation(number, field, value)
        case ["entries", int(number), "title_detail", "value"], str():
            return Expectation(number, "title", value)
        case ["entries", int(number), str(field)], tuple() if field in _DATES:
            return Expectation(number, field, _time(value))
        case ((["feed", "title"] | ["feed", "title_detail", "value"]), str()):
            return Expectation(None, "title", value)
    return None


def _path(expression: ast.expr) -> list[str | int]:
    """Return the names and indices of `entries[0]['title_detail']['value']`."""
    match expression:
        case ast.Name(id=name):
            return [name]
        case ast.Subscript(value=container, slice=ast.Constant(value=(str() | int()) as key)):
            return [*_path(container), key]
        case ast.Attribute(value=container, attr=name):
            return [*_path(container), name]
    return []


def readings(parsed: Mapping[str, Any]) -> Iterator[Expectation]:
    """Yield the titles, links and dates that feedparser reads itself.

    It takes any id for a link where there is no other; ours has to be an address, so these are
    left out.
    """
    for number, entry in enumerate(parsed["entries"]):
        if value := entry.get("title"):
            yield Expectation(number, "title", value)
        if (value := entry.get("link")) and not entry.get("guidislink"):
            yield Expectation(number, "link", value)
        # Not `get`, which returns other dates for missing ones.
        dates = (dict.get(entry, name) for name in _DATES)
        if date := next(filter(None, dates), None):
            yield Expectation(number, "date", _time(date))


def _time(date: tuple[int, ...]) -> datetime:
    return datetime.fromtimestamp(timegm(date), UTC)


def actual(feed: Feed, expected: Expectation) -> str | datetime:
    """Return our value of the field."""
    if expected.entry is None:
        return feed.title
    if expected.entry >= len(feed.entries):
        return "(no such entry)"
    entry: Entry = feed.entries[expected.entry]
    if isinstance(expected.value, datetime):
        return datetime.fromisoformat(entry.published) if entry.published else "(no date)"
    return entry.link if expected.field == "link" else entry.title


def agrees(expected: Expectation, ours: str | datetime, base: str) -> bool:
    """Whether both mean the same.

    Our titles are plain text on one line, where feedparser keeps HTML; our links are absolute.
    """
    if isinstance(expected.value, datetime) or isinstance(ours, datetime):
        return expected.value == ours
    if expected.field == "link":
        return _with_lower_host(urljoin(base, expected.value)) == urljoin(base, ours)
    return _squeeze(ours) in {_squeeze(expected.value), _squeeze(_plain(expected.value))}


def _with_lower_host(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.lower()))


def _plain(markup: str) -> str:
    return html.unescape(_TAG.sub("", markup))


def _squeeze(text: str) -> str:
    return "".join(text.split())
