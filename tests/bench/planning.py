"""The time to plan one story for very many subscriptions."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

from bot.announce.archive_terms import ArchiveTerms
from bot.announce.outbox import Outbox
from bot.announce.planner import Planner
from bot.clock import SystemClock
from storage.open import open_store
from storage.protocols import Store
from tests.bench.figures import Figure
from tests.support.articles import make_article, make_documents
from tests.support.database import execute, path_of

SUBSCRIPTIONS, TOPICS = 100_000, 1_000


async def measure_planning() -> Sequence[Figure]:
    """Plan a story that a hundred subscriptions want, and one that all want."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(Path(folder) / "a.db") as store:
            _subscribe(path_of(store))
            some = await _plan(store, 1, "Topic 1")
            everyone = await _plan(store, 2, "Everything")
    each = f"one story, {SUBSCRIPTIONS:,} subscriptions,"
    return [
        Figure(f"planning {each} {some[0]:,} of which match", f"{some[1] * 1000:.0f} ms"),
        Figure(f"planning {each} all of which match", f"{everyone[1]:.1f} s"),
    ]


async def _plan(store: Store, number: int, topic: str) -> tuple[int, float]:
    """Add a story; returns the number of planned posts, and the seconds that it took."""
    clock, nonces = SystemClock(), count()
    planner = Planner(
        Outbox(store),
        store,
        clock,
        ArchiveTerms(store, clock),
        make_nonce=lambda: f"{number}-{next(nonces)}",
        max_age=timedelta(days=7),
        changed=asyncio.Event(),
        planned=asyncio.Event(),
    )
    article = make_article(number, topics=(topic,), published_at=clock.now())
    await store.save_documents("s", make_documents(article), clock.now())
    started = time.perf_counter()
    posts = await planner.catch_up()
    return posts, time.perf_counter() - started


def _subscribe(path: Path) -> None:
    """Subscribe each channel to a topic of its own, and to the topic Everything.

    Through the store, one by one, it would take minutes.
    """
    created_at = SystemClock().now().isoformat(timespec="microseconds")
    script = f"""
        CREATE TEMP TABLE numbers AS WITH RECURSIVE numbers (n) AS (
            SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {SUBSCRIPTIONS}
        ) SELECT n FROM numbers;
        INSERT INTO subscriptions (id, guild_id, channel_id, created_by, created_at, rules)
        SELECT n, 10, n, 1, '{created_at}',
            json_object('topics', json_array('Topic ' || (n % {TOPICS}), 'Everything'))
        FROM numbers;
        INSERT INTO subscription_topics (folded, min_quality, subscription_id)
        SELECT 'topic ' || (n % {TOPICS}), 0, n FROM numbers
        UNION ALL SELECT 'everything', 0, n FROM numbers
    """  # noqa: S608 - numbers of ours
    execute(path, script)
