"""The commands that make, change and end subscriptions."""

from __future__ import annotations

from typing import Literal, TypeAlias

import discord
from discord import app_commands

from bot.discordapp.client import answer_privately
from bot.discordapp.subscriptions import typed
from bot.discordapp.subscriptions.access import (
    Interaction,
    Refusal,
    find_subscription,
    person_of,
    server_of,
)
from bot.discordapp.subscriptions.completing import Completions
from bot.discordapp.subscriptions.confirming import added_words, resumed_words
from bot.discordapp.subscriptions.editor.conversation import Editor
from bot.discordapp.subscriptions.office import Office, find_channel, with_topics
from bot.discordapp.subscriptions.options import Options
from bot.discordapp.subscriptions.undo import undo_view
from bot.discordapp.subscriptions.wish import MAX_BEST, MAX_CATCH_UP, MAX_PER_HOUR, MAX_QUALITY
from bot.discordapp.subscriptions.words import describe_list, describe_rules
from storage.models import PausedBy

Chosen: TypeAlias = app_commands.Range[str, 1, 100]
_Typed: TypeAlias = app_commands.Range[str, 1, 1000]
_Short: TypeAlias = app_commands.Range[str, 1, 60]
_Bar: TypeAlias = app_commands.Range[int, 0, MAX_QUALITY]
_Channel: TypeAlias = discord.TextChannel | discord.Thread
_WEEKDAYS = [
    app_commands.Choice(name=name, value=number) for number, name in enumerate(typed.WEEKDAYS)
]


def add_editing(
    group: app_commands.Group, office: Office, editor: Editor, completions: Completions
) -> None:
    """Add the commands to the group."""
    _add_add(group, office, editor, completions)
    _add_changes(group, office, editor, completions)
    _add_ends(group, office, completions)


def _add_add(
    group: app_commands.Group, office: Office, editor: Editor, completions: Completions
) -> None:
    @group.command(description="Post new stories in a channel; without options, step by step")
    @app_commands.describe(
        channel="Where to post (this channel)",
        topics="Only stories about any of these, separated by commas (all topics)",
        without_topics="No stories about any of these, separated by commas",
        providers="Only stories from these, separated by commas",
        min_quality="Only stories at least this good",
        min_heat="Only stories at least this hot",
        kind="Only articles, or only videos",
        words="Only stories with any of these words, separated by commas",
        without_words="No stories with any of these words, separated by commas",
        mode="Each story at once, or the best in a digest",
        at="When a digest comes, like 09:00",
        weekday="On which day a weekly digest comes",
        timezone="Where your clocks are",
        best="How many stories a digest holds at most",
        quiet="When nothing is posted, like 22:00-08:00",
        mention="A role to mention",
        mention_quality="Mention it only for stories at least this good",
        silent="Post without notifying anybody",
        fold="Tell the same story once, as coverage of the first (yes)",
        max_per_hour="How many stories an hour at most; more wait",
        catch_up="How many of the best stories so far to post at once",
    )
    @app_commands.choices(weekday=_WEEKDAYS)
    @app_commands.autocomplete(
        topics=completions.guarded(completions.topics),
        without_topics=completions.guarded(completions.topics),
        timezone=completions.guarded(completions.timezones),
    )
    async def add(
        interaction: Interaction,
        channel: _Channel | None = None,
        topics: _Typed | None = None,
        without_topics: _Typed | None = None,
        providers: _Typed | None = None,
        min_quality: _Bar | None = None,
        min_heat: _Bar | None = None,
        kind: Literal["article", "video"] | None = None,
        words: _Typed | None = None,
        without_words: _Typed | None = None,
        mode: Literal["instant", "daily", "weekdays", "weekly"] | None = None,
        at: _Short | None = None,
        weekday: int | None = None,
        timezone: Chosen | None = None,
        best: app_commands.Range[int, 1, MAX_BEST] | None = None,
        quiet: _Short | None = None,
        mention: discord.Role | None = None,
        mention_quality: _Bar | None = None,
        silent: bool | None = None,
        fold: bool | None = None,
        max_per_hour: app_commands.Range[int, 1, MAX_PER_HOUR] | None = None,
        catch_up: app_commands.Range[int, 0, MAX_CATCH_UP] | None = None,
    ) -> None:
        options = Options(
            channel=channel.id if channel else None,
            topics=topics,
            without_topics=without_topics,
            providers=providers,
            min_quality=min_quality,
            min_heat=min_heat,
            kind=kind,
            words=words,
            without_words=without_words,
            mode=mode,
            at=at,
            weekday=weekday,
            timezone=timezone,
            best=best,
            quiet=quiet,
            mention=mention.id if mention else None,
            mention_quality=mention_quality,
            silent=silent,
            fold=fold,
            max_per_hour=max_per_hour,
            catch_up=catch_up,
        )
        await _subscribe(interaction, office, editor, options)


async def _subscribe(
    interaction: Interaction, office: Office, editor: Editor, options: Options
) -> None:
    """Save what the options say, or open the editor where they say nothing."""
    guild, person = server_of(interaction), person_of(interaction)
    here = interaction.channel_id or 0
    if not options.anything:
        find_channel(guild, person, here)
        await editor.open(interaction, here)
        return
    try:
        wish = options.wish(await office.usual(guild.id, here))
    except ValueError as error:
        raise Refusal(str(error)) from error
    topics, unknown = await office.spelled(wish.rules.topics)
    without, _ = await office.spelled(wish.rules.without_topics)
    added, count = await office.add(
        guild, person, wish.with_rules(with_topics(wish.rules, topics, without))
    )
    await answer_privately(
        interaction, added_words(guild, added, count, office.clock.now(), unknown)
    )


def _add_changes(
    group: app_commands.Group, office: Office, editor: Editor, completions: Completions
) -> None:
    @group.command(description="Change what a subscription posts, how and where")
    @app_commands.describe(subscription="Which one; choose from the list")
    @app_commands.autocomplete(subscription=completions.guarded(completions.subscriptions))
    async def edit(interaction: Interaction, subscription: Chosen) -> None:
        guild = server_of(interaction)
        found = await find_subscription(office.store, guild.id, subscription)
        await editor.open(interaction, found.spec.channel_id, found)

    @group.command(description="Let a subscription post nothing until it is resumed")
    @app_commands.describe(subscription="Which one; choose from the list")
    @app_commands.autocomplete(subscription=completions.guarded(completions.subscriptions))
    async def pause(interaction: Interaction, subscription: Chosen) -> None:
        guild = server_of(interaction)
        found = await find_subscription(office.store, guild.id, subscription)
        if found.paused_by is PausedBy.ADMIN:
            raise Refusal("It is paused already. `/subscriptions resume` ends that.")
        paused = await office.pause(guild.id, found.id)
        await answer_privately(
            interaction,
            f"Paused: <#{paused.spec.channel_id}> no longer gets"
            f" {describe_rules(paused.spec.rules)}, until `/subscriptions resume`."
            " What waits or comes meanwhile is not posted later.",
        )

    @group.command(description="Let a paused subscription post again")
    @app_commands.describe(subscription="Which one; choose from the list")
    @app_commands.autocomplete(subscription=completions.guarded(completions.subscriptions))
    async def resume(interaction: Interaction, subscription: Chosen) -> None:
        guild = server_of(interaction)
        found = await find_subscription(office.store, guild.id, subscription)
        if found.paused_by is None:
            raise Refusal("It is not paused.")
        if found.paused_by is PausedBy.BOT:
            raise Refusal(
                "I paused it myself, because I can't post there; it goes on by itself as soon as I"
                " can. `/subscriptions status` says what is missing."
            )
        resumed = await office.resume(guild.id, found.id)
        await answer_privately(interaction, resumed_words(guild, resumed))


def _add_ends(group: app_commands.Group, office: Office, completions: Completions) -> None:
    @group.command(name="list", description="What arrives in this server's channels")
    @app_commands.describe(channel="Only what arrives there")
    async def list_(interaction: Interaction, channel: _Channel | None = None) -> None:
        guild = server_of(interaction)
        subscriptions = await office.store.list_subscriptions(
            guild.id, channel.id if channel else None
        )
        text = describe_list(subscriptions) or (
            "Nothing arrives here yet. `/subscriptions add` in a channel is all it takes."
        )
        await answer_privately(interaction, text)

    @group.command(description="Stop posting stories in a channel; can be undone for an hour")
    @app_commands.describe(subscription="Which one; choose from the list")
    @app_commands.autocomplete(subscription=completions.guarded(completions.subscriptions))
    async def remove(interaction: Interaction, subscription: Chosen) -> None:
        guild = server_of(interaction)
        found = await find_subscription(office.store, guild.id, subscription)
        removed = await office.remove(guild.id, found.id)
        spec = removed.spec
        await interaction.response.send_message(
            f"Done: <#{spec.channel_id}> no longer gets {describe_rules(spec.rules)}.",
            view=undo_view(removed.id),
            ephemeral=True,
        )
