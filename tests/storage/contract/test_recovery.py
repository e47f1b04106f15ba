"""What a start on a restored backup records about channels."""

from datetime import timedelta

import pytest

from storage.models import Look
from storage.posts import (
    Announced,
    ChannelToRecover,
    FollowUpAction,
    Placement,
    PostStatus,
    RecoveredChannel,
)
from storage.protocols import KeyValueStore, RecoveryStore, Store
from storage.protocols.transaction import Transaction
from storage.reasons import Cause
from tests.storage.contract.planned import CHANNEL, GUILD, OTHER_CHANNEL, change, fill, insert
from tests.storage.contract.promises import promises
from tests.support.clock import START

HOUR = timedelta(hours=1)
BACKUP = "2026-11-23T12:00:00+00:00"


@pytest.fixture
async def outbox(store: Store) -> Store:
    """A store with six stories, and a subscription of each channel."""
    await fill(store)
    return store


async def record(
    store: Store, channel: RecoveredChannel, shown: dict[str, Announced] | None = None
) -> None:
    """Record what a channel shows."""
    await store.transact(lambda transaction: transaction.record_recovery(channel, shown or {}))


@promises(KeyValueStore.delete_value)
async def test_a_value_is_deleted(store: Store) -> None:
    """Deleting a missing one changes nothing."""
    await store.set_value("a", "b")
    for _ in range(2):
        await store.delete_value("a")
        assert await store.get_value("a") is None


@promises(
    RecoveryStore.channels_to_recover, RecoveryStore.recovered_from, Transaction.record_recovery
)
async def test_each_channel_is_recovered_once_per_backup(outbox: Store) -> None:
    """Those with subscriptions or with posts that may still be sent."""
    await outbox.transact(lambda transaction: transaction.set_removed(2, START))
    await insert(outbox, (1, 1))
    both = [ChannelToRecover(GUILD, each) for each in (CHANNEL, OTHER_CHANNEL)]
    assert list(await outbox.channels_to_recover(BACKUP)) == both
    first = RecoveredChannel(CHANNEL, BACKUP, START, 7, Cause.HISTORY_FORBIDDEN)
    await record(outbox, first)
    assert list(await outbox.channels_to_recover(BACKUP)) == both[1:]
    assert list(await outbox.recovered_from(BACKUP)) == [first]
    assert list(await outbox.channels_to_recover("another")) == both
    assert list(await outbox.recovered_from("another")) == []


@promises(RecoveryStore.forget_recoveries, Transaction.recovered_channels)
async def test_old_recoveries_are_forgotten(outbox: Store) -> None:
    shown = {"https://news.example/1": Announced(5, START, Placement.STORY)}
    await record(outbox, RecoveredChannel(CHANNEL, BACKUP, START, 1), shown)
    await record(outbox, RecoveredChannel(OTHER_CHANNEL, BACKUP, START + HOUR, 1), shown)
    await outbox.forget_recoveries(START + HOUR)

    async def work(transaction: Transaction) -> None:
        assert list(await transaction.recovered_channels()) == [OTHER_CHANNEL]
        pairs = [(1, CHANNEL), (1, OTHER_CHANNEL)]
        assert list(await transaction.find_announced(pairs)) == pairs[1:]

    await outbox.transact(work)


@promises(Transaction.find_announced)
async def test_stories_are_found_by_their_addresses(outbox: Store) -> None:
    """In their own channel; what was recorded last counts."""
    story, digest = (
        Announced(5, START, Placement.STORY, 5, Look.GALLERY, frozenset(FollowUpAction)),
        Announced(6, START, Placement.DIGEST),
    )
    shown = {"https://news.example/1": story, "https://news.example/9": digest}
    await record(outbox, RecoveredChannel(CHANNEL, BACKUP, START, 1), shown)
    await record(
        outbox, RecoveredChannel(CHANNEL, BACKUP, START, 1), {"https://news.example/2": digest}
    )
    pairs = [(1, CHANNEL), (1, OTHER_CHANNEL), (2, CHANNEL), (3, CHANNEL), (99, CHANNEL)]
    found = await outbox.transact(lambda transaction: transaction.find_announced(pairs))
    assert found == {(1, CHANNEL): story, (2, CHANNEL): digest}


@promises(Transaction.unsettled_posts, Transaction.posts_of_messages)
async def test_the_posts_of_a_channel_are_found(outbox: Store) -> None:
    """Those that may still be sent or shown, and those of messages."""
    await insert(outbox, (1, 1), (2, 1), (3, 1), (4, 1), (1, 2))
    await change(outbox, 2, status=PostStatus.FOLDED, lead_post_id=1)
    await change(outbox, 3, status=PostStatus.SENT, message_id=500)
    await change(outbox, 4, status=PostStatus.SENT, message_id=500, lead_post_id=3)

    async def work(transaction: Transaction) -> None:
        assert [post.id for post in await transaction.unsettled_posts(CHANNEL)] == [1, 2]
        found = await transaction.posts_of_messages(CHANNEL, [500, 501])
        assert {message: post.id for message, post in found.items()} == {500: 3}
        assert await transaction.posts_of_messages(OTHER_CHANNEL, [500]) == {}

    await outbox.transact(work)
