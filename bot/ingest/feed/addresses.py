"""Addresses in a feed: what they are relative to, and which of them is the page of an entry. Pure.

A relative address is relative to the `xml:base` of its element. Without one, it is relative to the
website that the feed names, since many feeds are served from another host. Pictures in the text of
an entry are relative to the page of the entry, where that text is shown.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from bot.ingest.feed.feedparser_fields import as_mappings, as_text
from bot.ingest.html.addresses import resolve
from bot.urls.redaction import without_query
from bot.urls.tracking import without_session

# feedparser resolves addresses by rules of its own, and against the address of the feed. It gets
# this address instead, so that what was relative can be recognised. It accepts few schemes.
_SCHEME = "shttp:"
_ROOT = f"{_SCHEME}//relative.invalid/"
_FOLDER = "~~/"
_DEPTH = 4
PLACEHOLDER = _ROOT + _FOLDER * _DEPTH

_HTTP = re.compile(r"(?:https?:|//|www\.)", re.IGNORECASE)
# https://www.rfc-editor.org/rfc/rfc4287#section-4.2.7.2
_REGISTERED_RELATION = "http://www.iana.org/assignments/relation/"
_PAGE_RELATIONS = ("alternate", "canonical", "bookmark", "permalink", "shortlink")
# The page that an entry is about; some entries have no other.
_SUBJECT_RELATIONS = ("related", "via")
_HTML_TYPES = frozenset({"", "html", "text/html", "xhtml", "application/xhtml+xml"})
_FEED_TYPE = re.compile(r"application/(?:(?:rss|atom|rdf|feed)\+xml|(?:feed\+)?json|xml)|text/xml")


def make_absolute(parsed: MutableMapping[str, Any], page: str) -> None:
    """Resolve against a page what feedparser resolved against `PLACEHOLDER`.

    The `base` of a text becomes empty if it has no `xml:base`. Ids are left as they are, and so is
    what feedparser does not resolve: addresses in media elements and in texts.
    """
    for key, value in parsed.items():
        if isinstance(value, str):
            if key != "id" and value.startswith(_SCHEME):
                written = _written(value)
                parsed[key] = resolve(page, written) or written
        elif isinstance(value, MutableMapping):
            make_absolute(value, page)
        elif isinstance(value, list):
            for element in value:
                if isinstance(element, MutableMapping):
                    make_absolute(element, page)


@dataclass(frozen=True, slots=True)
class Site:
    """The address of a feed, the website that it belongs to (or the address again), its language.

    Addresses in the feed are relative to the website.
    """

    feed: str
    page: str
    language: str = ""


def site_of(feed: Mapping[str, Any], address: str) -> Site:
    """Return the website of the feed at an address."""
    language = as_text(feed.get("language"))
    links = _links(feed)
    candidates = (
        *_by_relation(links, _PAGE_RELATIONS, language),
        as_text(feed.get("link")),
        *map(without_query, _by_relation(links, ("self",), "")),
    )
    page = next(filter(None, (resolve(address, each) for each in candidates)), address)
    return Site(address, page, language)


def entry_base(item: Mapping[str, Any], site: Site) -> str:
    """Return what the addresses of an entry outside of its text are relative to."""
    details = (item.get("title_detail"), item.get("summary_detail"), *_list(item.get("content")))
    found = (text_base(each, site.page) for each in details if isinstance(each, Mapping))
    return next(found, site.page)


def text_base(detail: Mapping[str, Any], page: str) -> str:
    """Return what the addresses in a text are relative to: its `xml:base`, else its page."""
    base = as_text(detail.get("base"))
    return (resolve(page, base) if base else "") or page


def entry_id(item: Mapping[str, Any], site: Site) -> str:
    """Return the id of an entry. One that may be a link is resolved as feedparser does."""
    identifier = as_text(item.get("id"))
    if not identifier.startswith(_SCHEME):
        return identifier
    written = _written(identifier)
    try:
        return urljoin(site.feed, written)
    except ValueError:
        return written


def entry_page(item: Mapping[str, Any], base: str, language: str) -> str:
    """Return the address of the page of an entry, or an empty string."""
    return page_address(base, _page_links(item, language))


def entry_file(item: Mapping[str, Any], base: str) -> str:
    """Return the address of the best file that is attached to an entry, or an empty string."""
    files = (*as_mappings(item.get("enclosures")), *as_mappings(item.get("media_content")))
    found = (
        (as_text(file.get("type")), as_text(file.get("href")) or as_text(file.get("url")))
        for file in files
    )
    return first_valid(base, by_medium(found))


def written_link(item: Mapping[str, Any]) -> str:
    """Return the link of an entry as it is written, for the report that it is invalid."""
    return next(filter(None, _page_links(item, "")), "")


def first_valid(base: str, candidates: Iterable[str]) -> str:
    """Return the first valid address, resolved, or an empty string."""
    resolved = (resolve(base, candidate) for candidate in candidates if candidate)
    return next(filter(None, resolved), "")


def page_address(base: str, candidates: Iterable[str]) -> str:
    """Return the first valid address, resolved, without the id of a session; or an empty string."""
    return without_session(first_valid(base, candidates))


def link_from_id(identifier: str) -> str:
    """Return an id if it is the complete address of a page; else an empty string."""
    if identifier.startswith(_SCHEME):
        identifier = _written(identifier)
    return identifier if _HTTP.match(identifier.strip()) else ""


def _page_links(item: Mapping[str, Any], language: str) -> Iterator[str]:
    # Services that count clicks replace the link and keep the original one.
    yield as_text(item.get("feedburner_origlink"))
    yield as_text(item.get("pheedo_origlink"))
    links = _links(item)
    yield from _by_relation(links, _PAGE_RELATIONS, language)
    yield link_from_id(as_text(item.get("id")))
    yield from _by_relation(links, _SUBJECT_RELATIONS, language)
    if isinstance(player := item.get("media_player"), Mapping):
        yield as_text(player.get("url"))


def by_medium(files: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the addresses of files, given with their types: recordings first, pictures last."""

    def rank(file: tuple[str, str]) -> int:
        kind = file[0].strip().lower().partition("/")[0]
        return {"video": 0, "audio": 0, "image": 2}.get(kind, 1)

    return (address for _, address in sorted(files, key=rank))


def _by_relation(
    links: Sequence[Mapping[str, Any]], relations: Sequence[str], language: str
) -> list[str]:
    """Return the addresses of links with one of the relations, the best first."""

    def rank(link: Mapping[str, Any]) -> tuple[int, bool, int]:
        return (
            min(relations.index(each) for each in _relations(link) if each in relations),
            _media_type(link) not in _HTML_TYPES,
            _language_rank(as_text(link.get("hreflang")), language),
        )

    found = [
        link
        for link in links
        if not _relations(link).isdisjoint(relations)
        and ("self" in relations or not _FEED_TYPE.fullmatch(_media_type(link)))
    ]
    best = sorted(found, key=rank) if len(found) > 1 else found
    return [as_text(link.get("href")) for link in best]


def _relations(link: Mapping[str, Any]) -> frozenset[str]:
    names = as_text(link.get("rel")).lower().split() or ["alternate"]
    return frozenset(name.removeprefix(_REGISTERED_RELATION) for name in names)


def _media_type(link: Mapping[str, Any]) -> str:
    return as_text(link.get("type")).partition(";")[0].strip().lower()


def _language_rank(link: str, feed: str) -> int:
    """The language of the feed comes first, then links without a language."""
    if not link:
        return 1
    same = link.lower().partition("-")[0] == feed.lower().partition("-")[0]
    return 0 if feed and same else 2


def _written(address: str) -> str:
    """Return an address as it was before it was resolved against `PLACEHOLDER`."""
    if not address.startswith(_ROOT):
        # Relative to the scheme only.
        return address.removeprefix(_SCHEME)
    path = address.removeprefix(_ROOT)
    depth = 0
    while path.startswith(_FOLDER):
        path = path.removeprefix(_FOLDER)
        depth += 1
    return "../" * (_DEPTH - depth) + path if depth else f"/{path}"


def _links(element: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return as_mappings(element.get("links"))


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()
