"""A crash test with a few kills; `make crash` runs hundreds."""

import pytest

from tests.crash.run import CrashOptions, run_crash_test
from tests.crash.subscribed_channels import Tally

CHANNELS, STORIES, KILLS = 20, 2, 8


@pytest.mark.parametrize("deduplicates_nonces", [True, False], ids=["by nonce", "by history"])
async def test_killed_bot_posts_every_story_once(deduplicates_nonces: bool) -> None:
    """It is killed at named points of the outbox and at random moments, and loses responses."""
    report = await run_crash_test(
        CrashOptions(KILLS, CHANNELS, STORIES, seed=5, deduplicates_nonces=deduplicates_nonces)
    )
    assert report.tally == Tally(messages=CHANNELS * STORIES, lost=0, repeated=0, outdated=0)
    assert report.kills == KILLS
