"""A refusal that arrives after the permission has been granted again."""

from bot.sandbox import Status
from bot.sandbox.options import SEND_MESSAGE
from tests.support.desk import Desk


async def test_refusal_with_permissions_does_not_pause(desk: Desk) -> None:
    """No event would end such a pause: the permission's return was reported before it."""
    async with desk.bot():
        await desk.subscribe()
        desk.sandbox.faults.plan(Status(403), route=SEND_MESSAGE, times=1)
        desk.write("one")
        assert await desk.wait_for_stories(1) == ["Story one"]
        assert "Paused" not in (await desk.ask("subscriptions list")).content


async def test_repeated_refusals_pause_the_channel(desk: Desk) -> None:
    """Discord can refuse for other reasons than permissions, so the bot must stop trying."""
    async with desk.bot():
        await desk.subscribe()
        desk.sandbox.faults.plan(Status(403), route=SEND_MESSAGE, times=None)
        desk.write("one")
        await desk.sandbox.wait_until(
            lambda: sum(each.status == 403 for each in desk.sandbox.requests) >= 3
        )
        while "Paused" not in (await desk.ask("subscriptions list")).content:
            pass
