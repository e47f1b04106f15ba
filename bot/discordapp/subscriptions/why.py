"""Why a story was, or was not, posted in a channel: an explanation in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.announce.explain import Explanation
from bot.announce.policy import Check
from bot.announce.schedule import ends_quiet
from bot.discordapp.messages.reasons import describe_reason
from bot.discordapp.messages.verdicts import describe_rule, describe_verdict
from bot.discordapp.rendering.lists import Detail, story_link
from bot.discordapp.rendering.page import ACCENT, QUIET
from bot.discordapp.rendering.text import escaped
from bot.discordapp.subscriptions.waiting import describe_turn, pause_reason
from bot.discordapp.subscriptions.words import describe_rules, fitted
from storage.models import PausedBy, Subscription
from storage.posts import Post, PostEvent, PostStatus
from storage.reasons import QuietHours

_DESCRIPTION = 3500
_HISTORY = 1000
_REASON = 200
_RULES = 120
_DETAIL = Detail(label=150, link=400, provider=0, topics=0)

_WAITING = {PostStatus.PLANNED, PostStatus.RETRY}
_STATES = {
    PostStatus.CLAIMED: "is being sent",
    PostStatus.SENT: "was posted",
    PostStatus.SKIPPED: "was skipped",
    PostStatus.FAILED: "was refused by Discord",
    PostStatus.UNCERTAIN: "may be posted, and nobody can tell",
}


def why_embed(explanation: Explanation, channel_id: int, now: datetime) -> discord.Embed:
    """Each subscription's rules with their verdicts, and what became of the story here."""
    entries = [
        f"**Subscription {number}:** {describe_rules(subscription.spec.rules, limit=_RULES)}"
        + (" (paused)" if subscription.paused_by else "")
        + f"\n{_verdicts(decision.checks)}"
        for number, (subscription, decision) in enumerate(explanation.decisions, start=1)
    ]
    embed = discord.Embed(
        title="Why this story?",
        description=f"{story_link(explanation.story, _DETAIL)}\n\n"
        + (fitted(entries, _DESCRIPTION) or "No subscription posts in this channel."),
        colour=ACCENT if explanation.post else QUIET,
    )
    outcome = _outcome(explanation, channel_id, now)
    embed.add_field(name="In this channel", value=outcome, inline=False)
    return embed


def _verdicts(checks: Sequence[Check]) -> str:
    return "\n".join(
        f"{'✅' if check.passed else '❌'} {describe_rule(check.rule)}:"
        f" {escaped(describe_verdict(check.verdict), _REASON)}"
        for check in checks
    )


def _outcome(explanation: Explanation, channel_id: int, now: datetime) -> str:
    post = explanation.post
    if post is None:
        return f"It was never planned for <#{channel_id}>."
    lines = _state(explanation, post, now)
    history = [_step(event) for event in explanation.history]
    # The latest steps say most; the earliest go first where there is no room for all.
    room = _HISTORY - sum(len(line) + 1 for line in lines)
    while history and sum(len(line) + 1 for line in history) > room:
        del history[0]
    return "\n".join([*lines, *history])


def _state(explanation: Explanation, post: Post, now: datetime) -> list[str]:
    """What became of the story, and with which other one."""
    teller = explanation.told_by
    other = story_link(teller, _DETAIL) if teller else "another story"
    if post.status is PostStatus.FOLDED:
        return [f"It joins the coverage of {other}"]
    if post.status in _WAITING:
        if post.told_by is not None:
            return [f"It goes out in one digest with {other}"]
        ageless = "Its age does not count: it was one of the best so far, or an operator sends it."
        return [_waits(post, explanation.owner, now), *([ageless] if post.catch_up else [])]
    words = f"It {_STATES[post.status]}"
    if post.status is PostStatus.SENT and post.message_id is not None:
        withdrawn = ", and withdrawn later" if explanation.story.withdrawn else ""
        place = f"{post.guild_id}/{post.channel_id}/{post.message_id}"
        words += f"{withdrawn}: https://discord.com/channels/{place}"
    elif post.reason and post.status is not PostStatus.CLAIMED:
        words += f": {escaped(describe_reason(post.reason), _REASON)}"
    return [words, *([f"In one digest with {other}"] if teller else [])]


def _waits(post: Post, owner: Subscription | None, now: datetime) -> str:
    """What it waits for."""
    turn = describe_turn(owner, post.due_at, now)
    tried = f" ({escaped(describe_reason(post.reason), _REASON)})" if post.reason else ""
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


def _step(event: PostEvent) -> str:
    reason = f": {escaped(describe_reason(event.reason), _REASON)}" if event.reason else ""
    return f"-# <t:{int(event.at.timestamp())}:f> {event.status.value}{reason}"
