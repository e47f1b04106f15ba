"""Sentences for people are in `bot/discordapp` and `bot/cli`, and never stored or compared."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.discordapp.messages.test_reasons import TEXTS
from tests.storage.test_legacy_reasons import SENTENCES

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("storage", "bot/announce")
    for path in (ROOT / folder).rglob("*.py")
    if path.name != "legacy_reasons.py"
)
# Parts of the sentences about verdicts.
VERDICTS = {
    "all topics are included",
    "no match for",
    "unknown provider",
    "not posted here yet",
    "already posted here",
    "already waiting",
    "already matched when",
    "being sent here right now",
    "rejected by Discord here",
    "already shown here as coverage",
    "already in the feed when",
    "new to the subscription",
}
SHORTEST = 10
PARAMETER = r":|\?|NULL\b|excluded\.|(\(SELECT )?json_object\("


def pieces() -> set[str]:
    """The recorded sentences without their parameters."""
    found = {*VERDICTS}
    for sentence in (*SENTENCES, *TEXTS):
        parts = re.split(r"\d[\d:]*|: [A-Z\d].*", sentence, flags=re.DOTALL)
        found |= {part.strip() for part in parts if len(part.strip()) >= SHORTEST}
    return found


def texts(source: str) -> Iterator[str]:
    """The string literals of a module, including SQL, but without docstrings."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    literals = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    for literal in literals:
        if isinstance(literal.value, str) and id(literal) not in docstrings:
            yield literal.value


@pytest.mark.parametrize("module", MODULES)
def test_reasons_and_verdicts_contain_no_sentences(module: str) -> None:
    """Storage and announce identify reasons and verdicts by their types."""
    found = {
        piece
        for text in texts((ROOT / module).read_text(encoding="utf-8"))
        for piece in pieces()
        if piece in text
    }
    assert found == set()


@pytest.mark.parametrize("module", MODULES)
def test_no_statement_writes_a_reason_as_text(module: str) -> None:
    """SQL takes reasons as parameters, or builds their JSON."""
    found = [
        match[0]
        for text in texts((ROOT / module).read_text(encoding="utf-8"))
        for match in re.finditer(rf"\b\w*reason = (?!{PARAMETER}).*", text)
    ]
    assert found == []


def test_the_searched_pieces_come_from_the_sentences() -> None:
    """The search above is not empty."""
    verdicts = (ROOT / "bot/discordapp/messages/verdicts.py").read_text(encoding="utf-8")
    assert [] == [piece for piece in VERDICTS if piece not in verdicts]
    assert {"days ago, older than", "the story was withdrawn"} <= pieces()
    assert "it may have been sent: the channel can't be seen" in pieces()
