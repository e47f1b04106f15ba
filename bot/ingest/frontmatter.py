"""Front matter: the YAML between two lines `---` at the top of a Markdown file.

Generators differ in what they forgive. Where one of them reads a document, so does this module:
empty lines before the first `---`, `...` as the last line, the last one of two equal keys, merge
keys, tags of exporters. But two different values of a decisive field, or a tag that makes such a
field something else, reject the document: a guess might publish a draft.

Values are built from the parser's events, not by a YAML constructor. So the line of every field is
known; depth and aliases are limited before anything is built (PyYAML's own construction recurses in
C and crashes the process at about 32,000 nested brackets); and scalars stay text until their field
is parsed: a title `2020` or `no` is text, and a date is not converted by YAML's rules.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
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
from bot.ingest.yaml_anchors import Anchors
from storage.models import Rejection

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20
MAX_ALIASES = 100

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"
Choose: TypeAlias = Callable[[str, Value, Value], Value]

BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"-\0", b"\0-")
_OPENING = re.compile(rb"\s*+---[ \t]*+(?:[\r\n]|\Z)")
_CLOSING = re.compile(rb"\n(?:---|\.\.\.)[ \t]*+(?:[\r\n]|\Z)")
# Several times as slow; only lines of old Macs end with CR alone.
_CLOSING_AFTER_CR = re.compile(rb"[\r\n](?:---|\.\.\.)[ \t]*+(?:[\r\n]|\Z)")
_LINE_BREAK = re.compile(rb"\r\n|\r|\n")
# Plain scalars for null: https://yaml.org/spec/1.2.2/#103-core-schema.
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# Fields whose value decides whether, when and where an article is published, in lower case.
DECISIVE = frozenset(
    {
        *("title", "quality", "published", "draft", "unlisted", "status", "publish", "visibility"),
        *("private", "hidden", "headless", "build", "_build", "expirydate", "unpublishdate"),
        *("publisheddatetime", "date", "publishdate", "pubdate", "publish_date", "pub_date"),
        *("weburl", "originalurl", "permalink", "url", "slug", "canonical_url", "canonicalurl"),
    }
)
_BINARY = "binary"
_SET = "set"
# Tags of values that are what they look like. Exporters write those of their language.
_PLAIN_TAG = re.compile(
    r"!|(?:tag:yaml\.org,2002:|!)(?:str|string|int|integer|float|bool|boolean|null|timestamp|date"
    r"|map|seq|omap|pairs|set|binary|(?:map|seq|str):[\w:]{1,99})"
    r"|(?:tag:yaml\.org,2002:|!)(?:python/(?:unicode|str|tuple|list|dict|int|float|bool|none)"
    r"|ruby/(?:sym(?:bol)?|(?:array|hash|string)(?::[\w:]{1,99})?|object:(?:Date|DateTime|Time|Set"
    r"|BigDecimal)))"
)


class RejectedError(Exception):
    """The document can't become an article; `bot.ingest.document` returns its `Rejection`."""

    def __init__(self, reason: str, *, line: int | None = None, field: str | None = None) -> None:
        super().__init__(reason)
        self.rejection = Rejection(reason, line, field)


class InvalidYamlError(RejectedError):
    """The text is not YAML. `problem` is the parser's own text, `remedy` ours; it may be empty."""

    def __init__(self, problem: str, remedy: str, *, line: int | None) -> None:
        reason = f"is not valid YAML: {problem}" + (f"; {remedy}" if remedy else "")
        super().__init__(reason, line=line)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields of a document, their lines in the file (from 1), and the text after them."""

    fields: Mapping[str, Value]
    lines: Mapping[str, int]
    body: bytes = b""


def read_front_matter(
    content: bytes, choose: Choose | None = None, *, strict: bool = False
) -> FrontMatter:
    """Parse the front matter. Raises `RejectedError`.

    For generators that accept two values of a field, `choose` returns the one of a decisive field
    that counts, from its name, the first and the second value. With `strict`, every field is
    decisive, and keys that are not text or merge mappings are rejected; and so are anchors that are
    set twice, which other programs refuse or read differently.
    """
    block, body = _split(content)
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RejectedError(
            f"is not UTF-8 text (byte 0x{block[error.start]:02X}); save the file as UTF-8",
            line=_line_at(block, error.start),
        ) from error
    try:
        return _Composer(text, choose, strict=strict).compose(body)
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
        raise InvalidYamlError(
            problem, _remedy(problem), line=mark.line + 1 if mark else None
        ) from error


def _split(content: bytes) -> tuple[bytes, bytes]:
    """The front matter with its opening line (so that line numbers are right), and the rest."""
    if content.startswith(_UTF_16):
        raise RejectedError("is UTF-16 text; save the file as UTF-8")
    content = content.removeprefix(BOM)
    opening = _OPENING.match(content)
    if opening is None:
        raise RejectedError("has no front matter; the first line must be ---", line=1)
    if not content.startswith(b"---"):
        # Only what is in front of the line goes, so that line numbers are right.
        before, dashes, rest = content.partition(b"---")
        content = b"\n" * len(_LINE_BREAK.findall(before)) + dashes + rest
        opening = _OPENING.match(content)
        assert opening is not None
    pattern = _CLOSING_AFTER_CR if b"\r" in content else _CLOSING
    closing = pattern.search(content, opening.end() - 1)
    if (closing.start() if closing else len(content)) > MAX_BYTES:
        raise RejectedError(f"has more than {MAX_BYTES // 1024} KB of front matter")
    if closing is None:
        raise RejectedError("has front matter that is not closed; end it with a line ---")
    return content[: closing.start() + 1], content[closing.end() :]


def _line_at(block: bytes, position: int) -> int:
    return len(_LINE_BREAK.findall(block[:position])) + 1


def _remedy(problem: str) -> str:
    if "tab" in problem or "cannot start any token" in problem:
        return "indent with spaces, and quote text that begins with a special character"
    if "mapping values are not allowed" in problem:
        return "quote text that contains a colon"
    if "end of stream" in problem:
        return "a quote or bracket that opens here is not closed"
    return ""


class _Composer:
    """Builds plain values from events, and limits depth and aliases."""

    def __init__(self, text: str, choose: Choose | None, *, strict: bool) -> None:
        self._choose = choose
        self._strict = strict
        # Like yaml.parse, but without its check before each event.
        self._events: Iterator[Event] = iter(yaml.CSafeLoader(text).get_event, None)
        self._anchors = Anchors[Value](MAX_ALIASES)
        # The name of the field at the top level that is being read.
        self._field = ""

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
            value = _with_tag(value, event, is_decisive=self._is_decisive)
        if event.anchor is not None:
            self._add_anchor(event.anchor, value, event)
        return value

    def _add_anchor(self, name: str, value: Value, event: Event) -> None:
        if name in self._anchors:
            self._refuse_if_strict("has an anchor (&name) twice", event)
        self._anchors.add(name, value)

    def _mapping(self, depth: int, lines: dict[str, int] | None) -> dict[str, Value]:
        """A mapping; `lines` (at the top level) receives the keys' lines."""
        mapping: dict[str, Value] = {}
        merged: list[tuple[Value, int]] = []
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            if depth > MAX_DEPTH:
                raise _too_deep(event)
            if not isinstance(event, ScalarEvent):
                # No field has such a key.
                self._refuse_if_strict("has a key that is not text", event)
                self._value(event, depth)
                self._value(next(self._events), depth)
                continue
            key = self._begin_field(event, at_top=lines is not None)
            value = self._value(next(self._events), depth)
            if key == "<<" and event.implicit[0]:
                self._refuse_if_strict("has a merge key (<<); write the fields out", event)
                merged.append((value, _line(event)))
                continue
            if key in mapping and self._is_decisive and not self._are_same(mapping[key], value):
                value = self._choose_value(event, mapping[key], value, lines)
            if lines is not None:
                lines[key] = _line(event)
            mapping[key] = value
        for value, line in merged:
            _merge(mapping, value, line, lines)
        return mapping

    def _begin_field(self, event: ScalarEvent, *, at_top: bool) -> str:
        if at_top:
            self._field = event.value
        if event.anchor is not None:
            self._refuse_if_strict("has a key with an anchor (&name)", event)
        return event.value

    def _choose_value(
        self, event: ScalarEvent, first: Value, last: Value, lines: dict[str, int] | None
    ) -> Value:
        if lines is None or self._choose is None:
            line = f", first on line {lines[event.value]}" if lines else ""
            raise RejectedError(
                f"appears twice{line}", line=_line(event), field=clean_text(event.value, 100)
            )
        return self._choose(event.value, first, last)

    @property
    def _is_decisive(self) -> bool:
        return self._strict or self._field.lower() in DECISIVE

    def _are_same(self, value: Value, other: Value) -> bool:
        """Whether the second of two equal texts does no harm."""
        return not self._strict and not isinstance(value, list | dict) and value == other

    def _refuse_if_strict(self, reason: str, event: Event) -> None:
        if self._strict:
            raise RejectedError(reason, line=_line(event))

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
        try:
            return self._anchors.find(event.anchor or "")
        except KeyError as error:
            problem = "has an alias (*name) without an anchor (&name)"
            raise RejectedError(problem, line=_line(event)) from error
        except ValueError as error:
            raise RejectedError(f"has {error} (*name)", line=_line(event)) from error


def _merge(
    mapping: dict[str, Value], value: Value, line: int, lines: dict[str, int] | None
) -> None:
    """Add the fields of other mappings that a mapping lacks: https://yaml.org/type/merge.html."""
    for other in value if isinstance(value, list) else [value]:
        for key, item in other.items() if isinstance(other, dict) else ():
            if key not in mapping:
                mapping[key] = item
                if lines is not None:
                    lines[key] = line


def _with_tag(
    value: Value, event: ScalarEvent | MappingStartEvent | SequenceStartEvent, *, is_decisive: bool
) -> Value:
    """What a value with a tag means. One with an unknown tag is left out unless it is decisive."""
    tag = event.tag or ""
    if _PLAIN_TAG.fullmatch(tag):
        if tag.endswith(_BINARY):
            value = _decode_binary(value)
        elif tag.endswith((_SET, _SET.title())) and isinstance(value, dict):
            value = list(value)
        if value is not None or not is_decisive:
            return value
    if is_decisive:
        raise RejectedError("has a YAML tag (!name); remove it", line=_line(event))
    return None


def _decode_binary(value: Value) -> str | None:
    """Text that an exporter wrote in base64: https://yaml.org/type/binary.html."""
    try:
        return b64decode(value if isinstance(value, str) else "").decode()
    except ValueError:  # includes UnicodeDecodeError
        return None


def _too_deep(event: Event) -> RejectedError:
    return RejectedError(f"is nested more than {MAX_DEPTH} levels deep", line=_line(event))


def _line(event: Event) -> int:
    assert event.start_mark is not None
    return event.start_mark.line + 1
