"""Ten days of the simulated year; `python -m tests.year` runs the whole year."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from tests.year.checks import describe, find_violations, times_shown
from tests.year.run import SimulationResult, simulate

# In these days, clocks go forward in Europe, and back in Australia, New Zealand and Chile.
START, DAYS = datetime(2026, 3, 27, tzinfo=UTC), 10


@pytest.fixture
async def result(tmp_path: Path) -> SimulationResult:
    """The events of these days."""
    return await simulate(tmp_path / "weeks.db", START, DAYS, seed=3)


async def test_a_year_keeps_every_promise(result: SimulationResult) -> None:
    """Digests, caps, quiet hours and posting once per channel hold for a simulated year."""
    assert find_violations(result) == []
    kinds = {message.digest for message in result.messages}
    assert kinds == {True, False}, describe(result)


@pytest.mark.parametrize(
    ("day", "times"),
    [
        (date(2026, 3, 28), ["01:30"]),
        (date(2026, 3, 29), ["01:00", "01:30"]),
        (date(2026, 10, 25), ["00:30", "01:30"]),
    ],
    ids=["once", "never", "twice"],
)
def test_checks_convert_local_times_to_utc(day: date, times: list[str]) -> None:
    """Half past two in Berlin is converted to UTC."""
    found = times_shown(day, time(2, 30), "Europe/Berlin")
    assert [f"{moment:%H:%M}" for moment in found] == times
    assert all(abs(moment - found[0]) <= timedelta(hours=1) for moment in found)
