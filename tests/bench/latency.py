"""From the write of a file to its message in the sandbox."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bot.sandbox import Sandbox, SandboxOptions
from tests.bench.articles import write_articles
from tests.bench.figures import Figure, percentile
from tests.support.desk import Desk

FILES = 10_000
STORIES = 60


async def measure_latency() -> Sequence[Figure]:
    """Drop stories one after the other into a folder that holds many."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        write_articles(folder, FILES)
        sandbox = Sandbox(SandboxOptions(rates=None))
        seconds: list[float] = []
        async with sandbox.serve():
            desk = Desk(sandbox, folder, Path(name) / "a.db", {"max_per_hour": None})
            async with desk.bot():
                await desk.ask("subscriptions add", {"catch_up": 0})
                for number in range(STORIES):
                    started = time.perf_counter()
                    desk.write(f"new{number}")
                    await desk.wait_for_stories(number + 1)
                    seconds.append(time.perf_counter() - started)
    return [
        Figure(
            f"time from writing a file to its message, {FILES:,} files in the folder",
            f"p50 {percentile(seconds, 0.5) * 1000:.0f} ms,"
            f" p95 {percentile(seconds, 0.95) * 1000:.0f} ms",
            "p95 < 500 ms",
        )
    ]
