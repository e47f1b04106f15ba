"""Database errors: unsent posts don't count as sent, and work continues afterwards."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.announce.outbox import Outbox
from bot.announce.poster_port import ChannelClosed, Unavailable
from bot.retry import LONGEST_WAIT
from storage.errors import StoreUnusableError
from storage.posts import PostStatus
from storage.reasons import AccessRefused, Cause
from tests.announce.newsroom import CHANNEL, Newsroom
from tests.support.articles import make_article, make_documents
from tests.support.database import locked, path_of, set_pragma
from tests.support.store import with_hook

FULL = "storywire.db: the disk is full; free some space"
HOOKED_STORE = ("pause_channel", "due_edits", "next_due_at", "correct_times")
HOOKED_OUTBOX = ("claim", "settle", "finish_edit", "recover_claims")


@dataclass
class TroubledStore:
    """The sender's view of the newsroom's store; methods in `broken` fail."""

    broken: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    async def check(self, method: str) -> None:
        if method in self.broken or "all" in self.broken:
            self.failed.append(method)
            raise StoreUnusableError(FULL)


@pytest.fixture
def troubled(newsroom: Newsroom) -> TroubledStore:
    """A store in which no method is broken yet."""
    troubled = TroubledStore()
    newsroom.tracked_store = with_hook(newsroom.tracked_store, HOOKED_STORE, troubled.check)
    newsroom.tracked_outbox = with_hook(newsroom.tracked_outbox, HOOKED_OUTBOX, troubled.check)
    return troubled


def retry_messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The log messages about retries, sorted."""
    messages = [record.getMessage() for record in caplog.records if record.name == "bot.retry"]
    return sorted(messages)


async def test_nothing_is_sent_while_nothing_can_be_claimed(
    newsroom: Newsroom, troubled: TroubledStore, caplog: pytest.LogCaptureFixture
) -> None:
    """The error and its end are each logged once, and then everything is sent."""
    caplog.set_level(logging.INFO)
    await newsroom.subscribe()
    await newsroom.add_stories(1, 2)
    troubled.broken = {"claim"}
    async with newsroom.sending():
        await newsroom.run(timedelta(minutes=10), step=1)
        assert newsroom.poster.requests == []
        assert len(troubled.failed) < 10 + 600 / LONGEST_WAIT.total_seconds()
        troubled.broken.clear()
        await newsroom.until(PostStatus.SENT, PostStatus.SENT)
    assert retry_messages(caplog) == ["sending continues", f"sending is delayed: {FULL}"]


async def test_a_sent_message_is_recorded_when_possible(
    newsroom: Newsroom, troubled: TroubledStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Until then the post stays claimed, and it is not sent again."""
    caplog.set_level(logging.INFO)
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    troubled.broken = {"settle"}
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.sent)
        await newsroom.run(timedelta(minutes=10), step=1)
        (post,) = await newsroom.posts()
        assert (post.status, post.message_id) == (PostStatus.CLAIMED, None)
        troubled.broken.clear()
        (post,) = await newsroom.until(PostStatus.SENT)
    assert (post.message_id, newsroom.poster.requests) == (1001, [CHANNEL])
    assert retry_messages(caplog) == [
        "recording a result continues",
        f"recording a result is delayed: {FULL}",
    ]


async def test_a_failed_send_does_not_count_as_sent(
    newsroom: Newsroom, troubled: TroubledStore
) -> None:
    """The send failed, and the failure can't be recorded at first."""
    await newsroom.subscribe()
    newsroom.poster.prepare(Unavailable(Cause.CONNECTION_FAILED, unknown=False))
    await newsroom.add_stories(1)
    troubled.broken = {"settle"}
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.requests)
        await newsroom.run(timedelta(minutes=2), step=1)
        troubled.broken.clear()
        (post,) = await newsroom.until(PostStatus.SENT)
    assert (post.attempts, newsroom.poster.sent) == (2, [1])


async def test_a_bot_killed_before_recording_searches_first(
    newsroom: Newsroom, troubled: TroubledStore
) -> None:
    """The next bot finds the claimed post and its message in the channel."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    (claimed,) = await Outbox(newsroom.store).claim(newsroom.clock.now(), 1, [])
    await newsroom.poster.send(claimed)
    await newsroom.clock.advance(timedelta(hours=1))
    newsroom.poster.deduplicates = False
    troubled.broken = {"all"}
    async with newsroom.sending():
        await newsroom.run(timedelta(minutes=5), step=1)
        troubled.broken.clear()
        await newsroom.until(PostStatus.SENT)
    assert newsroom.poster.sent == [1]


async def test_a_pause_is_recorded_later_and_reported_once(
    newsroom: Newsroom, troubled: TroubledStore
) -> None:
    """Until then the channel gets nothing, and its admins are notified once."""
    await newsroom.subscribe()
    newsroom.poster.channel_outcomes[CHANNEL] = ChannelClosed(AccessRefused("Missing Permissions"))
    await newsroom.add_stories(1)
    troubled.broken = {"pause_channel"}
    async with newsroom.sending():
        await newsroom.until_true(lambda: newsroom.poster.requests)
        await newsroom.run(timedelta(minutes=2), step=1)
        assert newsroom.poster.reported == []
        troubled.broken.clear()
        await newsroom.until_true(lambda: newsroom.poster.reported)
        await newsroom.run(timedelta(minutes=2), step=1)
    assert newsroom.poster.requests == [CHANNEL]
    assert newsroom.poster.reported == [(CHANNEL, AccessRefused("Missing Permissions"))]


async def test_an_edit_is_recorded_when_possible(
    newsroom: Newsroom, troubled: TroubledStore
) -> None:
    """Repeating the edit would be harmless, but it happens once."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
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


async def test_the_bot_waits_for_another_programs_lock(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """A real connection holds a real lock for some time."""
    caplog.set_level(logging.INFO)
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    await set_pragma(newsroom.store, "busy_timeout = 1")
    path = path_of(newsroom.store)
    async with newsroom.sending():
        with locked(path):
            await newsroom.run(timedelta(minutes=1), step=1)
            assert newsroom.poster.requests == []
        await newsroom.until(PostStatus.SENT)
    assert [f"{path} is locked by another program; close that program and try again"] == [
        messages.partition("is delayed: ")[2]
        for messages in retry_messages(caplog)
        if "is delayed" in messages
    ]


async def test_a_full_disk_delays_posts_until_it_has_space(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite's limit of pages simulates the full disk."""
    caplog.set_level(logging.INFO)
    await newsroom.subscribe()
    await newsroom.add_stories(*range(1, 81))
    await set_pragma(newsroom.store, "max_page_count = 1")
    async with newsroom.sending():
        await newsroom.until_true(
            lambda: any("disk is full" in line for line in retry_messages(caplog))
        )
        sent = len(newsroom.poster.sent)
        await newsroom.run(timedelta(minutes=1), step=1)
        assert len(newsroom.poster.sent) - sent <= 1
        await set_pragma(newsroom.store, "max_page_count = 1000000")
        await newsroom.until_true(lambda: len(newsroom.poster.sent) == 80)
    assert sorted(newsroom.poster.sent) == list(range(1, 81))
    assert await newsroom.store.count_posts() == {PostStatus.SENT: 80}


async def test_planning_waits_for_the_database_too(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """A story that arrives meanwhile is planned once, when the database accepts it."""
    caplog.set_level(logging.INFO)
    await newsroom.subscribe()
    articles = make_documents(make_article(1))
    await newsroom.store.save_documents("s", articles, newsroom.clock.now())
    await set_pragma(newsroom.store, "query_only = 1")
    planning = asyncio.create_task(newsroom.planner.run())
    await newsroom.run(timedelta(minutes=1))
    assert await newsroom.posts() == []
    await set_pragma(newsroom.store, "query_only = 0")
    await newsroom.until(PostStatus.PLANNED)
    await newsroom.until_true(lambda: len(retry_messages(caplog)) == 2)
    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning
    assert [line.partition(":")[0] for line in retry_messages(caplog)] == [
        "planning continues",
        "planning is delayed",
    ]
