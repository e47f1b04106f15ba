"""The commands of `/news`, for members.

They work in servers, in direct messages, and for people who installed the app for themselves.
Answers are public; errors are shown to the person who asked only. Reading takes milliseconds, so
no answer is deferred.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from discord import app_commands

from bot.announce.archive_terms import ArchiveTerms
from bot.clock import Clock
from bot.discordapp.interactions import (
    Choices,
    Interaction,
    answer_privately,
    errors_answered,
    offer_choices,
)
from bot.discordapp.markdown import plain
from bot.discordapp.messages import news_commands as descriptions
from bot.discordapp.messages.news import EMPTY_SEARCH, SHORT_SEARCH
from bot.discordapp.news.answer import send_page
from bot.discordapp.news.autocomplete import story_choices, topic_choices
from bot.discordapp.news.lookup import QUALITY_LIMIT, TEXT_LIMIT, Lookup, LookupKind, Period
from bot.discordapp.news.pages import page_view
from bot.discordapp.news.queries import NewsQueries, find_story
from storage.protocols import StoryStore

# Discord's limit for the name of a choice: a chosen topic or title can't be longer.
_TYPED = 100
_WORD = re.compile(r"\w+")

_Typed: TypeAlias = app_commands.Range[str, 1, _TYPED]
_Quality: TypeAlias = app_commands.Range[int, 0, QUALITY_LIMIT]


def _choices(names: Mapping[str, str]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=name, value=value) for value, name in names.items()]


class NewsCommands(app_commands.Group):
    """The group `/news`."""

    def __init__(self, store: StoryStore, clock: Clock, terms: ArchiveTerms) -> None:
        super().__init__(
            name="news",
            description=descriptions.GROUP,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
        )
        self._store = store
        self._queries = NewsQueries(store, clock, terms)

    async def _offer_topics(self, interaction: Interaction, current: str) -> Choices:
        return await offer_choices(interaction, topic_choices(self._store, current))

    async def _offer_stories(self, interaction: Interaction, current: str) -> Choices:
        return await offer_choices(interaction, story_choices(self._store, current))

    @app_commands.command(description=descriptions.LATEST)
    @app_commands.describe(topic=descriptions.ONLY_TOPIC, min_quality=descriptions.MIN_QUALITY)
    @app_commands.autocomplete(topic=_offer_topics)
    async def latest(
        self,
        interaction: Interaction,
        topic: _Typed | None = None,
        min_quality: _Quality | None = None,
    ) -> None:
        """Answer `/news latest`."""
        async with errors_answered(interaction):
            lookup = Lookup(LookupKind.LATEST, await self._topic_id(topic), min_quality)
            await self._show(interaction, lookup)

    @app_commands.command(description=descriptions.TOP)
    @app_commands.describe(topic=descriptions.ONLY_TOPIC, period=descriptions.PERIOD)
    @app_commands.choices(period=_choices(descriptions.PERIODS))
    @app_commands.autocomplete(topic=_offer_topics)
    async def top(
        self,
        interaction: Interaction,
        topic: _Typed | None = None,
        period: str | None = None,
    ) -> None:
        """Answer `/news top`."""
        async with errors_answered(interaction):
            lookup = Lookup(LookupKind.TOP, await self._topic_id(topic))
            if period is None:
                chosen = await self._queries.shortest_period_with_stories(lookup)
            else:
                chosen = Period[period.upper()]
            await self._show(interaction, replace(lookup, period=chosen))

    @app_commands.command(description=descriptions.TOPIC)
    @app_commands.describe(topic=descriptions.TOPIC_NAME)
    @app_commands.autocomplete(topic=_offer_topics)
    async def topic(self, interaction: Interaction, topic: _Typed) -> None:
        """Answer `/news topic`."""
        async with errors_answered(interaction):
            await self._show(interaction, Lookup(LookupKind.TOPIC, await self._topic_id(topic)))

    @app_commands.command(description=descriptions.SEARCH)
    @app_commands.describe(
        query=descriptions.QUERY,
        topic=descriptions.ONLY_TOPIC,
        since=descriptions.SINCE,
    )
    @app_commands.choices(since=_choices(descriptions.SEARCH_PERIODS))
    @app_commands.autocomplete(topic=_offer_topics)
    async def search(
        self,
        interaction: Interaction,
        query: app_commands.Range[str, 1, TEXT_LIMIT],
        topic: _Typed | None = None,
        since: str | None = None,
    ) -> None:
        """Answer `/news search`."""
        words = _WORD.findall(plain(query, TEXT_LIMIT))
        # In other scripts than Latin, one character may be a word.
        if all(len(word) == 1 and word.isascii() for word in words):
            await answer_privately(interaction, SHORT_SEARCH if words else EMPTY_SEARCH)
            return
        period = Period[since.upper()] if since else Period.EVER
        async with errors_answered(interaction):
            topic_id = await self._topic_id(topic)
            lookup = Lookup(LookupKind.SEARCH, topic_id, period=period, text=query)
            await self._show(interaction, lookup)

    @app_commands.command(description=descriptions.STORY)
    @app_commands.describe(story=descriptions.STORY_TITLE)
    @app_commands.autocomplete(story=_offer_stories)
    async def story(self, interaction: Interaction, story: _Typed) -> None:
        """Answer `/news story`."""
        async with errors_answered(interaction):
            found = await find_story(self._store, story)
            await self._show(interaction, Lookup(LookupKind.STORY, found.id))

    @app_commands.command(description=descriptions.TOPICS)
    async def topics(self, interaction: Interaction) -> None:
        """Answer `/news topics`."""
        async with errors_answered(interaction):
            await self._show(interaction, Lookup(LookupKind.TOPICS))

    async def _topic_id(self, typed: str | None) -> int | None:
        return None if typed is None else (await self._queries.find_topic(typed)).id

    async def _show(self, interaction: Interaction, lookup: Lookup) -> None:
        page = await self._queries.look_up(lookup, 0)
        await send_page(interaction, page, page_view(page, lookup.to_custom_id))
