"""Fixtures for all tests of the Discord adapter."""

import warnings
from collections.abc import AsyncIterator

import pytest

with warnings.catch_warnings():
    # discord.py 2.7 imports `audioop` for voice, which Python 3.11 and 3.12 call deprecated.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    import discord

from bot.discordapp.endpoint import discord_endpoint, use_announced_gateway
from bot.discordapp.http_client import make_requests_safe
from bot.discordapp.http_trace import TracedRequests
from bot.discordapp.malformed import MalformedData
from bot.discordapp.poster import DiscordPoster
from bot.sandbox import Sandbox
from storage.protocols import Store
from tests.discordapp.connected import Connected, connect
from tests.discordapp.support import make_poster
from tests.support.clock import FakeClock


@pytest.fixture
def requests() -> TracedRequests:
    """The requests of this client."""
    return TracedRequests()


@pytest.fixture
async def client(
    sandbox: Sandbox, requests: TracedRequests, clock: FakeClock
) -> AsyncIterator[discord.Client]:
    """A client that is logged in and connected to the gateway."""
    with discord_endpoint(sandbox.api_url):
        client = discord.Client(
            intents=discord.Intents(guilds=True),
            http_trace=requests.trace(),
            max_ratelimit_timeout=30,
        )
        make_requests_safe(client, clock, MalformedData())
        await client.login(sandbox.token)
        await use_announced_gateway(client)
        connecting = client.loop.create_task(client.connect())
        await sandbox.bot_ready()
        while not client.guilds or client.guilds[0].me is None:
            await client.wait_for("guild_available")
        yield client
        await requests.close()
        await client.close()
        await connecting


@pytest.fixture
def poster(
    client: discord.Client, requests: TracedRequests, store: Store, clock: FakeClock
) -> DiscordPoster:
    """The poster under test."""
    return make_poster(client, requests, clock, store)


@pytest.fixture
async def connected(
    sandbox: Sandbox, store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Connected]:
    """The bot's client, connected; its clock stands still."""
    async with connect(sandbox, store, clock, caplog) as made:
        yield made
