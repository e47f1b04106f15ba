"""`/subscriptions`: the commands with which admins manage subscriptions, and their components."""

from bot.clock import Clock
from bot.discordapp.client import StorywireClient
from bot.discordapp.subscriptions.actions import SubscriptionActions
from bot.discordapp.subscriptions.commands import CommandStore, SubscriptionCommands
from bot.discordapp.subscriptions.editor.conversation import Editor, editor_parts
from bot.discordapp.subscriptions.undo import undo_button


def setup(
    client: StorywireClient, store: CommandStore, clock: Clock, actions: SubscriptionActions
) -> None:
    """Make the client answer `/subscriptions`, its components and its forms.

    Call this once, before the commands are synced.
    """
    editor = Editor(actions, store, clock)
    client.tree.add_command(SubscriptionCommands(store, clock, actions, editor))
    client.components.add(undo_button(actions, store), editor_parts(editor))
