"""The cost of hundreds of unchanged feeds, and the time until a new entry is posted."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from bot.clock import SystemClock
from bot.config.sources import FeedSettings
from bot.ingest.factory import SourceFactory
from bot.ingest.loader import load_source
from bot.ingest.source import Source
from bot.sandbox import Sandbox, SandboxOptions
from storage.models import LoadCounts
from storage.open import open_store
from storage.protocols import Store
from tests.bench.figures import Figure, percentile
from tests.ingest.feed.support import item, rss
from tests.support.desk import Desk
from tests.support.web import serve_web

FEEDS = 500
ENTRIES = 50
EVERY = "2s"
# Titles that differ enough not to be about the same event.
TITLES = ("Apples ripen", "Banks close", "Cats sleep", "Dogs bark", "Eels swim", "Figs fall")
STORIES = len(TITLES)


async def measure_feeds() -> Sequence[Figure]:
    """Read the feeds, and then read them again; the server is a separate process."""
    with tempfile.TemporaryDirectory() as name:
        async with (
            _served() as (port, ask),
            open_store(Path(name) / "a.db") as store,
            SourceFactory.open(SystemClock(), clones=Path(name)) as factory,
        ):
            settings = [
                FeedSettings(feed=f"http://127.0.0.1:{port}/{number}", allow_private=True)
                for number in range(FEEDS)
            ]
            sources = [factory.make(each) for each in settings]
            first_seconds, _, _ = await _round(sources, store)
            asked = await ask()
            seconds, processor, counts = await _round(sources, store)
            requests, conditional = await ask(asked)
            # The same by a bot that was just started.
            again = [factory.make(each) for each in settings]
            _, processor_again, _ = await _round(again, store)
    assert counts == LoadCounts(unchanged=FEEDS * ENTRIES), counts
    assert requests == conditional == FEEDS, (requests, conditional)
    entries = FEEDS * ENTRIES
    return [
        await _measure_arrival(),
        Figure(
            f"first read of {FEEDS} feeds of {ENTRIES} entries",
            f"{first_seconds:.0f} s ({entries / first_seconds:.0f} entries/s)",
        ),
        Figure(
            "the same feeds again, without changes",
            f"{requests} requests, all conditional; {processor:.2f} s of CPU time"
            f" ({processor_again:.2f} s after a restart), {seconds:.1f} s in total",
            f"{FEEDS} conditional requests, < 2 s of CPU time",
        ),
    ]


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


async def _round(sources: Sequence[Source], store: Store) -> tuple[float, float, LoadCounts]:
    """Load all at the same time: seconds, seconds of CPU time, what changed."""
    clock = SystemClock()
    started, processor = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        loads = [group.create_task(load_source(source, store, clock)) for source in sources]
    seconds, used = time.perf_counter() - started, time.process_time() - processor
    return seconds, used, sum((load.result() for load in loads), LoadCounts())


class _Ask:
    """Ask the server for the number of its requests, and of conditional ones."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __call__(self, since: tuple[int, int] = (0, 0)) -> tuple[int, int]:
        self._connection.send(True)
        requests, conditional = await asyncio.to_thread(self._connection.recv)
        return requests - since[0], conditional - since[1]


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
