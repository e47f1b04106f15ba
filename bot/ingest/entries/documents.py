"""The documents of changed entries, which a source reads one by one."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from bot.ingest.entries.archive import is_archive
from bot.ingest.entries.comparison import ChangedEntry
from storage.models import ArchiveBounds, Article, Document, Reading, UnchangedDocument


def read_documents(
    changed: Sequence[ChangedEntry],
    read: Callable[[ChangedEntry], Reading],
    bounds: ArchiveBounds,
    began_at: datetime,
) -> Iterator[Document]:
    """Yield the oldest first, as sources list their newest first; `read` reads an entry.

    `began_at` is when this reading began, and `bounds` are those from before it.
    """
    for each in reversed(changed):
        if not each.content_changed:
            yield Document(each.key, each.fingerprint, UnchangedDocument())
            continue
        reading = read(each)
        if isinstance(reading, Article):
            reading = each.with_own_address(reading)
        entry = each.entry
        archive = is_archive(entry.published_at, bounds, began_at, date_only=entry.date_only)
        yield Document(each.key, each.fingerprint, reading, archive)
