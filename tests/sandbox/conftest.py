import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.sandbox import Sandbox, SandboxOptions
from tests.sandbox.support import NewsBot, RunBot


@pytest.fixture
def openapi() -> Path | None:
    """Discord's API description, if the environment names it."""
    path = os.environ.get("STORYWIRE_DISCORD_OPENAPI")
    return Path(path) if path else None


@pytest.fixture
async def sandbox(openapi: Path | None) -> AsyncIterator[Sandbox]:
    """A sandbox in memory without rate limits; no unknown route and no violation may remain."""
    made = Sandbox(SandboxOptions(rates=None, openapi=openapi))
    async with made.serve():
        yield made
    assert made.unknown_routes == []
    assert made.violations == []


@pytest.fixture
def run_bot(monkeypatch: pytest.MonkeyPatch) -> RunBot:
    """Runs a client of discord.py against a sandbox until the block ends."""

    @asynccontextmanager
    async def run(sandbox: Sandbox, client: discord.Client) -> AsyncIterator[None]:
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
            yield
        finally:
            await client.close()
            with suppress(asyncio.CancelledError):
                await running

    return run


@pytest.fixture
async def bot(sandbox: Sandbox, run_bot: RunBot) -> AsyncIterator[NewsBot]:
    """A bot that is logged in and ready."""
    client = NewsBot()
    async with run_bot(sandbox, client):
        yield client
