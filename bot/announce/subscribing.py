"""How a subscription begins, changes and goes on: what is no news to it, what it gets at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.announce.policy import meets_rules
from storage.models import NewSubscription, Subscription, SubscriptionSpec
from storage.posts import NewPost
from storage.protocols import SubscriptionStore


async def subscribe(
    store: SubscriptionStore,
    new: NewSubscription,
    *,
    catch_up: int,
    max_age: timedelta | None,
    make_nonce: Callable[[], str],
) -> tuple[Subscription, int]:
    """Subscribe a channel; answers the subscription and how many stories it gets at once.

    The `catch_up` best stories that meet the rules are planned whatever their age; a digest
    subscription gets them as one message. Every other story that meets them now is no news.
    Stories come oldest first, as they would have come.
    """
    now, rules, channel_id = new.created_at, new.spec.rules, new.spec.channel_id
    new = replace(new, fresh_after=_fresh_after(now, max_age))
    view = await store.subscription_view(rules, channel_id, new.fresh_after, catch_up)
    best = [story for story in view.best if meets_rules(story, rules)][:catch_up]
    subscription = await store.add_subscription(
        new,
        revision=view.revision,
        seen=[story.id for story in view.fresh if meets_rules(story, rules)],
        catch_up=[
            NewPost(story.id, 0, channel_id, make_nonce(), now, catch_up=True)
            for story in sorted(best, key=lambda story: story.dated_at)
        ],
    )
    return subscription, len(best)


async def change_subscription(
    store: SubscriptionStore,
    subscription: Subscription,
    spec: SubscriptionSpec,
    *,
    max_age: timedelta | None,
    due_at: datetime,
    now: datetime,
) -> Subscription:
    """Change a subscription. What meets the new rules now is no news to it.

    What waits for it goes on waiting, until `due_at`, if it meets the new rules and the channel
    stays the same; the rest is skipped. Raises `NotFoundError`.
    """
    fresh_after = _fresh_after(now, max_age)
    view = await store.subscription_view(
        spec.rules, spec.channel_id, fresh_after, 0, subscription_id=subscription.id
    )
    stays = spec.channel_id == subscription.spec.channel_id
    kept = {story.id for story in view.waiting if stays and meets_rules(story, spec.rules)}
    return await store.change_subscription(
        subscription.guild_id,
        subscription.id,
        spec,
        fresh_after,
        revision=view.revision,
        seen=[
            story.id
            for story in view.fresh
            if story.id not in kept and meets_rules(story, spec.rules)
        ],
        dropped=[story.id for story in view.waiting if story.id not in kept],
        due_at=due_at,
        now=now,
    )


async def resume_subscription(
    store: SubscriptionStore, subscription: Subscription, *, now: datetime
) -> Subscription:
    """End a pause that an admin made; what came meanwhile is no news. Raises `NotFoundError`."""
    rules = subscription.spec.rules
    view = await store.subscription_view(
        rules,
        subscription.spec.channel_id,
        subscription.fresh_after,
        0,
        subscription_id=subscription.id,
    )
    return await store.resume_subscription(
        subscription.guild_id,
        subscription.id,
        revision=view.revision,
        seen=[story.id for story in view.fresh if meets_rules(story, rules)],
        now=now,
    )


def _fresh_after(now: datetime, max_age: timedelta | None) -> datetime | None:
    return None if max_age is None else now - max_age
