"""Waiting with a clock."""

import pytest

from bot.clock import until_next_second
from tests.support.clock import FakeClock


@pytest.mark.parametrize(("passed", "left"), [(0.0, 1.0), (0.25, 0.75), (7.5, 0.5)])
async def test_pollers_wake_at_full_seconds(clock: FakeClock, passed: float, left: float) -> None:
    """They wake together, whenever they began."""
    await clock.advance(passed)
    assert until_next_second(clock) == pytest.approx(left)
