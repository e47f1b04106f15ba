"""Fairness: a slow, rate-limited or broken channel delays no other."""

import asyncio
from datetime import timedelta

from bot.announce.poster_port import Accepted, Outcome, Unavailable
from storage.posts import ClaimedPost, PostStatus
from storage.reasons import Cause, ServerError
from tests.announce.newsroom import CHANNEL, Newsroom
from tests.announce.support import ScriptedPoster
from tests.support.clock import FakeClock

SLOW, OTHER = CHANNEL, CHANNEL + 1
SECOND = timedelta(seconds=1)


async def test_a_send_that_hangs_delays_no_other_channel(newsroom: Newsroom) -> None:
    """Only the channel's own stories wait for it."""
    await newsroom.subscribe(SLOW)
    await newsroom.subscribe(OTHER)
    newsroom.poster.gates[SLOW] = asyncio.Event()
    await newsroom.add_stories(*range(1, 21))
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.requests.count(OTHER) == 20)
        assert newsroom.poster.requests.count(SLOW) == 1
        newsroom.poster.gates[SLOW].set()
        await newsroom.until(*[PostStatus.SENT] * 40)


async def test_a_long_rate_limit_only_delays_its_channel(newsroom: Newsroom) -> None:
    """Discord asks for ten minutes, and the channel's next story is not tried earlier."""
    await newsroom.subscribe(SLOW)
    await newsroom.subscribe(OTHER)
    limited = Unavailable(Cause.RATE_LIMITED, unknown=False, retry_after=timedelta(minutes=10))
    newsroom.poster.channel_outcomes[SLOW] = limited
    await newsroom.add_stories(1, 2, 3)
    async with newsroom.sending():
        await newsroom.run(timedelta(minutes=9), step=5)
        assert newsroom.poster.requests.count(SLOW) == 1
        assert newsroom.poster.requests.count(OTHER) == 3
        newsroom.poster.channel_outcomes.clear()
        await newsroom.until(*[PostStatus.SENT] * 6, step=5)


async def test_a_channel_that_always_fails_delays_no_other(newsroom: Newsroom) -> None:
    """Its own waits grow, while a story for another channel is sent at once."""
    await newsroom.subscribe(SLOW)
    newsroom.poster.channel_outcomes[SLOW] = Unavailable(ServerError(500), unknown=False)
    await newsroom.add_stories(*range(1, 6))
    async with newsroom.sending():
        await newsroom.run(timedelta(minutes=30), step=5)
        assert len(newsroom.poster.requests) < 20
        await newsroom.subscribe(OTHER)
        await newsroom.add_stories(6)
        began = newsroom.clock.now()
        await newsroom.until_true(lambda: OTHER in newsroom.poster.requests)
        assert newsroom.clock.now() - began < 2 * SECOND


async def test_a_channel_rests_as_long_as_its_rate_limit_says(newsroom: Newsroom) -> None:
    """Its bucket is empty, so the next request would be refused."""
    resting = RestingPoster(clock := newsroom.clock, timedelta(seconds=5))
    newsroom.poster = resting
    await newsroom.subscribe(SLOW)
    await newsroom.add_stories(1, 2, 3)
    async with newsroom.sending():
        await newsroom.until(*[PostStatus.SENT] * 3)
    first, second, third = resting.times
    assert min(second - first, third - second) >= 5
    assert clock.monotonic() - first < 13


class RestingPoster(ScriptedPoster):
    """A fake Discord whose every answer empties the channel's rate limit bucket."""

    def __init__(self, clock: FakeClock, rest: timedelta) -> None:
        super().__init__()
        self._clock = clock
        self._rest = rest
        self.times: list[float] = []

    async def send(self, claimed: ClaimedPost) -> Outcome:
        """See `Poster`."""
        self.times.append(self._clock.monotonic())
        outcome = await super().send(claimed)
        assert isinstance(outcome, Accepted)
        return Accepted(outcome.message_id, self._rest)
