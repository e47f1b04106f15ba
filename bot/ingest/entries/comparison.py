"""The entries of a reading, compared with what is known of their source. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.ingest.entries.damping import accept_change
from bot.ingest.entries.matching import MatchedEntry, match_entries
from bot.ingest.entries.record import EntryRecord, ListedEntry, short_digest
from storage.models import Article, Fingerprint, KnownDocuments, SourceFindings

_MAX_TITLES = 10


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """An entry that is new or has changed. `fingerprint` has the time when it was first seen.

    `own_fragment` distinguishes it from other entries of its page; empty if the page identifies it.
    Without `content_changed`, only its id or the parameters of its link are others than before.
    """

    entry: ListedEntry
    key: str
    fingerprint: Fingerprint
    own_fragment: str
    content_changed: bool

    def with_own_address(self, article: Article) -> Article:
        """Return the entry's article with an address by which no other entry is found."""
        if not self.own_fragment:
            return article
        return replace(article, addresses=(f"{article.addresses[0]}#{self.own_fragment}",))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changed entries of a reading, in its order, and the keys of all of its entries."""

    changed: Sequence[ChangedEntry]
    present: frozenset[str]
    findings: SourceFindings


class KnownEntries:
    """What is known of the entries of a source."""

    def __init__(self, known: KnownDocuments) -> None:
        self._fingerprints = known.fingerprints
        self._current = known.current
        archive = known.archive
        self._last_read = None if archive is None or archive.complete else archive.before

    def compare(self, listed: Iterable[ListedEntry], now: datetime) -> Comparison:
        """Find the entries that are new or have changed; `listed` is the whole reading."""
        matching = match_entries(listed, self._fingerprints, self._last_read)
        changed = [
            each for entry in matching.entries if (each := self._changed(entry, now)) is not None
        ]
        findings = SourceFindings(
            len(matching.merged), tuple(matching.merged[:_MAX_TITLES]), matching.ids_change
        )
        return Comparison(changed, frozenset(each.key for each in matching.entries), findings)

    def _changed(self, matched: MatchedEntry, now: datetime) -> ChangedEntry | None:
        before = self._fingerprints.get(matched.key) if matched.is_known else None
        first_seen = before.modified_ns if before else int(now.timestamp() * 1e9)
        record = matched.record
        after = (
            _update(record, matched, now)
            if record
            else EntryRecord.of(matched.entry, matched.traits)
        )
        if record == after and self._current:
            return None
        return ChangedEntry(
            matched.entry,
            matched.key,
            after.encode(first_seen),
            _own_fragment(matched),
            content_changed=not self._current or record is None or record.content != after.content,
        )


def _update(record: EntryRecord, matched: MatchedEntry, now: datetime) -> EntryRecord:
    """Return what is known now; a change that has to wait keeps its title and date."""
    traits = matched.traits
    accepted = accept_change(record, matched.entry, now)
    if accepted is None:
        traits = replace(traits, title=record.traits.title, date=record.traits.date)
    return (accepted or record).with_traits(traits)


def _own_fragment(matched: MatchedEntry) -> str:
    if not matched.shares_page:
        return ""
    fragment = matched.entry.link.partition("#")[2]
    return fragment if fragment and matched.has_own_link else short_digest(matched.key)
