"""`/news`: what members ask.

Usable in servers, in direct messages, and by people who installed the app for themselves. Answers
are public; what went wrong is told to the asking member alone. Reading takes milliseconds, so
nothing is deferred.
"""

from dataclasses import replace
from typing import Literal, TypeAlias

from discord import app_commands

from bot.clock import Clock
from bot.discordapp.interactions import Interaction, answer_privately
from bot.discordapp.markdown import plain
from bot.discordapp.news.answer import errors_answered, send_page
from bot.discordapp.news.autocomplete import story_choices, topic_choices
from bot.discordapp.news.lookup import QUALITY_LIMIT, TEXT_LIMIT, Lookup, LookupKind, Period
from bot.discordapp.news.pages import page_view
from bot.discordapp.news.queries import NewsQueries
from storage.protocols import StoryStore

# Discord's own limit for the name of a choice; a topic or title can't be longer when typed.
_TYPED = 100

_Typed: TypeAlias = app_commands.Range[str, 1, _TYPED]
_Quality: TypeAlias = app_commands.Range[int, 0, QUALITY_LIMIT]


class NewsCommands(app_commands.Group):
    """The members' commands."""

    def __init__(self, store: StoryStore, clock: Clock) -> None:
        super().__init__(
            name="news",
            description="Look stories and topics up",
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
        )
        self._store = store
        self._queries = NewsQueries(store, clock)

    async def _offer_topics(
        self, _interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await topic_choices(self._store, current)

    async def _offer_stories(
        self, _interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await story_choices(self._store, current)

    @app_commands.command()
    @app_commands.describe(
        topic="Only stories about this topic", min_quality="Only stories at least this good"
    )
    @app_commands.autocomplete(topic=_offer_topics)
    async def latest(
        self,
        interaction: Interaction,
        topic: _Typed | None = None,
        min_quality: _Quality | None = None,
    ) -> None:
        """Show the newest stories."""
        async with errors_answered(interaction):
            lookup = Lookup(LookupKind.LATEST, await self._topic_id(topic), min_quality)
            await self._show(interaction, lookup)

    @app_commands.command()
    @app_commands.describe(topic="Only stories about this topic", period="How far back to look")
    @app_commands.autocomplete(topic=_offer_topics)
    async def top(
        self,
        interaction: Interaction,
        topic: _Typed | None = None,
        period: Literal["day", "week", "month", "ever"] | None = None,
    ) -> None:
        """Show the best stories of a day, a week, a month, or ever."""
        async with errors_answered(interaction):
            lookup = Lookup(LookupKind.TOP, await self._topic_id(topic))
            if period is None:
                chosen = await self._queries.shortest_period_with_stories(lookup)
            else:
                chosen = Period[period.upper()]
            await self._show(interaction, replace(lookup, period=chosen))

    @app_commands.command()
    @app_commands.describe(topic="The topic's name")
    @app_commands.autocomplete(topic=_offer_topics)
    async def topic(self, interaction: Interaction, topic: _Typed) -> None:
        """Show a topic: its best story, who writes about it, and its newest stories."""
        async with errors_answered(interaction):
            await self._show(interaction, Lookup(LookupKind.TOPIC, await self._topic_id(topic)))

    @app_commands.command()
    @app_commands.describe(
        query="Words that must all occur",
        topic="Only stories about this topic",
        since="How far back to look",
    )
    @app_commands.autocomplete(topic=_offer_topics)
    async def search(
        self,
        interaction: Interaction,
        query: app_commands.Range[str, 1, TEXT_LIMIT],
        topic: _Typed | None = None,
        since: Literal["day", "week", "month", "year"] | None = None,
    ) -> None:
        """Search titles, excerpts, providers and topics."""
        if not plain(query, TEXT_LIMIT):
            await answer_privately(interaction, "Type at least one word to search for.")
            return
        period = Period[since.upper()] if since else Period.EVER
        async with errors_answered(interaction):
            topic_id = await self._topic_id(topic)
            lookup = Lookup(LookupKind.SEARCH, topic_id, period=period, text=query)
            await self._show(interaction, lookup)

    @app_commands.command()
    @app_commands.describe(story="Words of its title")
    @app_commands.autocomplete(story=_offer_stories)
    async def story(self, interaction: Interaction, story: _Typed) -> None:
        """Show one story with all its other coverage."""
        async with errors_answered(interaction):
            meant = await self._queries.story_meant(story)
            await self._show(interaction, Lookup(LookupKind.STORY, meant.id))

    @app_commands.command()
    async def topics(self, interaction: Interaction) -> None:
        """Show which topics there are, the largest first."""
        async with errors_answered(interaction):
            await self._show(interaction, Lookup(LookupKind.TOPICS))

    async def _topic_id(self, typed: str | None) -> int | None:
        return None if typed is None else (await self._queries.topic_named(typed)).id

    async def _show(self, interaction: Interaction, lookup: Lookup) -> None:
        page = await self._queries.look_up(lookup, 0)
        await send_page(interaction, page, page_view(page, lookup.to_custom_id))
