"""Changes of an entry are taken at once at first, and later as rarely as they return."""

from datetime import timedelta

import pytest

from tests.ingest.entries.support import Readings, changed_titles, entry
from tests.support.clock import START

MINUTES = timedelta(minutes=15)


def edits(*contents: str, every: timedelta = MINUTES) -> int:
    """Read a feed with these contents of its entry; return how often the entry was edited."""
    readings = Readings()
    count = 0
    for number, content in enumerate(contents):
        listed = entry(id="1", content=content)
        comparison = readings.read(listed, now=START + number * every)
        count += bool(changed_titles(comparison))
    return count - 1


def test_first_change_is_taken_at_once() -> None:
    """It is most likely a correction."""
    assert edits("a", "b") == 1


def test_counter_that_changes_at_every_reading_is_damped() -> None:
    """The waits double: five edits in 16 hours instead of 63."""
    assert edits(*map(str, range(64))) == 5


def test_content_that_returns_is_damped() -> None:
    """Two servers behind one address may disagree."""
    assert edits(*("ab" * 32)) <= 3


@pytest.mark.parametrize("number", [2, 9])
def test_last_content_is_taken_in_the_end(number: int) -> None:
    """A change that waits is not lost."""
    readings = Readings()
    for step in range(number):
        readings.read(entry(id="1", content=str(step)), now=START + step * MINUTES)
    last = entry(id="1", content="last")
    later = START + timedelta(days=2)
    assert changed_titles(readings.read(last, now=later)) == ["Story"]
    assert changed_titles(readings.read(last, now=later)) == []


def test_other_title_is_taken_at_once() -> None:
    """Nobody should read a wrong headline for hours."""
    readings = Readings()
    for step, title in enumerate(["One", "Two", "Three", "Four"]):
        comparison = readings.read(entry(title, id="1"), now=START + step * MINUTES)
        assert changed_titles(comparison) == [title]


def test_counter_in_a_title_is_damped() -> None:
    """Forums count the answers there: four edits in 16 hours, and one a day from then on."""
    readings = Readings()
    count = 0
    for number in range(64):
        listed = entry(f"Mooring ({number} answers)", id="1")
        count += bool(changed_titles(readings.read(listed, now=START + number * MINUTES)))
    assert count - 1 <= 5


def test_title_that_returns_waits() -> None:
    """As with any other content, it is taken if it is still there hours later."""
    readings = Readings()
    for title in ("One", "Two"):
        readings.read(entry(title, id="1"), now=START)
    assert changed_titles(readings.read(entry("One", id="1"), now=START + MINUTES)) == []
    later = START + timedelta(hours=7)
    assert changed_titles(readings.read(entry("One", id="1"), now=later)) == ["One"]
    assert changed_titles(readings.read(entry("One", id="1"), now=later + MINUTES)) == []


def test_quiet_day_ends_the_damping() -> None:
    """The next change counts as the first one."""
    readings = Readings()
    for step in range(5):
        readings.read(entry(id="1", content=str(step)), now=START + step * timedelta(hours=9))
    later = START + timedelta(days=5)
    for step in (6, 7):
        comparison = readings.read(entry(id="1", content=str(step)), now=later + step * MINUTES)
        assert bool(changed_titles(comparison)) == (step == 6)
