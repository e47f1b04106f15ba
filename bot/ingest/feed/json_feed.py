"""JSON Feed, https://www.jsonfeed.org/version/1.1/. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from itertools import chain

from bot.errors import SourceError
from bot.ingest.dates.reading import DateReader
from bot.ingest.feed.addresses import by_medium, first_valid, link_from_id, page_address
from bot.ingest.feed.boilerplate import remove_boilerplate
from bot.ingest.feed.categories import Category, topics_of
from bot.ingest.feed.entry import MAX_ENTRIES, MAX_PICTURES, MAX_TEXT, MAX_TITLE, Entry, Feed
from bot.ingest.feed.json_parser import parse_json
from bot.ingest.feed.json_parser import text_of as _text
from bot.ingest.html.addresses import resolve
from bot.ingest.html.html_to_text import HtmlConverter
from bot.ingest.html.pictures import Candidate, Origin, choose_pictures
from bot.ingest.html.plain_text import Markup, alternative_text, convert_text, one_line_text
from bot.visible_text import is_blank

# Byte order marks and white space, also of other encodings.
_BEFORE_JSON = b"\xef\xbb\xbf\xff\xfe \t\r\n"


def parse_json_feed(
    body: bytes,
    base: str,
    converter: HtmlConverter,
    max_entries: int = MAX_ENTRIES,
    zone: tzinfo = UTC,
    content_type: str = "",
) -> Feed:
    """Parse a feed. An invalid entry gets a `problem`. Raises `SourceError`."""
    feed = parse_json(body, content_type)
    if not isinstance(feed, dict) or not isinstance(items := feed.get("items"), list):
        raise SourceError("it is JSON, but not a JSON Feed: it has no list of `items`")
    items, skipped = items[:max_entries], max(0, len(items) - max_entries)
    pages = (resolve(base, _text(feed.get(name))) for name in ("home_page_url", "feed_url"))
    site = next(filter(None, pages), base)
    dates = DateReader(
        zone, _text(feed.get("language")), [date for item in items for date in _dates(item)]
    )
    entries = tuple(_entry(item, site, converter, dates) for item in items)
    return Feed(entries, one_line_text(_text(feed.get("title"))), skipped)


def looks_like_json(body: bytes) -> bool:
    """Whether the body, in any encoding, begins with a JSON object or list."""
    return body[:64].replace(b"\0", b"").lstrip(_BEFORE_JSON).startswith((b"{", b"["))


def _entry(item: object, site: str, converter: HtmlConverter, dates: DateReader) -> Entry:
    if not isinstance(item, dict):
        return Entry(id=_shown(item), problem="is not a JSON object")
    page = page_address(site, _pages(item))
    content = convert_text(_text(item.get("content_html")), Markup.HTML, converter, page or site)
    title = one_line_text(_text(item.get("title")))
    videos = _attachments(item, "video/")
    recordings = [*_attachments(item, "audio/"), *videos]
    summary, content_text = (
        convert_text(_text(item.get(name)), Markup.PLAIN, converter).text
        for name in ("summary", "content_text")
    )
    texts = [remove_boilerplate(text, title) for text in (summary, content.text, content_text)]
    text = next((text for text in texts if not is_blank(text)), "")
    files = [(_media_type(each), _text(each.get("url"))) for each in _attachments(item, "")]
    pictures = chain(_pictures(item, site), content.pictures)
    date = dates.read(*_dates(item))
    is_nameless = is_blank(title) and is_blank(text)
    return Entry(
        id=_text(item.get("id")),
        link=page or first_valid(site, by_medium(files)) or next(filter(None, _pages(item)), ""),
        title=title[:MAX_TITLE],
        text=text[:MAX_TEXT],
        published=date.at.isoformat() if date else "",
        date_only=date is not None and date.date_only,
        topics=topics_of(Category(_text(tag)) for tag in _list(item.get("tags"))),
        pictures=choose_pictures(pictures, MAX_PICTURES),
        is_video=bool(videos),
        caption=alternative_text(_text(item.get("content_html")))[:MAX_TITLE]
        if is_nameless
        else "",
        enclosure=next((resolve(site, _text(each.get("url"))) for each in recordings), ""),
    )


def _pages(item: Mapping[str, object]) -> Sequence[str]:
    """Return the addresses that may be the page of an item, the best first."""
    identifier = link_from_id(_text(item.get("id")))
    return _text(item.get("url")), _text(item.get("external_url")), identifier


def _attachments(item: Mapping[str, object], type_prefix: str) -> Sequence[Mapping[str, object]]:
    """Return the attachments with such a MIME type."""
    return [
        attachment
        for attachment in _list(item.get("attachments"))
        if isinstance(attachment, dict) and _media_type(attachment).startswith(type_prefix)
    ]


def _media_type(attachment: Mapping[str, object]) -> str:
    return _text(attachment.get("mime_type")).strip().lower()


def _pictures(item: Mapping[str, object], base: str) -> Iterator[Candidate]:
    for name in ("image", "banner_image"):
        yield Candidate(_text(item.get(name)), base, Origin.MEDIA)
    for attached in _attachments(item, "image/"):
        size = attached.get("size_in_bytes")
        yield Candidate(
            _text(attached.get("url")),
            base,
            Origin.ENCLOSURE,
            media_type=_media_type(attached),
            length=size if isinstance(size, int) else 0,
        )


def _shown(item: object) -> str:
    try:
        return f"{item!r:.100}"
    except RecursionError:
        return type(item).__name__


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _dates(item: object) -> Sequence[object]:
    """Return the dates of an entry, the best first."""
    if not isinstance(item, dict):
        return ()
    return [item.get(name) for name in ("date_published", "date_modified")]
