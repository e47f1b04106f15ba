"""Front matter: the YAML between two lines `---` at the top of a Markdown file.

Values are built from the parser's events, not by a YAML constructor. So the line of every field is
known; depth and aliases are limited before anything is built (PyYAML's own construction recurses in
C and crashes the process at about 32,000 nested brackets); and scalars stay text until their field
is parsed: a title `2020` or `no` is text, and a date is not converted by YAML's rules.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from bot.ingest.text import clean_text
from storage.models import Rejection

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20
MAX_ALIASES = 100

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"

BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"-\0", b"\0-")
_OPENING = re.compile(rb"---[ \t]*(?:[\r\n]|\Z)")
_CLOSING = re.compile(rb"[\r\n]---[ \t]*(?:[\r\n]|\Z)")
_LINE_BREAK = re.compile(rb"\r\n|\r|\n")
# Plain scalars for null: https://yaml.org/spec/1.2.2/#103-core-schema.
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_PLAIN_TAGS = frozenset(
    {
        None,
        "!",
        *(
            f"tag:yaml.org,2002:{name}"
            for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
        ),
    }
)


class RejectedError(Exception):
    """The document can't become an article; `bot.ingest.document` returns its `Rejection`."""

    def __init__(self, reason: str, *, line: int | None = None, field: str | None = None) -> None:
        super().__init__(reason)
        self.rejection = Rejection(reason, line, field)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields of a document, their lines in the file (from 1), and the text after them."""

    fields: Mapping[str, Value]
    lines: Mapping[str, int]
    body: bytes = b""


def read_front_matter(content: bytes) -> FrontMatter:
    """Parse the front matter. Raises `RejectedError`."""
    block, body = _split(content)
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RejectedError(
            f"is not UTF-8 text (byte 0x{block[error.start]:02X}); save the file as UTF-8",
            line=_line_at(block, error.start),
        ) from error
    try:
        return _Composer(text).compose(body)
    except yaml.reader.ReaderError as error:
        code = error.character if isinstance(error.character, int) else ord(error.character)
        raise RejectedError(
            f"contains the control character U+{code:04X}; remove it",
            line=_line_at(block, error.position),
        ) from error
    except yaml.MarkedYAMLError as error:
        problem = error.problem or error.context or "it can't be read"
        mark = error.problem_mark or error.context_mark
        if "end of stream" in problem:
            # The line where the construct begins helps more than the last line.
            mark = error.context_mark or mark
        raise RejectedError(
            f"is not valid YAML: {problem}{_remedy(problem)}",
            line=mark.line + 1 if mark else None,
        ) from error


def _split(content: bytes) -> tuple[bytes, bytes]:
    """The front matter with its opening line (so that line numbers are right), and the rest."""
    if content.startswith(_UTF_16):
        raise RejectedError("is UTF-16 text; save the file as UTF-8")
    content = content.removeprefix(BOM)
    opening = _OPENING.match(content)
    if opening is None:
        raise RejectedError("has no front matter; the first line must be ---", line=1)
    closing = _CLOSING.search(content, opening.end() - 1)
    if (closing.start() if closing else len(content)) > MAX_BYTES:
        raise RejectedError(f"has more than {MAX_BYTES // 1024} KB of front matter")
    if closing is None:
        raise RejectedError("has front matter that is not closed; end it with a line ---")
    return content[: closing.start() + 1], content[closing.end() :]


def _line_at(block: bytes, position: int) -> int:
    return len(_LINE_BREAK.findall(block[:position])) + 1


def _remedy(problem: str) -> str:
    if "tab" in problem or "cannot start any token" in problem:
        return "; indent with spaces, and quote text that begins with a special character"
    if "mapping values are not allowed" in problem:
        return "; quote text that contains a colon"
    if "end of stream" in problem:
        return "; a quote or bracket that opens here is not closed"
    return ""


class _Composer:
    """Builds plain values from events, and limits depth and aliases."""

    def __init__(self, text: str) -> None:
        # Like yaml.parse, but without its check before each event.
        self._events: Iterator[Event] = iter(yaml.CSafeLoader(text).get_event, None)
        self._anchors: dict[str, Value] = {}
        self._aliases = 0

    def compose(self, body: bytes) -> FrontMatter:
        events = self._events
        next(events)  # the stream's start
        next(events)  # the document's start: the line ---
        root = next(events)
        if not isinstance(root, MappingStartEvent):
            if isinstance(root, ScalarEvent) and root.value == "":
                raise RejectedError("has empty front matter; it needs at least a title")
            raise RejectedError(
                "has no fields in its front matter; write them as name: value", line=_line(root)
            )
        _accept_tag(root)
        lines: dict[str, int] = {}
        fields = self._mapping(1, lines)
        next(events)  # the document's end
        if not isinstance(after := next(events), StreamEndEvent):
            raise RejectedError("has more than one document in its front matter", line=_line(after))
        return FrontMatter(fields, lines, body)

    def _value(self, event: Event, depth: int) -> Value:
        value: Value
        if isinstance(event, ScalarEvent):
            plain = event.implicit[0]
            value = None if plain and event.value in _NULLS else event.value
        elif isinstance(event, AliasEvent):
            return self._alias_value(event)
        elif isinstance(event, MappingStartEvent):
            value = self._mapping(depth + 1, None)
        else:
            assert isinstance(event, SequenceStartEvent), event
            value = self._sequence(depth + 1)
        if event.tag is not None:
            _accept_tag(event)
        if event.anchor is not None:
            # Registered when finished, so that no value can contain itself.
            self._anchors[event.anchor] = value
        return value

    def _mapping(self, depth: int, lines: dict[str, int] | None) -> dict[str, Value]:
        """A mapping without duplicate keys; `lines` (at the top level) receives the keys' lines."""
        mapping: dict[str, Value] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            if depth > MAX_DEPTH:
                raise _too_deep(event)
            if not isinstance(event, ScalarEvent):
                raise RejectedError("has a key that is not text", line=_line(event))
            key = event.value
            if key == "<<" and event.implicit[0]:
                # A merged field could decide unnoticed whether the document is a draft.
                raise RejectedError("has a merge key (<<); write the fields out", line=_line(event))
            if key in mapping:
                first = f", first on line {lines[key]}" if lines else ""
                raise RejectedError(
                    f"appears twice{first}", line=_line(event), field=clean_text(key, 100)
                )
            if lines is not None:
                lines[key] = _line(event)
            mapping[key] = self._value(next(self._events), depth)
        return mapping

    def _sequence(self, depth: int) -> list[Value]:
        sequence: list[Value] = []
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            if depth > MAX_DEPTH:
                raise _too_deep(event)
            sequence.append(self._value(event, depth))
        return sequence

    def _alias_value(self, event: AliasEvent) -> Value:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise RejectedError(f"has more than {MAX_ALIASES} aliases", line=_line(event))
        if event.anchor not in self._anchors:
            raise RejectedError("has an alias (*name) without an anchor (&name)", line=_line(event))
        return self._anchors[event.anchor]


def _accept_tag(event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
    if event.tag not in _PLAIN_TAGS:
        raise RejectedError("has a YAML tag (!name); remove it", line=_line(event))


def _too_deep(event: Event) -> RejectedError:
    return RejectedError(f"is nested more than {MAX_DEPTH} levels deep", line=_line(event))


def _line(event: Event) -> int:
    assert event.start_mark is not None
    return event.start_mark.line + 1
