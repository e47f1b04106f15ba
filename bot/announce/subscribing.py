"""How a subscription begins: what is no news to it, and the best stories to start with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.announce.policy import meets_rules
from storage.models import NewSubscription, Subscription
from storage.posts import NewPost
from storage.store import SubscriptionStore


async def subscribe(
    store: SubscriptionStore,
    new: NewSubscription,
    *,
    catch_up: int,
    max_age: timedelta | None,
    make_nonce: Callable[[], str],
) -> tuple[Subscription, int]:
    """Subscribe a channel; answers the subscription and how many stories it gets at once.

    The `catch_up` best stories that meet the rules are planned whatever their age. Every other
    story that meets them now is no news. Stories come oldest first, as they would have come.
    """
    now = new.created_at
    new = replace(new, fresh_after=None if max_age is None else now - max_age)
    view = await store.subscription_view(new.rules, new.channel_id, new.fresh_after, catch_up)
    best = [story for story in view.best if meets_rules(story, new.rules)]
    subscription = await store.add_subscription(
        new,
        revision=view.revision,
        seen=[story.id for story in view.fresh if meets_rules(story, new.rules)],
        catch_up=[
            NewPost(story.id, 0, new.channel_id, make_nonce(), now, catch_up=True)
            for story in sorted(best, key=lambda story: story.dated_at)
        ],
    )
    return subscription, len(best)
