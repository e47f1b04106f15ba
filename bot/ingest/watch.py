"""Keeping the store up to date with a source for as long as the bot runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import aclosing
from typing import Never, Protocol

from bot.clock import Clock
from bot.errors import SourceError
from bot.ingest.loader import load_source
from bot.ingest.source import Source
from storage.errors import StorageError
from storage.models import LoadCounts
from storage.store import ArticleStore, SourceStore

logger = logging.getLogger(__name__)

FIRST_RETRY = 1.0  # seconds, doubled each time
LAST_RETRY = 60.0


class WatchStore(ArticleStore, SourceStore, Protocol):
    """What watching needs."""


async def watch_source(
    source: Source,
    store: WatchStore,
    clock: Clock,
    on_loaded: Callable[[LoadCounts], None],
    on_failed: Callable[[], None] = lambda: None,
) -> Never:
    """Load the source now and at every change, until cancelled; tell each load to `on_loaded`.

    A source that can't be read keeps its last state, is marked in the store, told to `on_failed`,
    and is tried again; so is a database that can't be written.
    """
    trouble: str | None = None
    retry = FIRST_RETRY
    while True:
        try:
            async with aclosing(source.changes()) as changes:
                async for _ in changes:
                    counts = await load_source(source, store, clock)
                    if trouble is not None:
                        logger.info("Source %s can be read again", source.name)
                    trouble, retry = None, FIRST_RETRY
                    _report(source, counts)
                    on_loaded(counts)
                    await store.note_run(source.name, clock.now(), None)
        except (SourceError, StorageError) as error:
            if str(error) != trouble:
                trouble = str(error)
                logger.warning("Source %s: %s; its last state stays", source.name, error)
            if isinstance(error, SourceError):
                await _mark(source, store, clock, error)
                on_failed()
        await clock.sleep(retry)
        retry = min(retry * 2, LAST_RETRY)


async def _mark(source: Source, store: SourceStore, clock: Clock, error: SourceError) -> None:
    """Note what is wrong; if even that fails, the log has told it."""
    try:
        await store.note_run(source.name, clock.now(), str(error))
    except StorageError as trouble:
        logger.debug("Source %s could not be marked: %s", source.name, trouble)


def _report(source: Source, counts: LoadCounts) -> None:
    if counts.new or counts.changed or counts.withdrawn or counts.rejected:
        logger.info("Source %s: %s", source.name, counts)
    else:
        logger.debug("Source %s: %s", source.name, counts)
