"""What is done with messages after they were sent, and when. Pure.

A follow-up waits until it is done, or until it is known that it can't be. Discord's answers to a
repeat say that it was done before, so a lost answer costs only another attempt. Times are aware and
in UTC.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    FollowUpOutcome,
    Impossible,
    Refused,
    Unavailable,
)
from storage.posts import (
    Announced,
    FollowUp,
    FollowUpAction,
    FollowUpStatus,
    Post,
    SubscriptionState,
    WaitingFollowUp,
)
from storage.reasons import Cause, Reason, TooOld

# Discord publishes so many messages of a channel within an hour. A minute more is for clocks that
# differ, and for the time that requests take.
MAX_PUBLISHED = 10
PERIOD = timedelta(hours=1, minutes=1)
# A message is news to those who follow its channel for as long as this.
MAX_AGE = timedelta(days=1)
# How long a channel waits that has no place left, because each is taken by an unknown outcome.
UNKNOWN_WAIT = timedelta(minutes=1)
# How long to wait for a permission.
PERMISSION_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of a channel's follow-ups is next, if any, and those that changed."""

    next: FollowUp | None
    changed: tuple[FollowUp, ...] = ()


def begin_follow_ups(
    lead: Post, subscription: SubscriptionState | None, now: datetime
) -> list[FollowUp]:
    """The follow-ups of a message that was sent: those that its subscription wants."""
    wanted = subscription.follow_ups if subscription is not None else ()
    sent_at = lead.unknown_since or lead.claimed_at or now
    return [
        FollowUp(lead.id, action, lead.channel_id, sent_at=sent_at, due_at=now)
        for action in sorted(wanted)
    ]


def recover_follow_ups(
    post: Post, announced: Announced, subscription: SubscriptionState | None, now: datetime
) -> list[FollowUp]:
    """The follow-ups of a message that was found after a restore: it may lack some of them."""
    sent_at = announced.sent_at
    return [
        replace(each, sent_at=sent_at, status=FollowUpStatus.DONE, tried_at=sent_at)
        if each.action in announced.done
        else replace(each, sent_at=sent_at)
        for each in begin_follow_ups(post, subscription, now)
    ]


def choose(
    waiting: Iterable[WaitingFollowUp],
    tried: Sequence[FollowUp],
    subscriptions: Mapping[int, SubscriptionState],
    age: Callable[[datetime], timedelta],
    now: datetime,
) -> Choice:
    """Choose the next of a channel's follow-ups with the same action, if one may be made now.

    `tried` are those that count towards Discord's limit, as of `PERIOD` ago, the oldest first. One
    that may have been done is tried again before the others: it has its place within the limit.
    Then the best story comes first. `age` returns how old a message is that was sent at a time.
    """
    skipped, live = list[FollowUp](), list[WaitingFollowUp]()
    for each in waiting:
        subscription = subscriptions.get(each.subscription_id or 0)
        if subscription is not None and subscription.damaged:
            continue
        over = _find_end(each, subscription, age)
        if over is None:
            live.append(each)
        else:
            skipped.append(over)
    doubtful = [each.follow_up for each in live if each.follow_up.tried_at is not None]
    rest = [each for each in live if each.follow_up.tried_at is None]
    due = [each for each in doubtful if each.due_at <= now]
    if due:
        return Choice(min(due, key=lambda each: (each.due_at, each.post_id)), tuple(skipped))
    until, reason = _find_hold([each.follow_up for each in rest], tried, now)
    if until > now:
        held = [
            replace(each.follow_up, due_at=until, reason=reason)
            for each in rest
            if each.follow_up.due_at < until
        ]
        return Choice(None, (*skipped, *held))
    best = min(rest, key=lambda each: (-each.quality, each.follow_up.post_id), default=None)
    return Choice(None if best is None else best.follow_up, tuple(skipped))


def _find_end(
    waiting: WaitingFollowUp,
    subscription: SubscriptionState | None,
    age: Callable[[datetime], timedelta],
) -> FollowUp | None:
    """A follow-up that is not to be carried out any more, with the reason; None if it is."""
    follow_up = waiting.follow_up
    if subscription is None:
        return skip_follow_up(follow_up, Cause.SUBSCRIPTION_REMOVED)
    if subscription.channel_id != follow_up.channel_id:
        return skip_follow_up(follow_up, Cause.SUBSCRIPTION_MOVED)
    if follow_up.action not in subscription.follow_ups:
        return skip_follow_up(follow_up, Cause.OPTION_CHANGED)
    if waiting.withdrawn:
        return skip_follow_up(follow_up, Cause.STORY_WITHDRAWN)
    if (old := age(follow_up.sent_at)) > MAX_AGE:
        if follow_up.reason in {None, Cause.PUBLISHING_LIMIT}:
            return skip_follow_up(follow_up, TooOld(old, MAX_AGE))
        return replace(follow_up, status=FollowUpStatus.FAILED)
    return None


def skip_follow_up(follow_up: FollowUp, reason: Reason) -> FollowUp:
    """Do not carry out a follow-up."""
    return replace(follow_up, status=FollowUpStatus.SKIPPED, reason=reason)


def _find_hold(
    waiting: Sequence[FollowUp], tried: Sequence[FollowUp], now: datetime
) -> tuple[datetime, Reason | None]:
    """Until when to carry out nothing in a channel, and why.

    A failure that is known to have changed nothing is about the channel, so all wait for the time
    of the one that failed. All follow-ups have the same action.
    """
    latest = max(waiting, key=lambda each: each.due_at, default=None)
    if latest is None:
        return now, None
    if latest.action is not FollowUpAction.PUBLISH or len(tried) < MAX_PUBLISHED:
        return latest.due_at, latest.reason
    # One that may have been done keeps its place until that is known.
    ends = [
        each.tried_at + PERIOD
        for each in tried
        if each.tried_at is not None and each.status is not FollowUpStatus.WAITING
    ]
    needed = len(tried) - MAX_PUBLISHED
    free_at = ends[needed] if needed < len(ends) else now + UNKNOWN_WAIT
    if free_at >= latest.due_at:
        return free_at, Cause.PUBLISHING_LIMIT
    return latest.due_at, latest.reason


def claim_follow_up(follow_up: FollowUp, now: datetime) -> FollowUp:
    """Record, before it is carried out, that Discord may do it from now on."""
    return replace(follow_up, tried_at=now, attempts=follow_up.attempts + 1)


def settle_follow_up(
    claimed: FollowUp,
    before: FollowUp,
    outcome: FollowUpOutcome,
    now: datetime,
    wait: Callable[[Unavailable, int], timedelta],
) -> FollowUp:
    """Record the outcome of a follow-up; `before` is what it was before it was claimed.

    `wait` returns the wait before the next attempt, of an outcome and the number of attempts.
    """
    unchanged = replace(claimed, tried_at=before.tried_at)
    match outcome:
        case Accepted():
            return replace(claimed, status=FollowUpStatus.DONE, tried_at=now, reason=None)
        case Impossible(reason):
            return skip_follow_up(unchanged, reason)
        case Refused(reason):
            return replace(unchanged, status=FollowUpStatus.FAILED, reason=reason)
        case ChannelClosed(reason):
            return replace(unchanged, due_at=now + PERMISSION_WAIT, reason=reason)
        case Unavailable(reason=reason, unknown=unknown):
            due_at = now + wait(outcome, claimed.attempts)
            return replace(claimed if unknown else unchanged, due_at=due_at, reason=reason)
