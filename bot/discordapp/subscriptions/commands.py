"""`/subscriptions add|list|remove`, for those who may manage the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import discord
from discord import app_commands
from discord.app_commands import Choice

from bot.announce.subscribing import subscribe
from bot.clock import Clock
from bot.discordapp.client import StorywireClient, answer_privately
from bot.discordapp.permissions import PostingChannel, grant_advice, missing_permissions
from bot.discordapp.rendering.text import escaped, plain
from bot.discordapp.subscriptions.words import (
    MAX_TOPICS,
    describe_choice,
    describe_list,
    describe_rules,
    split_topics,
)
from storage.errors import NotFoundError
from storage.models import NewSubscription, Rules
from storage.store import StoryStore, SubscriptionStore

Interaction = discord.Interaction[StorywireClient]

_CHOICES = 25  # https://discord.com/developers/docs/interactions/application-commands


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a new subscription gets where the admin says nothing."""

    min_quality: int
    catch_up: int
    max_age: timedelta | None
    max_per_hour: int | None


class SubscriptionCommands(
    app_commands.Group,
    name="subscriptions",
    description="Which stories arrive where (for those who manage the server)",
):
    """The admins' commands. `planned` is set when there is something to send."""

    def __init__(
        self,
        store: SubscriptionStore,
        stories: StoryStore,
        clock: Clock,
        *,
        defaults: Defaults,
        make_nonce: Callable[[], str],
        planned: asyncio.Event,
    ) -> None:
        super().__init__(
            guild_only=True, default_permissions=discord.Permissions(manage_guild=True)
        )
        self._store = store
        self._stories = stories
        self._clock = clock
        self._defaults = defaults
        self._make_nonce = make_nonce
        self._planned = planned

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Check the right on our side: a server's settings may open the command to others."""
        if may_manage(interaction):
            return True
        await interaction.response.send_message(
            "You need **Manage Server** to change what arrives here.", ephemeral=True
        )
        return False

    @app_commands.command(description="Post new stories in a channel")
    @app_commands.describe(
        channel="Where to post (this channel)",
        topics="Only stories about any of these, separated by commas (all topics)",
        min_quality="Only stories at least this good",
        catch_up="How many of the best stories so far to post at once",
    )
    async def add(
        self,
        interaction: Interaction,
        channel: discord.TextChannel | discord.Thread | None = None,
        topics: app_commands.Range[str, 1, 1000] | None = None,
        min_quality: app_commands.Range[int, 0, 1000] | None = None,
        catch_up: app_commands.Range[int, 0, 20] | None = None,
    ) -> None:
        """Subscribe a channel, or say what is missing."""
        target = channel or interaction.channel
        if not isinstance(target, discord.TextChannel | discord.Thread):
            await answer_privately(interaction, "Please name a text channel with `channel:`.")
            return
        if missing := missing_permissions(target):
            await answer_privately(interaction, grant_advice(target, missing))
            return
        names = split_topics(topics or "")
        if len(names) > MAX_TOPICS:
            await answer_privately(interaction, f"Please name at most {MAX_TOPICS} topics.")
            return
        known, unknown = await self._known_topics(names)
        bar = self._defaults.min_quality if min_quality is None else min_quality
        await self._subscribe(
            interaction,
            target,
            Rules(known, bar),
            unknown,
            self._defaults.catch_up if catch_up is None else catch_up,
        )

    async def _subscribe(
        self,
        interaction: Interaction,
        channel: PostingChannel,
        rules: Rules,
        unknown: list[str],
        catch_up: int,
    ) -> None:
        existing = await self._store.list_subscriptions(channel.guild.id, channel.id)
        if any(_same(rules, subscription.rules) for subscription in existing):
            await answer_privately(
                interaction,
                f"{channel.mention} already gets {describe_rules(rules)}."
                " `/subscriptions list` shows them all.",
            )
            return
        new = NewSubscription(
            guild_id=channel.guild.id,
            channel_id=channel.id,
            created_by=interaction.user.id,
            created_at=self._clock.now(),
            rules=rules,
            max_per_hour=self._defaults.max_per_hour,
        )
        _, count = await subscribe(
            self._store,
            new,
            catch_up=catch_up,
            max_age=self._defaults.max_age,
            make_nonce=self._make_nonce,
        )
        await answer_privately(interaction, _confirmation(channel, rules, unknown, count))
        self._planned.set()

    async def _known_topics(self, names: tuple[str, ...]) -> tuple[tuple[str, ...], list[str]]:
        """The topics as the archive spells them, and those that it has no story about."""
        spelled, unknown = [], []
        for name in names:
            try:
                spelled.append((await self._stories.get_topic(name)).name)
            except NotFoundError:
                spelled.append(name)
                unknown.append(name)
        return tuple(spelled), unknown

    @add.autocomplete("topics")
    async def complete_topics(self, interaction: Interaction, typed: str) -> list[Choice[str]]:
        """Complete the last of the topics typed so far."""
        before, _, last = typed.rpartition(",")
        prefix = ", ".join(split_topics(before))
        chosen = {name.casefold() for name in split_topics(before)}
        topics = await self._stories.complete_topics(last, _CHOICES + len(chosen))
        values = [
            f"{prefix}, {topic.name}" if prefix else topic.name
            for topic in topics
            if topic.name.casefold() not in chosen
        ]
        # A choice's value holds 100 characters, and may not be cut as its name may.
        fitting = [value for value in values if len(value) <= 100]  # noqa: PLR2004 - just said
        return [Choice(name=plain(value, 100), value=value) for value in fitting[:_CHOICES]]

    @app_commands.command(name="list", description="What arrives in this server's channels")
    async def list_(self, interaction: Interaction) -> None:
        """Show every subscription of the server."""
        subscriptions = await self._store.list_subscriptions(guild_id=interaction.guild_id)
        text = describe_list(subscriptions) or (
            "Nothing arrives here yet. `/subscriptions add` in a channel is all it takes."
        )
        await answer_privately(interaction, text)

    @app_commands.command(description="Stop posting stories in a channel")
    @app_commands.describe(subscription="Which one; choose from the list")
    async def remove(
        self, interaction: Interaction, subscription: app_commands.Range[str, 1, 100]
    ) -> None:
        """Unsubscribe; the store looks it up within the server."""
        if interaction.guild_id is None or not subscription.isdecimal():
            await answer_privately(interaction, "Please choose one from the list.")
            return
        try:
            removed = await self._store.remove_subscription(
                interaction.guild_id, int(subscription), self._clock.now()
            )
        except (NotFoundError, OverflowError):
            await answer_privately(interaction, "There is no such subscription here any more.")
            return
        await answer_privately(
            interaction,
            f"Done: <#{removed.channel_id}> no longer gets {describe_rules(removed.rules)}.",
        )

    @remove.autocomplete("subscription")
    async def complete_subscriptions(
        self, interaction: Interaction, typed: str
    ) -> list[Choice[str]]:
        """Offer the server's own subscriptions, to those who may manage it."""
        if interaction.guild is None or not may_manage(interaction):
            return []
        choices = []
        for subscription in await self._store.list_subscriptions(guild_id=interaction.guild.id):
            channel = interaction.guild.get_channel_or_thread(subscription.channel_id)
            name = describe_choice(subscription, channel.name if channel else "deleted-channel")
            if typed.casefold() in name.casefold():
                choices.append(Choice(name=name, value=str(subscription.id)))
        return choices[:_CHOICES]


def may_manage(interaction: discord.Interaction) -> bool:
    """Whether the person holds Manage Server, as Discord tells it with the interaction."""
    return interaction.guild_id is not None and interaction.permissions.manage_guild


def _same(one: Rules, other: Rules) -> bool:
    def folded(rules: Rules) -> set[str]:
        return {topic.casefold() for topic in rules.topics}

    return one.min_quality == other.min_quality and folded(one) == folded(other)


def _confirmation(channel: PostingChannel, rules: Rules, unknown: list[str], catch_up: int) -> str:
    text = f"{channel.mention} now gets {describe_rules(rules)}."
    if catch_up:
        text += f" The best {catch_up} so far {'is' if catch_up == 1 else 'are'} on the way."
    else:
        text += " New stories will come as they appear."
    if unknown:
        names = escaped(", ".join(unknown), 300)
        text += f"\nNo story so far is about {names}; if that is no slip, one may come."
    return text
