"""Answers of `/news`: pages, and what goes wrong while one is made."""

from functools import partial

import discord

from bot.discordapp import interactions
from bot.discordapp.interactions import Interaction
from bot.discordapp.rendering.page import Page

errors_answered = partial(
    interactions.errors_answered,
    unreadable="I can't read my archive just now. Try again in a minute.",
)


async def send_page(
    interaction: Interaction, page: Page, view: discord.ui.View | None, *, ephemeral: bool = False
) -> None:
    """Answer with a new message; `ephemeral` ones are seen by who asked, and by nobody else."""
    await interaction.response.send_message(
        embed=page.embed,
        view=view or discord.utils.MISSING,
        ephemeral=ephemeral,
        allowed_mentions=discord.AllowedMentions.none(),
    )


async def replace_page(interaction: Interaction, page: Page, view: discord.ui.View | None) -> None:
    """Answer a button by changing the message that it stands in."""
    await interaction.response.edit_message(
        embed=page.embed, view=view, allowed_mentions=discord.AllowedMentions.none()
    )
