"""SIGTERM finishes the send in flight; a second signal ends the process at once."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from bot.sandbox import Hold, Sandbox
from storage.models import NewSubscription, SubscriptionSpec
from storage.open import open_store
from storage.posts import Post, PostStatus
from tests.cli.support import Running, Terminal, settings
from tests.cli.test_running import said
from tests.support.articles import make_news_markdown
from tests.support.clock import START
from tests.support.outbox import add_subscription

CREATE_MESSAGE = "POST /channels/{channel_id}/messages"


class Gate(asyncio.Event):
    """An event that knows whether something waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()

    async def wait(self) -> Literal[True]:
        """Wait for the event."""
        self.reached.set()
        return await super().wait()


@asynccontextmanager
async def sending(terminal: Terminal, sandbox: Sandbox, gate: Gate) -> AsyncIterator[Running]:
    """`storywire run` during a send, which waits at the gate."""
    terminal.write("storywire.yaml", settings(["articles"], "announce:\n  max_age: null"))
    channel = sandbox.world.find_channel("news")
    assert channel.guild_id is not None
    async with open_store(terminal.folder / "var/storywire.db") as store:
        new = NewSubscription(channel.guild_id, 1, START, SubscriptionSpec(channel.id))
        await add_subscription(store, new, revision=0, seen=[], catch_up=[])
    terminal.write("articles/one.md", make_news_markdown("one"))
    sandbox.faults.plan(Hold(gate), route=CREATE_MESSAGE)
    program = terminal.start("run", DISCORD_TOKEN=sandbox.token, DISCORD_API_URL=sandbox.api_url)
    async with program as running:
        async with asyncio.timeout(60):
            await gate.reached.wait()
        yield running
    gate.set()


async def the_post(terminal: Terminal) -> Post:
    """The only post, in its current state."""
    async with open_store(terminal.folder / "var/storywire.db") as store:
        return await store.get_post(1)


async def test_sigterm_finishes_the_send_in_flight(terminal: Terminal, sandbox: Sandbox) -> None:
    """The status is 0, and the post is recorded with its message."""
    gate = Gate()
    async with sending(terminal, sandbox, gate) as program:
        program.process.send_signal(signal.SIGTERM)
        await said(program, "stopping")
        assert program.process.returncode is None
        gate.set()
        async with asyncio.timeout(60):
            assert await program.process.wait() == 0
    post = await the_post(terminal)
    (message,) = sandbox.world.log(post.channel_id).all()
    assert (PostStatus.SENT, message.id) == (post.status, post.message_id)


async def test_a_second_signal_ends_the_process_at_once(
    terminal: Terminal, sandbox: Sandbox
) -> None:
    """The post stays claimed; the next start recovers it first."""
    gate = Gate()
    async with sending(terminal, sandbox, gate) as program:
        program.process.send_signal(signal.SIGTERM)
        await said(program, "stopping")
        program.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            assert await program.process.wait() == -signal.SIGTERM
    assert (await the_post(terminal)).status is PostStatus.CLAIMED
