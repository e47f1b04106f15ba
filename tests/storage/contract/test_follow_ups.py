"""Follow-ups as they are stored, and which of them wait."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.models import DeliveryOptions, PausedBy, WaitingMessages
from storage.posts import FollowUp, FollowUpAction, FollowUpStatus, PostStatus, WaitingFollowUp
from storage.protocols import (
    Diagnostics,
    GuildStore,
    MonitoringStore,
    OutboxStore,
    Store,
    SubscriptionStore,
)
from storage.protocols.transaction import Transaction
from storage.reasons import Cause, ServerError, TooOld
from tests.storage.contract.planned import (
    CHANNEL,
    GUILD,
    OTHER_CHANNEL,
    SOURCE,
    change,
    change_spec,
    fill,
    insert,
)
from tests.storage.contract.promises import promises
from tests.support.clock import START
from tests.support.database import execute, path_of

PUBLISH = FollowUpAction.PUBLISH
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
FIRST = FollowUp(1, PUBLISH, CHANNEL, sent_at=START, due_at=START)
SECOND_ONE = replace(FIRST, post_id=2)
DONE = replace(FIRST, status=FollowUpStatus.DONE, tried_at=START + MINUTE)


@pytest.fixture
async def outbox(store: Store) -> Store:
    """A store with two messages in a channel, of stories 1 and 2, and one in another."""
    await fill(store)
    await insert(store, (1, 1), (2, 1), (1, 2))
    for post_id in (1, 2, 3):
        await change(store, post_id, status=PostStatus.SENT, message_id=500 + post_id)
    return store


async def add(store: Store, *follow_ups: FollowUp, now: datetime = START) -> None:
    """Insert follow-ups."""
    await store.transact(lambda transaction: transaction.insert_follow_ups(follow_ups, now))


async def update(store: Store, *follow_ups: FollowUp, now: datetime = START) -> None:
    """Replace follow-ups."""
    await store.transact(lambda transaction: transaction.update_follow_ups(follow_ups, now))


async def waiting(store: Store, channel: int = CHANNEL) -> list[WaitingFollowUp]:
    """Those that wait in a channel."""
    return list(await store.transact(lambda each: each.waiting_follow_ups(channel, PUBLISH)))


async def due_channels(store: Store, now: datetime = START) -> list[int]:
    """The channels with due follow-ups."""
    return [channel for channel, _ in await store.due_follow_ups(now, 9, [])]


@promises(Transaction.insert_follow_ups, Transaction.update_follow_ups, OutboxStore.list_follow_ups)
async def test_a_follow_up_is_stored_once_per_message(outbox: Store) -> None:
    """A second one with the same action changes nothing."""
    await add(outbox, FIRST)
    await add(outbox, replace(FIRST, due_at=START + HOUR), SECOND_ONE)
    assert await outbox.list_follow_ups(1) == [FIRST]
    changed = replace(
        FIRST,
        status=FollowUpStatus.SKIPPED,
        due_at=START + HOUR,
        attempts=3,
        tried_at=START + SECOND,
        reason=TooOld(HOUR, MINUTE),
    )
    await update(outbox, changed)
    assert await outbox.list_follow_ups(1) == [changed]
    assert await outbox.list_follow_ups(2) == [SECOND_ONE]


@promises(Transaction.waiting_follow_ups)
async def test_what_waits_has_what_decides_about_it(outbox: Store) -> None:
    """Of this channel only, without those that are done."""
    other = FollowUp(3, PUBLISH, OTHER_CHANNEL, sent_at=START, due_at=START)
    await add(outbox, FIRST, SECOND_ONE, other)
    assert await waiting(outbox) == [
        WaitingFollowUp(FIRST, 1, 81, withdrawn=False),
        WaitingFollowUp(SECOND_ONE, 1, 82, withdrawn=False),
    ]
    await update(outbox, replace(FIRST, status=FollowUpStatus.DONE))
    assert [each.follow_up.post_id for each in await waiting(outbox)] == [2]


@promises(Transaction.waiting_follow_ups)
async def test_a_message_without_stories_is_withdrawn(outbox: Store) -> None:
    """Of a digest, as soon as all of its stories are."""
    await add(outbox, FIRST)
    await change(outbox, 2, lead_post_id=1)
    await outbox.withdraw_documents(SOURCE, ["1.md"])
    assert [each.withdrawn for each in await waiting(outbox)] == [False]
    await outbox.withdraw_documents(SOURCE, ["2.md"])
    assert [each.withdrawn for each in await waiting(outbox)] == [True]


@promises(Transaction.waiting_follow_ups)
async def test_a_deleted_message_is_withdrawn(outbox: Store) -> None:
    await add(outbox, FIRST)
    await change(outbox, 1, message_removed=True)
    assert [each.withdrawn for each in await waiting(outbox)] == [True]


@promises(Transaction.tried_follow_ups)
async def test_tried_follow_ups_are_counted_since_a_time(outbox: Store) -> None:
    """Those that wait count whenever they were tried."""
    doubtful = replace(SECOND_ONE, tried_at=START)
    await add(outbox, DONE, doubtful, FollowUp(3, PUBLISH, OTHER_CHANNEL, START, START))

    async def tried(since: datetime) -> list[FollowUp]:
        return list(
            await outbox.transact(lambda each: each.tried_follow_ups(CHANNEL, PUBLISH, since))
        )

    assert await tried(START) == [doubtful, DONE]
    assert await tried(START + MINUTE) == [doubtful]


@promises(OutboxStore.due_follow_ups, OutboxStore.next_due_at)
async def test_follow_ups_become_due(outbox: Store) -> None:
    """At most one per channel and action; busy channels are left out."""
    other = FollowUp(3, PUBLISH, OTHER_CHANNEL, START, START - MINUTE)
    await add(outbox, FIRST, replace(SECOND_ONE, due_at=START + HOUR), other)
    due = [(OTHER_CHANNEL, PUBLISH), (CHANNEL, PUBLISH)]
    assert await outbox.due_follow_ups(START, 9, []) == due
    assert await outbox.due_follow_ups(START, 1, []) == due[:1]
    assert await outbox.due_follow_ups(START, 9, [OTHER_CHANNEL]) == due[1:]
    assert await outbox.due_follow_ups(START - SECOND, 9, []) == due[:1]
    assert await outbox.next_due_at(START) == START + HOUR


@promises(OutboxStore.due_follow_ups)
async def test_follow_ups_are_held(outbox: Store) -> None:
    """By pauses, by an edit of the message, and while a removal can be undone."""
    await add(outbox, FIRST)
    for paused_by in PausedBy:
        await outbox.pause_channel(CHANNEL, paused_by, Cause.PAUSED_BY_ADMIN)
        assert not await due_channels(outbox)
        assert not await waiting(outbox)
        await outbox.resume_channel(CHANNEL, paused_by)
    await outbox.transact(lambda transaction: transaction.schedule_edits([1], START))
    assert await due_channels(outbox) == []
    await outbox.transact(lambda transaction: transaction.remove_edit(1))
    await outbox.transact(lambda transaction: transaction.set_removed(1, START))
    assert await due_channels(outbox) == []
    await outbox.transact(lambda transaction: transaction.delete_subscriptions([1]))
    assert await due_channels(outbox) == [CHANNEL]
    assert [each.subscription_id for each in await waiting(outbox)] == [None]


@promises(OutboxStore.due_follow_ups, GuildStore.leave_guild)
async def test_a_server_that_was_left_holds_follow_ups(outbox: Store) -> None:
    await add(outbox, FIRST)
    await outbox.leave_guild(GUILD, START)
    assert await due_channels(outbox) == []


@promises(OutboxStore.due_edits)
async def test_an_edit_knows_that_its_message_is_published(outbox: Store) -> None:
    await outbox.transact(lambda transaction: transaction.schedule_edits([1], START))
    assert [each.published for each in await outbox.due_edits(START, 9, [])] == [False]
    await add(outbox, DONE)
    assert [each.published for each in await outbox.due_edits(START, 9, [])] == [True]


@promises(OutboxStore.correct_times)
async def test_a_clock_set_back_corrects_follow_ups(outbox: Store) -> None:
    """Those that wait for less than an hour go on waiting."""
    earlier = START - 5 * HOUR
    await add(outbox, FIRST, DONE, replace(SECOND_ONE, due_at=earlier + MINUTE), now=earlier)
    await outbox.correct_times(earlier, lambda _, now: now)
    assert await outbox.list_follow_ups(1) == [replace(FIRST, sent_at=earlier, due_at=earlier)]
    assert await outbox.list_follow_ups(2) == [
        replace(SECOND_ONE, sent_at=earlier, due_at=earlier + MINUTE)
    ]


@promises(OutboxStore.retry_after_outage)
async def test_an_outage_of_follow_ups_ends(outbox: Store) -> None:
    """Other waits go on."""
    outage = replace(FIRST, due_at=START + HOUR, reason=ServerError(503))
    limited = replace(SECOND_ONE, due_at=START + HOUR, reason=Cause.PUBLISHING_LIMIT)
    await add(outbox, outage, limited)
    await outbox.retry_after_outage(START, [ServerError.code])
    assert await outbox.list_follow_ups(1) == [replace(outage, due_at=START)]
    assert await outbox.list_follow_ups(2) == [limited]


@promises(Transaction.subscription_states)
async def test_a_state_has_the_wanted_follow_ups(outbox: Store) -> None:
    await change_spec(outbox, 1, delivery=DeliveryOptions(publish=True))
    states = await outbox.transact(lambda transaction: transaction.subscription_states([1, 2]))
    assert [states[each].follow_ups for each in (1, 2)] == [{PUBLISH}, set()]


@promises(SubscriptionStore.subscription_activity, MonitoringStore.outbox_state)
async def test_what_waits_to_be_published_is_counted(outbox: Store) -> None:
    limited = replace(FIRST, due_at=START + HOUR, reason=Cause.PUBLISHING_LIMIT)
    activity = await outbox.subscription_activity(GUILD, 1, START)
    assert (activity.unpublished, activity.without_thread) == (None, None)
    discussed = replace(FIRST, action=FollowUpAction.DISCUSS)
    await add(outbox, limited, replace(SECOND_ONE, due_at=START + 2 * HOUR), discussed)
    activity = await outbox.subscription_activity(GUILD, 1, START)
    assert activity.unpublished == WaitingMessages(2, START + HOUR, Cause.PUBLISHING_LIMIT)
    assert activity.without_thread == WaitingMessages(1, START)
    assert (await outbox.outbox_state(START)).follow_ups == 3


@promises(Diagnostics.find_damage)
async def test_a_follow_up_matches_its_post(outbox: Store, diagnostics: Diagnostics) -> None:
    """It belongs to a sent message of its channel, and has a time if it was done."""
    other = FollowUp(3, PUBLISH, OTHER_CHANNEL, START, START)
    await add(outbox, DONE, SECOND_ONE, other)

    async def damaged() -> dict[str, str]:
        found = await diagnostics.find_damage(deep=True)
        return {each.place: each.problem for each in found if "follow_ups" in each.place}

    assert await damaged() == {}
    await change(outbox, 2, status=PostStatus.FAILED)
    await add(outbox, FollowUp(1, FollowUpAction.DISCUSS, OTHER_CHANNEL, START, START))
    await update(outbox, replace(other, status=FollowUpStatus.DONE))
    assert await damaged() == {
        "follow_ups 1, discuss": "channel_id differs from that of its post",
        "follow_ups 2, publish": "is for a post that is not sent",
        "follow_ups 3, publish": "was done, but never tried",
    }


@promises(Diagnostics.find_damage)
async def test_a_follow_up_without_a_post_is_damage(
    outbox: Store, diagnostics: Diagnostics
) -> None:
    await add(outbox, FIRST)
    execute(path_of(outbox), "DELETE FROM post_history; DELETE FROM posts WHERE id = 1")
    found = {each.place: each.problem for each in await diagnostics.find_damage()}
    assert found == {"follow_ups": "refers to a row of posts that does not exist"}
