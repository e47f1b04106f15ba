"""Planner and sender without work, and how soon they notice new work."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time, timedelta

import pytest

from bot.announce.circuit_breaker import THRESHOLD
from bot.announce.poster_port import Unavailable
from storage.models import DeliveryOptions, PausedBy, QuietHours
from storage.open import open_store
from storage.posts import PostStatus
from storage.protocols import OutboxStore, Store
from storage.reasons import Cause
from tests.announce.newsroom import CHANNEL, Newsroom
from tests.support.articles import make_article, make_documents
from tests.support.clock import FakeClock
from tests.support.database import path_of
from tests.support.store import coroutine_methods, with_hook

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
METHODS = coroutine_methods(OutboxStore)


@pytest.fixture
def asked() -> Counter[str]:
    """The number of calls of each method of the store."""
    return Counter()


@pytest.fixture
async def newsroom(store: Store, clock: FakeClock, asked: Counter[str]) -> Newsroom:
    """A newsroom that counts the calls of its store."""

    async def count(method: str) -> None:
        asked[method] += 1

    return Newsroom(with_hook(store, METHODS, count), clock)


@asynccontextmanager
async def working(newsroom: Newsroom) -> AsyncIterator[None]:
    """Run planner and sender until both are idle."""
    async with newsroom.sending():
        planning = asyncio.create_task(newsroom.planner.run())
        await newsroom.run(5 * SECOND)
        yield
        planning.cancel()


async def test_without_a_commit_only_the_version_is_polled(
    newsroom: Newsroom, asked: Counter[str]
) -> None:
    """It is polled once a second, whatever was sent, is held by a pause or is due tomorrow."""
    await newsroom.subscribe()
    await newsroom.subscribe(CHANNEL + 1)
    quiet = QuietHours(time(0), time(23))
    await newsroom.subscribe(CHANNEL + 2, delivery=DeliveryOptions(quiet=quiet))
    await newsroom.store.pause_channel(CHANNEL + 1, PausedBy.BOT, Cause.EMBED_REMOVED)
    await newsroom.add_stories(1, 2)
    async with working(newsroom):
        await newsroom.run(5 * MINUTE, step=1)
        assert newsroom.poster.sent == [1, 2]
        asked.clear()
        await newsroom.run(MINUTE, step=0.5)
        assert asked.keys() == {"data_version"}
        assert asked["data_version"] <= 2 * 61


async def test_stories_of_another_process_are_sent_in_a_second(newsroom: Newsroom) -> None:
    """Nothing wakes the bot except the changed data version."""
    await newsroom.subscribe()
    async with working(newsroom), open_store(path_of(newsroom.store)) as other:
        await newsroom.run(MINUTE)
        await other.save_documents("s", make_documents(make_article(1)), newsroom.clock.now())
        await newsroom.run(SECOND, step=0.05)
        assert newsroom.poster.sent == [1]


async def test_a_pause_that_ends_is_noticed_within_a_second(newsroom: Newsroom) -> None:
    """The post was due all the time."""
    await newsroom.subscribe()
    await newsroom.store.pause_channel(CHANNEL, PausedBy.BOT, Cause.EMBED_REMOVED)
    await newsroom.add_stories(1)
    async with working(newsroom):
        await newsroom.run(MINUTE)
        await newsroom.store.resume_channel(CHANNEL, PausedBy.BOT)
        await newsroom.run(SECOND, step=0.05)
        assert newsroom.poster.sent == [1]


async def test_a_cap_releases_the_next_story_on_the_second(newsroom: Newsroom) -> None:
    """Nothing is committed and no post becomes due at that time."""
    await newsroom.subscribe(max_per_hour=1)
    await newsroom.add_stories(1, 2)
    async with working(newsroom):
        (first,) = [each for each in await newsroom.posts() if each.status is PostStatus.SENT]
        assert first.settled_at is not None
        await newsroom.run(first.settled_at + HOUR - newsroom.clock.now() - SECOND, step=10)
        assert newsroom.poster.sent == [1]
        await newsroom.run(2 * SECOND, step=0.5)
        assert newsroom.poster.sent == [1, 2]


async def test_a_held_story_comes_on_time_despite_a_full_cap(newsroom: Newsroom) -> None:
    """The cap is full when the quiet hours begin, and free long before they end."""
    now = newsroom.clock.now()
    begin, end = now + 5 * MINUTE, now + 2 * HOUR
    quiet = QuietHours(begin.time(), end.time())
    await newsroom.subscribe(max_per_hour=1, delivery=DeliveryOptions(quiet=quiet, fold=False))
    await newsroom.add_stories(1)
    async with working(newsroom):
        assert newsroom.poster.sent == [1]
        await newsroom.run(6 * MINUTE, step=10)
        await newsroom.add_stories(2)
        await newsroom.run(end - newsroom.clock.now() - SECOND, step=10)
        assert newsroom.poster.sent == [1]
        await newsroom.run(2 * SECOND, step=0.5)
        assert newsroom.poster.sent == [1, 2]


async def test_a_clock_that_jumps_ahead_ends_the_wait(newsroom: Newsroom) -> None:
    """The machine was asleep, and the time that the sender waits for has passed."""
    quiet = QuietHours(newsroom.clock.now().time(), (newsroom.clock.now() + 2 * HOUR).time())
    await newsroom.subscribe(delivery=DeliveryOptions(quiet=quiet))
    await newsroom.add_stories(1)
    async with working(newsroom):
        newsroom.clock.jump(3 * HOUR)
        await newsroom.run(2 * SECOND, step=0.5)
        assert newsroom.poster.sent == [1]


async def test_an_outage_is_probed_while_nothing_is_committed(newsroom: Newsroom) -> None:
    """Only the sender knows when it wants to probe."""
    for number in range(THRESHOLD + 1):
        await newsroom.subscribe(CHANNEL + number)
        newsroom.poster.prepare(Unavailable(Cause.CONNECTION_FAILED, unknown=False))
    await newsroom.add_stories(1)
    async with working(newsroom):
        await newsroom.until(*[PostStatus.SENT] * (THRESHOLD + 1), step=0.5)
