"""Sending: every possible result of a send, and how the bot handles it."""

import asyncio
from datetime import timedelta

import pytest

from bot.announce.delivery import NONCE_WINDOW
from bot.announce.outbox import Outbox
from bot.announce.poster_port import ChannelClosed, Refused, Unavailable
from bot.announce.rate_limiter import RateLimiter
from bot.announce.subscription_lifecycle import remove_subscription
from storage.models import PausedBy
from storage.posts import PostStatus
from storage.reasons import AccessRefused, Cause, ConnectionLost, MessageRefused, TooOld
from tests.announce.newsroom import CHANNEL, GUILD, Newsroom
from tests.support.articles import make_article, make_documents
from tests.support.clock import START, FakeClock


async def test_a_planned_post_is_sent_and_recorded(newsroom: Newsroom) -> None:
    """Its history is planned, claimed and sent."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    async with newsroom.sending():
        (post,) = await newsroom.until(PostStatus.SENT)
    assert (post.message_id, post.attempts, post.nonce) == (1001, 1, "nonce0")


async def test_a_changed_story_is_planned_once(newsroom: Newsroom) -> None:
    """Heat changes every two hours, and the planner plans nothing then."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    for heat in range(5):
        changed = make_article(1, heat=heat)
        await newsroom.store.save_documents("s", make_documents(changed), newsroom.clock.now())
        assert await newsroom.planner.catch_up() == 0
    assert len(await newsroom.posts()) == 1


async def test_an_archive_is_not_news(newsroom: Newsroom) -> None:
    """Stories that met the rules before the subscription are not posted, even after a change."""
    await newsroom.add_stories(1, 2)
    await newsroom.subscribe(catch_up=1)
    await newsroom.add_stories(3)
    await newsroom.store.save_documents(
        "s", make_documents(make_article(1, heat=9)), newsroom.clock.now()
    )
    await newsroom.planner.catch_up()
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT, PostStatus.SENT)
    assert newsroom.poster.sent == [2, 3]


@pytest.mark.parametrize("committed", [False, True])
async def test_an_unknown_outcome_is_retried_with_its_nonce(
    newsroom: Newsroom, committed: bool
) -> None:
    """Discord deduplicates the retry if it accepted the first attempt."""
    await newsroom.subscribe()
    newsroom.poster.prepare(Unavailable(ConnectionLost("reset"), unknown=True), committed=committed)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        (post,) = await newsroom.until(PostStatus.SENT)
    assert newsroom.poster.sent == [1]
    assert (post.attempts, newsroom.poster.searched_since) == (2, [])


@pytest.mark.parametrize(("committed", "sends"), [(True, 1), (False, 1)])
async def test_after_the_nonce_window_the_mark_is_searched(
    newsroom: Newsroom, committed: bool, sends: int
) -> None:
    """Discord would no longer deduplicate a repeat."""
    await newsroom.subscribe()
    newsroom.poster.deduplicates = False
    newsroom.poster.prepare(
        Unavailable(ConnectionLost("reset"), unknown=True, retry_after=NONCE_WINDOW),
        committed=committed,
    )
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT, step=1)
    assert newsroom.poster.sent == [1] * sends
    (since,) = newsroom.poster.searched_since
    late = since - (START - timedelta(minutes=10))
    assert timedelta() <= late <= timedelta(seconds=2)


async def test_the_search_starts_at_the_first_attempt(newsroom: Newsroom) -> None:
    """A busy channel may have more messages since the planning than can be read."""
    held = START + timedelta(days=3)
    await newsroom.subscribe()
    newsroom.poster.deduplicates = False
    newsroom.poster.prepare(
        Unavailable(Cause.CONNECTION_FAILED, unknown=False, retry_after=timedelta(days=3)),
        committed=False,
    )
    newsroom.poster.prepare(
        Unavailable(ConnectionLost("reset"), unknown=True, retry_after=NONCE_WINDOW), committed=True
    )
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY)
        await newsroom.run(timedelta(days=3), step=3600)
        await newsroom.until(PostStatus.SENT, step=5)
    (since,) = newsroom.poster.searched_since
    assert timedelta() <= held - since <= timedelta(minutes=10)


async def test_an_unreadable_history_makes_a_post_uncertain(newsroom: Newsroom) -> None:
    """An empty answer without the permission proves nothing, so an operator decides."""
    await newsroom.subscribe()
    newsroom.poster.readable = False
    newsroom.poster.prepare(
        Unavailable(ConnectionLost("reset"), unknown=True, retry_after=NONCE_WINDOW)
    )
    await newsroom.add_stories(1)
    async with newsroom.sending():
        (post,) = await newsroom.until(PostStatus.UNCERTAIN, step=1)
    assert post.reason == Cause.HISTORY_FORBIDDEN
    assert newsroom.poster.sent == []


async def test_an_outage_is_retried_with_growing_waits(newsroom: Newsroom) -> None:
    """Nothing is lost, and Discord does not get too many requests."""
    await newsroom.subscribe()
    for _ in range(4):
        newsroom.poster.prepare(Unavailable(Cause.CONNECTION_FAILED, unknown=False))
    await newsroom.add_stories(1)
    async with newsroom.sending():
        (post,) = await newsroom.until(PostStatus.SENT)
    assert post.attempts == 5
    assert post.unknown_since is None
    assert newsroom.clock.now() - START >= timedelta(seconds=1 + 2 + 4 + 8)


async def test_a_refused_message_fails_with_its_reason(newsroom: Newsroom) -> None:
    """It is not sent again, and the next story is sent."""
    await newsroom.subscribe()
    newsroom.poster.prepare(Refused(MessageRefused("Invalid Form Body")))
    await newsroom.add_stories(1, 2)
    async with newsroom.sending():
        posts = await newsroom.until(PostStatus.FAILED, PostStatus.SENT)
    assert posts[0].reason == MessageRefused("Invalid Form Body")


async def test_a_closed_channel_pauses_and_holds_its_stories(newsroom: Newsroom) -> None:
    """They are sent when it is resumed; other channels get theirs at once."""
    await newsroom.subscribe()
    newsroom.poster.prepare(ChannelClosed(AccessRefused("Missing Permissions")))
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY)
        (paused,) = await newsroom.store.list_subscriptions(GUILD)
        assert (paused.paused_by, paused.paused_reason) == (
            PausedBy.BOT,
            AccessRefused("Missing Permissions"),
        )
        await newsroom.subscribe(CHANNEL + 1)
        await newsroom.add_stories(2)
        await newsroom.until(PostStatus.RETRY, PostStatus.PLANNED, PostStatus.SENT)
        await newsroom.store.resume_channel(CHANNEL, PausedBy.BOT)
        await newsroom.until(*[PostStatus.SENT] * 3)
    assert newsroom.poster.sent == [2, 1, 2]


async def test_a_story_too_old_when_sent_is_skipped(
    newsroom: Newsroom,
) -> None:
    """Age is checked again when sending, except for catch-up stories."""
    await newsroom.add_stories(1)
    await newsroom.subscribe(catch_up=1)
    await newsroom.add_stories(2)
    await newsroom.clock.advance(timedelta(days=8))
    async with newsroom.sending():
        posts = await newsroom.until(PostStatus.SENT, PostStatus.SKIPPED)
    reason = posts[1].reason
    assert isinstance(reason, TooOld)
    assert (reason.age.days, reason.limit) == (8, timedelta(days=7))


async def test_a_withdrawn_story_is_not_sent(newsroom: Newsroom) -> None:
    """It was withdrawn after it was planned."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    await newsroom.store.withdraw_documents("s", ["1.md"])
    async with newsroom.sending():
        (post,) = await newsroom.until(PostStatus.SKIPPED)
    assert post.reason == Cause.STORY_WITHDRAWN


async def test_a_removal_leaves_no_unknown_outcome(newsroom: Newsroom) -> None:
    """A post that may have been sent is searched for, and not sent again."""
    number = await newsroom.subscribe()
    newsroom.poster.prepare(
        Unavailable(ConnectionLost("reset"), unknown=True, retry_after=timedelta(seconds=5)),
        committed=True,
    )
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.RETRY)
        await remove_subscription(newsroom.store, GUILD, number, newsroom.clock.now())
        (post,) = await newsroom.until(PostStatus.SENT)
    assert (post.message_id, newsroom.poster.sent) == (1001, [1])


async def test_stopping_finishes_the_send_in_flight(newsroom: Newsroom) -> None:
    """Nothing new starts, and a message that Discord may have is recorded."""
    await newsroom.subscribe()
    await newsroom.add_stories(1, 2)
    newsroom.poster.gate = asyncio.Event()
    async with newsroom.sending() as sender:
        while not newsroom.poster.begun.is_set():
            await newsroom.step()
        sender.stop()
        newsroom.poster.gate.set()
    assert [post.status for post in await newsroom.posts()] == [PostStatus.SENT, PostStatus.PLANNED]


async def test_a_new_sender_recovers_old_claims_first(newsroom: Newsroom) -> None:
    """A crash between Discord's commit and ours does not post a story twice."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    (claimed,) = await Outbox(newsroom.store).claim(newsroom.clock.now(), 1, [])
    await newsroom.poster.send(claimed)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
    assert newsroom.poster.sent == [1]


async def test_the_pace_applies_to_all_channels_together(clock: FakeClock) -> None:
    """Turns are evenly spaced, in the order of requests, and unused turns don't accumulate."""
    limiter = RateLimiter(45, clock)
    turns: list[float] = []

    async def take() -> None:
        await limiter.acquire()
        turns.append(clock.monotonic())

    start = clock.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(91):
            group.create_task(take())
        await asyncio.sleep(0)
        await clock.advance(2.0001)
    assert len(turns) == 91
    assert turns[45] - start == pytest.approx(1)
    await clock.advance(60)
    await take()
    second = asyncio.create_task(take())
    await asyncio.sleep(0)
    assert not second.done()
    await clock.advance(1 / 45)
    await second
