"""Simulates days of articles: they are read, posted, and removed when they are old."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.retention import Retention
from storage.models import Document, Fingerprint, NewSubscription, Subscription, SubscriptionSpec
from storage.open import open_store
from storage.posts import NewPost, PostStatus
from storage.protocols import Store
from storage.protocols.transaction import Transaction
from tests.bench.lookups.archive import Archive
from tests.support.clock import FakeClock
from tests.support.outbox import GUILD, add_subscription

DAY = timedelta(days=1)
SOURCE = "feed:https://news.example/feed.xml"
# The feed lists the entries of so many days.
LISTED_DAYS = 2
_PER_BATCH = 1000


@dataclass(frozen=True, slots=True)
class SizeOptions:
    """What is simulated. `retention` is in days; each article is posted in some channels."""

    days: int
    per_day: int
    retention: int
    channels: int = 1
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Sample:
    """The database at the end of a day. `used` is its size without free pages."""

    day: int
    articles: int
    used: int
    file: int

    @property
    def per_article(self) -> float:
        """The bytes per article in the archive, with its posts and its share of all indexes."""
        return self.used / self.articles


def bound(samples: Sequence[Sample], options: SizeOptions, per_day: int) -> float:
    """The size with so many articles a day: (retention + 1 day) x articles a day x bytes of each.

    The bytes are the most at the end of a day since the first articles were removed. They are fewer
    in a larger database, because it has fewer rare words per article.
    """
    steady = [each for each in samples if each.day > options.retention]
    most = max(each.file / each.articles for each in steady)
    return (options.retention + 1) * per_day * most


async def simulate(
    path: Path, options: SizeOptions, start: datetime, progress: Callable[[Sample], object]
) -> Sequence[Sample]:
    """Simulate all days in a new database; return a sample of the end of each."""
    total = options.days * options.per_day
    archive = Archive.of(total, start, seed=options.seed, size=0.1)
    clock = FakeClock(start, auto_advance=True)
    samples = []
    async with open_store(path) as store:
        retention = Retention(store, clock, lambda: options.retention * DAY)
        subscriptions = [
            await add_subscription(
                store, NewSubscription(GUILD, 1, start, SubscriptionSpec(20 + each))
            )
            for each in range(options.channels)
        ]
        for day in range(1, options.days + 1):
            first = (day - 1) * options.per_day
            for begin in range(first, first + options.per_day, _PER_BATCH):
                numbers = range(begin, min(begin + _PER_BATCH, first + options.per_day))
                documents = [_document(archive, each, clock.now()) for each in numbers]
                await store.save_documents(SOURCE, documents, clock.now())
                await _post(store, subscriptions, clock.now())
            listed = range(max(0, first - (LISTED_DAYS - 1) * options.per_day), total)
            await store.forget_absent(SOURCE, {f"{each}" for each in listed}, duplicates=False)
            clock.skip(DAY.total_seconds())
            # What leads a message leaves after what it leads.
            while await retention.sweep():
                pass
            samples.append(await _measure(store, path, day))
            progress(samples[-1])
    return samples


def _document(archive: Archive, number: int, now: datetime) -> Document:
    article = replace(archive.article(number), published_at=now - timedelta(minutes=5))
    fingerprint = Fingerprint(0, int(now.timestamp()) * 10**9, f"{number:0140x}")
    return Document(str(number), fingerprint, article)


async def _post(store: Store, subscriptions: Sequence[Subscription], now: datetime) -> None:
    """Post all new stories in all channels, with the rows that the bot writes for a send."""
    snapshot = await store.planner_snapshot(_PER_BATCH)

    async def work(transaction: Transaction) -> None:
        new = [
            NewPost(
                story.id,
                each.id,
                GUILD,
                each.spec.channel_id,
                f"{story.id:012x}{each.id:012x}",
                now,
            )
            for story in snapshot.stories
            for each in subscriptions
        ]
        await transaction.insert_posts(new, now)
        posts = await transaction.find_posts([(each.story_id, each.channel_id) for each in new])
        claimed = [
            replace(each, status=PostStatus.CLAIMED, attempts=1, claimed_at=now) for each in posts
        ]
        await transaction.update_posts(claimed, now)
        sent = [
            replace(
                each,
                status=PostStatus.SENT,
                settled_at=now,
                message_id=each.id << 22,
                shown=f"{each.id:032x}",
            )
            for each in claimed
        ]
        await transaction.update_posts(sent, now)
        await transaction.move_cursor(snapshot.last_revision)

    await store.transact(work)


async def _measure(store: Store, path: Path, day: int) -> Sample:
    with closing(sqlite3.connect(path)) as connection:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    return Sample(day, await store.count_stories(), (pages - free) * size, pages * size)
