"""Pauses, and when waiting posts go out, with markdown."""

from datetime import datetime

from bot.announce.schedule import first_due, overdue_digest
from bot.discordapp.markdown import escaped, relative_time
from bot.discordapp.messages.command_names import command
from bot.discordapp.messages.reasons import describe_reason
from storage.models import PausedBy, Subscription, SubscriptionActivity, WaitingMessages

NOT_POSTED_DURING_PAUSE = "Stories that arrive during the pause are not posted."

_REASON = 120


def describe_pause(
    subscription: Subscription, waiting: int, *, with_reason: bool = True
) -> str | None:
    """Who paused a subscription, and what that means; None if nobody did.

    `waiting` is the number of its posts that wait. `with_reason`: say why the bot paused it.
    """
    match subscription.paused_by:
        case None:
            return None
        case PausedBy.ADMIN:
            text = f"⏸ Paused by an admin until {command('subscriptions resume')}."
            text += f" {stories_wait(waiting)}." if waiting else ""
            return f"{text} {NOT_POSTED_DURING_PAUSE}"
        case PausedBy.BOT:
            text = stories_wait(waiting) if waiting else "Stories wait"
            why = f" ({describe_pause_reason(subscription)})" if with_reason else ""
            return f"⏸ Paused by me{why}. {text} until I can post there again."


def stories_wait(count: int) -> str:
    """`1 story waits`, `2 stories wait`."""
    return "1 story waits" if count == 1 else f"{count} stories wait"


def describe_pause_reason(subscription: Subscription) -> str:
    """Why the bot paused it, as a phrase for parentheses."""
    reason = subscription.paused_reason
    return escaped(describe_reason(reason) if reason else "I can't post there", _REASON)


def still_paused(subscription: Subscription) -> str:
    """A sentence that follows a description of a subscription; empty if it is not paused."""
    match subscription.paused_by:
        case None:
            return ""
        case PausedBy.ADMIN:
            return f" Still paused – use {command('subscriptions resume')} to continue."
        case PausedBy.BOT:
            return " Still paused – it resumes automatically when I can post there."


def describe_next(
    subscription: Subscription, activity: SubscriptionActivity, now: datetime
) -> list[str]:
    """What comes next, and when, as lines; none for a paused subscription."""
    if subscription.paused_by:
        return []
    delivery, waits = subscription.spec.delivery, activity.next_at
    digest_at = first_due(delivery, now) if delivery.digest else None
    if waits is not None and waits == overdue_digest(delivery, now):
        digest_at = waits
    lines = []
    # Catch-up posts and retries are due at times of their own.
    if waits is not None and waits != digest_at:
        lines.append(f"🕘 Next post: {describe_turn(subscription, waits, now)}")
    if digest_at is not None:
        certain = "" if waits == digest_at else " (if there are any stories)"
        lines.append(f"🕘 Next digest: {relative_time(digest_at)}{certain}")
    return lines


def describe_follow_ups(activity: SubscriptionActivity, now: datetime) -> list[str]:
    """How many messages wait to be published, and for threads, and how long, as lines."""
    return [
        _describe_waiting(waiting, for_what, now)
        for waiting, for_what in (
            (activity.unpublished, "📣 {} to be published"),
            (activity.without_thread, "🧵 {} for a thread"),
        )
        if waiting is not None
    ]


def _describe_waiting(waiting: WaitingMessages, for_what: str, now: datetime) -> str:
    text = for_what.format(
        "1 message waits" if waiting.count == 1 else f"{waiting.count} messages wait"
    )
    if waiting.next_at is not None and waiting.next_at > now:
        text += f", the next {relative_time(waiting.next_at)}"
    if waiting.reason is not None:
        text += f" ({escaped(describe_reason(waiting.reason), _REASON)})"
    return f"{text}."


def describe_turn(subscription: Subscription | None, due_at: datetime, now: datetime) -> str:
    """When a post that is due at a time is sent: `as soon as possible`. Others may be before it."""
    if due_at > now:
        return f"{relative_time(due_at)} at the earliest"
    text = "as soon as possible"
    if (
        subscription
        and subscription.spec.max_per_hour is not None
        and not subscription.spec.delivery.digest
    ):
        text += f", at most {subscription.spec.max_per_hour} per hour"
    return text
