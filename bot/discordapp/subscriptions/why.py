"""The answer of `/subscriptions why`: why a story was or wasn't posted in a channel. Pure."""

from datetime import datetime

import discord

from bot.announce.explain import Explanation
from bot.announce.verdicts import Effect
from bot.discordapp.messages import why as messages
from bot.discordapp.messages.stories import describe_story
from bot.discordapp.rendering.lists import TITLE_ONLY, story_link
from bot.discordapp.rendering.page import ACCENT, QUIET
from storage.posts import PostStatus


def why_embed(explanation: Explanation, channel_id: int, now: datetime) -> discord.Embed:
    """What became of the story there, and each subscription's rules with their verdicts."""
    story, lead = explanation.story, explanation.lead_story
    outcome = messages.describe_outcome(
        explanation,
        channel_id,
        now,
        posted_at=_posted_at(explanation),
        lead_link=story_link(lead, TITLE_ONLY) if lead else None,
    )
    about = describe_story(story_link(story, TITLE_ONLY), story.article.quality, story.dated_at)
    embed = discord.Embed(
        title=messages.TITLE,
        description=messages.describe_why([*outcome, about], explanation),
        colour=ACCENT if explanation.post else QUIET,
    )
    if history := messages.describe_history(explanation):
        embed.add_field(name=messages.HISTORY_TITLE, value=history, inline=False)
    effects = [effect for decision in explanation.decisions for _, effect in decision.checks]
    if Effect.NONE in effects:
        embed.set_footer(text=messages.LEGEND)
    return embed


def _posted_at(explanation: Explanation) -> datetime | None:
    """When the story's message was sent; if its outcome was unknown for a while, its id says so."""
    post = explanation.post
    if post is None or post.status is not PostStatus.SENT:
        return None
    lead = explanation.lead or post
    if lead.unknown_since is not None and post.message_id is not None:
        return discord.utils.snowflake_time(post.message_id)
    return post.settled_at
