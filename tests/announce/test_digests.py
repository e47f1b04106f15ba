"""Digests and coverage: planned, claimed, sent and edited as one message."""

from datetime import time, timedelta

import pytest

from bot.announce.delivery import NONCE_WINDOW
from bot.announce.outbox import Outbox
from bot.announce.poster_port import ChannelClosed, Refused, Unavailable
from storage.models import DeliveryOptions, Digest, DigestDays, PausedBy
from storage.posts import PostStatus
from storage.reasons import AccessRefused, ConnectionLost, MessageRefused
from tests.announce.newsroom import CHANNEL, Newsroom
from tests.support.articles import make_article
from tests.support.clock import START

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
# The clock starts at 12:00 in London, where it is winter.
AT_TWO = DeliveryOptions("Europe/London", Digest(DigestDays.DAILY, time(14), best=3), fold=False)
SENT = PostStatus.SENT


async def test_a_digest_comes_at_its_local_time(newsroom: Newsroom) -> None:
    """It is one message with the best story first, sent neither earlier nor again."""
    await newsroom.subscribe(delivery=AT_TWO)
    await newsroom.load(make_article(1), make_article(2, quality=99))
    async with newsroom.sending():
        await newsroom.run(2 * HOUR - MINUTE, step=60)
        assert newsroom.poster.shown == []
        await newsroom.until(SENT, SENT, step=10)
        await newsroom.add_stories(3)
        await newsroom.run(HOUR, step=60)
    assert newsroom.poster.shown == ["2 1"]
    (post, _) = (await newsroom.posts())[:2]
    assert post.settled_at is not None
    assert timedelta() <= post.settled_at - (START + 2 * HOUR) < MINUTE


async def test_a_day_without_news_has_no_digest(newsroom: Newsroom) -> None:
    await newsroom.subscribe(delivery=AT_TWO)
    async with newsroom.sending():
        await newsroom.run(DAY, step=600)
    assert newsroom.poster.requests == []


async def test_a_missed_digest_comes_late_and_once(
    newsroom: Newsroom,
) -> None:
    """It contains what was decided for each missed digest; ages are not checked again."""
    await newsroom.subscribe(delivery=AT_TWO)
    await newsroom.add_stories(1)
    await newsroom.clock.advance(DAY)
    await newsroom.load(make_article(2, quality=99))
    await newsroom.clock.advance(timedelta(days=8))
    async with newsroom.sending():
        await newsroom.until(SENT, SENT)
        await newsroom.run(HOUR, step=60)
    assert newsroom.poster.shown == ["2 1"]


async def test_catch_up_is_a_digest_at_once(newsroom: Newsroom) -> None:
    """A new subscriber sees immediately what the digest looks like."""
    await newsroom.add_stories(1, 2)
    await newsroom.subscribe(catch_up=2, delivery=AT_TWO)
    async with newsroom.sending():
        await newsroom.until(SENT, SENT)
    assert len(newsroom.poster.shown) == 1
    assert newsroom.clock.now() - START < MINUTE


@pytest.mark.parametrize("committed", [True, False])
async def test_a_digest_whose_answer_was_lost_comes_once(
    newsroom: Newsroom, committed: bool
) -> None:
    """After the nonce window it is searched for by its mark."""
    await newsroom.subscribe(delivery=AT_TWO)
    await newsroom.add_stories(1, 2)
    newsroom.poster.deduplicates = False
    lost = Unavailable(ConnectionLost("reset"), unknown=True, retry_after=NONCE_WINDOW)
    newsroom.poster.prepare(lost, committed=committed)
    await newsroom.clock.advance(2 * HOUR)
    async with newsroom.sending():
        await newsroom.until(SENT, SENT, step=1)
    assert len(newsroom.poster.shown) == 1
    assert len(newsroom.poster.searched_since) == 1


async def test_a_digest_claimed_by_a_killed_bot_comes_once(newsroom: Newsroom) -> None:
    """The bot was killed between Discord's commit and its own."""
    await newsroom.subscribe(delivery=AT_TWO)
    await newsroom.add_stories(1, 2)
    await newsroom.clock.advance(2 * HOUR)
    (claimed,) = await Outbox(newsroom.store).claim(newsroom.clock.now(), 1, [])
    await newsroom.poster.send(claimed)
    async with newsroom.sending():
        await newsroom.until(SENT, SENT)
    assert newsroom.poster.shown == ["1 2"]


async def test_a_refused_digest_fails_with_all_its_stories(newsroom: Newsroom) -> None:
    """Each post records the reason."""
    await newsroom.subscribe(delivery=AT_TWO)
    await newsroom.add_stories(1, 2)
    newsroom.poster.prepare(Refused(MessageRefused("Invalid Form Body")))
    await newsroom.clock.advance(2 * HOUR)
    async with newsroom.sending():
        posts = await newsroom.until(PostStatus.FAILED, PostStatus.FAILED)
    assert {post.reason for post in posts} == {MessageRefused("Invalid Form Body")}


async def test_a_closed_channel_holds_its_digest(newsroom: Newsroom) -> None:
    """It is composed again when the channel is open again, and is still one message."""
    await newsroom.subscribe(delivery=AT_TWO)
    await newsroom.add_stories(1, 2)
    newsroom.poster.prepare(ChannelClosed(AccessRefused("Missing Permissions")))
    await newsroom.clock.advance(2 * HOUR)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY, PostStatus.PLANNED)
        await newsroom.load(make_article(2, quality=99))
        await newsroom.store.resume_channel(CHANNEL, PausedBy.BOT)
        await newsroom.until(SENT, SENT)
    assert newsroom.poster.shown == ["2 1"]


async def test_a_withdrawn_story_of_a_digest_is_struck_through(newsroom: Newsroom) -> None:
    """Even with that setting, the message is only deleted when all its stories are withdrawn."""
    newsroom.deletes = True
    await newsroom.subscribe(delivery=AT_TWO)
    await newsroom.add_stories(1, 2)
    await newsroom.clock.advance(2 * HOUR)
    async with newsroom.sending():
        await newsroom.until(SENT, SENT)
        await newsroom.withdraw(1)
        await newsroom.until_true(lambda: newsroom.poster.edited)
        assert newsroom.poster.shown[-1] == "(1) 2"
        assert newsroom.poster.edited == [(1, "Story 1")]
        await newsroom.withdraw(2)
        await newsroom.until_true(lambda: len(newsroom.poster.edited) == 2)
    assert newsroom.poster.edited[-1] == (1, "")


async def test_an_uncertain_digest_loses_its_withdrawn_story(
    newsroom: Newsroom,
) -> None:
    """If the message is not found, a digest without the story is sent."""
    await newsroom.subscribe(delivery=AT_TWO)
    await newsroom.add_stories(1, 2)
    lost = Unavailable(ConnectionLost("reset"), unknown=True, retry_after=NONCE_WINDOW)
    newsroom.poster.prepare(lost)
    await newsroom.clock.advance(2 * HOUR)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY, PostStatus.PLANNED)
        await newsroom.withdraw(1)
        await newsroom.until(PostStatus.SKIPPED, SENT, step=1)
    assert newsroom.poster.shown == ["2"]


async def test_the_same_event_is_added_to_the_message(newsroom: Newsroom) -> None:
    """The message is edited; no other one is sent."""
    await newsroom.subscribe(delivery=DeliveryOptions())
    title = "Company launches the first rocket from a ship in the northern sea"
    await newsroom.load(make_article(1, title=title))
    async with newsroom.sending():
        await newsroom.until(SENT)
        await newsroom.load(make_article(2, title=title))
        await newsroom.until_true(lambda: newsroom.poster.edited)
        await newsroom.until(SENT, PostStatus.FOLDED)
    assert newsroom.poster.sent == [1]
    assert newsroom.poster.shown == [title, f"{title} + {title}"]


async def test_after_three_days_the_same_title_is_news_again(newsroom: Newsroom) -> None:
    await newsroom.subscribe(delivery=DeliveryOptions())
    title = "Company launches the first rocket from a ship in the northern sea"
    await newsroom.load(make_article(1, title=title))
    await newsroom.clock.advance(3 * DAY + HOUR)
    await newsroom.load(make_article(2, title=title))
    async with newsroom.sending():
        await newsroom.until(SENT, SENT)
