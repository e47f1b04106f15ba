"""What became of posts, one by one and counted, with markdown."""

from datetime import datetime

from bot.announce.explain import Explanation
from bot.announce.schedule import ends_quiet
from bot.discordapp.markdown import escaped
from bot.discordapp.messages.pending import describe_pause_reason, describe_turn
from bot.discordapp.messages.reasons import describe_group, describe_reason
from storage.models import PausedBy, Subscription, SubscriptionActivity
from storage.posts import Post, PostEvent, PostStatus
from storage.reasons import QuietHours, Reason

_REASON = 200
_GROUP = 120
_GROUPS = 5
_WAITING = {PostStatus.PLANNED, PostStatus.RETRY}
_OUTCOMES = {
    PostStatus.CLAIMED: "Being sent right now",
    PostStatus.SENT: "Posted",
    PostStatus.SKIPPED: "Skipped",
    PostStatus.FAILED: "Failed",
    PostStatus.UNCERTAIN: "Uncertain",
}
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


def describe_post(
    explanation: Explanation, post: Post, lead_link: str | None, now: datetime
) -> list[str]:
    """What became of a story in a channel, as lines.

    `lead_link` is a link to the story whose message shows this one, None if there is no such story.
    """
    other = lead_link or "another story"
    if post.status is PostStatus.FOLDED:
        return [f"Shown as coverage of {other}."]
    if post.status in _WAITING:
        if post.lead_post_id is not None:
            return [f"Waiting for the same digest as {other}."]
        lines = [_describe_waiting(post, explanation.owner, now)]
        if post.catch_up:
            lines.append("No age limit: it's a catch-up story, or an operator retried it.")
        return lines
    text = _OUTCOMES[post.status]
    if post.status is PostStatus.SENT and post.message_id is not None:
        if explanation.story.withdrawn:
            text = "Posted, and later withdrawn"
        text += f": {_message_link(post, post.message_id)}"
    elif post.reason and post.status is not PostStatus.CLAIMED:
        text += f": {_escaped(post.reason)}"
    return [text, *([f"In the same digest as {other}."] if lead_link else [])]


def describe_event(event: PostEvent) -> str:
    """A step of a post's history, as a line of small print."""
    reason = f": {_escaped(event.reason)}" if event.reason else ""
    return f"-# <t:{int(event.at.timestamp())}:f> {_STEPS[event.status]}{reason}"


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


def _describe_waiting(post: Post, owner: Subscription | None, now: datetime) -> str:
    turn = describe_turn(owner, post.due_at, now)
    if post.unknown_since is not None:
        tried = f" ({_escaped(post.reason)})" if post.reason else ""
        if owner is not None and owner.paused_by:
            turn = "when the subscription is resumed"
        return f"May already be posted{tried}. I'll check {turn}."
    if owner is None:
        return "Its subscription was removed. It is posted only if the removal is undone."
    if owner.paused_by is PausedBy.ADMIN:
        return "Waiting until `/subscriptions resume`: an admin paused its subscription."
    if owner.paused_by is PausedBy.BOT:
        return f"Waiting until I can post here again ({describe_pause_reason(owner)})."
    quiet = owner.spec.delivery.quiet
    delay = ""
    if quiet and post.due_at > now and ends_quiet(owner.spec.delivery, post.due_at):
        delay = f" ({describe_reason(QuietHours(quiet.end))})"
    elif post.reason and post.due_at > now and post.status is PostStatus.RETRY:
        delay = f" ({_escaped(post.reason)})"
    return f"Waiting. It will be posted {turn}{delay}."


def _message_link(post: Post, message_id: int) -> str:
    return f"https://discord.com/channels/{post.guild_id}/{post.channel_id}/{message_id}"


def _escaped(reason: Reason) -> str:
    return escaped(describe_reason(reason), _REASON)
