"""The look `headline`: a story's title and a short excerpt, beside a small picture."""

import discord

from bot.discordapp.rendering.coverage import NO_COVERAGE, Coverage
from bot.discordapp.rendering.story import EXCERPTS, story_description, story_embed
from storage.models import DEFAULT_STYLE, Look, Story, Style


def headline_embed(
    story: Story, coverage: Coverage = NO_COVERAGE, style: Style = DEFAULT_STYLE
) -> discord.Embed:
    """A story's card with less text and a smaller picture."""
    embed = story_embed(story, coverage, style)
    if not story.withdrawn:
        embed.description = story_description(story.article, EXCERPTS[Look.HEADLINE])
        embed.set_thumbnail(url=embed.image.url).set_image(url=None)
    return embed
