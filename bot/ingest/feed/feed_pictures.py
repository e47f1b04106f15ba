"""Finds the pictures that the elements of an entry of RSS or Atom name. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.ingest.feed.feedparser_fields import as_mappings, as_text
from bot.ingest.html.pictures import Candidate, Origin, pixels

_ENDING = re.compile(r"\.(?:avif|gif|jpe?g|png|webp)(?:[?#]|\Z)", re.IGNORECASE)
# Types that servers declare if they don't know a file.
_ANY_TYPE = frozenset({"", "application/octet-stream", "binary/octet-stream"})
# Elements for a picture, in no standard or in a small one, as feedparser names them.
_OTHER_ELEMENTS = frozenset(
    {
        *("image", "image_item", "cover", "coverimage", "cover_image", "webfeeds_cover"),
        *("webfeeds_featuredimage", "featuredimage", "featured_image", "post-thumbnail", "photo"),
        *("picture", "imageurl", "image_url", "imagelink", "image_link", "g_image_link"),
    }
)
_OTHER_THUMBNAILS = frozenset({"thumbnail", "thumb", "thumbnailurl", "thumbnail_url", "thumbimage"})


def feed_pictures(item: Mapping[str, Any], base: str) -> Iterator[Candidate]:
    """Yield the pictures of an entry, as feedparser returns it, outside of its text."""
    for media in as_mappings(item.get("media_content")):
        if (as_text(media.get("medium")) or _medium(media, "url")) == "image":
            yield _candidate(media, as_text(media.get("url")), base, Origin.MEDIA)
    for thumbnail in as_mappings(item.get("media_thumbnail")):
        yield _candidate(thumbnail, as_text(thumbnail.get("url")), base, Origin.THUMBNAIL)
    for link in as_mappings(item.get("links")):
        relation = as_text(link.get("rel")).lower()
        medium = _medium(link, "href") if relation == "enclosure" else _declared_medium(link)
        if medium == "image" and "icon" not in relation:
            yield _candidate(link, as_text(link.get("href")), base, Origin.ENCLOSURE)
    for names, origin in ((_OTHER_ELEMENTS, Origin.IMAGE), (_OTHER_THUMBNAILS, Origin.THUMBNAIL)):
        for name in sorted(names & item.keys()):
            yield from _in_other_element(item.get(name), base, origin)
    # The `<url>` in the `<image>` of an entry.
    if _ENDING.search(address := as_text(item.get("href"))):
        size = {name: item.get(name) for name in ("width", "height")}
        yield _candidate(size, address, base, Origin.IMAGE)


def _in_other_element(value: object, base: str, origin: Origin) -> Iterator[Candidate]:
    if isinstance(value, Mapping):
        for name in ("href", "url", "src", "image", "rdf:resource", "rdf:about"):
            if address := as_text(value.get(name)):
                yield _candidate(value, address, base, origin)
                return
    elif "/" in (address := as_text(value).strip()) or _ENDING.search(address):
        yield _candidate({}, address, base, origin)


def _candidate(element: Mapping[str, Any], address: str, base: str, origin: Origin) -> Candidate:
    length = element.get("filesize") or element.get("length")
    return Candidate(
        address,
        base,
        origin,
        pixels(element.get("width")),
        pixels(element.get("height")),
        as_text(element.get("type")),
        int(length) if isinstance(length, str) and re.fullmatch("[0-9]{1,12}", length) else 0,
        as_text(element.get("isdefault")).lower() == "true",
    )


def _medium(file: Mapping[str, Any], address_field: str) -> str:
    """Return image, video and so on: from the declared type, else from the address's ending."""
    if medium := _declared_medium(file):
        return medium
    return "image" if _ENDING.search(as_text(file.get(address_field))) else ""


def _declared_medium(file: Mapping[str, Any]) -> str:
    declared = as_text(file.get("type")).strip().lower()
    return "" if declared in _ANY_TYPE else declared.partition("/")[0]
