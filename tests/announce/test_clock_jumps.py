"""A clock that jumps: nothing is lost or told twice, and nothing waits for a time long past."""

from datetime import timedelta

import pytest

from bot.announce.delivery import NONCE_WINDOW
from bot.announce.outbox import Outbox
from bot.announce.poster_port import Unavailable
from bot.announce.sender import attempt
from storage.posts import PostStatus, Skipped
from storage.reasons import Cause, ConnectionLost, TooOld
from tests.announce.newsroom import CHANNEL, Newsroom
from tests.support.articles import make_article
from tests.support.clock import START

DAY = timedelta(days=1)
LOST = Unavailable(ConnectionLost("reset"), unknown=True, retry_after=timedelta(seconds=5))


async def test_a_story_planned_by_a_clock_that_was_set_back_is_sent_now(newsroom: Newsroom) -> None:
    """Not when the clock comes by that time again."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    newsroom.clock.jump(-DAY)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
    assert newsroom.clock.now() < START


async def test_a_jump_back_while_a_retry_waits_does_not_prolong_the_wait(
    newsroom: Newsroom,
) -> None:
    """The retry was to come in five seconds, not in a day."""
    await newsroom.subscribe()
    newsroom.poster.prepare(
        Unavailable(Cause.CONNECTION_FAILED, unknown=False, retry_after=timedelta(seconds=5))
    )
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY)
        newsroom.clock.jump(-DAY)
        await newsroom.until(PostStatus.SENT)
        assert newsroom.clock.now() < START - DAY + timedelta(minutes=1)


@pytest.mark.parametrize("jump", [-DAY, DAY], ids=["back", "ahead"])
async def test_after_a_jump_the_history_is_asked_and_not_the_nonce(
    newsroom: Newsroom, jump: timedelta
) -> None:
    """Nobody knows how long ago the first attempt was; Discord may have forgotten the nonce."""
    await newsroom.subscribe()
    newsroom.poster.folding = False
    newsroom.poster.prepare(LOST, committed=True)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY)
        newsroom.clock.jump(jump)
        await newsroom.until(PostStatus.SENT)
    assert newsroom.poster.sent == [1]
    assert len(newsroom.poster.looked_since) == 1


async def test_after_a_jump_back_the_last_day_of_the_history_is_looked_through(
    newsroom: Newsroom,
) -> None:
    """The message was sent when the clock was ahead; Discord's time tells it is older."""
    await newsroom.subscribe()
    newsroom.poster.folding = False
    newsroom.poster.prepare(LOST, committed=True)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY)
        newsroom.clock.jump(timedelta(hours=-1))
        await newsroom.until(PostStatus.SENT)
    (since,) = newsroom.poster.looked_since
    assert since <= START - timedelta(hours=1) - DAY + timedelta(minutes=1)


async def test_a_jump_back_does_not_close_the_cap_for_a_day(newsroom: Newsroom) -> None:
    """What was sent "tomorrow" counts for an hour at most."""
    await newsroom.subscribe(max_per_hour=1)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
        newsroom.clock.jump(-DAY)
        await newsroom.load(make_article(2, published_at=newsroom.clock.now()))
        await newsroom.until(PostStatus.SENT, PostStatus.SENT, step=1)


async def test_a_jump_back_does_not_put_an_edit_off(newsroom: Newsroom) -> None:
    """It was to be tried again in five seconds."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
        newsroom.poster.prepare(LOST)
        await newsroom.load(make_article(1, title="Better"))
        await newsroom.until_true(lambda: not newsroom.poster.outcomes)
        await newsroom.run(timedelta(seconds=1), step=0.1)
        newsroom.clock.jump(-DAY)
        await newsroom.until_true(lambda: newsroom.poster.edited)
        assert newsroom.clock.now() < START


async def test_a_deadline_that_passes_between_claim_and_send_is_kept(newsroom: Newsroom) -> None:
    """The story was news when it was claimed; a turn later it is not."""
    await newsroom.subscribe(CHANNEL)
    old = START - timedelta(days=7) + timedelta(seconds=1)
    await newsroom.load(make_article(1, published_at=old))
    (claimed,) = await Outbox(newsroom.store).claim(newsroom.clock.now(), 1, [])
    await newsroom.clock.advance(2)
    settlement, _ = await attempt(claimed, newsroom.delivery(), newsroom.poster, newsroom.clock)
    week = timedelta(days=7)
    assert settlement == Skipped(TooOld(age=week + timedelta(seconds=1), limit=week))
    assert newsroom.poster.requests == []


async def test_a_story_withdrawn_after_its_claim_is_struck_through(newsroom: Newsroom) -> None:
    """The claim holds the story as it was; the edit follows."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    (claimed,) = await Outbox(newsroom.store).claim(newsroom.clock.now(), 1, [])
    await newsroom.withdraw(1)
    await newsroom.poster.send(claimed)
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.edited)
    assert newsroom.poster.sent == [1]


async def test_past_the_nonce_window_by_seconds_counts_from_the_first_attempt(
    newsroom: Newsroom,
) -> None:
    """Several attempts with unknown ends: the first one's message may be the one that is there."""
    await newsroom.subscribe()
    wait = NONCE_WINDOW / 2
    for committed in (True, False):
        lost = Unavailable(ConnectionLost("reset"), unknown=True, retry_after=wait)
        newsroom.poster.prepare(lost, committed=committed)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT, step=1)
    assert len(newsroom.poster.requests) == 2
    assert len(newsroom.poster.looked_since) == 1
