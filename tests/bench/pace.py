"""The pace of one story to many channels under Discord's limits, with lookups meanwhile."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.sandbox import RateOptions, Sandbox, SandboxOptions
from bot.sandbox.model.world import Event
from tests.bench.figures import Figure, percentile
from tests.support.desk import Desk
from tests.support.places import Place
from tests.support.subscribed_channels import SubscribedChannels

CHANNELS = 10_000
SECONDS = 40.0
COMMANDS_PER_SECOND = 5
TOO_MANY_REQUESTS = 429


async def measure_pace(
    *, channels: int = CHANNELS, seconds: float | None = SECONDS
) -> Sequence[Figure]:
    """Announce a story everywhere while a member keeps asking; None: until all channels have it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        folder.mkdir()
        sandbox = Sandbox(SandboxOptions(rates=RateOptions(), kept_requests=10 * channels))
        subscribed = SubscribedChannels(sandbox, folder, Path(name) / "a.db")
        desk = Desk(sandbox, folder, subscribed.database)
        sent: list[float] = []

        def on_event(event: Event) -> None:
            message = event.message
            if event.name == "MESSAGE_CREATE" and message and message.channel_id in subscribed_ids:
                sent.append(time.perf_counter())

        async with sandbox.serve():
            await subscribed.create(channels, [Place.TEXT])
            subscribed_ids = frozenset(subscribed.channel_ids)
            async with desk.bot():
                await desk.ask("subscriptions list")
                sandbox.world.on_event(on_event)
                subscribed.write_story("story", "A story for everybody")
                await sandbox.wait_until(lambda: sent)
                waits = await _keep_asking(desk, lambda: _is_over(sent, channels, seconds))
                sandbox.world.remove_listener(on_event)
            refused = sum(each.status == TOO_MANY_REQUESTS for each in sandbox.requests)
    pace = desk.settings().announce.pace
    rate = (len(sent) - 1) / (sent[-1] - sent[0])
    return [
        Figure(
            f"sustained messages to {channels:,} channels at a pace of {pace:g}/s",
            f"{rate:.1f}/s, {rate / pace:.3f} x ({len(sent):,} messages)",
            "≥ 0.96 x",
        ),
        Figure("429 responses meanwhile", str(refused), "0"),
        Figure(
            "response time of commands meanwhile",
            f"p50 {percentile(waits, 0.5) * 1000:.0f} ms,"
            f" p99 {percentile(waits, 0.99) * 1000:.0f} ms",
            "p99 < 300 ms",
        ),
    ]


async def measure_whole_pace() -> Sequence[Figure]:
    """The same until the last channel has the story."""
    return await measure_pace(seconds=None)


def _is_over(sent: Sequence[float], channels: int, seconds: float | None) -> bool:
    return len(sent) >= channels or (
        seconds is not None and time.perf_counter() - sent[0] >= seconds
    )


async def _keep_asking(desk: Desk, is_over: Callable[[], bool]) -> list[float]:
    """Run lookups at an even rate; returns the seconds that each took."""
    waits: list[float] = []
    while not is_over():
        started = time.perf_counter()
        await desk.ask("news latest")
        waits.append(time.perf_counter() - started)
        await asyncio.sleep(max(0.0, 1 / COMMANDS_PER_SECOND - waits[-1]))
    return waits
