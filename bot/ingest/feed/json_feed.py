"""JSON Feed, https://www.jsonfeed.org/version/1.1/. Pure."""

import json
from collections.abc import Mapping, Sequence

from bot.errors import SourceError
from bot.ingest.feed.entry import MAX_ENTRIES, MAX_PICTURES, MAX_TEXT, MAX_TITLE, Entry, Feed
from bot.ingest.feed.html_to_text import HtmlConverter
from bot.ingest.field_values import parse_date


def parse_json_feed(body: bytes, base: str, converter: HtmlConverter) -> Feed:
    """Read a feed; what is wrong with an entry is said there. Raises `SourceError`."""
    feed = parse_json(body)
    if not isinstance(feed, dict) or not isinstance(items := feed.get("items"), list):
        raise SourceError("it is JSON, but no JSON Feed: it has no list of items")
    entries = tuple(_entry(item, converter) for item in items[:MAX_ENTRIES])
    return Feed(entries, base, _text(feed.get("title")), max(0, len(items) - MAX_ENTRIES))


def parse_json(body: bytes) -> object:
    """What the bytes tell. Raises `SourceError` with the place."""
    try:
        value: object = json.loads(body)
    except json.JSONDecodeError as error:
        raise SourceError(f"it is not valid JSON: line {error.lineno}, {error.msg}") from error
    except (ValueError, RecursionError) as error:
        problem = "nested too deep" if isinstance(error, RecursionError) else "not UTF-8 text"
        raise SourceError(f"it is not valid JSON: it is {problem}") from error
    return value


def _entry(item: object, converter: HtmlConverter) -> Entry:
    if not isinstance(item, dict):
        return Entry(id=f"{item!r:.100}", problem="is not a group of fields")
    content = converter.convert(_text(item.get("content_html")))
    videos = _attached(item, "video/")
    text = _text(item.get("summary")) or content.text or _text(item.get("content_text"))
    pictures = [*_pictures(item), *([content.picture] if content.picture else [])]
    return Entry(
        id=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=_text(item.get("title"))[:MAX_TITLE],
        text=text[:MAX_TEXT],
        published=_date(item.get("date_published")) or _date(item.get("date_modified")),
        topics=tuple(filter(None, map(_text, _list(item.get("tags"))))),
        pictures=tuple(dict.fromkeys(pictures))[:MAX_PICTURES],
        is_video=bool(videos),
        enclosure=next(iter([*_attached(item, "audio/"), *videos]), ""),
    )


def _attached(item: Mapping[str, object], kind: str) -> Sequence[str]:
    """The addresses of what is attached of a kind."""
    return [
        _text(each.get("url"))
        for each in _list(item.get("attachments"))
        if isinstance(each, dict) and _text(each.get("mime_type")).startswith(kind)
    ]


def _pictures(item: Mapping[str, object]) -> Sequence[str]:
    attached = _attached(item, "image/")
    told = (_text(item.get("image")), *attached, _text(item.get("banner_image")))
    return [each for each in told if each]


def _text(value: object) -> str:
    """Text, or a number as text; anything else is left out."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _date(value: object) -> str:
    try:
        date = parse_date(value)
    except ValueError:
        return ""
    return date.isoformat() if date else ""
