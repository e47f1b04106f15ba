"""Which entries of a reading are known, and which are the same."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.entries.record import ListedEntry
from storage.models import Fingerprint
from tests.ingest.entries.support import DATE, Readings, entry
from tests.support.clock import START

PAGE = "https://shop.example/changelog"
LATER = "2026-11-24T10:00:00+00:00"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(
            [entry("Old", id="feed", link=f"{PAGE}/0")],
            [entry("New", id="feed", link=f"{PAGE}/1"), entry("Old", id="feed", link=f"{PAGE}/0")],
            id="one id for the whole feed",
        ),
        pytest.param(
            [entry("Old", id="feed", link=f"{PAGE}/0")],
            [entry("New", id="feed", link=f"{PAGE}/1", date=LATER)],
            id="one id, and the old entry has left",
        ),
        pytest.param(
            [entry("Old", id="1", link=PAGE)],
            [entry("New", id="2", link=PAGE), entry("Old", id="1", link=PAGE)],
            id="one page",
        ),
        pytest.param(
            [entry("Old", id="1", link=PAGE)],
            [entry("New", id="2", link=PAGE, date=LATER)],
            id="one page, and the old entry has left",
        ),
        pytest.param(
            [entry("Old", link=PAGE)],
            [entry("New", link=PAGE, date=LATER), entry("Old", link=PAGE)],
            id="one page and no ids",
        ),
        pytest.param(
            [entry("Old", id=PAGE, link=PAGE)],
            [entry("New", id=PAGE, link=PAGE, date=LATER), entry("Old", id=PAGE, link=PAGE)],
            id="the page is also the id",
        ),
        pytest.param(
            [entry("Old", id=f"{PAGE}#0", link=f"{PAGE}#0")],
            [
                entry("New", id=f"{PAGE}#1", link=f"{PAGE}#1"),
                entry("Old", id=f"{PAGE}#0", link=f"{PAGE}#0"),
            ],
            id="parts of one page",
        ),
        pytest.param(
            [entry("Status", id=PAGE, link=PAGE, date=DATE)],
            [entry("Status", id="2", link=PAGE, date=LATER), entry("Status", id=PAGE, link=PAGE)],
            id="one title on one page",
        ),
        pytest.param(
            [entry("Old", id="1", link="")],
            [entry("New", id="2", link=""), entry("Old", id="1", link="")],
            id="no pages",
        ),
        pytest.param(
            [entry("Day 1", id=PAGE, link=PAGE)],
            [entry("Day 2", id=PAGE, link=PAGE, date=LATER)],
            id="one entry a day",
        ),
        pytest.param(
            [entry("Day 1", link=PAGE, date="")],
            [entry("Day 2", link=PAGE, date="")],
            id="one entry a day, without dates",
        ),
        pytest.param(
            [entry("Weekly", id="feed", link=f"{PAGE}/0")],
            [entry("Weekly", id="feed", link=f"{PAGE}/1", date=LATER)],
            id="one id and one title",
        ),
    ],
)
def test_entries_with_something_in_common_are_separate(
    first: Sequence[ListedEntry], second: Sequence[ListedEntry]
) -> None:
    """Only the new entry is new, also after a further reading, and nothing is merged."""
    readings = Readings()
    readings.read(*first)
    assert readings.new(*second) == [second[0].title]
    again = readings.read(*second)
    assert again.changed == []
    assert again.findings.merged == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(entry("Old", id="1"), entry("Corrected", id="1"), id="title"),
        pytest.param(
            entry(id="1"), entry(id="1", link="https://moved.example/1"), id="address of the site"
        ),
        pytest.param(
            entry("Old", id="1", link="https://news.example/old"),
            entry("New", id="1", link="https://news.example/new"),
            id="title and link",
        ),
        pytest.param(entry(id="1"), entry(id="1", date=LATER), id="date"),
        pytest.param(entry(id="1"), entry(id="2"), id="id"),
        pytest.param(
            entry("Old", id="page@1"), entry("New", id="page@2"), id="id and title, as of an edit"
        ),
        pytest.param(entry(id="1"), entry(id="2", date=LATER), id="id and date"),
        pytest.param(
            entry(id="1"), entry(id="2", link="https://news.example/2?oc=5"), id="id and link"
        ),
        pytest.param(
            entry(id="1", link="https://news.example/1?s=a", date=""),
            entry(id="2", link="https://news.example/1?s=b", date=""),
            id="id and parameters, without date",
        ),
    ],
)
def test_changed_entry_is_the_same(first: ListedEntry, second: ListedEntry) -> None:
    """Another entry of the feed stays as it was."""
    other = entry("Another", id="9", link="https://news.example/9", date=DATE)
    for more in ((), (other,)) if first.date else ((),):
        readings = Readings()
        readings.read(first, *more)
        assert readings.new(second, *more) == []


def test_id_of_the_whole_feed_does_not_hide_a_correction() -> None:
    """The link identifies the entry, although title and date are others."""
    other = entry("Other", id="feed", link="https://news.example/2")
    readings = Readings()
    readings.read(entry("Old", id="feed"), other)
    assert readings.new(entry("Corrected", id="feed", date=LATER), other) == []


def test_numbers_of_positions_identify_nothing() -> None:
    """Two new entries have the numbers of the two before, one of which has left."""
    first = [entry("B", id="1", link=PAGE, date="2"), entry("A", id="2", link=PAGE, date="1")]
    readings = Readings()
    readings.read(*first)
    second = [
        entry("D", id="1", link=PAGE, date="4"),
        entry("C", id="2", link=PAGE, date="3"),
        entry("B", id="3", link=PAGE, date="2"),
    ]
    assert readings.new(*second) == ["D", "C"]


def test_entries_that_are_listed_twice_are_merged() -> None:
    """The first one counts; the titles of the others are reported."""
    listed = [entry("A", id="1"), entry("A", id="1", content="older"), entry("A", id="2")]
    comparison = Readings().read(*listed)
    assert [each.entry for each in comparison.changed] == listed[:1]
    assert comparison.findings.merged == 2
    assert comparison.findings.merged_titles == ("A", "A")


def test_entries_of_one_page_have_their_own_addresses() -> None:
    """The part after # is one, if it is different; a page with one entry needs none."""
    parts = Readings().read(entry("A", link=f"{PAGE}#a"), entry("B", link=f"{PAGE}#b"))
    assert [each.own_fragment for each in parts.changed] == ["a", "b"]
    same = Readings().read(entry("A", id="1", link=PAGE), entry("B", id="2", link=PAGE))
    fragments = [each.own_fragment for each in same.changed]
    assert all(fragments)
    assert len(set(fragments)) == 2
    (only,) = Readings().read(entry("A", link=f"{PAGE}#a")).changed
    assert only.own_fragment == ""


def changing(number: int, reading: int) -> ListedEntry:
    """An entry with a new id at each reading."""
    return entry(f"Story {number}", id=f"{reading}-{number}", link=f"https://news.example/{number}")


def changing_link(number: int, reading: int) -> ListedEntry:
    """An entry with a new id and a new link at each reading."""
    return entry(f"Story {number}", id=f"{reading}-{number}", link=f"{PAGE}/{reading}-{number}")


@pytest.mark.parametrize("make", [changing, changing_link])
def test_ids_that_change_at_every_reading_are_recognised(
    make: Callable[[int, int], ListedEntry],
) -> None:
    """They add no documents, and from the third reading on nothing is stored for them."""
    readings = Readings()
    for reading in range(6):
        comparison = readings.read(*(make(number, reading) for number in range(5)))
        assert comparison.findings.ids_change == (reading >= 2)
        assert bool(comparison.changed) == (reading < 3)
        assert len(readings.known) == 5
    new = make(9, 9)
    assert readings.new(new, *(make(number, 9) for number in range(5))) == ["Story 9"]
    assert not any(key.startswith("9-") for key in readings.known)
    assert readings.new(make(9, 10), *(make(number, 10) for number in range(5))) == []


def test_stable_ids_are_not_reported() -> None:
    """A site may change all ids once, as when it moves."""
    readings = Readings()
    for reading in (0, 1, 1, 1):
        comparison = readings.read(*(changing(number, reading) for number in range(5)))
        assert not comparison.findings.ids_change


def test_documents_of_earlier_versions_are_known_by_their_keys() -> None:
    """Their fingerprints say nothing about the entries; the time when first seen is kept."""
    readings = Readings()
    link = "https://news.example/2"
    readings.known = {"1": Fingerprint(0, 5, "0123"), link: Fingerprint(0, 6, "4")}
    listed = [entry("A", id="1"), entry("B", link=link)]
    comparison = readings.read(*listed, current=False)
    assert [each.fingerprint.modified_ns for each in comparison.changed] == [5, 6]
    assert readings.read(*listed).changed == []


def test_other_settings_read_every_entry_again() -> None:
    """The documents and what is known of them stay the same."""
    readings = Readings()
    readings.read(entry(id="1"))
    before = dict(readings.known)
    comparison = readings.read(entry(id="1"), current=False)
    assert [each.content_changed for each in comparison.changed] == [True]
    assert readings.known == before


NAMES = st.sampled_from(
    ["", "a", "b", "https://news.example/1", "https://news.example/1#a", "\ud800"]
)
ENTRIES = st.lists(st.builds(ListedEntry, NAMES, NAMES, NAMES, NAMES, NAMES), max_size=6)


@given(readings=st.lists(ENTRIES, max_size=4))
def test_any_reading_is_compared(readings: Sequence[Sequence[ListedEntry]]) -> None:
    """Every entry has its own key or is merged, and a repeated reading changes nothing."""
    known = Readings()
    for listed in readings:
        comparison = known.read(*listed)
        assert len(comparison.present) + comparison.findings.merged == len(listed)
        assert len({each.key for each in comparison.changed}) == len(comparison.changed)
        for each in comparison.changed:
            each.key.encode()
    if readings:
        known.read(*readings[-1], now=START)
        again = known.read(*readings[-1])
        assert [each for each in again.changed if each.content_changed] == []
