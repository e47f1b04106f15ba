"""Subscriptions and posts for tests, with defaults for whatever a test doesn't state."""

from dataclasses import replace
from typing import Any

from storage.models import NewSubscription, Subscription, SubscriptionSpec
from storage.posts import NewPost, Post, PostStatus
from tests.support.clock import START

GUILD, CHANNEL, OTHER_CHANNEL = 10, 20, 21
TO_EVERYTHING = SubscriptionSpec(CHANNEL)


def make_new_subscription(
    spec: SubscriptionSpec = TO_EVERYTHING,
    **changes: Any,  # noqa: ANN401 - any field
) -> NewSubscription:
    """Return a subscription to be stored."""
    return replace(NewSubscription(GUILD, 1, START, spec), **changes)


def make_subscription(
    number: int = 1,
    spec: SubscriptionSpec = TO_EVERYTHING,
    **changes: Any,  # noqa: ANN401 - any field
) -> Subscription:
    """Return a subscription as a store returns it."""
    return replace(Subscription(number, GUILD, 1, START, spec), **changes)


def make_new_post(story: int, subscription: Subscription, **changes: Any) -> NewPost:  # noqa: ANN401 - any field
    """Return a post of a story to be planned for a subscription's channel, due at once."""
    post = NewPost(
        story_id=story,
        subscription_id=subscription.id,
        guild_id=subscription.guild_id,
        channel_id=subscription.spec.channel_id,
        nonce=f"{story}-{subscription.id}",
        due_at=START,
    )
    return replace(post, **changes)


def make_post(number: int = 1, **changes: Any) -> Post:  # noqa: ANN401 - any field
    """Return a claimed post as a store returns it."""
    post = Post(
        id=number,
        story_id=1,
        subscription_id=1,
        guild_id=GUILD,
        channel_id=CHANNEL,
        nonce=f"{number:024x}",
        status=PostStatus.CLAIMED,
        catch_up=False,
        planned_at=START,
        due_at=START,
    )
    return replace(post, **changes)
