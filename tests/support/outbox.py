"""Create subscriptions, and plan and claim their posts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.announce.outbox import Outbox, plan_posts
from storage.models import (
    Article,
    DeliveryOptions,
    Digest,
    DigestDays,
    NewSubscription,
    Rules,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import ClaimedPost, NewPost, PlannerSnapshot, Post, PostStatus, SameEvent
from storage.protocols import OutboxStore, Store
from storage.protocols.transaction import Transaction
from tests.support.articles import make_documents, make_story
from tests.support.clock import START

GUILD, CHANNEL, OTHER_CHANNEL = 10, 20, 21
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
# The evidence that two stories are about the same event.
WORDS = ("harbour", "bridge")
DAILY = DeliveryOptions(digest=Digest(DigestDays.DAILY, time(8), best=3))


async def subscribe(
    store: Store,
    channel: int = CHANNEL,
    *,
    rules: Rules | None = None,
    delivery: DeliveryOptions | None = None,
    max_per_hour: int | None = None,
    seen: Sequence[int] = (),
) -> Subscription:
    """Subscribe a channel; by default to everything, with instant posts."""
    spec = SubscriptionSpec(channel, rules or Rules(), max_per_hour, delivery or DeliveryOptions())
    new = NewSubscription(GUILD, 1, START, spec)
    return await add_subscription(store, new, revision=0, seen=seen, catch_up=())


async def add_subscription(
    store: OutboxStore,
    new: NewSubscription,
    *,
    revision: int = 0,
    seen: Sequence[int] = (),
    catch_up: Sequence[NewPost] = (),
) -> Subscription:
    """Store a subscription, and plan `catch_up` posts for it."""

    async def work(transaction: Transaction) -> Subscription:
        number = await transaction.insert_subscription(
            new.guild_id, new.created_by, new.created_at, new.spec, new.fresh_after
        )
        await transaction.set_seen(number, seen)
        await transaction.rewind_cursor(revision)
        posts = [replace(post, subscription_id=number) for post in catch_up]
        await plan_posts(transaction, posts, new.created_at)
        return await transaction.get_subscription(new.guild_id, number)

    return await store.transact(work)


async def plan_revisions(
    store: OutboxStore,
    cursor: int,
    up_to: int,
    posts: Sequence[NewPost],
    now: datetime,
    *,
    edit_since: datetime,
    fold_since: datetime | None = None,
    subscriptions_version: int | None = None,
) -> int:
    """Write posts as a planner does after deciding about the revisions after a cursor.

    Returns the number of posts and edits.
    """
    if subscriptions_version is None:
        found = await store.transact(lambda transaction: transaction.planner_cursor())
        subscriptions_version = found.subscriptions_version
    snapshot = PlannerSnapshot(
        cursor=cursor,
        stories=(replace(make_story(), revision=up_to),),
        subscriptions=(),
        subscriptions_version=subscriptions_version,
    )
    planned = await Outbox(store).plan(
        snapshot, posts, now, edit_since=edit_since, fold_since=fold_since
    )
    return planned.count


async def load(store: Store, *articles: Article) -> None:
    """Save new or changed articles."""
    await store.save_documents("s", make_documents(*articles), START)


async def plan(
    store: Store,
    *planned: tuple[int, Subscription, tuple[int, ...]],
    due_at: datetime = START,
    now: datetime = START,
) -> int:
    """Plan (story, subscription, ids of the same event), and move the cursor past all stories."""
    snapshot = await store.planner_snapshot(999)
    revision = snapshot.stories[-1].revision if snapshot.stories else snapshot.cursor
    posts = [
        NewPost(
            story,
            subscription.id,
            subscription.guild_id,
            subscription.spec.channel_id,
            f"{story}-{subscription.id}-{revision}",
            due_at,
            same_events=tuple(SameEvent(each, WORDS, HOUR) for each in same_stories),
        )
        for story, subscription, same_stories in planned
    ]
    return await plan_revisions(
        store, snapshot.cursor, revision, posts, now, edit_since=START - DAY
    )


async def claim(store: Store, now: datetime = START) -> ClaimedPost:
    """Claim the only due post."""
    (claimed,) = await Outbox(store).claim(now, 9, [])
    return claimed


async def post_of(store: Store, story: int, channel: int = CHANNEL) -> Post:
    """A story's post."""
    post = await store.find_post(story, channel)
    assert post is not None
    return post


async def statuses_of(store: Store, *stories: int) -> list[PostStatus]:
    """The statuses of the stories' posts."""
    return [(await post_of(store, story)).status for story in stories]
