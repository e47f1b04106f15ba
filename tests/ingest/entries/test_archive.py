"""What existed before a source was first read is archive."""

from datetime import datetime, timedelta

import pytest

from bot.ingest.entries.archive import completed_bounds, is_archive
from storage.models import ArchiveBounds
from tests.support.clock import START

HOUR = timedelta(hours=1)
FIRST = ArchiveBounds(START)
COMPLETE = ArchiveBounds(START, complete=True)


@pytest.mark.parametrize(
    ("bounds", "date", "expected"),
    [
        (FIRST, START - HOUR, True),
        (FIRST, START + HOUR, False),
        (FIRST, START + 24 * HOUR, True),
        (FIRST, START + 30 * HOUR, True),
        (FIRST, None, True),
        (COMPLETE, START - HOUR, True),
        (COMPLETE, START + HOUR, False),
        (COMPLETE, START + 30 * HOUR, False),
        (COMPLETE, None, False),
    ],
)
def test_date_decides(bounds: ArchiveBounds, date: datetime | None, expected: bool) -> None:
    """Without one, or with one in the future, it matters whether the source was read completely."""
    assert is_archive(date, bounds, START + 24 * HOUR) == expected


def test_day_without_time_is_not_over_when_it_begins() -> None:
    """News of the day on which the source was added have the date of midnight."""
    midnight = START.replace(hour=0)
    assert is_archive(midnight, COMPLETE, START + HOUR)
    assert not is_archive(midnight, COMPLETE, START + HOUR, date_only=True)
    assert is_archive(midnight - 24 * HOUR, COMPLETE, START + HOUR, date_only=True)


def test_day_is_over_when_the_next_begins() -> None:
    """All dates of a feed may lack the time of day, and so the bound, too."""
    midnight = START.replace(hour=0)
    bounds = ArchiveBounds(midnight, complete=True)
    assert is_archive(midnight - 24 * HOUR, bounds, START, date_only=True)
    assert not is_archive(midnight, bounds, START, date_only=True)


def test_complete_reading_sets_the_bound_to_its_newest_date() -> None:
    """What is newer was published later, even if that was before the reading began."""
    dates = [START - 2 * HOUR, None, START - 5 * HOUR, START + 9 * HOUR]
    assert completed_bounds(FIRST, dates, START) == ArchiveBounds(START - 2 * HOUR, complete=True)


@pytest.mark.parametrize("dates", [[], [None], [START + HOUR]])
def test_reading_without_a_past_date_keeps_the_bound(dates: list[datetime | None]) -> None:
    """A feed may be empty when it is first read, and have everything later."""
    assert completed_bounds(FIRST, dates, START) == COMPLETE


def test_later_readings_keep_the_bound() -> None:
    """Only the first complete reading sets it."""
    assert completed_bounds(COMPLETE, [START - 9 * HOUR], START) is COMPLETE
