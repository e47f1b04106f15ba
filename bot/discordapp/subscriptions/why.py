"""Why a story was, or was not, posted in a channel: an explanation in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.announce.explaining import Explanation
from bot.announce.policy import Check
from bot.discordapp.rendering.lists import Detail, story_link
from bot.discordapp.rendering.page import ACCENT, QUIET
from bot.discordapp.rendering.story import relative_time
from bot.discordapp.rendering.text import escaped
from bot.discordapp.subscriptions.words import describe_rules, fitted
from storage.posts import Post, PostEvent, PostStatus

_DESCRIPTION = 3500
_HISTORY = 1000
_REASON = 200
_RULES = 120
_DETAIL = Detail(label=150, link=400, provider=0, topics=0)

_STATES = {
    PostStatus.PLANNED: "waits",
    PostStatus.CLAIMED: "is being sent",
    PostStatus.RETRY: "is to be sent again",
    PostStatus.SENT: "was posted",
    PostStatus.SKIPPED: "was skipped",
    PostStatus.FAILED: "was refused by Discord",
    PostStatus.UNCERTAIN: "may have been posted; nobody can tell",
    PostStatus.FOLDED: "joined the coverage of another story",
}


def why_embed(explanation: Explanation, channel_id: int) -> discord.Embed:
    """Each subscription's rules with their verdicts, and what became of the story here."""
    entries = [
        f"**Subscription {number}:** {describe_rules(subscription.rules, limit=_RULES)}"
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
    embed.add_field(name="In this channel", value=_outcome(explanation, channel_id), inline=False)
    return embed


def _verdicts(checks: Sequence[Check]) -> str:
    return "\n".join(
        f"{'✅' if check.passed else '❌'} {check.rule}: {escaped(check.reason, _REASON)}"
        for check in checks
    )


def _outcome(explanation: Explanation, channel_id: int) -> str:
    post = explanation.post
    if post is None:
        return f"It was never planned for <#{channel_id}>."
    lines = [_state(post)]
    if explanation.told_by is not None:
        told_by = story_link(explanation.told_by, _DETAIL)
        folded = post.status is PostStatus.FOLDED
        lines.append(f"Told with {told_by}" if folded else f"In one digest with {told_by}")
    history = [_step(event) for event in explanation.history]
    # The latest steps say most; the earliest go first where there is no room for all.
    room = _HISTORY - sum(len(line) + 1 for line in lines)
    while history and sum(len(line) + 1 for line in history) > room:
        del history[0]
    return "\n".join([*lines, *history])


def _state(post: Post) -> str:
    words = f"It {_STATES[post.status]}"
    if post.status in {PostStatus.PLANNED, PostStatus.RETRY}:
        words += f" until {relative_time(post.due_at)}"
    elif post.status is PostStatus.SENT and post.message_id is not None:
        words += (
            f": https://discord.com/channels/{post.guild_id}/{post.channel_id}/{post.message_id}"
        )
    elif post.reason and post.status is not PostStatus.FOLDED:
        words += f": {escaped(post.reason, _REASON)}"
    return words


def _step(event: PostEvent) -> str:
    reason = f": {escaped(event.reason, _REASON)}" if event.reason else ""
    return f"-# <t:{int(event.at.timestamp())}:f> {event.status.value}{reason}"
