"""Subscriptions with wishes, and stories planned for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

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
from storage.posts import ClaimedPost, NewPost, Post, PostStatus
from storage.protocols import Store
from tests.support.articles import tell
from tests.support.clock import START

GUILD, CHANNEL, OTHER_CHANNEL = 10, 20, 21
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
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
    """Subscribe a channel, to everything and at once if nothing else is said."""
    spec = SubscriptionSpec(channel, rules or Rules(), max_per_hour, delivery or DeliveryOptions())
    new = NewSubscription(GUILD, 1, START, spec)
    return await store.add_subscription(new, revision=0, seen=seen, catch_up=())


async def load(store: Store, *articles: Article) -> None:
    """Let articles appear or change."""
    await store.save_documents("s", tell(*articles), START)


async def plan(
    store: Store,
    *planned: tuple[int, Subscription, tuple[int, ...]],
    due_at: datetime = START,
    now: datetime = START,
) -> int:
    """Plan (story, subscription, kin) and let the cursor pass all stories."""
    view = await store.planner_view(999)
    revision = view.stories[-1].revision if view.stories else view.cursor
    posts = [
        NewPost(
            story,
            subscription.id,
            subscription.spec.channel_id,
            f"{story}-{subscription.id}-{revision}",
            due_at,
            kin=kin,
        )
        for story, subscription, kin in planned
    ]
    return await store.plan_posts(view.cursor, revision, posts, now, edit_since=START - DAY)


async def claim(store: Store, now: datetime = START) -> ClaimedPost:
    """The one post that is due."""
    (claimed,) = await store.claim_posts(now, 9, [])
    return claimed


async def post_of(store: Store, story: int, channel: int = CHANNEL) -> Post:
    """A story's post."""
    post = await store.find_post(story, channel)
    assert post is not None
    return post


async def standing(store: Store, *stories: int) -> list[PostStatus]:
    """How the stories' posts stand."""
    return [(await post_of(store, story)).status for story in stories]
