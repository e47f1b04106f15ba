"""A client that is connected to a sandbox, for tests of the gateway."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.clock import Clock
from bot.discordapp.client import StorywireClient
from bot.discordapp.endpoint import discord_endpoint
from bot.discordapp.http_trace import TracedRequests
from bot.discordapp.membership import Membership
from bot.sandbox import Sandbox
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Json
from storage.protocols import Store
from tests.support.clock import LONGEST_WAIT


class Connected:
    """A client that is connected to a sandbox, and has its server. Its clock stands still."""

    def __init__(self, sandbox: Sandbox, client: StorywireClient) -> None:
        self.sandbox, self.client = sandbox, client
        self.world = sandbox.world
        self.guild = next(iter(sandbox.world.guilds.values()))
        self.channel = sandbox.world.find_channel("news")
        self.thread = self.world.add_thread(self.channel.id, "A thread")

    def emit(self, name: str, payload: Json) -> None:
        """Send an event to the client."""
        self.world.emit(name, lambda: payload, self.guild.id, member_id=self.world.bot.id)

    def server(self) -> Json:
        """The content of GUILD_CREATE."""
        return payloads.guild(self.world, self.guild, all_members=False)

    def of_channel(self) -> Json:
        """The content of an event about a channel."""
        return payloads.channel(self.world, self.channel)

    async def handled(self) -> None:
        """Wait until the client has handled everything that was sent to its session."""
        sessions = self.sandbox.gateway.sessions.by_id

        def is_handled() -> bool:
            latest = list(sessions.values())[-1:]
            return all(each.sequence == self.client.ws.sequence for each in latest)

        await until(is_handled)


async def until(true: Callable[..., bool], *args: object) -> None:
    """Wait for a condition that no event announces."""
    async with asyncio.timeout(LONGEST_WAIT):
        while not true(*args):  # noqa: ASYNC110
            await asyncio.sleep(0)


def commands_in_progress() -> list[str]:
    """The tasks of discord.py that answer commands."""
    return [name for each in asyncio.all_tasks() if "Command" in (name := each.get_name())]


@asynccontextmanager
async def connect(
    sandbox: Sandbox, store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Connected]:
    """Connect a client; in the end its log must not contain an error or a traceback."""
    async with start(sandbox, store, clock) as client:
        await client.gateway_connected.wait()
        made = Connected(sandbox, client)
        await made.handled()
        yield made
        await until(lambda: not commands_in_progress())
    problems = [each for each in caplog.records if each.exc_info or each.levelno >= logging.ERROR]
    assert not [each.getMessage() for each in problems]


@asynccontextmanager
async def start(
    sandbox: Sandbox, store: Store, clock: Clock, on_connected: Callable[[], None] = lambda: None
) -> AsyncIterator[StorywireClient]:
    """Log a client in, and let it connect while the block lasts."""
    membership = Membership(store, clock, asyncio.Event())
    with discord_endpoint(sandbox.api_url):
        client = StorywireClient(
            clock,
            membership,
            http_trace=TracedRequests().trace(),
            on_connected=on_connected,
        )
        await client.log_in(sandbox.token)
        try:
            async with asyncio.TaskGroup() as group:
                staying = group.create_task(client.stay_connected())
                yield client
                staying.cancel()
        finally:
            await client.close()
