"""Edits: what a reader sees of a told story follows the article, by the same promises."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.announce.delivery import EDIT_WINDOW
from bot.announce.poster_port import ChannelClosed, MessageGone, Refused, Unavailable
from bot.announce.subscription_lifecycle import remove_subscription
from storage.models import PausedBy
from storage.posts import PostStatus
from storage.reasons import AccessRefused, Cause, ConnectionLost, MessageRefused
from tests.announce.newsroom import CHANNEL, GUILD, Newsroom
from tests.support.articles import make_article, make_document

MINUTE = timedelta(minutes=1)
AWAY = Unavailable(Cause.CONNECTION_FAILED, unknown=False)


@pytest.fixture
async def told(newsroom: Newsroom) -> Newsroom:
    """A newsroom that has told story 1."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
    return newsroom


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "A better title"},
        {"excerpt": "It tells more."},
        {"url": "https://news.example/better", "addresses": ("https://news.example/1",)},
    ],
    ids=["title", "excerpt", "address"],
)
async def test_what_a_reader_sees_is_edited_once(told: Newsroom, changes: dict[str, str]) -> None:
    """The message shows the story as it is now; nothing is posted again."""
    article = make_article(1, **changes)
    await told.store.save_documents("s", [make_document("1.md", article)], told.clock.now())
    await told.planner.catch_up()
    async with told.sending():
        await told.until_true(lambda: told.poster.edited)
        await told.run(MINUTE)
    assert told.poster.edited == [(1, article.title)]
    assert told.poster.sent == [1]


@pytest.mark.parametrize("changes", [{"heat": 99}, {"quality": 12}, {"quality": 189}], ids=str)
async def test_heat_and_quality_are_no_reason_to_edit(
    told: Newsroom, changes: dict[str, int]
) -> None:
    """They change every two hours."""
    await told.load(make_article(1, **changes))
    assert await told.store.count_edits() == 0


@pytest.mark.parametrize(
    ("deletes", "shown", "logged"),
    [
        (False, "Story 1", "edited story 1 in channel 20"),
        (True, "", "deleted the message of story 1 in channel 20"),
    ],
)
async def test_a_withdrawal_strikes_or_deletes(
    told: Newsroom, caplog: pytest.LogCaptureFixture, deletes: bool, shown: str, logged: str
) -> None:
    """As the setting says; the log tells which."""
    told.deletes = deletes
    await told.withdraw(1)
    with caplog.at_level(logging.INFO, "bot.announce.sender"):
        async with told.sending():
            await told.until_true(lambda: told.poster.edited)
    assert told.poster.edited == [(1, shown)]
    assert caplog.messages == [logged]


async def test_a_story_that_is_back_again_is_edited_back(told: Newsroom) -> None:
    """It was struck through; it is not told anew."""
    async with told.sending():
        await told.withdraw(1)
        await told.until_true(lambda: told.poster.edited)
        await told.add_stories(1)
        await told.until_true(lambda: len(told.poster.edited) == 2)
    assert told.poster.edited == [(1, "Story 1"), (1, "Story 1")]
    assert told.poster.sent == [1]


async def test_a_deleted_message_stays_deleted(told: Newsroom) -> None:
    """Back again or not, there is nothing to edit, and once told is told."""
    told.deletes = True
    async with told.sending():
        await told.withdraw(1)
        await told.until_true(lambda: told.poster.edited)
        await told.add_stories(1)
        await told.run(MINUTE)
    assert (told.poster.edited, told.poster.sent) == ([(1, "")], [1])
    assert await told.store.count_edits() == 0


async def test_a_change_while_the_post_is_being_sent_is_not_lost(newsroom: Newsroom) -> None:
    """The message shows the story as it was claimed; the edit follows."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    newsroom.poster.gate = asyncio.Event()
    async with newsroom.sending():
        await newsroom.until_true(newsroom.poster.begun.is_set)
        await newsroom.load(make_article(1, title="Better"))
        newsroom.poster.gate.set()
        await newsroom.until_true(lambda: newsroom.poster.edited)
    assert newsroom.poster.edited == [(1, "Better")]


async def test_a_change_while_the_message_is_being_edited_is_not_lost(told: Newsroom) -> None:
    """The first edit ends, and the second begins."""
    await told.load(make_article(1, title="Better"))
    told.poster.gate = asyncio.Event()
    async with told.sending():
        await told.run(timedelta(seconds=2), step=0.1)
        await told.load(make_article(1, title="Best"))
        told.poster.gate.set()
        await told.until_true(lambda: len(told.poster.edited) == 2)
    assert told.poster.edited == [(1, "Better"), (1, "Best")]


async def test_a_change_between_two_attempts_is_not_lost(newsroom: Newsroom) -> None:
    """Nobody knows which attempt's message is there, so it is edited in any case."""
    await newsroom.subscribe()
    lost = Unavailable(ConnectionLost("reset"), unknown=True, retry_after=timedelta(seconds=5))
    newsroom.poster.prepare(lost)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY)
        await newsroom.load(make_article(1, title="Better"))
        newsroom.poster.gate = asyncio.Event()
        await newsroom.until(PostStatus.CLAIMED)
        await newsroom.load(make_article(1))
        newsroom.poster.gate.set()
        await newsroom.until_true(lambda: newsroom.poster.edited)
    assert newsroom.poster.edited == [(1, "Story 1")]


async def test_nothing_is_edited_after_fourteen_days(told: Newsroom) -> None:
    """Neither a change that comes later, nor one that waited for so long."""
    told.poster.away = AWAY
    async with told.sending():
        await told.load(make_article(1, title="Better"))
        await told.run(timedelta(seconds=5))
        await told.clock.advance(EDIT_WINDOW)
        told.poster.away = None
        await told.run(timedelta(minutes=10), step=5)
        assert await told.store.count_edits() == 0
        await told.load(make_article(1, title="Best"))
        assert await told.store.count_edits() == 0
    assert told.poster.edited == []


@pytest.mark.parametrize(
    "outcome",
    [MessageGone(Cause.MESSAGE_DELETED), Refused(MessageRefused("Invalid Form Body"))],
    ids=str,
)
async def test_an_edit_that_can_never_be_is_dropped(
    told: Newsroom, outcome: MessageGone | Refused
) -> None:
    """A moderator deleted the message, or Discord will not take it."""
    told.poster.prepare(outcome)
    await told.load(make_article(1, title="Better"))
    async with told.sending():
        await told.until_true(lambda: not told.poster.outcomes)
        await told.run(MINUTE)
    assert (told.poster.edited, await told.store.count_edits()) == ([], 0)


async def test_an_outage_is_waited_out(told: Newsroom) -> None:
    """With the same patience; nothing is lost."""
    told.poster.away = AWAY
    await told.load(make_article(1, title="Better"))
    async with told.sending():
        await told.run(timedelta(hours=1), step=10)
        assert 5 < len(told.poster.requests) < 25
        told.poster.away = None
        await told.until_true(lambda: told.poster.edited, step=1)
    assert told.poster.edited == [(1, "Better")]


async def test_a_closed_channel_holds_its_edits(told: Newsroom) -> None:
    """It is paused as for a post, and the edit goes out when it is open again."""
    told.poster.prepare(ChannelClosed(AccessRefused("Missing Permissions")))
    await told.load(make_article(1, title="Better"))
    async with told.sending():
        await told.until_true(lambda: told.poster.reported)
        (paused,) = await told.store.list_subscriptions(GUILD)
        assert paused.paused_by is PausedBy.BOT
        await told.run(timedelta(minutes=10), step=1)
        assert told.poster.edited == []
        await told.store.resume_channel(CHANNEL, PausedBy.BOT)
        await told.until_true(lambda: told.poster.edited)
    assert len(told.poster.reported) == 1


async def test_a_closed_channel_that_nobody_subscribes_is_not_hammered(told: Newsroom) -> None:
    """There is no subscription left that a pause could hold."""
    (subscription,) = await told.store.list_subscriptions(GUILD)
    await remove_subscription(told.store, GUILD, subscription.id, told.clock.now())
    told.poster.standing[CHANNEL] = ChannelClosed(AccessRefused("Missing Access"))
    await told.load(make_article(1, title="Better"))
    async with told.sending():
        await told.run(timedelta(minutes=30), step=5)
    assert 5 < len(told.poster.requests) < 20
    assert told.poster.reported == []


async def test_an_edit_waits_for_the_posts_of_its_channel(told: Newsroom) -> None:
    """One request per channel at a time, and news go first."""
    await told.load(make_article(1, title="Better"), make_article(2))
    told.poster.gate = asyncio.Event()
    async with told.sending():
        await told.until(PostStatus.SENT, PostStatus.CLAIMED)
        await told.run(timedelta(seconds=5), step=0.5)
        assert told.poster.edited == []
        told.poster.gate.set()
        await told.until_true(lambda: told.poster.edited)
    assert told.poster.sent == [1, 2]
