"""A crash test with a few kills; `make crash` runs hundreds."""

import pytest

from tests.crash.run import CrashOptions, run_crash_test
from tests.crash.subscribed_channels import Tally

CHANNELS, STORIES, KILLS = 20, 2, 8


@pytest.mark.parametrize("folding", [True, False], ids=["folding", "by history"])
async def test_a_bot_that_is_killed_again_and_again_tells_everything_once(folding: bool) -> None:
    """At named steps of the outbox and at any moment, with answers lost on the way."""
    report = await run_crash_test(CrashOptions(KILLS, CHANNELS, STORIES, seed=5, folding=folding))
    assert report.tally == Tally(messages=CHANNELS * STORIES, lost=0, repeated=0, outdated=0)
    assert report.kills == KILLS
