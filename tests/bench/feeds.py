"""The cost of hundreds of unchanged feeds, and the time until a new entry is posted."""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from bot.config.sources import FeedSettings
from bot.sandbox import Sandbox, SandboxOptions
from tests.bench.figures import Figure, percentile
from tests.ingest.feed.support import item, rss
from tests.support.desk import Desk
from tests.support.web import serve_web

CHECKOUT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("feeds_process.py")
FEEDS = 500
ENTRIES = 50
EVERY = "2s"
# Titles that differ enough not to be about the same event.
TITLES = ("Apples ripen", "Banks close", "Cats sleep", "Dogs bark", "Eels swim", "Figs fall")
STORIES = len(TITLES)


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """How many feeds are read, how often, and with which earlier commit that is compared."""

    feeds: int = FEEDS
    runs: int = 3
    against: str | None = None


DEFAULTS = FeedOptions()


@dataclass(frozen=True, slots=True)
class _Costs:
    """Seconds of a first read and of reading the same feeds again."""

    first_seconds: float
    first_processor: float
    again_seconds: float
    again_processor: float
    restarted_processor: float


async def measure_feeds(options: FeedOptions = DEFAULTS) -> Sequence[Figure]:
    """Read the feeds, and then read them again; server and bot are separate processes."""
    if options.against is not None:
        return await _compare(options, options.against)
    costs = await _read(options.feeds, CHECKOUT)
    entries = options.feeds * ENTRIES
    return [
        await _measure_arrival(),
        Figure(
            f"first read of {options.feeds} feeds of {ENTRIES} entries",
            f"{costs.first_seconds:.0f} s ({entries / costs.first_seconds:.0f} entries/s)",
        ),
        Figure(
            "the same feeds again, without changes",
            f"{options.feeds} requests, all conditional; {costs.again_processor:.2f} s of CPU time"
            f" ({costs.restarted_processor:.2f} s after a restart),"
            f" {costs.again_seconds:.1f} s in total",
            f"{options.feeds} conditional requests, < 2 s of CPU time",
        ),
    ]


async def _compare(options: FeedOptions, commit: str) -> Sequence[Figure]:
    """Read the feeds with an earlier commit and with this checkout by turns."""
    before: list[_Costs] = []
    after: list[_Costs] = []
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name) / "commit.tar"
        export = ("git", "-C", str(CHECKOUT), "archive", f"--output={archive}", commit)
        await asyncio.to_thread(subprocess.run, export, check=True)
        await asyncio.to_thread(shutil.unpack_archive, archive, name, filter="data")
        for _ in range(options.runs):
            before.append(await _read(options.feeds, Path(name)))
            after.append(await _read(options.feeds, CHECKOUT))
    what = f"{options.feeds} feeds of {ENTRIES} entries, compared with {commit}"
    return [
        Figure(
            f"first read of {what}",
            f"{_ratio(before, after, 'first_seconds')}; {_ratio(before, after, 'first_processor')}"
            " of CPU time",
            "about 1 or less",
        ),
        Figure(
            f"unchanged: {what}",
            f"{_ratio(before, after, 'again_seconds')}; {_ratio(before, after, 'again_processor')}"
            f" of CPU time; {_ratio(before, after, 'restarted_processor')} after a restart",
            "about 1 or less",
        ),
    ]


def _ratio(before: Sequence[_Costs], after: Sequence[_Costs], name: str) -> str:
    """Compare the medians of both."""
    then, now = (
        statistics.median(getattr(each, name) for each in costs) for costs in (before, after)
    )
    return f"{now / then:.2f} times ({now:.2f} s, before {then:.2f} s)"


async def _read(feeds: int, checkout: Path) -> _Costs:
    """Read the feeds with the code in a folder; every second request must be conditional."""
    async with _served() as (port, ask):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", str(PROGRAM), str(port), str(feeds), str(ENTRIES)),
            stdout=PIPE,
            env={**os.environ, "PYTHONPATH": str(checkout)},
        )
        output, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"{PROGRAM.name} ended with status {process.returncode}")
        requests, conditional = await ask()
    # The first read, the second, and that of a bot that was just started.
    assert (requests, conditional) == (3 * feeds, 2 * feeds), (requests, conditional)
    return _Costs(**json.loads(output))


async def _measure_arrival() -> Figure:
    """The time from a new entry in a feed to its message."""
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        sandbox = Sandbox(SandboxOptions(rates=None))
        async with sandbox.serve(), serve_web() as server:
            folder = Path(name) / "articles"
            folder.mkdir()
            desk = Desk(sandbox, folder, Path(name) / "a.db", {"max_per_hour": None})
            feed = {"feed": server.at("/feed", rss()), "every": EVERY, "allow_private": True}
            settings = desk.settings().model_copy(
                update={"sources": (FeedSettings.model_validate(feed),)}
            )
            async with desk.bot(settings):
                await desk.ask("subscriptions add", {"catch_up": 0})
                for number in range(1, STORIES + 1):
                    entry = item(number, pubDate=None, title=TITLES[number - 1])
                    started = time.perf_counter()
                    server.at("/feed", rss(entry))
                    await desk.wait_for_stories(number)
                    seconds.append(time.perf_counter() - started)
    return Figure(
        f"time from a new entry to its message, `every: {EVERY}`",
        f"p50 {percentile(seconds, 0.5):.2f} s, longest {max(seconds):.2f} s",
        f"< {EVERY} + 1 s",
    )


class _Ask:
    """Ask the server for the number of its requests, and of conditional ones."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __call__(self) -> tuple[int, int]:
        self._connection.send(True)
        requests, conditional = await asyncio.to_thread(self._connection.recv)
        return requests, conditional


@asynccontextmanager
async def _served() -> AsyncIterator[tuple[int, _Ask]]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield await asyncio.to_thread(ours.recv), _Ask(ours)
    finally:
        process.terminate()
        await asyncio.to_thread(process.join)


def _serve(connection: Connection) -> None:
    asyncio.run(_answer(connection))


async def _answer(connection: Connection) -> None:
    asked = [0, 0]

    async def answer(request: web.Request) -> web.Response:
        asked[0] += 1
        if request.headers.get("If-None-Match"):
            asked[1] += 1
            return web.Response(status=304)
        body = _feed(int(request.path.strip("/")))
        return web.Response(text=body, content_type="text/xml", headers={"ETag": '"1"'})

    application = web.Application()
    application.router.add_get("/{number}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    connection.send(runner.addresses[0][1])
    while await asyncio.to_thread(connection.recv):
        connection.send(tuple(asked))


def _feed(number: int) -> str:
    items = "".join(
        f"<item><title>Story {entry} of {number}</title><guid>{entry}</guid>"
        f"<link>https://n{number}.example/{entry}</link><category>AI</category>"
        f"<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>"
        f"<description>&lt;p&gt;{'What it tells at length. ' * 15}&lt;/p&gt;</description></item>"
        for entry in range(ENTRIES)
    )
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>'
        f"<link>https://n{number}.example/</link>{items}</channel></rss>"
    )
