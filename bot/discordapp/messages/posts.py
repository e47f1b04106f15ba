"""What became of posts, one by one and counted, with markdown."""

from bot.discordapp.markdown import escaped, exact_time
from bot.discordapp.messages.reasons import describe_group, describe_reason
from storage.models import SubscriptionActivity
from storage.posts import PostEvent, PostStatus
from storage.reasons import Reason

_REASON = 200
_GROUP = 120
_GROUPS = 5
_STEPS = {
    PostStatus.PLANNED: "planned",
    PostStatus.CLAIMED: "sending",
    PostStatus.RETRY: "waiting to retry",
    PostStatus.SENT: "posted",
    PostStatus.FOLDED: "added as coverage",
    PostStatus.SKIPPED: "skipped",
    PostStatus.FAILED: "failed",
    PostStatus.UNCERTAIN: "uncertain",
}


def describe_event(event: PostEvent) -> str:
    """A step of a post's history, as a line of small print."""
    # While it is sent, a post keeps the reason why it waited.
    shown = None if event.status is PostStatus.CLAIMED else event.reason
    reason = f": {_escaped(shown)}" if shown else ""
    return f"-# {exact_time(event.at)} {_STEPS[event.status]}{reason}"


def describe_counts(activity: SubscriptionActivity) -> str:
    """How many posts of a subscription ended in which way."""
    skipped = sum(count for _, count in activity.skipped)
    parts = [f"{activity.posted} posted", f"{activity.waiting} waiting", f"{skipped} skipped"]
    parts += [f"{activity.folded} added as coverage"] if activity.folded else []
    parts += [f"**{activity.failed} failed**"] if activity.failed else []
    parts += [f"**{activity.uncertain} uncertain**"] if activity.uncertain else []
    return ", ".join(parts)


def describe_skipped(activity: SubscriptionActivity) -> list[str]:
    """Why posts of a subscription were skipped: a line for each of the most frequent reasons."""
    return [
        f"• {count} skipped: {escaped(describe_group(reason), _GROUP)}"
        for reason, count in activity.skipped[:_GROUPS]
    ]


def describe_rejected(activity: SubscriptionActivity) -> list[str]:
    """Why posts failed, and what posts lack because Discord rejected it, as lines."""
    lines = [
        f"• {count} failed: {escaped(describe_reason(reason), _REASON)}"
        for reason, count in activity.failures[:_GROUPS]
    ]
    for reason, count in activity.reduced:
        latest = "" if count == 1 else "with less, the latest "
        lines.append(f"• {count} posted {latest}{escaped(describe_reason(reason), _REASON)}")
    return lines


def _escaped(reason: Reason) -> str:
    return escaped(describe_reason(reason), _REASON)
