"""The select below lists and digests: shows the chosen story to the person who chose it.

Its custom_id is the same everywhere, and the chosen value is a story's id, so the selects of old
messages work after a restart, for as long as the messages exist. A value from outside proves
nothing: whatever it is, only a published story is shown, as `/news story` would show it.
"""

import re

from bot.discordapp.components import ComponentKind, Use
from bot.discordapp.ids import parse_id
from bot.discordapp.interactions import Interaction, errors_answered
from bot.discordapp.messages.news import STORY_GONE
from bot.discordapp.news.answer import send_page
from bot.discordapp.news.lookup import Lookup, LookupKind
from bot.discordapp.news.pages import page_view
from bot.discordapp.news.place import place_of
from bot.discordapp.news.queries import NewsQueries
from bot.discordapp.rendering.story_select import OPEN_STORY
from storage.errors import NotFoundError


def open_story(queries: NewsQueries) -> ComponentKind:
    """Answer the selects below lists and digests from these queries."""

    async def answer(interaction: Interaction, use: Use) -> None:
        async with errors_answered(interaction):
            ids = [parse_id(value) for value in use.values]
            if len(ids) != 1 or (story_id := ids[0]) is None:
                raise NotFoundError(STORY_GONE)
            lookup = Lookup(LookupKind.STORY, story_id)
            page = await queries.look_up(lookup, 0, place_of(interaction))
            view = page_view(page, lookup.to_custom_id)
            await send_page(interaction, page, view, ephemeral=True)

    return ComponentKind(re.compile(re.escape(OPEN_STORY)), answer)
