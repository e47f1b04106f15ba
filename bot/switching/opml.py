"""Lists of feeds in OPML 2.0 (https://opml.org/spec2.opml), which most readers write. Pure.

The text of an outline becomes the provider of its feed; the folders that it is in become topics.
Settings for which OPML has no attribute have one of ours, whose name begins with `storywire:`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import groupby
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from bot.config.sources import FeedSettings
from bot.errors import ImportFileError
from bot.ingest.feed.ampersands import escape_ampersands
from bot.switching.feeds import ListedFeed, make_feed, setting_name

MAX_FILE = 10 * 2**20
_MAX_DEPTH = 50
# Types of outlines of FreshRSS that are read by rules which the list has, too.
_BY_RULES = "+"
_NO_QUALITY = "none"
_NAMESPACE = "urn:storywire:settings"
_DEFAULTS = FeedSettings(feed="https://feed.example/")
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_opml(content: bytes) -> Sequence[ListedFeed]:
    """Return the feeds of a list in its order. Raises `ImportFileError`.

    Entities, which could expand to any size, are refused, and nothing that the file names is read.
    """
    if len(content) > MAX_FILE:
        raise ImportFileError(f"is larger than {MAX_FILE // 2**20} MB; split it")
    try:
        return _parse(content)
    except expat.ExpatError as error:
        # Some programs write addresses and names as they are, with `&`.
        with suppress(expat.ExpatError):
            return _parse(escape_ampersands(content))
        raise ImportFileError(
            f"is not valid XML in line {error.lineno}: {expat.ErrorString(error.code)}"
        ) from error


def _parse(content: bytes) -> Sequence[ListedFeed]:
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.EntityDeclHandler = reader.refuse_entity
    try:
        parser.Parse(content, True)
    except (ValueError, LookupError) as error:  # an encoding that Python doesn't know
        raise ImportFileError("has an unknown encoding; save it as UTF-8") from error
    return reader.feeds


class _Reader:
    def __init__(self) -> None:
        self.feeds: list[ListedFeed] = []
        self._elements: list[str] = []
        # One for each outline that is open; empty for those that are not folders.
        self._folders: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        tag = tag.lower()
        if not self._elements and tag != "opml":
            raise ImportFileError("is not OPML: its first element is not `opml`")
        if len(self._elements) >= _MAX_DEPTH:
            raise ImportFileError(f"has more than {_MAX_DEPTH} levels")
        self._elements.append(tag)
        if tag == "outline":
            outline = {name.lower(): value for name, value in attributes.items()}
            name = outline.get("text", "").strip() or outline.get("title", "")
            is_folder = "xmlurl" not in outline
            if not is_folder or outline.keys() & {"type", "url", "htmlurl"}:
                self.feeds.append(_read_outline(outline, name, self._folders))
            self._folders.append(name if is_folder else "")

    def end(self, tag: str) -> None:  # noqa: ARG002 - the signature of expat
        if self._elements.pop() == "outline":
            self._folders.pop()

    def refuse_entity(self, *_: object) -> None:
        raise ImportFileError("declares an entity, which OPML doesn't need; remove the declaration")


def _read_outline(outline: Mapping[str, str], name: str, folders: Sequence[str]) -> ListedFeed:
    if "xmlurl" not in outline:
        return ListedFeed(
            setting_name(name) or "an outline without a text", {}, "has no address of a feed"
        )
    kind = outline.get("type", "")
    if _BY_RULES in kind:
        return ListedFeed(setting_name(name), {}, f"is not a feed: it is read by rules ({kind})")
    categories = [
        part for path in outline.get("category", "").split(",") for part in path.split("/")
    ]
    return make_feed(
        outline["xmlurl"],
        name,
        [*folders, *categories],
        domain=outline.get("storywire:domain") or _host(outline.get("htmlurl", "")),
        more=_our_settings(outline),
    )


def _our_settings(outline: Mapping[str, str]) -> Mapping[str, object]:
    found = {
        key: outline[f"storywire:{key}"]
        for key in ("every", "time_zone", "quality")
        if f"storywire:{key}" in outline
    }
    if (quality := found.pop("quality", None)) is None:
        return found
    number = int(quality) if re.fullmatch(r"-?[0-9]{1,9}", quality) else quality
    return {**found, "quality": None if quality == _NO_QUALITY else number}


def _host(address: str) -> str | None:
    try:
        host = urlsplit(address.strip()).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def write_opml(feeds: Sequence[FeedSettings]) -> str:
    """Return a list from which `read_opml` reads the same settings, except `allow_private`.

    The order stays, which says whose article a story shows. So a folder can occur several times;
    a feed with several topics is in nested folders.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:storywire="{_NAMESPACE}">',
        "  <head>",
        "    <title>Storywire</title>",
        "  </head>",
        "  <body>",
    ]
    for topics, group in groupby(feeds, key=lambda feed: feed.topics):
        for depth, topic in enumerate(topics, start=2):
            lines.append(f"{'  ' * depth}<outline {_attribute('text', topic)}>")
        indentation = "  " * (len(topics) + 2)
        lines += [f"{indentation}<outline {' '.join(_attributes(feed))}/>" for feed in group]
        lines += [f"{'  ' * depth}</outline>" for depth in range(len(topics) + 1, 1, -1)]
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _attributes(feed: FeedSettings) -> Iterator[str]:
    yield _attribute("type", "rss")
    yield _attribute("text", feed.provider.name if feed.provider else feed.feed)
    yield _attribute("xmlUrl", feed.feed)
    if feed.provider and feed.provider.domain:
        yield _attribute("storywire:domain", feed.provider.domain)
    if feed.every != _DEFAULTS.every:
        yield _attribute("storywire:every", f"{feed.every // timedelta(seconds=1)}s")
    if feed.quality != _DEFAULTS.quality:
        quality = _NO_QUALITY if feed.quality is None else str(feed.quality)
        yield _attribute("storywire:quality", quality)
    if feed.time_zone:
        yield _attribute("storywire:time_zone", feed.time_zone)


def _attribute(name: str, value: str) -> str:
    return f"{name}={quoteattr(_NOT_IN_XML.sub('', value))}"
