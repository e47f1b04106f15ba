"""Adds sources to a settings file that a person wrote, and changes no other character of it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.config.error_messages import ENVIRONMENT_PREFIX
from bot.config.settings import load_settings
from bot.config.yaml_file import UNFIT_VALUES
from bot.errors import SettingsError
from bot.urls.redaction import redact

_VARIABLE = f"{ENVIRONMENT_PREFIX}SOURCES"
_KEY = "sources"
_INDENTATION = 2


class _EntryDumper(yaml.SafeDumper):
    """Writes lists, such as topics, in one line."""

    def represent_sequence(
        self,
        tag: str,
        sequence: Any,  # noqa: ANN401 - the signature of PyYAML
        flow_style: bool | None = None,  # noqa: ARG002 - the same
    ) -> SequenceNode:
        """Represent any list so."""
        return super().represent_sequence(tag, sequence, flow_style=True)


def add_sources(path: Path, entries: Sequence[Mapping[str, object]]) -> None:
    """Add entries to the end of `sources` in a settings file, which is created if it is missing.

    Raises `SettingsError`, and leaves the file as it is, if the result would not be valid. A reader
    sees the old or the new file.
    """
    if any(name.upper() == _VARIABLE for name in os.environ):
        raise SettingsError(
            f"{_VARIABLE} is set, so the sources in {path} have no effect; remove it first"
        )
    # A link stays a link.
    target = path.resolve()
    try:
        before = target.read_bytes() if target.exists() else None
        text = append_sources((before or b"").decode("utf-8"), entries)
        _replace(path, target, before, text.encode())
    except OSError as error:
        raise SettingsError(
            f"{redact(str(path))} can't be replaced: {error.strerror}; nothing was changed"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{redact(str(path))} is not UTF-8 text; save it as UTF-8") from error


def _replace(path: Path, target: Path, before: bytes | None, content: bytes) -> None:
    new = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        with new.open("xb") as file:
            if before is not None:
                _copy_access(target, file.fileno())
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            load_settings(new)
        except SettingsError as error:
            raise SettingsError(str(error).replace(str(new), str(path))) from None
        if (target.read_bytes() if target.exists() else None) != before:
            raise SettingsError(f"{redact(str(path))} was changed meanwhile; try again")
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def _copy_access(target: Path, descriptor: int) -> None:
    """Give a new file the permissions and the owner of another."""
    status = target.stat()
    if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(descriptor, status.st_uid, status.st_gid)
    os.chmod(descriptor, status.st_mode & 0o7777)


def append_sources(text: str, entries: Sequence[Mapping[str, object]]) -> str:
    """Return the text of a settings file with these entries at the end of its sources.

    Everything else stays: comments, order, quotes, empty lines. Raises `SettingsError` if that is
    not possible.
    """
    try:
        content = yaml.safe_load(text) or {}
        changed = _insert(text, yaml.compose(text, yaml.SafeLoader), entries)
        expected = {**content, _KEY: [*content.get(_KEY, ()), *entries]}
        if yaml.safe_load(changed) == expected:
            return changed
    except (yaml.YAMLError, RecursionError, *UNFIT_VALUES):
        pass
    raise SettingsError(
        "the settings have a form to which no source can be added; write `sources:` at the"
        " beginning of a line, and each source on lines of its own below it"
    )


def _insert(text: str, root: Node | None, entries: Sequence[Mapping[str, object]]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    sources = _sources(root)
    if isinstance(sources, SequenceNode) and sources.flow_style and sources.value:
        end = _end(sources.value[-1])
        added = "".join(f", {_write(each, in_one_line=True)}" for each in entries)
        return f"{text[:end]}{added}{text[end:]}"
    if isinstance(sources, SequenceNode) and sources.value:
        column = sources.start_mark.column
        end = _after_comments(text, _end(sources), column)
        added = _block(entries, column)
    elif isinstance(sources, SequenceNode):  # `sources: []`
        if "#" in text[sources.start_mark.index : sources.end_mark.index]:
            raise SettingsError("there are comments in the brackets of `sources`; move them out")
        before = text[: sources.start_mark.index].rstrip(" ")
        text = before + text[sources.end_mark.index :]
        end = _next_line(text, len(before))
        added = _block(entries, _INDENTATION)
    elif sources is not None:
        raise SettingsError("`sources` is not a list")
    else:
        end = len(text)
        added = f"{_KEY}:\n{_block(entries, _INDENTATION)}"
    separator = newline if end and text[end - 1] not in "\r\n" else ""
    return text[:end] + separator + added.replace("\n", newline) + text[end:]


def _sources(root: Node | None) -> Node | None:
    if isinstance(root, MappingNode):
        for key, value in root.value:
            if isinstance(key, ScalarNode) and key.value == _KEY:
                return value  # type: ignore[no-any-return]  # PyYAML's stubs have no types here
    return None


def _block(entries: Sequence[Mapping[str, object]], column: int) -> str:
    """The entries as items of a list, each item at this column."""
    lines: list[str] = []
    for entry in entries:
        first, *more = _write(entry).splitlines()
        lines += [f"- {first}", *(f"  {line}" for line in more)]
    return "".join(f"{' ' * column}{line}\n" for line in lines)


def _write(entry: Mapping[str, object], *, in_one_line: bool = False) -> str:
    def dump(*, allow_unicode: bool) -> str:
        return yaml.dump(
            dict(entry),
            Dumper=_EntryDumper,
            default_flow_style=in_one_line,
            allow_unicode=allow_unicode,
            sort_keys=False,
            width=10**6,
        ).strip("\n")

    written = dump(allow_unicode=True)
    # PyYAML would write some characters, such as line separators, as they are.
    return written if written.replace("\n", "").isprintable() else dump(allow_unicode=False)


def _end(node: Node) -> int:
    """Where the text of a node ends; the parser counts comments and empty lines after a block."""
    return max(int(leaf.end_mark.index) for leaf in _leaves(node))


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, SequenceNode) and node.value and not node.flow_style:
        for each in node.value:
            yield from _leaves(each)
    elif isinstance(node, MappingNode) and node.value and not node.flow_style:
        for key, value in node.value:
            yield from _leaves(key)
            yield from _leaves(value)
    else:
        yield node


def _after_comments(text: str, end: int, column: int) -> int:
    """Where the lines end that belong to a list which ends at `end`.

    Comments on the next lines belong to it if they are indented as its items are; without
    indentation, a comment may be about what follows.
    """
    if text[end - 1] != "\n":  # the end of a text in several lines
        end = _next_line(text, end)
    while end < len(text):
        following = _next_line(text, end)
        line = text[end:following]
        indentation = len(line) - len(line.lstrip(" "))
        if not line.lstrip().startswith("#") or indentation < max(column, 1):
            break
        end = following
    return end


def _next_line(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1
