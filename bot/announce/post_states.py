"""The states of a post and the transitions between them. Pure.

docs/architecture.md has the diagram, with the function for each transition. The functions take
posts as they are stored and return the changed posts; `bot.announce.outbox` reads and writes them
in one transaction. Times are aware and in UTC.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from storage.models import Look, PausedBy
from storage.posts import (
    Announced,
    Failed,
    Held,
    NewPost,
    Placement,
    Post,
    PostStatus,
    RetryAt,
    Sent,
    Settlement,
    Skipped,
    StoryFacts,
    SubscriptionState,
    Uncertain,
)
from storage.reasons import Cause, FoundAfterRestore, MessageReduced, Reason, SameStory

WAITING = frozenset({PostStatus.PLANNED, PostStatus.RETRY})
# A post in one of these states is in the channel, or may still be sent there.
LIVE = WAITING | {PostStatus.CLAIMED, PostStatus.SENT, PostStatus.UNCERTAIN}

Subscriptions = Mapping[int, SubscriptionState]
Stories = Mapping[int, StoryFacts]


@dataclass(frozen=True, slots=True)
class MessagePosts:
    """The posts of one message.

    `lead` is the post that is claimed and settled, `digest` the other posts of its digest in order,
    and `folded` the posts that are folded into any of these.
    """

    lead: Post
    digest: tuple[Post, ...] = ()
    folded: tuple[Post, ...] = ()

    @classmethod
    def of(cls, lead: Post, others: Iterable[Post]) -> "MessagePosts":
        """Sort the other posts of a lead post's message into digest and folded ones."""
        digest, folded = list[Post](), list[Post]()
        for post in others:
            (folded if post.status is PostStatus.FOLDED else digest).append(post)
        digest.sort(key=lambda post: (post.digest_position or 0, post.id))
        return cls(lead, tuple(digest), tuple(sorted(folded, key=lambda post: post.id)))

    @property
    def sent_together(self) -> tuple[Post, ...]:
        """The posts that share the message's outcome: lead and digest."""
        return self.lead, *self.digest

    @property
    def all(self) -> tuple[Post, ...]:
        """Every post of the message."""
        return *self.sent_together, *self.folded


def is_waiting(post: Post) -> bool:
    """Whether a post waits, leads its own message, and is known not to be sent.

    Such a post may be skipped or replaced.
    """
    return post.status in WAITING and post.unknown_since is None and post.lead_post_id is None


def is_wanted(post: Post, subscription: SubscriptionState | None) -> bool:
    """Whether the post's subscription posts in its channel, now or after a pause by the bot."""
    return (
        subscription is not None
        and subscription.channel_id == post.channel_id
        and not subscription.removed
        and not subscription.damaged
        and subscription.paused_by is not PausedBy.ADMIN
    )


def set_replaceable(post: Post, subscription: SubscriptionState | None) -> Post:
    """Set whether the planner may replace a post: if it waits and its subscription is inactive.

    Another subscription of the channel may want the story.
    """
    return replace(post, replaceable=is_waiting(post) and not is_wanted(post, subscription))


def replan_post(post: Post, new: NewPost, now: datetime) -> Post:
    """Plan a replaceable post again, for the subscription that wants its story now."""
    assert post.replaceable
    return Post(
        id=post.id,
        story_id=post.story_id,
        subscription_id=new.subscription_id,
        guild_id=new.guild_id,
        channel_id=post.channel_id,
        nonce=new.nonce,
        status=PostStatus.PLANNED,
        catch_up=new.catch_up,
        planned_at=now,
        due_at=new.due_at,
        reason=new.reason,
    )


def skip_post(post: Post, reason: Reason, now: datetime, *, final: bool = False) -> Post:
    """Skip a post that is known not to be sent. `final`: the planner never plans it again."""
    return replace(
        post,
        status=PostStatus.SKIPPED,
        reason=reason,
        lead_post_id=None,
        settled_at=now,
        replaceable=not final,
    )


# Folding


def choose_host(
    candidates: Iterable[Post], planned_after: datetime | None
) -> tuple[int, Post] | None:
    """The id of the post to fold a new post into, and the candidate whose message that is.

    `candidates` are the channel's posts about the same event; the oldest message is chosen. Posts
    planned up to `planned_after`, and posts that will not be sent, are not suitable. None if no
    candidate is suitable.
    """
    hosts: list[tuple[int, Post]] = []
    for post in candidates:
        if planned_after is not None and post.planned_at <= planned_after:
            continue
        if post.message_removed or post.replaceable:
            continue
        if post.status is PostStatus.FOLDED and post.lead_post_id is not None:
            hosts.append((post.lead_post_id, post))
        elif post.status in LIVE and (post.status is not PostStatus.SENT or has_message(post)):
            hosts.append((post.id, post))
    return min(hosts, key=lambda host: host[0], default=None)


def has_message(post: Post) -> bool:
    """Whether a post has a message of its own that can be edited.

    A sent post has none if another message shows its story, or if it was deleted.
    """
    return (
        post.status is PostStatus.SENT and post.message_id is not None and not post.message_removed
    )


def fold_post(post: Post, reason: SameStory, now: datetime) -> Post:
    """Fold a post: show its story as coverage in the message of `reason.post`."""
    return replace(
        post,
        status=PostStatus.FOLDED,
        lead_post_id=reason.post,
        reason=reason,
        settled_at=now,
        replaceable=False,
    )


def leave_host(post: Post) -> Post:
    """Remove a folded post from the message that shows it."""
    return replace(post, lead_post_id=None)


def revive_folded(
    folded: Iterable[Post],
    subscriptions: Subscriptions,
    stories: Stories,
    now: datetime,
    *,
    except_subscription: int | None = None,
) -> list[Post]:
    """Plan the posts again that are folded into posts that will not be sent.

    For each host, the oldest post folded into it is planned, due now or with its own digest, and
    the others are folded into that one. Posts of `except_subscription` (its id) do not change.
    """
    changed = []
    by_host: dict[int | None, list[Post]] = defaultdict(list)
    for post in sorted(folded, key=lambda each: each.id):
        subscription = _subscription_of(post, subscriptions)
        if except_subscription is not None and post.subscription_id == except_subscription:
            continue
        if (
            subscription is None
            or subscription.removed
            or subscription.channel_id != post.channel_id
        ):
            changed.append(skip_post(post, Cause.SUBSCRIPTION_REMOVED, now))
        else:
            by_host[post.lead_post_id].append(post)
    for first, *others in by_host.values():
        planned = replace(
            first,
            status=PostStatus.PLANNED,
            lead_post_id=None,
            due_at=max(first.due_at, now),
            settled_at=None,
            shown=None,
            message_removed=False,
            reason=None,
        )
        changed.append(set_replaceable(planned, _subscription_of(first, subscriptions)))
        story = stories.get(first.story_id)
        reason = SameStory(first.id, story.title if story else "")
        changed += [
            replace(other, lead_post_id=first.id, shown=None, message_removed=False, reason=reason)
            for other in others
        ]
    return changed


# Sending


def claim_message(
    message: MessagePosts,
    stories: Stories,
    subscription: SubscriptionState | None,
    now: datetime,
) -> list[Post]:
    """Claim a message for sending, and record its look and the version of each story in it.

    The version is unknown if an earlier attempt may have sent another one, and that of a damaged
    story, which the message does not show. The look stays that of an attempt that may have sent it.
    """
    lead = message.lead
    maybe_sent = lead.unknown_since is not None
    look = lead.look
    if not maybe_sent and subscription is not None:
        look = subscription.look if lead.digest_position is None else Look.CARD
    changed = []
    for post in message.all:
        story = stories.get(post.story_id)
        visible = None if story is None else story.visible_hash
        shown = None if maybe_sent and post.shown != visible else visible
        changed.append(replace(post, shown=shown))
    changed[0] = replace(
        changed[0],
        status=PostStatus.CLAIMED,
        claimed_at=now,
        attempts=lead.attempts + 1,
        look=look,
        replaceable=False,
    )
    return changed


def show_post(
    post: Post, shown: str, *, removed: bool, reduced: MessageReduced | None = None
) -> Post:
    """Record the version of a post's story that an edited message shows, or that it was deleted.

    `reduced`: the message lacks parts that Discord rejected.
    """
    if post.status not in {PostStatus.SENT, PostStatus.FOLDED}:
        return post
    if post.status is PostStatus.SENT:
        found = post.reason if isinstance(post.reason, FoundAfterRestore) else None
        post = replace(post, reason=reduced or found)
    return replace(post, shown=None if removed else shown, message_removed=removed)


def interrupt_claim(post: Post) -> Post:
    """Set a claim that a stopped bot left behind to `retry`, with an unknown outcome."""
    return replace(
        post,
        status=PostStatus.RETRY,
        unknown_since=post.unknown_since or post.claimed_at,
        reason=Cause.BOT_STOPPED,
    )


def settle_message(
    message: MessagePosts,
    settlement: Settlement,
    subscription: SubscriptionState | None,
    now: datetime,
) -> list[Post]:
    """Record the result of a message for all posts that were sent together.

    A message that has to wait and is known not to be sent is split into its posts, because the
    digest may be composed differently next time; if its subscription no longer posts in the
    channel, the posts are skipped instead.
    """
    lead = message.lead
    if isinstance(settlement, RetryAt | Held):
        waiting = _wait(lead, settlement)
        if waiting.unknown_since is not None:
            return [waiting]
        if subscription is not None and subscription.channel_id == lead.channel_id:
            return [
                set_replaceable(post, subscription)
                for post in _split_message(waiting, message.digest, waiting.due_at)
            ]
        settlement = Skipped(Cause.SUBSCRIPTION_REMOVED)
    return [_settle(post, settlement, now) for post in message.sent_together]


def override_message(message: MessagePosts, settlement: Settlement, now: datetime) -> list[Post]:
    """Settle a message as an operator decides; unsent posts are never planned again."""
    return [
        replace(_settle(post, settlement, now), replaceable=False) for post in message.sent_together
    ]


def retry_message(message: MessagePosts, now: datetime) -> list[Post]:
    """Plan a message's posts again for an operator, whatever their age (like catch-up)."""
    return [
        replace(
            post,
            status=PostStatus.PLANNED,
            lead_post_id=None,
            due_at=now,
            planned_at=now,
            catch_up=True,
            unknown_since=None,
            settled_at=None,
            reason=Cause.OPERATOR_RETRIED,
            replaceable=False,
        )
        for post in _split_message(message.lead, message.digest, now)
    ]


# After a restore


def recover_post(post: Post, announced: Announced) -> Post:
    """Record that a post's story was found in its channel.

    Only a message about the story alone is the post's own, and follows its changes.
    """
    own = announced.place is Placement.STORY
    return replace(
        post,
        status=PostStatus.SENT,
        message_id=announced.message_id if own else None,
        thread_id=announced.thread_id if own else None,
        look=announced.look if own else post.look,
        settled_at=announced.sent_at,
        reason=FoundAfterRestore(announced.message_id),
        unknown_since=None,
        lead_post_id=None,
        digest_position=None,
        shown=None,
        message_removed=False,
        replaceable=False,
    )


def doubt_post(post: Post, reason: Reason, now: datetime) -> Post:
    """Leave a post to an operator, as its channel's history could not be read after a restore."""
    return _settle(post, Uncertain(reason), now)


def leave_digest(post: Post) -> Post:
    """Plan a post of a digest for itself, as the digest that was sent does not contain it."""
    return replace(post, lead_post_id=None, digest_position=None, shown=None)


def _settle(post: Post, settlement: Settlement, now: datetime) -> Post:
    settled = replace(post, settled_at=now, replaceable=False)
    match settlement:
        case Sent(message_id, embed_missing, reduced, thread_id):
            # An unknown version makes an edit restore the missing embed.
            shown = None if embed_missing and post.lead_post_id is None else post.shown
            return replace(
                settled,
                status=PostStatus.SENT,
                message_id=message_id,
                thread_id=thread_id,
                reason=reduced,
                shown=shown,
            )
        case Skipped(reason):
            # If it may have been sent, the channel was searched and it is not there.
            return replace(
                settled,
                status=PostStatus.SKIPPED,
                reason=reason,
                unknown_since=None,
                replaceable=True,
            )
        case Failed(reason):
            return replace(settled, status=PostStatus.FAILED, reason=reason)
        case Uncertain(reason):
            return replace(settled, status=PostStatus.UNCERTAIN, reason=reason)
        case RetryAt() | Held():
            raise ValueError("a post that waits is not settled")
        case _:
            assert_never(settlement)


def _wait(post: Post, settlement: RetryAt | Held) -> Post:
    if isinstance(settlement, Held):
        return replace(
            post,
            status=PostStatus.PLANNED,
            due_at=settlement.until,
            reason=settlement.reason,
            attempts=post.attempts - 1,
            unknown_since=None,
            shown=None,
        )
    earlier = None if settlement.searched else post.unknown_since
    return replace(
        post,
        status=PostStatus.RETRY,
        due_at=settlement.at,
        reason=settlement.reason,
        unknown_since=earlier or (post.claimed_at if settlement.unknown else None),
    )


def _split_message(lead: Post, digest: Iterable[Post], due_at: datetime) -> list[Post]:
    """Split a message into its posts; those of the digest become due at `due_at`."""
    return [
        replace(lead, digest_position=None, shown=None),
        *(
            replace(post, lead_post_id=None, digest_position=None, shown=None, due_at=due_at)
            for post in digest
        ),
    ]


def _subscription_of(post: Post, subscriptions: Subscriptions) -> SubscriptionState | None:
    return None if post.subscription_id is None else subscriptions.get(post.subscription_id)
