"""The interface of a source, and what it returns when it is read."""

from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from storage.models import NO_FINDINGS, ArchiveBounds, Document, KnownDocuments, SourceFindings


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The differences between a source and what the store knows of it.

    `documents` reads the changed documents one by one, in the order in which they are to be stored;
    `keys` names all that it may read. It blocks, so advance it in a worker thread. It may raise
    `SourceError`. A document that vanishes meanwhile is left out: the next read finds it gone.

    `gone` documents are known but no longer there; `missing` ones were not seen but may come back.
    `state_token` is called after the last document, in a worker thread; it returns a token for
    `Source.quick_check`, or None if the next read has to compare every document. `archive`: of a
    source whose documents may be archive (see `ArticleStore.save_documents`). `present`: the keys
    of all documents of a source that keeps those that it no longer lists, if it was read to its
    end; the rejections of others are deleted. `findings`: what else was noticed. `problem`: why
    the source could not be read to the end.
    """

    keys: Collection[str]
    documents: Iterator[Document]
    unchanged: int = 0
    gone: Sequence[str] = ()
    missing: Sequence[str] = ()
    state_token: Callable[[], str | None] = lambda: None
    archive: ArchiveBounds | None = None
    present: Collection[str] | None = None
    findings: SourceFindings = NO_FINDINGS
    problem: str = ""

    @property
    def changed(self) -> int:
        """How many documents there are to read."""
        return len(self.keys)


class Source(Protocol):
    """A place that articles come from."""

    @property
    def name(self) -> str:
        """The source's name in reports and in the store."""

    @property
    def settings_digest(self) -> str:
        """Represents all settings that affect how a document is read.

        If it changes, every document is read again.
        """

    async def quick_check(self, state: str) -> int | None:
        """Return the number of documents if nothing has changed since `state`, else None.

        `state` is the token of the last complete read. A source that has no faster way than `read`
        returns None. Raises `SourceError` if the source can't be reached.
        """

    async def read(self, known: KnownDocuments, state: str | None) -> ChangeSet:
        """Find out what has changed. Raises `SourceError` if the source can't be reached.

        `state` is the token of the last complete read, if no document has changed since.
        """

    def changes(self) -> AsyncGenerator[None]:
        """Yield at once, and then whenever something may have changed; close it when done.

        Raises `SourceError` if the source can't be watched.
        """
