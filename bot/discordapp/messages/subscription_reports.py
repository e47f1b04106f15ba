"""Answers of `/subscriptions preview`, `why` and `status`, with markdown."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.discordapp.markdown import relative_time
from bot.discordapp.messages.channels import (
    INVISIBLE,
    describe_permissions,
    list_channels,
)
from bot.discordapp.messages.command_names import command
from bot.discordapp.messages.pending import (
    describe_follow_ups,
    describe_next,
    describe_pause,
    still_paused,
)
from bot.discordapp.messages.posts import (
    describe_counts,
    describe_rejected,
    describe_skipped,
)
from bot.discordapp.messages.stories import describe_story
from bot.discordapp.messages.subscription_summary import (
    IsDeletedRole,
    describe_delivery,
    describe_rules,
    describe_spec,
    mentions_deleted_role,
)
from storage.models import Rules, Subscription, SubscriptionActivity

PREVIEW_TITLE = "Preview"
MATCHES_TITLE = "Latest matches"
NO_MATCHES = "No matches yet."
WAITING_TITLE = "Waiting"
COMMANDS_TITLE = "Commands"
DAMAGED_TITLE = "Damaged"
POSTING_TITLE = "Posting"
STATUS_TITLE = "Subscriptions in this server"

_ROLE_DELETED = (
    "⚠ A role to mention was deleted, so it is not mentioned. Choose another with"
    f" {command('subscriptions edit')}."
)
_RULES_IN_STATUS = 150
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def describe_previewed(subscription: Subscription, is_deleted: IsDeletedRole) -> str:
    """What a subscription posts; `is_deleted` says whether the role with an id was deleted."""
    spec = subscription.spec
    described = describe_spec(spec, is_deleted)
    text = f"<#{spec.channel_id}> is subscribed to {described}."
    return text + still_paused(subscription)


def describe_unsubscribed(rules: Rules) -> str:
    """The channel has no subscription; `rules` are those of a new one."""
    return (
        "This channel has no subscription yet. By default, a new one posts"
        f" {describe_rules(rules)}."
    )


def describe_match(link: str, quality: int, dated_at: datetime) -> str:
    """A story that matches a subscription: see `describe_story`."""
    return f"• {describe_story(link, quality, dated_at)}"


def describe_rate(
    count: int, within: timedelta, window: timedelta, *, any_match: bool, complete: bool
) -> str:
    """How many stories to expect.

    `count` stories matched `within` a time, which is at most the `window`. `any_match`: some story
    matches, of whatever age; `complete`: all stories were checked, not only the newest ones.
    """
    weeks = window // _WEEK
    if not any_match:
        if complete:
            return "No stories match these rules yet."
        return "None of the newest stories match these rules."
    if not count:
        return f"No matches in the last {weeks} weeks."
    per_day = count / max(1.0, within / _DAY)
    if per_day >= 1:
        return f"About {round(per_day)} per day."
    per_week = per_day * (_WEEK / _DAY)
    if per_week >= 1:
        return f"About {round(per_week)} per week."
    matches = "1 match" if count == 1 else f"{count} matches"
    return f"{matches} in the last {weeks} weeks."


def describe_waiting(
    subscription: Subscription, activity: SubscriptionActivity, now: datetime
) -> str:
    """How many stories wait for a subscription, and when the next one is posted."""
    count = "1 story" if activity.waiting == 1 else f"{activity.waiting} stories"
    return "\n".join([count, *describe_next(subscription, activity, now)])


def describe_status(
    subscription: Subscription,
    activity: SubscriptionActivity,
    missing: Sequence[str] | None,
    now: datetime,
    *,
    is_deleted: IsDeletedRole = lambda _: False,
    idle: Sequence[int] = (),
    notes: Sequence[str] = (),
    problem: str | None = None,
    is_first: bool = True,
) -> str:
    """A subscription, what became of its posts, and what it lacks.

    `missing` are the permissions that the bot lacks in the channel; None: it can't see the channel.
    `is_deleted` says whether the role with an id was deleted. `idle`: channels of `not_in` in which
    nothing is posted. `is_first`: it is the first subscription of its channel in the answer, so
    what is wrong with the channel is said with it, and its `notes`. `problem` is why the channel
    does not fit the subscription.
    """
    spec = subscription.spec
    delivery = " · ".join(describe_delivery(spec.delivery, is_deleted=is_deleted))
    lines = [
        f"**<#{spec.channel_id}>** {describe_rules(spec.rules, limit=_RULES_IN_STATUS)}",
        f"-# {delivery}" if delivery else None,
        describe_counts(activity),
        describe_pause(subscription, activity.waiting, with_reason=is_first),
        *describe_rejected(activity),
        *describe_skipped(activity),
        *(_describe_channel(missing, notes) if is_first else []),
        f"⚠ {problem}" if problem else None,
        _ROLE_DELETED if mentions_deleted_role(subscription, is_deleted) else None,
        _describe_idle(idle) if idle else None,
        *describe_next(subscription, activity, now),
        *describe_follow_ups(activity, now),
    ]
    return "\n".join(line for line in lines if line is not None) + "\n"


def _describe_channel(missing: Sequence[str] | None, notes: Sequence[str]) -> list[str]:
    lines = [INVISIBLE if missing is None else describe_permissions(missing)]
    return lines if missing else [*lines, *notes]


def _describe_idle(channel_ids: Sequence[int]) -> str:
    have = "has" if len(channel_ids) == 1 else "have"
    channels = list_channels(channel_ids)
    return f"⚠ {channels} {have} no active subscription, so nothing is left out because of it."


def describe_posting_pause(since: datetime) -> str:
    """Posting is paused in all servers."""
    paused = f"⏸ The people who run this bot paused all posting {relative_time(since)}."
    return f"{paused} Stories wait, and none is lost."


def status_footer(period: timedelta) -> str:
    """What the numbers count."""
    return f"Posted and skipped: last {period.days} days. Waiting: right now."
