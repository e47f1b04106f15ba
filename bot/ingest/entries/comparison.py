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
    """The changed entries of a reading, in its order, and the keys of all of its entries.

    `waits_until`: when the next of the changes that have to wait can be taken, if there are any.
    """

    changed: Sequence[ChangedEntry]
    present: frozenset[str]
    findings: SourceFindings
    waits_until: datetime | None = None


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
        changed = list[ChangedEntry]()
        waiting = list[datetime]()
        for matched in matching.entries:
            after, waits_until = _update(matched, now)
            if waits_until is not None:
                waiting.append(waits_until)
            if matched.record != after or not self._current:
                changed.append(self._changed(matched, after, now))
        findings = SourceFindings(
            len(matching.merged), tuple(matching.merged[:_MAX_TITLES]), matching.ids_change
        )
        present = frozenset(each.key for each in matching.entries)
        return Comparison(changed, present, findings, min(waiting, default=None))

    def _changed(self, matched: MatchedEntry, after: EntryRecord, now: datetime) -> ChangedEntry:
        before = self._fingerprints.get(matched.key) if matched.is_known else None
        first_seen = before.modified_ns if before else int(now.timestamp() * 1e9)
        record = matched.record
        return ChangedEntry(
            matched.entry,
            matched.key,
            after.encode(first_seen),
            _own_fragment(matched),
            content_changed=not self._current or record is None or record.content != after.content,
        )


def _update(matched: MatchedEntry, now: datetime) -> tuple[EntryRecord, datetime | None]:
    """Return what is known now, and until when a change has to wait; it keeps title and date."""
    record, traits = matched.record, matched.traits
    if record is None:
        return EntryRecord.of(matched.entry, traits), None
    accepted = accept_change(record, matched.entry, now)
    if isinstance(accepted, datetime):
        traits = replace(traits, title=record.traits.title, date=record.traits.date)
        return record.with_traits(traits), accepted
    return accepted.with_traits(traits), None


def _own_fragment(matched: MatchedEntry) -> str:
    if not matched.shares_page:
        return ""
    fragment = matched.entry.link.partition("#")[2]
    return fragment if fragment and matched.has_own_link else short_digest(matched.key)
