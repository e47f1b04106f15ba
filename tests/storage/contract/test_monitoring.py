"""What operators watch."""

from datetime import timedelta

from storage.models import PausedBy, SourceRun
from storage.posts import OutboxState, PostStatus
from storage.protocols import MonitoringStore, Store
from storage.reasons import Cause
from tests.storage.contract.planned import CHANNEL, change, fill, insert
from tests.storage.contract.promises import promises
from tests.support.clock import START

HOUR = timedelta(hours=1)


@promises(MonitoringStore.outbox_state)
async def test_the_outbox_says_since_when_a_post_is_due(store: Store) -> None:
    """Posts that a pause holds wait, but are not due."""
    await fill(store)
    assert await store.outbox_state(START) == OutboxState(waiting=0, edits=0, due=0)
    await insert(store, (1, 1), due_at=START - HOUR)
    await insert(store, (2, 1), due_at=START)
    await insert(store, (1, 2), due_at=START + HOUR)
    await store.transact(lambda transaction: transaction.schedule_edits([1], START))
    assert await store.outbox_state(START) == OutboxState(3, 1, 2, START - HOUR)
    await store.pause_channel(CHANNEL, PausedBy.BOT, Cause.EMBED_REMOVED)
    assert await store.outbox_state(START) == OutboxState(waiting=3, edits=1, due=0)


@promises(MonitoringStore.source_runs)
async def test_every_source_has_its_last_read(store: Store) -> None:
    await store.register_sources(["b", "a"])
    await store.record_run("b", START, None)
    await store.record_run("b", START + HOUR, "it is away")
    assert await store.source_runs() == [
        SourceRun("b", START + HOUR, START, "it is away"),
        SourceRun("a"),
    ]


@promises(MonitoringStore.count_changes, MonitoringStore.last_change_before)
async def test_changes_of_posts_are_counted_by_hour(store: Store) -> None:
    """Those before a time can be left out."""
    await fill(store)
    assert await store.last_change_before(START + HOUR) == 0
    for number in range(1, 6):
        await insert(store, (number, 1), now=START + number * HOUR)
    await change(store, 1, START + 3 * HOUR, status=PostStatus.SENT)
    last = await store.last_change_before(START + 3 * HOUR)
    changes = await store.count_changes(last)
    assert changes.counts == {
        (START + 3 * HOUR, PostStatus.PLANNED): 1,
        (START + 4 * HOUR, PostStatus.PLANNED): 1,
        (START + 5 * HOUR, PostStatus.PLANNED): 1,
        (START + 3 * HOUR, PostStatus.SENT): 1,
    }
    assert (await store.count_changes(changes.last)).counts == {}
    assert (await store.count_changes(changes.last)).last == changes.last
    assert await store.last_change_before(START) == 0
