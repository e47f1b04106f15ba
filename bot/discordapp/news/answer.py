"""Sends pages as answers of `/news`."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import discord

from bot.discordapp.interactions import TOO_LATE, Interaction, deliver
from bot.discordapp.rendering.page import Page, only_text, without_pictures


async def send_page(
    interaction: Interaction, page: Page, view: discord.ui.View | None, *, ephemeral: bool = False
) -> None:
    """Answer with a new message. Only the person who asked sees an `ephemeral` one."""

    async def send(embed: discord.Embed) -> None:
        await deliver(
            interaction.response.send_message(
                embed=embed,
                view=view or discord.utils.MISSING,
                ephemeral=ephemeral,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        )

    await _send_acceptable(page.embed, send)


async def replace_page(interaction: Interaction, page: Page, view: discord.ui.View | None) -> None:
    """Answer a button by changing the message that contains it."""

    async def send(embed: discord.Embed) -> None:
        await deliver(
            interaction.response.edit_message(
                embed=embed, view=view, allowed_mentions=discord.AllowedMentions.none()
            )
        )

    await _send_acceptable(page.embed, send)


async def _send_acceptable(
    embed: discord.Embed, send: Callable[[discord.Embed], Awaitable[None]]
) -> None:
    """Send an embed; if Discord rejects it, without pictures, and then as text alone."""
    for reduce in (without_pictures, only_text):
        try:
            await send(embed)
        except discord.HTTPException as error:
            if error.status != HTTPStatus.BAD_REQUEST or error.code in TOO_LATE:
                raise
        else:
            return
        embed = reduce(embed)
    await send(embed)
