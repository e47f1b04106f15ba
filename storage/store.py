"""What a store promises, whatever it is built on.

Every time that goes in or comes out is an aware `datetime`. Each method is one transaction: it
happens as a whole or not at all, also when the caller is cancelled. (What withdraws documents is
one for every so many of them: others may write between.) Every method may raise `StoreLockedError`
or `StoreUnusableError`; what else it raises is said there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from storage.models import (
    Document,
    Fingerprint,
    LoadCounts,
    RejectedDocument,
    Story,
    StoryPage,
    StoryQuery,
    Topic,
    TopicSummary,
)
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
from storage.sources import SourceState
from storage.subscription_store import SubscriptionStore

__all__ = [
    "ArticleStore",
    "OutboxStore",
    "SettingsStore",
    "SourceStore",
    "Store",
    "StoryStore",
    "SubscriptionStore",
]


class ArticleStore(Protocol):
    """What loading needs."""

    async def register_sources(self, names: Sequence[str]) -> None:
        """Tell which sources there are; the first to tell an article is the one that is shown."""
        ...

    async def withdraw_unnamed_sources(self) -> int:
        """Withdraw what only sources tell that are no longer named; answers how many documents.

        To be called when every named source has been read: a renamed one has then told its stories
        under its new name.
        """
        ...

    async def known_documents(self, source: str, settings: str) -> Mapping[str, Fingerprint]:
        """The documents of `source` by key, gone ones left out.

        Empty if they were read under other `settings` (a digest), so that all are read anew.
        """
        ...

    async def save_documents(
        self,
        source: str,
        documents: Sequence[Document],
        now: datetime,
        *,
        archive: bool = False,
        unread: Collection[str] = (),
        put_off: Callable[[Document], None] | None = None,
    ) -> LoadCounts:
        """Keep what was read; a rejected document leaves its last good version in place.

        A document tells the article that has one of its addresses. Under addresses that are new it
        tells what it told before (they were changed), unless another document of the source tells
        that, or it was gone or missing: then its key was used again for a new article. What the
        documents under the keys `unread` told doesn't count, as these are yet to be read.

        `archive`: what the source's first reading brings (all up to `finish_reading`) was there
        before and is no news, unless a source without `archive` tells it, too.

        `put_off`: more documents are to come, so one under new addresses is not kept but told to
        it, as another that comes may tell what this one told before.
        """
        ...

    async def note_missing(self, source: str, keys: Sequence[str]) -> None:
        """Note that these documents were not seen; their stories stay until it is known to be so.

        One that is saved again, and any after `register_sources`, is missing no more.
        """
        ...

    async def withdraw_documents(self, source: str, keys: Sequence[str]) -> int:
        """Note that these documents are gone; answers how many were there.

        A story is withdrawn when no document tells it any more.
        """
        ...

    async def finish_reading(self, source: str, settings: str, holdings: str | None = None) -> None:
        """Note that all of `source` has been read under these settings.

        `holdings` stands for all that it holds, if that is known: see `known_holdings`.
        """
        ...

    async def known_holdings(self, source: str, settings: str) -> str | None:
        """The holdings noted last; None if they are not known.

        Any change of the source's documents and other `settings` make them unknown.
        """
        ...

    async def rejected_documents(self, source: str | None = None) -> Sequence[RejectedDocument]:
        """What stands rejected, by source and key."""
        ...


class SourceStore(Protocol):
    """How the sources do."""

    async def note_run(self, source: str, at: datetime, error: str | None) -> None:
        """Note that a source was read just now, or what went wrong."""
        ...

    async def list_sources(self) -> Sequence[SourceState]:
        """All sources that were ever read, in the order of the settings."""
        ...


class StoryStore(Protocol):
    """What lookups need. Withdrawn stories are found by nothing but `get_story`."""

    async def find_stories(self, query: StoryQuery) -> StoryPage:
        """One page of stories; text that has no word in it finds nothing."""
        ...

    async def complete_titles(self, typed: str, limit: int) -> Sequence[Story]:
        """The best stories whose titles have words beginning like the typed ones."""
        ...

    async def get_story(self, story_id: int) -> Story:
        """One story. Raises `NotFoundError`."""
        ...

    async def list_topics(self, limit: int, offset: int = 0) -> Sequence[Topic]:
        """Topics that have stories, the largest first."""
        ...

    async def count_topics(self) -> int:
        """How many topics have stories."""
        ...

    async def complete_topics(self, typed: str, limit: int) -> Sequence[Topic]:
        """Topics whose name contains what was typed, those that begin with it first."""
        ...

    async def get_topic(self, name: str) -> Topic:
        """A topic by its name in any case. Raises `NotFoundError`."""
        ...

    async def get_topic_by_id(self, topic_id: int) -> Topic:
        """A topic by id. Raises `NotFoundError`."""
        ...

    async def summarise_topic(self, topic_id: int) -> TopicSummary:
        """What a topic's page shows. Raises `NotFoundError`."""
        ...

    async def count_stories(self) -> int:
        """How many stories there are."""
        ...


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


class SettingsStore(Protocol):
    """Small values that outlive a run, such as the hash of the commands last synced."""

    async def get_value(self, name: str) -> str | None:
        """The value, or None."""
        ...

    async def set_value(self, name: str, value: str) -> None:
        """Keep a value."""
        ...


class Store(
    ArticleStore, SourceStore, StoryStore, SubscriptionStore, OutboxStore, SettingsStore, Protocol
):
    """All of it. Ask for the part that you need."""
