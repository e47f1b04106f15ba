"""Planning, claiming and settling posts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.announce.outbox import Outbox
from bot.announce.subscription_lifecycle import delete_subscriptions, remove_subscription
from storage.errors import NotFoundError
from storage.models import NewSubscription, PausedBy, Rules, Subscription, SubscriptionSpec
from storage.posts import Failed, NewPost, PostStatus, RetryAt, Sent, Settlement, Skipped, Uncertain
from storage.protocols import Store
from storage.reasons import Cause, ConnectionLost, MessageRefused, PermissionsMissing, TooOld
from tests.support.articles import make_article, make_documents
from tests.support.clock import START
from tests.support.outbox import add_subscription, plan_revisions

GUILD, CHANNEL, OTHER_CHANNEL = 10, 20, 21
SECOND = timedelta(seconds=1)


def new_post(story: int, subscription: Subscription, *, nonce: str = "") -> NewPost:
    """A post of a story."""
    return NewPost(
        story,
        subscription.id,
        subscription.guild_id,
        subscription.spec.channel_id,
        nonce or f"{story}-{subscription.id}",
        START,
    )


async def add(
    store: Store,
    channel: int = CHANNEL,
    *,
    seen: Sequence[int] = (),
    catch_up: Sequence[NewPost] = (),
    revision: int = 0,
) -> Subscription:
    """Subscribe a channel to everything."""
    new = NewSubscription(GUILD, 1, START, SubscriptionSpec(channel))
    return await add_subscription(store, new, revision=revision, seen=seen, catch_up=catch_up)


@pytest.fixture
async def outbox(store: Store) -> Store:
    """A store with three stories."""
    await store.save_documents("s", make_documents(*map(make_article, (1, 2, 3))), START)
    return store


async def status(store: Store, post: int) -> PostStatus:
    """The status of a post."""
    return (await store.get_post(post)).status


async def test_posts_are_planned_together_with_the_cursor(outbox: Store) -> None:
    """Planning from an old cursor does nothing, because those stories were planned meanwhile."""
    subscription = await add(outbox)
    view = await outbox.planner_snapshot(2)
    assert (view.cursor, len(view.stories)) == (0, 2)
    posts = [new_post(story.id, subscription) for story in view.stories]
    assert await plan_revisions(outbox, 0, 2, posts, START, edit_since=START) == 2
    assert await plan_revisions(outbox, 0, 2, posts, START, edit_since=START) == 0
    view = await outbox.planner_snapshot(9)
    assert (view.cursor, [story.id for story in view.stories]) == (2, [3])


async def test_a_story_goes_to_a_channel_once(outbox: Store) -> None:
    """Planning it again, even for another subscription, adds no post."""
    first, second = await add(outbox), await add(outbox)
    assert await plan_revisions(outbox, 0, 1, [new_post(1, first)], START, edit_since=START) == 1
    assert await plan_revisions(outbox, 1, 2, [new_post(1, second)], START, edit_since=START) == 0
    assert await outbox.count_posts() == {PostStatus.PLANNED: 1}


async def test_posts_of_a_removed_subscription_are_left_out(outbox: Store) -> None:
    """It was removed between the planner's read and its write."""
    subscription = await add(outbox)
    await remove_subscription(outbox, GUILD, subscription.id, START)
    assert (
        await plan_revisions(outbox, 0, 1, [new_post(1, subscription)], START, edit_since=START)
        == 0
    )


async def test_claims_are_one_per_idle_channel(
    outbox: Store,
) -> None:
    """A channel gets its stories in order, and no channel waits for another."""
    one, other = await add(outbox), await add(outbox, OTHER_CHANNEL)
    posts = [new_post(story, each) for story in (1, 2) for each in (one, other)]
    await plan_revisions(outbox, 0, 3, posts, START, edit_since=START)
    claimed = await Outbox(outbox).claim(START, 9, [])
    assert {(1, CHANNEL), (1, OTHER_CHANNEL)} == {
        (each.story.id, each.post.channel_id) for each in claimed
    }
    again = await Outbox(outbox).claim(START, 9, [CHANNEL])
    assert [each.post.channel_id for each in again] == [OTHER_CHANNEL]


@pytest.mark.parametrize(
    ("settlement", "expected"),
    [
        (Sent(77), PostStatus.SENT),
        (Skipped(TooOld(timedelta(days=8), timedelta(days=7))), PostStatus.SKIPPED),
        (Failed(MessageRefused("refused")), PostStatus.FAILED),
        (Uncertain(Cause.HISTORY_FORBIDDEN), PostStatus.UNCERTAIN),
        (RetryAt(START + SECOND, Cause.CONNECTION_FAILED), PostStatus.RETRY),
    ],
)
async def test_a_claimed_post_is_settled_once(
    outbox: Store, settlement: Settlement, expected: PostStatus
) -> None:
    """Its result is stored with the reason, and can't be replaced."""
    await plan_revisions(outbox, 0, 1, [new_post(1, await add(outbox))], START, edit_since=START)
    (claimed,) = await Outbox(outbox).claim(START, 9, [])
    await Outbox(outbox).settle(claimed.post.id, settlement, START)
    post = await outbox.get_post(claimed.post.id)
    assert (expected, 1) == (post.status, post.attempts)
    assert getattr(settlement, "reason", None) == post.reason
    with pytest.raises(NotFoundError):
        await Outbox(outbox).settle(claimed.post.id, settlement, START)
    assert {expected: 1} == await outbox.count_posts()


async def test_a_retry_is_due_at_its_time_with_the_same_nonce(outbox: Store) -> None:
    """It records since when the outcome is unknown."""
    await plan_revisions(
        outbox, 0, 1, [new_post(1, await add(outbox), nonce="n")], START, edit_since=START
    )
    (claimed,) = await Outbox(outbox).claim(START, 9, [])
    await Outbox(outbox).settle(
        claimed.post.id, RetryAt(START + SECOND, ConnectionLost("reset"), unknown=True), START
    )
    assert await outbox.next_due_at(START) == START + SECOND
    assert tuple(await Outbox(outbox).claim(START, 9, [])) == ()
    (again,) = await Outbox(outbox).claim(START + SECOND, 9, [])
    assert (again.post.nonce, again.post.attempts, again.post.unknown_since) == ("n", 2, START)


async def test_a_recovered_claim_has_an_unknown_outcome(
    outbox: Store,
) -> None:
    """The crash may have come between Discord's commit and ours."""
    await plan_revisions(outbox, 0, 1, [new_post(1, await add(outbox))], START, edit_since=START)
    await Outbox(outbox).claim(START, 9, [])
    assert await Outbox(outbox).recover_claims(START + SECOND) == 1
    (again,) = await Outbox(outbox).claim(START + SECOND, 9, [])
    assert again.post.unknown_since == START


async def test_a_paused_channel_gets_nothing_until_it_is_resumed(outbox: Store) -> None:
    """Its posts are held, and only whoever paused it can resume it."""
    await plan_revisions(outbox, 0, 1, [new_post(1, await add(outbox))], START, edit_since=START)
    assert (
        await outbox.pause_channel(CHANNEL, PausedBy.BOT, PermissionsMissing(("Send Messages",)))
        == 1
    )
    (paused,) = await outbox.list_subscriptions(GUILD)
    assert (paused.paused_by, paused.paused_reason) == (
        PausedBy.BOT,
        PermissionsMissing(("Send Messages",)),
    )
    assert tuple(await Outbox(outbox).claim(START, 9, [])) == ()
    assert await outbox.next_due_at(START) is None
    assert await outbox.resume_channel(CHANNEL, PausedBy.ADMIN) == 0
    assert await outbox.resume_channel(CHANNEL, PausedBy.BOT) == 1
    assert len(await Outbox(outbox).claim(START, 9, [])) == 1


async def test_deleting_a_subscription_skips_waiting_posts(
    outbox: Store,
) -> None:
    """A post that may have been sent is settled first."""
    subscription = await add(outbox)
    posts = [new_post(story, subscription) for story in (1, 2, 3)]
    await plan_revisions(outbox, 0, 3, posts, START, edit_since=START)
    (unknown,) = await Outbox(outbox).claim(START, 1, [])
    await Outbox(outbox).settle(
        unknown.post.id, RetryAt(START, ConnectionLost("reset"), unknown=True), START
    )
    (claimed,) = await Outbox(outbox).claim(START, 1, [])
    assert unknown.post.id == claimed.post.id
    (known,) = await Outbox(outbox).claim(START, 1, [])
    await remove_subscription(outbox, GUILD, subscription.id, START)
    assert await delete_subscriptions(outbox, START, removed_by=START) == 1
    await Outbox(outbox).settle(known.post.id, RetryAt(START, Cause.CONNECTION_FAILED), START)
    await Outbox(outbox).settle(
        claimed.post.id, RetryAt(START, ConnectionLost("reset"), unknown=True), START
    )
    assert await status(outbox, known.post.id) == PostStatus.SKIPPED
    (left,) = await Outbox(outbox).claim(START, 9, [])
    assert (claimed.post.id, None) == (left.post.id, left.post.subscription_id)
    assert await outbox.count_posts() == {PostStatus.CLAIMED: 1, PostStatus.SKIPPED: 2}


async def test_a_subscription_is_removed_in_its_own_server_only(outbox: Store) -> None:
    """An id of another server does not exist."""
    subscription = await add(outbox)
    with pytest.raises(NotFoundError):
        await remove_subscription(outbox, GUILD + 1, subscription.id, START)
    assert len(await outbox.list_subscriptions(GUILD)) == 1
    assert len(await outbox.list_subscriptions(GUILD + 1)) == 0
    assert len(await outbox.list_subscriptions(GUILD, OTHER_CHANNEL)) == 0


async def test_a_new_subscription_begins_with_its_best_stories(outbox: Store) -> None:
    """They are planned with it, including stories skipped before, but not sent ones."""
    first = await add(outbox)
    await plan_revisions(
        outbox, 0, 3, [new_post(1, first), new_post(2, first)], START, edit_since=START
    )
    (sent,) = await Outbox(outbox).claim(START, 1, [])
    await Outbox(outbox).settle(sent.post.id, Sent(77), START)
    await remove_subscription(outbox, GUILD, first.id, START)
    view = await outbox.subscription_snapshot(Rules(), CHANNEL, None, best=9)
    assert ({1, 2, 3}, {2, 3}) == ({s.id for s in view.fresh}, {s.id for s in view.best})
    catch_up = [NewPost(s, 0, GUILD, CHANNEL, f"new{s}", START, catch_up=True) for s in (1, 2, 3)]
    await add(outbox, seen=[1, 2, 3], catch_up=catch_up, revision=view.revision)
    assert await outbox.count_posts() == {PostStatus.SENT: 1, PostStatus.PLANNED: 2}
    (revived,) = await Outbox(outbox).claim(START, 1, [])
    assert (revived.story.id, revived.post.nonce, revived.post.catch_up) == (2, "new2", True)


async def test_stories_that_arrive_while_subscribing_are_planned(
    outbox: Store,
) -> None:
    """The planner may have moved past them before the subscription existed."""
    view = await outbox.subscription_snapshot(Rules(), CHANNEL, None, best=0)
    await outbox.save_documents("s", make_documents(make_article(4)), START)
    late = await outbox.planner_snapshot(9)
    await plan_revisions(
        outbox, late.cursor, late.stories[-1].revision, [], START, edit_since=START
    )
    await add(outbox, seen=[story.id for story in view.fresh], revision=view.revision)
    again = await outbox.planner_snapshot(9)
    assert [story.id for story in again.stories] == [4]
    assert (frozenset(), frozenset()) == (again.posted, again.seen)


async def test_a_claimed_message_names_its_catch_up(outbox: Store) -> None:
    """Stories that are not news mention nobody, so the renderer has to know them."""
    subscription = await add(outbox)
    old, new = new_post(1, subscription), new_post(2, subscription)
    posts = [replace(old, catch_up=True), new]
    await plan_revisions(outbox, 0, 3, posts, START, edit_since=START)
    claimed = {}
    for _ in posts:
        (one,) = await Outbox(outbox).claim(START, 1, [])
        claimed[one.story.id] = one.catch_up
        await Outbox(outbox).settle(one.post.id, Sent(one.post.id), START)
    assert claimed == {1: frozenset({1}), 2: frozenset()}
