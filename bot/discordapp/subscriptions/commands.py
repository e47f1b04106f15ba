"""`/subscriptions`: the group of commands, and those that add, change and end subscriptions."""

import inspect
from typing import Any, Protocol

import discord
from discord import app_commands

from bot.clock import Clock
from bot.discordapp.interactions import Interaction, Refusal, answer_privately, person_of, server_of
from bot.discordapp.permissions import PostingChannel
from bot.discordapp.subscriptions.access import add_access, check_access
from bot.discordapp.subscriptions.actions import SubscriptionActions, find_channel
from bot.discordapp.subscriptions.autocomplete import Chosen, Completions
from bot.discordapp.subscriptions.confirmations import describe_added, describe_resumed
from bot.discordapp.subscriptions.editor.conversation import Editor, EditorStore
from bot.discordapp.subscriptions.formatting import describe_list, describe_rules
from bot.discordapp.subscriptions.import_export import add_import_export
from bot.discordapp.subscriptions.options import CATCH_UP, OPTIONS, change_options, read_command
from bot.discordapp.subscriptions.parsing import WEEKDAYS
from bot.discordapp.subscriptions.reports import ReportStore, add_reports
from bot.discordapp.subscriptions.undo import undo_view
from storage.models import PausedBy

_WEEKDAYS = [app_commands.Choice(name=name, value=number) for number, name in enumerate(WEEKDAYS)]


class CommandStore(ReportStore, EditorStore, Protocol):
    """What the commands need of a store."""


class SubscriptionCommands(app_commands.Group):
    """The admins' commands.

    Permission is checked here, too: a server's settings can override `default_permissions`.
    """

    def __init__(
        self, store: CommandStore, clock: Clock, actions: SubscriptionActions, editor: Editor
    ) -> None:
        super().__init__(
            name="subscriptions",
            description="Which stories arrive where (for those who manage the server)",
            guild_only=True,
            default_permissions=discord.Permissions(manage_guild=True),
        )
        self._access = store
        completions = Completions(actions, store, clock)
        _add_add(self, actions, editor, completions, clock)
        _add_changes(self, actions, editor, completions)
        _add_ends(self, actions, completions)
        add_reports(self, actions, completions, store, clock)
        add_access(self, store)
        add_import_export(self, actions)

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Raise `Refusal` unless the person may manage subscriptions."""
        await check_access(interaction, self._access)
        return True

    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Answer a refusal; the command tree answers the rest."""
        if isinstance(error, Refusal):
            await answer_privately(interaction, str(error))


def _add_add(
    group: app_commands.Group,
    actions: SubscriptionActions,
    editor: Editor,
    completions: Completions,
    clock: Clock,
) -> None:
    async def add(interaction: Interaction, /, **given: Any) -> None:  # noqa: ANN401 - see OPTIONS
        guild, person = server_of(interaction), person_of(interaction)
        here = interaction.channel_id or 0
        if all(value is None for value in given.values()):
            find_channel(guild, person, here)
            await editor.open(interaction, here)
            return
        default = actions.default_spec(here, await actions.default_timezone(guild.id))
        try:
            chosen = read_command(given)
            catch_up = chosen.pop(CATCH_UP, actions.defaults.catch_up)
            spec = change_options(default, chosen)
        except ValueError as error:
            raise Refusal(str(error)) from error
        spec, unknown = await actions.spell_topics(spec)
        added, count = await actions.add(guild, person, spec, catch_up)
        await answer_privately(
            interaction, describe_added(guild, added, count, clock.now(), unknown)
        )

    # discord.py takes a command's options from the signature of its callback.
    add.__signature__ = _signature()  # type: ignore[attr-defined]  # of any function
    topics = completions.guarded(completions.topics)
    timezones = completions.guarded(completions.timezones)
    app_commands.describe(**{option.command_name: option.description for option in OPTIONS})(add)
    app_commands.choices(weekday=_WEEKDAYS)(add)
    app_commands.autocomplete(topics=topics, without_topics=topics, timezone=timezones)(add)
    group.command(description="Post new stories in a channel; without options, step by step")(add)


def _signature() -> inspect.Signature:
    parameters = [inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_ONLY)]
    parameters += [
        inspect.Parameter(
            option.command_name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=option.parameter | None,
        )
        for option in OPTIONS
    ]
    return inspect.Signature(parameters)


def _add_changes(
    group: app_commands.Group,
    actions: SubscriptionActions,
    editor: Editor,
    completions: Completions,
) -> None:
    @group.command(description="Change what a subscription posts, how and where")
    @app_commands.describe(subscription="Which one; choose from the list")
    @app_commands.autocomplete(subscription=completions.guarded(completions.subscriptions))
    async def edit(interaction: Interaction, subscription: Chosen) -> None:
        found = await actions.find(server_of(interaction).id, subscription)
        await editor.open(interaction, found.spec.channel_id, found)

    @group.command(description="Let a subscription post nothing until it is resumed")
    @app_commands.describe(subscription="Which one; choose from the list")
    @app_commands.autocomplete(subscription=completions.guarded(completions.subscriptions))
    async def pause(interaction: Interaction, subscription: Chosen) -> None:
        found = await actions.find(server_of(interaction).id, subscription)
        if found.paused_by is PausedBy.ADMIN:
            raise Refusal("It is paused already. `/subscriptions resume` ends that.")
        await actions.pause(found)
        await answer_privately(
            interaction,
            f"Paused: <#{found.spec.channel_id}> no longer gets"
            f" {describe_rules(found.spec.rules)}, until `/subscriptions resume`."
            " What waits or comes meanwhile is not posted later.",
        )

    @group.command(description="Let a paused subscription post again")
    @app_commands.describe(subscription="Which one; choose from the list")
    @app_commands.autocomplete(subscription=completions.guarded(completions.subscriptions))
    async def resume(interaction: Interaction, subscription: Chosen) -> None:
        guild = server_of(interaction)
        found = await actions.find(guild.id, subscription)
        if found.paused_by is None:
            raise Refusal("It is not paused.")
        if found.paused_by is PausedBy.BOT:
            raise Refusal(
                "I paused it myself, because I can't post there; it goes on by itself as soon as I"
                " can. `/subscriptions status` says what is missing."
            )
        await actions.resume(found)
        await answer_privately(interaction, describe_resumed(guild, found))


def _add_ends(
    group: app_commands.Group, actions: SubscriptionActions, completions: Completions
) -> None:
    @group.command(name="list", description="What arrives in this server's channels")
    @app_commands.describe(channel="Only what arrives there")
    async def list_(interaction: Interaction, channel: PostingChannel | None = None) -> None:
        subscriptions = await actions.list_subscriptions(
            server_of(interaction).id, channel.id if channel else None
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
        found = await actions.find(guild.id, subscription)
        spec = (await actions.remove(guild.id, found.id)).spec
        await interaction.response.send_message(
            f"Done: <#{spec.channel_id}> no longer gets {describe_rules(spec.rules)}.",
            view=undo_view(found.id),
            ephemeral=True,
        )
