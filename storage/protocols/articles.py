"""Loading: what the sources' documents say, and which articles they tell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from storage.models import Document, Fingerprint, LoadCounts, RejectedDocument


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

    async def known_documents(self, source: str, settings: str) -> Mapping[str, Fingerprint]:
        """The documents of `source` by key, gone ones left out.

        Empty if they were read under other `settings` (a digest), so that all are read anew.
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
        put_off: Callable[[Document], None] | None = None,
    ) -> LoadCounts:
        """Keep what was read; a rejected document leaves its last good version in place.

        A document tells the article that has one of its addresses. Under addresses that are new it
        tells what it told before (they were changed), unless another document of the source tells
        that, or it was gone or missing: then its key was used again for a new article. What the
        documents under the keys `unread` told doesn't count, as these are yet to be read.

        `archive`: what the source's first reading brings (all up to `finish_reading`) was there
        before and is no news, unless a source without `archive` tells it, too.

        `put_off`: more documents are to come, so one under new addresses is not kept but told to
        it, as another that comes may tell what this one told before.
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

    async def finish_reading(self, source: str, settings: str, holdings: str | None = None) -> None:
        """Note that all of `source` has been read under these settings.

        `holdings` stands for all that it holds, if that is known: see `known_holdings`.
        """
        ...

    async def known_holdings(self, source: str, settings: str) -> str | None:
        """The holdings noted last; None if they are not known.

        Any change of the source's documents and other `settings` make them unknown.
        """
        ...

    async def rejected_documents(self, source: str | None = None) -> Sequence[RejectedDocument]:
        """What stands rejected, by source and key."""
        ...
