"""A bot whose clock is moved and whose connection breaks holds no more than before."""

import sys

import pytest

from tests.endurance.run import leaks, reconnects, running_bot, traffic


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
async def test_a_day_and_reconnects_leak_nothing() -> None:
    """The connection breaks, is closed and invalidated, and the bot is told to reconnect."""
    async with running_bot() as bot:
        (before,) = await traffic(bot, 1, 4, lambda *_: None)
        assert leaks(before, await reconnects(bot, 4)) == []
