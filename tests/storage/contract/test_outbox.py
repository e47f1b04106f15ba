"""The outbox as sender, planner and operators read it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from storage.errors import NotFoundError, StoreLockedError
from storage.models import DeliveryOptions, Digest, DigestDays, PausedBy
from storage.open import open_store
from storage.posts import PostEvent, PostStatus
from storage.protocols import OutboxStore, Store
from storage.protocols.transaction import Transaction
from storage.reasons import Cause, ConnectionLost, ServerError, TooOld
from tests.storage.contract.adapters import Adapter
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
from tests.support.articles import make_article, make_documents
from tests.support.clock import START

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
OLD = TooOld(9 * DAY, 7 * DAY)
DIGEST = DeliveryOptions(digest=Digest(DigestDays.DAILY, time(8)))


@pytest.fixture
async def outbox(store: Store) -> Store:
    """A store with six stories and two subscriptions."""
    await fill(store)
    return store


@promises(OutboxStore.acquire_outbox)
async def test_one_process_owns_the_outbox(adapter: Adapter, other: Store) -> None:
    """A second owner is refused until the first one closes its store; others may write."""
    async with open_store(adapter.url) as first:
        await first.acquire_outbox()
        with pytest.raises(StoreLockedError, match="another Storywire"):
            await other.acquire_outbox()
        await other.set_value("x", "1")
    await other.acquire_outbox()


@promises(OutboxStore.transact)
async def test_a_transaction_returns_what_its_work_returns(outbox: Store, other: Store) -> None:
    """It sees its own writes; other processes see them after the commit."""
    await insert(outbox, (1, 1))

    async def work(transaction: Transaction) -> tuple[int, int]:
        await transaction.move_cursor(3)
        elsewhere = (await other.planner_snapshot(9)).cursor
        return (await transaction.planner_cursor()).revision, elsewhere

    assert await outbox.transact(work) == (3, 0)
    assert (await other.planner_snapshot(9)).cursor == 3


@promises(OutboxStore.transact)
@pytest.mark.parametrize("error", [LookupError(), NotFoundError("there is no post 99")])
async def test_a_transaction_that_raises_leaves_nothing(
    outbox: Store, adapter: Adapter, error: Exception
) -> None:
    """All of its writes are rolled back, and the next transaction is not affected."""
    before = adapter.contents()

    async def work(transaction: Transaction) -> None:
        await transaction.move_cursor(3)
        await transaction.set_seen(1, [1, 2])
        raise error

    with pytest.raises(type(error)):
        await outbox.transact(work)
    assert adapter.contents() == before
    assert await insert(outbox, (1, 1)) == 1


@promises(OutboxStore.transact)
async def test_a_cancelled_transaction_is_finished(outbox: Store) -> None:
    """Once it has begun, its caller gets the cancellation when it ends."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(transaction: Transaction) -> None:
        await transaction.move_cursor(3)
        begun.set()
        await go_on.wait()
        await transaction.set_seen(1, [4])

    running = asyncio.create_task(outbox.transact(work))
    await begun.wait()
    running.cancel()
    await asyncio.sleep(0)
    assert not running.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await outbox.planner_snapshot(9)).cursor == 3
    assert await outbox.seen_by(GUILD, 4) == {1}


@promises(OutboxStore.transact)
async def test_transactions_of_two_processes_take_turns(outbox: Store, other: Store) -> None:
    """Each one sees what the previous one has written, so no update is lost."""

    async def count(transaction: Transaction) -> None:
        cursor = await transaction.planner_cursor()
        await asyncio.sleep(0)
        await transaction.move_cursor(cursor.revision + 1)

    await asyncio.gather(*(store.transact(count) for store in [outbox, other] * 3))
    assert (await outbox.planner_snapshot(9)).cursor == 6


@promises(OutboxStore.planner_snapshot)
async def test_the_planner_sees_stories_in_the_order_of_revisions(outbox: Store) -> None:
    """They come after its cursor, at most as many as requested, including withdrawn ones."""
    await outbox.save_documents(SOURCE, make_documents(make_article(2, title="Edited")), START)
    await outbox.withdraw_documents(SOURCE, ["3.md"])
    snapshot = await outbox.planner_snapshot(9)
    assert [story.id for story in snapshot.stories] == [1, 4, 5, 6, 2, 3]
    assert [story.withdrawn for story in snapshot.stories] == [False] * 5 + [True]
    revisions = [story.revision for story in snapshot.stories]
    assert revisions == sorted(revisions)
    await outbox.transact(lambda transaction: transaction.move_cursor(revisions[1]))
    snapshot = await outbox.planner_snapshot(3)
    assert (snapshot.cursor, [story.id for story in snapshot.stories]) == (revisions[1], [5, 6, 2])
    await outbox.transact(lambda transaction: transaction.move_cursor(revisions[-1]))
    snapshot = await outbox.planner_snapshot(9)
    assert (snapshot.cursor, snapshot.stories, snapshot.subscriptions) == (revisions[-1], (), ())


@promises(OutboxStore.planner_snapshot)
async def test_the_planner_sees_the_posts_of_its_stories(outbox: Store) -> None:
    """It sees posts that can't be replaced, and the subscriptions to which a story is not news."""
    await insert(outbox, (1, 1), (2, 2))
    await change(outbox, 2, status=PostStatus.SKIPPED, reason=OLD, replaceable=True)
    await outbox.transact(lambda transaction: transaction.set_seen(2, [3]))
    await outbox.transact(lambda transaction: transaction.record_planned([1, 2], START))
    await outbox.withdraw_documents(SOURCE, ["2.md"])
    snapshot = await outbox.planner_snapshot(9, planned_since=START - SECOND)
    assert snapshot.posted == {(1, CHANNEL)}
    assert snapshot.seen == {(2, 3)}
    assert [story.id for story in snapshot.recent] == [1]
    assert (await outbox.planner_snapshot(9, planned_since=START)).recent == ()


@promises(OutboxStore.planner_snapshot)
async def test_the_planner_sees_active_subscriptions(outbox: Store) -> None:
    """A pause by the bot only holds posts; during a pause by an admin nothing is planned."""

    async def seen() -> list[int]:
        return [each.id for each in (await outbox.planner_snapshot(9)).subscriptions]

    await outbox.pause_channel(CHANNEL, PausedBy.BOT, Cause.EMBED_REMOVED)
    await outbox.leave_guild(GUILD, START)
    assert await seen() == [1, 2]
    await outbox.transact(lambda transaction: transaction.set_pause(1, Cause.PAUSED_BY_ADMIN))
    assert await seen() == [2]
    await outbox.transact(lambda transaction: transaction.set_removed(2, START))
    assert await seen() == []


@promises(OutboxStore.has_due_posts)
async def test_a_post_is_due_at_its_time_in_an_idle_channel(outbox: Store) -> None:
    """It is not due a moment earlier, nor while the channel is busy."""
    assert not await outbox.has_due_posts(START, [])
    await insert(outbox, (1, 1))
    assert await outbox.has_due_posts(START, [OTHER_CHANNEL])
    assert not await outbox.has_due_posts(START - timedelta(microseconds=1), [])
    assert not await outbox.has_due_posts(START, [OTHER_CHANNEL, CHANNEL])


@promises(OutboxStore.has_due_posts)
@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"status": PostStatus.RETRY}, True),
        ({"status": PostStatus.CLAIMED}, False),
        ({"status": PostStatus.SENT}, False),
        ({"status": PostStatus.SKIPPED}, False),
        ({"status": PostStatus.FAILED}, False),
        ({"status": PostStatus.UNCERTAIN}, False),
        ({"status": PostStatus.FOLDED, "lead_post_id": 2}, False),
        ({"lead_post_id": 2, "digest_position": 2}, False),
        ({"subscription_id": None}, False),
        ({"subscription_id": None, "unknown_since": START}, True),
    ],
    ids=str,
)
async def test_the_status_of_a_post_decides_if_it_is_due(
    outbox: Store, fields: dict[str, Any], due: bool
) -> None:
    """A post of a digest waits for its lead post; one that may be sent is settled in any case."""
    await insert(outbox, (1, 1))
    await insert(outbox, (2, 1), due_at=START + DAY)
    await change(outbox, 1, **fields)
    assert await outbox.has_due_posts(START, []) is due


@promises(OutboxStore.has_due_posts)
async def test_a_held_subscriptions_posts_are_not_due(outbox: Store) -> None:
    """A pause by anyone holds them, and so does leaving the server."""
    await insert(outbox, (1, 1))
    await outbox.pause_channel(CHANNEL, PausedBy.BOT, Cause.EMBED_REMOVED)
    assert not await outbox.has_due_posts(START, [])
    await outbox.resume_channel(CHANNEL, PausedBy.BOT)
    await outbox.transact(lambda transaction: transaction.set_pause(1, Cause.PAUSED_BY_ADMIN))
    assert not await outbox.has_due_posts(START, [])
    await outbox.transact(lambda transaction: transaction.set_pause(1, None))
    await outbox.leave_guild(GUILD, START)
    assert not await outbox.has_due_posts(START, [])
    await outbox.rejoin_guild(GUILD)
    assert await outbox.has_due_posts(START, [])
    await outbox.transact(lambda transaction: transaction.set_removed(1, START))
    assert not await outbox.has_due_posts(START, [])


@promises(OutboxStore.has_due_posts)
@pytest.mark.parametrize(
    ("status", "settled_at", "due"),
    [
        (PostStatus.SENT, START - HOUR, True),
        (PostStatus.SENT, START - HOUR + SECOND, False),
        (PostStatus.UNCERTAIN, START, False),
        (PostStatus.SKIPPED, START, True),
        (PostStatus.CLAIMED, None, False),
        # Sent before the clock was set back.
        (PostStatus.SENT, START + HOUR, True),
    ],
)
async def test_a_subscription_has_an_hourly_cap(
    outbox: Store, status: PostStatus, settled_at: datetime | None, due: bool
) -> None:
    """Sent and uncertain posts count for an hour; one with an unknown outcome is due anyway."""
    await change_spec(outbox, 1, max_per_hour=1)
    await insert(outbox, (1, 1), (2, 1))
    await change(outbox, 1, status=status, settled_at=settled_at)
    assert await outbox.has_due_posts(START, []) is due
    await change(outbox, 2, status=PostStatus.RETRY, unknown_since=START)
    assert await outbox.has_due_posts(START, [])


@promises(OutboxStore.due_edits, OutboxStore.count_edits)
async def test_edits_are_due_one_per_channel(outbox: Store) -> None:
    """The first due edit comes, none in a busy or closed channel; an admin's pause holds none."""
    await insert(outbox, (1, 1), (2, 1), (3, 2))
    for post in (1, 2, 3):
        await change(outbox, post, status=PostStatus.SENT, message_id=500 + post)

    async def schedule(transaction: Transaction) -> None:
        await transaction.schedule_edits([1, 3], START)
        await transaction.schedule_edits([2], START - SECOND)

    await outbox.transact(schedule)
    assert await outbox.count_edits() == 3

    async def due(*busy: int, limit: int = 9) -> list[int]:
        return [edit.post.id for edit in await outbox.due_edits(START, limit, busy)]

    assert await due() == [2, 3]
    assert await due(limit=1) == [2]
    assert await due(CHANNEL) == [3]
    assert [edit.post.id for edit in await outbox.due_edits(START - SECOND, 9, [])] == [2]
    await outbox.pause_channel(OTHER_CHANNEL, PausedBy.BOT, Cause.EMBED_REMOVED)
    await outbox.transact(lambda transaction: transaction.set_pause(1, Cause.PAUSED_BY_ADMIN))
    assert await due() == [2]


@promises(OutboxStore.due_edits)
async def test_an_edit_has_the_current_stories(outbox: Store) -> None:
    """It has a hash of each story's visible content, so that a later change is noticed."""
    await insert(outbox, (1, 1))
    await change(outbox, 1, status=PostStatus.SENT, message_id=501)
    await outbox.transact(lambda transaction: transaction.schedule_edits([1], START))
    (before,) = await outbox.due_edits(START, 9, [])
    await outbox.save_documents(SOURCE, make_documents(make_article(1, title="Edited")), START)
    (after,) = await outbox.due_edits(START, 9, [])
    assert (before.story.article.title, after.story.article.title) == ("Story 1", "Edited")
    assert before.shown.keys() == after.shown.keys() == {1}
    assert before.shown != after.shown
    assert after.subscription is not None
    assert after.subscription.id == 1


@promises(OutboxStore.delay_edit, OutboxStore.drop_edit)
async def test_an_edit_is_delayed_or_dropped(outbox: Store) -> None:
    """A delay counts as an attempt, and a dropped edit is removed."""
    await insert(outbox, (1, 1))
    await change(outbox, 1, status=PostStatus.SENT, message_id=501)
    await outbox.transact(lambda transaction: transaction.schedule_edits([1], START))
    (edit,) = await outbox.due_edits(START, 9, [])
    assert edit.attempts == 0
    await outbox.delay_edit(edit, START + HOUR)
    assert await outbox.due_edits(START, 9, []) == []
    assert await outbox.next_due_at(START) == START + HOUR
    (edit,) = await outbox.due_edits(START + HOUR, 9, [])
    assert edit.attempts == 1
    await outbox.drop_edit(edit)
    await outbox.drop_edit(edit)
    assert await outbox.count_edits() == 0


@promises(OutboxStore.next_due_at)
async def test_the_next_due_time_is_that_of_a_post_or_an_edit(outbox: Store) -> None:
    """It is the first one after a given time; held posts have none."""
    assert await outbox.next_due_at(START) is None
    await insert(outbox, (1, 1), due_at=START + DAY)
    await insert(outbox, (2, 2), due_at=START + HOUR)
    assert await outbox.next_due_at(START) == START + HOUR
    assert await outbox.next_due_at(START + HOUR) == START + DAY
    await outbox.pause_channel(OTHER_CHANNEL, PausedBy.BOT, Cause.EMBED_REMOVED)
    assert await outbox.next_due_at(START) == START + DAY
    await outbox.transact(lambda transaction: transaction.schedule_edits([2], START + SECOND))
    assert await outbox.next_due_at(START) == START + SECOND


@promises(OutboxStore.next_due_at)
async def test_a_full_cap_does_not_hide_future_posts(outbox: Store) -> None:
    """The cap may have room by then."""
    await change_spec(outbox, 1, max_per_hour=1)
    await insert(outbox, (1, 1), (2, 1))
    await change(outbox, 1, status=PostStatus.SENT, message_id=500, settled_at=START)
    await change(outbox, 2, due_at=START + HOUR)
    assert await outbox.next_due_at(START) == START + HOUR


@promises(OutboxStore.has_capped_posts)
async def test_only_an_hourly_cap_holds_capped_posts(outbox: Store) -> None:
    """Future posts, paused subscriptions and digests don't count."""
    await insert(outbox, (1, 1), (1, 2))
    assert not await outbox.has_capped_posts(START)
    await change_spec(outbox, 1, max_per_hour=1)
    assert await outbox.has_capped_posts(START)
    assert not await outbox.has_capped_posts(START - SECOND)
    await outbox.pause_channel(CHANNEL, PausedBy.BOT, Cause.EMBED_REMOVED)
    assert not await outbox.has_capped_posts(START)
    await outbox.resume_channel(CHANNEL, PausedBy.BOT)
    await outbox.leave_guild(GUILD, START)
    assert not await outbox.has_capped_posts(START)
    await outbox.rejoin_guild(GUILD)
    assert await outbox.has_capped_posts(START)
    await change_spec(outbox, 1, delivery=DIGEST)
    assert not await outbox.has_capped_posts(START)


@promises(OutboxStore.data_version)
async def test_each_commit_changes_the_data_version(outbox: Store, other: Store) -> None:
    """Commits of this and other processes change it; reading does not."""
    seen = [await outbox.data_version()]
    await other.get_value("x")
    assert await outbox.data_version() == seen[0]
    for store in (outbox, other, other, outbox):
        await store.set_value("x", str(len(seen)))
        seen.append(await outbox.data_version())
    assert len(set(seen)) == 5
    assert await outbox.data_version() == seen[-1]


@promises(OutboxStore.correct_times)
async def test_times_after_a_jump_back_are_corrected(outbox: Store) -> None:
    """Posts that the later clock delayed are due at the given time; others keep theirs."""
    await change_spec(outbox, 2, delivery=DIGEST)
    later, digest = START + DAY, START + 20 * HOUR
    await insert(outbox, (1, 1), due_at=START + HOUR, now=START - HOUR)
    await insert(outbox, (2, 1), due_at=later + HOUR, now=later)
    await insert(outbox, (1, 2), due_at=START + 19 * HOUR, now=later)
    await insert(outbox, (2, 2), due_at=START + 9 * DAY, now=later)
    await insert(outbox, (3, 2), due_at=START + 9 * DAY, now=START - HOUR)
    await insert(outbox, (3, 1), due_at=START + 9 * DAY, now=START - HOUR)
    await change(outbox, 6, status=PostStatus.RETRY, unknown_since=START - HOUR)
    await outbox.transact(lambda transaction: transaction.schedule_edits([1], later))
    await outbox.correct_times(START, lambda options, now: now if options != DIGEST else digest)
    assert [(await outbox.get_post(number)).due_at for number in range(1, 7)] == [
        START + HOUR,
        START,
        START + 19 * HOUR,
        digest,
        digest,
        START,
    ]
    assert (await outbox.get_post(2)).planned_at == START
    assert len(await outbox.due_edits(START, 9, [])) == 1


@promises(OutboxStore.correct_times)
async def test_no_time_stays_in_the_future(outbox: Store) -> None:
    """A removal, a departure, a draft and the age of news count from now."""
    later = START + 3650 * DAY
    await outbox.save_draft(GUILD, 7, "{}", later)
    await outbox.leave_guild(GUILD, later)
    (subscription, *_) = await outbox.list_subscriptions(GUILD)
    await outbox.transact(
        lambda transaction: transaction.update_subscription(
            subscription.id, subscription.spec, later
        )
    )
    await outbox.transact(lambda transaction: transaction.set_removed(2, later))
    await outbox.correct_times(START, lambda _, now: now)
    (subscription, *_) = await outbox.list_subscriptions(GUILD)
    assert subscription.fresh_after == START

    async def find(transaction: Transaction) -> tuple[Sequence[int], Sequence[int]]:
        removed = await transaction.find_subscriptions(removed_by=START)
        return removed, await transaction.find_subscriptions(left_before=START + HOUR)

    assert await outbox.transact(find) == ([2], [1, 2])
    await outbox.remove_old_drafts(START + HOUR)
    with pytest.raises(NotFoundError):
        await outbox.get_draft(GUILD, 1)


@promises(OutboxStore.retry_after_outage)
async def test_the_end_of_an_outage_ends_waits_because_of_it(outbox: Store) -> None:
    """Waits that Discord asked for last, and so do those of posts that were never tried."""
    later = START + HOUR
    await insert(outbox, (1, 1), (2, 1), (1, 2), (2, 2))
    reasons = [ServerError(503), Cause.RATE_LIMITED, ConnectionLost("reset")]
    for number, reason in enumerate(reasons, 1):
        await change(outbox, number, status=PostStatus.RETRY, reason=reason, due_at=later)
    await change(outbox, 4, due_at=later)
    await outbox.transact(lambda transaction: transaction.schedule_edits([4], START))
    (edit,) = await outbox.due_edits(START, 9, [])
    await outbox.delay_edit(edit, later)
    await outbox.retry_after_outage(START, ["server_error", "connection_lost"])
    due = [(await outbox.get_post(number)).due_at for number in (1, 2, 3, 4)]
    assert due == [START, later, START, later]
    assert len(await outbox.due_edits(START, 9, [])) == 1


@promises(OutboxStore.get_post, OutboxStore.find_post)
async def test_a_post_is_found_by_id_or_story_and_channel(outbox: Store) -> None:
    """It is as planned; other channels and stories have none."""
    await insert(outbox, (1, 1), due_at=START + HOUR, catch_up=True)
    post = await outbox.get_post(1)
    assert (post.story_id, post.subscription_id, post.guild_id) == (1, 1, GUILD)
    assert (post.channel_id, post.nonce, post.status) == (CHANNEL, "nonce-1-1", PostStatus.PLANNED)
    assert (post.planned_at, post.due_at, post.catch_up) == (START, START + HOUR, True)
    assert (post.attempts, post.reason, post.message_id) == (0, None, None)
    assert await outbox.find_post(1, CHANNEL) == post
    assert await outbox.find_post(1, OTHER_CHANNEL) is None
    assert await outbox.find_post(2, CHANNEL) is None


@promises(OutboxStore.get_post, OutboxStore.get_delivered, OutboxStore.post_history)
async def test_a_missing_post_is_not_found(outbox: Store) -> None:
    """Every method raises `NotFoundError`."""
    for asked in (outbox.get_post(1), outbox.get_delivered(1), outbox.post_history(1)):
        with pytest.raises(NotFoundError):
            await asked


@promises(OutboxStore.get_delivered)
async def test_a_post_has_everything_that_its_message_shows(outbox: Store) -> None:
    """The stories of its digest are in order, and withdrawn coverage is left out."""
    await insert(outbox, (1, 1), (2, 1), (3, 1), (4, 1), (5, 2))
    await change(outbox, 1, status=PostStatus.SENT, message_id=501, digest_position=2)
    await change(
        outbox, 2, status=PostStatus.SENT, message_id=501, digest_position=1, lead_post_id=1
    )
    for folded in (3, 4):
        await change(outbox, folded, status=PostStatus.FOLDED, lead_post_id=2)
    await outbox.withdraw_documents(SOURCE, ["3.md"])
    shown = await outbox.get_delivered(1)
    assert (shown.post.id, shown.story.id) == (1, 1)
    assert [story.id for story in shown.digest] == [2, 1]
    assert [story.id for story in shown.coverage] == [4]
    assert shown.subscription == await outbox.get_subscription(GUILD, 1)
    await outbox.transact(lambda transaction: transaction.set_removed(2, START))
    alone = await outbox.get_delivered(5)
    assert (alone.digest, alone.coverage, alone.subscription) == ((), (), None)


@promises(OutboxStore.list_posts, OutboxStore.count_posts)
async def test_posts_are_listed_by_status_and_last_change(outbox: Store) -> None:
    """The list is limited, but all posts are counted."""
    await insert(outbox, (1, 1), (2, 1), (3, 1), (4, 1))
    await change(outbox, 1, START + SECOND, status=PostStatus.SENT, message_id=501)
    await change(outbox, 3, START + HOUR, status=PostStatus.SKIPPED, reason=OLD)

    async def listed(statuses: Sequence[PostStatus], limit: int = 9) -> list[int]:
        return [each.post.id for each in await outbox.list_posts(statuses, limit)]

    assert await listed(list(PostStatus)) == [3, 1, 4, 2]
    assert await listed(list(PostStatus), 2) == [3, 1]
    assert await listed([PostStatus.PLANNED]) == [4, 2]
    assert await listed([]) == []
    (sent,) = await outbox.list_posts([PostStatus.SENT], 9)
    assert sent.story == await outbox.get_story(1)
    assert await outbox.count_posts() == {
        PostStatus.PLANNED: 2,
        PostStatus.SENT: 1,
        PostStatus.SKIPPED: 1,
    }


@promises(OutboxStore.post_history)
async def test_a_posts_history_has_every_step(outbox: Store) -> None:
    """A write that changes neither status nor reason is not a step."""
    await insert(outbox, (1, 1))
    await change(outbox, 1, START + SECOND, status=PostStatus.CLAIMED, attempts=1)
    await change(outbox, 1, START + 2 * SECOND, due_at=START + HOUR)
    await change(outbox, 1, START + 3 * SECOND, status=PostStatus.PLANNED, reason=Cause.BOT_STOPPED)
    assert await outbox.post_history(1) == [
        PostEvent(START, PostStatus.PLANNED, None),
        PostEvent(START + SECOND, PostStatus.CLAIMED, None),
        PostEvent(START + 3 * SECOND, PostStatus.PLANNED, Cause.BOT_STOPPED),
    ]


@promises(OutboxStore.has_due_posts)
async def test_a_digest_has_no_hourly_cap(outbox: Store) -> None:
    """All of its stories come together, however many."""
    await change_spec(outbox, 1, max_per_hour=1)
    await insert(outbox, (1, 1), (2, 1))
    await change(outbox, 1, status=PostStatus.SENT, settled_at=START)
    assert not await outbox.has_due_posts(START, [])
    await change_spec(outbox, 1, delivery=DIGEST)
    assert await outbox.has_due_posts(START, [])
