"""Parses a feed of any kind: RSS and Atom through feedparser, JSON Feed in `json_feed`. Pure.

feedparser looks at nothing but the bytes that it is given, whatever external entities they name.
"""

import html
import io
import re
from calendar import timegm
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.errors import SourceError
from bot.ingest.feed.entry import MAX_ENTRIES, MAX_PICTURES, MAX_TEXT, MAX_TITLE, Entry, Feed
from bot.ingest.feed.html_to_text import HtmlConverter
from bot.ingest.feed.json_feed import parse_json_feed
from bot.ingest.feed.repair import mend, refuse_bombs
from bot.urls.safety import parse_web_address

_BEFORE_JSON = b"\xef\xbb\xbf \t\r\n"
_END = re.compile(rb"</(?:[A-Za-z]+:)?(?:rss|feed|RDF|channel)\s*>", re.IGNORECASE)
# Every sixth byte or so of UTF-16 and UTF-32 is no text of its own.
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0")
_PICTURE = re.compile(r"\.(?:avif|gif|jpe?g|png|webp)(?:\?|\Z)", re.IGNORECASE)
# Links of an entry that lead to something else than what it tells of.
_ASIDE = frozenset({"self", "edit", "replies", "enclosure", "license", "next", "hub"})
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})


def parse_feed(body: bytes, url: str, content_type: str) -> Feed:
    """Read the feed that was found at `url`. Raises `SourceError`. Run it in a worker process."""
    if body.lstrip(_BEFORE_JSON).startswith((b"{", b"[")):
        return parse_json_feed(body, url, HtmlConverter())
    return parse_xml_feed(body, url, content_type, HtmlConverter())


def parse_xml_feed(body: bytes, base: str, content_type: str, converter: HtmlConverter) -> Feed:
    """Read a feed; what is wrong with an entry is said there. Raises `SourceError`.

    It may take minutes and gigabytes, whatever was refused before: use a process of its own.
    """
    # 2 MB that only the processes that parse feeds need; and it has no types.
    import feedparser  # type: ignore[import-untyped]  # noqa: PLC0415

    refuse_bombs(body)
    body, content_type = mend(body, content_type)
    try:
        parsed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-location": base, "content-type": content_type},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as error:
        # The parser's forgiving half trips over what its authors never saw.
        raise SourceError(f"it can't be read as a feed ({type(error).__name__})") from error
    told = parsed["entries"]
    if not parsed.get("version") and not told:
        raise SourceError(_no_feed(parsed))
    entries = [_entry_or_problem(each, converter) for each in told[:MAX_ENTRIES]]
    if parsed["bozo"] and entries and _breaks_off(body):
        last = entries[-1]
        entries[-1] = Entry(last.id, last.link, last.title, problem="breaks off, as the feed does")
    title = _plain(parsed["feed"], "title", converter)
    return Feed(tuple(entries), base, title, max(0, len(told) - MAX_ENTRIES))


def _no_feed(parsed: Mapping[str, Any]) -> str:
    """For a web page: which feed it names itself, as browsers used to find it."""
    for link in _groups(parsed["feed"].get("links")):
        address = parse_web_address(_text(link.get("href")))
        if link.get("type") in _FEED_TYPES and address:
            return f"it is no feed but a page; its feed seems to be {address}"
    return "it is no feed; give the address of an RSS, Atom or JSON feed"


def _breaks_off(body: bytes) -> bool:
    if any(mark in body[:100] for mark in _WIDE):
        return False
    return _END.search(body) is None


def _entry_or_problem(told: Mapping[str, Any], converter: HtmlConverter) -> Entry:
    try:
        return _entry(told, converter)
    except Exception as error:  # noqa: BLE001 - asking the parser's own groups for a value may raise
        problem = f"can't be read ({type(error).__name__})"
        return Entry(title=repr(dict(told).get("title"))[:MAX_TITLE], problem=problem)


def _entry(told: Mapping[str, Any], converter: HtmlConverter) -> Entry:
    texts = [converter.convert(text) for text in _texts(told)]
    pictures = [*_pictures(told), *(text.picture for text in texts if text.picture)]
    tags = _groups(told.get("tags"))
    topics = (_text(tag.get("label")) or _text(tag.get("term")) for tag in tags)
    return Entry(
        id=_text(told.get("id")),
        link=_link(told),
        title=_plain(told, "title", converter)[:MAX_TITLE],
        text=next((text.text for text in texts if text.text), "")[:MAX_TEXT],
        published=_date(told),
        topics=tuple(filter(None, topics)),
        pictures=tuple(dict.fromkeys(pictures))[:MAX_PICTURES],
        is_video=_is_video(told),
        enclosure=next(filter(None, map(_recording, _groups(told.get("enclosures")))), ""),
    )


def _is_video(told: Mapping[str, Any]) -> bool:
    return (
        bool(_text(told.get("yt_videoid")))
        or any(_medium(each) == "video" for each in _groups(told.get("media_content")))
        or any(_kind(each, "href") == "video" for each in _groups(told.get("enclosures")))
    )


def _recording(enclosure: Mapping[str, Any]) -> str:
    """The address of what is to be heard or seen."""
    kind = _kind(enclosure, "href")
    return _text(enclosure.get("href")) if kind in {"audio", "video"} else ""


def _link(told: Mapping[str, Any]) -> str:
    link = _text(told.get("link"))
    if link and link != told.get("id"):
        return link
    # The parser takes an id for a link where there is none.
    links = [each for each in _groups(told.get("links")) if each.get("rel") not in _ASIDE]
    others = [*(_text(each.get("href")) for each in links), link]
    attached = (_text(each.get("href")) for each in _groups(told.get("enclosures")))
    return next(filter(None, (*others, *attached)), "")


def _texts(told: Mapping[str, Any]) -> Iterator[str]:
    """As HTML: the summary, then the contents, which may have the pictures."""
    for detail in (told.get("summary_detail"), *_groups(told.get("content"))):
        if isinstance(detail, Mapping) and (value := _text(detail.get("value"))):
            yield html.escape(value) if detail.get("type") == "text/plain" else value


def _plain(told: Mapping[str, Any], name: str, converter: HtmlConverter) -> str:
    """Text that may be marked up, as text."""
    value = _text(told.get(name))
    detail = told.get(f"{name}_detail")
    kind = detail.get("type") if isinstance(detail, Mapping) else "text/plain"
    return value if kind == "text/plain" else converter.convert(value).text


def _date(told: Mapping[str, Any]) -> str:
    """The parser gives UTC."""
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        given = dict.get(told, name) if isinstance(told, dict) else None
        if given:
            try:
                return datetime.fromtimestamp(timegm(given), UTC).isoformat()
            except (ValueError, TypeError, OverflowError, OSError):
                continue
    return ""


def _pictures(told: Mapping[str, Any]) -> Iterator[str]:
    media, enclosed = _groups(told.get("media_content")), _groups(told.get("enclosures"))
    addresses = [
        *(each.get("url") for each in media if _medium(each) == "image"),
        *(each.get("url") for each in _groups(told.get("media_thumbnail"))),
        *(each.get("href") for each in enclosed if _kind(each, "href") == "image"),
        *(each.get("href") for each in _groups([told.get("image")])),
    ]
    return filter(None, map(_text, addresses))


def _medium(media: Mapping[str, Any]) -> str:
    return _text(media.get("medium")) or _kind(media, "url")


def _kind(media: Mapping[str, Any], address: str) -> str:
    """As its type says, or else the ending of its address."""
    if told := _text(media.get("type")):
        return told.partition("/")[0]
    return "image" if _PICTURE.search(_text(media.get(address))) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _groups(value: object) -> Sequence[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
