"""Readings of a source, compared one after the other as a source does it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.ingest.entries.comparison import Comparison, KnownEntries
from bot.ingest.entries.record import ListedEntry
from storage.models import Fingerprint, KnownDocuments
from tests.support.clock import START

DATE = "2026-11-23T10:00:00+00:00"


def entry(
    title: str = "Story",
    *,
    id: str = "",  # noqa: A002 - the name that feeds use
    link: str = "https://news.example/1",
    date: str = DATE,
    content: str = "",
) -> ListedEntry:
    """Return an entry as a feed lists it."""
    return ListedEntry(id, link, title, date, content or f"{title} {link.partition('?')[0]}")


class Readings:
    """What is known after several readings; `keys` has the entries that were found, by key."""

    def __init__(self) -> None:
        self.known: dict[str, Fingerprint] = {}

    def read(self, *listed: ListedEntry, now: datetime = START, current: bool = True) -> Comparison:
        """Compare a reading and store its changes."""
        known = KnownEntries(KnownDocuments(self.known, current))
        comparison = known.compare(listed, now)
        self.known.update({each.key: each.fingerprint for each in comparison.changed})
        return comparison

    def new(self, *listed: ListedEntry) -> Sequence[str]:
        """Compare a reading and return the titles of the entries that were not known before."""
        before = set(self.known)
        comparison = self.read(*listed)
        return [each.entry.title for each in comparison.changed if each.key not in before]


def changed_titles(comparison: Comparison) -> Iterable[str]:
    """The titles of the entries whose content is new or has changed."""
    return [each.entry.title for each in comparison.changed if each.content_changed]
