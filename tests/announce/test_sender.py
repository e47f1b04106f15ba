"""Sending: every end of a send, and what the bot makes of it."""

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


async def test_a_planned_post_is_sent_and_its_message_remembered(newsroom: Newsroom) -> None:
    """Planned, claimed, sent."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    async with newsroom.sending():
        (post,) = await newsroom.until(PostStatus.SENT)
    assert (post.message_id, post.attempts, post.nonce) == (1001, 1, "nonce0")


async def test_a_story_is_planned_once_whatever_changes(newsroom: Newsroom) -> None:
    """Heat changes every two hours; the planner looks again and plans nothing."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    for heat in range(5):
        changed = make_article(1, heat=heat)
        await newsroom.store.save_documents("s", make_documents(changed), newsroom.clock.now())
        assert await newsroom.planner.catch_up() == 0
    assert len(await newsroom.posts()) == 1


async def test_an_archive_is_no_news(newsroom: Newsroom) -> None:
    """What met the rules before the subscription is not told, also when it changes later."""
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
async def test_an_unknown_outcome_is_tried_again_soon_with_the_same_nonce(
    newsroom: Newsroom, committed: bool
) -> None:
    """Discord folds it if the first attempt was taken."""
    await newsroom.subscribe()
    newsroom.poster.prepare(Unavailable(ConnectionLost("reset"), unknown=True), committed=committed)
    await newsroom.add_stories(1)
    async with newsroom.sending():
        (post,) = await newsroom.until(PostStatus.SENT)
    assert newsroom.poster.sent == [1]
    assert (post.attempts, newsroom.poster.looked_since) == (2, [])


@pytest.mark.parametrize(("committed", "sends"), [(True, 1), (False, 1)])
async def test_past_the_nonce_window_the_mark_is_looked_for_first(
    newsroom: Newsroom, committed: bool, sends: int
) -> None:
    """A repeat would no longer be folded."""
    await newsroom.subscribe()
    newsroom.poster.folding = False
    newsroom.poster.prepare(
        Unavailable(ConnectionLost("reset"), unknown=True, retry_after=NONCE_WINDOW),
        committed=committed,
    )
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT, step=1)
    assert newsroom.poster.sent == [1] * sends
    (since,) = newsroom.poster.looked_since
    late = since - (START - timedelta(minutes=10))
    assert timedelta() <= late <= timedelta(seconds=2)


async def test_the_mark_is_looked_for_from_the_first_attempt_on(newsroom: Newsroom) -> None:
    """Not from the day when it was planned: a busy channel has more than can be read since then."""
    held = START + timedelta(days=3)
    await newsroom.subscribe()
    newsroom.poster.folding = False
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
    (since,) = newsroom.poster.looked_since
    assert timedelta() <= held - since <= timedelta(minutes=10)


async def test_a_history_that_can_not_be_read_leaves_a_post_uncertain(newsroom: Newsroom) -> None:
    """An empty answer without the permission is no proof; an operator decides."""
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


async def test_an_outage_is_waited_out_with_growing_patience(newsroom: Newsroom) -> None:
    """Nothing is lost, and Discord is not hammered."""
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
    """Sending it again would be refused again; the next story goes its way."""
    await newsroom.subscribe()
    newsroom.poster.prepare(Refused(MessageRefused("Invalid Form Body")))
    await newsroom.add_stories(1, 2)
    async with newsroom.sending():
        posts = await newsroom.until(PostStatus.FAILED, PostStatus.SENT)
    assert posts[0].reason == MessageRefused("Invalid Form Body")


async def test_a_closed_channel_pauses_and_holds_its_stories(newsroom: Newsroom) -> None:
    """They go out when it is resumed; other channels get theirs at once."""
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


async def test_what_went_stale_while_waiting_is_skipped_with_that_reason(
    newsroom: Newsroom,
) -> None:
    """Age is checked again when sending; a catch-up story may be of any age."""
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
    """It was planned and then taken back."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    await newsroom.store.withdraw_documents("s", ["1.md"])
    async with newsroom.sending():
        (post,) = await newsroom.until(PostStatus.SKIPPED)
    assert post.reason == Cause.STORY_WITHDRAWN


async def test_a_removed_subscription_leaves_no_unknown_outcome_behind(newsroom: Newsroom) -> None:
    """What may be out is looked for, and not sent again."""
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
    """Nothing new begins; what Discord may already have is recorded."""
    await newsroom.subscribe()
    await newsroom.add_stories(1, 2)
    newsroom.poster.gate = asyncio.Event()
    async with newsroom.sending() as sender:
        while not newsroom.poster.begun.is_set():
            await newsroom.step()
        sender.stop()
        newsroom.poster.gate.set()
    assert [post.status for post in await newsroom.posts()] == [PostStatus.SENT, PostStatus.PLANNED]


async def test_a_new_sender_looks_first_at_what_the_last_one_left(newsroom: Newsroom) -> None:
    """A crash between Discord's commit and ours tells a story once."""
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    (claimed,) = await Outbox(newsroom.store).claim(newsroom.clock.now(), 1, [])
    await newsroom.poster.send(claimed)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
    assert newsroom.poster.sent == [1]


async def test_the_pace_is_held_over_all_channels(clock: FakeClock) -> None:
    """Turns are evenly spaced, in the order of asking, and none is saved up."""
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
