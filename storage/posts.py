"""Posts: stories on their way to channels, and what may become of them.

Plain frozen values like `storage.models`, with the same rules for times and ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from storage.models import PausedBy, Story, Subscription
from storage.reasons import Reason


class PostStatus(StrEnum):
    """Where a post stands in the outbox; see docs/architecture.md for the picture."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    RETRY = "retry"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class NewPost:
    """A story to be posted in a channel.

    `nonce` has at most 25 characters and is sent with every attempt.
    `due_at` is when it may go out at the earliest. `catch_up` posts are sent whatever their age.
    `same_stories` are stories that cover the same event: where the channel has one of them or
    awaits it, this one is folded into that post.
    """

    story_id: int
    subscription_id: int
    guild_id: int
    channel_id: int
    nonce: str
    due_at: datetime
    catch_up: bool = False
    same_stories: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A story's way to a channel.

    `unknown_since` is the time of the first attempt with an unknown outcome; None when every
    attempt so far has a known outcome. `attempts` counts the sends that were begun.
    `lead_post_id` is the post whose message contains this story, too: as further coverage (folded),
    or in its digest, where `place` counts from 1. `shown` is the digest of the story as the message
    shows it (`StoryFacts.visible_hash`), None if unknown. `message_removed`: the bot deleted the
    message, as its stories were withdrawn. `replaceable`: it is not out, and the planner may plan
    the story for the channel again in place of this post.
    """

    id: int
    story_id: int
    subscription_id: int | None
    guild_id: int
    channel_id: int
    nonce: str
    status: PostStatus
    catch_up: bool
    planned_at: datetime
    due_at: datetime
    attempts: int = 0
    claimed_at: datetime | None = None
    unknown_since: datetime | None = None
    settled_at: datetime | None = None
    message_id: int | None = None
    reason: Reason | None = None
    lead_post_id: int | None = None
    place: int | None = None
    shown: str | None = None
    message_removed: bool = False
    replaceable: bool = False

    @property
    def mark(self) -> str:
        """What is written into the message so that it can be recognised in the channel."""
        return f"story:{self.id}:{self.nonce}"


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """What the deciders of `announce` need of a story.

    `visible_hash` stands for what a reader sees of it.
    """

    id: int
    revision: int
    title: str
    quality: int
    heat: int
    dated_at: datetime
    withdrawn: bool
    visible_hash: str


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """What the deciders of `announce` need of a subscription, also of a removed one.

    `digest_best` is how many stories its digest holds at most; None: each story comes by itself.
    """

    id: int
    channel_id: int
    paused_by: PausedBy | None
    removed: bool
    digest_best: int | None


@dataclass(frozen=True, slots=True)
class ClaimedPost:
    """A post with its story as it stands now, and all else that its message shows.

    `digest` holds the stories of a digest, the best first, the post's own among them; it is empty
    for the message of one story. `coverage` are stories folded into it. `subscription` None: it was
    removed.
    """

    post: Post
    story: Story
    subscription: Subscription | None = None
    digest: tuple[Story, ...] = ()
    coverage: tuple[Story, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """Discord has the message; `embed_missing`: without its embed, which an edit is to bring."""

    message_id: int
    embed_missing: bool = False


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try again later; `unknown` says that the message may be out already."""

    at: datetime
    reason: Reason
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """Known not to be out, and not to be sent before a time, such as the end of quiet hours."""

    until: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Skipped:
    """Never sent and not to be sent."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Failed:
    """Refused for good: sending it again would be refused again."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Nobody can tell whether it was sent; an operator decides."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class PostEvent:
    """A step of a post's history."""

    at: datetime
    status: PostStatus
    reason: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEdit(ClaimedPost):
    """A message that is to show its stories as they are now.

    `shown` is, by post id, the `StoryFacts.visible_hash` that the edit brings.
    """

    shown: Mapping[int, str]
    attempts: int


Settlement: TypeAlias = Sent | RetryAt | Held | Skipped | Failed | Uncertain


@dataclass(frozen=True, slots=True)
class PlannerCursor:
    """Where the planner stands: it has looked at every story up to a revision.

    `subscriptions_version` changes whenever a subscription is made or changed.
    """

    revision: int
    subscriptions_version: int


@dataclass(frozen=True, slots=True)
class PlannerSnapshot:
    """What the planner looks at: the stories behind its cursor, and all that may want them."""

    cursor: int
    stories: tuple[Story, ...]
    subscriptions: tuple[Subscription, ...]
    posted: frozenset[tuple[int, int]] = frozenset()
    """(story id, channel id) of the posts of these stories, replaceable ones left out."""
    seen: frozenset[tuple[int, int]] = frozenset()
    """(subscription id, story id): met the rules when the subscription was made."""
    recent: tuple[Story, ...] = ()
    """Stories that were planned lately: a new one may cover the same event."""
    subscriptions_version: int = 0
    """Changes whenever a subscription is made or changed."""
