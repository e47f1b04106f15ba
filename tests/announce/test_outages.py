"""Outages of Discord: few probes, no lost post, and no flood of messages afterwards."""

from datetime import timedelta

import pytest

from bot.announce.circuit_breaker import LAST_RETRY, THRESHOLD, CircuitBreaker, send_backoff
from bot.announce.delivery import NONCE_WINDOW
from bot.announce.poster_port import Unavailable
from bot.announce.sender import MAX_IN_FLIGHT
from bot.announce.subscription_lifecycle import remove_subscription
from storage.posts import PostStatus
from storage.reasons import Cause, ServerError
from tests.announce.newsroom import CHANNEL, GUILD, Newsroom
from tests.support.articles import make_article
from tests.support.clock import START

AWAY = Unavailable(Cause.CONNECTION_FAILED, unknown=False)
LOST = Unavailable(ServerError(503), unknown=True)
SECOND = timedelta(seconds=1)


def lazy() -> float:
    """No jitter."""
    return 0.0


def test_waits_double_up_to_a_limit_with_jitter() -> None:
    """They grow from a second to five minutes, and jitter halves them at most."""
    waits = [send_backoff(lazy).wait_after(attempts) for attempts in range(1, 30)]
    assert waits[:4] == [SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]
    assert waits[-1] == LAST_RETRY
    assert send_backoff(lambda: 1.0).wait_after(4) == 4 * SECOND


def test_a_single_failing_channel_is_not_an_outage() -> None:
    """The other channels keep all concurrent sends."""
    breaker = CircuitBreaker(lazy)
    for _ in range(100):
        breaker.record_failure(CHANNEL, START)
    assert breaker.allowed(START, MAX_IN_FLIGHT) == MAX_IN_FLIGHT


def test_sends_in_flight_do_not_prolong_an_outage() -> None:
    """Sixteen sends fail at once, and the first probe still comes after a second."""
    breaker = CircuitBreaker(lazy)
    for channel in range(MAX_IN_FLIGHT):
        breaker.record_failure(channel, START)
    assert breaker.allowed(START, MAX_IN_FLIGHT) == 0
    assert breaker.allowed(START + SECOND, MAX_IN_FLIGHT) == 1
    breaker.record_failure(1, START + SECOND)
    assert breaker.allowed(START + 2 * SECOND, MAX_IN_FLIGHT) == 0
    assert breaker.allowed(START + 3 * SECOND, MAX_IN_FLIGHT) == 1
    breaker.record_success()
    assert breaker.allowed(START + 3 * SECOND, MAX_IN_FLIGHT) == MAX_IN_FLIGHT


def test_a_jump_back_does_not_prolong_an_outage() -> None:
    """Discord is tried again at once, not a day later."""
    breaker = CircuitBreaker(lazy)
    for channel in range(THRESHOLD):
        breaker.record_failure(channel, START)
    assert breaker.allowed(START - timedelta(days=1), MAX_IN_FLIGHT) == 1


@pytest.mark.parametrize("how", [AWAY, LOST], ids=["not reached", "503"])
async def test_hours_of_outage_are_probed_and_lose_nothing(
    newsroom: Newsroom, how: Unavailable
) -> None:
    """Three hours cost a few dozen requests for forty channels; then everything is posted once."""
    channels = range(CHANNEL, CHANNEL + 40)
    for channel in channels:
        await newsroom.subscribe(channel)
    newsroom.poster.outage = how
    newsroom.poster.deduplicates = False
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.run(timedelta(hours=3), step=30)
        hammered = len(newsroom.poster.requests) + len(newsroom.poster.searched_since)
        newsroom.poster.outage = None
        await newsroom.until(*[PostStatus.SENT] * 40, step=5)
    assert hammered < MAX_IN_FLIGHT + 3 * 60 / (LAST_RETRY.total_seconds() / 60) + 20
    assert newsroom.poster.sent == [1] * 40


async def test_everything_is_sent_as_soon_as_discord_is_back(newsroom: Newsroom) -> None:
    """No channel waits for its own next attempt, which may be minutes away."""
    channels = range(CHANNEL, CHANNEL + 40)
    for channel in channels:
        await newsroom.subscribe(channel)
    newsroom.poster.outage = AWAY
    await newsroom.add_stories(1)
    async with newsroom.sending() as sender:
        await newsroom.run(timedelta(hours=1), step=30)
        newsroom.poster.outage = None
        back = newsroom.clock.now()
        sender.discord_is_back()
        posts = await newsroom.until(*[PostStatus.SENT] * 40, step=0.1)
    assert all(post.settled_at and post.settled_at - back <= SECOND for post in posts)


async def test_a_single_failing_channel_is_tried_soon_after(
    newsroom: Newsroom,
) -> None:
    """Also if the REST API is back a little later than the gateway."""
    await newsroom.subscribe()
    newsroom.poster.outage = LOST
    await newsroom.add_stories(1)
    async with newsroom.sending() as sender:
        await newsroom.run(timedelta(hours=1), step=30)
        sender.discord_is_back()
        await newsroom.run(timedelta(seconds=10), step=1)
        newsroom.poster.outage = None
        back = newsroom.clock.now()
        (post,) = await newsroom.until(PostStatus.SENT, step=1)
    assert post.settled_at is not None
    assert post.settled_at - back <= 5 * SECOND


async def test_a_wait_that_discord_asks_for_lasts(newsroom: Newsroom) -> None:
    """A new session of the gateway does not end it."""
    await newsroom.subscribe()
    minute = timedelta(minutes=1)
    newsroom.poster.prepare(Unavailable(Cause.RATE_LIMITED, unknown=False, retry_after=minute))
    await newsroom.add_stories(1)
    async with newsroom.sending() as sender:
        await newsroom.until_true(lambda: newsroom.poster.requests)
        sender.discord_is_back()
        await newsroom.run(minute - SECOND)
        assert len(newsroom.poster.requests) == 1
        await newsroom.until(PostStatus.SENT)


async def test_after_an_outage_cap_and_age_still_apply(newsroom: Newsroom) -> None:
    """Of ten stories that are news for two more hours, two an hour are sent, the rest skipped."""
    await newsroom.subscribe(max_per_hour=2)
    newsroom.poster.outage = AWAY
    old = START - timedelta(days=7) + timedelta(minutes=140)
    await newsroom.load(*(make_article(n, published_at=old) for n in range(1, 11)))
    async with newsroom.sending():
        await newsroom.run(timedelta(minutes=30), step=10)
        newsroom.poster.outage = None
        await newsroom.until_true(lambda: len(newsroom.poster.sent) == 2, step=5)
        await newsroom.run(timedelta(hours=3), step=60)
    statuses = [post.status for post in await newsroom.posts()]
    assert len(newsroom.poster.sent) == 4
    assert [statuses.count(PostStatus.SENT), statuses.count(PostStatus.SKIPPED)] == [4, 6]


async def test_an_unavailable_history_is_read_later(newsroom: Newsroom) -> None:
    """An outage makes no post uncertain."""
    await newsroom.subscribe()
    newsroom.poster.deduplicates = False
    newsroom.poster.prepare(LOST, committed=True)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.requests)
        newsroom.poster.outage = AWAY
        await newsroom.run(NONCE_WINDOW + timedelta(minutes=10), step=5)
        assert newsroom.poster.searched_since != []
        newsroom.poster.outage = None
        (post,) = await newsroom.until(PostStatus.SENT, step=5)
    assert (post.message_id, newsroom.poster.sent) == (1001, [1])


async def test_a_removal_during_an_outage_leaves_nothing_open(newsroom: Newsroom) -> None:
    """A post that may have been sent is searched for when Discord is back."""
    number = await newsroom.subscribe()
    newsroom.poster.outage = LOST
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY)
        await remove_subscription(newsroom.store, GUILD, number, newsroom.clock.now())
        await newsroom.run(timedelta(minutes=10), step=5)
        newsroom.poster.outage = None
        (post,) = await newsroom.until(PostStatus.SKIPPED, step=5)
    assert post.reason == Cause.SUBSCRIPTION_REMOVED
    assert newsroom.poster.sent == []
