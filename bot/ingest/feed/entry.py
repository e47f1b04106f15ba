"""What every kind of feed tells of an article."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from bot.ingest.text import clean_text, content_digest, document_key

MAX_ENTRIES = 10_000
MAX_TEXT = 2_000
MAX_TITLE = 1_000
MAX_PICTURES = 10
_TEXT_AS_TITLE = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as its feed tells it. Addresses may be relative.

    `title` and `text` are plain, `published` is ISO 8601 or empty. `pictures` come best first.
    """

    id: str = ""
    link: str = ""
    title: str = ""
    text: str = ""
    published: str = ""
    topics: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    is_video: bool = False
    # The address of what is to be heard or seen, if that comes with it.
    enclosure: str = ""
    # Why it can't be read, if it can't.
    problem: str = ""

    @property
    def key(self) -> str:
        """What names it in its feed: its id, else its link, else its title and date."""
        name = self.id or self.link or f"{self.title} {self.published}".strip()
        return document_key(name, "")

    @property
    def digest(self) -> str:
        """Stands for all that it tells but its id: some feeds make new ids at every read."""
        told = repr(replace(self, id="") if self.link else self)
        return content_digest(told.encode("utf-8", "backslashreplace"))


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's entries in its own order; `base` is what relative addresses are relative to.

    `left_out` counts the entries beyond the most that are read.
    """

    entries: tuple[Entry, ...]
    base: str
    title: str = ""
    left_out: int = 0


def tell_apart(feed: Feed) -> Sequence[Entry]:
    """The entries, of which those lead to their enclosure that have no page of their own.

    Many podcasts give each episode the page of the show.
    """
    enclosures: dict[str, set[str]] = {}
    for entry in feed.entries:
        enclosures.setdefault(entry.link, set()).add(entry.enclosure)
    return [
        replace(entry, link=entry.enclosure)
        if entry.enclosure
        and (len(enclosures[entry.link]) > 1 or _is_front_page(absolute(feed.base, entry.link)))
        else entry
        for entry in feed.entries
    ]


def _is_front_page(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.path in {"", "/"} and not parts.query


def fields_of(entry: Entry, feed: Feed, first_seen_at: datetime) -> Mapping[str, object]:
    """The entry in the fields of front matter. One without a date is dated when first seen."""
    fields: dict[str, object] = {
        # What was written without a title, as people do in short, begins with its text.
        "title": entry.title or clean_text(entry.text, _TEXT_AS_TITLE),
        "webUrl": absolute(feed.base, entry.link),
        "excerpt": entry.text,
        "publishedDateTime": entry.published or first_seen_at.astimezone(UTC).isoformat(),
        "topics": list(entry.topics),
        "images": [{"url": absolute(feed.base, picture)} for picture in entry.pictures],
        "type": "video" if entry.is_video else "article",
    }
    return {name: value for name, value in fields.items() if value not in ("", [])}


def provider_of(feed: Feed, link: str) -> Mapping[str, object]:
    """Who a feed's articles are from, where the settings don't tell."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        host = ""
    return {"name": clean_text(feed.title, 100), "domain": host.removeprefix("www.")}


def absolute(base: str, address: str) -> str:
    """An address as a browser on the feed's page would take it; what is none stays as it is."""
    try:
        return urljoin(base, address.strip()) if address.strip() else ""
    except ValueError:
        return address
