"""Queries and updates of `bot.announce` inside one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from storage.models import Subscription, SubscriptionSpec
from storage.posts import (
    Announced,
    ClaimedPost,
    FollowUp,
    FollowUpAction,
    NewPost,
    PlannerCursor,
    Post,
    PostStatus,
    RecoveredChannel,
    StoryFacts,
    SubscriptionState,
    WaitingFollowUp,
)
from storage.reasons import Reason


class Transaction(Protocol):
    """Queries and updates that take effect together, or not at all.

    Only valid inside the function passed to `OutboxStore.transact`. It makes no decisions:
    `bot.announce.digests` decides which posts make a digest, `bot.announce.post_states` which are
    folded, revived, skipped or replaced.
    """

    # The planner's cursor

    async def planner_cursor(self) -> PlannerCursor:
        """The planner's position."""

    async def move_cursor(self, revision: int) -> None:
        """Set the planner's position: it continues after `revision`."""

    async def rewind_cursor(self, revision: int | None) -> None:
        """Move the planner's cursor back to `revision`, if it is ahead; None: don't move it.

        In any case, plans based on an older snapshot are discarded
        (`PlannerCursor.subscriptions_version`).
        """

    # Posts

    async def get_posts(self, post_ids: Iterable[int]) -> Sequence[Post]:
        """Posts by id, ordered by id; ids that don't exist, and damaged posts, are left out."""

    async def find_posts(self, pairs: Iterable[tuple[int, int]]) -> Sequence[Post]:
        """The posts of (story id, channel id) pairs."""

    async def posts_with_status(self, status: PostStatus) -> Sequence[Post]:
        """All posts with a status; not for statuses that many posts have."""

    async def posts_led_by(self, post_ids: Iterable[int]) -> Sequence[Post]:
        """The posts whose `lead_post_id` is one of these: folded ones, and those of digests."""

    async def waiting_posts(
        self, subscription_ids: Iterable[int], due_by: datetime | None = None
    ) -> Sequence[Post]:
        """Posts that wait for subscriptions, lead their messages and are known not to be sent.

        They are ordered by id. `due_by` limits them to posts that are due at that time.
        """

    async def next_posts(
        self, now: datetime, limit: int, busy_channels: Iterable[int]
    ) -> Sequence[Post]:
        """The next posts to send, of those that `OutboxStore.has_due_posts` counts.

        At most one per channel; a post is left out if its story or its subscription is damaged.
        Channels that have a post with an unknown outcome come first, then
        those whose posts have waited longest. Within a channel, posts with an unknown outcome come
        first, then catch-up posts in order, then the others by quality.
        """

    async def insert_posts(self, posts: Iterable[NewPost], now: datetime) -> int:
        """Insert planned posts whose subscriptions still exist; return their number.

        A story has at most one post per channel: see `find_posts`.
        """

    async def update_posts(self, posts: Iterable[Post], now: datetime) -> None:
        """Replace stored posts.

        Adds a history entry if the status or reason changes, or the post is planned again.
        """

    async def record_planned(self, story_ids: Iterable[int], now: datetime) -> None:
        """Record when stories were planned: see `PlannerSnapshot.recent`."""

    async def relate_stories(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Record pairs of related stories, by id: see `ClaimedPost.related`."""

    async def reschedule_posts(self, subscription_id: int, due_at: datetime) -> None:
        """Change the due time of a subscription's waiting and folded posts."""

    async def get_message(self, lead_post_id: int) -> ClaimedPost:
        """A lead post with everything that its message shows, without damaged stories.

        Raises `DamagedRowError` if the post, its story or its subscription is damaged.
        """

    # Restored backups

    async def unsettled_posts(self, channel_id: int) -> Sequence[Post]:
        """A channel's posts that are planned, retried, claimed or folded, ordered by id."""

    async def posts_of_messages(
        self, channel_id: int, message_ids: Iterable[int]
    ) -> Mapping[int, Post]:
        """A channel's posts that lead one of these messages, by message."""

    async def record_recovery(
        self, channel: RecoveredChannel, announced: Mapping[str, Announced]
    ) -> None:
        """Record that a channel's history was read, and what it shows by normalised address."""

    async def recovered_channels(self) -> Mapping[int, RecoveredChannel]:
        """The channels whose history was read after a restore, by id."""

    async def find_announced(
        self, pairs: Iterable[tuple[int, int]]
    ) -> Mapping[tuple[int, int], Announced]:
        """What shows the stories of (story id, channel id) pairs, by any of their addresses.

        A message about the story alone comes before a digest, and this before coverage.
        """

    # Edits

    async def outdated_messages(
        self,
        *,
        post_ids: Iterable[int] | None = None,
        revisions: tuple[int, int] | None = None,
        sent_after: datetime | None = None,
    ) -> Sequence[int]:
        """The lead posts of messages with known ids that show an outdated version of a story.

        `post_ids`: only stories of these posts. `revisions`: only stories changed after the first
        and up to the second. `sent_after`: only messages sent later.
        """

    async def schedule_edits(self, lead_post_ids: Iterable[int], due_at: datetime) -> None:
        """Schedule an edit of each message, at most one per message at any time."""

    async def remove_edit(self, lead_post_id: int) -> None:
        """Cancel the scheduled edit of a message."""

    # Follow-ups

    async def insert_follow_ups(self, follow_ups: Iterable[FollowUp], now: datetime) -> None:
        """Insert follow-ups; a post that has one with the same action keeps that."""

    async def waiting_follow_ups(
        self, channel_id: int, action: FollowUpAction
    ) -> Sequence[WaitingFollowUp]:
        """A channel's follow-ups that wait, without those that `due_follow_ups` leaves out."""

    async def tried_follow_ups(
        self, channel_id: int, action: FollowUpAction, since: datetime
    ) -> Sequence[FollowUp]:
        """A channel's follow-ups that Discord did, or may have done, after a time.

        Those that wait are included whenever that was. They are ordered by that time.
        """

    async def update_follow_ups(self, follow_ups: Iterable[FollowUp], now: datetime) -> None:
        """Replace stored follow-ups."""

    # Stories and subscriptions

    async def story_facts(self, story_ids: Iterable[int]) -> Mapping[int, StoryFacts]:
        """Stories by id; damaged ones are left out."""

    async def subscription_states(
        self, subscription_ids: Iterable[int | None]
    ) -> Mapping[int, SubscriptionState]:
        """Subscriptions by id, including removed and damaged ones; others are left out."""

    async def get_subscription(
        self, guild_id: int, subscription_id: int, *, removed: bool = False
    ) -> Subscription:
        """A subscription of a server, or (`removed`) one that can be restored.

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
        """Insert a subscription; return its id."""

    async def update_subscription(
        self, subscription_id: int, spec: SubscriptionSpec, fresh_after: datetime | None
    ) -> None:
        """Replace the settings of a subscription."""

    async def set_pause(self, subscription_id: int, reason: Reason | None) -> None:
        """Pause a subscription for an admin, or (None) end its pause."""

    async def set_seen(self, subscription_id: int, story_ids: Iterable[int]) -> None:
        """Replace the list of stories that are not news to a subscription."""

    async def set_removed(self, subscription_id: int, at: datetime | None) -> int:
        """Mark a subscription as removed, or (None) restore it.

        Returns the revision of the planner's cursor at the time of the removal.
        """

    async def find_subscriptions(
        self,
        *,
        channel_id: int | None = None,
        removed_by: datetime | None = None,
        left_before: datetime | None = None,
    ) -> Sequence[int]:
        """Ids of the subscriptions that meet one of the conditions, including removed ones."""

    async def delete_subscriptions(self, subscription_ids: Iterable[int]) -> None:
        """Delete subscriptions permanently; their posts are kept."""
