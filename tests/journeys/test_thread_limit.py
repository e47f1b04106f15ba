"""A server with as many active threads as it may have, with the whole bot."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.model.entities import ChannelType
from tests.discordapp.subscriptions.support import until
from tests.support.desk import Desk
from tests.support.places import threads_of
from tests.support.sandbox import checked_sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox whose server has two active threads at most."""
    async with checked_sandbox(SandboxOptions(rates=None, max_active_threads=2)) as made:
        yield made


async def test_a_story_waits_for_room_for_its_thread(desk: Desk) -> None:
    """It is posted when Discord archives the others, after three days without messages."""
    world = desk.sandbox.world
    forum = world.add_channel(next(iter(world.guilds)), "stories", ChannelType.FORUM)
    async with desk.bot():
        await desk.ask("subscriptions add", {"channel": forum.id, "catch_up": 0})
        desk.write("one")
        await desk.sandbox.wait_until(lambda: len(threads_of(world, forum)) == 1)
        desk.write("two")
        await desk.sandbox.wait_until(lambda: len(threads_of(world, forum)) == 2)
        desk.write("three")
        status = await until(desk, "subscriptions status", {}, "Paused by me")
        assert "too many active threads" in status
        why = await desk.ask("subscriptions why", {"story": "3", "channel": forum.id})
        assert "too many active threads" in str(why.embeds)
        desk.sandbox.faults.move_clock(timedelta(days=3))
        await desk.sandbox.wait_until(lambda: len(threads_of(world, forum)) == 3)
        assert desk.titles("Story three") == ["Story three"]
        assert len(world.active_threads(forum.guild_id or 0)) == 1
