"""The entries of a feed, whatever its format, and what they become."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.ingest.entries.record import ListedEntry
from bot.ingest.feed.plain_text import first_sentence
from bot.ingest.text import MAX_KEY, clean_text, content_digest, document_key
from bot.urls.safety import LONGEST_ENCODED
from bot.visible_text import is_blank
from storage.models import Kind

MAX_ENTRIES = 10_000
MAX_TEXT = 2_000
MAX_TITLE = 1_000
MAX_PICTURES = 3
_MAX_TITLE_FROM_TEXT = 100
# Longer addresses and names are not shown, whatever their rest is.
_MAX_ADDRESS = LONGEST_ENCODED + 1
_MAX_NAME = 1_000
# By which authors mark shorts, whose address in some feeds is that of a video.
_SHORTS_TAG = re.compile(r"#shorts?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed. Addresses are absolute, or as written if they can't be.

    `title` and `text` are plain text; `published` is ISO 8601 or empty; the best of the `pictures`
    comes first. The names of the class and its fields are part of the stored digests: renaming one
    makes every entry count as changed.
    """

    id: str = ""
    link: str = ""
    title: str = ""
    text: str = ""
    published: str = ""
    # Whether the date has no time of day.
    date_only: bool = False
    topics: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    is_video: bool = False
    # The address of an attached audio or video file.
    enclosure: str = ""
    # What it says about its picture, if it has neither a title nor a text.
    caption: str = ""
    # The site that a collecting feed has it from.
    provider: str = ""
    provider_address: str = ""
    # Why the entry can't be read, as a predicate; empty if it can.
    problem: str = ""

    def bounded(self) -> "Entry":
        """Return the entry without what makes it huge and is of no use."""
        return replace(
            self,
            id=self.id if len(self.id) <= MAX_KEY else document_key(self.id, ""),
            link=self.link[:_MAX_ADDRESS],
            topics=tuple(topic[:_MAX_NAME] for topic in self.topics),
            pictures=tuple(picture[:_MAX_ADDRESS] for picture in self.pictures),
            enclosure=self.enclosure[:_MAX_ADDRESS],
            provider=self.provider[:_MAX_NAME],
            provider_address=self.provider_address[:_MAX_ADDRESS],
        )

    def listed(self) -> ListedEntry:
        """Return what the entry is recognised by, and a digest of what readers see of it.

        Some parameters of links and pictures are new in every response, such as signatures.
        """
        seen = replace(
            self,
            id="",
            link=without_parameters(self.link),
            pictures=tuple(map(without_parameters, self.pictures)),
            enclosure=without_parameters(self.enclosure),
        )
        digest = content_digest(repr(seen).encode("utf-8", "backslashreplace"))
        return ListedEntry(self.id, self.link, self.title, self.published, digest)


@dataclass(frozen=True, slots=True)
class Feed:
    """The entries of a feed in its own order.

    `skipped` is the number of entries beyond the limit, which are not read.
    """

    entries: tuple[Entry, ...]
    title: str = ""
    skipped: int = 0


def disambiguate_links(feed: Feed) -> Sequence[Entry]:
    """Return the entries; those without a page of their own link to their enclosure.

    Many podcasts link every episode to the page of the show.
    """
    enclosures: dict[str, set[str]] = {}
    for entry in feed.entries:
        enclosures.setdefault(entry.link, set()).add(entry.enclosure)
    return [
        replace(entry, link=entry.enclosure)
        if entry.enclosure and (len(enclosures[entry.link]) > 1 or _is_front_page(entry.link))
        else entry
        for entry in feed.entries
    ]


def _is_front_page(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.path in {"", "/"} and not parts.query


def front_matter_fields(entry: Entry, first_seen_at: datetime) -> Mapping[str, object]:
    """Return the entry as front matter fields. An entry without a date gets `first_seen_at`."""
    title = _title_of_untitled(entry) if is_blank(entry.title) else entry.title
    fields: dict[str, object] = {
        "title": title,
        "webUrl": entry.link,
        "excerpt": "" if entry.text == title else entry.text,
        "publishedDateTime": entry.published or first_seen_at.astimezone(UTC).isoformat(),
        "topics": list(entry.topics),
        "images": [{"url": picture} for picture in entry.pictures],
        "type": _kind(entry),
        "provider": _provider(entry.provider, entry.provider_address) if entry.provider else "",
    }
    return {name: value for name, value in fields.items() if value not in ("", [])}


def default_provider(feed: Feed, link: str) -> Mapping[str, object]:
    """Return the provider of a feed's articles, for sources whose settings don't name one."""
    return _provider(feed.title, link)


def _provider(name: str, link: str) -> Mapping[str, object]:
    return {"name": clean_text(name, 100), "domain": host_of(link)}


def _title_of_untitled(entry: Entry) -> str:
    """Name a post after its text, what its picture shows, or its page."""
    for text in (entry.text, entry.caption):
        if not is_blank(text):
            return first_sentence(text, _MAX_TITLE_FROM_TEXT)
    page = entry.link.partition("://")[2].partition("?")[0].removeprefix("www.").rstrip("/")
    return clean_text(page, _MAX_TITLE_FROM_TEXT)


def _kind(entry: Entry) -> Kind:
    """A page of YouTube is a video, whatever feed links to it."""
    host, path = host_of(entry.link), _path(entry.link)
    is_youtube = host == "youtu.be" or f".{host}".endswith(
        (".youtube.com", ".youtube-nocookie.com")
    )
    is_page = host == "youtu.be" or path.startswith(("/watch", "/live/", "/embed/", "/shorts/"))
    if not (entry.is_video or (is_youtube and is_page)):
        return Kind.ARTICLE
    is_short = path.startswith("/shorts/") or (is_youtube and _SHORTS_TAG.search(entry.title))
    return Kind.SHORT if is_short else Kind.VIDEO


def host_of(address: str) -> str:
    """Return the host of an address without `www.`; empty if the address is invalid."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def without_parameters(address: str) -> str:
    """Return an address up to its parameters."""
    return re.split("[?#;]", address, maxsplit=1)[0]
