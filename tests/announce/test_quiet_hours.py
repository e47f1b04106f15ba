"""Quiet hours: stories wait, and are sent best first when they end."""

from datetime import time, timedelta

from bot.announce.delivery import NONCE_WINDOW
from bot.announce.poster_port import Unavailable
from storage import reasons
from storage.models import DeliveryOptions, Digest, DigestDays, QuietHours
from storage.posts import PostStatus
from storage.reasons import ConnectionLost
from tests.announce.newsroom import Newsroom
from tests.support.articles import make_article
from tests.support.clock import START

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SENT, PLANNED = PostStatus.SENT, PostStatus.PLANNED
# The clock starts at 12:00 in London, where it is winter.
SIESTA = DeliveryOptions("Europe/London", quiet=QuietHours(time(13), time(15)), fold=False)
AT_THREE = START + 3 * HOUR


async def test_in_quiet_hours_stories_wait_for_their_end(newsroom: Newsroom) -> None:
    """Stories planned before they began are sent at once."""
    await newsroom.subscribe(delivery=SIESTA)
    async with newsroom.sending():
        await newsroom.add_stories(1)
        await newsroom.until(SENT)
        await newsroom.run(HOUR + MINUTE, step=60)
        await newsroom.add_stories(2)
        post = (await newsroom.posts())[1]
        assert (post.status, post.due_at) == (PLANNED, AT_THREE)
        await newsroom.until(SENT, SENT, step=60)
    assert newsroom.clock.now() >= AT_THREE


async def test_after_quiet_hours_the_best_go_first(newsroom: Newsroom) -> None:
    """The cap lets one an hour through."""
    await newsroom.subscribe(delivery=SIESTA, max_per_hour=1)
    await newsroom.clock.advance(HOUR)
    await newsroom.load(*(make_article(n, quality=80 + n) for n in (1, 2, 3)))
    async with newsroom.sending():
        await newsroom.until(PLANNED, PLANNED, SENT, step=60)
        assert newsroom.clock.now() < AT_THREE + 10 * MINUTE
        await newsroom.until(SENT, SENT, SENT, step=60)
    assert newsroom.poster.sent == [3, 2, 1]


async def test_a_capped_story_waits_for_the_end_of_quiet_hours(newsroom: Newsroom) -> None:
    """The cap held it until they began, which does not count as an attempt."""
    await newsroom.subscribe(delivery=SIESTA, max_per_hour=1)
    await newsroom.clock.advance(30 * MINUTE)
    await newsroom.load(make_article(1, quality=90), make_article(2))
    async with newsroom.sending():
        await newsroom.until(SENT, PLANNED)
        await newsroom.run(2 * HOUR, step=60)
        post = (await newsroom.posts())[1]
        assert (post.status, post.reason, post.due_at) == (
            PLANNED,
            reasons.QuietHours(time(15)),
            AT_THREE,
        )
        assert post.attempts == 0
        await newsroom.until(SENT, SENT, step=60)
    assert newsroom.poster.sent == [1, 2]


async def test_quiet_hours_allow_searching_for_a_message(newsroom: Newsroom) -> None:
    """If it is not found, the story waits like any other."""
    await newsroom.subscribe(delivery=SIESTA)
    await newsroom.subscribe(21, delivery=SIESTA)
    await newsroom.clock.advance(HOUR - MINUTE / 2)
    for committed in (True, False):
        lost = Unavailable(ConnectionLost("reset"), unknown=True, retry_after=MINUTE)
        newsroom.poster.prepare(lost, committed=committed)
    await newsroom.add_stories(1)
    assert NONCE_WINDOW > MINUTE
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY, PostStatus.RETRY)
        posts = await newsroom.until(SENT, PLANNED, step=1)
        assert (posts[1].due_at, posts[1].unknown_since) == (AT_THREE, None)
        assert len(newsroom.poster.searched_since) == 2
        await newsroom.until(SENT, SENT, step=60)
    assert newsroom.poster.sent == [1, 1]


async def test_quiet_hours_allow_an_uncertain_result(newsroom: Newsroom) -> None:
    """A post whose channel can't be searched becomes uncertain, as at any other time."""
    await newsroom.subscribe(delivery=SIESTA)
    await newsroom.clock.advance(HOUR - MINUTE / 2)
    newsroom.poster.readable = False
    newsroom.poster.prepare(Unavailable(ConnectionLost("reset"), unknown=True, retry_after=MINUTE))
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.UNCERTAIN, step=1)


async def test_quiet_hours_hold_digests(newsroom: Newsroom) -> None:
    """A digest whose time is within them comes when they end."""
    delivery = DeliveryOptions(
        "Europe/London",
        Digest(DigestDays.DAILY, time(14)),
        QuietHours(time(13), time(15)),
    )
    await newsroom.subscribe(delivery=delivery)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(SENT, step=60)
    assert AT_THREE <= newsroom.clock.now() < AT_THREE + 5 * MINUTE
