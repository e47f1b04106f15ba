"""How an answer goes out."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable
from typing import TypeAlias

import discord

from bot.discordapp.rendering.page import Page
from storage.errors import NotFoundError, StorywireError

_log = logging.getLogger(__name__)

Interaction: TypeAlias = discord.Interaction[discord.Client]

# The interaction's three seconds are over (10062), or it has been answered already (40060):
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
_TOO_LATE = {10062, 40060}


async def send_page(
    interaction: Interaction, page: Page, view: discord.ui.View | None, *, ephemeral: bool = False
) -> None:
    """Answer with a new message; `ephemeral` ones are seen by who asked, and by nobody else."""
    await _in_time(
        interaction.response.send_message(
            embed=page.embed,
            view=view or discord.utils.MISSING,
            ephemeral=ephemeral,
            allowed_mentions=discord.AllowedMentions.none(),
        )
    )


async def replace_page(interaction: Interaction, page: Page, view: discord.ui.View | None) -> None:
    """Answer a button by changing the message that it stands in."""
    await _in_time(
        interaction.response.edit_message(
            embed=page.embed, view=view, allowed_mentions=discord.AllowedMentions.none()
        )
    )


async def send_words(interaction: Interaction, words: str) -> None:
    """Answer with a sentence that only the asking member sees."""
    await _in_time(
        interaction.response.send_message(
            words, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )
    )


@contextlib.asynccontextmanager
async def errors_told(interaction: Interaction) -> AsyncIterator[None]:
    """Say what goes wrong within, to the member in a member's words, to the operator in the log."""
    try:
        yield
    except NotFoundError as error:
        await send_words(interaction, str(error))
    except StorywireError as error:
        _log.warning("a lookup failed: %s", error)
        await send_words(interaction, "I can't read my archive just now. Try again in a minute.")


async def _in_time(sending: Awaitable[object]) -> None:
    """Send; an answer that comes too late is lost, and that is no fault of the program."""
    try:
        await sending
    except discord.HTTPException as error:
        if error.code not in _TOO_LATE:
            raise
        _log.warning("an answer came too late: %s", error)
