"""Loading a source: store what is new or changed, withdraw what is gone."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol, Self

from bot.clock import Clock
from bot.errors import SourceError
from bot.ingest.source import ChangeSet, Source
from bot.ingest.threads import run_in_thread
from storage.errors import StorywireError
from storage.models import ArchiveBounds, Document, KnownDocuments, LoadCounts
from storage.protocols import ArticleStore

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BatchSizes:
    """How many documents are read and stored in one transaction, and how many may be undecided.

    Larger batches cost memory and keep other writers waiting, smaller ones mean more writes to the
    disk: docs/decisions/0005-loading.md. Undecided documents wait in memory for the rest of their
    source. There are many only if a whole site has moved, and then none has taken another's name.
    """

    stored: int = 500
    undecided: int = 5_000


DEFAULT_SIZES = BatchSizes()


class Progress(Protocol):
    """Receives the progress of one load."""

    def started(self, source: str, total: int) -> None:
        """`total` documents will be read."""

    def advanced(self, documents: int) -> None:
        """`documents` more were read and stored."""

    def finished(self, counts: LoadCounts) -> None:
        """All of the source is in the store."""


async def load_source(
    source: Source,
    store: ArticleStore,
    clock: Clock,
    progress: Progress | None = None,
    sizes: BatchSizes = DEFAULT_SIZES,
) -> LoadCounts:
    """Bring the store up to date with one source.

    New documents are stored before gone ones are withdrawn, so a renamed file stays the same story.
    If the load is cancelled or fails, what was stored stays; the next load continues from there.
    Raises `SourceError`, also for an internal error, and what the store raises.
    """
    try:
        return await _load(source, store, clock, progress, sizes)
    except StorywireError:
        raise
    except Exception as error:
        logger.exception("Source %s triggered an internal error", source.name)
        raise SourceError(
            "reading it triggered an internal error; please report it with the log"
        ) from error


async def _load(
    source: Source,
    store: ArticleStore,
    clock: Clock,
    progress: Progress | None,
    sizes: BatchSizes,
) -> LoadCounts:
    settings = source.settings_digest
    state = await store.state_token(source.name, settings)
    if state is not None and (unchanged := await source.quick_check(state)) is not None:
        counts = LoadCounts(unchanged=unchanged)
        if progress:
            progress.started(source.name, 0)
            progress.finished(counts)
        return counts
    known = await store.known_documents(source.name, settings)
    if known.archive is None:
        known = replace(known, archive=ArchiveBounds(clock.now()))
    changes = await source.read(known, state)
    if progress:
        progress.started(source.name, changes.changed)
    if changes.missing:
        await store.mark_missing(source.name, changes.missing)
    writer = _Writer(
        source.name, store, clock, sizes, changes.archive and known.archive, set(changes.keys)
    )
    async with _ReadAhead(changes.documents, sizes.stored) as batches:
        while documents := await batches.get():
            await writer.save(documents)
            if progress:
                progress.advanced(len(documents))
    await writer.save_undecided()
    counts = writer.counts + LoadCounts(unchanged=changes.unchanged, merged=changes.findings.merged)
    counts += await _finish(source, known, changes, store)
    if counts.new or counts.changed or counts.withdrawn:
        await store.compact_search_index()
    if progress:
        progress.finished(counts)
    return counts


class _ReadAhead:
    """Reads the next batch of documents while the one before is stored."""

    def __init__(self, documents: Iterator[Document], size: int) -> None:
        self._documents = documents
        self._size = size

    async def __aenter__(self) -> Self:
        self._begin()
        return self

    def _begin(self) -> None:
        batch = islice(self._documents, self._size)
        self._reading = asyncio.create_task(run_in_thread(list[Document], batch))

    async def get(self) -> Sequence[Document]:
        """The next batch; empty at the end. Raises what reading raises."""
        documents = await self._reading
        if documents:
            self._begin()
        return documents

    async def __aexit__(self, *error: object) -> None:
        """End reading, without waiting for a drive that may never answer."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


async def _finish(
    source: Source, known: KnownDocuments, changes: ChangeSet, store: ArticleStore
) -> LoadCounts:
    """Record that all changes are stored. Raises `SourceError` if the reading broke off."""
    name, settings, findings = source.name, source.settings_digest, changes.findings
    if changes.problem:
        # Without a token, so that the next read compares everything again.
        archive = changes.archive and known.archive
        await store.finish_reading(name, settings, findings=findings, archive=archive)
        raise SourceError(changes.problem)
    if changes.present is not None and known:
        await store.forget_absent(name, changes.present, duplicates=findings.ids_change)
    withdrawn = 0
    if changes.gone:
        withdrawn = await store.withdraw_documents(name, changes.gone)
    token = await run_in_thread(changes.state_token)
    await store.finish_reading(name, settings, token, findings=findings, archive=changes.archive)
    return LoadCounts(withdrawn=withdrawn)


@dataclass(slots=True)
class _Writer:
    """Stores the changed documents of one source.

    A document is undecided while an unread one may turn out to show the story that it showed
    before. Undecided documents are stored last, or when there are too many of them.
    """

    source: str
    store: ArticleStore
    clock: Clock
    sizes: BatchSizes
    archive: ArchiveBounds | None
    unread: set[str]
    undecided: list[Document] = field(default_factory=list)
    counts: LoadCounts = field(default_factory=LoadCounts)

    async def save(self, documents: Sequence[Document]) -> None:
        """Store what can be decided now."""
        await self._save(documents, decide_all=False)
        if len(self.undecided) >= self.sizes.undecided:
            await self.save_undecided()

    async def save_undecided(self) -> None:
        """Store the documents that were put off."""
        while self.undecided:
            await self._save(self.undecided[: self.sizes.stored], decide_all=True)
            del self.undecided[: self.sizes.stored]

    async def _save(self, documents: Sequence[Document], *, decide_all: bool) -> None:
        self.unread.difference_update([document.key for document in documents])
        result = await self.store.save_documents(
            self.source,
            documents,
            self.clock.now(),
            archive=self.archive,
            unread=self.unread,
            decide_all=decide_all,
        )
        self.counts += result.counts
        self.undecided += result.undecided
        self.unread.update(document.key for document in result.undecided)
