"""`/help` and `/about`, for everybody everywhere. Their answers are private."""

from collections.abc import Callable
from datetime import datetime
from importlib import metadata
from typing import Protocol

import discord
from discord import app_commands

from bot.clock import Clock
from bot.discordapp.interactions import ClientT, Interaction, errors_answered
from bot.discordapp.messages import help as messages
from bot.discordapp.owner.owners import Owners
from bot.discordapp.rendering.page import ACCENT
from bot.discordapp.replies import reply_to
from bot.discordapp.subscriptions.access import may_manage
from bot.urls.safety import safe_url
from storage.models import Order, StoryQuery
from storage.protocols import AccessStore, StoryStore

_PACKAGE = "storywire"
_OWNER = "owner"
# What a package calls the address of its documentation, the best first.
_DOCUMENTATION = ("documentation", "homepage", "repository")


_for_everybody = app_commands.allowed_installs(guilds=True, users=True)
_everywhere = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)


class HelpStore(StoryStore, AccessStore, Protocol):
    """The part of the store that the commands need."""


def setup(
    tree: app_commands.CommandTree[ClientT],
    store: HelpStore,
    clock: Clock,
    sources: Callable[[], int],
    owners: Owners,
) -> None:
    """Answer `/help` and `/about`; `sources` returns the number of sources in the settings.

    `owners` see the commands for those who run the bot, where Discord offers them.

    Call this once, before the commands are synced.
    """
    started_at = clock.now()

    @tree.command(name="help", description=messages.HELP)
    @_for_everybody
    @_everywhere
    async def help_(interaction: Interaction) -> None:
        async with errors_answered(interaction):
            home = _home(interaction)
            manages = home is not None and await may_manage(interaction, store)
            offered = any(tree.get_command(_OWNER, guild=each) for each in (None, home))
            owns = manages and offered and await owners.contain(interaction.user.id)
            text = messages.describe_help(manages=manages, owns=owns)
            await _answer(interaction, messages.HELP_TITLE, text)

    @tree.command(description=messages.ABOUT)
    @_for_everybody
    @_everywhere
    async def about(interaction: Interaction) -> None:
        async with errors_answered(interaction):
            text = await _about(interaction, store, started_at, sources())
            await _answer(interaction, messages.ABOUT_TITLE, text)


async def _answer(interaction: Interaction, title: str, text: str) -> None:
    embed = discord.Embed(title=title, description=text, colour=ACCENT)
    await reply_to(interaction).send(embeds=[embed], private=True)


async def _about(
    interaction: Interaction, store: HelpStore, started_at: datetime, sources: int
) -> str:
    stories, topics = await store.count_stories(), await store.count_topics()
    newest = (await store.find_stories(StoryQuery(order=Order.NEWEST, limit=1))).stories
    home = _home(interaction)
    own: discord.Member | None = home.me if home else None
    parts = [
        messages.describe_version(_version()),
        messages.describe_contents(stories, topics, sources),
        *[messages.describe_newest(story.dated_at) for story in newest],
        messages.describe_since(started_at, own.joined_at if own else None),
        "",
        messages.describe_report(_documentation(), in_server=home is not None),
    ]
    return "\n".join(parts)


def _home(interaction: Interaction) -> discord.Guild | None:
    """The server in which this happens; None where the bot is not a member."""
    return interaction.client.get_guild(interaction.guild_id or 0)


def _version() -> str | None:
    try:
        return metadata.version(_PACKAGE)
    except metadata.PackageNotFoundError:
        return None  # it runs from its source code


def _documentation() -> str | None:
    """The address of the documentation, if the package has one."""
    try:
        listed = metadata.metadata(_PACKAGE).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return None
    urls = {}
    for each in listed:
        label, _, url = str(each).partition(",")
        urls[label.strip().casefold()] = url.strip()
    named = [urls[label] for label in _DOCUMENTATION if label in urls]
    return safe_url(named[0]) if named else None
