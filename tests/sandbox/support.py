from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import discord
from discord import app_commands

from bot.sandbox import Sandbox


class NewsBot(discord.Client):
    """A small real bot: the unmodified library against the sandbox's sockets."""

    def __init__(self, **options: object) -> None:
        settings = {
            "intents": discord.Intents(guilds=True),
            "guild_ready_timeout": 0.01,
            "max_messages": None,
        } | options
        super().__init__(**settings)  # type: ignore[arg-type]  # options of a test, by name
        self.tree = app_commands.CommandTree(self)
        self.seen: list[str] = []

    async def on_socket_event_type(self, event: str) -> None:
        self.seen.append(event)


RunBot = Callable[[Sandbox, discord.Client], AbstractAsyncContextManager[None]]
