"""The selects below lists and digests: show what a member chooses to that member alone.

Their custom_ids are the same everywhere, and the chosen value is the id of a story or a topic, so
the selects of old messages work after a restart, for as long as the messages exist. A value from
outside proves nothing: whatever it is, only a published story is shown, as `/news story` would show
it, or a topic that has stories.
"""

import re

from bot.discordapp.components import ComponentKind, Use
from bot.discordapp.ids import parse_id
from bot.discordapp.interactions import Interaction, errors_answered
from bot.discordapp.messages.news import STORY_GONE, TOPIC_GONE
from bot.discordapp.news.lookup import Lookup, LookupKind
from bot.discordapp.news.pages import page_view
from bot.discordapp.news.place import place_of
from bot.discordapp.news.queries import NewsQueries
from bot.discordapp.news.topic_chart import TopicCharts
from bot.discordapp.rendering.selects import OPEN_STORY, OPEN_TOPIC
from storage.errors import NotFoundError


def story_opener(queries: NewsQueries, charts: TopicCharts) -> ComponentKind:
    """Answer the selects that open stories from these queries."""
    return _opener(OPEN_STORY, LookupKind.STORY, STORY_GONE, queries, charts)


def topic_opener(queries: NewsQueries, charts: TopicCharts) -> ComponentKind:
    """Answer the selects that open topics from these queries."""
    return _opener(OPEN_TOPIC, LookupKind.TOPIC, TOPIC_GONE, queries, charts)


def _opener(
    custom_id: str, kind: LookupKind, gone: str, queries: NewsQueries, charts: TopicCharts
) -> ComponentKind:
    async def answer(interaction: Interaction, use: Use) -> None:
        async with errors_answered(interaction):
            ids = [parse_id(value) for value in use.values]
            if len(ids) != 1 or (subject_id := ids[0]) is None:
                raise NotFoundError(gone)
            lookup = Lookup(kind, subject_id)
            page = await queries.look_up(lookup, 0, place_of(interaction))
            view = page_view(page, lookup.to_custom_id)
            await charts.send(interaction, page, view, ephemeral=True)

    return ComponentKind(re.compile(re.escape(custom_id)), answer)
