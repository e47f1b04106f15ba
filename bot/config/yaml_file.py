"""Reads YAML files written by people: duplicate keys are errors, and errors name the line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.errors import SettingsError
from bot.urls.redaction import HIDDEN

# Keys, and the indexes of list entries from 0.
KeyPart: TypeAlias = int | str
KeyPath: TypeAlias = tuple[KeyPart, ...]

# The parser's own messages for these describe its internals, or may repeat a secret.
_REMEDIES = {
    "found character '\\t'": "indent with spaces, not tabs",
    "expected <block end>": "the indentation is wrong here or just above",
    "expected alphabetic": "quote text that begins with * or &",
    "found undefined alias": "quote text that begins with *",
    "found character": "quote text that begins with a special character",
    "mapping values are not allowed": "quote text that contains a colon, or check the indentation",
    "could not find expected ':'": "this line, or the one above, is not `key: value`",
    "found unexpected end of stream": "a quote is not closed",
    "but found another document": "a line --- begins a second document; remove it",
    "expected ',' or": "a bracket that opens here or above is not closed",
    "expected '<document start>'": "unexpected content on this line",
    "found unhashable key": "a key must be text",
    "found undefined tag handle": "quote text that begins with !",
    "could not determine a constructor": "quote text that begins with !",
    "expected the node content": "a bracket that opens here or above is not closed",
}
_KEY = re.compile(r"[A-Za-z_-]{1,30}")
# What PyYAML raises for a value that does not fit its tag, as in `!!int x`. The text may quote it.
UNFIT_VALUES = (ValueError, AttributeError, TypeError, KeyError, IndexError)
# What the parser has found, which may be a secret; single characters are kept.
_QUOTED = re.compile(r" ?['\"](?!<)[^'\"]{2,}['\"]")


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file's content, and the parsed nodes, which know their lines."""

    path: Path
    content: object
    root: Node | None

    def line(self, path: KeyPath) -> int | None:
        """The line (from 1) of a key path, or of its nearest parent; None if neither exists."""
        lines = list(self._lines(path))
        return lines[-1] if lines else None

    def contains(self, path: KeyPath) -> bool:
        """Whether the file has a value at a key path."""
        return len(list(self._lines(path))) == len(path)

    def _lines(self, path: KeyPath) -> Iterator[int]:
        """The line of each part of a key path, as far as it exists."""
        node = self.root
        for part in path:
            if (child := _child(node, part)) is None:
                return
            line, node = child
            yield line

    def location(self, path: KeyPath) -> str:
        """The file and line of a key path, for messages."""
        line = self.line(path)
        return f"{self.path}, line {line}" if line else str(self.path)


def read_yaml(path: Path) -> YamlFile:
    """Read a file. Raises `SettingsError`, in case of duplicate keys with a line for each."""
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        problems = list(_duplicate_keys(root, path))
        content = None if problems or root is None else loader.construct_document(root)
    except yaml.YAMLError as error:
        raise SettingsError(_describe_error(error, path)) from None  # it quotes the file
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}") from error
    except RecursionError as error:
        raise SettingsError(f"{path} is nested too deeply; no setting needs that") from error
    except UNFIT_VALUES:
        raise SettingsError(
            f"{path} contains a date or number that does not exist; quote values that are not dates"
        ) from None
    if problems:
        raise SettingsError("\n".join(problems))
    return YamlFile(path, content, root)


def format_key_path(path: KeyPath) -> str:
    """A key path for messages, counting from 1: `quality of entry 1 of sources`.

    A key that does not look like one may be a secret, and is left out.
    """
    parts: list[str] = []
    after_index = False
    for part in path:
        if isinstance(part, int):
            parts.append(f"entry {part + 1}")
        elif after_index or not parts:
            parts.append(_shown(part))
        else:
            parts[-1] += f".{_shown(part)}"
        after_index = isinstance(part, int)
    return " of ".join(reversed(parts))


def _shown(key: str) -> str:
    return key if _KEY.fullmatch(key) else HIDDEN


def _child(node: Node | None, part: int | str) -> tuple[int, Node] | None:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == str(part):
                return _line(key), value
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return _line(node.value[part]), node.value[part]
    return None


def _duplicate_keys(root: Node | None, file: Path) -> Iterator[str]:
    """A message per duplicate key, of which the YAML library would silently keep the last."""
    unvisited: list[tuple[KeyPath, Node]] = [((), root)] if root else []
    seen: set[int] = set()
    while unvisited:
        path, node = unvisited.pop(0)
        if id(node) in seen:
            continue  # an alias
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            unvisited += [((*path, number), each) for number, each in enumerate(node.value)]
        elif isinstance(node, MappingNode):
            lines: dict[str, int] = {}
            for key, value in node.value:
                name, line = str(key.value), _line(key)
                if name in lines:
                    yield (
                        f"{format_key_path((*path, name))} in {file}, line {line} appears twice,"
                        f" first on line {lines[name]}; merge the two"
                    )
                lines.setdefault(name, line)
                unvisited.append(((*path, name), value))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _describe_error(error: yaml.YAMLError, path: Path) -> str:
    mark = getattr(error, "problem_mark", None)
    line = f", line {mark.line + 1}" if mark else ""
    problem = str(getattr(error, "problem", None) or "it contains a control character")
    remedy = next((text for start, text in _REMEDIES.items() if problem.startswith(start)), None)
    problem = _QUOTED.sub("", problem)
    return f"{path}{line} is not valid YAML: {remedy or f'{problem}; check quotes and indentation'}"
