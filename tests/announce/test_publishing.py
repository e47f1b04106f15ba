"""Follow-ups: planned when a message is sent, and carried out by the sender."""

import logging
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.announce.follow_up_queue import FollowUpQueue
from bot.announce.follow_ups import MAX_AGE, PERIOD
from bot.announce.outbox import Outbox
from bot.announce.pausing import pause_posting, resume_posting
from bot.announce.poster_port import ChannelClosed, Impossible, Unavailable
from bot.announce.subscription_lifecycle import (
    change_subscription,
    pause_subscription,
    remove_subscription,
    resume_subscription,
)
from storage.models import DeliveryOptions, PausedBy
from storage.posts import FollowUp, FollowUpAction, FollowUpStatus, PostStatus, Sent
from storage.reasons import AccessRefused, Cause, ConnectionLost
from tests.announce.newsroom import CHANNEL, GUILD, WEEK, Newsroom
from tests.support.articles import make_article
from tests.support.database import damage, path_of
from tests.support.outbox import DAILY

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PUBLISH = DeliveryOptions(fold=False, publish=True)
PUBLISHED = (FollowUpAction.PUBLISH, 1)
LOST = Unavailable(ConnectionLost("reset"), unknown=True)
EDIT_LIMITED = Unavailable(Cause.PUBLISHING_LIMIT, unknown=False, retry_after=20 * MINUTE)


@pytest.fixture
async def publishing(newsroom: Newsroom) -> AsyncIterator[Newsroom]:
    """A newsroom whose channel publishes its messages; its sender runs."""
    await newsroom.subscribe(delivery=PUBLISH)
    async with newsroom.sending():
        yield newsroom


async def follow_up_of(newsroom: Newsroom, post_id: int = 1) -> FollowUp:
    """The follow-up of a post's message."""
    (found,) = await newsroom.store.list_follow_ups(post_id)
    return found


async def has_status(
    newsroom: Newsroom, status: FollowUpStatus, post_id: int = 1, *, step: float = 1.0
) -> FollowUp:
    """Move the clock until the follow-up has a status."""
    for _ in range(500):
        found = await newsroom.store.list_follow_ups(post_id)
        if found and found[0].status is status:
            return found[0]
        await newsroom.step(step)
    raise AssertionError(f"the follow-up of post {post_id} did not become {status}")


async def test_each_message_is_published(
    publishing: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.announce.sender")
    await publishing.add_stories(1)
    await has_status(publishing, FollowUpStatus.DONE)
    assert publishing.poster.done == [PUBLISHED]
    assert "published story 1 in channel 20 of server 10" in caplog.messages


async def test_a_message_may_have_several_follow_ups(newsroom: Newsroom) -> None:
    """Threads have no hourly limit, and what holds one kind does not hold the other."""
    await newsroom.subscribe(delivery=replace(PUBLISH, discuss=True))
    await newsroom.add_stories(*range(1, 13))
    async with newsroom.sending():
        await newsroom.until_true(lambda: len(newsroom.poster.done) == 22)
    counts = Counter(action for action, _ in newsroom.poster.done)
    assert counts == {FollowUpAction.PUBLISH: 10, FollowUpAction.DISCUSS: 12}


async def test_a_digest_is_published_once(newsroom: Newsroom) -> None:
    """It is one message, whose lead post has the follow-up."""
    await newsroom.subscribe(delivery=replace(DAILY, publish=True))
    await newsroom.load(make_article(1, quality=80), make_article(2, quality=90))
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT, PostStatus.SENT, step=600)
        await has_status(newsroom, FollowUpStatus.DONE, 2)
    assert newsroom.poster.done == [(FollowUpAction.PUBLISH, 2)]
    assert await newsroom.store.list_follow_ups(1) == []


async def test_without_the_option_nothing_is_published(newsroom: Newsroom) -> None:
    await newsroom.subscribe()
    await newsroom.add_stories(1)
    async with newsroom.sending():
        await newsroom.until(PostStatus.SENT)
    assert await newsroom.store.list_follow_ups(1) == []


async def test_ten_messages_are_published_in_an_hour(publishing: Newsroom) -> None:
    """All are posted at once, the best are published first, and the rest an hour later."""
    await publishing.load(*(make_article(each, quality=70 + each) for each in range(1, 15)))
    await publishing.until(*[PostStatus.SENT] * 14)
    await publishing.until_true(lambda: len(publishing.poster.done) == 10)
    late = [story for story in range(1, 15) if (PUBLISHED[0], story) not in publishing.poster.done]
    waiting = await follow_up_of(publishing, late[0])
    assert waiting.reason is Cause.PUBLISHING_LIMIT
    await publishing.run(HOUR - MINUTE, step=60)
    assert len(publishing.poster.done) == 10
    assert await publishing.store.next_due_at(publishing.clock.now()) == waiting.due_at
    await publishing.run(PERIOD - HOUR + 2 * MINUTE, step=10)
    best_first = [(PUBLISHED[0], story) for story in sorted(late, reverse=True)]
    assert publishing.poster.done[10:] == best_first


@pytest.mark.parametrize("committed", [False, True], ids=["not published", "published"])
async def test_a_lost_answer_is_tried_again(publishing: Newsroom, committed: bool) -> None:
    """Discord says then that it was published before, which is a success."""
    publishing.poster.follow_ups.append((LOST, committed))
    await publishing.add_stories(1)
    done = await has_status(publishing, FollowUpStatus.DONE)
    assert done.attempts == 2
    assert publishing.poster.done == [PUBLISHED]


async def test_a_killed_bot_publishes_at_its_next_start(newsroom: Newsroom) -> None:
    """Between the send and the follow-up nothing is lost; later, the claim shows what was begun."""
    await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.add_stories(1)
    outbox, queue, now = Outbox(newsroom.store), FollowUpQueue(newsroom.store), newsroom.clock.now()
    await outbox.claim(now, 9, [])
    await outbox.settle(1, Sent(500), now)
    assert (await follow_up_of(newsroom)).status is FollowUpStatus.WAITING
    (claimed,) = await queue.claim(now, 9, [], lambda _: SECOND)
    assert (await follow_up_of(newsroom)).tried_at == now
    await newsroom.poster.follow_up(claimed.message, FollowUpAction.PUBLISH)
    async with newsroom.sending():
        done = await has_status(newsroom, FollowUpStatus.DONE)
    assert (done.attempts, newsroom.poster.done) == (2, [PUBLISHED])


async def test_a_message_that_was_found_is_published(newsroom: Newsroom) -> None:
    """Its answer was lost in a crash, and the channel's history shows it."""
    await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.add_stories(1)
    (claimed,) = await Outbox(newsroom.store).claim(newsroom.clock.now(), 9, [])
    await newsroom.poster.send(claimed)
    await newsroom.clock.advance(HOUR)
    async with newsroom.sending():
        done = await has_status(newsroom, FollowUpStatus.DONE)
    assert newsroom.poster.sent == [1]
    assert done.sent_at < newsroom.clock.now() - HOUR + MINUTE


async def test_a_forbidden_follow_up_stops_no_stories(publishing: Newsroom) -> None:
    """The channel is not paused, and what is forbidden is tried again."""
    forbidden = ChannelClosed(AccessRefused("Missing Permissions"))
    publishing.poster.follow_ups.append((forbidden, False))
    await publishing.add_stories(1)
    await publishing.until_true(lambda: not publishing.poster.follow_ups)
    await publishing.add_stories(2)
    await publishing.until(PostStatus.SENT, PostStatus.SENT)
    assert await publishing.store.paused_channels(PausedBy.BOT, 9) == []
    await has_status(publishing, FollowUpStatus.DONE, step=60)


async def test_what_cannot_be_published_is_skipped(
    publishing: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    publishing.poster.follow_ups.append((Impossible(Cause.NO_ANNOUNCEMENT_CHANNEL), False))
    await publishing.add_stories(1)
    skipped = await has_status(publishing, FollowUpStatus.SKIPPED)
    assert skipped.reason is Cause.NO_ANNOUNCEMENT_CHANNEL
    assert any("story 1 not published in channel 20" in each for each in caplog.messages)


async def test_a_withdrawn_message_is_not_published(newsroom: Newsroom) -> None:
    await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.load(*(make_article(each, quality=100 - each) for each in range(1, 13)))
    async with newsroom.sending():
        await newsroom.until_true(lambda: len(newsroom.poster.done) == 10)
        waiting = sorted({each + 1 for each in range(12)} - {s for _, s in newsroom.poster.done})
        await newsroom.withdraw(waiting[0])
        await newsroom.run(PERIOD, step=60)
        await has_status(newsroom, FollowUpStatus.DONE, waiting[1])
    skipped = await follow_up_of(newsroom, waiting[0])
    assert (skipped.status, skipped.reason) == (FollowUpStatus.SKIPPED, Cause.STORY_WITHDRAWN)


async def test_edits_come_before_publishing(newsroom: Newsroom) -> None:
    """Edits of published messages are limited."""
    await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.add_stories(1)
    outbox, now = Outbox(newsroom.store), newsroom.clock.now()
    await outbox.claim(now, 9, [])
    await newsroom.load(make_article(1, title="Better"))
    await outbox.settle(1, Sent(500), now)
    assert not await FollowUpQueue(newsroom.store).claim(now, 9, [], lambda _: SECOND)
    async with newsroom.sending():
        await has_status(newsroom, FollowUpStatus.DONE)
    assert newsroom.poster.edited == [(1, "Better")]


async def test_pauses_hold_follow_ups(newsroom: Newsroom) -> None:
    """Those of an admin, and those of an operator, whose time does not make a message too old."""
    number = await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.add_stories(1)
    outbox, now = Outbox(newsroom.store), newsroom.clock.now()
    await outbox.claim(now, 9, [])
    await outbox.settle(1, Sent(500), now)
    await pause_subscription(newsroom.store, GUILD, number, now)
    async with newsroom.sending():
        await newsroom.run(MINUTE)
        assert newsroom.poster.done == []
        await pause_posting(newsroom.store, newsroom.clock.now())
        subscription = await newsroom.store.get_subscription(GUILD, number)
        await resume_subscription(newsroom.store, subscription, newsroom.clock.now(), max_age=WEEK)
        await newsroom.run(MAX_AGE + HOUR, step=3600)
        assert newsroom.poster.done == []
        await resume_posting(newsroom.store, newsroom.clock.now())
        await has_status(newsroom, FollowUpStatus.DONE)


async def test_a_removed_subscription_publishes_no_more(newsroom: Newsroom) -> None:
    """Its follow-ups wait while the removal can be undone."""
    number = await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.add_stories(1)
    outbox, now = Outbox(newsroom.store), newsroom.clock.now()
    await outbox.claim(now, 9, [])
    await outbox.settle(1, Sent(500), now)
    await remove_subscription(newsroom.store, GUILD, number, now)
    queue = FollowUpQueue(newsroom.store)
    assert not await queue.claim(now, 9, [], lambda _: SECOND)
    assert (await follow_up_of(newsroom)).status is FollowUpStatus.WAITING
    await newsroom.store.transact(lambda transaction: transaction.delete_subscriptions([number]))
    assert not await queue.claim(now, 9, [], lambda _: SECOND)
    assert (await follow_up_of(newsroom)).reason is Cause.SUBSCRIPTION_REMOVED


async def test_a_subscription_may_stop_publishing(newsroom: Newsroom) -> None:
    """What waits is not published either."""
    number = await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.add_stories(1)
    outbox, now = Outbox(newsroom.store), newsroom.clock.now()
    await outbox.claim(now, 9, [])
    await outbox.settle(1, Sent(500), now)
    subscription = await newsroom.store.get_subscription(GUILD, number)
    spec = replace(subscription.spec, delivery=replace(PUBLISH, publish=False))
    await change_subscription(newsroom.store, subscription, spec, max_age=WEEK, due_at=now, now=now)
    assert not await FollowUpQueue(newsroom.store).claim(now, 9, [], lambda _: SECOND)
    assert (await follow_up_of(newsroom)).reason is Cause.OPTION_CHANGED


async def test_an_outage_ends_the_waits_of_follow_ups(newsroom: Newsroom) -> None:
    """A request that Discord did not get counts as none."""
    await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.add_stories(1)
    async with newsroom.sending() as sender:
        await newsroom.until(PostStatus.SENT)
        newsroom.poster.outage = Unavailable(Cause.CONNECTION_FAILED, unknown=False)
        await newsroom.add_stories(2)
        await newsroom.run(10 * MINUTE, step=10)
        newsroom.poster.outage = None
        sender.discord_is_back()
        await newsroom.until(PostStatus.SENT, PostStatus.SENT)
        await has_status(newsroom, FollowUpStatus.DONE, 2)


async def test_edits_of_published_messages_wait(publishing: Newsroom) -> None:
    """As long as Discord asks for; other messages are sent, and no edit is tried meanwhile."""
    await publishing.add_stories(1, 2)
    await publishing.until_true(lambda: len(publishing.poster.done) == 2)
    publishing.poster.prepare(EDIT_LIMITED)
    await publishing.load(make_article(1, title="Better"))
    await publishing.until_true(lambda: not publishing.poster.outcomes)
    await publishing.load(make_article(2, title="Also better"))
    await publishing.add_stories(3)
    await publishing.until_true(lambda: len(publishing.poster.done) == 3)
    await publishing.run(19 * MINUTE, step=30)
    assert publishing.poster.edited == []
    await publishing.run(2 * MINUTE, step=5)
    assert sorted(publishing.poster.edited) == [(1, "Better"), (2, "Also better")]


async def test_a_restart_tries_one_edit_of_each_channel(newsroom: Newsroom) -> None:
    """The bot has forgotten the wait that Discord asked for, and learns it from one answer."""
    await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.add_stories(1, 2, 3)
    async with newsroom.sending():
        await newsroom.until_true(lambda: len(newsroom.poster.done) == 3)
        newsroom.poster.channel_outcomes[CHANNEL] = EDIT_LIMITED
        newsroom.poster.requests.clear()
        await newsroom.load(*(make_article(number, title="Better") for number in (1, 2, 3)))
        await newsroom.run(MINUTE, step=0.5)
    assert newsroom.poster.requests == [CHANNEL]
    async with newsroom.sending() as sender:
        sender.discord_is_back()
        await newsroom.run(2 * MINUTE, step=0.5)
    assert newsroom.poster.requests == [CHANNEL] * 2
    assert await newsroom.store.count_edits() == 3


async def test_a_damaged_message_holds_no_other(newsroom: Newsroom) -> None:
    """It is not published, for that reason."""
    await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.add_stories(1, 2)
    outbox, now = Outbox(newsroom.store), newsroom.clock.now()
    for post_id in (1, 2):
        await outbox.claim(now, 9, [])
        await outbox.settle(post_id, Sent(500 + post_id), now)
    damage(path_of(newsroom.store), "documents", "content", "NULL")
    async with newsroom.sending():
        await has_status(newsroom, FollowUpStatus.DONE, 2)
    damaged = await follow_up_of(newsroom, 1)
    assert (damaged.status, damaged.reason) == (FollowUpStatus.SKIPPED, Cause.MESSAGE_DAMAGED)


async def test_a_damaged_follow_up_holds_no_other(newsroom: Newsroom) -> None:
    """It waits as it is, and those with another action are carried out."""
    await newsroom.subscribe(delivery=replace(PUBLISH, discuss=True))
    await newsroom.add_stories(1)
    outbox, now = Outbox(newsroom.store), newsroom.clock.now()
    await outbox.claim(now, 9, [])
    await outbox.settle(1, Sent(501), now)
    damage(path_of(newsroom.store), "follow_ups", "sent_at", "'garbage'", "action = 'discuss'")
    async with newsroom.sending():
        await has_status(newsroom, FollowUpStatus.DONE)
    assert newsroom.poster.done == [PUBLISHED]


async def test_a_clock_set_back_delays_no_follow_up(newsroom: Newsroom) -> None:
    await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.add_stories(1)
    newsroom.poster.follow_ups.append((EDIT_LIMITED, False))
    async with newsroom.sending():
        await newsroom.until_true(lambda: not newsroom.poster.follow_ups)
        await newsroom.run(MINUTE)
        newsroom.clock.jump(-5 * HOUR)
        await has_status(newsroom, FollowUpStatus.DONE)
    assert newsroom.poster.done == [PUBLISHED]


async def test_an_operator_may_find_a_message_to_publish(newsroom: Newsroom) -> None:
    """Like any other message, and unless it is too old by then."""
    await newsroom.subscribe(delivery=PUBLISH)
    await newsroom.add_stories(1)
    await Outbox(newsroom.store).override(1, Sent(500), newsroom.clock.now())
    async with newsroom.sending():
        await has_status(newsroom, FollowUpStatus.DONE)
