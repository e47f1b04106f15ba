import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.sandbox import Sandbox
from tests.support.discord_library import QUICK_START


class NewsBot(discord.Client):
    """A small bot: the unmodified library connected to the sandbox."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - any option of discord.py's
        super().__init__(**{"intents": discord.Intents(guilds=True), **QUICK_START, **options})
        self.tree = app_commands.CommandTree(self)
        self.seen: list[str] = []
        self._news = asyncio.Event()

    async def on_socket_event_type(self, event: str) -> None:
        """Record the name of each event."""
        self.seen.append(event)
        self._news.set()

    async def saw(self, event: str) -> None:
        """Wait for an event of the gateway since `seen` was cleared."""
        async with asyncio.timeout(60):
            while event not in self.seen:
                self._news.clear()
                await self._news.wait()


RunBot = Callable[[Sandbox, discord.Client], AbstractAsyncContextManager[asyncio.Task[None]]]


class Rest:
    """A plain HTTP client with the bot's token, for requests that discord.py would never send."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session
        self.headers: Mapping[str, str] = {}
        self.raw = b""

    async def call(
        self, method: str, path: str, body: object = None, *, token: str | None = None
    ) -> tuple[int, Any]:
        """Return the status and the JSON of a response (None if it has no content)."""
        headers = {"Authorization": f"Bot {token or self.sandbox.token}"}
        data = None if body is None else json.dumps(body)
        if data is not None:
            headers["Content-Type"] = "application/json"
        url = f"{self.sandbox.api_url}{path}"
        async with self.session.request(method, url, data=data, headers=headers) as response:
            self.headers = response.headers
            self.raw = await response.read()
            is_json = response.content_type == "application/json"
            return response.status, json.loads(self.raw) if self.raw and is_json else None

    async def send(self, channel_id: int, **body: object) -> tuple[int, Any]:
        """Send a message."""
        return await self.call("POST", f"/channels/{channel_id}/messages", body)
