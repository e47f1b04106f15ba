"""What a store promises about subscriptions; see `storage.store` for what holds of every method."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.models import (
    NewSubscription,
    PausedBy,
    Rules,
    Subscription,
    SubscriptionActivity,
    SubscriptionChange,
    SubscriptionView,
)
from storage.posts import (
    NewPost,
    Post,
)


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
        self, guild_id: int | None = None, channel_id: int | None = None
    ) -> Sequence[Subscription]:
        """Subscriptions, the oldest first."""
        ...

    async def change_subscription(
        self,
        guild_id: int,
        subscription_id: int,
        change: SubscriptionChange,
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
        self, guild_id: int, subscription_id: int, reason: str, now: datetime
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

    async def find_post(self, story_id: int, channel_id: int) -> Post | None:
        """A story's post in a channel, if there is one."""
        ...

    async def seen_by(self, guild_id: int, story_id: int) -> frozenset[int]:
        """The server's subscriptions, by id, to which a story is no news."""
        ...

    async def access_roles(self, guild_id: int) -> frozenset[int]:
        """The roles whose members may change a server's subscriptions as its admins do."""
        ...

    async def set_access(self, guild_id: int, role_id: int, allowed: bool) -> None:
        """Let a role's members change subscriptions, or no longer."""
        ...

    async def save_draft(self, guild_id: int, user_id: int, content: str, now: datetime) -> int:
        """Keep what an admin is about to save; answers the draft's id."""
        ...

    async def get_draft(self, guild_id: int, draft_id: int) -> str:
        """A draft's content. Raises `NotFoundError`."""
        ...

    async def update_draft(self, guild_id: int, draft_id: int, content: str) -> None:
        """Replace a draft's content. Raises `NotFoundError`."""
        ...

    async def remove_draft(self, guild_id: int, draft_id: int) -> None:
        """Remove a draft, if it is there."""
        ...

    async def remove_channel(self, channel_id: int, now: datetime) -> int:
        """Unsubscribe a channel that is gone for good; answers how many subscriptions it had."""
        ...

    async def leave_guild(self, guild_id: int, now: datetime) -> int:
        """Note that the bot is no longer in a server; its posts are held. Answers how many."""
        ...

    async def rejoin_guild(self, guild_id: int) -> int:
        """Note that the bot is in a server again; answers how many subscriptions go on."""
        ...

    async def remove_left(self, before: datetime, now: datetime) -> int:
        """Remove subscriptions of servers that the bot left before a time; answers how many."""
        ...

    async def pause_channel(self, channel_id: int, by: PausedBy, reason: str) -> int:
        """Pause a channel's running subscriptions; answers how many. Waiting posts are held."""
        ...

    async def resume_channel(self, channel_id: int, by: PausedBy) -> int:
        """End the pauses of a channel that `by` made; answers how many."""
        ...
