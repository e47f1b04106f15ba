"""Old articles are removed while sources are read and stories are announced."""

import asyncio
import contextlib
from collections import Counter
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.announce.archive_terms import ArchiveTerms
from bot.announce.delivery import EDIT_WINDOW
from bot.announce.outbox import Outbox
from bot.announce.planner import Planner
from bot.announce.subscription_lifecycle import subscribe
from bot.config.settings import SHORTEST_RETENTION
from bot.retention import INTERVAL, PAUSE, Retention
from storage.models import (
    Article,
    Document,
    Fingerprint,
    NewSubscription,
    Rules,
    StoryQuery,
    SubscriptionSpec,
)
from storage.open import inspect_store, open_store
from storage.posts import Sent
from storage.protocols import Store
from tests.support.articles import make_article, make_documents
from tests.support.clock import START, FakeClock
from tests.support.outbox import CHANNEL, GUILD

WEEK, DAY = timedelta(days=7), timedelta(days=1)
RETENTION = timedelta(days=14)
BEGIN = START - 200 * DAY
SOURCE = "feed:https://news.example/feed.xml"


def test_messages_are_not_edited_once_articles_can_leave() -> None:
    assert SHORTEST_RETENTION >= EDIT_WINDOW


async def test_old_articles_are_removed_every_hour(tmp_path: Path) -> None:
    """Those that become old while the bot runs, too."""
    clock = FakeClock()
    async with open_store(tmp_path / "test.db") as store:
        await store.save_documents("s", make_documents(make_article(1)), START)
        sweeping = asyncio.create_task(Retention(store, clock, lambda: RETENTION).run())
        await clock.wait_for_sleepers(1)
        assert await store.count_stories() == 1
        clock.skip(15 * DAY.total_seconds())
        await clock.advance(1)
        await clock.wait_for_sleepers(1)
        await clock.advance(1)
        await clock.wait_for_sleeps(3)
        assert clock.slept == [INTERVAL.total_seconds(), PAUSE.total_seconds(), clock.slept[0]]
        assert await store.count_stories() == 0
        sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeping


class Feed:
    """A feed that lists some entries, with or without dates, and the bot that announces them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = FakeClock(BEGIN, auto_advance=True)
        self.listed: dict[int, Document] = {}
        self.announced: Counter[str] = Counter()
        nonces = count()
        self.make_nonce = lambda: f"{next(nonces):024x}"
        self._outbox = Outbox(store)
        self._retention = Retention(store, self.clock, lambda: RETENTION)
        self._planner = Planner(
            self._outbox,
            store,
            self.clock,
            ArchiveTerms(store, self.clock),
            make_nonce=self.make_nonce,
            max_age=WEEK,
            changed=asyncio.Event(),
            planned=asyncio.Event(),
        )

    async def read(self, numbers: set[int], version: int) -> None:
        """The feed lists these entries; what is not known of them is read and announced."""
        known = await self.store.known_documents(SOURCE, "settings")
        documents = {str(each): self._read(each, version, known.get(str(each))) for each in numbers}
        changed = [each for each in documents.values() if known.get(each.key) != each.fingerprint]
        await self.store.save_documents(SOURCE, changed, self.clock.now())
        await self.store.forget_absent(SOURCE, set(documents), duplicates=False)
        await self.store.finish_reading(SOURCE, "settings")
        await self._announce()

    def _read(self, number: int, version: int, known: Fingerprint | None) -> Document:
        """An entry; those with odd numbers have no date, and are dated when they are first seen."""
        seen_ns = known.modified_ns if known else int(self.clock.now().timestamp()) * 10**9
        first_seen = START + timedelta(seconds=seen_ns / 1e9 - START.timestamp())
        date = first_seen if number % 2 else BEGIN + number * 3 * DAY
        return Document(
            str(number), Fingerprint(0, seen_ns, str(version)), entry(number, version, date)
        )

    async def subscribe(self) -> None:
        """The channel subscribes, with the best existing stories."""
        new = NewSubscription(GUILD, 1, self.clock.now(), SubscriptionSpec(CHANNEL, Rules(), None))
        await subscribe(
            self.store,
            new,
            catch_up=2,
            max_age=WEEK,
            make_nonce=self.make_nonce,
            retention=RETENTION,
        )
        await self._announce()

    async def _announce(self) -> None:
        await self._planner.catch_up()
        while claimed := await self._outbox.claim(self.clock.now(), 9, []):
            for each in claimed:
                self.announced[each.story.article.url] += 1
                await self._outbox.settle(
                    each.post.id, Sent(self.announced.total()), self.clock.now()
                )
        while edits := await self.store.due_edits(self.clock.now() + DAY, 9, []):
            await self._outbox.finish_edit(edits[0], self.clock.now())

    async def pass_days(self, days: int) -> None:
        """Time passes, and old articles are removed."""
        self.clock.skip(days * DAY.total_seconds())
        while await self._retention.sweep():
            pass


def entry(number: int, version: int, date: object) -> Article:
    """An entry as it is read."""
    return make_article(number, published_at=date, title=f"{number} {version}", topics=())


READINGS = st.lists(
    st.tuples(st.sets(st.integers(1, 8), max_size=6), st.integers(0, 20), st.integers(0, 1)),
    min_size=3,
    max_size=8,
)


@settings(max_examples=8)
@given(readings=READINGS)
async def test_nothing_is_announced_twice_after_it_left(
    tmp_path_factory: pytest.TempPathFactory, readings: list[tuple[set[int], int, int]]
) -> None:
    """Entries disappear from a feed and come back, with and without a date, changed or not."""
    path = tmp_path_factory.mktemp("retention") / "test.db"
    async with open_store(path) as store:
        feed = Feed(store)
        for numbers, days, version in readings:
            await feed.read(numbers, version)
            await feed.subscribe()
            await feed.pass_days(days)
        await feed.pass_days(30)
        assert await store.count_stories() == 0
        await feed.read(set(range(1, 9)), 0)
        await feed.subscribe()
        assert feed.announced.keys() or not any(numbers for numbers, _, _ in readings)
        assert set(feed.announced.values()) <= {1}
        page = await store.find_stories(StoryQuery(limit=100))
        assert await store.count_stories() == len(page.stories)
    assert await inspect_store(path).find_damage(deep=True) == []
