"""What a source of documents promises."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from storage.models import Document, Fingerprint

# Documents that are read and stored at a time. More would cost memory and keep other writers
# waiting, fewer mean more writes to the disk: docs/decisions/0005-loading.md.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Survey:
    """What a source holds, compared with what was known of it.

    `batches` reads the changed documents; it blocks, so it is advanced in a worker thread, and it
    may raise `SourceError`. A document that vanishes meanwhile is left out: the next survey finds
    it gone. `keys` are the names of those that it will read. `gone` documents are known but no
    longer there, `missing` ones may come back. `holdings` is what a `glance` at the
    same documents gives, if none of them is changed and the source can be glanced at. `archive`:
    what such a source holds when it is first read was there before and is no news. `problem`: why
    it could not be read to the end.
    """

    keys: Collection[str]
    unchanged: int
    gone: tuple[str, ...]
    batches: Iterator[Sequence[Document]]
    missing: tuple[str, ...] = ()
    holdings: str | None = None
    archive: bool = False
    problem: str = ""

    @property
    def changed(self) -> int:
        """How many documents `batches` reads."""
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Glance:
    """All that a source holds: a digest that no other holdings have, and how many documents."""

    holdings: str
    documents: int


class Source(Protocol):
    """A place that articles come from."""

    @property
    def name(self) -> str:
        """What the source is called in reports and in the store."""
        ...

    @property
    def settings_digest(self) -> str:
        """Stands for all that decides how a document is read; a new one means: read all anew."""
        ...

    async def survey(self, known: Mapping[str, Fingerprint]) -> Survey:
        """Find out what has changed. Raises `SourceError` if the source can't be looked at."""
        ...

    def changes(self) -> AsyncGenerator[None]:
        """Yields at once, and then whenever something may have changed; close it when done.

        Raises `SourceError` if the source can't be watched.
        """
        ...


@runtime_checkable
class GlanceableSource(Source, Protocol):
    """A source that can tell faster than by a survey that nothing at all has changed."""

    async def glance(self) -> Glance | None:
        """What it holds, or None where a survey is better. Raises `SourceError` as a survey."""
        ...
