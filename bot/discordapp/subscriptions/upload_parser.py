"""Parses an uploaded YAML file, which may be hostile, into plain values. Pure.

It uses `bot.ingest.frontmatter`, which limits size, depth and aliases, and keeps scalars as text
until a field's type is known (YAML itself would parse 18:30 as a number). That parser expects the
text between two lines `---`.
"""

from collections.abc import Mapping

import yaml

from bot.discordapp.messages import subscription_files as messages
from bot.ingest.frontmatter import RejectedError, Value, read_front_matter

MAX_FILE = 64 * 1024
_MARK = b"---"


class FileRefusedError(ValueError):
    """The file is refused; the message, with markdown, says where and why."""


def read_subscriptions(content: bytes) -> list[Value]:
    """Return the list below `subscriptions:`. Raises `FileRefusedError`."""
    # The limit of the parser is a few bytes lower, because of the lines that are added below.
    if len(content) > MAX_FILE:
        raise FileRefusedError(messages.file_too_large(MAX_FILE))
    content = _without_mark(content.removeprefix(b"\xef\xbb\xbf"))
    if all(not line.strip() or line.startswith(b"#") for line in content.splitlines()):
        raise FileRefusedError(messages.EMPTY_FILE)
    fields = _read(content)
    try:
        # Other YAML parsers refuse this, or read it differently. _read found every other error.
        yaml.compose(content.decode(), yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FileRefusedError(messages.duplicate_anchor(line)) from error
    listed = fields.get("subscriptions")
    if set(fields) != {"subscriptions"} or not isinstance(listed, list):
        raise FileRefusedError(messages.NOT_A_LIST)
    return listed


def _without_mark(content: bytes) -> bytes:
    """Replace the `---` at the beginning of a YAML file by nothing; refuse any other `---`."""
    lines = content.splitlines(keepends=True)
    begun = False
    for index, line in enumerate(lines):
        if line.rstrip() == _MARK:
            if begun:
                raise FileRefusedError(messages.several_documents(index + 1))
            lines[index] = line.removeprefix(_MARK)
        begun = begun or bool(line.strip() and not line.startswith(b"#"))
    return b"".join(lines)


def _read(content: bytes) -> Mapping[str, Value]:
    try:
        return read_front_matter(b"---\n" + content + b"\n---\n").fields
    except RejectedError as error:
        found = error.rejection
        # Without the line that was added above.
        line = max(1, found.line - 1) if found.line else None
        if found.field:
            message = messages.duplicate_field(found.field, line)
        elif "front matter" in found.reason:
            message = messages.NOT_A_LIST
        else:
            message = messages.unreadable_file(found.reason, line)
        raise FileRefusedError(message) from error
