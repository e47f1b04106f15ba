"""The words of the code and its documentation: one meaning each (docs/glossary.md)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TELL = re.compile(r"(?<![a-z])(?:tell|tells|told|telling)(?![a-z])", re.IGNORECASE)
LONGEST_TEST_NAME = 59
NAME = re.compile(r"\w+[./]\w")
# Migrations are never edited, and the mapping of old reasons quotes what they said.
QUOTING = ("storage/sqlite/migrations/",)
# Names of stories, which are content.
CONTENT = ("bot/sandbox/samples/stories.yaml",)


def texts(*folders: str) -> Iterator[tuple[str, str]]:
    """The path and the text of each file that people write."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in {".py", ".md", ".js", ".html", ".yaml"} and not name.startswith(
                QUOTING + CONTENT
            ):
                yield name, path.read_text(encoding="utf-8")


def all_tests() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every test function with the path of its module."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
                "test_"
            ):
                yield path.relative_to(ROOT).as_posix(), node


def test_tell_is_not_used() -> None:
    """Words such as announce, report, contain and distinguish say what is meant."""
    found = {
        name: len(tells)
        for name, text in texts("bot", "storage", "docs")
        if (tells := TELL.findall(text))
    }
    assert found == {}


def test_names_of_tests_are_short() -> None:
    """Names have fewer than 60 characters."""
    assert [] == [
        f"{path}: {test.name}" for path, test in all_tests() if len(test.name) > LONGEST_TEST_NAME
    ]


def test_docstrings_of_tests_are_sentences() -> None:
    """Each begins with a capital letter or a name like discord.py, and ends with a full stop."""
    fragments = []
    for path, test in all_tests():
        docstring = ast.get_docstring(test) or "None."
        first = docstring.split("\n\n")[0].strip()
        if first[-1] not in ".?!" or (first[0].islower() and not NAME.match(first)):
            fragments.append(f"{path}: {test.name}: {first}")
    assert fragments == []
