"""Loading documents of sources into articles."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from storage.models import (
    NO_FINDINGS,
    ArchiveBounds,
    Document,
    KnownDocuments,
    RejectedDocument,
    SaveResult,
    SourceFindings,
)


class ArticleStore(Protocol):
    """Stores documents and the articles that they belong to.

    Only one process reads a source at a time. Every change of a story's content gives it a new
    revision, higher than all others. The planner's cursor relies on revisions appearing in the
    order in which their transactions commit: an adapter for several processes must allocate them
    while it holds a lock, not from a sequence.
    """

    async def register_sources(self, names: Sequence[str]) -> None:
        """Record the configured sources, in order of precedence.

        An article shows its document in the first source that has one. Allocates revisions.
        """

    async def withdraw_unregistered_sources(self) -> int:
        """Withdraw all documents of sources that are not registered; return their number.

        Call it after every registered source has been read: only then has a renamed source stored
        its stories under its new name. Allocates revisions.
        """

    async def known_documents(self, source: str, settings: str) -> KnownDocuments:
        """The documents of `source` by key, without those that are gone.

        `settings` is the hash of its settings.
        """

    async def save_documents(
        self,
        source: str,
        documents: Sequence[Document],
        now: datetime,
        *,
        archive: ArchiveBounds | None = None,
        unread: Collection[str] = (),
        decide_all: bool = True,
    ) -> SaveResult:
        """Store documents; a rejected one keeps its last good version.

        Allocates revisions for new stories and for every change of a story's content.

        A document belongs to the article that has one of its addresses. If all of its addresses are
        new, it stays with its article (its address was corrected), unless another document of the
        source belongs to that article, or this document was gone or missing: then its key was used
        again, for a new article. Documents with the keys `unread` have not been read yet, so
        the articles that they belong to now are ignored.

        `archive`: of a source whose documents may be archive, which each document says for itself;
        a stored document whose story becomes another one is. A story that a source without archive
        has, too, is news. The bounds are recorded if the source has none yet.

        `decide_all`: False if more documents will follow. Then a document with new addresses is not
        stored but returned as undecided, because a later one may belong to its article.
        """

    async def mark_missing(self, source: str, keys: Sequence[str]) -> None:
        """Record that these documents were not found but may come back; their stories are kept.

        A document is no longer missing when it is saved again, or after `register_sources`.
        """

    async def withdraw_documents(self, source: str, keys: Sequence[str]) -> int:
        """Record that these documents are gone; return the number that existed.

        A story is withdrawn when its article has no document left. Allocates revisions.
        """

    async def forget_absent(
        self, source: str, present: Collection[str], *, duplicates: bool
    ) -> None:
        """Delete the rejections of documents that are not `present` (by key); keep their articles.

        With `duplicates`, also delete the absent documents whose article has a present one. Those
        whose article left the archive count as gone: see `RetentionStore`.
        """

    async def finish_reading(
        self,
        source: str,
        settings: str,
        state: str | None = None,
        *,
        findings: SourceFindings = NO_FINDINGS,
        archive: ArchiveBounds | None = None,
    ) -> None:
        """Record that all documents of a reading of `source` are stored, with these settings.

        `state` is a token for its current state, if it has one: see `state_token`. The bounds of
        the `archive` stay the same without new ones.
        """

    async def compact_search_index(self) -> None:
        """Make searches faster after many changes, in short transactions."""

    async def state_token(self, source: str, settings: str) -> str | None:
        """The token that the last `finish_reading` stored, or None.

        Any change to a document of the source discards it; other `settings` do, too.
        """

    async def rejected_documents(self, source: str | None = None) -> Sequence[RejectedDocument]:
        """All rejected documents, ordered by source and key."""
