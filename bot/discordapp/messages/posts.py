"""What became of posts, one by one and counted, with markdown."""

from datetime import datetime

from bot.announce.explain import Explanation
from bot.announce.schedule import ends_quiet
from bot.discordapp.markdown import escaped
from bot.discordapp.messages.pending import describe_turn, pause_reason
from bot.discordapp.messages.reasons import describe_group, describe_reason
from storage.models import PausedBy, Subscription, SubscriptionActivity
from storage.posts import Post, PostEvent, PostStatus
from storage.reasons import QuietHours, Reason

_REASON = 200
_GROUP = 120
_GROUPS = 5
_WAITING = {PostStatus.PLANNED, PostStatus.RETRY}
_STATES = {
    PostStatus.CLAIMED: "is being sent",
    PostStatus.SENT: "was posted",
    PostStatus.SKIPPED: "was skipped",
    PostStatus.FAILED: "was refused by Discord",
    PostStatus.UNCERTAIN: "may be posted, and nobody can tell",
}


def describe_post(
    explanation: Explanation, post: Post, lead_link: str | None, now: datetime
) -> list[str]:
    """What became of a story in a channel, as lines.

    `lead_link` is a link to the story whose message shows this one, None if there is no such story.
    """
    other = lead_link or "another story"
    if post.status is PostStatus.FOLDED:
        return [f"It joins the coverage of {other}"]
    if post.status in _WAITING:
        if post.lead_post_id is not None:
            return [f"It goes out in one digest with {other}"]
        ageless = "Its age does not count: it was one of the best so far, or an operator sends it."
        return [_waits(post, explanation.owner, now), *([ageless] if post.catch_up else [])]
    words = f"It {_STATES[post.status]}"
    if post.status is PostStatus.SENT and post.message_id is not None:
        withdrawn = ", and withdrawn later" if explanation.story.withdrawn else ""
        place = f"{post.guild_id}/{post.channel_id}/{post.message_id}"
        words += f"{withdrawn}: https://discord.com/channels/{place}"
    elif post.reason and post.status is not PostStatus.CLAIMED:
        words += f": {_escaped(post.reason)}"
    return [words, *([f"In one digest with {other}"] if lead_link else [])]


def describe_event(event: PostEvent) -> str:
    """A step of a post's history, as a line of small print."""
    reason = f": {_escaped(event.reason)}" if event.reason else ""
    return f"-# <t:{int(event.at.timestamp())}:f> {event.status.value}{reason}"


def describe_counts(activity: SubscriptionActivity) -> str:
    """How many posts of a subscription ended in which way."""
    skipped = sum(count for _, count in activity.skipped)
    parts = [f"{activity.posted} posted", f"{activity.waiting} waiting", f"{skipped} skipped"]
    parts += [f"{activity.folded} joined another's coverage"] if activity.folded else []
    parts += [f"**{activity.failed} failed**"] if activity.failed else []
    parts += [f"**{activity.uncertain} uncertain**"] if activity.uncertain else []
    return ", ".join(parts)


def describe_skipped(activity: SubscriptionActivity) -> list[str]:
    """Why posts of a subscription were skipped: a line for each of the most frequent reasons."""
    return [
        f"• {count} skipped: {escaped(describe_group(reason), _GROUP)}"
        for reason, count in activity.skipped[:_GROUPS]
    ]


def _waits(post: Post, owner: Subscription | None, now: datetime) -> str:
    """What it waits for."""
    turn = describe_turn(owner, post.due_at, now)
    tried = f" ({_escaped(post.reason)})" if post.reason else ""
    if post.unknown_since is not None:
        if owner is not None and owner.paused_by:
            turn = "when its subscription is no longer paused"
        return f"It may be posted already{tried}; I look into that {turn}."
    if owner is None:
        return "It waits for a subscription that was removed: it comes if that is undone."
    if owner.paused_by is PausedBy.ADMIN:
        return "It waits for a subscription that an admin paused: that will not post it any more."
    if owner.paused_by is PausedBy.BOT:
        return f"It waits until I can post here again ({pause_reason(owner)})."
    quiet = owner.spec.delivery.quiet
    if post.due_at <= now or post.status is PostStatus.PLANNED:
        # What held it up last may be over.
        tried = ""
    if quiet and post.due_at > now and ends_quiet(owner.spec.delivery, post.due_at):
        tried = f" ({describe_reason(QuietHours(quiet.end))})"
    return f"It waits; its turn comes {turn}{tried}."


def _escaped(reason: Reason) -> str:
    return escaped(describe_reason(reason), _REASON)
