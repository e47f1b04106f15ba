"""The commands of `/news`, for members.

They work in servers, in direct messages, and for people who installed the app for themselves.
Answers are public unless they are asked for privately; errors, and that nothing was found, are
shown to the person who asked only.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from discord import app_commands

from bot.announce.archive_terms import ArchiveTerms
from bot.clock import Clock
from bot.discordapp.interactions import (
    Choices,
    Interaction,
    errors_answered,
    offer_choices,
)
from bot.discordapp.markdown import plain
from bot.discordapp.messages import news_commands as descriptions
from bot.discordapp.messages.news import EMPTY_SEARCH, LONG_SEARCH, ONLY_EXCLUDED
from bot.discordapp.news import subjects
from bot.discordapp.news.autocomplete import provider_choices, story_choices, topic_choices
from bot.discordapp.news.lookup import QUALITY_LIMIT, Lookup, LookupKind, Period, fits
from bot.discordapp.news.pages import page_view
from bot.discordapp.news.place import place_of
from bot.discordapp.news.queries import NewsQueries
from bot.discordapp.news.topic_chart import TopicCharts
from bot.discordapp.replies import PUBLIC
from storage.errors import NotFoundError
from storage.models import Kind
from storage.protocols import StoryStore
from storage.search.query import parse

# Discord's limit for the name of a choice: a chosen topic or provider can't be longer.
_NAME = 100
# An address, or a title. Discord allows 6,000 characters.
_LONG = 2000

_Name: TypeAlias = app_commands.Range[str, 1, _NAME]
_Text: TypeAlias = app_commands.Range[str, 1, _LONG]
_Quality: TypeAlias = app_commands.Range[int, 0, QUALITY_LIMIT]


def _choices(names: Mapping[str, str]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=name, value=value) for value, name in names.items()]


class NewsCommands(app_commands.Group):
    """The group `/news`."""

    def __init__(
        self, store: StoryStore, clock: Clock, terms: ArchiveTerms, charts: TopicCharts
    ) -> None:
        super().__init__(
            name="news",
            description=descriptions.GROUP,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
            extras={PUBLIC: True},
        )
        self._store = store
        self._queries = NewsQueries(store, clock, terms)
        self._charts = charts

    async def _offer_topics(self, interaction: Interaction, current: str) -> Choices:
        return await offer_choices(interaction, topic_choices(self._store, current))

    async def _offer_providers(self, interaction: Interaction, current: str) -> Choices:
        return await offer_choices(interaction, provider_choices(self._store, current))

    async def _offer_stories(self, interaction: Interaction, current: str) -> Choices:
        return await offer_choices(interaction, story_choices(self._store, current))

    @app_commands.command(description=descriptions.LATEST)
    @app_commands.describe(
        topic=descriptions.ONLY_TOPIC,
        provider=descriptions.ONLY_PROVIDER,
        min_quality=descriptions.MIN_QUALITY,
        private=descriptions.PRIVATE,
    )
    @app_commands.autocomplete(topic=_offer_topics, provider=_offer_providers)
    async def latest(
        self,
        interaction: Interaction,
        topic: _Name | None = None,
        provider: _Name | None = None,
        min_quality: _Quality | None = None,
        private: bool = False,
    ) -> None:
        """Answer `/news latest`."""
        async with errors_answered(interaction):
            lookup = Lookup(
                LookupKind.LATEST,
                await self._topic_id(topic),
                min_quality,
                provider_id=await self._provider_id(provider),
            )
            await self._show(interaction, lookup, private=private)

    @app_commands.command(description=descriptions.TOP)
    @app_commands.describe(
        topic=descriptions.ONLY_TOPIC,
        period=descriptions.TOP_PERIOD,
        private=descriptions.PRIVATE,
    )
    @app_commands.choices(period=_choices(descriptions.TOP_PERIODS))
    @app_commands.autocomplete(topic=_offer_topics)
    async def top(
        self,
        interaction: Interaction,
        topic: _Name | None = None,
        period: str | None = None,
        private: bool = False,
    ) -> None:
        """Answer `/news top`."""
        async with errors_answered(interaction):
            lookup = await self._within(LookupKind.TOP, topic, period)
            await self._show(interaction, lookup, private=private)

    @app_commands.command(description=descriptions.TRENDING)
    @app_commands.describe(
        topic=descriptions.ONLY_TOPIC,
        period=descriptions.TRENDING_PERIOD,
        private=descriptions.PRIVATE,
    )
    @app_commands.choices(period=_choices(descriptions.TRENDING_PERIODS))
    @app_commands.autocomplete(topic=_offer_topics)
    async def trending(
        self,
        interaction: Interaction,
        topic: _Name | None = None,
        period: str | None = None,
        private: bool = False,
    ) -> None:
        """Answer `/news trending`."""
        async with errors_answered(interaction):
            lookup = await self._within(LookupKind.TRENDING, topic, period)
            await self._show(interaction, lookup, private=private)

    @app_commands.command(description=descriptions.TOPIC)
    @app_commands.describe(topic=descriptions.TOPIC_NAME, private=descriptions.PRIVATE)
    @app_commands.autocomplete(topic=_offer_topics)
    async def topic(self, interaction: Interaction, topic: _Name, private: bool = False) -> None:
        """Answer `/news topic`."""
        async with errors_answered(interaction):
            lookup = Lookup(LookupKind.TOPIC, await self._topic_id(topic))
            await self._show(interaction, lookup, private=private)

    @app_commands.command(description=descriptions.SEARCH)
    @app_commands.describe(
        query=descriptions.QUERY,
        topic=descriptions.ONLY_TOPIC,
        provider=descriptions.ONLY_PROVIDER,
        since=descriptions.SINCE,
        min_quality=descriptions.MIN_QUALITY,
        kind=descriptions.ONLY_KIND,
        private=descriptions.PRIVATE,
    )
    @app_commands.choices(
        since=_choices(descriptions.SEARCH_PERIODS), kind=_choices(descriptions.KINDS)
    )
    @app_commands.autocomplete(topic=_offer_topics, provider=_offer_providers)
    async def search(
        self,
        interaction: Interaction,
        query: _Text,
        topic: _Name | None = None,
        provider: _Name | None = None,
        since: str | None = None,
        min_quality: _Quality | None = None,
        kind: str | None = None,
        private: bool = False,
    ) -> None:
        """Answer `/news search`. An address is answered with its story."""
        async with errors_answered(interaction):
            if (story := await subjects.find_by_address(self._store, query)) is not None:
                lookup = Lookup(LookupKind.STORY, story.id)
            else:
                _check_searchable(query)
                lookup = Lookup(
                    LookupKind.SEARCH,
                    await self._topic_id(topic),
                    min_quality,
                    Period[since.upper()] if since else Period.EVER,
                    query,
                    await self._provider_id(provider),
                    Kind(kind) if kind else None,
                )
            await self._show(interaction, lookup, private=private)

    @app_commands.command(description=descriptions.STORY)
    @app_commands.describe(story=descriptions.STORY_TITLE, private=descriptions.PRIVATE)
    @app_commands.autocomplete(story=_offer_stories)
    async def story(self, interaction: Interaction, story: _Text, private: bool = False) -> None:
        """Answer `/news story`."""
        async with errors_answered(interaction):
            found = await subjects.find_story(self._store, story)
            lookup = Lookup(LookupKind.STORY, found.story.id, text="" if found.exact else story)
            await self._show(interaction, lookup, private=private)

    @app_commands.command(description=descriptions.TOPICS)
    @app_commands.describe(private=descriptions.PRIVATE)
    async def topics(self, interaction: Interaction, private: bool = False) -> None:
        """Answer `/news topics`."""
        async with errors_answered(interaction):
            await self._show(interaction, Lookup(LookupKind.TOPICS), private=private)

    async def _topic_id(self, typed: str | None) -> int | None:
        return None if typed is None else (await subjects.find_topic(self._store, typed)).id

    async def _provider_id(self, typed: str | None) -> int | None:
        return None if typed is None else (await subjects.find_provider(self._store, typed)).id

    async def _within(self, kind: LookupKind, topic: str | None, period: str | None) -> Lookup:
        """A lookup within the chosen period, or the kind's default one."""
        lookup = Lookup(kind, await self._topic_id(topic))
        if period is None:
            return await self._queries.with_default_period(lookup)
        return replace(lookup, period=Period[period.upper()])

    async def _show(self, interaction: Interaction, lookup: Lookup, *, private: bool) -> None:
        page = await self._queries.look_up(lookup, 0, place_of(interaction))
        view = page_view(page, lookup.to_custom_id)
        await self._charts.send(interaction, page, view, ephemeral=private)


def _check_searchable(query: str) -> None:
    """Raise `NotFoundError`, with a text for the member, if the query can find nothing."""
    parsed = parse(plain(query, _LONG))
    if parsed.is_empty:
        raise NotFoundError(ONLY_EXCLUDED if parsed.excluded else EMPTY_SEARCH)
    if not fits(query):
        raise NotFoundError(LONG_SEARCH)
