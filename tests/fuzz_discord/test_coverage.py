"""Which fields are spoiled next, and what a run has left out."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz_discord.coverage import FRAMES, RESPONSES, Coverage, Input
from tests.fuzz_discord.spoils import Spoils

FIELDS = [("d", ("null", "text")), ("d.id", ("null", "text"))]


@pytest.fixture
def coverage(tmp_path: Path) -> Iterator[Coverage]:
    """Nothing is spoiled yet."""
    made = Coverage(random.Random(1), tmp_path / "journal.jsonl")  # noqa: S311 - a repeatable test
    yield made
    made.close()


def test_what_was_spoiled_least_is_next(coverage: Coverage) -> None:
    """Each field comes first, then each change of each field."""
    chosen = list[tuple[str, str]]()
    for _ in range(4):
        field, change = coverage.choose("READY", FIELDS)
        coverage.record(Input("READY", field, change), "bot", (), b"")
        chosen.append((field, change))
    assert {field for field, _ in chosen[:2]} == {"d", "d.id"}
    assert len(set(chosen)) == 4


def test_fields_that_were_never_spoiled_are_named(coverage: Coverage) -> None:
    coverage.see("READY", ["d", "d.id"])
    coverage.record(Input("READY", "d.id", "null"), "bot", (), b"")
    assert coverage.unexercised_fields() == ["READY:d"]
    assert coverage.unexercised_kinds() == [
        each for each in (*FRAMES, *RESPONSES) if each != "READY"
    ]


def test_a_replayed_input_is_the_only_one(coverage: Coverage) -> None:
    """Other frames, and later ones of the same kind, stay intact."""
    spoils = Spoils(coverage, "bot", only=Input("READY", "d.id", "null"), enabled=True)
    ready = {"op": 0, "t": "READY", "s": 1, "d": {"id": "5"}}
    sent = [spoils.frame("READY", ready) for _ in range(5)]
    assert [each != ready for each in sent] == [True, True, True, False, False]
    assert spoils.frame("RESUMED", ready) == ready


def test_the_journal_has_every_input(coverage: Coverage) -> None:
    coverage.record(Input("READY", "d.id", "null"), "bot 1", ("d", "id"), b"{}")
    assert coverage.journal.read_text().splitlines() == [
        '{"number": 1, "bot": "bot 1", "input": "READY:d.id:null", "place": ["d", "id"],'
        ' "sent": "{}"}'
    ]
