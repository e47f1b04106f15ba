"""Buttons that turn pages and outlive a restart.

Nothing is remembered between presses: a custom_id says all (see `lookup.py`), and discord.py's
`DynamicItem` finds its class by pattern.
"""

import re
from collections.abc import Callable

import discord

from bot.discordapp.interactions import (
    Interaction,
    Item,
    PersistentItem,
    answer_privately,
    persistent_item,
)
from bot.discordapp.news.answer import errors_answered, replace_page, send_page
from bot.discordapp.news.lookup import Button, from_custom_id
from bot.discordapp.news.queries import NewsQueries
from bot.discordapp.rendering.page import Page, persistent_view

_UNKNOWN_BUTTON = "This button is from another version of me. Please ask again with `/news`."


def page_view(page: Page, custom_id: Callable[[int, Button], str]) -> discord.ui.View | None:
    """The buttons that turn the pages of an answer, or None if it has but one.

    `custom_id` returns that of a button that leads to a page (from 0).
    """
    if page.count == 1:
        return None
    last = page.count - 1
    targets = {
        Button.FIRST: ("First", 0, page.number == 0),
        Button.PREVIOUS: ("Previous", page.number - 1, page.number == 0),
        Button.NEXT: ("Next", page.number + 1, page.number == last),
        Button.LAST: ("Last", last, page.number == last),
    }
    return persistent_view(
        discord.ui.Button(label=label, custom_id=custom_id(target, button), disabled=disabled)
        for button, (label, target, disabled) in targets.items()
    )


def page_button(queries: NewsQueries) -> PersistentItem:
    """The class that answers page buttons from these queries."""

    async def answer(interaction: Interaction, _item: Item, custom_id: re.Match[str]) -> None:
        await _turn_page(interaction, queries, custom_id.string)

    return persistent_item(r"news:(?s:.*)", answer)


async def _turn_page(interaction: Interaction, queries: NewsQueries, custom_id: str) -> None:
    """Change the message for who asked; anybody else gets a copy of their own."""
    asked = from_custom_id(custom_id)
    if asked is None:
        await answer_privately(interaction, _UNKNOWN_BUTTON)
        return
    lookup, number = asked
    async with errors_answered(interaction):
        page = await queries.look_up(lookup, number)
        view = page_view(page, lookup.to_custom_id)
        if _asked_by_presser(interaction):
            await replace_page(interaction, page, view)
        else:
            await send_page(interaction, page, view, ephemeral=True)


def _asked_by_presser(interaction: Interaction) -> bool:
    origin = interaction.message.interaction_metadata if interaction.message else None
    return origin is not None and origin.user.id == interaction.user.id
