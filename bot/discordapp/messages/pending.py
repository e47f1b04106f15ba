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
            return "⏸ paused by an admin: what waits or comes meanwhile is not posted"
        case PausedBy.BOT:
            reason = pause_reason(subscription)
            return f"⏸ paused by me: {reason}; what waits comes when I can post there again"


def pause_reason(subscription: Subscription) -> str:
    """Why the bot paused it."""
    reason = subscription.paused_reason
    return escaped(describe_reason(reason) if reason else "I can't post there", _REASON)


def still_paused(subscription: Subscription) -> str:
    """A sentence to follow what a subscription gets; empty if it is not paused."""
    match subscription.paused_by:
        case None:
            return ""
        case PausedBy.ADMIN:
            return " It is still paused; `/subscriptions resume` ends that."
        case PausedBy.BOT:
            return " It is still paused; it goes on by itself as soon as I can post there."


def describe_next(
    subscription: Subscription, activity: SubscriptionActivity, now: datetime
) -> list[str]:
    """What comes next, and when: lines. Of a paused subscription nothing does."""
    if subscription.paused_by:
        return []
    delivery, waits = subscription.spec.delivery, activity.next_at
    digest_at = first_due(delivery, now) if delivery.digest else None
    if waits is not None and waits == overdue_digest(delivery, now):
        digest_at = waits
    lines = []
    # Catch-up and what is tried again have a time of their own.
    if waits is not None and waits != digest_at:
        lines.append(f"🕘 Next post {describe_turn(subscription, waits, now)}")
    if digest_at is not None:
        certain = "" if waits == digest_at else ", if there is something"
        lines.append(f"🕘 Next digest {relative_time(digest_at)}{certain}")
    return lines


def describe_turn(subscription: Subscription | None, due_at: datetime, now: datetime) -> str:
    """When something that is due at a time is sent. Others may be before it."""
    if due_at > now:
        return f"{relative_time(due_at)} at the earliest"
    text = "as soon as I can"
    if (
        subscription
        and subscription.spec.max_per_hour is not None
        and not subscription.spec.delivery.digest
    ):
        text += f", at most {subscription.spec.max_per_hour} an hour"
    return text
