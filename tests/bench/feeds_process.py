"""`python tests/bench/feeds_process.py PORT FEEDS ENTRIES`: read feeds twice, and print the cost.

It imports only the packages of the bot, which may be those of an earlier version (`PYTHONPATH`).
"""

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bot.clock import SystemClock
from bot.config.sources import FeedSettings
from bot.ingest.factory import SourceFactory
from bot.ingest.loader import load_source
from bot.ingest.source import Source
from storage.models import LoadCounts
from storage.open import open_store
from storage.protocols import Store


async def _measure(port: str, feeds: int, entries: int) -> dict[str, float]:
    settings = [
        FeedSettings(feed=f"http://127.0.0.1:{port}/{number}", allow_private=True)
        for number in range(feeds)
    ]
    with tempfile.TemporaryDirectory() as name:
        async with (
            open_store(Path(name) / "a.db") as store,
            SourceFactory.open(SystemClock(), clones=Path(name)) as factory,
        ):
            sources = [factory.make(each) for each in settings]
            first_seconds, first_processor, counts = await _round(sources, store)
            assert counts == LoadCounts(new=feeds * entries), counts
            again_seconds, again_processor, counts = await _round(sources, store)
            assert counts == LoadCounts(unchanged=feeds * entries), counts
            # The same by a bot that was just started.
            restarted = [factory.make(each) for each in settings]
            _, restarted_processor, counts = await _round(restarted, store)
            assert counts == LoadCounts(unchanged=feeds * entries), counts
    # The processes that parse have now ended; only the first read used them.
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "first_seconds": first_seconds,
        "first_processor": first_processor + workers.ru_utime + workers.ru_stime,
        "again_seconds": again_seconds,
        "again_processor": again_processor,
        "restarted_processor": restarted_processor,
    }


async def _round(sources: Sequence[Source], store: Store) -> tuple[float, float, LoadCounts]:
    """Load all at the same time: seconds, seconds of CPU time, what changed."""
    clock = SystemClock()
    started, processor = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        loads = [group.create_task(load_source(source, store, clock)) for source in sources]
    seconds, used = time.perf_counter() - started, time.process_time() - processor
    return seconds, used, sum((load.result() for load in loads), LoadCounts())


def main(port: str, feeds: str, entries: str) -> None:
    """Print the measured seconds as JSON."""
    sys.stdout.write(json.dumps(asyncio.run(_measure(port, int(feeds), int(entries)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
