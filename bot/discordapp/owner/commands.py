"""The command group `/owner`. Its answers are private."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import discord
from discord import app_commands

from bot.announce.pausing import pause_posting, read_pauses, resume_posting
from bot.clock import Clock
from bot.config.changes import SettingsChanges
from bot.discordapp.command_sync import read_problem
from bot.discordapp.interactions import (
    Choices,
    Interaction,
    Refusal,
    answer_privately,
    offer_choices,
)
from bot.discordapp.messages import owner as messages
from bot.discordapp.messages.commands_problem import describe_for_admins
from bot.discordapp.owner.owners import Owners
from bot.discordapp.rendering.page import ACCENT
from bot.discordapp.replies import FOR_ADMINS, reply_to
from bot.errors import SourceError
from storage.errors import StorywireError
from storage.models import LoadCounts
from storage.protocols import KeyValueStore, OutboxStore, SourceStore

logger = logging.getLogger(__name__)

# A deferred answer is due within 15 minutes.
LONGEST_READING_SECONDS = 120.0
_CHOICES = 25


class OwnerStore(KeyValueStore, OutboxStore, SourceStore, Protocol):
    """The part of the store that the commands need."""


class RunningBot(Protocol):
    """What the commands need of the bot in which they run."""

    @property
    def started_at(self) -> datetime:
        """When it was started."""

    @property
    def source_names(self) -> Sequence[str]:
        """The sources that it reads."""

    async def reload(self) -> SettingsChanges:
        """Read the settings again. Raises `StorywireError` if they are invalid."""

    async def read_source(self, name: str) -> asyncio.Future[LoadCounts]:
        """Read a source now. The result is what has changed, or a `SourceError`."""


class OwnerCommands(app_commands.Group):
    """The commands for those who run the bot.

    Whoever uses one is checked, as a server's settings can override `default_permissions`.
    """

    def __init__(
        self, store: OwnerStore, clock: Clock, running: RunningBot, owners: Owners
    ) -> None:
        super().__init__(
            name="owner",
            description=messages.GROUP,
            guild_only=True,
            # Only admins of the server see them.
            default_permissions=discord.Permissions.none(),
            extras={FOR_ADMINS: True},
        )
        self._store = store
        self._clock = clock
        self._running = running
        self._owners = owners

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Raise `Refusal` unless this is an owner."""
        await self._owners.check(interaction.user.id)
        command = interaction.command
        name = command.qualified_name if command else self.name
        logger.info("owner %d uses /%s", interaction.user.id, name)
        return True

    @app_commands.command(description=messages.STATE)
    async def state(self, interaction: Interaction) -> None:
        """Show what the bot does, and what is wrong."""
        pauses, posts = await read_pauses(self._store), await self._store.count_posts()
        problem = await read_problem(self._store)
        names = self._running.source_names
        sources = [each for each in await self._store.list_sources() if each.name in names]
        parts = [
            messages.describe_running(self._running.started_at, len(interaction.client.guilds)),
            messages.describe_posting(pauses.paused_since),
            messages.describe_posts(posts),
            messages.describe_sources(sources, len(names)),
            describe_for_admins(problem) if problem else "",
        ]
        text = "\n".join(filter(None, parts))
        embed = discord.Embed(title=messages.STATE_TITLE, description=text, colour=ACCENT)
        await reply_to(interaction).send(embeds=[embed], private=True)

    @app_commands.command(description=messages.RUN)
    @app_commands.describe(source=messages.SOURCE)
    async def run(self, interaction: Interaction, source: str) -> None:
        """Read a source now."""
        names = {messages.shown_source(name): name for name in self._running.source_names}
        if (name := names.get(source)) is None:
            raise Refusal(messages.NO_SUCH_SOURCE)
        try:
            reading = await self._running.read_source(name)
            async with asyncio.timeout(LONGEST_READING_SECONDS):
                text = messages.describe_reading(name, await reading)
        except SourceError as error:
            text = messages.describe_unreadable(name, str(error))
        except TimeoutError:
            text = messages.describe_slow(name)
        await answer_privately(interaction, text)

    @run.autocomplete("source")
    async def _complete_source(self, interaction: Interaction, typed: str) -> Choices:
        return await offer_choices(interaction, self._source_choices(interaction.user.id, typed))

    async def _source_choices(self, user_id: int, typed: str) -> Choices:
        try:
            await self._owners.check(user_id)
        except Refusal:
            return []
        shown = [messages.shown_source(name) for name in self._running.source_names]
        matching = [each for each in shown if typed.casefold() in each.casefold()]
        return [app_commands.Choice(name=each, value=each) for each in matching[:_CHOICES]]

    @app_commands.command(description=messages.RELOAD)
    async def reload(self, interaction: Interaction) -> None:
        """Read the settings again."""
        try:
            text = messages.confirm_reload(await self._running.reload())
        except StorywireError as error:
            text = messages.describe_invalid(str(error))
        await answer_privately(interaction, text)

    @app_commands.command(description=messages.PAUSE)
    async def pause(self, interaction: Interaction) -> None:
        """Pause all posting."""
        since, was_paused = await pause_posting(self._store, self._clock.now())
        await answer_privately(interaction, messages.confirm_paused(since, again=was_paused))

    @app_commands.command(description=messages.RESUME)
    async def resume(self, interaction: Interaction) -> None:
        """Go on posting."""
        since = await resume_posting(self._store, self._clock.now())
        await answer_privately(interaction, messages.confirm_resumed(since))
