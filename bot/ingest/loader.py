"""Loading a source: what is new or changed goes into the store, what is gone is withdrawn."""

from __future__ import annotations

import asyncio
from typing import Protocol

from bot.clock import Clock
from bot.ingest.source import Source
from storage.models import LoadCounts
from storage.store import ArticleStore


class Progress(Protocol):
    """Is told how loading gets on."""

    def started(self, source: str, total: int) -> None:
        """So many documents will be read."""
        ...

    def advanced(self, documents: int) -> None:
        """So many more were read and stored."""
        ...

    def finished(self, counts: LoadCounts) -> None:
        """All of the source is in the store."""
        ...


async def load_source(
    source: Source, store: ArticleStore, clock: Clock, progress: Progress | None = None
) -> LoadCounts:
    """Bring the store up to date with one source.

    New documents are stored before gone ones are withdrawn, so a renamed file is no loss. What
    was stored when it is cancelled or fails stays; the next load goes on from there.
    Raises `SourceError` and what the store raises.
    """
    known = await store.known_documents(source.name, source.settings_digest)
    survey = await source.survey(known)
    if progress:
        progress.started(source.name, survey.changed)
    counts = LoadCounts(unchanged=survey.unchanged)
    while (documents := await asyncio.to_thread(next, survey.batches, None)) is not None:
        counts += await store.save_documents(source.name, documents, clock.now())
        if progress:
            progress.advanced(len(documents))
    gone = survey.gone
    await store.finish_reading(source.name, source.settings_digest)
    if not known:
        # Read for the first time, or anew under other settings: only now can be asked which
        # documents of before are no longer there.
        known = await store.known_documents(source.name, source.settings_digest)
        gone = (await source.survey(known)).gone
    if gone:
        withdrawn = await store.withdraw_documents(source.name, gone)
        counts += LoadCounts(withdrawn=withdrawn)
    if progress:
        progress.finished(counts)
    return counts
