"""A crash test with a few kills; `make crash` runs hundreds."""

from collections import Counter

import pytest

from tests.crash.run import (
    ALL_KILL_POINTS,
    CrashOptions,
    CrashReport,
    run_crash_test,
    unreached,
)
from tests.support.places import Place
from tests.support.subscribed_channels import DiscussionTally, PublicationTally, Tally

CHANNELS, STORIES, KILLS = 20, 2, 8


@pytest.mark.parametrize("deduplicates_nonces", [True, False], ids=["by nonce", "by history"])
async def test_killed_bot_posts_every_story_once(deduplicates_nonces: bool) -> None:
    """It is killed at named points of the outbox and at random moments, and loses responses."""
    report = await run_crash_test(
        CrashOptions(KILLS, CHANNELS, STORIES, seed=5, deduplicates_nonces=deduplicates_nonces)
    )
    assert report.tally == Tally(messages=CHANNELS * STORIES, lost=0, repeated=0, outdated=0)
    assert report.publications == PublicationTally(
        published=CHANNELS // len(Place) * STORIES,
        waiting=0,
        lost=0,
        most_in_an_hour=STORIES,
        refused=0,
    )
    assert report.discussions == DiscussionTally(
        opened=CHANNELS // len(Place) * STORIES, waiting=0, lost=0
    )
    assert report.kills == KILLS


def test_a_kill_point_that_no_run_reached_is_named() -> None:
    """A run that was late for it has not reached it."""
    tally, published = Tally(0, 0, 0, 0), PublicationTally(0, 0, 0, 0, 0)
    discussed = DiscussionTally(0, 0, 0)
    [first, second, *others] = ALL_KILL_POINTS
    reports = [
        CrashReport(
            tally, published, discussed, 0, Counter(kill_points), answers_lost=Counter(), seconds=0
        )
        for kill_points in ([first], [f"late for {second}", *others])
    ]
    assert unreached(reports) == [second]
