"""Planning, sending and editing posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from storage.posts import (
    ClaimedPost,
    DueEdit,
    NewPost,
    PlannerView,
    Post,
    PostEvent,
    PostStatus,
    Settlement,
)


class OutboxStore(Protocol):
    """What planning and sending need. One process owns the outbox: see `own_outbox`."""

    async def own_outbox(self) -> None:
        """Become the one process that plans and sends, until the store is closed.

        Raises `StoreLockedError` if another process is.
        """
        ...

    async def planner_view(self, limit: int, *, told_since: datetime | None = None) -> PlannerView:
        """The next stories behind the planner's cursor, at most `limit`, and who may want them.

        Subscriptions whose topics and bar none of the stories meets are left out, and so are those
        that are paused by hand. `recent` are the stories planned since `told_since`.
        """
        ...

    async def plan_posts(
        self,
        cursor: int,
        new_cursor: int,
        posts: Sequence[NewPost],
        now: datetime,
        *,
        edit_since: datetime,
        told_since: datetime | None = None,
        newest_subscription: int | None = None,
    ) -> int:
        """Move the cursor and write the posts; answers how many posts and edits were written.

        Posts of subscriptions that are gone meanwhile, and repeats of a story in a channel, are
        left out. A post whose channel has or awaits one of its kin, planned after `told_since`, is
        folded into that one. Messages sent after `edit_since` whose stories look different now, or
        that got coverage, are to be edited. Does nothing if the cursor no longer stands at
        `cursor`, or if a subscription was made or changed since the view was taken.
        """
        ...

    async def claim_posts(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[ClaimedPost]:
        """Claim due posts for sending: at most one per channel, none in a busy or paused one.

        A subscription gets at most its `max_per_hour` in any hour. Of several waiting posts of a
        channel, one that may be out already goes first, then catch-up in order, then the best.

        The due stories of a subscription that wants a digest are claimed as one post: the best one
        leads, the others follow it, and those over the digest's best are skipped.
        """
        ...

    async def settle_post(self, post_id: int, settlement: Settlement, now: datetime) -> None:
        """Record what became of a claimed post. Raises `NotFoundError` if it is not claimed.

        What is in its digest goes the same way. If it is not sent after all, what was folded into
        it is told.
        """
        ...

    async def due_edits(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[DueEdit]:
        """Messages to be edited: at most one per channel, none in a busy or paused one."""
        ...

    async def finish_edit(self, edit: DueEdit, now: datetime, *, deleted: bool = False) -> None:
        """Record that the message shows the story as it was then, or was deleted with it.

        If the story has changed since, the message is to be edited again.
        """
        ...

    async def delay_edit(self, edit: DueEdit, until: datetime) -> None:
        """Try the edit again later."""
        ...

    async def drop_edit(self, edit: DueEdit) -> None:
        """Give the edit up: the message is gone, or too old."""
        ...

    async def recover_claimed(self, now: datetime) -> int:
        """At start: what stands as claimed has an unknown outcome and is to be looked at first."""
        ...

    async def clock_set_back(self, now: datetime) -> None:
        """What was put off by a clock that shows an earlier time since is due now."""
        ...

    async def next_due_at(self, now: datetime) -> datetime | None:
        """When, after `now`, the next post or edit that nothing holds becomes due."""
        ...

    async def get_post(self, post_id: int) -> Post:
        """One post. Raises `NotFoundError`."""
        ...

    async def find_post(self, story_id: int, channel_id: int) -> Post | None:
        """A story's post in a channel, if there is one."""
        ...

    async def get_told(self, post_id: int) -> ClaimedPost:
        """A post with all that its message shows. Raises `NotFoundError`."""
        ...

    async def list_posts(self, statuses: Sequence[PostStatus], limit: int) -> Sequence[ClaimedPost]:
        """Posts that stand so, with their stories, the latest first."""
        ...

    async def post_history(self, post_id: int) -> Sequence[PostEvent]:
        """What became of a post, step by step. Raises `NotFoundError`."""
        ...

    async def count_edits(self) -> int:
        """How many messages wait to be edited."""
        ...

    async def redirect_post(
        self, post_id: int, settlement: Settlement | None, now: datetime
    ) -> None:
        """Let an operator decide about a post that is not being sent: settle it, or (None) resend.

        A digest is decided about as a whole, by any of its posts.
        Raises `NotFoundError` for a post that is not there, is being sent, or was sent.
        """
        ...

    async def count_posts(self) -> Mapping[PostStatus, int]:
        """How many posts stand in each status."""
        ...
