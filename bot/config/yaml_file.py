"""YAML files written by people: duplicate keys are errors, and every error has its line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.errors import SettingsError

# Keys, and numbers of a list's entries from 0.
Place: TypeAlias = tuple[int | str, ...]

# The parser's own messages for these are about its internals, or repeat what may be a secret.
_WORDS = {
    "found character '\\t'": "indent with spaces, not with tabs",
    "expected <block end>": "the indentation is wrong there or just above",
    "expected alphabetic": "put text that begins with * or & into quotes",
    "found undefined alias": "put text that begins with * into quotes",
    "found character": "put text that begins with a sign into quotes",
    "mapping values are not allowed": "put text that holds a colon into quotes, or check the"
    " indentation",
    "could not find expected ':'": "that line, or the one above, is no `key: value`",
    "found unexpected end of stream": "a quote is not closed",
    "but found another document": "a line --- begins a second document; leave it out",
    "expected ',' or": "a bracket that opens there or above is not closed",
    "expected '<document start>'": "the line holds what belongs nowhere",
    "found unhashable key": "a key must be text",
    "could not determine a constructor": "put text that begins with ! into quotes",
    "expected the node content": "a bracket that opens there or above is not closed",
}


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file's content, and the lines where it stands."""

    path: Path
    content: object
    root: Node | None

    def line(self, place: Place) -> int | None:
        """The line (from 1) of a place, or of its nearest parent; None if neither exists."""
        lines = list(self._lines(place))
        return lines[-1] if lines else None

    def holds(self, place: Place) -> bool:
        """Whether the file has a value at a place."""
        return len(list(self._lines(place))) == len(place)

    def _lines(self, place: Place) -> Iterator[int]:
        """The line of each part of a place, as far as it exists."""
        node = self.root
        for part in place:
            if (step := _step(node, part)) is None:
                return
            line, node = step
            yield line

    def where(self, place: Place) -> str:
        """The file and line of a place, for messages."""
        line = self.line(place)
        return f"{self.path}, line {line}" if line else str(self.path)


def read_yaml(path: Path) -> YamlFile:
    """Read a file. Raises `SettingsError`, with a line per duplicate key."""
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        problems = list(_repeated(root, path))
        content = None if problems or root is None else loader.construct_document(root)
    except yaml.YAMLError as error:
        raise SettingsError(_explain(error, path)) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}") from error
    except RecursionError as error:
        raise SettingsError(f"{path} is nested too deep; nothing in it needs that") from error
    except ValueError as error:
        raise SettingsError(f"{path}: {error}; put a value that is no date into quotes") from error
    if problems:
        raise SettingsError("\n".join(problems))
    return YamlFile(path, content, root)


def in_words(place: Place) -> str:
    """A place for messages, counted from 1: `quality of entry 1 of sources`."""
    words: list[str] = []
    number = False
    for part in place:
        if isinstance(part, int):
            words.append(f"entry {part + 1}")
        elif number or not words:
            words.append(part)
        else:
            words[-1] += f".{part}"
        number = isinstance(part, int)
    return " of ".join(reversed(words))


def _step(node: Node | None, part: int | str) -> tuple[int, Node] | None:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == str(part):
                return _line(key), value
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return _line(node.value[part]), node.value[part]
    return None


def _repeated(root: Node | None, path: Path) -> Iterator[str]:
    """A message per duplicate key; the YAML library would keep the last one only."""
    left: list[tuple[Place, Node]] = [((), root)] if root else []
    seen: set[int] = set()
    while left:
        place, node = left.pop(0)
        if id(node) in seen:
            continue  # an alias
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            left += [((*place, number), each) for number, each in enumerate(node.value)]
        elif isinstance(node, MappingNode):
            lines: dict[str, int] = {}
            for key, value in node.value:
                name, line = str(key.value), _line(key)
                if name in lines:
                    yield (
                        f"{in_words((*place, name))} in {path}, line {line} is there twice, first"
                        f" on line {lines[name]}; put both into one"
                    )
                lines.setdefault(name, line)
                left.append(((*place, name), value))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _explain(error: yaml.YAMLError, path: Path) -> str:
    mark = getattr(error, "problem_mark", None)
    line = f", line {mark.line + 1}" if mark else ""
    problem = str(getattr(error, "problem", None) or "it holds a control character")
    advice = next((words for start, words in _WORDS.items() if problem.startswith(start)), None)
    return f"{path}{line} is not valid YAML: {advice or f'{problem}; check quotes and indentation'}"
