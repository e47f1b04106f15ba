"""Subscriptions, as their server's admins see and change them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.models import Rules, Subscription, SubscriptionActivity, SubscriptionSnapshot


class SubscriptionStore(Protocol):
    """What admins see. Whatever takes a `guild_id` sees that server's subscriptions only."""

    async def subscription_snapshot(
        self,
        rules: Rules,
        channel_id: int,
        fresh_after: datetime | None,
        best: int,
        *,
        subscription_id: int | None = None,
    ) -> SubscriptionSnapshot:
        """What decides how a subscription begins or goes on, all seen at one moment.

        The stories are those that may meet the rules: the fresh ones, and the `best` ones of any
        age that the channel neither has nor awaits, the best first; where the rules ask for more
        than the database can tell, there are more of these to choose from. `waiting` are the
        stories that wait for `subscription_id`, whatever the rules say.
        """

    async def get_subscription(self, guild_id: int, subscription_id: int) -> Subscription:
        """One subscription. Raises `NotFoundError`."""

    async def list_subscriptions(
        self, guild_id: int, channel_id: int | None = None
    ) -> Sequence[Subscription]:
        """A server's subscriptions, or those of one of its channels, the oldest first."""

    async def subscription_activity(
        self, guild_id: int, subscription_id: int, since: datetime
    ) -> SubscriptionActivity:
        """What a subscription's posts came to since a time. Raises `NotFoundError`."""

    async def seen_by(self, guild_id: int, story_id: int) -> frozenset[int]:
        """The server's subscriptions, by id, to which a story is no news."""
