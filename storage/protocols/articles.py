"""Loading: the documents of the sources, and the articles that they belong to."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from storage.models import Document, Fingerprint, RejectedDocument, SaveResult


class ArticleStore(Protocol):
    """What loading needs.

    A source is read by one process at a time. Every change of what a story shows gives it a new
    revision, higher than all others. The planner's cursor relies on revisions appearing in the
    order in which their transactions commit: an adapter for several processes must allocate them
    inside the transaction that holds the others off, not from a sequence.
    """

    async def register_sources(self, names: Sequence[str]) -> None:
        """Note which sources there are, in order of precedence.

        An article shows its document in the first source that has one. Allocates revisions.
        """

    async def withdraw_unnamed_sources(self) -> int:
        """Withdraw all documents of sources that are not registered; return their number.

        Call it when every registered source has been read: then a renamed source has stored its
        stories under its new name. Allocates revisions.
        """

    async def known_documents(self, source: str, settings: str) -> Mapping[str, Fingerprint | None]:
        """The documents of `source` by key, without those that are gone.

        `settings` is the digest of its settings. Documents that were last read under other settings
        have to be read again: their fingerprint is None.
        """

    async def save_documents(
        self,
        source: str,
        documents: Sequence[Document],
        now: datetime,
        *,
        archive: bool = False,
        unread: Collection[str] = (),
        decide_all: bool = True,
    ) -> SaveResult:
        """Store what was read; a rejected document leaves its last good version in place.

        Allocates revisions for the stories that are new or look different.

        A document belongs to the article that has one of its addresses. If all of its addresses are
        new, it stays with its article (its address was corrected), unless another document of the
        source belongs to that article, or this document was gone or missing: then its key was used
        again, for a new article. Documents under the keys `unread` are yet to be read, so the
        articles that they belong to do not count.

        `archive`: what the first read of the source finds (up to `finish_reading`) was published
        before and is not news, unless a source without `archive` has it, too.

        `decide_all`: False if more documents will follow. Then a document with new addresses is not
        stored but returned as undecided, because a later one may belong to its article.
        """

    async def note_missing(self, source: str, keys: Sequence[str]) -> None:
        """Note that these documents were not seen but may come back; their stories stay.

        A document is no longer missing when it is saved again, or after `register_sources`.
        """

    async def withdraw_documents(self, source: str, keys: Sequence[str]) -> int:
        """Note that these documents are gone; return how many were there.

        A story is withdrawn when no document of its article is left. Allocates revisions.
        """

    async def finish_reading(self, source: str, settings: str, state: str | None = None) -> None:
        """Note that all of `source` has been read under these settings.

        `state` is a token for its present state, if there is one: see `state_token`.
        """

    async def state_token(self, source: str, settings: str) -> str | None:
        """The token given to `finish_reading` last, or None.

        Any change to a document of the source discards it, and so do other `settings`.
        """

    async def rejected_documents(self, source: str | None = None) -> Sequence[RejectedDocument]:
        """All documents that are rejected, by source and key."""
