"""What is stored of an entry, in the fingerprint of its document."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from bot.ingest.field_values import parse_date
from bot.ingest.text import clean_text, content_digest
from bot.urls.normalise import comparable_address
from storage.models import Fingerprint

_VERSION = "entry-1"
MISSING = "-"
_DIGEST_LENGTH = 12
_MAX_TITLE = 1_000
# The version, eight digests, and four numbers.
_RECORD = re.compile(r"entry-1(?: (?:[0-9a-f]{12}|-)){8}(?: [0-9]{1,12}){4}")
# An id or a link that changed this often identifies nothing.
CHANGES_OF_UNRELIABLE = 2


@dataclass(frozen=True, slots=True)
class Traits:
    """What may identify an entry, as short digests; empty where it has none.

    `link` is the normalised address with its fragment, `page` the address without, and `path` the
    page without its parameters.
    """

    id: str = ""
    link: str = ""
    page: str = ""
    path: str = ""
    title: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry as a feed lists it: its id, absolute address, title, and ISO 8601 date.

    `content` is a digest of everything that readers see of it. `date_only`: the date has no time of
    day.
    """

    id: str
    link: str
    title: str
    date: str
    content: str
    date_only: bool = False

    @property
    def published_at(self) -> datetime | None:
        """The date; None if it is missing or invalid."""
        try:
            return parse_date(self.date)
        except ValueError:
            return None

    @property
    def traits(self) -> Traits:
        """The digests of what may identify the entry."""
        page = comparable_address(self.link) if self.link else ""
        fragment = self.link.partition("#")[2]
        return Traits(
            short_digest(self.id),
            short_digest(f"{page}#{fragment}" if fragment else page),
            short_digest(page),
            short_digest(page.partition("?")[0]),
            short_digest(clean_text(self.title, _MAX_TITLE).casefold()),
            short_digest(self.date),
        )


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """What is known of an entry: its traits, its content, and how often they changed.

    `id_changes` and `link_changes` count up to `CHANGES_OF_UNRELIABLE`. `content_changes` counts
    the changes in close succession, the last of which was at `changed_at` (Unix time in seconds)
    and replaced the content `previous`. All digests are short.
    """

    traits: Traits
    content: str
    previous: str = ""
    id_changes: int = 0
    link_changes: int = 0
    content_changes: int = 0
    changed_at: int = 0

    @classmethod
    def of(cls, entry: ListedEntry, traits: Traits) -> Self:
        """Return the record of a new entry."""
        return cls(traits, short_digest(entry.content))

    @property
    def has_reliable_id(self) -> bool:
        """Whether the id did not change at several readings."""
        return self.id_changes < CHANGES_OF_UNRELIABLE

    @property
    def has_reliable_link(self) -> bool:
        """Whether the link did not change at several readings."""
        return self.link_changes < CHANGES_OF_UNRELIABLE

    def with_traits(self, traits: Traits) -> "EntryRecord":
        """Return the record with new traits, counting changes of the id and the link.

        An id or link that is already unreliable is not replaced, so that the record stays the same.
        """
        id_changed = bool(self.traits.id) and traits.id != self.traits.id
        link_changed = bool(self.traits.link) and traits.link != self.traits.link
        if id_changed and not self.has_reliable_id:
            traits, id_changed = replace(traits, id=self.traits.id), False
        if link_changed and not self.has_reliable_link:
            before, link_changed = self.traits, False
            traits = replace(traits, link=before.link, page=before.page, path=before.path)
        return replace(
            self,
            traits=traits,
            id_changes=self.id_changes + id_changed,
            link_changes=self.link_changes + link_changed,
        )

    def encode(self, first_seen_ns: int) -> Fingerprint:
        """Return the record as a fingerprint; its time is when the entry was first seen."""
        traits = self.traits
        digests = (traits.id, traits.link, traits.page, traits.path, traits.title, traits.date)
        numbers = (self.id_changes, self.link_changes, self.content_changes, self.changed_at)
        words = [_VERSION, *digests, self.content, self.previous, *map(str, numbers)]
        return Fingerprint(0, first_seen_ns, " ".join(word or MISSING for word in words))

    @classmethod
    def decode(cls, fingerprint: Fingerprint) -> "EntryRecord | None":
        """Return the record in a fingerprint, or None if an earlier version wrote it."""
        if not _RECORD.fullmatch(fingerprint.digest):
            return None
        words = fingerprint.digest.split(" ")[1:]
        *traits, content, previous = ("" if word == MISSING else word for word in words[:8])
        return cls(Traits(*traits), content, previous, *map(int, words[8:]))


def short_digest(text: str) -> str:
    """Return a digest that is short enough to store several per entry; empty for an empty text."""
    if not text:
        return ""
    return content_digest(text.encode("utf-8", "backslashreplace"))[:_DIGEST_LENGTH]
