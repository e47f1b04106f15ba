"""The command group `/subscriptions`, and its commands that add, change, list and remove."""

import asyncio
import inspect
import logging
from functools import partial
from typing import Any, Protocol

import discord
from discord import app_commands

from bot.clock import Clock
from bot.discordapp.interactions import (
    Interaction,
    Refusal,
    answer_privately,
    person_of,
    server_of,
)
from bot.discordapp.messages import errors
from bot.discordapp.messages import subscription_commands as texts
from bot.discordapp.messages import subscription_refusals as refusals
from bot.discordapp.messages.input_errors import InvalidInputError
from bot.discordapp.messages.subscription_confirmations import (
    DAMAGED_REMOVED,
    confirm_paused,
    confirm_removed,
)
from bot.discordapp.messages.subscription_options import WEEKDAYS
from bot.discordapp.messages.subscription_summary import describe_list
from bot.discordapp.permissions import is_deleted_role
from bot.discordapp.replies import FOR_ADMINS, reply_to
from bot.discordapp.subscriptions.access import add_access_command, check_access
from bot.discordapp.subscriptions.actions import SubscriptionActions, find_channel
from bot.discordapp.subscriptions.autocomplete import Autocompletions, ChoiceValue
from bot.discordapp.subscriptions.channel_option import ChannelOption
from bot.discordapp.subscriptions.confirmations import confirm_added_in, confirm_resumed_in
from bot.discordapp.subscriptions.editor.conversation import Editor, EditorStore
from bot.discordapp.subscriptions.import_export import add_import_export_commands
from bot.discordapp.subscriptions.options import (
    CATCH_UP,
    COMMAND_OPTIONS,
    change_options,
    read_command,
)
from bot.discordapp.subscriptions.reports import ReportStore, add_report_commands
from bot.discordapp.subscriptions.undo import undo_change_view, undo_removal_view
from storage.errors import StorageError
from storage.models import PausedBy

logger = logging.getLogger(__name__)

_WEEKDAYS = [app_commands.Choice(name=name, value=number) for number, name in enumerate(WEEKDAYS)]


class CommandStore(ReportStore, EditorStore, Protocol):
    """What the commands need of a store."""


class SubscriptionCommands(app_commands.Group):
    """The commands for admins.

    The permission is checked for each command, as a server's settings can override
    `default_permissions`.
    """

    def __init__(
        self, store: CommandStore, clock: Clock, actions: SubscriptionActions, editor: Editor
    ) -> None:
        super().__init__(
            name="subscriptions",
            description=texts.GROUP,
            guild_only=True,
            default_permissions=discord.Permissions(manage_guild=True),
            extras={FOR_ADMINS: True},
        )
        self._access_store = store
        completions = Autocompletions(actions, store, clock)
        _add_add_command(self, actions, editor, completions, clock)
        _add_change_commands(self, actions, editor, completions, store, clock)
        _add_list_and_remove_commands(self, actions, completions)
        add_report_commands(self, actions, completions, store, clock)
        add_access_command(self, store)
        add_import_export_commands(self, actions)

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Raise `Refusal` unless the person may manage subscriptions."""
        try:
            await check_access(interaction, self._access_store)
        except StorageError as error:
            # discord.py answers only its own errors here.
            logger.warning("an interaction failed: %s", error)
            raise Refusal(errors.NO_DATABASE) from error
        return True


def _add_add_command(
    group: app_commands.Group,
    actions: SubscriptionActions,
    editor: Editor,
    completions: Autocompletions,
    clock: Clock,
) -> None:
    async def add(interaction: Interaction, /, **given: Any) -> None:  # noqa: ANN401 - see COMMAND_OPTIONS
        guild, person = server_of(interaction), person_of(interaction)
        here = interaction.channel_id or 0
        if all(value is None for value in given.values()):
            await find_channel(guild, person, here)
            await editor.open(interaction, here)
            return
        default = actions.default_spec(here, await actions.default_timezone(guild.id))
        try:
            chosen = await asyncio.to_thread(read_command, given)
            catch_up = chosen.pop(CATCH_UP, actions.defaults.catch_up)
            spec = change_options(default, chosen)
        except InvalidInputError as error:
            raise Refusal(str(error)) from error
        spec, unknown = await actions.spell_topics(spec)
        added, count = await actions.add(guild, person, spec, catch_up)
        await answer_privately(
            interaction, confirm_added_in(guild, added, count, clock.now(), unknown)
        )

    # discord.py takes a command's options from the signature of its callback.
    add.__signature__ = _make_signature()  # type: ignore[attr-defined]  # of any function
    topics = completions.with_access_check(completions.topics)
    timezones = completions.with_access_check(completions.timezones)
    app_commands.describe(
        **{option.command_name: option.description for option in COMMAND_OPTIONS}
    )(add)
    app_commands.choices(weekday=_WEEKDAYS)(add)
    app_commands.autocomplete(topics=topics, without_topics=topics, timezone=timezones)(add)
    group.command(description=texts.ADD)(add)


def _make_signature() -> inspect.Signature:
    parameters = [inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_ONLY)]
    parameters += [
        inspect.Parameter(
            option.command_name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=option.parameter | None,
        )
        for option in COMMAND_OPTIONS
    ]
    return inspect.Signature(parameters)


def _add_change_commands(
    group: app_commands.Group,
    actions: SubscriptionActions,
    editor: Editor,
    completions: Autocompletions,
    store: CommandStore,
    clock: Clock,
) -> None:
    @group.command(description=texts.EDIT)
    @app_commands.describe(subscription=texts.SUBSCRIPTION)
    @app_commands.autocomplete(
        subscription=completions.with_access_check(completions.subscriptions)
    )
    async def edit(interaction: Interaction, subscription: ChoiceValue) -> None:
        found = await actions.find(server_of(interaction).id, subscription)
        await editor.open(interaction, found.spec.channel_id, found)

    @group.command(description=texts.PAUSE)
    @app_commands.describe(subscription=texts.SUBSCRIPTION)
    @app_commands.autocomplete(
        subscription=completions.with_access_check(completions.subscriptions)
    )
    async def pause(interaction: Interaction, subscription: ChoiceValue) -> None:
        found = await actions.find(server_of(interaction).id, subscription)
        if found.paused_by is PausedBy.ADMIN:
            raise Refusal(refusals.ALREADY_PAUSED)
        undo = await actions.pause(found)
        view = await undo_change_view(store, interaction, undo, clock)
        waiting = await actions.count_waiting(found)
        await reply_to(interaction).send(confirm_paused(found, waiting), view=view, private=True)

    @group.command(description=texts.RESUME)
    @app_commands.describe(subscription=texts.SUBSCRIPTION)
    @app_commands.autocomplete(
        subscription=completions.with_access_check(completions.subscriptions)
    )
    async def resume(interaction: Interaction, subscription: ChoiceValue) -> None:
        guild = server_of(interaction)
        found = await actions.find(guild.id, subscription)
        if found.paused_by is None:
            raise Refusal(refusals.NOT_PAUSED)
        if found.paused_by is PausedBy.BOT:
            raise Refusal(refusals.PAUSED_BY_BOT)
        # Counted before, because the first of them may be posted at once.
        waiting = await actions.count_waiting(found)
        await actions.resume(found)
        await answer_privately(interaction, await confirm_resumed_in(guild, found, waiting))


def _add_list_and_remove_commands(
    group: app_commands.Group, actions: SubscriptionActions, completions: Autocompletions
) -> None:
    @group.command(name="list", description=texts.LIST)
    @app_commands.describe(channel=texts.FILTERED_CHANNEL)
    async def list_(interaction: Interaction, channel: ChannelOption | None = None) -> None:
        guild = server_of(interaction)
        subscriptions = await actions.list_subscriptions(guild.id, channel.id if channel else None)
        waiting = {
            each.id: await actions.count_waiting(each) for each in subscriptions if each.paused_by
        }
        damaged = await actions.list_damaged(guild.id, channel.id if channel else None)
        await answer_privately(
            interaction,
            describe_list(subscriptions, waiting, partial(is_deleted_role, guild), damaged),
        )

    @group.command(description=texts.REMOVE)
    @app_commands.describe(subscription=texts.SUBSCRIPTION)
    @app_commands.autocomplete(
        subscription=completions.with_access_check(completions.subscriptions)
    )
    async def remove(interaction: Interaction, subscription: ChoiceValue) -> None:
        guild = server_of(interaction)
        if await actions.remove_damaged(guild.id, subscription):
            await answer_privately(interaction, DAMAGED_REMOVED)
            return
        found = await actions.find(guild.id, subscription)
        removed = await actions.remove(guild.id, found.id)
        view = undo_removal_view(removed.id)
        await reply_to(interaction).send(confirm_removed(removed), view=view, private=True)
