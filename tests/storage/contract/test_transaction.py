"""Queries and updates inside one transaction of the outbox."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from storage.errors import NotFoundError
from storage.models import (
    DeliveryOptions,
    Digest,
    DigestDays,
    Look,
    PausedBy,
    Rules,
    SubscriptionSpec,
)
from storage.posts import NewPost, Post, PostEvent, PostStatus, StoryFacts
from storage.protocols import Store
from storage.protocols.transaction import Transaction
from storage.reasons import BestSoFar, Cause, TooOld
from tests.storage.contract.planned import (
    CHANNEL,
    GUILD,
    OTHER_CHANNEL,
    SOURCE,
    add_subscription,
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


@pytest.fixture
async def outbox(store: Store) -> Store:
    """A store with six stories of increasing quality, and a subscription of each channel."""
    await fill(store)
    return store


def ids(posts: Sequence[Post]) -> list[int]:
    """The ids of posts, in order."""
    return [post.id for post in posts]


@promises(Transaction.planner_cursor, Transaction.move_cursor, Transaction.rewind_cursor)
async def test_the_cursor_moves_forward_and_back(outbox: Store) -> None:
    """Rewinding never moves it forward, and always marks older snapshots as outdated."""

    async def work(transaction: Transaction) -> list[int]:
        versions = [(await transaction.planner_cursor()).subscriptions_version]
        await transaction.move_cursor(5)
        for revision, expected in ((7, 5), (None, 5), (2, 2)):
            await transaction.rewind_cursor(revision)
            cursor = await transaction.planner_cursor()
            assert cursor.revision == expected
            versions.append(cursor.subscriptions_version)
        return versions

    versions = await outbox.transact(work)
    assert len(set(versions)) == 4
    assert (await outbox.planner_snapshot(9)).subscriptions_version == versions[-1]


@promises(Transaction.insert_posts)
async def test_posts_are_planned_for_subscriptions_that_exist(outbox: Store) -> None:
    """A removed one gets none; the history starts with the planning."""
    await outbox.transact(lambda transaction: transaction.set_removed(2, START))
    assert await insert(outbox, (1, 1), (1, 2), (2, 1), now=START + SECOND) == 2
    gone = NewPost(3, 99, GUILD, CHANNEL, "nonce-3-99", START)
    assert await outbox.transact(lambda transaction: transaction.insert_posts([gone], START)) == 0
    assert await outbox.transact(lambda transaction: transaction.insert_posts([], START)) == 0
    assert await outbox.find_post(1, OTHER_CHANNEL) is None
    for post in (1, 2):
        expected = [PostEvent(START + SECOND, PostStatus.PLANNED, None)]
        assert await outbox.post_history(post) == expected
    best = replace(gone, subscription_id=1, catch_up=True, reason=BestSoFar(3))
    assert await outbox.transact(lambda transaction: transaction.insert_posts([best], START)) == 1
    assert (await outbox.get_post(3)).reason == BestSoFar(3)
    assert [event.reason for event in await outbox.post_history(3)] == [BestSoFar(3)]


@promises(
    Transaction.get_posts,
    Transaction.find_posts,
    Transaction.posts_with_status,
    Transaction.posts_led_by,
)
async def test_posts_are_found_in_the_order_of_their_ids(outbox: Store) -> None:
    """Every query sorts by id and leaves out missing posts."""
    await insert(outbox, (1, 1), (2, 1), (3, 1), (1, 2))
    await change(outbox, 2, status=PostStatus.FOLDED, lead_post_id=1)
    await change(outbox, 3, status=PostStatus.FOLDED, lead_post_id=1)

    async def work(transaction: Transaction) -> None:
        assert ids(await transaction.get_posts([4, 99, 1])) == [1, 4]
        assert await transaction.get_posts([]) == []
        places = [(1, OTHER_CHANNEL), (2, CHANNEL), (2, OTHER_CHANNEL), (9, CHANNEL)]
        assert ids(await transaction.find_posts(places)) == [2, 4]
        assert ids(await transaction.posts_with_status(PostStatus.FOLDED)) == [2, 3]
        assert ids(await transaction.posts_with_status(PostStatus.SENT)) == []
        assert ids(await transaction.posts_led_by([1, 4])) == [2, 3]
        assert ids(await transaction.posts_led_by([2])) == []

    await outbox.transact(work)


@promises(Transaction.waiting_posts)
async def test_waiting_posts_are_unsent_lead_posts(outbox: Store) -> None:
    """The other posts of a digest don't count, nor do posts that may be sent."""
    await insert(outbox, *((story, 1) for story in range(1, 7)), (1, 2))
    await change(outbox, 2, status=PostStatus.RETRY, due_at=START + HOUR)
    await change(outbox, 3, status=PostStatus.RETRY, unknown_since=START)
    await change(outbox, 4, lead_post_id=1, digest_position=2)
    await change(outbox, 5, status=PostStatus.SENT)
    await change(outbox, 6, status=PostStatus.FOLDED, lead_post_id=1)

    async def work(transaction: Transaction) -> None:
        assert ids(await transaction.waiting_posts([1])) == [1, 2]
        assert ids(await transaction.waiting_posts([1], START)) == [1]
        assert ids(await transaction.waiting_posts([1, 2], START + HOUR)) == [1, 2, 7]
        assert ids(await transaction.waiting_posts([])) == []

    await outbox.transact(work)


@promises(Transaction.next_posts)
async def test_the_next_post_of_a_channel_is_the_best(outbox: Store) -> None:
    """Posts that may be sent come before it, and catch-up posts in their own order."""

    async def following(limit: int = 9, *busy: int) -> list[int]:
        return ids(
            await outbox.transact(lambda transaction: transaction.next_posts(START, limit, busy))
        )

    await insert(outbox, (1, 1), (5, 1), (3, 1), due_at=START - SECOND)
    await insert(outbox, (2, 2), due_at=START - HOUR)
    await insert(outbox, (6, 1), due_at=START + SECOND)
    assert await following() == [4, 2]
    assert await following(1) == [4]
    assert await following(9, OTHER_CHANNEL) == [2]
    await change(outbox, 3, catch_up=True)
    await change(outbox, 1, catch_up=True)
    assert await following() == [4, 1]
    await change(outbox, 3, unknown_since=START)
    assert await following() == [3, 4]
    await outbox.pause_channel(OTHER_CHANNEL, PausedBy.BOT, Cause.EMBED_REMOVED)
    assert await following() == [3]


@promises(Transaction.update_posts)
async def test_a_post_is_stored_completely(outbox: Store) -> None:
    """Only a change of status, reason or nonce adds a step to its history."""
    await insert(outbox, (1, 1), (2, 1))
    post = Post(
        id=1,
        story_id=1,
        subscription_id=2,
        guild_id=GUILD + 1,
        channel_id=CHANNEL,
        nonce="another",
        status=PostStatus.RETRY,
        catch_up=True,
        planned_at=START + SECOND,
        due_at=START + HOUR,
        attempts=3,
        claimed_at=START + 2 * SECOND,
        unknown_since=START + 3 * SECOND,
        settled_at=START + 4 * SECOND,
        message_id=2**60,
        reason=OLD,
        lead_post_id=2,
        digest_position=3,
        shown="digest",
        message_removed=True,
        replaceable=True,
    )
    other = await outbox.get_post(2)
    await outbox.transact(lambda transaction: transaction.update_posts([post], START + DAY))
    assert await outbox.get_post(1) == post
    assert await outbox.get_post(2) == other
    assert (await outbox.post_history(1))[1:] == [PostEvent(START + DAY, PostStatus.RETRY, OLD)]
    planned_again = replace(post, nonce="a third")
    await outbox.transact(lambda transaction: transaction.update_posts([planned_again], START))
    assert len(await outbox.post_history(1)) == 3
    await outbox.transact(lambda transaction: transaction.update_posts([planned_again], START))
    assert len(await outbox.post_history(1)) == 3


@promises(Transaction.record_planned)
async def test_stories_count_as_recently_planned(outbox: Store) -> None:
    """The last time of planning counts."""

    async def recent() -> list[int]:
        snapshot = await outbox.planner_snapshot(9, planned_since=START)
        return [story.id for story in snapshot.recent]

    await outbox.transact(lambda transaction: transaction.record_planned([3, 1], START))
    assert await recent() == []
    await outbox.transact(lambda transaction: transaction.record_planned([3, 2], START + SECOND))
    assert await recent() == [2, 3]


@promises(Transaction.reschedule_posts)
async def test_waiting_posts_are_rescheduled(outbox: Store) -> None:
    """Folded posts are too, but not posts led by a digest, nor posts that are or may be sent."""
    await insert(outbox, *((story, 1) for story in range(1, 7)), (1, 2))
    await change(outbox, 2, status=PostStatus.FOLDED, lead_post_id=1)
    await change(outbox, 3, lead_post_id=1, digest_position=2)
    await change(outbox, 4, status=PostStatus.SENT)
    await change(outbox, 5, status=PostStatus.RETRY, unknown_since=START)
    await change(outbox, 6, status=PostStatus.RETRY)
    await outbox.transact(lambda transaction: transaction.reschedule_posts(1, START + DAY))
    moved = [
        number for number in range(1, 8) if (await outbox.get_post(number)).due_at == START + DAY
    ]
    assert moved == [1, 2, 6]


@promises(Transaction.get_message)
async def test_a_message_is_read_as_written_in_the_transaction(outbox: Store) -> None:
    """Its digest is in order, with the coverage of each story."""
    await insert(outbox, (1, 1), (2, 1), (3, 1))
    posts = [await outbox.get_post(number) for number in (1, 2, 3)]

    async def work(transaction: Transaction) -> None:
        lead, second, folded = posts
        await transaction.update_posts(
            [
                replace(lead, digest_position=1),
                replace(second, digest_position=2, lead_post_id=1),
                replace(folded, status=PostStatus.FOLDED, lead_post_id=2),
            ],
            START,
        )
        message = await transaction.get_message(1)
        assert [story.id for story in message.digest] == [1, 2]
        assert [story.id for story in message.coverage] == [3]
        assert message.subscription is not None
        with pytest.raises(NotFoundError):
            await transaction.get_message(99)

    await outbox.transact(work)


@promises(Transaction.outdated_messages, Transaction.story_facts)
async def test_a_message_with_an_older_story_is_outdated(outbox: Store) -> None:
    """Deleted messages don't count, nor do those sent too long ago."""
    await insert(outbox, (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 2))
    facts = await outbox.transact(lambda transaction: transaction.story_facts(range(1, 7)))
    sent: dict[str, Any] = {"status": PostStatus.SENT, "settled_at": START}
    fields_of: dict[int, dict[str, Any]] = {
        1: sent,
        2: {**sent, "lead_post_id": 1, "digest_position": 2},
        3: {"status": PostStatus.FOLDED, "lead_post_id": 2},
        4: {**sent, "message_removed": True},
        5: sent,
        6: {},
    }
    for post in (1, 4, 5):
        fields_of[post] = {**fields_of[post], "message_id": 500 + post}
    for post, fields in fields_of.items():
        await change(outbox, post, shown=facts[post].visible_hash, **fields)

    async def outdated(**options: Any) -> list[int]:  # noqa: ANN401 - any option
        found = await outbox.transact(lambda transaction: transaction.outdated_messages(**options))
        return sorted(found)

    assert await outdated() == []
    edited = [make_article(number, title=f"Edited {number}") for number in (3, 4, 5, 6)]
    await outbox.save_documents(SOURCE, make_documents(*edited), START)
    assert await outdated() == [1, 5]
    assert await outdated(post_ids=[3, 4]) == [1]
    assert await outdated(sent_after=START - SECOND) == [1, 5]
    assert await outdated(sent_after=START) == []
    revision = (await outbox.get_story(3)).revision
    assert await outdated(revisions=(revision - 1, revision)) == [1]
    assert await outdated(revisions=(revision, revision + 9)) == [5]


@promises(Transaction.schedule_edits, Transaction.remove_edit)
async def test_an_edit_is_scheduled_once_per_message(outbox: Store) -> None:
    """The last due time counts, and its attempts start again."""
    await insert(outbox, (1, 1), (1, 2))
    await outbox.transact(lambda transaction: transaction.schedule_edits([1, 2], START))
    for edit in await outbox.due_edits(START, 9, []):
        await outbox.delay_edit(edit, START + DAY)
    await outbox.transact(lambda transaction: transaction.schedule_edits([1], START + SECOND))
    assert await outbox.count_edits() == 2
    (edit,) = await outbox.due_edits(START + SECOND, 9, [])
    assert (edit.post.id, edit.attempts) == (1, 0)
    await outbox.transact(lambda transaction: transaction.remove_edit(1))
    await outbox.transact(lambda transaction: transaction.remove_edit(1))
    assert await outbox.count_edits() == 1


@promises(Transaction.story_facts)
async def test_story_facts_show_visible_changes(outbox: Store) -> None:
    """An invisible change only changes the revision; missing stories are left out."""

    async def facts() -> StoryFacts:
        found = await outbox.transact(lambda transaction: transaction.story_facts([1, 99]))
        assert found.keys() == {1}
        return found[1]

    first = await facts()
    assert (first.id, first.title, first.quality, first.heat) == (1, "Story 1", 81, -1)
    assert (first.dated_at, first.withdrawn) == (START, False)
    await outbox.save_documents(SOURCE, make_documents(make_article(1, quality=99, heat=5)), START)
    unseen = await facts()
    assert (unseen.quality, unseen.heat, unseen.visible_hash) == (99, 5, first.visible_hash)
    assert unseen.revision > first.revision
    await outbox.save_documents(SOURCE, make_documents(make_article(1, title="Edited")), START)
    assert (await facts()).visible_hash != first.visible_hash
    await outbox.withdraw_documents(SOURCE, ["1.md"])
    gone = await facts()
    assert gone.withdrawn
    assert gone.visible_hash != first.visible_hash


@promises(Transaction.insert_subscription, Transaction.update_subscription)
async def test_a_subscription_is_stored_completely(outbox: Store) -> None:
    """The planner finds it by its new topics at once, and ids are never reused."""
    spec = SubscriptionSpec(30, Rules(topics=("Größe",), min_quality=7), 3)
    number = await outbox.transact(
        lambda transaction: transaction.insert_subscription(GUILD, 7, START, spec, START - DAY)
    )
    made = await outbox.get_subscription(GUILD, number)
    assert (made.spec, made.created_by, made.created_at) == (spec, 7, START)
    assert made.fresh_after == START - DAY
    changed = replace(spec, channel_id=31, rules=Rules(topics=("AI",)), max_per_hour=None)
    await outbox.transact(
        lambda transaction: transaction.update_subscription(number, changed, None)
    )
    made = await outbox.get_subscription(GUILD, number)
    assert (made.spec, made.fresh_after) == (changed, None)
    assert number in [each.id for each in (await outbox.planner_snapshot(9)).subscriptions]
    await outbox.transact(lambda transaction: transaction.delete_subscriptions([number]))
    assert await add_subscription(outbox, 30) > number


@promises(Transaction.subscription_states, Transaction.set_pause)
async def test_the_state_of_a_removed_subscription_is_read(outbox: Store) -> None:
    """Missing ids and None are left out."""
    digest = DeliveryOptions(digest=Digest(DigestDays.DAILY, START.time(), best=4))
    await change_spec(outbox, 2, delivery=digest)
    await change_spec(outbox, 1, delivery=DeliveryOptions(look=Look.GALLERY))

    async def work(transaction: Transaction) -> None:
        await transaction.set_pause(1, Cause.PAUSED_BY_ADMIN)
        await transaction.set_removed(2, START)
        states = await transaction.subscription_states([1, 2, None, 99])
        assert states.keys() == {1, 2}
        first, second = states[1], states[2]
        assert (first.channel_id, first.paused_by) == (CHANNEL, PausedBy.ADMIN)
        assert (first.removed, first.digest_best) == (False, None)
        assert (first.look, second.look) == (Look.GALLERY, Look.CARD)
        assert (second.removed, second.digest_best, second.paused_by) == (True, 4, None)
        await transaction.set_pause(1, None)
        assert (await transaction.subscription_states([1]))[1].paused_by is None

    await outbox.transact(work)


@promises(Transaction.set_pause)
async def test_an_admins_pause_keeps_its_reason(outbox: Store) -> None:
    """The reason is removed when the pause ends."""
    await outbox.transact(lambda transaction: transaction.set_pause(1, Cause.PAUSED_BY_ADMIN))
    paused = await outbox.get_subscription(GUILD, 1)
    assert (paused.paused_by, paused.paused_reason) == (PausedBy.ADMIN, Cause.PAUSED_BY_ADMIN)
    await outbox.transact(lambda transaction: transaction.set_pause(1, None))
    resumed = await outbox.get_subscription(GUILD, 1)
    assert (resumed.paused_by, resumed.paused_reason) == (None, None)


@promises(Transaction.get_subscription, Transaction.set_removed)
async def test_a_removed_subscription_can_be_restored(outbox: Store) -> None:
    """Only its own server can, and the planner's revision at its removal is stored."""

    async def work(transaction: Transaction) -> None:
        made = await transaction.get_subscription(GUILD, 1)
        for guild, removed in ((GUILD + 1, False), (GUILD, True)):
            with pytest.raises(NotFoundError):
                await transaction.get_subscription(guild, 1, removed=removed)
        await transaction.move_cursor(3)
        assert await transaction.set_removed(1, START) == 3
        await transaction.move_cursor(5)
        for guild, removed in ((GUILD, False), (GUILD + 1, True)):
            with pytest.raises(NotFoundError):
                await transaction.get_subscription(guild, 1, removed=removed)
        assert await transaction.get_subscription(GUILD, 1, removed=True) == made
        assert await transaction.set_removed(1, None) == 3
        assert await transaction.get_subscription(GUILD, 1) == made
        assert await transaction.set_removed(1, START) == 5

    await outbox.transact(work)


@promises(Transaction.set_seen)
async def test_seen_stories_are_replaced(outbox: Store) -> None:
    """The whole list is replaced, for one subscription only."""
    await outbox.transact(lambda transaction: transaction.set_seen(1, [1, 2]))
    await outbox.transact(lambda transaction: transaction.set_seen(2, [2]))
    await outbox.transact(lambda transaction: transaction.set_seen(1, [3]))
    assert [await outbox.seen_by(GUILD, story) for story in (1, 2, 3)] == [
        frozenset(),
        frozenset({2}),
        frozenset({1}),
    ]


@promises(Transaction.find_subscriptions, Transaction.delete_subscriptions)
async def test_subscriptions_are_found_and_deleted(outbox: Store) -> None:
    """They are found by channel, time of removal or time of leaving; their posts are kept."""
    third = await add_subscription(outbox, CHANNEL, guild=GUILD + 1)
    await outbox.leave_guild(GUILD + 1, START)
    await insert(outbox, (1, 1))

    async def work(transaction: Transaction) -> None:
        await transaction.set_removed(2, START)
        find = transaction.find_subscriptions
        assert await find(channel_id=CHANNEL) == [1, third]
        assert await find(channel_id=OTHER_CHANNEL) == [2]
        assert await find(removed_by=START) == [2]
        assert await find(removed_by=START - SECOND) == []
        assert await find(left_before=START) == []
        assert await find(left_before=START + SECOND) == [third]
        assert await find() == []
        await transaction.set_seen(1, [1])
        await transaction.delete_subscriptions([1, 99])
        assert await find(channel_id=CHANNEL) == [third]

    await outbox.transact(work)
    assert (await outbox.get_post(1)).subscription_id is None
    assert await outbox.seen_by(GUILD, 1) == frozenset()


@promises(Transaction.relate_stories)
async def test_related_stories_of_the_channel_are_shown(outbox: Store) -> None:
    """Each of a pair shows the other, if its channel has or will have it."""
    await insert(outbox, (1, 1), (2, 1), (3, 2), (4, 1))
    await change(outbox, 4, status=PostStatus.SKIPPED)

    async def work(transaction: Transaction) -> None:
        for pairs in ([(2, 1), (3, 1), (1, 4)], [(1, 2)], []):
            await transaction.relate_stories(pairs)
        shown = {post: (await transaction.get_message(post)).related for post in (1, 2, 3)}
        found = {post: [story.id for story in stories] for post, stories in shown.items()}
        assert found == {1: [2], 2: [1], 3: []}

    await outbox.transact(work)
    assert [story.id for story in (await outbox.get_delivered(1)).related] == [2]
