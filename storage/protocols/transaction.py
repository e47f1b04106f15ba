"""What the deciders of `bot.announce` read and write inside one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from storage.models import Subscription, SubscriptionSpec
from storage.posts import (
    ClaimedPost,
    NewPost,
    PlannerCursor,
    Post,
    PostStatus,
    StoryFacts,
    SubscriptionState,
)
from storage.reasons import Reason


class Transaction(Protocol):
    """Queries and updates that take effect together, or not at all.

    Only valid inside the function that `OutboxStore.transact` was given. It decides nothing: which
    posts make a digest, what is folded, revived, skipped or replaced is decided in
    `bot.announce.post_states`.
    """

    # The planner's cursor

    async def planner_cursor(self) -> PlannerCursor:
        """Where the planner stands."""

    async def move_cursor(self, revision: int) -> None:
        """Let the planner go on after a revision."""

    async def rewind_cursor(self, revision: int | None) -> None:
        """Let the planner look once more at what came after a revision; None: at nothing.

        What it planned on an older view is not written (`PlannerCursor.subscriptions_version`).
        """

    # Posts

    async def get_posts(self, post_ids: Iterable[int]) -> Sequence[Post]:
        """Posts by id, in the order of their ids; ids that do not exist are left out."""

    async def find_posts(self, places: Iterable[tuple[int, int]]) -> Sequence[Post]:
        """The posts of (story id, channel id) pairs."""

    async def posts_with_status(self, status: PostStatus) -> Sequence[Post]:
        """All posts with a status; not for statuses that many posts have."""

    async def posts_led_by(self, post_ids: Iterable[int]) -> Sequence[Post]:
        """The posts whose `lead_post_id` is one of these: folded ones, and those of a digest."""

    async def waiting_posts(
        self, subscription_ids: Iterable[int], due_by: datetime | None = None
    ) -> Sequence[Post]:
        """What waits for subscriptions by itself and is known not to be out, by id."""

    async def next_posts(
        self, now: datetime, limit: int, busy_channels: Iterable[int]
    ) -> Sequence[Post]:
        """The posts whose turn it is, of those that `OutboxStore.has_due_posts` counts.

        At most one per channel. Channels with a post of unknown outcome come first, then those
        whose post has waited longest. Of a channel's posts: one with an unknown outcome, then
        catch-up in order, then the best by quality.
        """

    async def insert_posts(self, posts: Iterable[NewPost], now: datetime) -> int:
        """Insert planned posts of subscriptions that still exist; returns how many.

        A story has one post per channel: see `find_posts`.
        """

    async def update_posts(self, posts: Iterable[Post], now: datetime) -> None:
        """Write posts as they are now.

        A post whose status or reason changes, or that is planned again, gets a step of history.
        """

    async def note_planned(self, story_ids: Iterable[int], now: datetime) -> None:
        """Let stories count as planned lately: see `PlannerSnapshot.recent`."""

    async def reschedule_posts(self, subscription_id: int, due_at: datetime) -> None:
        """Let what waits for a subscription, or is folded for it, be due at another time."""

    async def get_message(self, lead_post_id: int) -> ClaimedPost:
        """A post that leads a message, with all that the message shows."""

    # Edits

    async def outdated_messages(
        self,
        *,
        post_ids: Iterable[int] | None = None,
        revisions: tuple[int, int] | None = None,
        sent_after: datetime | None = None,
    ) -> Sequence[int]:
        """Messages in their channels that show a story otherwise than it is now, by leading post.

        `post_ids`: only stories of these posts. `revisions`: only stories changed after the first
        and up to the second. `sent_after`: only younger messages.
        """

    async def schedule_edits(self, lead_post_ids: Iterable[int], due_at: datetime) -> None:
        """Edit messages, each once, however often that is asked for."""

    async def remove_edit(self, lead_post_id: int) -> None:
        """Forget that a message is to be edited."""

    # Stories and subscriptions

    async def story_facts(self, story_ids: Iterable[int]) -> Mapping[int, StoryFacts]:
        """Stories by id."""

    async def subscription_states(
        self, subscription_ids: Iterable[int | None]
    ) -> Mapping[int, SubscriptionState]:
        """Subscriptions by id, removed ones too; those that do not exist are left out."""

    async def get_subscription(
        self, guild_id: int, subscription_id: int, *, removed: bool = False
    ) -> Subscription:
        """A server's subscription, or (`removed`) one that can be restored.

        Raises `NotFoundError`.
        """

    async def insert_subscription(
        self,
        guild_id: int,
        created_by: int,
        created_at: datetime,
        spec: SubscriptionSpec,
        fresh_after: datetime | None,
    ) -> int:
        """Insert a subscription; returns its id."""

    async def update_subscription(
        self, subscription_id: int, spec: SubscriptionSpec, fresh_after: datetime | None
    ) -> None:
        """Replace what a subscription asks for."""

    async def set_pause(self, subscription_id: int, reason: Reason | None) -> None:
        """Pause a subscription for an admin, or (None) end its pause."""

    async def set_seen(self, subscription_id: int, story_ids: Iterable[int]) -> None:
        """Replace the stories that are no news to a subscription."""

    async def set_removed(self, subscription_id: int, at: datetime | None) -> int:
        """Mark a subscription as removed, or (None) restore it.

        Returns the planner's revision at the time of the removal.
        """

    async def find_subscriptions(
        self,
        *,
        channel_id: int | None = None,
        removed_by: datetime | None = None,
        left_before: datetime | None = None,
    ) -> Sequence[int]:
        """Subscriptions that meet one of the conditions, by id, removed ones too."""

    async def delete_subscriptions(self, subscription_ids: Iterable[int]) -> None:
        """Delete subscriptions for good; their posts stay."""
