"""The answer of `/subscriptions why`: why a story was or wasn't posted in a channel. Pure."""

from datetime import datetime

import discord

from bot.announce.explain import Explanation
from bot.discordapp.messages.subscription_reports import (
    OUTCOME_TITLE,
    WHY_TITLE,
    describe_decisions,
    describe_outcome,
)
from bot.discordapp.rendering.lists import TITLE_ONLY, story_link
from bot.discordapp.rendering.page import ACCENT, QUIET


def why_embed(explanation: Explanation, channel_id: int, now: datetime) -> discord.Embed:
    """Each subscription's rules with their verdicts, and what became of the story there."""
    embed = discord.Embed(
        title=WHY_TITLE,
        description=describe_decisions(story_link(explanation.story, TITLE_ONLY), explanation),
        colour=ACCENT if explanation.post else QUIET,
    )
    lead = explanation.lead_story
    lead_link = story_link(lead, TITLE_ONLY) if lead else None
    outcome = describe_outcome(explanation, channel_id, lead_link, now)
    embed.add_field(name=OUTCOME_TITLE, value=outcome, inline=False)
    return embed
