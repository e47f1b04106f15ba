"""Requests that discord.py delays during a global rate limit."""

from pathlib import Path

from bot.sandbox import RateLimited, RateOptions, Sandbox, SandboxOptions
from bot.sandbox.options import SEND_MESSAGE
from bot.sandbox.rest.rate_limits import Scope
from tests.chaos.run import Refusals, record_refusals
from tests.support.desk import Desk
from tests.support.subscribed_channels import SubscribedChannels

CHANNELS = 120


async def test_posts_are_spaced_after_a_global_limit(tmp_path: Path) -> None:
    """Otherwise the delayed posts and the ones due then would exceed the limit again."""
    sandbox = Sandbox(SandboxOptions(rates=RateOptions()))
    refusals = record_refusals(sandbox)
    folder = tmp_path / "articles"
    folder.mkdir()
    channels = SubscribedChannels(sandbox, folder, tmp_path / "storywire.db")
    async with sandbox.serve():
        await channels.create(CHANNELS)
        async with Desk(sandbox, folder, channels.database).bot():
            channels.write_story("story", "A story for everybody")
            await sandbox.wait_until(lambda: channels.count_messages() >= CHANNELS // 4)
            sandbox.faults.plan(RateLimited(0.9, Scope.GLOBAL), route=SEND_MESSAGE)
            await sandbox.wait_until(lambda: channels.count_messages() >= CHANNELS)
    assert refusals == Refusals()
