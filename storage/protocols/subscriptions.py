"""Queries about subscriptions; `Transaction` has the changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.models import (
    DamagedSubscription,
    Rules,
    Subscription,
    SubscriptionActivity,
    SubscriptionSnapshot,
)


class SubscriptionStore(Protocol):
    """Reads subscriptions. Methods with a `guild_id` only see the subscriptions of that server."""

    async def subscription_snapshot(
        self,
        rules: Rules,
        channel_id: int,
        fresh_after: datetime | None,
        best: int,
        *,
        subscription_id: int | None = None,
    ) -> SubscriptionSnapshot:
        """The stories needed to create, change or resume a subscription, read in one transaction.

        The result's `fresh` and `best` stories may meet the rules. `fresh` are dated from
        `fresh_after` on. `best` have any age and no post in the channel, the best first; they are
        at most `best`, or more if the database can't check all of the rules. `waiting` are the
        stories of posts that wait for `subscription_id`, whether or not they meet the rules.
        """

    async def get_subscription(self, guild_id: int, subscription_id: int) -> Subscription:
        """One subscription. Raises `NotFoundError`."""

    async def list_subscriptions(
        self, guild_id: int, channel_id: int | None = None
    ) -> Sequence[Subscription]:
        """The subscriptions of a server, or of one of its channels, the oldest first."""

    async def damaged_subscriptions(self, guild_id: int) -> Sequence[DamagedSubscription]:
        """The subscriptions of a server that `list_subscriptions` leaves out, the oldest first."""

    async def subscription_activity(
        self, guild_id: int, subscription_id: int, since: datetime
    ) -> SubscriptionActivity:
        """Statistics of a subscription's posts since a time. Raises `NotFoundError`."""

    async def seen_by(self, guild_id: int, story_id: int) -> frozenset[int]:
        """Ids of the server's subscriptions to which a story is not news."""
