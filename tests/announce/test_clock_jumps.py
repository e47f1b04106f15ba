"""Clock jumps: nothing is lost or posted twice, and nothing waits for a time already passed."""

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


async def test_a_story_planned_in_the_future_is_sent_now(newsroom: Newsroom) -> None:
    """After the clock was set back, the post does not wait for its time to come again."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    newsroom.clock.jump(-DAY)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
    assert newsroom.clock.now() < START


async def test_a_jump_back_does_not_prolong_a_retry(
    newsroom: Newsroom,
) -> None:
    """The retry comes within its five seconds, not a day later."""
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
async def test_after_a_jump_the_history_is_searched(newsroom: Newsroom, jump: timedelta) -> None:
    """The time since the first attempt is unknown, so Discord may have forgotten the nonce."""
    await newsroom.subscribe()
    newsroom.poster.deduplicates = False
    newsroom.poster.prepare(LOST, committed=True)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY)
        newsroom.clock.jump(jump)
        await newsroom.until(PostStatus.SENT)
    assert newsroom.poster.sent == [1]
    assert len(newsroom.poster.searched_since) == 1


async def test_after_a_jump_back_a_day_of_history_is_searched(
    newsroom: Newsroom,
) -> None:
    """Discord's time of the message is earlier than the clock showed when it was sent."""
    await newsroom.subscribe()
    newsroom.poster.deduplicates = False
    newsroom.poster.prepare(LOST, committed=True)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY)
        newsroom.clock.jump(timedelta(hours=-1))
        await newsroom.until(PostStatus.SENT)
    (since,) = newsroom.poster.searched_since
    assert since <= START - timedelta(hours=1) - DAY + timedelta(minutes=1)


async def test_a_jump_back_does_not_close_the_cap_for_a_day(newsroom: Newsroom) -> None:
    """A post sent "tomorrow" counts for at most an hour."""
    await newsroom.subscribe(max_per_hour=1)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
        newsroom.clock.jump(-DAY)
        await newsroom.load(make_article(2, published_at=newsroom.clock.now()))
        await newsroom.until(PostStatus.SENT, PostStatus.SENT, step=1)


async def test_a_jump_back_does_not_delay_an_edit(newsroom: Newsroom) -> None:
    """The edit is retried within its five seconds."""
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


async def test_age_is_checked_between_claim_and_send(newsroom: Newsroom) -> None:
    """A story that becomes too old after it was claimed is skipped."""
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
    """The message shows the story as it was claimed, and an edit follows."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    (claimed,) = await Outbox(newsroom.store).claim(newsroom.clock.now(), 1, [])
    await newsroom.withdraw(1)
    await newsroom.poster.send(claimed)
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.edited)
    assert newsroom.poster.sent == [1]


async def test_the_nonce_window_starts_at_the_first_attempt(
    newsroom: Newsroom,
) -> None:
    """After several attempts with unknown outcomes, the first one's message may exist."""
    await newsroom.subscribe()
    wait = NONCE_WINDOW / 2
    for committed in (True, False):
        lost = Unavailable(ConnectionLost("reset"), unknown=True, retry_after=wait)
        newsroom.poster.prepare(lost, committed=committed)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT, step=1)
    assert len(newsroom.poster.requests) == 2
    assert len(newsroom.poster.searched_since) == 1
