"""Folding in the outbox: stories about the same event become coverage of the first one."""

from datetime import timedelta

import pytest

from bot.announce.outbox import Outbox
from bot.announce.subscription_lifecycle import delete_subscriptions, remove_subscription
from storage.posts import (
    Failed,
    PostStatus,
    RetryAt,
    Sent,
    Settlement,
    Skipped,
    Uncertain,
)
from storage.protocols import Store
from storage.reasons import Cause, ConnectionLost, DigestFull, MessageRefused, SameStory, TooOld
from tests.support.articles import make_article
from tests.support.clock import START
from tests.support.outbox import (
    CHANNEL,
    DAILY,
    DAY,
    GUILD,
    HOUR,
    OTHER_CHANNEL,
    WORDS,
    claim,
    load,
    plan,
    post_of,
    statuses_of,
    subscribe,
)

FOLDED, PLANNED, SKIPPED = PostStatus.FOLDED, PostStatus.PLANNED, PostStatus.SKIPPED


@pytest.fixture
async def stories(store: Store) -> Store:
    """A store with four stories and no subscription."""
    await load(store, *map(make_article, (1, 2, 3, 4)))
    return store


@pytest.mark.parametrize(
    "settlement",
    [
        None,
        Sent(1),
        Uncertain(Cause.HISTORY_FORBIDDEN),
        RetryAt(START, ConnectionLost("reset"), unknown=True),
        RetryAt(START, Cause.CONNECTION_FAILED),
    ],
    ids=["planned", "sent", "uncertain", "unknown", "retry"],
)
async def test_the_same_event_is_folded_into_a_post(
    stories: Store, settlement: Settlement | None
) -> None:
    """The host post may be sent or waiting, and the folded post's reason names it."""
    subscription = await subscribe(stories)
    await plan(stories, (1, subscription, ()))
    if settlement is not None:
        await Outbox(stories).settle((await claim(stories)).post.id, settlement, START)
    await plan(stories, (2, subscription, (1,)))
    post = await post_of(stories, 2)
    assert (post.status, post.lead_post_id) == (FOLDED, 1)
    assert post.reason == SameStory(1, "Story 1", WORDS, HOUR)


async def test_another_channel_gets_the_story(stories: Store) -> None:
    """It has no story about the same event."""
    one, other = await subscribe(stories), await subscribe(stories, OTHER_CHANNEL)
    await plan(stories, (1, one, ()))
    await plan(stories, (2, one, (1,)), (2, other, (1,)))
    assert (await post_of(stories, 2, OTHER_CHANNEL)).status is PLANNED
    assert await statuses_of(stories, 2) == [FOLDED]


async def test_without_folding_the_same_event_is_posted(stories: Store) -> None:
    """The planner gives no stories about the same event then."""
    subscription = await subscribe(stories)
    await plan(stories, (1, subscription, ()), (2, subscription, ()))
    assert await statuses_of(stories, 1, 2) == [PLANNED, PLANNED]


async def test_the_event_of_a_folded_story_shares_its_host(stories: Store) -> None:
    """Coverage is folded into a message, not into other coverage."""
    subscription = await subscribe(stories)
    await plan(stories, (1, subscription, ()), (2, subscription, (1,)), (3, subscription, (2,)))
    assert await statuses_of(stories, 1, 2, 3) == [PLANNED, FOLDED, FOLDED]
    assert (await post_of(stories, 3)).lead_post_id == 1


async def test_old_posts_are_not_hosts(stories: Store) -> None:
    """After that time the story is news again."""
    subscription = await subscribe(stories)
    await plan(stories, (1, subscription, ()))
    view = await stories.planner_snapshot(9)
    assert view.recent == ()
    await load(stories, make_article(5))
    later = START + 4 * DAY
    view = await stories.planner_snapshot(9, planned_since=START - HOUR)
    assert [story.id for story in view.recent] == [1]
    assert (await stories.planner_snapshot(9, planned_since=START)).recent == ()
    await plan(stories, (2, subscription, (1,)), now=later)
    assert await statuses_of(stories, 2) == [FOLDED]


async def test_the_hosts_message_shows_the_coverage(stories: Store) -> None:
    """A sent message is edited; withdrawn coverage disappears."""
    subscription = await subscribe(stories)
    await plan(stories, (1, subscription, ()), (2, subscription, (1,)))
    claimed = await claim(stories)
    assert [story.id for story in claimed.coverage] == [2]
    await Outbox(stories).settle(claimed.post.id, Sent(7), START)
    assert await stories.count_edits() == 0
    assert await plan(stories, (3, subscription, (1,))) == 2
    (edit,) = await stories.due_edits(START, 9, [])
    assert [story.id for story in edit.coverage] == [2, 3]
    await Outbox(stories).finish_edit(edit, START)
    assert await stories.count_edits() == 0
    await stories.withdraw_documents("s", ["2.md"])
    await plan(stories)
    (edit,) = await stories.due_edits(START, 9, [])
    assert [story.id for story in edit.coverage] == [3]


async def test_coverage_during_the_send_is_not_lost(stories: Store) -> None:
    """An edit follows the message."""
    subscription = await subscribe(stories)
    await plan(stories, (1, subscription, ()))
    claimed = await claim(stories)
    await plan(stories, (2, subscription, (1,)))
    await Outbox(stories).settle(claimed.post.id, Sent(7), START)
    (edit,) = await stories.due_edits(START, 9, [])
    assert [story.id for story in edit.coverage] == [2]


@pytest.mark.parametrize(
    "settlement",
    [Skipped(TooOld(timedelta(days=8), timedelta(days=7))), Failed(MessageRefused("refused"))],
    ids=str,
)
async def test_if_the_host_is_not_sent_the_next_one_is(
    stories: Store, settlement: Settlement
) -> None:
    """The oldest folded post is planned at once, and the others are folded into it."""
    subscription = await subscribe(stories)
    await plan(stories, (1, subscription, ()), (2, subscription, (1,)), (3, subscription, (1,)))
    await Outbox(stories).settle((await claim(stories)).post.id, settlement, START + HOUR)
    second, third = await post_of(stories, 2), await post_of(stories, 3)
    assert (second.status, second.lead_post_id, second.due_at) == (PLANNED, None, START + HOUR)
    assert (third.status, third.lead_post_id) == (FOLDED, second.id)
    assert third.reason == SameStory(2, "Story 2")
    assert [story.id for story in (await claim(stories, START + HOUR)).coverage] == [3]


async def test_other_subscriptions_get_coverage_of_a_removed_one(
    stories: Store,
) -> None:
    """Posts folded for the removed subscription are skipped with it."""
    one, two = await subscribe(stories), await subscribe(stories)
    await plan(stories, (1, one, ()), (2, two, (1,)), (3, one, (1,)))
    await delete_subscriptions(stories, START, channel_id=OTHER_CHANNEL)
    await remove_subscription(stories, GUILD, one.id, START)
    await delete_subscriptions(stories, START, removed_by=START)
    assert await statuses_of(stories, 1, 2, 3) == [SKIPPED, PLANNED, SKIPPED]
    assert (await post_of(stories, 3)).reason == Cause.SUBSCRIPTION_REMOVED


async def test_a_story_in_a_digest_has_coverage(stories: Store) -> None:
    """A post is folded into the story's post, and the digest's message shows it."""
    subscription = await subscribe(stories, delivery=DAILY)
    await plan(stories, (1, subscription, ()), (2, subscription, ()), (3, subscription, (2,)))
    claimed = await claim(stories)
    assert [story.id for story in claimed.coverage] == [3]
    await Outbox(stories).settle(claimed.post.id, Sent(7), START)
    await plan(stories, (4, subscription, (2,)))
    (edit,) = await stories.due_edits(START, 9, [])
    assert edit.post.id == claimed.post.id
    assert [story.id for story in edit.coverage] == [3, 4]


async def test_coverage_of_a_left_out_story_is_left_out(
    store: Store,
) -> None:
    """It is about the same event, and would come in its own digest."""
    subscription = await subscribe(store, delivery=DAILY)
    await load(store, *(make_article(n, quality=100 - n) for n in range(1, 6)))
    await plan(store, *((n, subscription, ()) for n in (1, 2, 3, 4)), (5, subscription, (4,)))
    await claim(store)
    assert await statuses_of(store, 4, 5) == [SKIPPED, SKIPPED]
    assert (await post_of(store, 5)).reason == DigestFull(3)


async def test_a_digest_does_not_skip_others_coverage(
    store: Store,
) -> None:
    """Another subscription's folded post is planned if a digest leaves its host out."""
    one, other = await subscribe(store, delivery=DAILY), await subscribe(store)
    await load(store, *(make_article(n, quality=100 - n) for n in range(1, 6)))
    await plan(store, *((n, one, ()) for n in (1, 2, 3, 4)), (5, other, (4,)))
    await claim(store)
    assert await statuses_of(store, 4, 5) == [SKIPPED, PLANNED]


async def test_a_revived_post_waits_for_its_own_digest(stories: Store) -> None:
    """A digest only comes at its time."""
    one, other = await subscribe(stories), await subscribe(stories, delivery=DAILY)
    await plan(stories, (1, one, ()))
    await plan(stories, (2, other, (1,)), due_at=START + DAY)
    await Outbox(stories).settle(
        (await claim(stories)).post.id, Failed(MessageRefused("refused")), START
    )
    post = await post_of(stories, 2)
    assert (post.status, post.due_at) == (PLANNED, START + DAY)


async def delete_message_with_coverage(stories: Store) -> None:
    """Post story 1 with the stories 2 and 3 as coverage, and delete its message."""
    subscription = await subscribe(stories)
    await plan(stories, (1, subscription, ()), (2, subscription, (1,)), (3, subscription, (1,)))
    await Outbox(stories).settle((await claim(stories)).post.id, Sent(7), START)
    await stories.withdraw_documents("s", ["1.md"])
    await plan(stories)
    (edit,) = await stories.due_edits(START, 9, [])
    await Outbox(stories).finish_edit(edit, START, removed=True)


async def test_coverage_of_a_deleted_message_is_posted(
    stories: Store,
) -> None:
    """The deleted message was the only one that showed it."""
    await delete_message_with_coverage(stories)
    claimed = await claim(stories)
    assert (claimed.story.id, [story.id for story in claimed.coverage]) == (2, [3])
    await Outbox(stories).settle(claimed.post.id, Sent(8), START)
    assert await stories.count_edits() == 0
    assert await statuses_of(stories, 1, 2, 3) == [PostStatus.SENT, PostStatus.SENT, FOLDED]


async def test_a_deleted_message_leaves_no_mark_on_its_coverage(stories: Store) -> None:
    """The message of the story that is posted instead is edited like any other."""
    await delete_message_with_coverage(stories)
    assert await statuses_of(stories, 2, 3) == [PostStatus.PLANNED, PostStatus.FOLDED]
    assert not (await post_of(stories, 2)).message_removed
    assert not (await post_of(stories, 3)).message_removed


async def test_an_operator_sends_a_folded_story(stories: Store) -> None:
    """The host's message no longer shows it."""
    subscription = await subscribe(stories)
    await plan(stories, (1, subscription, ()), (2, subscription, (1,)))
    await Outbox(stories).settle((await claim(stories)).post.id, Sent(7), START)
    await Outbox(stories).override((await post_of(stories, 2)).id, None, START)
    assert (await claim(stories)).story.id == 2
    (edit,) = await stories.due_edits(START, 9, [])
    assert (edit.post.channel_id, edit.coverage) == (CHANNEL, ())
