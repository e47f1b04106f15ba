"""A database in trouble: nothing counts as sent that was not, and it goes on when that is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.announce.posting import ChannelClosed, Unavailable
from bot.trying import LONGEST_WAIT
from storage.errors import StoreUnusableError
from storage.models import PausedBy
from storage.posts import ClaimedPost, DueEdit, PostStatus, Settlement
from storage.sqlite import SqliteStore
from storage.sqlite.database import Database
from tests.announce.newsroom import CHANNEL, Newsroom
from tests.support.articles import make_article, tell

FULL = "storywire.db: the disk is full; free some space"


class TroubledStore(SqliteStore):
    """The store of a newsroom, with methods that fail while they are in `broken`."""

    def __init__(self, store: SqliteStore) -> None:
        self.__dict__.update(store.__dict__)
        self.broken: set[str] = set()
        self.failed: list[str] = []

    def _check(self, name: str) -> None:
        if name in self.broken or "all" in self.broken:
            self.failed.append(name)
            raise StoreUnusableError(FULL)

    async def claim_posts(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[ClaimedPost]:
        """As the store, or in trouble; so are the others."""
        self._check("claim_posts")
        return await super().claim_posts(now, limit, busy_channels)

    async def settle_post(self, post_id: int, settlement: Settlement, now: datetime) -> None:
        self._check("settle_post")
        await super().settle_post(post_id, settlement, now)

    async def pause_channel(self, channel_id: int, by: PausedBy, reason: str) -> int:
        self._check("pause_channel")
        return await super().pause_channel(channel_id, by, reason)

    async def due_edits(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[DueEdit]:
        self._check("due_edits")
        return await super().due_edits(now, limit, busy_channels)

    async def finish_edit(self, edit: DueEdit, now: datetime, *, deleted: bool = False) -> None:
        self._check("finish_edit")
        await super().finish_edit(edit, now, deleted=deleted)

    async def recover_claimed(self, now: datetime) -> int:
        self._check("recover_claimed")
        return await super().recover_claimed(now)

    async def next_due_at(self, now: datetime) -> datetime | None:
        self._check("next_due_at")
        return await super().next_due_at(now)

    async def clock_set_back(self, now: datetime) -> None:
        self._check("clock_set_back")
        await super().clock_set_back(now)


@pytest.fixture
def troubled(newsroom: Newsroom) -> TroubledStore:
    """The store that the newsroom's sender sees."""
    newsroom.seen_store = TroubledStore(newsroom.store)
    return newsroom.seen_store


def words(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged of the trouble."""
    told = [record.getMessage() for record in caplog.records if record.name == "bot.trying"]
    return sorted(told)


async def test_while_nothing_can_be_claimed_nothing_is_sent(
    newsroom: Newsroom, troubled: TroubledStore, caplog: pytest.LogCaptureFixture
) -> None:
    """The trouble is told once, and its end; then all goes out."""
    caplog.set_level(logging.INFO)
    await newsroom.subscribe()
    await newsroom.tell(1, 2)
    troubled.broken = {"claim_posts"}
    async with newsroom.sending():
        await newsroom.run(timedelta(minutes=10), step=1)
        assert newsroom.poster.requests == []
        assert len(troubled.failed) < 10 + 600 / LONGEST_WAIT
        troubled.broken.clear()
        await newsroom.until(PostStatus.SENT, PostStatus.SENT)
    assert words(caplog) == ["sending goes on", f"sending has to wait: {FULL}"]


async def test_what_discord_has_taken_is_recorded_when_it_can_be(
    newsroom: Newsroom, troubled: TroubledStore, caplog: pytest.LogCaptureFixture
) -> None:
    """It stands as claimed meanwhile, and is not sent again."""
    caplog.set_level(logging.INFO)
    await newsroom.subscribe()
    await newsroom.tell(1)
    troubled.broken = {"settle_post"}
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.sent)
        await newsroom.run(timedelta(minutes=10), step=1)
        (post,) = await newsroom.posts()
        assert (post.status, post.message_id) == (PostStatus.CLAIMED, None)
        troubled.broken.clear()
        (post,) = await newsroom.until(PostStatus.SENT)
    assert (post.message_id, newsroom.poster.requests) == (1001, [CHANNEL])
    assert words(caplog) == [
        "recording what was sent goes on",
        f"recording what was sent has to wait: {FULL}",
    ]


async def test_what_was_not_sent_does_not_count_as_sent(
    newsroom: Newsroom, troubled: TroubledStore
) -> None:
    """The send failed and that can't be recorded either."""
    await newsroom.subscribe()
    newsroom.poster.prepare(Unavailable("away", unknown=False))
    await newsroom.tell(1)
    troubled.broken = {"settle_post"}
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.requests)
        await newsroom.run(timedelta(minutes=2), step=1)
        troubled.broken.clear()
        (post,) = await newsroom.until(PostStatus.SENT)
    assert (post.attempts, newsroom.poster.sent) == (2, [1])


async def test_a_bot_that_dies_before_it_could_record_looks_first(
    newsroom: Newsroom, troubled: TroubledStore
) -> None:
    """The next one finds a claimed post, and its message in the channel."""
    await newsroom.subscribe()
    await newsroom.tell(1)
    (claimed,) = await newsroom.store.claim_posts(newsroom.clock.now(), 1, [])
    await newsroom.poster.send(claimed)
    await newsroom.clock.advance(timedelta(hours=1))
    newsroom.poster.folding = False
    troubled.broken = {"all"}
    async with newsroom.sending():
        await newsroom.run(timedelta(minutes=5), step=1)
        troubled.broken.clear()
        await newsroom.until(PostStatus.SENT)
    assert newsroom.poster.sent == [1]


async def test_a_pause_that_can_not_be_written_is_written_later_and_told_once(
    newsroom: Newsroom, troubled: TroubledStore
) -> None:
    """The channel gets nothing meanwhile, and its admins hear of it once."""
    await newsroom.subscribe()
    newsroom.poster.standing[CHANNEL] = ChannelClosed("Missing Permissions")
    await newsroom.tell(1)
    troubled.broken = {"pause_channel"}
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.requests)
        await newsroom.run(timedelta(minutes=2), step=1)
        assert newsroom.poster.reported == []
        troubled.broken.clear()
        await newsroom.until_true(lambda: newsroom.poster.reported)
        await newsroom.run(timedelta(minutes=2), step=1)
    assert newsroom.poster.requests == [CHANNEL]
    assert newsroom.poster.reported == [(CHANNEL, "Missing Permissions")]


async def test_an_edit_that_can_not_be_recorded_is_recorded_later(
    newsroom: Newsroom, troubled: TroubledStore
) -> None:
    """Editing twice would do no harm; it is done once."""
    await newsroom.subscribe()
    await newsroom.tell(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
        troubled.broken = {"finish_edit"}
        await newsroom.load(make_article(1, title="Better"))
        await newsroom.until_true(lambda: newsroom.poster.edited)
        await newsroom.run(timedelta(minutes=2), step=1)
        assert await newsroom.store.count_edits() == 1
        troubled.broken.clear()
        await newsroom.run(timedelta(minutes=1), step=1)
        assert await newsroom.store.count_edits() == 0
    assert newsroom.poster.edited == [(1, "Better")]


async def test_another_program_that_locks_the_database_is_waited_for(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """A real lock by a real connection, held for as long as it likes."""
    caplog.set_level(logging.INFO)
    await newsroom.subscribe()
    await newsroom.tell(1)
    database: Database = newsroom.store._database  # noqa: SLF001 - only its patience is shortened
    await database._writer.execute("PRAGMA busy_timeout = 1")  # noqa: SLF001 - the same
    path = database._path  # noqa: SLF001 - the same
    async with SqliteStore.open(path) as other:
        writer = other._database._writer  # noqa: SLF001 - a program that holds a lock
        await writer.execute("BEGIN IMMEDIATE")
        async with newsroom.sending():
            await newsroom.run(timedelta(minutes=1), step=1)
            assert newsroom.poster.requests == []
            await writer.execute("ROLLBACK")
            await newsroom.until(PostStatus.SENT)
    assert [f"{path} is locked by another program; close that program and try again"] == [
        told.partition("has to wait: ")[2] for told in words(caplog) if "has to wait" in told
    ]


async def test_a_disk_that_is_full_holds_and_lets_go(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite's own limit of pages stands for a full disk."""
    caplog.set_level(logging.INFO)
    await newsroom.subscribe()
    await newsroom.tell(*range(1, 81))
    writer = newsroom.store._database._writer  # noqa: SLF001 - a disk that is full
    await writer.execute("PRAGMA max_page_count = 1")
    async with newsroom.sending():
        await newsroom.until_true(lambda: any("disk is full" in line for line in words(caplog)))
        sent = len(newsroom.poster.sent)
        await newsroom.run(timedelta(minutes=1), step=1)
        assert len(newsroom.poster.sent) - sent <= 1
        await writer.execute("PRAGMA max_page_count = 1000000")
        await newsroom.until_true(lambda: len(newsroom.poster.sent) == 80)
    assert sorted(newsroom.poster.sent) == list(range(1, 81))
    assert await newsroom.store.count_posts() == {PostStatus.SENT: 80}


async def test_planning_waits_for_the_database_too(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """A story that came in the meantime is planned when it can be, once."""
    caplog.set_level(logging.INFO)
    await newsroom.subscribe()
    articles = tell(make_article(1))
    await newsroom.store.save_documents("s", articles, newsroom.clock.now())
    writer = newsroom.store._database._writer  # noqa: SLF001 - a database that can't be written
    await writer.execute("PRAGMA query_only = 1")
    planning = asyncio.create_task(newsroom.planner.run())
    await newsroom.run(timedelta(minutes=1))
    assert await newsroom.posts() == []
    await writer.execute("PRAGMA query_only = 0")
    await newsroom.until(PostStatus.PLANNED)
    await newsroom.until_true(lambda: len(words(caplog)) == 2)
    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning
    assert [line.partition(":")[0] for line in words(caplog)] == [
        "planning goes on",
        "planning has to wait",
    ]
