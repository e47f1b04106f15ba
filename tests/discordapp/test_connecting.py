"""The bot retries connections on which discord.py gives up."""

import asyncio
from typing import Literal

from bot.app import Progress, run_bot
from bot.clock import SystemClock
from bot.sandbox import Hold, Reset, Status
from tests.support.desk import Desk


class Gate(asyncio.Event):
    """An event that records when someone waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()

    async def wait(self) -> Literal[True]:
        """Wait for the event."""
        self.reached.set()
        return await super().wait()


class Started:
    """A bot that was started, and may not be connected yet."""

    def __init__(self, desk: Desk, group: asyncio.TaskGroup) -> None:
        self.stop, self.progress = asyncio.Event(), Progress()
        sandbox, clock = desk.sandbox, SystemClock()
        group.create_task(run_bot(desk.settings(), sandbox.token, clock, self.stop, self.progress))


async def test_login_is_retried_while_discord_is_away(desk: Desk) -> None:
    """Discord answers 503, then breaks the connection, then accepts the login."""
    desk.sandbox.faults.plan(Status(503))
    # aiohttp itself tries a broken GET once more.
    desk.sandbox.faults.plan(Reset(after_commit=False), times=2)
    async with asyncio.TaskGroup() as group:
        started = Started(desk, group)
        async with asyncio.timeout(60):
            await started.progress.connected.wait()
        started.stop.set()


async def test_a_refused_first_gateway_connection_is_retried(desk: Desk) -> None:
    """The gateway is away for a while after REST has returned its address."""
    async with desk.bot():
        await desk.subscribe()
    sandbox, gate = desk.sandbox, Gate()
    desk.write("one")
    sandbox.faults.plan(Hold(gate), route="GET /gateway/bot")
    async with asyncio.TaskGroup() as group:
        started = Started(desk, group)
        await gate.reached.wait()
        sandbox.gateway.ready.clear()
        sandbox.faults.begin_outage()
        gate.set()
        await sandbox.wait_for_request(lambda request: request.status == 503)
        sandbox.faults.end_outage()
        await sandbox.bot_ready(20)
        assert await desk.wait_for_stories(1) == ["Story one"]
        started.stop.set()


async def test_the_bot_stops_while_discord_is_away(desk: Desk) -> None:
    """Nothing is in flight, so the bot waits for nothing."""
    desk.sandbox.faults.begin_outage()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        started = Started(desk, group)
        await desk.sandbox.wait_for_request(lambda request: request.status == 503)
        started.stop.set()
    desk.sandbox.faults.end_outage()


async def test_a_send_in_flight_is_finished_before_the_bot_stops(desk: Desk) -> None:
    """Discord answers late; the answer is recorded, and the next start sends nothing twice."""
    gate = Gate()
    async with asyncio.TaskGroup() as group:
        started = Started(desk, group)
        await started.progress.loaded.wait()
        await desk.sandbox.bot_ready()
        await desk.sandbox.wait_until(lambda: desk.sandbox.world.commands)
        await desk.subscribe()
        desk.sandbox.faults.plan(Hold(gate), route="POST /channels/{channel_id}/messages")
        desk.write("one")
        await gate.reached.wait()
        desk.write("two")
        started.stop.set()
        await asyncio.sleep(0)
        gate.set()
    assert desk.titles() == ["Story one"]
    async with desk.bot():
        assert await desk.wait_for_stories(2) == ["Story one", "Story two"]
