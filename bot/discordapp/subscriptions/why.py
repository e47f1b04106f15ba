"""The answer of `/subscriptions why`: why a story was, or was not, posted in a channel. Pure."""

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.announce.explain import Explanation
from bot.announce.verdicts import Check
from bot.discordapp.markdown import escaped
from bot.discordapp.messages.posts import describe_event, describe_post
from bot.discordapp.messages.verdicts import describe_rule, describe_verdict
from bot.discordapp.rendering.lists import TITLE_ONLY, story_link
from bot.discordapp.rendering.page import ACCENT, QUIET
from bot.discordapp.subscriptions.formatting import describe_rules, fitted

_DESCRIPTION = 3500
_HISTORY = 1000
_VERDICT = 200
_RULES = 120


def why_embed(explanation: Explanation, channel_id: int, now: datetime) -> discord.Embed:
    """Each subscription's rules with their verdicts, and what became of the story here."""
    entries = [
        f"**Subscription {number}:** {describe_rules(subscription.spec.rules, limit=_RULES)}"
        + (" (paused)" if subscription.paused_by else "")
        + f"\n{_verdicts(checks)}"
        for number, (subscription, checks) in enumerate(explanation.decisions, start=1)
    ]
    embed = discord.Embed(
        title="Why this story?",
        description=f"{story_link(explanation.story, TITLE_ONLY)}\n\n"
        + (fitted(entries, _DESCRIPTION) or "No subscription posts in this channel."),
        colour=ACCENT if explanation.post else QUIET,
    )
    outcome = _outcome(explanation, channel_id, now)
    embed.add_field(name="In this channel", value=outcome, inline=False)
    return embed


def _verdicts(checks: Sequence[Check]) -> str:
    return "\n".join(
        f"{'✅' if check.passed else '❌'} {describe_rule(check.rule)}:"
        f" {escaped(describe_verdict(check), _VERDICT)}"
        for check in checks
    )


def _outcome(explanation: Explanation, channel_id: int, now: datetime) -> str:
    post = explanation.post
    if post is None:
        return f"It was never planned for <#{channel_id}>."
    lead = explanation.told_by
    lead_link = story_link(lead, TITLE_ONLY) if lead else None
    lines = describe_post(explanation, post, lead_link, now)
    history = [describe_event(event) for event in explanation.history]
    # The latest steps say most; the earliest go first where there is no room for all.
    room = _HISTORY - sum(len(line) + 1 for line in lines)
    while history and sum(len(line) + 1 for line in history) > room:
        del history[0]
    return "\n".join([*lines, *history])
