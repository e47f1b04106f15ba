"""Parses an uploaded YAML file, which may be hostile, into plain values. Pure.

A file of the largest size takes a tenth of a second, so this is for a thread. It uses
`bot.ingest.frontmatter`, which limits size, depth and aliases, and keeps scalars as text until a
field's type is known (YAML itself would parse 18:30 as a number). That parser expects the text
between two lines `---`.
"""

from collections.abc import Mapping

from bot.discordapp.messages import subscription_files as messages
from bot.ingest.frontmatter import InvalidYamlError, RejectedError, Value, read_front_matter

MAX_FILE = 64 * 1024
_DOCUMENT_MARKER, _DOCUMENT_END = b"---", b"..."


class FileRefusedError(ValueError):
    """The file is refused; the message, with markdown, says where and why."""


def read_subscriptions(content: bytes) -> list[Value]:
    """Return the list below `subscriptions:`. Raises `FileRefusedError`."""
    # The limit of the parser is a few bytes lower, because of the lines that are added below.
    if len(content) > MAX_FILE:
        raise FileRefusedError(messages.file_too_large(MAX_FILE))
    content = _without_document_marker(content.removeprefix(b"\xef\xbb\xbf"))
    if all(not line.strip() or line.startswith(b"#") for line in content.splitlines()):
        raise FileRefusedError(messages.EMPTY_FILE)
    fields = _parse_yaml(content)
    entries = fields.get("subscriptions")
    if set(fields) != {"subscriptions"} or not isinstance(entries, list):
        raise FileRefusedError(messages.NOT_A_LIST)
    return entries


def _without_document_marker(content: bytes) -> bytes:
    """Remove the `---` at the beginning of a YAML file, but not its line; refuse any other."""
    lines = content.splitlines(keepends=True)
    has_content = has_ended = False
    for index, line in enumerate(lines):
        is_content = bool(line.strip() and not line.startswith(b"#"))
        is_marker = line.rstrip() == _DOCUMENT_MARKER
        if (is_content and has_ended) or (is_marker and has_content):
            raise FileRefusedError(messages.several_documents(index + 1))
        if is_marker:
            lines[index] = line.removeprefix(_DOCUMENT_MARKER)
        has_ended = has_ended or line.rstrip() == _DOCUMENT_END
        has_content = has_content or is_content
    return b"".join(lines)


def _parse_yaml(content: bytes) -> Mapping[str, Value]:
    try:
        return read_front_matter(b"---\n" + content + b"\n---\n", strict=True).fields
    except RejectedError as error:
        found = error.rejection
        # Without the line that was added above.
        line = max(1, found.line - 1) if found.line else None
        if isinstance(error, InvalidYamlError):
            message = messages.invalid_yaml(error.remedy, line)
        elif found.field:
            message = messages.duplicate_field(found.field, line)
        elif "front matter" in found.reason:
            message = messages.NOT_A_LIST
        else:
            message = messages.unreadable_file(found.reason, line)
        raise FileRefusedError(message) from error
