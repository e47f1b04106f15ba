import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.sandbox import Sandbox
from tests.sandbox.support import NewsBot, Rest, RunBot
from tests.support.discord_library import hurry


@pytest.fixture
def run_bot(monkeypatch: pytest.MonkeyPatch) -> RunBot:
    """Run a discord.py client against a sandbox until the block ends."""

    @asynccontextmanager
    async def run(sandbox: Sandbox, client: discord.Client) -> AsyncIterator[asyncio.Task[None]]:
        hurry(monkeypatch)
        monkeypatch.setattr(Route, "BASE", sandbox.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sandbox.gateway_url))
        running = asyncio.create_task(client.start(sandbox.token))
        ready = asyncio.create_task(client.wait_until_ready())
        try:
            # Client.wait_until_ready needs the login to have begun.
            await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                ready.cancel()
                running.result()
            yield running
        finally:
            await client.close()
            if not running.done():
                await running

    return run


@pytest.fixture
async def bot(sandbox: Sandbox, run_bot: RunBot) -> AsyncIterator[NewsBot]:
    """A bot that is logged in and ready."""
    client = NewsBot()
    async with run_bot(sandbox, client):
        yield client


@pytest.fixture
async def rest(sandbox: Sandbox) -> AsyncIterator[Rest]:
    """A plain HTTP client for the sandbox."""
    async with aiohttp.ClientSession() as session:
        yield Rest(sandbox, session)
