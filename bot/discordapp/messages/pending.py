"""Pauses, and when waiting posts go out, with markdown."""

from datetime import datetime

from bot.announce.schedule import first_due, overdue_digest
from bot.discordapp.markdown import escaped, relative_time
from bot.discordapp.messages.reasons import describe_reason
from storage.models import PausedBy, Subscription, SubscriptionActivity

_REASON = 120


def describe_pause(subscription: Subscription) -> str | None:
    """Who paused a subscription, and what that means; None if nobody did."""
    match subscription.paused_by:
        case None:
            return None
        case PausedBy.ADMIN:
            return (
                "⏸ Paused by an admin. Waiting and new stories are skipped until"
                " `/subscriptions resume`."
            )
        case PausedBy.BOT:
            return (
                f"⏸ Paused by me ({describe_pause_reason(subscription)})."
                " Stories wait until I can post there again."
            )


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
            return " Still paused – use `/subscriptions resume` to continue."
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
