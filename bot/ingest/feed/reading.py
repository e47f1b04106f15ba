"""A feed of any kind, read in one go: this is what the workers are asked to do."""

from __future__ import annotations

from bot.ingest.feed.entry import Feed
from bot.ingest.feed.jsonfeed import read_json_feed
from bot.ingest.feed.markup import MarkupReader
from bot.ingest.feed.xmlfeed import read_xml_feed

_BEFORE_JSON = b"\xef\xbb\xbf \t\r\n"


def read_feed(body: bytes, url: str, content_type: str) -> Feed:
    """Read what was found at `url`. Raises `SourceError`."""
    if body.lstrip(_BEFORE_JSON).startswith((b"{", b"[")):
        return read_json_feed(body, url, MarkupReader())
    return read_xml_feed(body, url, content_type, MarkupReader())
