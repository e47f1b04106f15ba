"""`/subscriptions`: the commands with which admins manage subscriptions, and their components."""

from typing import Any

import discord

from bot.clock import Clock
from bot.discordapp.client import StorywireClient
from bot.discordapp.interactions import Interaction
from bot.discordapp.subscriptions.actions import SubscriptionActions
from bot.discordapp.subscriptions.commands import CommandStore, SubscriptionCommands
from bot.discordapp.subscriptions.editor.conversation import Editor, editor_item
from bot.discordapp.subscriptions.undo import undo_item


def setup(
    client: StorywireClient, store: CommandStore, clock: Clock, actions: SubscriptionActions
) -> None:
    """Make the client answer `/subscriptions`, its components and its forms.

    Call this once, before the commands are synced.
    """
    editor = Editor(actions, store, clock)
    client.tree.add_command(SubscriptionCommands(store, clock, actions, editor))
    client.add_dynamic_items(editor_item(editor), undo_item(actions, store))

    # discord.py looks forms up in memory only, so it doesn't find them after a restart.
    @client.event
    async def on_interaction(interaction: Interaction) -> None:
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        is_form = interaction.type is discord.InteractionType.modal_submit
        if is_form and custom_id.startswith("subs:"):
            await editor.use(interaction, custom_id)
