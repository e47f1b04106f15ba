"""Edits: messages follow the visible changes of their stories."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.announce.delivery import EDIT_WINDOW
from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    MessageGone,
    Postponed,
    Refused,
    Unavailable,
)
from bot.announce.subscription_lifecycle import remove_subscription
from storage.models import DeliveryOptions, PausedBy
from storage.posts import PostStatus
from storage.reasons import (
    AccessRefused,
    Cause,
    ConnectionLost,
    MessageReduced,
    MessageRefused,
    Part,
)
from tests.announce.newsroom import CHANNEL, GUILD, Newsroom
from tests.support.articles import make_article, make_document

MINUTE = timedelta(minutes=1)
AWAY = Unavailable(Cause.CONNECTION_FAILED, unknown=False)


@pytest.fixture
async def posted(newsroom: Newsroom) -> Newsroom:
    """A newsroom that has posted story 1."""
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
async def test_a_visible_change_is_edited_once(posted: Newsroom, changes: dict[str, str]) -> None:
    """The message shows the current story, and nothing is posted again."""
    article = make_article(1, **changes)
    await posted.store.save_documents("s", [make_document("1.md", article)], posted.clock.now())
    await posted.planner.catch_up()
    async with posted.sending():
        await posted.until_true(lambda: posted.poster.edited)
        await posted.run(MINUTE)
    assert posted.poster.edited == [(1, article.title)]
    assert posted.poster.sent == [1]


@pytest.mark.parametrize("changes", [{"heat": 99}, {"quality": 12}, {"quality": 189}], ids=str)
async def test_heat_and_quality_cause_no_edit(posted: Newsroom, changes: dict[str, int]) -> None:
    """They change every two hours."""
    await posted.load(make_article(1, **changes))
    assert await posted.store.count_edits() == 0


@pytest.mark.parametrize(
    ("deletes", "shown", "logged"),
    [
        (False, "Story 1", "marked story 1 as withdrawn in channel 20 of server 10"),
        (True, "", "deleted the message of story 1 in channel 20 of server 10"),
    ],
)
async def test_a_withdrawal_strikes_or_deletes(
    posted: Newsroom, caplog: pytest.LogCaptureFixture, deletes: bool, shown: str, logged: str
) -> None:
    """The setting decides, and the log reports what was done."""
    posted.deletes = deletes
    await posted.withdraw(1)
    with caplog.at_level(logging.INFO, "bot.announce.sender"):
        async with posted.sending():
            await posted.until_true(lambda: posted.poster.edited)
    assert posted.poster.edited == [(1, shown)]
    assert caplog.messages == [logged]


async def test_a_returning_story_is_edited_back(posted: Newsroom) -> None:
    """It was struck through, and it is not posted again."""
    async with posted.sending():
        await posted.withdraw(1)
        await posted.until_true(lambda: posted.poster.edited)
        await posted.add_stories(1)
        await posted.until_true(lambda: len(posted.poster.edited) == 2)
    assert posted.poster.edited == [(1, "Story 1"), (1, "Story 1")]
    assert posted.poster.sent == [1]


async def test_a_deleted_message_stays_deleted(posted: Newsroom) -> None:
    """A returning story has no message to edit and is not posted twice."""
    posted.deletes = True
    async with posted.sending():
        await posted.withdraw(1)
        await posted.until_true(lambda: posted.poster.edited)
        await posted.add_stories(1)
        await posted.run(MINUTE)
    assert (posted.poster.edited, posted.poster.sent) == ([(1, "")], [1])
    assert await posted.store.count_edits() == 0


async def test_a_change_during_the_send_is_not_lost(newsroom: Newsroom) -> None:
    """The message shows the story as it was claimed, and an edit follows."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    newsroom.poster.gate = asyncio.Event()
    async with newsroom.sending():
        await newsroom.until_true(newsroom.poster.begun.is_set)
        await newsroom.load(make_article(1, title="Better"))
        newsroom.poster.gate.set()
        await newsroom.until_true(lambda: newsroom.poster.edited)
    assert newsroom.poster.edited == [(1, "Better")]


async def test_a_change_during_an_edit_is_not_lost(posted: Newsroom) -> None:
    """The second edit begins when the first one has ended."""
    await posted.load(make_article(1, title="Better"))
    posted.poster.gate = asyncio.Event()
    async with posted.sending():
        await posted.run(timedelta(seconds=2), step=0.1)
        await posted.load(make_article(1, title="Best"))
        posted.poster.gate.set()
        await posted.until_true(lambda: len(posted.poster.edited) == 2)
    assert posted.poster.edited == [(1, "Better"), (1, "Best")]


async def test_a_change_between_two_attempts_is_not_lost(newsroom: Newsroom) -> None:
    """It is unknown which attempt's message exists, so it is edited in any case."""
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


async def test_nothing_is_edited_after_fourteen_days(posted: Newsroom) -> None:
    """Neither late changes nor edits that waited so long are sent."""
    posted.poster.outage = AWAY
    async with posted.sending():
        await posted.load(make_article(1, title="Better"))
        await posted.run(timedelta(seconds=5))
        await posted.clock.advance(EDIT_WINDOW)
        posted.poster.outage = None
        await posted.run(timedelta(minutes=10), step=5)
        assert await posted.store.count_edits() == 0
        await posted.load(make_article(1, title="Best"))
        assert await posted.store.count_edits() == 0
    assert posted.poster.edited == []


@pytest.mark.parametrize(
    "outcome",
    [MessageGone(Cause.MESSAGE_DELETED), Refused(MessageRefused("Invalid Form Body"))],
    ids=str,
)
async def test_an_impossible_edit_is_dropped(
    posted: Newsroom, outcome: MessageGone | Refused
) -> None:
    """A moderator deleted the message, or Discord refuses the edit."""
    posted.poster.prepare(outcome)
    await posted.load(make_article(1, title="Better"))
    async with posted.sending():
        await posted.until_true(lambda: not posted.poster.outcomes)
        await posted.run(MINUTE)
    assert (posted.poster.edited, await posted.store.count_edits()) == ([], 0)


async def test_a_story_is_posted_if_its_edit_is_refused(newsroom: Newsroom) -> None:
    """It was folded into a message that can't show it, so it gets its own."""
    await newsroom.subscribe(delivery=DeliveryOptions(fold=True))
    title = "Astronomers find water on a distant planet"
    await newsroom.load(make_article(1, title=title))
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
        newsroom.poster.prepare(Refused(MessageRefused("Invalid Form Body")))
        await newsroom.load(make_article(2, title=f"{title}!"))
        await newsroom.until(PostStatus.SENT, PostStatus.SENT)
    assert newsroom.poster.sent == [1, 2]
    assert await newsroom.store.count_edits() == 0


@pytest.mark.parametrize("wait", [None, timedelta(minutes=2)], ids=str)
async def test_a_postponed_edit_holds_up_nothing_else(
    posted: Newsroom, wait: timedelta | None
) -> None:
    """Other stories are posted in the channel, and the edit is made later."""
    posted.poster.prepare(Postponed(Cause.THREAD_LOCKED, wait))
    async with posted.sending():
        await posted.load(make_article(1, title="Better"))
        await posted.until_true(lambda: not posted.poster.outcomes)
        await posted.add_stories(2)
        await posted.until(PostStatus.SENT, PostStatus.SENT)
        assert (await posted.store.list_subscriptions(GUILD))[0].paused_by is None
        await posted.until_true(lambda: posted.poster.edited, step=1)
        await posted.run(MINUTE)
    assert posted.poster.edited == [(1, "Better")]
    assert await posted.store.count_edits() == 0


async def test_a_locked_message_gives_folded_stories_back(newsroom: Newsroom) -> None:
    """Nobody knows when it is unlocked, so they get messages of their own; the edit waits."""
    await newsroom.subscribe(delivery=DeliveryOptions(fold=True))
    title = "Astronomers find water on a distant planet"
    await newsroom.load(make_article(1, title=title))
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
        newsroom.poster.prepare(Postponed(Cause.THREAD_LOCKED))
        await newsroom.load(make_article(2, title=f"{title}!"))
        await newsroom.until(PostStatus.SENT, PostStatus.SENT)
        await newsroom.until_true(lambda: newsroom.poster.edited)
    assert newsroom.poster.sent == [1, 2]
    assert newsroom.poster.shown[-1] == title


async def test_what_an_edit_lacks_is_recorded(posted: Newsroom) -> None:
    """It is forgotten when a later edit is complete."""
    reduced = MessageReduced((Part.PICTURE,), "Not a well formed URL.")
    posted.poster.prepare(Accepted(1, reduced=reduced), committed=True)
    async with posted.sending():
        await posted.load(make_article(1, title="Better"))
        await posted.until_true(lambda: posted.poster.edited)
        await posted.run(MINUTE)
        assert (await posted.store.get_post(1)).reason == reduced
        await posted.load(make_article(1, title="Best"))
        await posted.until_true(lambda: len(posted.poster.edited) > 1)
        await posted.run(MINUTE)
    post = await posted.store.get_post(1)
    assert (post.status, post.reason) == (PostStatus.SENT, None)


async def test_edits_wait_during_an_outage(posted: Newsroom) -> None:
    """The waits grow as for posts, and no edit is lost."""
    posted.poster.outage = AWAY
    await posted.load(make_article(1, title="Better"))
    async with posted.sending():
        await posted.run(timedelta(hours=1), step=10)
        assert 5 < len(posted.poster.requests) < 25
        posted.poster.outage = None
        await posted.until_true(lambda: posted.poster.edited, step=1)
    assert posted.poster.edited == [(1, "Better")]


async def test_a_closed_channel_holds_its_edits(posted: Newsroom) -> None:
    """It is paused as for a post, and the edit happens when it is open again."""
    posted.poster.prepare(ChannelClosed(AccessRefused("Missing Permissions")))
    await posted.load(make_article(1, title="Better"))
    async with posted.sending():
        await posted.until_true(lambda: posted.poster.reported)
        (paused,) = await posted.store.list_subscriptions(GUILD)
        assert paused.paused_by is PausedBy.BOT
        await posted.run(timedelta(minutes=10), step=1)
        assert posted.poster.edited == []
        await posted.store.resume_channel(CHANNEL, PausedBy.BOT)
        await posted.until_true(lambda: posted.poster.edited)
    assert len(posted.poster.reported) == 1


async def test_a_closed_channel_is_not_retried_too_often(posted: Newsroom) -> None:
    """Without a subscription there is no pause that would hold the edit."""
    (subscription,) = await posted.store.list_subscriptions(GUILD)
    await remove_subscription(posted.store, GUILD, subscription.id, posted.clock.now())
    posted.poster.channel_outcomes[CHANNEL] = ChannelClosed(AccessRefused("Missing Access"))
    await posted.load(make_article(1, title="Better"))
    async with posted.sending():
        await posted.run(timedelta(minutes=30), step=5)
    assert 5 < len(posted.poster.requests) < 20
    assert posted.poster.reported == []


async def test_an_edit_waits_for_the_posts_of_its_channel(posted: Newsroom) -> None:
    """A channel gets one request at a time, and new posts come first."""
    await posted.load(make_article(1, title="Better"), make_article(2))
    posted.poster.gate = asyncio.Event()
    async with posted.sending():
        await posted.until(PostStatus.SENT, PostStatus.CLAIMED)
        await posted.run(timedelta(seconds=5), step=0.5)
        assert posted.poster.edited == []
        posted.poster.gate.set()
        await posted.until_true(lambda: posted.poster.edited)
    assert posted.poster.sent == [1, 2]
