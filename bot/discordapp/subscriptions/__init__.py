"""`/subscriptions`: what a server's admins decide, with its components and forms."""

from __future__ import annotations

from typing import Any

import discord

from bot.discordapp.client import StorywireClient
from bot.discordapp.subscriptions.access import Interaction
from bot.discordapp.subscriptions.commands import SubscriptionCommands
from bot.discordapp.subscriptions.editor.conversation import Editor, editor_item
from bot.discordapp.subscriptions.office import Office
from bot.discordapp.subscriptions.undo import undo_item


def setup(client: StorywireClient, office: Office) -> None:
    """Let the client answer `/subscriptions`, and what belongs to it.

    Call it once, before the commands are synced.
    """
    editor = Editor(office)
    client.tree.add_command(SubscriptionCommands(office, editor))
    client.add_dynamic_items(editor_item(editor), undo_item(office))

    # discord.py answers forms from memory only, and has forgotten them after a restart.
    @client.event
    async def on_interaction(interaction: Interaction) -> None:
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        if interaction.type is discord.InteractionType.modal_submit and custom_id.startswith(
            "subs:"
        ):
            await editor.submit(interaction, custom_id)
