"""The hourly cap: stories wait, the best go first, and each skipped one has a reason."""

from collections import deque
from datetime import datetime, timedelta

from bot.announce.poster_port import Unavailable
from storage.posts import PostStatus
from storage.reasons import ConnectionLost, TooOld
from tests.announce.newsroom import CHANNEL, Newsroom
from tests.support.articles import make_article
from tests.support.clock import START

HOUR = timedelta(hours=1)


def most_in_an_hour(times: list[datetime]) -> int:
    """The most messages within any sliding hour."""
    most, window = 0, deque[datetime]()
    for time in times:
        window.append(time)
        while window[0] <= time - HOUR:
            window.popleft()
        most = max(most, len(window))
    return most


async def test_capped_stories_wait_and_the_best_go_first(newsroom: Newsroom) -> None:
    """Two are sent at once and the next two an hour later, in the order of quality."""
    await newsroom.subscribe(max_per_hour=2)
    qualities = {1: 75, 2: 90, 3: 80, 4: 120, 5: 100}
    await newsroom.load(*(make_article(n, quality=q) for n, q in qualities.items()))
    async with newsroom.sending():
        await newsroom.until_true(lambda: len(newsroom.poster.sent) == 2)
        await newsroom.run(HOUR - timedelta(seconds=5), step=60)
        assert newsroom.poster.sent == [4, 5]
        await newsroom.until_true(lambda: len(newsroom.poster.sent) == 4, step=1)
        assert newsroom.poster.sent == [4, 5, 2, 3]
        await newsroom.until(*[PostStatus.SENT] * 5, step=60)


async def test_no_sliding_hour_has_more_than_the_cap(newsroom: Newsroom) -> None:
    """The cap holds for bursts, single stories and lost answers."""
    await newsroom.subscribe(max_per_hour=3)
    number = 0
    async with newsroom.sending():
        for burst in (5, 1, 0, 4):
            newsroom.poster.prepare(
                Unavailable(ConnectionLost("reset"), unknown=True), committed=True
            )
            await newsroom.add_stories(*range(number + 1, number + burst + 1))
            number += burst
            await newsroom.run(timedelta(minutes=17), step=60)
        await newsroom.until(*[PostStatus.SENT] * number, step=60)
    times = sorted(post.settled_at for post in await newsroom.posts() if post.settled_at)
    assert most_in_an_hour(times) == 3
    assert sorted(newsroom.poster.sent) == list(range(1, number + 1))


async def test_a_story_that_may_be_sent_counts(newsroom: Newsroom) -> None:
    """Its answer was lost, and the next story waits as if it had been sent."""
    await newsroom.subscribe(max_per_hour=1)
    lost = Unavailable(ConnectionLost("reset"), unknown=True, retry_after=timedelta(seconds=10))
    newsroom.poster.prepare(lost, committed=True)
    await newsroom.load(make_article(1, quality=90), make_article(2, quality=80))
    async with newsroom.sending():
        posts = await newsroom.until(PostStatus.SENT, PostStatus.PLANNED, step=1)
        assert posts[0].attempts == 2
    assert newsroom.poster.sent == [1]


async def test_a_story_that_gets_too_old_is_skipped(
    newsroom: Newsroom,
) -> None:
    """The cap let one story an hour through until the week was over."""
    await newsroom.subscribe(max_per_hour=1)
    old = START - timedelta(days=7) + timedelta(minutes=90)
    await newsroom.load(
        *(make_article(n, quality=100 - n, published_at=old) for n in (1, 2, 3)), make_article(4)
    )
    async with newsroom.sending():
        posts = await newsroom.until(
            PostStatus.SENT, PostStatus.SENT, PostStatus.SKIPPED, PostStatus.SENT, step=20
        )
    reason = posts[2].reason
    assert isinstance(reason, TooOld)
    assert (reason.age.days, reason.limit) == (7, timedelta(days=7))
    assert newsroom.poster.sent == [1, 2, 4]


async def test_catch_up_comes_in_order_and_first(newsroom: Newsroom) -> None:
    """Catch-up posts are sent oldest first; a better new story waits for them."""
    dates = {1: 3, 2: 5, 3: 4}
    await newsroom.load(
        *(
            make_article(n, quality=80 + n, published_at=START - timedelta(days=days))
            for n, days in dates.items()
        )
    )
    await newsroom.subscribe(catch_up=3, max_per_hour=2)
    await newsroom.load(make_article(4, quality=150))
    async with newsroom.sending():
        await newsroom.until(*[PostStatus.SENT] * 4, step=20)
    assert newsroom.poster.sent == [2, 3, 1, 4]


async def test_each_subscription_has_its_own_cap(newsroom: Newsroom) -> None:
    """A full cap holds no other subscription's posts."""
    await newsroom.subscribe(CHANNEL, max_per_hour=1)
    await newsroom.subscribe(CHANNEL + 1)
    await newsroom.add_stories(1, 2, 3)
    async with newsroom.sending():
        await newsroom.until_true(lambda: len(newsroom.poster.requests) == 4)
        await newsroom.run(timedelta(minutes=5), step=5)
    assert sorted(newsroom.poster.requests) == [CHANNEL, CHANNEL + 1, CHANNEL + 1, CHANNEL + 1]
