"""The commands that tell: what would be posted, why a story was or was not, how it all does."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.announce.explain import Explainer
from bot.discordapp.client import answer_privately
from bot.discordapp.messages.pending import describe_next, still_paused
from bot.discordapp.news.queries import NewsQueries
from bot.discordapp.permissions import PostingChannel
from bot.discordapp.rendering.page import ACCENT
from bot.discordapp.subscriptions.access import (
    Interaction,
    Refusal,
    find_subscription,
    server_of,
)
from bot.discordapp.subscriptions.completing import Completions
from bot.discordapp.subscriptions.editing import Chosen
from bot.discordapp.subscriptions.editor.message import story_line
from bot.discordapp.subscriptions.office import Office
from bot.discordapp.subscriptions.status import SINCE, Standing, status_embed
from bot.discordapp.subscriptions.why import why_embed
from bot.discordapp.subscriptions.words import describe_delivery, describe_rules
from storage.errors import NotFoundError
from storage.models import Rules, Story, Subscription

_ID_DIGITS = 18


def add_reports(group: app_commands.Group, office: Office, completions: Completions) -> None:
    """Add the commands to the group."""
    explainer = Explainer(office.store, office.store, office.store, max_age=office.defaults.max_age)

    @group.command(description="What a subscription would post: its last stories, and how many")
    @app_commands.describe(subscription="Which one (the one of this channel)")
    @app_commands.autocomplete(subscription=completions.guarded(completions.subscriptions))
    async def preview(interaction: Interaction, subscription: Chosen | None = None) -> None:
        found = await _meant(interaction, office, subscription)
        await interaction.response.send_message(embed=await _preview(office, found), ephemeral=True)

    @group.command(description="Why a story was, or was not, posted in a channel")
    @app_commands.describe(
        story="Words of its title; choose from the list", channel="Where (this channel)"
    )
    @app_commands.autocomplete(story=completions.guarded(completions.stories))
    async def why(
        interaction: Interaction,
        story: Chosen,
        channel: discord.TextChannel | discord.Thread | None = None,
    ) -> None:
        guild = server_of(interaction)
        channel_id = channel.id if channel else interaction.channel_id or 0
        found = await _story(office, story)
        now = office.clock.now()
        explanation = await explainer.explain(found, guild.id, channel_id, now)
        await interaction.response.send_message(
            embed=why_embed(explanation, channel_id, now), ephemeral=True
        )

    @group.command(description="What was posted, waits, was skipped or failed, and what is missing")
    @app_commands.describe(channel="Only what arrives there")
    async def status(
        interaction: Interaction, channel: discord.TextChannel | discord.Thread | None = None
    ) -> None:
        guild = server_of(interaction)
        subscriptions = await office.store.list_subscriptions(
            guild.id, channel.id if channel else None
        )
        if not subscriptions:
            await answer_privately(
                interaction, "Nothing arrives here yet. `/subscriptions add` is all it takes."
            )
            return
        now = office.clock.now()
        standings = [
            Standing(each, await office.store.subscription_activity(guild.id, each.id, now - SINCE))
            for each in subscriptions
        ]

        def find(channel_id: int) -> PostingChannel | None:
            found = guild.get_channel_or_thread(channel_id)
            return found if isinstance(found, discord.TextChannel | discord.Thread) else None

        await interaction.response.send_message(
            embed=status_embed(standings, find, now), ephemeral=True
        )


async def _meant(
    interaction: Interaction, office: Office, subscription: str | None
) -> Subscription | None:
    """The subscription that was chosen, or the only one of this channel; None if there is none."""
    guild = server_of(interaction)
    if subscription is not None:
        return await find_subscription(office.store, guild.id, subscription)
    here = await office.store.list_subscriptions(guild.id, interaction.channel_id)
    if len(here) > 1:
        raise Refusal("This channel has several; please choose one with `subscription:`.")
    return here[0] if here else None


async def _preview(office: Office, subscription: Subscription | None) -> discord.Embed:
    if subscription is None:
        rules = Rules(min_quality=office.defaults.min_quality)
        about = f"This channel gets nothing yet. A new subscription gets {describe_rules(rules)}."
    else:
        rules = subscription.spec.rules
        parts = [describe_rules(rules), *describe_delivery(subscription.spec.delivery)]
        about = f"<#{subscription.spec.channel_id}> gets {'; '.join(parts)}."
        about += still_paused(subscription)
    estimate = await office.estimate(rules)
    embed = discord.Embed(title="Preview", description=about, colour=ACCENT)
    embed.add_field(
        name="The last ones like that",
        value="\n".join(map(story_line, estimate.newest)) or "Nothing so far.",
        inline=False,
    )
    if subscription is not None:
        now = office.clock.now()
        activity = await office.store.subscription_activity(
            subscription.guild_id, subscription.id, now - SINCE
        )
        if activity.waiting:
            lines = [_stories(activity.waiting), *describe_next(subscription, activity, now)]
            embed.add_field(name="Waiting", value="\n".join(lines), inline=False)
    embed.set_footer(text=estimate.words)
    return embed


async def _story(office: Office, typed: str) -> Story:
    """The story of that id, withdrawn ones too, or the best hit for typed words."""
    if typed.isascii() and typed.isdecimal() and len(typed) <= _ID_DIGITS:
        try:
            return await office.store.get_story(int(typed))
        except NotFoundError:
            pass  # it may be a word of a title, such as a year
    try:
        return await NewsQueries(office.store, office.clock).story_meant(typed)
    except NotFoundError as error:
        raise Refusal(str(error)) from error


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count} stories"
