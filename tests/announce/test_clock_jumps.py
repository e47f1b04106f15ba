"""Clock jumps: nothing is lost or posted twice, and nothing waits for a time already passed."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import pytest

from bot.announce.delivery import NONCE_WINDOW
from bot.announce.outbox import Outbox
from bot.announce.poster_port import Unavailable
from bot.announce.sender import attempt
from bot.clock import CautiousClock
from storage.models import DeliveryOptions, Digest, DigestDays, QuietHours
from storage.posts import PostStatus, Skipped
from storage.reasons import Cause, ConnectionLost, TooOld
from tests.announce.newsroom import CHANNEL, Newsroom
from tests.support.articles import make_article
from tests.support.clock import START, FakeClock

HOUR, DAY, DECADE = timedelta(hours=1), timedelta(days=1), timedelta(days=3650)
# START is a Monday at noon.
WEEKLY = DeliveryOptions(digest=Digest(DigestDays.WEEKLY, time(9), weekday=0))
NEXT_MONDAY = START + timedelta(days=6, hours=21)
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
    cautious = CautiousClock(newsroom.clock)
    settlement, _ = await attempt(
        claimed, newsroom.delivery(), newsroom.poster, newsroom.clock, cautious
    )
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


def next_monday(now: datetime) -> datetime:
    """The next Monday 09:00 after a moment."""
    monday = now.replace(hour=9, minute=0) - timedelta(days=now.weekday())
    return monday if monday > now else monday + timedelta(days=7)


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
@pytest.mark.parametrize("jump", [-HOUR, -DAY, timedelta(days=-10), -DECADE], ids=str)
async def test_a_digest_waits_for_its_time_by_the_new_clock(
    newsroom: Newsroom, jump: timedelta, running: bool
) -> None:
    """It is not sent at once, nor when the time of the old clock comes again."""
    await newsroom.subscribe(delivery=WEEKLY)
    await newsroom.add_stories(1)
    if not running:
        newsroom.clock.jump(jump)
    async with newsroom.sending():
        await newsroom.run(timedelta(minutes=1), step=10)
        if running:
            newsroom.clock.jump(jump)
        await newsroom.run(timedelta(minutes=1), step=10)
        assert newsroom.poster.sent == []
        due = next_monday(newsroom.clock.now())
        newsroom.clock.skip((due - newsroom.clock.now()).total_seconds() - 60)
        await newsroom.run(timedelta(seconds=50), step=10)
        assert newsroom.poster.sent == []
        await newsroom.run(timedelta(minutes=1), step=10)
    assert newsroom.poster.sent == [1]


async def test_a_digest_planned_ten_years_ahead_comes_next_monday(newsroom: Newsroom) -> None:
    """The clock was wrong at the start, as on a machine without a battery."""
    newsroom.clock.jump(DECADE)
    await newsroom.subscribe(delivery=WEEKLY)
    await newsroom.load(make_article(1, published_at=newsroom.clock.now()))
    newsroom.clock.jump(-DECADE)
    async with newsroom.sending():
        await newsroom.run(timedelta(minutes=1), step=10)
        assert newsroom.poster.sent == []
        (post,) = await newsroom.posts()
        assert (post.due_at, post.planned_at < NEXT_MONDAY) == (NEXT_MONDAY, True)


async def test_quiet_hours_end_by_the_new_clock(newsroom: Newsroom) -> None:
    """What waits for their end does not wait a day longer after the clock was set back."""
    await newsroom.subscribe(delivery=DeliveryOptions(quiet=QuietHours(time(11), time(14))))
    await newsroom.add_stories(1)
    (post,) = await newsroom.posts()
    assert post.due_at == START + 2 * HOUR
    newsroom.clock.jump(-DAY + 3 * HOUR)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
    assert newsroom.clock.now() < START


@pytest.mark.parametrize("jump", [DAY, timedelta(days=10), DECADE], ids=str)
async def test_no_story_is_too_old_because_of_a_jump_ahead(
    newsroom: Newsroom, jump: timedelta
) -> None:
    """Neither one that waits nor one that arrives; the clock is not believed for a day."""
    await newsroom.subscribe()
    newsroom.poster.prepare(
        Unavailable(Cause.CONNECTION_FAILED, unknown=False, retry_after=timedelta(seconds=5))
    )
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY)
        newsroom.clock.jump(jump)
        await newsroom.until(PostStatus.SENT, step=1)
        await newsroom.load(make_article(2, published_at=START))
        await newsroom.until(PostStatus.SENT, PostStatus.SENT, step=1)


async def test_an_edit_is_not_lost_to_a_jump_ahead(newsroom: Newsroom) -> None:
    """The message is edited, although it seems to be older than 14 days."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
        newsroom.clock.jump(DECADE)
        await newsroom.load(make_article(1, title="Better"))
        await newsroom.until_true(lambda: newsroom.poster.edited)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ([HOUR], HOUR),
        ([timedelta(hours=2)], timedelta()),
        ([DECADE], timedelta()),
        ([-DAY], -DAY),
        ([DECADE, -DECADE], timedelta()),
        ([DECADE, -DECADE - DAY], -DAY),
        ([-DECADE, DECADE], -DECADE),
    ],
    ids=str,
)
def test_only_a_large_jump_ahead_is_doubted(
    clock: FakeClock, changes: Sequence[timedelta], shown: timedelta
) -> None:
    """Time that passes counts; a day later, the clock is believed."""
    cautious = CautiousClock(clock)
    for change in changes:
        clock.jump(change)
        cautious.now()
        clock.skip(1)
    passed = timedelta(seconds=len(changes))
    assert cautious.now() == START + shown + passed
    clock.skip(DAY.total_seconds())
    assert cautious.now() == clock.now() == START + sum(changes, DAY + passed)
