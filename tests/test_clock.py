"""Waiting by a clock."""

import pytest

from bot.clock import until_next_second
from tests.support.clock import FakeClock


@pytest.mark.parametrize(("passed", "left"), [(0.0, 1.0), (0.25, 0.75), (7.5, 0.5)])
async def test_whoever_polls_each_second_wakes_at_full_seconds(
    clock: FakeClock, passed: float, left: float
) -> None:
    """Whenever it began: all pollers wake together."""
    await clock.advance(passed)
    assert until_next_second(clock) == pytest.approx(left)
