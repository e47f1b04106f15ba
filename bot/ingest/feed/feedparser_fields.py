"""Keeps fields of an entry apart that feedparser merges into one, or drops.

feedparser takes a media caption, Apple's elements for podcasts and the description of Dublin Core
for the summary or the title of an entry, and which of them wins depends on their order. It drops
the `<image>` of an entry, unless that has the elements that it has in a channel. Of several dates
of a kind it keeps the last one, even if it is empty, and it guesses what dates mean.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from types import ModuleType
from typing import Any, Protocol

_SEPARATE = (
    *("itunes_summary", "itunes_subtitle", "dc_description"),
    *("media_description", "media_title"),
)
# The names of fields with dates, and of the elements that feedparser puts into them.
_DATES = {
    "published": ("published", "issued", "pubdate"),
    "updated": ("updated", "modified", "lastbuilddate"),
    "created": ("created",),
}
# An address that stays as it is whatever it is resolved against, also against itself.
_COMPLETE = re.compile(r"[a-z]+://[\w.-]+(?:/[^\s?#;]*)?\Z", re.ASCII)


class _Parser(Protocol):
    """What is used of feedparser's parsers."""

    inentry: int
    insource: int
    inimage: int
    incontent: int
    baseuri: str
    elementstack: list[tuple[str, int, list[str | bytes]]]
    contentparams: dict[str, Any]
    entries: list[dict[str, Any]]

    def push_content(
        self, tag: str, attrs_d: Mapping[str, str], default_type: str, expecting_text: int, /
    ) -> None: ...
    def pop_content(self, tag: str, /) -> str | None: ...
    def pop(self, element: str, /) -> str | None: ...
    def _add_tag(self, term: str, scheme: str | None, label: str | None, /) -> None: ...


@cache
def feedparser_with_separate_fields() -> ModuleType:
    """Return the module feedparser, whose `parse` keeps these fields under their own names.

    An entry then has `media_description_detail` and so on, of the first such element with text,
    `image`, with the attributes or the text of the first such element, and `published_texts` and
    so on, a list of all dates of the kind as they are written.
    It takes 2 MB, so only the processes that parse feeds call this.
    """
    import feedparser.api  # type: ignore[import-untyped]  # noqa: PLC0415
    import feedparser.mixin  # type: ignore[import-untyped]  # noqa: PLC0415

    api, mixin = feedparser.api, feedparser.mixin
    mixin.make_safe_absolute_uri = _join_if_other(mixin.make_safe_absolute_uri)
    mixin.FeedParserDict.__deepcopy__ = _copy
    api.StrictFeedParser = _with_separate_fields(api.StrictFeedParser)
    api.LooseFeedParser = _with_separate_fields(api.LooseFeedParser)
    module: ModuleType = feedparser
    return module


def _join_if_other(join: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """Return the function by which feedparser resolves the base of each element.

    Most elements have no base of their own: it then resolves the base against itself, which takes
    a third of the time of parsing.
    """

    def join_if_other(base: str, address: str) -> str:
        is_same = address == base and _COMPLETE.match(base)
        return base if is_same else join(base, address)

    return join_if_other


def _copy(mapping: dict[str, Any], memo: dict[int, Any]) -> dict[str, Any]:
    """Copy a mapping of feedparser, which it does for each text, as `deepcopy` does but faster."""
    copied = type(mapping)()
    for name, value in dict.items(mapping):
        copied[name] = value if isinstance(value, str) else deepcopy(value, memo)
    return copied


def plain_entry(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry as a dictionary, and its `enclosures`, which feedparser makes of its links.

    The mappings of feedparser also know fields by old names, and take ten times as long.
    """
    plain = {name: _plain(value) for name, value in dict.items(entry)}
    links = plain.get("links")
    plain["enclosures"] = [
        link
        for link in (links if isinstance(links, list) else ())
        if isinstance(link, dict) and link.get("rel") == "enclosure"
    ]
    return plain


def as_text(value: object) -> str:
    """Return text; an empty string for any other value."""
    return value if isinstance(value, str) else ""


def as_mappings(value: object) -> Sequence[Mapping[str, Any]]:
    """Return the mappings in a list; none for any other value."""
    if not isinstance(value, list):
        return ()
    return [element for element in value if isinstance(element, Mapping)]


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in dict.items(value)}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _with_separate_fields(parser: type) -> type:
    """Return a subclass of one of feedparser's parsers."""
    members: dict[str, Callable[..., object]] = {
        "unknown_starttag": _start_element(getattr(parser, "unknown_starttag")),  # noqa: B009 - untyped
        "resolve_uri": _resolve(getattr(parser, "resolve_uri")),  # noqa: B009 - untyped
        "_end_keywords": _end_keywords,
        "_start_image": _start_image(getattr(parser, "_start_image")),  # noqa: B009 - untyped
        "_end_image": _end_image("image"),
        "_end_itunes_image": _end_image("itunes_image"),
    }
    for name in _SEPARATE:
        start, end = f"_start_{name}", f"_end_{name}"
        members[start] = _start(name, getattr(parser, start))
        members[end] = _end(name, getattr(parser, end))
    for name, elements in _DATES.items():
        members |= {f"_end_{element}": _end_date(name) for element in elements}
    return type(parser.__name__, (parser,), members)


def _start(name: str, of_feed: Callable[..., None]) -> Callable[..., None]:
    def start(self: _Parser, attributes: Mapping[str, str]) -> None:
        if self.inentry:
            self.push_content(name, attributes, "text/plain", 1)
        else:
            of_feed(self, attributes)

    return start


def _end(name: str, of_feed: Callable[..., None]) -> Callable[..., None]:
    detail = f"{name}_detail"

    def end(self: _Parser) -> None:
        if not self.inentry:
            of_feed(self)
            return
        entry = self.entries[-1]
        first = entry.get(detail)
        self.pop_content(name)
        if first and first.get("value"):
            entry[detail] = first

    return end


def _start_element(of_feed: Callable[..., None]) -> Callable[..., None]:
    """Take the base of an XHTML text from its outermost element, which feedparser removes."""

    def start(self: _Parser, tag: str, attributes: list[tuple[str, str]]) -> None:
        of_feed(self, tag, attributes)
        has_base = self.contentparams.get("base", self.baseuri) == self.baseuri
        if self.incontent and self.elementstack and not has_base:
            before = self.elementstack[-1][2][:-1]
            if not any(piece.strip() for piece in before):
                self.contentparams["base"] = self.baseuri

    return start


def _resolve(of_feed: Callable[[_Parser, str], str]) -> Callable[[_Parser, str], str]:
    def resolve(self: _Parser, address: str) -> str:
        return address if _COMPLETE.match(address) else of_feed(self, address)

    return resolve


def _end_keywords(self: _Parser) -> None:
    for keyword in (self.pop("category") or "").split(","):
        self._add_tag(keyword.strip(), None, None)


def _start_image(of_feed: Callable[..., None]) -> Callable[..., None]:
    def start(self: _Parser, attributes: Mapping[str, str]) -> None:
        if self.inentry and attributes:
            self.entries[-1].setdefault("image", dict(attributes))
        of_feed(self, attributes)

    return start


def _end_image(name: str) -> Callable[..., None]:
    def end(self: _Parser) -> None:
        text = (self.pop(name) or "").strip()
        if self.inentry and text:
            self.entries[-1].setdefault("image", {"href": text})
        self.inimage = 0

    return end


def _end_date(name: str) -> Callable[..., None]:
    def end(self: _Parser) -> None:
        text = self.pop(name)
        if text and self.inentry and not self.insource:
            self.entries[-1].setdefault(f"{name}_texts", []).append(text)

    return end
