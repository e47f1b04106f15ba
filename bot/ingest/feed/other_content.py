"""Describes a response that is not a feed, and where the feed may be. Pure."""

import re
from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import urlsplit

from bot.fetching.challenges import challenge_in_page, describe_challenge
from bot.ingest.html.addresses import resolve
from bot.ingest.text import clean_text
from bot.urls.redaction import redact

MAX_LISTED = 5
MAX_TITLE = 60
# How far a page is searched.
_MAX_SEARCHED = 500_000
_MAX_LINKS = 2_000
_ADVICE = "use the address of an RSS, Atom or JSON feed"
# What feeds are declared as, also by sites that do not know the right types.
_FEED_TYPES = re.compile(
    r"(?:application|text)/(?:x[.-])?(?:rss|atom|feed|rdf)(?:\+xml|\+json)?|(?:application|text)/xml"
    r"|application/json",
)
_FEED_PATH = re.compile(
    r"(?:\.(?:rss|rdf|atom)|/(?:rss|atom|feed|feeds|rdf)(?:\.\w{3,4})?/?|/(?:\w+[-_])?(?:feed|rss)\d?"
    r"\.(?:xml|json|php)|\.xml)\Z",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:\A|&)(?:feed|format|type|alt)=(?:rss2?|atom|feed|rdf)\b", re.IGNORECASE
)
_OTHER_XML = re.compile(
    r"sitemap|opensearch|browserconfig|wlwmanifest|rsd\.xml|oembed|wp-json", re.IGNORECASE
)
_ROOT = re.compile(rb"<(?!xml\b)([A-Za-z][\w:.-]*)")
_HTML = frozenset({"html", "body", "div", "p", "br", "table", "form"})
_OTHER_DOCUMENTS = {
    b"opml": "a list of feeds (OPML)",
    b"urlset": "a sitemap",
    b"sitemapindex": "a sitemap",
}


def describe_other_content(body: bytes, address: str) -> str:
    """Describe a body in UTF-8 that is not a feed, as a sentence that begins with `it`.

    A web page is searched for links to feeds, as browsers look for them, and else for other links
    whose addresses look like those of feeds.
    """
    root = _ROOT.search(body[:_MAX_SEARCHED])
    if root and (name := _OTHER_DOCUMENTS.get(root[1].lower())):
        return f"it is {name}, not a feed; {_ADVICE}"
    page = _Page(address)
    with suppress(AssertionError):  # which HTMLParser raises for some broken declarations
        page.feed(body[:_MAX_SEARCHED].decode("utf-8", "replace"))
    if page.declared:
        return f"it is a web page, not a feed; {_list_feeds(page.declared)}"
    if challenge := challenge_in_page(body):
        return f"it is a page for visitors, not a feed: {describe_challenge(challenge)}"
    if page.linked:
        return f"it is a web page, not a feed; {_list_feeds(page.linked)}"
    if page.has_password:
        return "it is a page to log in, not a feed; only addresses without a login can be read"
    if page.is_html:
        return f"it is a web page, not a feed, and links to none; {_ADVICE}"
    return f"it is not a feed; {_ADVICE}"


def describe_markup(text: str) -> str:
    """Describe HTML or XML where JSON was expected, as a sentence that begins with `it`."""
    page = _Page("")
    with suppress(AssertionError):
        page.feed(text[:_MAX_SEARCHED])
    if challenge := challenge_in_page(text[:_MAX_SEARCHED].encode("utf-8", "replace")):
        return f"it is a page for visitors, not JSON: {describe_challenge(challenge)}"
    if page.has_password:
        return "it is a page to log in, not JSON; only addresses without a login can be read"
    kind = "a web page" if page.is_html else "XML"
    return f"it is {kind}, not JSON; check the address"


def _list_feeds(feeds: dict[str, str]) -> str:
    shown = ", ".join(
        f"{redact(address)} ({title})" if title else redact(address)
        for address, title in list(feeds.items())[:MAX_LISTED]
    )
    if len(feeds) == 1:
        return f"its feed seems to be {shown}"
    more = len(feeds) - MAX_LISTED
    return f"its feeds seem to be {shown}" + (f" and {more} more" if more > 0 else "")


class _Page(HTMLParser):
    """The links of a web page to feeds: their titles by address."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.declared: dict[str, str] = {}
        self.linked: dict[str, str] = {}
        self.has_password = False
        self.is_html = False
        self._address = address
        self._base = address
        self._links = 0
        # The link whose text is being read.
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag."""
        fields = {name: value or "" for name, value in reversed(attrs)}
        self.is_html = self.is_html or tag in _HTML
        if tag == "base" and self._base == self._address:
            self._base = resolve(self._address, fields.get("href", "")) or self._address
        elif tag == "link":
            self._add(self.declared, fields, is_feed=_is_declared(fields))
        elif tag == "a":
            self._open = ""
            self._add(self.linked, fields, is_feed=_is_declared(fields) or _looks_like_feed(fields))
        elif tag == "input" and fields.get("type", "").strip().lower() == "password":
            self.has_password = True

    def handle_endtag(self, tag: str) -> None:
        """Look at an end tag."""
        if tag == "a":
            self._open = ""

    def handle_data(self, data: str) -> None:
        """Use the text of a link as its title."""
        if self._open and not self.linked[self._open]:
            self.linked[self._open] = _clean_title(data)

    def _add(self, feeds: dict[str, str], fields: dict[str, str], *, is_feed: bool) -> None:
        if not is_feed or self._links >= _MAX_LINKS:
            return
        self._links += 1
        address = resolve(self._base, fields.get("href", ""))
        if not address or address == self._address:
            return
        title = _clean_title(fields.get("title", ""))
        feeds[address] = feeds.get(address) or title
        if feeds is self.linked:
            self._open = address


def _clean_title(title: str) -> str:
    return clean_text(title, MAX_TITLE)


def _is_declared(fields: dict[str, str]) -> bool:
    relations = fields.get("rel", "").lower().split()
    kind = fields.get("type", "").partition(";")[0].strip().lower()
    is_feed = _FEED_TYPES.fullmatch(kind) and not _OTHER_XML.search(fields.get("href", ""))
    return "feed" in relations or ("alternate" in relations and bool(is_feed))


def _looks_like_feed(fields: dict[str, str]) -> bool:
    try:
        parts = urlsplit(fields.get("href", "").strip())
    except ValueError:
        return False
    if _OTHER_XML.search(parts.path):
        return False
    return bool(_FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))
