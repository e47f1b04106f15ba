"""Loading: what the sources' documents say, and which articles they tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from storage.models import Document, Fingerprint, RejectedDocument, SaveResult


class ArticleStore(Protocol):
    """What loading needs."""

    async def register_sources(self, names: Sequence[str]) -> None:
        """Tell which sources there are; the first to tell an article is the one that is shown."""
        ...

    async def withdraw_unnamed_sources(self) -> int:
        """Withdraw what only sources tell that are no longer named; answers how many documents.

        To be called when every named source has been read: a renamed one has then told its stories
        under its new name.
        """
        ...

    async def known_documents(self, source: str, settings: str) -> Mapping[str, Fingerprint | None]:
        """The documents of `source` by key, without those that are gone.

        `settings` is the digest of its settings. Documents that were last read under other settings
        have to be read again: their fingerprint is None.
        """
        ...

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

        A document shows the article that has one of its addresses. If all of its addresses are new,
        it shows the article that it showed before (its address was corrected), unless another
        document of the source shows that one, or this document was gone or missing: then its key
        was used again for a new article. Documents under the keys `unread` are yet to be read, so
        what they showed does not count.

        `archive`: what the first read of the source finds (up to `finish_reading`) was published
        before and is not news, unless a source without `archive` has it, too.

        `decide_all`: False if more documents will follow. Then a document with new addresses is not
        stored but returned as undecided, because a later one may show its previous article.
        """
        ...

    async def note_missing(self, source: str, keys: Sequence[str]) -> None:
        """Note that these documents were not seen; their stories stay until it is known to be so.

        One that is saved again, and any after `register_sources`, is missing no more.
        """
        ...

    async def withdraw_documents(self, source: str, keys: Sequence[str]) -> int:
        """Note that these documents are gone; answers how many were there.

        A story is withdrawn when no document tells it any more.
        """
        ...

    async def finish_reading(self, source: str, settings: str, state: str | None = None) -> None:
        """Note that all of `source` has been read under these settings.

        `state` is a token for its present state, if there is one: see `state_token`.
        """
        ...

    async def state_token(self, source: str, settings: str) -> str | None:
        """The token given to `finish_reading` last, or None.

        Any change to a document of the source discards it, and so do other `settings`.
        """
        ...

    async def rejected_documents(self, source: str | None = None) -> Sequence[RejectedDocument]:
        """What stands rejected, by source and key."""
        ...
