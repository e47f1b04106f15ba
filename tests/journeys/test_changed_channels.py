"""Channels that change their kind, or become age-restricted, with the whole bot."""

from bot.sandbox.model.entities import ChannelType
from tests.discordapp.subscriptions.support import until
from tests.support.desk import Desk


async def test_an_age_restricted_channel_gets_stories(desk: Desk) -> None:
    """The status says who sees them."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
        desk.sandbox.world.restrict_channel(desk.channel().id, age_restricted=True)
        await until(desk, "subscriptions status", {}, "This channel is age-restricted")
        desk.write("one")
        assert await desk.wait_for_stories(1) == ["Story one"]


async def test_a_converted_channel_gets_stories(desk: Desk) -> None:
    """The status says that they can't be published any more."""
    channel = desk.channel()
    async with desk.bot():
        desk.sandbox.world.convert_channel(channel.id, ChannelType.ANNOUNCEMENT)
        options = {"catch_up": 0, "publish": True}
        await until(desk, "subscriptions add", options, "Subscribed")
        desk.sandbox.world.convert_channel(channel.id, ChannelType.TEXT)
        await until(desk, "subscriptions status", {}, "isn't an announcement channel")
        desk.write("one")
        assert await desk.wait_for_stories(1) == ["Story one"]
