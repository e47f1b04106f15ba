"""Planning, sending and editing posts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from storage.models import DeliveryOptions
from storage.posts import (
    ClaimedPost,
    DueEdit,
    FollowUp,
    FollowUpAction,
    PlannerSnapshot,
    Post,
    PostEvent,
    PostStatus,
)
from storage.protocols.transaction import Transaction

T = TypeVar("T")


class OutboxStore(Protocol):
    """Stores posts and edits. One process owns the outbox: see `acquire_outbox`."""

    async def acquire_outbox(self) -> None:
        """Become the only process that plans and sends, until the store is closed.

        Raises `StoreLockedError` if another process already is.
        In an adapter for several processes ownership ends with the connection, and every write of
        an owner carries a token that is rejected when there is a later one (fencing).
        """

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` inside one writing transaction and return its result.

        It takes effect completely, even if the caller is cancelled; any exception that it raises
        rolls everything back. An adapter may run `work` again after a conflict, so it must have no
        other side effects. Only the owner of the outbox may claim and settle posts and recover
        claims: an adapter for several processes must reject such writes of a former owner.
        """

    async def planner_snapshot(
        self, limit: int, *, planned_since: datetime | None = None
    ) -> PlannerSnapshot:
        """The next stories after the planner's cursor (at most `limit`) and possible subscriptions.

        Subscriptions are left out if an admin paused them, or if no story meets their topics and
        minimum quality. `recent` are the stories planned since `planned_since`. Revisions appear in
        the order in which they were committed. A damaged story is read past: it is planned when its
        source has repaired it, which gives it a new revision.
        """

    async def has_due_posts(self, now: datetime, busy_channels: Sequence[int]) -> bool:
        """Whether a post may be sent now: it is due, and nothing holds it.

        Posts are held in busy channels, for paused subscriptions, in servers that the bot left, and
        after `max_per_hour` posts of a subscription within an hour (without digests). A post with
        an unknown outcome is only held by a pause.
        """

    async def due_edits(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[DueEdit]:
        """Due edits of messages: at most one per channel, none in busy or paused channels.

        Edits are not claimed, because repeating one is harmless; nevertheless only the owner of the
        outbox may edit.
        """

    async def delay_edit(self, edit: DueEdit, until: datetime) -> None:
        """Delay an edit until a time."""

    async def drop_edit(self, edit: DueEdit) -> None:
        """Drop an edit, because the message is gone or too old."""

    async def due_follow_ups(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[tuple[int, FollowUpAction]]:
        """Channels, except busy ones, and the actions of their due follow-ups, in order of time.

        Left out are follow-ups of messages that wait for an edit, of subscriptions that are paused
        or removed, and in servers that the bot left.
        """

    async def list_follow_ups(self, post_id: int) -> Sequence[FollowUp]:
        """The follow-ups of a post's message, waiting or not."""

    async def correct_times(
        self, now: datetime, first_due: Callable[[DeliveryOptions, datetime], datetime]
    ) -> None:
        """Correct the times that were computed while the clock was ahead of `now`.

        Waiting posts are due when `first_due` of their subscription's options says, unless they
        are due earlier; retries, edits and follow-ups are due now. Other times in the future become
        `now`: of removals, departures, drafts, and the times up to which stories are folded or
        count as old.
        """

    async def retry_after_outage(self, now: datetime, codes: Sequence[str]) -> None:
        """Make posts due that wait for their next attempt for a reason with one of these codes.

        The same is true for follow-ups. Edits that wait for their next attempt are due, too; their
        reasons are not recorded.
        """

    async def next_due_at(self, now: datetime) -> datetime | None:
        """The time after `now` when the next edit, follow-up, or unpaused post becomes due.

        An hourly cap may still hold the post then: see `has_capped_posts`.
        """

    async def has_capped_posts(self, now: datetime) -> bool:
        """Whether a post is due that only its subscription's `max_per_hour` may hold."""

    async def data_version(self) -> object:
        """A value that changes with every commit of any process.

        It is cheap enough to poll every second: as long as it is unchanged, only the passing of
        time can make posts due.
        """

    async def get_post(self, post_id: int) -> Post:
        """One post. Raises `NotFoundError`."""

    async def find_post(self, story_id: int, channel_id: int) -> Post | None:
        """A story's post in a channel, or None."""

    async def get_delivered(self, post_id: int) -> ClaimedPost:
        """A post with everything that its message shows. Raises `NotFoundError`."""

    async def list_posts(self, statuses: Sequence[PostStatus], limit: int) -> Sequence[ClaimedPost]:
        """Posts with one of these statuses, with their stories, the last changed first."""

    async def post_history(self, post_id: int) -> Sequence[PostEvent]:
        """The history of a post, oldest entry first. Raises `NotFoundError`."""

    async def count_edits(self) -> int:
        """The number of waiting edits."""

    async def count_posts(self) -> Mapping[PostStatus, int]:
        """The number of posts by status."""
