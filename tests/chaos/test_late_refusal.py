"""A refusal that comes after the permission has come back."""

from bot.sandbox import Status
from bot.sandbox.options import SEND_MESSAGE
from tests.support.desk import Desk


async def test_a_refusal_that_the_gateway_contradicts_pauses_nothing_at_once(desk: Desk) -> None:
    """No event would ever end such a pause: the permission's return was told before it."""
    async with desk.bot():
        await desk.subscribe()
        desk.sandbox.faults.plan(Status(403), route=SEND_MESSAGE, times=1)
        desk.write("one")
        assert await desk.told(1) == ["Story one"]
        assert "Paused" not in (await desk.ask("subscriptions list")).content


async def test_a_refusal_that_stays_pauses_the_channel(desk: Desk) -> None:
    """Discord knows reasons that are no permissions, and nobody is asked for ever."""
    async with desk.bot():
        await desk.subscribe()
        desk.sandbox.faults.plan(Status(403), route=SEND_MESSAGE, times=None)
        desk.write("one")
        await desk.sandbox.wait_until(
            lambda: sum(each.status == 403 for each in desk.sandbox.requests) >= 3, within=20
        )
        while "Paused" not in (await desk.ask("subscriptions list")).content:
            pass
