"""What an entry of a feed becomes: what it is recognised by, and fields of front matter. Pure.

Apart from `entry`, so that processes that parse feeds need not import the models.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.ingest.entries.record import ListedEntry
from bot.ingest.feed.entry import Entry, Feed, host_of, without_parameters
from bot.ingest.html.plain_text import first_sentence
from bot.ingest.text import clean_text, content_digest
from bot.visible_text import is_blank
from storage.models import Kind

_MAX_TITLE_FROM_TEXT = 100
# By which authors mark shorts, whose address in some feeds is that of a video.
_SHORTS_TAG = re.compile(r"#shorts?\b", re.IGNORECASE)


def list_entry(entry: Entry) -> ListedEntry:
    """Return what the entry is recognised by, and a digest of what readers see of it.

    Some parameters of links and pictures are new in every response, such as signatures.
    """
    seen = replace(
        entry,
        id="",
        link=without_parameters(entry.link),
        pictures=tuple(map(without_parameters, entry.pictures)),
        enclosure=without_parameters(entry.enclosure),
    )
    digest = content_digest(repr(seen).encode("utf-8", "backslashreplace"))
    return ListedEntry(entry.id, entry.link, entry.title, entry.published, digest, entry.date_only)


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


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""
