"""Planning, sending and editing posts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from storage.posts import ClaimedPost, DueEdit, PlannerSnapshot, Post, PostEvent, PostStatus
from storage.protocols.transaction import Transaction

T = TypeVar("T")


class OutboxStore(Protocol):
    """What planning and sending need. One process owns the outbox: see `acquire_outbox`."""

    async def acquire_outbox(self) -> None:
        """Become the one process that plans and sends, until the store is closed.

        Raises `StoreLockedError` if another process is.
        In an adapter for several processes ownership ends with the connection, and every write of
        an owner carries a token that is rejected when there is a later one (fencing).
        """

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` inside one writing transaction and return what it returns.

        It takes effect as a whole, also when the caller is cancelled; whatever it raises rolls
        everything back. An adapter may run it again after a conflict, so it has no other effects.
        Claiming posts, settling them and recovering claims must only be done by the owner of the
        outbox: an adapter for several processes has to reject such writes of a former owner.
        """

    async def planner_snapshot(
        self, limit: int, *, planned_since: datetime | None = None
    ) -> PlannerSnapshot:
        """The next stories behind the planner's cursor, at most `limit`, and who may want them.

        Subscriptions whose topics and bar none of the stories meets are left out, and so are those
        that an admin paused. `recent` are the stories planned since `planned_since`. Revisions
        come in the order in which they were committed.
        """

    async def has_due_posts(self, now: datetime, busy_channels: Sequence[int]) -> bool:
        """Whether a post may go out now: it is due, and nothing holds it.

        None of a busy channel, a paused subscription, or a server that the bot left; and no more
        than a subscription's `max_per_hour` in any hour, digests aside. A post with an unknown
        outcome is held by a pause only.
        """

    async def due_edits(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[DueEdit]:
        """Messages to be edited: at most one per channel, none in a busy or paused one.

        Nothing is claimed, as editing twice does no harm; still only the owner of the outbox is to
        edit.
        """

    async def delay_edit(self, edit: DueEdit, until: datetime) -> None:
        """Try the edit again later."""

    async def drop_edit(self, edit: DueEdit) -> None:
        """Give the edit up: the message is gone, or too old."""

    async def reset_future_due_times(self, now: datetime) -> None:
        """Make due what a clock that was set back since had put off.

        Digests stay at their times, unless these are more than 8 days ahead.
        """

    async def next_due_at(self, now: datetime) -> datetime | None:
        """When, after `now`, the next post or edit that no pause holds becomes due.

        An hourly cap may hold the post then: see `has_capped_posts`.
        """

    async def has_capped_posts(self, now: datetime) -> bool:
        """Whether a post is due that only its subscription's `max_per_hour` can hold back."""

    async def data_version(self) -> object:
        """A value that is unequal to all earlier ones after any commit, by any process.

        Cheap enough to be asked every second: whoever found nothing to do needs to look again only
        when it has changed, or a time has come.
        """

    async def get_post(self, post_id: int) -> Post:
        """One post. Raises `NotFoundError`."""

    async def find_post(self, story_id: int, channel_id: int) -> Post | None:
        """A story's post in a channel, if there is one."""

    async def get_delivered(self, post_id: int) -> ClaimedPost:
        """A post with all that its message shows. Raises `NotFoundError`."""

    async def list_posts(self, statuses: Sequence[PostStatus], limit: int) -> Sequence[ClaimedPost]:
        """Posts with one of these statuses, with their stories, the latest changed first."""

    async def post_history(self, post_id: int) -> Sequence[PostEvent]:
        """What became of a post, step by step. Raises `NotFoundError`."""

    async def count_edits(self) -> int:
        """How many messages wait to be edited."""

    async def count_posts(self) -> Mapping[PostStatus, int]:
        """How many posts have each status."""
