"""The commands `preview`, `why` and `status`."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol

import discord
from discord import app_commands

from bot.announce.explain import Explainer
from bot.announce.pausing import read_pauses
from bot.announce.policy import takers_of
from bot.announce.posting_pause import Pauses
from bot.clock import Clock
from bot.discordapp.command_sync import read_problem
from bot.discordapp.forums import with_thread
from bot.discordapp.ids import parse_id
from bot.discordapp.interactions import Interaction, Refusal, answer_privately, server_of
from bot.discordapp.messages import subscription_commands as texts
from bot.discordapp.messages import subscription_refusals as refusals
from bot.discordapp.messages import subscription_reports as messages
from bot.discordapp.messages.commands_problem import describe_for_admins
from bot.discordapp.messages.fitting import fit_entries
from bot.discordapp.messages.subscription_summary import (
    EMPTY_LIST,
    IsDeletedRole,
    describe_damaged,
)
from bot.discordapp.news.subjects import find_story
from bot.discordapp.permissions import (
    PostingChannel,
    find_posting_channel,
    get_posting_channel,
    is_deleted_role,
)
from bot.discordapp.rendering.page import ACCENT
from bot.discordapp.replies import reply_to
from bot.discordapp.subscriptions.actions import SubscriptionActions
from bot.discordapp.subscriptions.autocomplete import Autocompletions, ChoiceValue
from bot.discordapp.subscriptions.channel_option import ChannelOption
from bot.discordapp.subscriptions.estimate import estimate_matches, show_estimate
from bot.discordapp.subscriptions.status import SINCE, status_embed
from bot.discordapp.subscriptions.why import why_embed
from storage.errors import NotFoundError
from storage.models import Story, Subscription, SubscriptionActivity, SubscriptionSpec
from storage.protocols import KeyValueStore, OutboxStore, StoryStore, SubscriptionStore

# A field of an embed may have 1024 characters:
# https://discord.com/developers/docs/resources/message#embed-object-embed-limits
FIELD_LENGTH = 900
# Requests to Discord for one answer.
_MOST_FETCHED = 10


class ReportStore(SubscriptionStore, StoryStore, OutboxStore, KeyValueStore, Protocol):
    """What the reports need of a store."""


def add_report_commands(
    group: app_commands.Group,
    actions: SubscriptionActions,
    completions: Autocompletions,
    store: ReportStore,
    clock: Clock,
) -> None:
    """Add the commands to the group."""

    @group.command(description=texts.PREVIEW)
    @app_commands.describe(subscription=texts.PREVIEWED_SUBSCRIPTION)
    @app_commands.autocomplete(
        subscription=completions.with_access_check(completions.subscriptions)
    )
    async def preview(interaction: Interaction, subscription: ChoiceValue | None = None) -> None:
        found = await _find_subscription(interaction, actions, subscription)
        is_deleted = partial(is_deleted_role, server_of(interaction))
        embed = await _preview(actions, store, found, clock.now(), is_deleted)
        await reply_to(interaction).send(embeds=[embed], private=True)

    @group.command(description=texts.WHY)
    @app_commands.describe(story=texts.STORY, channel=texts.WHY_CHANNEL)
    @app_commands.autocomplete(story=completions.with_access_check(completions.stories))
    async def why(
        interaction: Interaction, story: ChoiceValue, channel: ChannelOption | None = None
    ) -> None:
        guild = server_of(interaction)
        channel_id = channel.id if channel else interaction.channel_id or 0
        found = await _find_story(store, story)
        now = clock.now()
        max_age, pauses = actions.defaults.max_age, await read_pauses(store)
        explainer = Explainer(store, store, store, max_age=max_age, pauses=pauses)
        explanation = await explainer.explain(found, guild.id, channel_id, now)
        if isinstance(guild.get_channel(channel_id), discord.ForumChannel):
            post, lead = explanation.post, explanation.lead
            explanation = replace(
                explanation, post=post and with_thread(post), lead=lead and with_thread(lead)
            )
        embed = why_embed(explanation, channel_id, now)
        _note_pause(embed, pauses)
        await reply_to(interaction).send(embeds=[embed], private=True)

    @group.command(description=texts.STATUS)
    @app_commands.describe(channel=texts.FILTERED_CHANNEL)
    async def status(interaction: Interaction, channel: ChannelOption | None = None) -> None:
        guild = server_of(interaction)
        server = await actions.list_subscriptions(guild.id)
        subscriptions = [
            each for each in server if channel is None or each.spec.channel_id == channel.id
        ]
        problem = await read_problem(store)
        note = describe_for_admins(problem) if problem else ""
        damaged = await actions.list_damaged(guild.id, channel.id if channel else None)
        damage = fit_entries(list(map(describe_damaged, damaged)), FIELD_LENGTH)
        if not subscriptions:
            listed = damage or EMPTY_LIST
            await answer_privately(interaction, "\n\n".join(filter(None, (listed, note))))
            return
        now = clock.now()
        activities = [(each, await _activity(store, each, now)) for each in subscriptions]
        channels = await _find_channels(guild, subscriptions)
        embed = status_embed(activities, server, channels.get, now, partial(is_deleted_role, guild))
        _note_pause(embed, await read_pauses(store))
        if damage:
            embed.add_field(name=messages.DAMAGED_TITLE, value=damage, inline=False)
        if note:
            embed.add_field(name=messages.COMMANDS_TITLE, value=note, inline=False)
        await reply_to(interaction).send(embeds=[embed], private=True)


def _note_pause(embed: discord.Embed, pauses: Pauses) -> None:
    """Add that all posting is paused, if it is."""
    if pauses.paused_since is not None:
        value = messages.describe_posting_pause(pauses.paused_since)
        embed.add_field(name=messages.POSTING_TITLE, value=value, inline=False)


async def _find_subscription(
    interaction: Interaction, actions: SubscriptionActions, subscription: str | None
) -> Subscription | None:
    """The chosen subscription, or else the only one of this channel; None if there is none."""
    guild = server_of(interaction)
    if subscription is not None:
        return await actions.find(guild.id, subscription)
    here = await actions.list_subscriptions(guild.id, interaction.channel_id)
    if len(here) > 1:
        raise Refusal(refusals.SEVERAL_IN_CHANNEL)
    return here[0] if here else None


async def _find_channels(
    guild: discord.Guild, subscriptions: Sequence[Subscription]
) -> Mapping[int, PostingChannel | None]:
    """The channels of subscriptions, by their ids; None for those that the bot can't see.

    Discord is asked about a few unknown ones, which may be archived threads.
    """
    wanted = dict.fromkeys(each.spec.channel_id for each in subscriptions)
    found = {each: get_posting_channel(guild, each) for each in wanted}
    unknown = [each for each in wanted if found[each] is None][:_MOST_FETCHED]
    fetched = await asyncio.gather(*(find_posting_channel(guild, each) for each in unknown))
    return found | dict(zip(unknown, fetched, strict=True))


async def _preview(
    actions: SubscriptionActions,
    store: ReportStore,
    subscription: Subscription | None,
    now: datetime,
    is_deleted: IsDeletedRole,
) -> discord.Embed:
    if subscription is None:
        spec, server = actions.default_spec(channel_id=0), list[SubscriptionSpec]()
        about = messages.describe_unsubscribed(spec.rules)
    else:
        spec = subscription.spec
        subscriptions = await actions.list_subscriptions(subscription.guild_id)
        server = takers_of(subscriptions, spec, subscription.id)
        about = messages.describe_previewed(subscription, is_deleted)
    embed = discord.Embed(title=messages.PREVIEW_TITLE, description=about, colour=ACCENT)
    show_estimate(embed, await estimate_matches(store, spec, server, now))
    if subscription is not None:
        activity = await _activity(store, subscription, now)
        if activity.waiting:
            waiting = messages.describe_waiting(subscription, activity, now)
            embed.add_field(name=messages.WAITING_TITLE, value=waiting, inline=False)
    return embed


async def _activity(
    store: SubscriptionStore, subscription: Subscription, now: datetime
) -> SubscriptionActivity:
    return await store.subscription_activity(subscription.guild_id, subscription.id, now - SINCE)


async def _find_story(stories: StoryStore, typed: str) -> Story:
    """The story with the typed id, even if it is withdrawn, or the best match for typed words."""
    if (story_id := parse_id(typed)) is not None:
        # A number may also be a word of a title, such as a year.
        with contextlib.suppress(NotFoundError):
            return await stories.get_story(story_id)
    try:
        return (await find_story(stories, typed)).story
    except NotFoundError as error:
        raise Refusal(str(error)) from error
