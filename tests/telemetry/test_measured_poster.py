"""The poster that measures how long Discord takes returns every outcome."""

from typing import get_args

import pytest

from bot.announce import poster_port as port
from bot.telemetry.measured_poster import MeasuredPoster
from storage.posts import ClaimedPost, Post, PostStatus
from storage.reasons import Cause
from tests.announce.support import ScriptedPoster
from tests.support.articles import make_story
from tests.support.clock import START, FakeClock

OUTCOMES: list[port.EditOutcome] = [
    port.Accepted(1),
    port.ChannelClosed(Cause.CONNECTION_FAILED),
    port.ChannelGone(Cause.CONNECTION_FAILED),
    port.MessageGone(Cause.CONNECTION_FAILED),
    port.Postponed(Cause.CONNECTION_FAILED),
    port.Refused(Cause.CONNECTION_FAILED),
    port.Unavailable(Cause.CONNECTION_FAILED, unknown=True),
]


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_each_outcome_is_observed_and_returned(outcome: port.EditOutcome) -> None:
    poster, observed = ScriptedPoster(), list[str]()
    measured = MeasuredPoster(poster, FakeClock(), lambda name, _: observed.append(name))
    poster.prepare(outcome)
    post = Post(1, 1, 1, 10, 20, "n", PostStatus.SENT, False, START, START, message_id=1)
    assert await measured.edit(ClaimedPost(post, make_story(1)), delete=False) is outcome
    assert len(observed) == 1


def test_the_outcomes_above_are_all_outcomes_of_an_edit() -> None:
    assert {type(each) for each in OUTCOMES} == set(get_args(port.EditOutcome))
