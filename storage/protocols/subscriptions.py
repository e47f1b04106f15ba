"""Subscriptions, as their server's admins see and change them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.models import (
    NewSubscription,
    Rules,
    Subscription,
    SubscriptionActivity,
    SubscriptionSpec,
    SubscriptionView,
)
from storage.posts import NewPost
from storage.reasons import Reason


class SubscriptionStore(Protocol):
    """What admins change. Whatever takes a `guild_id` sees that server's subscriptions only."""

    async def subscription_view(
        self,
        rules: Rules,
        channel_id: int,
        fresh_after: datetime | None,
        best: int,
        *,
        subscription_id: int | None = None,
    ) -> SubscriptionView:
        """What decides how a subscription begins or goes on, all seen at one moment.

        The stories are those that may meet the rules: the fresh ones, and the `best` ones of any
        age that the channel neither has nor awaits, the best first; where the rules ask for more
        than the database can tell, there are more of these to choose from. `waiting` are the
        stories that wait for `subscription_id`, whatever the rules say.
        """
        ...

    async def add_subscription(
        self,
        new: NewSubscription,
        *,
        revision: int,
        seen: Sequence[int],
        catch_up: Sequence[NewPost],
    ) -> Subscription:
        """Subscribe a channel; `seen` are the stories that are no news to it, by id.

        `revision` is that of the view that this was decided on: the planner looks at later stories
        again. The `catch_up` posts get the new subscription's id; stories that the channel has or
        awaits already are left out.
        """
        ...

    async def get_subscription(self, guild_id: int, subscription_id: int) -> Subscription:
        """One subscription. Raises `NotFoundError`."""
        ...

    async def list_subscriptions(
        self, guild_id: int, channel_id: int | None = None
    ) -> Sequence[Subscription]:
        """A server's subscriptions, or those of one of its channels, the oldest first."""
        ...

    async def change_subscription(
        self,
        guild_id: int,
        subscription_id: int,
        spec: SubscriptionSpec,
        fresh_after: datetime | None,
        *,
        revision: int,
        seen: Sequence[int],
        dropped: Sequence[int],
        due_at: datetime,
        now: datetime,
    ) -> Subscription:
        """Replace what a subscription wants; `revision` and `seen` as when one is added.

        Of what waits for it the `dropped` stories are skipped, or all if it moves to another
        channel; the others are due at `due_at`. Raises `NotFoundError`.
        """
        ...

    async def pause_subscription(
        self, guild_id: int, subscription_id: int, reason: Reason, now: datetime
    ) -> Subscription:
        """Pause a subscription by hand: nothing is planned for it. Raises `NotFoundError`.

        What waits for it is open to the channel's other subscriptions: resuming would skip it.
        """
        ...

    async def resume_subscription(
        self,
        guild_id: int,
        subscription_id: int,
        *,
        revision: int,
        seen: Sequence[int],
        now: datetime,
    ) -> Subscription:
        """End a pause. After one by hand what waits is skipped, and `seen` is no news.

        What waited for a pause of the bot's own goes out. Raises `NotFoundError`.
        """
        ...

    async def remove_subscription(
        self, guild_id: int, subscription_id: int, now: datetime
    ) -> Subscription:
        """Unsubscribe, so that it can be undone; what waits is left to the channel's others.

        Raises `NotFoundError`.
        """
        ...

    async def restore_subscription(self, guild_id: int, subscription_id: int) -> Subscription:
        """Undo a removal; the stories that came since come now. Raises `NotFoundError`."""
        ...

    async def remove_expired(self, before: datetime, now: datetime) -> int:
        """Let removals up to a time be final, and skip what waits; answers how many.

        Drafts that were begun more than a day before `now` are removed with them.
        """
        ...

    async def subscription_activity(
        self, guild_id: int, subscription_id: int, since: datetime
    ) -> SubscriptionActivity:
        """What a subscription's posts came to since a time. Raises `NotFoundError`."""
        ...

    async def seen_by(self, guild_id: int, story_id: int) -> frozenset[int]:
        """The server's subscriptions, by id, to which a story is no news."""
        ...
