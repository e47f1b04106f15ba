"""Loading a source: what is new or changed goes into the store, what is gone is withdrawn."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from bot.clock import Clock
from bot.errors import SourceError
from bot.ingest.source import BATCH, GlanceableSource, Source, Survey
from bot.ingest.threads import in_own_thread
from storage.errors import StorywireError
from storage.models import Document, LoadCounts
from storage.protocols import ArticleStore

logger = logging.getLogger(__name__)

# Documents in memory that wait for the rest of their source. There are as many only where a whole
# site has moved, and then none has taken another's name.
MOST_UNDECIDED = 10 * BATCH


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
    Raises `SourceError`, also for a mistake of ours, and what the store raises.
    """
    try:
        return await _load(source, store, clock, progress)
    except StorywireError:
        raise
    except Exception as error:
        logger.exception("Source %s met a mistake in this program", source.name)
        raise SourceError(
            f"reading it met a mistake in this program ({type(error).__name__}); the log tells"
            " where, please report it"
        ) from error


async def _load(
    source: Source, store: ArticleStore, clock: Clock, progress: Progress | None
) -> LoadCounts:
    settings = source.settings_digest
    glance = await source.glance() if isinstance(source, GlanceableSource) else None
    if glance is not None and glance.holdings == await store.known_holdings(source.name, settings):
        counts = LoadCounts(unchanged=glance.documents)
        if progress:
            progress.started(source.name, 0)
            progress.finished(counts)
        return counts
    known = await store.known_documents(source.name, settings)
    survey = await source.survey(known)
    if progress:
        progress.started(source.name, survey.changed)
    if survey.missing:
        await store.note_missing(source.name, survey.missing)
    counts = LoadCounts(unchanged=survey.unchanged)
    counts += await _save(survey, source, store, clock, progress)
    problem, gone, holdings = survey.problem, survey.gone, survey.holdings
    if not known:
        # Read for the first time, or anew under other settings: only now can be asked which
        # documents of before are no longer there.
        await store.finish_reading(source.name, settings)
        survey = await source.survey(await store.known_documents(source.name, settings))
        gone, holdings = survey.gone, survey.holdings
    if problem:
        # Without what it holds, so that the next time all of it is looked at again.
        await store.finish_reading(source.name, settings)
        raise SourceError(problem)
    if gone:
        withdrawn = await store.withdraw_documents(source.name, gone)
        counts += LoadCounts(withdrawn=withdrawn)
    await store.finish_reading(source.name, settings, holdings)
    if progress:
        progress.finished(counts)
    return counts


async def _save(
    survey: Survey, source: Source, store: ArticleStore, clock: Clock, progress: Progress | None
) -> LoadCounts:
    """Store all that has changed; what can't be decided before all of it is known comes last."""
    counts = LoadCounts()
    unread = set(survey.keys)
    undecided: list[Document] = []

    async def save(
        documents: Sequence[Document], put_off: Callable[[Document], None] | None
    ) -> LoadCounts:
        unread.difference_update([document.key for document in documents])
        return await store.save_documents(
            source.name,
            documents,
            clock.now(),
            archive=survey.archive,
            unread=unread,
            put_off=put_off,
        )

    def put_off(document: Document) -> None:
        undecided.append(document)
        unread.add(document.key)

    async def decide() -> LoadCounts:
        decided = LoadCounts()
        while undecided:
            decided += await save(undecided[:BATCH], None)
            del undecided[:BATCH]
        return decided

    while (documents := await in_own_thread(next, survey.batches, None)) is not None:
        counts += await save(documents, put_off)
        if len(undecided) >= MOST_UNDECIDED:
            counts += await decide()
        if progress:
            progress.advanced(len(documents))
    return counts + await decide()
