"""Parses an uploaded YAML file, which may be hostile, into plain values. Pure.

It uses `bot.ingest.frontmatter`, which bounds size, depth and aliases, and leaves scalars as text
until a field's type is known (YAML itself would parse 18:30 as a number). That expects the text
between two lines `---`.
"""

from collections.abc import Mapping

import yaml

from bot.discordapp.markdown import escaped
from bot.ingest.frontmatter import RejectedError, Value, read_front_matter

MAX_FILE = 64 * 1024
_PROBLEM = 200
_KEY = 50
_MARK = b"---"


class FileRefusedError(ValueError):
    """The file is refused; the message, with markdown, says where and why."""


def read_subscriptions(content: bytes) -> list[Value]:
    """Return the list below `subscriptions:`. Raises `FileRefusedError`."""
    # The limit of the parser is a few bytes lower, because of the lines that are added below.
    if len(content) > MAX_FILE:
        raise FileRefusedError(f"That file is too large; {MAX_FILE // 1024} KB are the limit.")
    content = _without_mark(content.removeprefix(b"\xef\xbb\xbf"))
    if all(not line.strip() or line.startswith(b"#") for line in content.splitlines()):
        raise _other("is empty")
    fields = _read(content)
    try:
        # Refuse what other YAML parsers would read differently; _read found every other error.
        yaml.compose(content.decode(), yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise _unreadable("has an anchor (&name) twice", line) from error
    listed = fields.get("subscriptions")
    if set(fields) != {"subscriptions"} or not isinstance(listed, list):
        raise _other("is no list of subscriptions")
    return listed


def _without_mark(content: bytes) -> bytes:
    """Blank out the `---` that a YAML file may begin with; any other `---` is refused."""
    lines = content.splitlines(keepends=True)
    begun = False
    for index, line in enumerate(lines):
        if line.rstrip() == _MARK:
            if begun:
                raise _unreadable("has more than one document", index + 1)
            lines[index] = line.removeprefix(_MARK)
        begun = begun or bool(line.strip() and not line.startswith(b"#"))
    return b"".join(lines)


def _read(content: bytes) -> Mapping[str, Value]:
    try:
        return read_front_matter(b"---\n" + content + b"\n---\n").fields
    except RejectedError as error:
        found = error.rejection
        line = max(1, found.line - 1) if found.line else None
        if found.field:
            key = escaped(found.field, _KEY).replace("`", "")
            raise _unreadable(f"says `{key}` twice", line) from error
        if "front matter" in found.reason:
            raise _other("is no list of subscriptions") from error
        raise _unreadable(escaped(found.reason, _PROBLEM), line) from error


def _other(what: str) -> FileRefusedError:
    return FileRefusedError(
        f"That file {what}. It should hold `subscriptions:` and below it a list;"
        " `/subscriptions export` gives one."
    )


def _unreadable(what: str, line: int | None) -> FileRefusedError:
    where = f" (line {line})" if line else ""
    return FileRefusedError(f"That file can't be read{where}: it {what}.")
