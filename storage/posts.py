"""Posts (stories planned for channels), their states and results.

Plain frozen values like `storage.models`, with the same rules for times and ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from storage.models import DeliveryOptions, Look, PausedBy, Story, Subscription
from storage.reasons import MessageReduced, Reason


class PostStatus(StrEnum):
    """The state of a post in the outbox; docs/architecture.md has a diagram."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    RETRY = "retry"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    FOLDED = "folded"


class FollowUpAction(StrEnum):
    """What is done with a message after it was sent."""

    PUBLISH = "publish"
    """Publish it to the channels that follow its announcement channel."""
    DISCUSS = "discuss"
    """Open a thread under it."""


class FollowUpStatus(StrEnum):
    """The state of a follow-up."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


def follow_ups_of(delivery: DeliveryOptions) -> frozenset[FollowUpAction]:
    """What is done with each message of a subscription."""
    wanted = {
        FollowUpAction.PUBLISH: delivery.publish,
        FollowUpAction.DISCUSS: delivery.discuss,
    }
    return frozenset(action for action, is_wanted in wanted.items() if is_wanted)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Something to do with a post's message after it was sent.

    `sent_at` is about when the message was sent. `tried_at` is when Discord last did it, or may
    have done it; None: it did not. `reason` says why it waits, or why it was not done.
    """

    post_id: int
    action: FollowUpAction
    channel_id: int
    sent_at: datetime
    due_at: datetime
    status: FollowUpStatus = FollowUpStatus.WAITING
    attempts: int = 0
    tried_at: datetime | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class WaitingFollowUp:
    """A follow-up that waits, with what decides about it.

    `quality` is that of the post's story. `withdrawn`: the message was deleted, or each of its
    stories was withdrawn.
    """

    follow_up: FollowUp
    subscription_id: int | None
    quality: int
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class SameEvent:
    """Another story is about the same event: both titles have `words`; `apart`: in time."""

    story_id: int
    words: tuple[str, ...]
    apart: timedelta


@dataclass(frozen=True, slots=True)
class NewPost:
    """A story to be posted in a channel.

    `nonce` has at most 25 characters and is sent with every attempt.
    `due_at` is the earliest time to send it. `catch_up` posts are sent whatever their age.
    `reason` says why it is planned, if not as news.
    `same_events` are stories about the same event: if the channel has a post of one of them, sent
    or waiting, this post is folded into it. `related` are the ids of stories about other events
    that list this one as related coverage, or that it lists: in the channel, their messages and
    this one's show each other. `fold`: stories about the same event are folded in this channel, so
    that a message shows a story even if it only lists it as coverage.
    """

    story_id: int
    subscription_id: int
    guild_id: int
    channel_id: int
    nonce: str
    due_at: datetime
    catch_up: bool = False
    reason: Reason | None = None
    same_events: tuple[SameEvent, ...] = ()
    related: tuple[int, ...] = ()
    fold: bool = True


@dataclass(frozen=True, slots=True)
class Post:
    """A story planned for a channel, with its state.

    `unknown_since` is the time of the first attempt with an unknown outcome; None if every attempt
    so far has a known outcome. `attempts` counts the sends that were started.
    `lead_post_id` is the post whose message also shows this story: as coverage (folded), or in its
    digest, at `digest_position` (from 1). `shown` is the hash of the story as the message shows it
    (`StoryFacts.visible_hash`), None if unknown. `message_removed`: the bot deleted the message,
    because its stories were withdrawn. `replaceable`: the post is not sent, and the planner may
    plan the story for the channel again in its place. `thread_id` is the thread that the message
    opened in a forum, and is in; None elsewhere. `look` is that of the message, or will be.
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
    digest_position: int | None = None
    shown: str | None = None
    message_removed: bool = False
    replaceable: bool = False
    thread_id: int | None = None
    look: Look = Look.CARD

    @property
    def mark(self) -> str:
        """The custom_id component that identifies the post's message in the channel."""
        return f"story:{self.id}:{self.nonce}"


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """The properties of a story that `bot.announce` decides by.

    `visible_hash` is the hash of what readers see of it.
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
    """The properties of a subscription, possibly removed, that `bot.announce` decides by.

    `digest_best` is the maximum size of its digest; None if each story gets its own message, which
    has the `look`. `damaged`: its row can't be decoded, and nothing is planned or sent for it.
    `follow_ups` are done with each of its messages.
    """

    id: int
    channel_id: int
    paused_by: PausedBy | None
    removed: bool
    digest_best: int | None
    damaged: bool = False
    look: Look = Look.CARD
    follow_ups: frozenset[FollowUpAction] = frozenset()


@dataclass(frozen=True, slots=True)
class ClaimedPost:
    """A post with the current state of its story, and everything else that its message shows.

    `digest` contains the stories of a digest, the best first, including the post's own; it is empty
    for the message of one story. `coverage` are the stories folded into it. `catch_up` are the ids
    of those of its stories that are catch-up. `related` are stories about other events that the
    channel also has. `subscription` is None if it was removed.
    """

    post: Post
    story: Story
    subscription: Subscription | None = None
    digest: tuple[Story, ...] = ()
    coverage: tuple[Story, ...] = ()
    catch_up: frozenset[int] = frozenset()
    related: tuple[Story, ...] = ()

    @property
    def only_catch_up(self) -> bool:
        """Whether its message has only stories that a subscription started with."""
        return all(story.id in self.catch_up for story in self.digest or (self.story,))


@dataclass(frozen=True, slots=True)
class Sent:
    """Discord has the message.

    `embed_missing`: without its embed, which an edit will restore. `reduced`: without parts that
    Discord rejects. `thread_id` is the thread that it opened in a forum.
    """

    message_id: int
    embed_missing: bool = False
    reduced: MessageReduced | None = None
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try again later; `unknown`: the message may have been sent already.

    `searched`: by this attempt only, as the channel was searched for messages of earlier ones.
    """

    at: datetime
    reason: Reason
    unknown: bool = False
    searched: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """Known not to be sent, and not to be sent before a time, such as the end of quiet hours."""

    until: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not sent, and not to be sent."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Failed:
    """Refused permanently: another attempt would be refused, too."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Uncertain:
    """It is unknown whether it was sent; an operator decides."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class PostEvent:
    """An entry of a post's history."""

    at: datetime
    status: PostStatus
    reason: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEdit(ClaimedPost):
    """A message to update to the current state of its stories.

    `shown` is the `StoryFacts.visible_hash` after the edit, by post id. `published`: the bot has
    published the message.
    """

    shown: Mapping[int, str]
    attempts: int
    published: bool = False


Settlement: TypeAlias = Sent | RetryAt | Held | Skipped | Failed | Uncertain


class Placement(StrEnum):
    """Where a message shows a story: it is about it alone, or lists it."""

    STORY = "story"
    DIGEST = "digest"
    COVERAGE = "coverage"


@dataclass(frozen=True, slots=True)
class Announced:
    """A message that shows a story, as it was found in its channel after a restore.

    `thread_id` is the thread that it opened in a forum; `done` are the follow-ups that it had.
    """

    message_id: int
    sent_at: datetime
    place: Placement
    thread_id: int | None = None
    look: Look = Look.CARD
    done: frozenset[FollowUpAction] = frozenset()


@dataclass(frozen=True, slots=True)
class ChannelToRecover:
    """A channel whose history has to be read after a restore."""

    guild_id: int
    channel_id: int


@dataclass(frozen=True, slots=True)
class RecoveredChannel:
    """A channel whose history was read after a restore.

    `backup` is the time of the backup, as it is stored in it; `messages` counts those recognised.
    `problem` says why the history was not read completely; None if it was.
    """

    channel_id: int
    backup: str
    recovered_at: datetime
    messages: int
    problem: Reason | None = None


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How much the outbox contains: waiting posts and edits.

    `due` counts the posts that may be sent now, and the first of them is due since `oldest_due_at`.
    `follow_ups` counts those that wait.
    """

    waiting: int
    edits: int
    due: int
    oldest_due_at: datetime | None = None
    follow_ups: int = 0


@dataclass(frozen=True, slots=True)
class PostChanges:
    """Numbers of changes of posts, by hour and new status; `last` is the id of the last one."""

    last: int
    counts: Mapping[tuple[datetime, PostStatus], int]


@dataclass(frozen=True, slots=True)
class PlannerCursor:
    """The planner's position: it has decided about every story up to `revision`.

    `subscriptions_version` changes whenever a subscription is created or changed.
    """

    revision: int
    subscriptions_version: int


@dataclass(frozen=True, slots=True)
class PlannerSnapshot:
    """The stories after the planner's cursor, and all subscriptions that may want them.

    Damaged ones are left out; `last_revision` is that of the last story, which may be damaged.
    """

    cursor: int
    stories: tuple[Story, ...]
    subscriptions: tuple[Subscription, ...]
    posted: frozenset[tuple[int, int]] = frozenset()
    """(story id, channel id) of the posts of these stories, without replaceable ones."""
    seen: frozenset[tuple[int, int]] = frozenset()
    """(subscription id, story id): the story met the rules when the subscription was created."""
    recent: tuple[Story, ...] = ()
    """Stories that were planned recently; new ones may be about the same event."""
    subscriptions_version: int = 0
    """See `PlannerCursor`."""
    last_revision: int = 0
