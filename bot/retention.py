"""Removes old articles from the archive: see `RetentionStore.sweep_articles`."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from bot.clock import CautiousClock, Clock
from bot.ingest.text import pluralize
from bot.retry import keep_trying
from storage.protocols import ArticleStore, RetentionStore

logger = logging.getLogger(__name__)

INTERVAL = timedelta(hours=1)
# After each batch, so that the disk has time for others.
PAUSE = timedelta(seconds=0.1)


class SweptStore(ArticleStore, RetentionStore, Protocol):
    """What a sweep needs of a store."""


class Retention:
    """Removes the articles that are older than what `longest` returns; None: none of them."""

    def __init__(
        self, store: SweptStore, clock: Clock, longest: Callable[[], timedelta | None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._cautious_clock = CautiousClock(clock)
        self._longest = longest

    async def run(self) -> None:
        """Sweep every hour until cancelled."""
        while True:
            await keep_trying(self.sweep, self._clock, "removing old articles")
            await self._clock.sleep(INTERVAL.total_seconds())

    async def sweep(self) -> int:
        """Sweep once; return the number of articles that left the archive."""
        now, longest = self._cautious_clock.now(), self._longest()
        if longest is None:
            return 0
        before = now - longest
        expired = 0
        after: int | None = 0
        while after is not None:
            step = await self._store.sweep_articles(before, after)
            expired, after = expired + step.expired, step.after
            if step.expired or step.forgotten:
                await self._clock.sleep(PAUSE.total_seconds())
        while await self._store.forget_names():
            pass
        if expired:
            await self._store.compact_search_index()
            logger.info("removed %s from the archive", pluralize(expired, "old article"))
        return expired
