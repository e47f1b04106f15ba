"""Autocompletion, only for people who may manage subscriptions, with data of their server."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from discord import app_commands

from bot.clock import Clock
from bot.discordapp.interactions import Choices, Interaction, offer_choices
from bot.discordapp.markdown import discord_length, plain
from bot.discordapp.messages.subscription_options import timezone_choice
from bot.discordapp.messages.subscription_summary import describe_choice, describe_damaged_choice
from bot.discordapp.news.autocomplete import story_choices
from bot.discordapp.subscriptions.access import may_manage
from bot.discordapp.subscriptions.actions import SubscriptionActions
from bot.discordapp.subscriptions.timezones import local_clock, matching_names, offer_timezones
from storage.protocols import AccessStore, StoryStore

ChoiceValue: TypeAlias = app_commands.Range[str, 1, 100]
Autocomplete: TypeAlias = Callable[[Interaction, str], Coroutine[Any, Any, Choices]]

# https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure
_CHOICES = 25
_CHOICE_LENGTH = 100


class AutocompleteStore(StoryStore, AccessStore, Protocol):
    """What the autocompletions need of a store."""


@dataclass(frozen=True, slots=True)
class Autocompletions:
    """The autocompletions; `with_access_check` adds a permission check."""

    actions: SubscriptionActions
    store: AutocompleteStore
    clock: Clock

    def with_access_check(self, complete: Autocomplete) -> Autocomplete:
        """Offer nothing to people without permission, or if the database can't be read."""

        async def choices(interaction: Interaction, typed: str) -> Choices:
            if not await may_manage(interaction, self.store):
                return []
            return await complete(interaction, typed)

        async def completed(interaction: Interaction, typed: str) -> Choices:
            return await offer_choices(interaction, choices(interaction, typed))

        return completed

    async def topics(self, _interaction: Interaction, typed: str) -> Choices:
        """Complete the last topic in a list of topics."""
        before, _, last = typed.rpartition(",")
        names = [name for part in before.split(",") if (name := " ".join(part.split()))]
        chosen = {name.casefold() for name in names}
        topics = await self.store.complete_topics(last, _CHOICES + len(chosen))
        values = [
            ", ".join([*names, topic.name])
            for topic in topics
            if topic.name.casefold() not in chosen and "," not in topic.name
        ]
        # A name may be shortened, a value may not.
        return [
            app_commands.Choice(name=plain(value, _CHOICE_LENGTH), value=value)
            for value in values
            if discord_length(value) <= _CHOICE_LENGTH and plain(value, _CHOICE_LENGTH)
        ][:_CHOICES]

    async def subscriptions(self, interaction: Interaction, typed: str) -> Choices:
        """The server's own subscriptions."""
        guild = interaction.guild
        if guild is None:
            return []
        choices = []
        for subscription in await self.actions.list_subscriptions(guild.id):
            channel = guild.get_channel_or_thread(subscription.spec.channel_id)
            name = describe_choice(subscription, channel.name if channel else None)
            if typed.casefold() in name.casefold():
                choices.append(app_commands.Choice(name=name, value=str(subscription.id)))
        for damaged in await self.actions.list_damaged(guild.id):
            channel = guild.get_channel_or_thread(damaged.channel_id or 0)
            name = describe_damaged_choice(damaged, channel.name if channel else None)
            if typed.casefold() in name.casefold():
                choices.append(app_commands.Choice(name=name, value=str(damaged.id)))
        return choices[:_CHOICES]

    async def timezones(self, interaction: Interaction, typed: str) -> Choices:
        """Time zones with their local time, and the name that was typed if it is another one."""
        first = await self.actions.default_timezone(interaction.guild_id or 0)
        # The first call reads all names, which takes half a second.
        return await asyncio.to_thread(_timezone_choices, typed, first, self.clock.now())

    async def stories(self, _interaction: Interaction, typed: str) -> Choices:
        """Stories by words in their titles."""
        return await story_choices(self.store, typed)


def _timezone_choices(typed: str, first: str, now: datetime) -> Choices:
    places = matching_names(typed)
    return [
        app_commands.Choice(
            name=timezone_choice(name, local_clock(name, now), places.get(name)), value=name
        )
        for name in offer_timezones(typed, first, _CHOICES, now)
    ]
