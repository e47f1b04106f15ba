"""Buttons that turn pages and outlive a restart.

Nothing is kept between presses: the custom_id contains the whole request (see `lookup.py`).
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import discord

from bot.discordapp.components import ComponentKind, Use
from bot.discordapp.interactions import Interaction, answer_privately, errors_answered
from bot.discordapp.messages import stories as labels
from bot.discordapp.messages.news import UNKNOWN_BUTTON
from bot.discordapp.news.lookup import Button, from_custom_id
from bot.discordapp.news.place import place_of
from bot.discordapp.news.queries import NewsQueries
from bot.discordapp.news.topic_chart import TopicCharts
from bot.discordapp.rendering.page import Page, persistent_view
from bot.discordapp.rendering.selects import page_select


def page_view(page: Page, custom_id: Callable[[int, Button], str]) -> discord.ui.View | None:
    """The buttons that turn the pages of an answer, and a select that opens what it lists.

    `custom_id` returns the custom_id of a button that leads to a page (from 0). None if there is
    only one page, and nothing to open.
    """
    items: list[discord.ui.Item[Any]] = [*_page_buttons(page, custom_id)]
    if select := page_select(page):
        items.append(select)
    return persistent_view(items) if items else None


def _page_buttons(
    page: Page, custom_id: Callable[[int, Button], str]
) -> Iterator[discord.ui.Button[Any]]:
    if page.count == 1:
        return
    last = page.count - 1
    targets = {
        Button.FIRST: (labels.FIRST_PAGE, 0, page.number == 0),
        Button.PREVIOUS: (labels.PREVIOUS_PAGE, page.number - 1, page.number == 0),
        Button.NEXT: (labels.NEXT_PAGE, page.number + 1, page.number == last),
        Button.LAST: (labels.LAST_PAGE, last, page.number == last),
    }
    for button, (label, target, disabled) in targets.items():
        yield discord.ui.Button(label=label, custom_id=custom_id(target, button), disabled=disabled)


def page_button(queries: NewsQueries, charts: TopicCharts) -> ComponentKind:
    """Answer page buttons from these queries."""

    async def answer(interaction: Interaction, use: Use) -> None:
        await _turn_page(interaction, queries, charts, use.custom_id)

    return ComponentKind(re.compile(r"news:(?s:.*)"), answer)


async def _turn_page(
    interaction: Interaction, queries: NewsQueries, charts: TopicCharts, custom_id: str
) -> None:
    """Change the message for the person who asked for it; anyone else gets a private copy."""
    parsed = from_custom_id(custom_id)
    if parsed is None:
        await answer_privately(interaction, UNKNOWN_BUTTON)
        return
    lookup, number = parsed
    async with errors_answered(interaction):
        page = await queries.look_up(lookup, number, place_of(interaction))
        view = page_view(page, lookup.to_custom_id)
        if _is_own_answer(interaction):
            await charts.replace(interaction, page, view)
        else:
            await charts.send(interaction, page, view, ephemeral=True)


def _is_own_answer(interaction: Interaction) -> bool:
    origin = interaction.message.interaction_metadata if interaction.message else None
    return origin is not None and origin.user.id == interaction.user.id
