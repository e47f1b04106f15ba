"""The commands that report: `preview`, `why` and `status`."""

import contextlib
from datetime import datetime
from functools import partial
from typing import Protocol

import discord
from discord import app_commands

from bot.announce.explain import Explainer
from bot.clock import Clock
from bot.discordapp.interactions import Interaction, Refusal, answer_privately, server_of
from bot.discordapp.messages.pending import describe_next, still_paused
from bot.discordapp.news.queries import NewsQueries
from bot.discordapp.permissions import PostingChannel, get_posting_channel
from bot.discordapp.rendering.page import ACCENT
from bot.discordapp.subscriptions.actions import SubscriptionActions
from bot.discordapp.subscriptions.autocomplete import Chosen, Completions
from bot.discordapp.subscriptions.estimate import add_estimate, estimate
from bot.discordapp.subscriptions.formatting import describe_rules, describe_spec
from bot.discordapp.subscriptions.parsing import parse_id
from bot.discordapp.subscriptions.status import SINCE, status_embed
from bot.discordapp.subscriptions.why import why_embed
from storage.errors import NotFoundError
from storage.models import Story, Subscription, SubscriptionActivity
from storage.protocols import OutboxStore, StoryStore, SubscriptionStore


class ReportStore(SubscriptionStore, StoryStore, OutboxStore, Protocol):
    """What the reports need of a store."""


def add_reports(
    group: app_commands.Group,
    actions: SubscriptionActions,
    completions: Completions,
    store: ReportStore,
    clock: Clock,
) -> None:
    """Add the commands to the group."""
    explainer = Explainer(store, store, store, max_age=actions.defaults.max_age)

    @group.command(description="What a subscription would post: its last stories, and how many")
    @app_commands.describe(subscription="Which one (the one of this channel)")
    @app_commands.autocomplete(subscription=completions.guarded(completions.subscriptions))
    async def preview(interaction: Interaction, subscription: Chosen | None = None) -> None:
        found = await _meant(interaction, actions, subscription)
        embed = await _preview(actions, store, found, clock.now())
        await interaction.response.send_message(embed=embed, ephemeral=True)

    @group.command(description="Why a story was, or was not, posted in a channel")
    @app_commands.describe(
        story="Words of its title; choose from the list", channel="Where (this channel)"
    )
    @app_commands.autocomplete(story=completions.guarded(completions.stories))
    async def why(
        interaction: Interaction, story: Chosen, channel: PostingChannel | None = None
    ) -> None:
        guild = server_of(interaction)
        channel_id = channel.id if channel else interaction.channel_id or 0
        found = await _story(store, clock, story)
        now = clock.now()
        explanation = await explainer.explain(found, guild.id, channel_id, now)
        embed = why_embed(explanation, channel_id, now)
        await interaction.response.send_message(embed=embed, ephemeral=True)

    @group.command(description="What was posted, waits, was skipped or failed, and what is missing")
    @app_commands.describe(channel="Only what arrives there")
    async def status(interaction: Interaction, channel: PostingChannel | None = None) -> None:
        guild = server_of(interaction)
        subscriptions = await actions.list_subscriptions(guild.id, channel.id if channel else None)
        if not subscriptions:
            await answer_privately(
                interaction, "Nothing arrives here yet. `/subscriptions add` is all it takes."
            )
            return
        now = clock.now()
        standings = [(each, await _activity(store, each, now)) for each in subscriptions]
        embed = status_embed(standings, partial(get_posting_channel, guild), now)
        await interaction.response.send_message(embed=embed, ephemeral=True)


async def _meant(
    interaction: Interaction, actions: SubscriptionActions, subscription: str | None
) -> Subscription | None:
    """The chosen subscription, or else the only one of this channel; None if there is none."""
    guild = server_of(interaction)
    if subscription is not None:
        return await actions.find(guild.id, subscription)
    here = await actions.list_subscriptions(guild.id, interaction.channel_id)
    if len(here) > 1:
        raise Refusal("This channel has several; please choose one with `subscription:`.")
    return here[0] if here else None


async def _preview(
    actions: SubscriptionActions,
    store: ReportStore,
    subscription: Subscription | None,
    now: datetime,
) -> discord.Embed:
    if subscription is None:
        rules = actions.default_spec(channel_id=0).rules
        about = f"This channel gets nothing yet. A new subscription gets {describe_rules(rules)}."
    else:
        spec, rules = subscription.spec, subscription.spec.rules
        about = f"<#{spec.channel_id}> gets {describe_spec(spec)}.{still_paused(subscription)}"
    embed = discord.Embed(title="Preview", description=about, colour=ACCENT)
    add_estimate(embed, await estimate(store, rules, now))
    if subscription is not None:
        activity = await _activity(store, subscription, now)
        if activity.waiting:
            count = "1 story" if activity.waiting == 1 else f"{activity.waiting} stories"
            lines = [count, *describe_next(subscription, activity, now)]
            embed.add_field(name="Waiting", value="\n".join(lines), inline=False)
    return embed


async def _activity(
    store: SubscriptionStore, subscription: Subscription, now: datetime
) -> SubscriptionActivity:
    return await store.subscription_activity(subscription.guild_id, subscription.id, now - SINCE)


async def _story(stories: StoryStore, clock: Clock, typed: str) -> Story:
    """The story of that id, withdrawn ones too, or the best hit for typed words."""
    if (story_id := parse_id(typed)) is not None:
        # It may be a word of a title instead, such as a year.
        with contextlib.suppress(NotFoundError):
            return await stories.get_story(story_id)
    try:
        return await NewsQueries(stories, clock).story_meant(typed)
    except NotFoundError as error:
        raise Refusal(str(error)) from error
