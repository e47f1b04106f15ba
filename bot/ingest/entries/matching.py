"""Which known entry a listed one is. Pure.

An id identifies an entry unless it also belongs to an entry with another link, and a link does
unless several entries have it. Where neither does, the title and the date decide together.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count

from bot.ingest.entries.record import (
    CHANGES_OF_UNRELIABLE,
    MISSING,
    EntryRecord,
    ListedEntry,
    Traits,
)
from bot.ingest.text import document_key
from storage.models import Fingerprint


@dataclass(frozen=True, slots=True)
class MatchedEntry:
    """An entry with the key of its document; `record` is what is known of it, if it is known.

    `is_known` without a record: an earlier version stored the document.
    `shares_page`: other entries of the feed have the same page, so it does not identify the entry;
    `has_own_link`: its link does, because of the part after `#`.
    """

    entry: ListedEntry
    traits: Traits
    key: str
    is_known: bool
    record: EntryRecord | None
    shares_page: bool
    has_own_link: bool


@dataclass(frozen=True, slots=True)
class Matching:
    """The entries of a reading, each once, and the titles of those that were merged with another.

    `ids_change`: the feed generates new ids at every reading.
    """

    entries: Sequence[MatchedEntry]
    merged: Sequence[str] = ()
    ids_change: bool = False


def match_entries(
    listed: Iterable[ListedEntry],
    known: Mapping[str, Fingerprint],
    last_read: datetime | None = None,
) -> Matching:
    """Find the documents of all entries of one reading, in their order.

    `last_read` is when the source was last read by a version that stored no records.
    """
    entries, merged = _merge(listed)
    records = _similar_records(entries, known)
    matcher = _Matcher(entries, known, records)
    found = matcher.find_known(last_read)
    ids_change = _ids_change(entries, found, records)
    return Matching(
        [
            MatchedEntry(
                entry,
                traits,
                found.get(number) or matcher.new_key(entry, traits, use_id=not ids_change),
                number in found,
                records.get(found.get(number, "")),
                matcher.shares_page(traits, found.get(number)),
                matcher.has_own_link(traits),
            )
            for number, (entry, traits) in enumerate(entries)
        ],
        merged,
        ids_change,
    )


def _merge(
    listed: Iterable[ListedEntry],
) -> tuple[Sequence[tuple[ListedEntry, Traits]], Sequence[str]]:
    """Return the entries without those that are listed twice, and the titles of the latter.

    An entry is listed twice if its link and title are the same, and so is its id or its date. The
    first one counts, as feeds list their newest first:
    https://www.rfc-editor.org/rfc/rfc4287#section-4.1.1
    """
    entries = list[tuple[ListedEntry, Traits]]()
    merged = list[str]()
    seen = set[tuple[str, ...]]()
    for entry in listed:
        traits = entry.traits
        names = set[tuple[str, ...]]()
        if traits.id:
            names.add(("id", traits.id, traits.link, traits.title))
        if traits.date or not traits.id:
            names.add(("date", traits.date, traits.link, traits.title))
        if seen.isdisjoint(names):
            entries.append((entry, traits))
        else:
            merged.append(entry.title or entry.link or entry.id)
        seen |= names
    return entries, merged


def _similar_records(
    entries: Sequence[tuple[ListedEntry, Traits]], known: Mapping[str, Fingerprint]
) -> Mapping[str, EntryRecord]:
    """Return the records that have something in common with an entry; no others can match."""
    names = set[str]()
    for _, traits in entries:
        own = {traits.id, traits.link, traits.page, traits.path, traits.title} - {""}
        names |= own or {traits.date or MISSING}
    return {
        key: record
        for key, fingerprint in known.items()
        if not names.isdisjoint(fingerprint.digest.split(" "))
        and (record := EntryRecord.decode(fingerprint)) is not None
    }


@dataclass(frozen=True, slots=True)
class _Pass:
    """One way to recognise an entry: by some of its traits, if the rest does not speak against it.

    `name` returns the traits to compare, or an empty tuple if the entry lacks them.
    """

    name: Callable[[Traits], tuple[str, ...]]
    allows: Callable[[Traits, EntryRecord], bool] = lambda _traits, _record: True


class _Matcher:
    """Finds the known documents of entries, each for one entry, the surest matches first."""

    def __init__(
        self,
        entries: Sequence[tuple[ListedEntry, Traits]],
        known: Mapping[str, Fingerprint],
        records: Mapping[str, EntryRecord],
    ) -> None:
        self._entries = entries
        self._known = known
        self._records = records
        self._taken = set[str]()
        self._new_keys = set[str]()
        traits = [traits for _, traits in entries]
        known_traits = [record.traits for record in self._records.values()]
        self._pages = Counter(each.page for each in traits)
        self._known_pages = Counter(each.page for each in known_traits)
        self._ids = Counter(each.id for each in traits)
        self._links = Counter(each.link for each in traits)
        self._known_ids = Counter(each.id for each in known_traits)
        self._known_links = Counter(each.link for each in known_traits)

    def find_known(self, last_read: datetime | None) -> Mapping[int, str]:
        """Return the keys of the known documents by the numbers of their entries."""
        found = dict[int, str]()
        self._match(_Pass(lambda each: (each.id, each.link, each.title, each.date)), found)
        self._match(_Pass(lambda each: (each.id, each.title, each.date) if each.id else ()), found)
        self._match(
            _Pass(lambda each: (each.link, each.title, each.date) if each.link else ()), found
        )
        changed, unchanged = self._count_changed_ids(found)
        # A feed that lists one entry may show another one each day under the same id or link.
        is_alone = len(self._entries) == 1

        def same_page(traits: Traits, record: EntryRecord) -> bool:
            return changed > unchanged or _same_page(traits, record, is_alone=is_alone)

        def same_link(traits: Traits, record: EntryRecord) -> bool:
            # Ids that moved from entry to entry, such as numbers of positions, identify none.
            return changed <= unchanged and _same_link(traits, record, is_alone=is_alone)

        self._match(
            _Pass(lambda each: (each.id,) if self.has_own_id(each) else (), same_link), found
        )
        self._match(
            _Pass(lambda each: (each.link,) if self.has_own_link(each) else (), same_page), found
        )
        self._match_unrecorded(found, last_read)
        self._match(
            _Pass(lambda each: (each.title, each.date) if each.title and each.date else ()), found
        )
        if not unchanged:
            # Nothing but the titles is left where ids and the parameters of links are new.
            self._match(_Pass(_title_and_path), found)
        return found

    def _count_changed_ids(self, found: Mapping[int, str]) -> tuple[int, int]:
        """How many of the entries that were found have another id than before, and how many not."""
        same = [
            self._records[key].traits.id == entry_id
            for number, key in found.items()
            if (entry_id := self._entries[number][1].id)
        ]
        return same.count(False), same.count(True)

    def has_own_id(self, traits: Traits) -> bool:
        """Whether the id belongs to this entry only."""
        return bool(traits.id) and self._ids[traits.id] <= 1 and self._known_ids[traits.id] <= 1

    def has_own_link(self, traits: Traits) -> bool:
        """Whether the link belongs to this entry only."""
        link = traits.link
        return bool(link) and self._links[link] <= 1 and self._known_links[link] <= 1

    def shares_page(self, traits: Traits, key: str | None) -> bool:
        """Whether other entries, listed or known ones, have the same page."""
        if not traits.page:
            return False
        own = self._records.get(key or "")
        known = self._known_pages[traits.page] - (
            own is not None and own.traits.page == traits.page
        )
        return self._pages[traits.page] > 1 or known > 0

    def new_key(self, entry: ListedEntry, traits: Traits, *, use_id: bool) -> str:
        """Return a key for an entry that is not known: its id, link, or title and date."""
        names = [
            entry.id if use_id and self.has_own_id(traits) else "",
            entry.link if self.has_own_link(traits) else "",
            f"{entry.title} {entry.date}".strip(),
        ]
        others = (f"{traits} {number}" if number else repr(traits) for number in count())
        keys = chain(
            (document_key(name, "") for name in names if name),
            (document_key("", name) for name in others),
        )
        key = next(key for key in keys if key not in self._known and key not in self._new_keys)
        self._new_keys.add(key)
        return key

    def _match(self, each: _Pass, found: dict[int, str]) -> None:
        """Add the entries that this pass recognises to those that were found before."""
        open_entries = [
            (number, name, traits)
            for number, (_, traits) in enumerate(self._entries)
            if number not in found and (name := each.name(traits))
        ]
        if not open_entries:
            return
        wanted = {name for _, name, _ in open_entries}
        candidates = dict[tuple[str, ...], deque[str]]()
        for key, record in self._records.items():
            if key not in self._taken and (name := each.name(record.traits)) in wanted:
                candidates.setdefault(name, deque()).append(key)
        for number, name, traits in open_entries:
            keys = candidates.get(name)
            if keys and each.allows(traits, self._records[keys[0]]):
                self._take(number, keys.popleft(), found)

    def _match_unrecorded(self, found: dict[int, str], last_read: datetime | None) -> None:
        """Recognise documents that an earlier version stored by the key that it gave them.

        It gave the same key to several entries, of which it kept the first.
        """
        keys = [
            document_key(entry.id or entry.link or f"{entry.title} {entry.date}".strip(), "")
            for entry, _ in self._entries
        ]
        shared = {key for key, times in Counter(keys).items() if times > 1}
        for number, key in enumerate(keys):
            if number in found or key in self._taken or not self._is_unrecorded(key):
                continue
            entry = self._entries[number][0]
            if key not in shared or last_read is None or not _is_later(entry, last_read):
                self._take(number, key, found)

    def _is_unrecorded(self, key: str) -> bool:
        fingerprint = self._known.get(key)
        return fingerprint is not None and EntryRecord.decode(fingerprint) is None

    def _take(self, number: int, key: str, found: dict[int, str]) -> None:
        found[number] = key
        self._taken.add(key)


def _is_later(entry: ListedEntry, time: datetime) -> bool:
    date = entry.published_at
    return date is not None and date > time


def _same_link(traits: Traits, record: EntryRecord, *, is_alone: bool) -> bool:
    """Whether an entry with the same id is the same: by its link or date, or as links change."""
    if is_alone and traits.date and not _same_title_or_date(traits, record.traits):
        return False
    return (
        traits.link == record.traits.link
        or _same_date(traits, record.traits)
        or not record.has_reliable_link
    )


def _same_page(traits: Traits, record: EntryRecord, *, is_alone: bool) -> bool:
    """Whether an entry with the same link is the same: by its title or date, or as ids change."""
    before = record.traits
    other_id = traits.id and before.id and traits.id != before.id and record.has_reliable_id
    return _same_title_or_date(traits, before) or not (other_id or is_alone)


def _same_title_or_date(traits: Traits, before: Traits) -> bool:
    same_title = bool(traits.title) and traits.title == before.title
    return same_title or _same_date(traits, before)


def _same_date(traits: Traits, before: Traits) -> bool:
    return bool(traits.date) and traits.date == before.date


def _title_and_path(traits: Traits) -> tuple[str, ...]:
    """What identifies an entry without a date, if nothing else does."""
    return (traits.title, traits.path) if traits.title and traits.path and not traits.date else ()


def _ids_change(
    entries: Sequence[tuple[ListedEntry, Traits]],
    found: Mapping[int, str],
    records: Mapping[str, EntryRecord],
) -> bool:
    """Whether most of the known entries of a reading have had several ids before this one."""
    changes = [
        record.with_traits(traits).id_changes >= CHANGES_OF_UNRELIABLE
        for number, (_, traits) in enumerate(entries)
        if traits.id and number in found and (record := records.get(found[number])) is not None
    ]
    return sum(changes) * 2 > len(changes)
