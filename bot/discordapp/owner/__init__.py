"""`/owner`: the commands of those who run the bot."""

import discord

from bot.clock import Clock
from bot.discordapp.client import StorywireClient
from bot.discordapp.owner.commands import OwnerCommands, OwnerStore, RunningBot
from bot.discordapp.owner.owners import Owners


def setup(
    client: StorywireClient,
    store: OwnerStore,
    clock: Clock,
    running: RunningBot,
    owners: Owners,
    server_id: int | None,
) -> None:
    """Make the client answer `/owner`; only in one server if `server_id` is given.

    Call this once, before the commands are synced.
    """
    commands = OwnerCommands(store, clock, running, owners)
    server = None if server_id is None else discord.Object(server_id)
    client.tree.add_command(commands, guild=server)
