"""How long one story takes to be planned where very many channels are subscribed."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

import aiosqlite

from bot.announce.planner import Planner
from bot.clock import SystemClock
from storage.sqlite import SqliteStore
from tests.bench.figures import Figure
from tests.support.articles import make_article, tell

SUBSCRIPTIONS, TOPICS = 100_000, 1_000


async def measure_planning() -> Sequence[Figure]:
    """Plan a story that a hundred of them want, and one that all want."""
    with tempfile.TemporaryDirectory() as folder:
        async with SqliteStore.open(Path(folder) / "a.db") as store:
            await store._database.write(_subscribe)  # noqa: SLF001 - one by one takes minutes
            some = await _plan(store, 1, "Topic 1")
            everyone = await _plan(store, 2, "Everything")
    each = f"one story, {SUBSCRIPTIONS:,} subscriptions,"
    return [
        Figure(f"planning {each} {some[0]:,} of which want it", f"{some[1] * 1000:.0f} ms"),
        Figure(f"planning {each} all of which want it", f"{everyone[1]:.1f} s"),
    ]


async def _plan(store: SqliteStore, number: int, topic: str) -> tuple[int, float]:
    """Let a story appear; answers how many posts were planned, and in how many seconds."""
    clock, nonces = SystemClock(), count()
    planner = Planner(
        store,
        clock,
        make_nonce=lambda: f"{number}-{next(nonces)}",
        max_age=timedelta(days=7),
        changed=asyncio.Event(),
        planned=asyncio.Event(),
    )
    article = make_article(number, topics=(topic,), published_at=clock.now())
    await store.save_documents("s", tell(article), clock.now())
    started = time.perf_counter()
    posts = await planner.catch_up()
    return posts, time.perf_counter() - started


async def _subscribe(connection: aiosqlite.Connection) -> None:
    """Each channel wants one topic of its own, and what is about everything."""
    now = SystemClock().now().isoformat(timespec="microseconds")
    numbers = range(1, SUBSCRIPTIONS + 1)
    await connection.executemany(
        "INSERT INTO subscriptions (id, guild_id, channel_id, created_by, created_at, rules)"
        " VALUES (?, 10, ?, 1, ?, json_object('topics', json_array(?, 'Everything')))",
        [(number, number, now, f"Topic {number % TOPICS}") for number in numbers],
    )
    await connection.executemany(
        "INSERT INTO subscription_topics (folded, min_quality, subscription_id) VALUES (?, 0, ?)",
        [
            (folded, number)
            for number in numbers
            for folded in (f"topic {number % TOPICS}", "everything")
        ],
    )
