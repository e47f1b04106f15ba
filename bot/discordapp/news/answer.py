"""Sends pages as answers of `/news`."""

import discord

from bot.discordapp.interactions import Interaction
from bot.discordapp.rendering.page import Page


async def send_page(
    interaction: Interaction, page: Page, view: discord.ui.View | None, *, ephemeral: bool = False
) -> None:
    """Answer with a new message. Only the person who asked sees an `ephemeral` one."""
    await interaction.response.send_message(
        embed=page.embed,
        view=view or discord.utils.MISSING,
        ephemeral=ephemeral,
        allowed_mentions=discord.AllowedMentions.none(),
    )


async def replace_page(interaction: Interaction, page: Page, view: discord.ui.View | None) -> None:
    """Answer a button by changing the message that contains it."""
    await interaction.response.edit_message(
        embed=page.embed, view=view, allowed_mentions=discord.AllowedMentions.none()
    )
