"""Parses feeds: RSS and Atom with feedparser, JSON Feed with `json_feed`. Pure.

feedparser reads only the bytes that it is given; it does not load external entities.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import SourceError, one_line
from bot.ingest.dates.reading import DateReader
from bot.ingest.feed.addresses import (
    PLACEHOLDER,
    Site,
    entry_base,
    entry_file,
    entry_id,
    entry_page,
    make_absolute,
    site_of,
    text_base,
    written_link,
)
from bot.ingest.feed.ampersands import escape_ampersands
from bot.ingest.feed.boilerplate import remove_boilerplate, remove_provider
from bot.ingest.feed.categories import Category, topics_of
from bot.ingest.feed.entry import (
    MAX_ENTRIES,
    MAX_PICTURES,
    MAX_TEXT,
    MAX_TITLE,
    Entry,
    Feed,
    host_of,
)
from bot.ingest.feed.feed_pictures import feed_pictures
from bot.ingest.feed.feedparser_fields import (
    as_mappings,
    as_text,
    feedparser_with_separate_fields,
    plain_entry,
)
from bot.ingest.feed.json_feed import looks_like_json, parse_json_feed
from bot.ingest.feed.other_content import describe_other_content
from bot.ingest.feed.repair import reject_bombs, repair_feed
from bot.ingest.html.addresses import resolve
from bot.ingest.html.html_to_text import ConvertedHtml, HtmlConverter
from bot.ingest.html.pictures import choose_pictures
from bot.ingest.html.plain_text import Markup, alternative_text, convert_text, one_line_text
from bot.urls.redaction import without_query
from bot.visible_text import is_blank

_END_TAG = re.compile(rb"</(?:[A-Za-z]+:)?(?:rss|feed|RDF|channel)\s*>", re.IGNORECASE)
_REPAIRED_TYPE = "application/xml; charset=utf-8"
_PICTURE_ENDING = re.compile(r"\.(?:avif|gif|jpe?g|png|webp)(?:\?|\Z)", re.IGNORECASE)
# feedparser's names of the elements with dates.
_DATES = ("published", "updated", "created", "prism_publicationdate")
_OTHER_TEXTS = ("itunes_summary", "dc_description", "itunes_subtitle", "media_description")


def parse_feed(
    body: bytes,
    url: str,
    content_type: str,
    max_entries: int = MAX_ENTRIES,
    time_zone: str | None = None,
) -> Feed:
    """Parse the feed at `url`. Raises `SourceError`. Call it in a worker process.

    `time_zone` is the IANA name of the zone for dates without one; without it, UTC.
    """
    zone = ZoneInfo(time_zone) if time_zone else UTC
    converter = HtmlConverter()
    # A relative address that is only a fragment would get the query, which may contain a secret.
    url = without_query(url)
    if looks_like_json(body):
        feed = parse_json_feed(body, url, converter, max_entries, zone, content_type)
    else:
        feed = parse_xml_feed(body, url, content_type, converter, max_entries, zone)
    entries = tuple(entry.bounded() for entry in feed.entries)
    return replace(feed, entries=entries, title=feed.title[:MAX_TITLE])


def parse_xml_feed(
    body: bytes,
    base: str,
    content_type: str,
    converter: HtmlConverter,
    max_entries: int = MAX_ENTRIES,
    zone: tzinfo = UTC,
) -> Feed:
    """Parse a feed. An invalid entry gets a `problem`. Raises `SourceError`.

    It may take minutes and gigabytes in spite of `reject_bombs`, so call it in a worker process.
    """
    feedparser = feedparser_with_separate_fields()
    body = repair_feed(body, content_type)
    reject_bombs(body)
    body = escape_ampersands(body)
    try:
        parsed: dict[str, Any] = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-location": PLACEHOLDER, "content-type": _REPAIRED_TYPE},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as error:
        # feedparser's tolerant mode raises unexpected errors for some broken feeds.
        raise SourceError(f"it can't be parsed as a feed ({one_line(error)})") from error
    items = parsed["entries"]
    make_absolute(parsed["feed"], base)
    if not parsed.get("version") and not items:
        raise SourceError(describe_other_content(body, base))
    site = site_of(parsed["feed"], base)
    dates = DateReader(zone, site.language, [date for item in items for date in _dates(item)])
    is_atom = str(parsed.get("version")).startswith("atom")
    entries = [
        _entry_or_problem(item, site, is_atom, converter, dates) for item in items[:max_entries]
    ]
    if parsed["bozo"] and entries and _END_TAG.search(body) is None:
        last = entries[-1]
        entries[-1] = Entry(last.id, last.link, last.title, problem="is cut off, as the feed is")
    title = _one_line(parsed["feed"], "title", is_atom)
    return Feed(tuple(entries), title, max(0, len(items) - max_entries))


def _entry_or_problem(
    item: dict[str, Any], site: Site, is_atom: bool, converter: HtmlConverter, dates: DateReader
) -> Entry:
    try:
        item = plain_entry(item)
        make_absolute(item, site.page)
        return _entry(item, site, is_atom, converter, dates)
    except Exception as error:  # noqa: BLE001 - feedparser's mappings may raise on any access
        problem = f"can't be parsed ({one_line(error)})"
        return Entry(title=repr(dict(item).get("title"))[:MAX_TITLE], problem=problem)


def _entry(
    item: dict[str, Any],
    site: Site,
    is_atom: bool,
    converter: HtmlConverter,
    dates: DateReader,
) -> Entry:
    base = entry_base(item, site)
    page = entry_page(item, base, site.language)
    contents = [_convert(detail, page or base, converter) for detail in _contents(item)]
    pictures = chain(feed_pictures(item, base), *(content.pictures for content in contents))
    title = _one_line(item, "title", is_atom) or _one_line(item, "itunes_title", is_atom)
    provider, provider_address = _provider(item, title, page, site, is_atom)
    title = remove_provider(title, provider)
    others = (_convert(detail, page or base, converter) for detail in _other_texts(item))
    texts = (remove_boilerplate(each.text, title, provider) for each in chain(contents, others))
    text = next((text for text in texts if not is_blank(text)), "")
    if is_blank(title) and is_blank(text):
        title = _one_line(item, "media_title", is_atom)
    date = dates.read(*_dates(item))
    return Entry(
        id=entry_id(item, site),
        link=page or entry_file(item, base) or written_link(item),
        title=title[:MAX_TITLE],
        text=text[:MAX_TEXT],
        published=date.at.isoformat() if date else "",
        date_only=date is not None and date.date_only,
        topics=topics_of(map(_category, as_mappings(item.get("tags")))),
        pictures=choose_pictures(pictures, MAX_PICTURES),
        is_video=_is_video(item),
        enclosure=next(
            filter(
                None,
                (resolve(base, _recording(file)) for file in as_mappings(item.get("enclosures"))),
            ),
            "",
        ),
        caption=_caption(item)[:MAX_TITLE] if is_blank(title) and is_blank(text) else "",
        provider=provider[:MAX_TITLE],
        provider_address=provider_address,
    )


def _is_video(item: Mapping[str, Any]) -> bool:
    return (
        bool(as_text(item.get("yt_videoid")))
        or any(_medium(media) == "video" for media in as_mappings(item.get("media_content")))
        or any(
            _media_type(enclosure, "href") == "video"
            for enclosure in as_mappings(item.get("enclosures"))
        )
    )


def _recording(enclosure: Mapping[str, Any]) -> str:
    """Return the address of an audio or video file; empty for other files."""
    is_recording = _media_type(enclosure, "href") in {"audio", "video"}
    return as_text(enclosure.get("href")) if is_recording else ""


def _contents(item: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the abstract and then the contents, which may have the pictures."""
    return _with_text((item.get("summary_detail"), *as_mappings(item.get("content"))))


def _other_texts(item: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the texts for an entry that has neither an abstract nor a content."""
    return _with_text(item.get(f"{name}_detail") for name in _OTHER_TEXTS)


def _with_text(details: Iterable[object]) -> Sequence[Mapping[str, Any]]:
    return [each for each in details if isinstance(each, Mapping) and as_text(each.get("value"))]


def _convert(detail: Mapping[str, Any], page: str, converter: HtmlConverter) -> ConvertedHtml:
    is_plain = detail.get("type") == "text/plain"
    markup = Markup.PLAIN if is_plain else Markup.HTML
    return convert_text(as_text(detail.get("value")), markup, converter, text_base(detail, page))


def _one_line(item: Mapping[str, Any], name: str, is_atom: bool) -> str:
    """Return a field as plain text. Only Atom says reliably whether it is HTML."""
    value, detail = as_text(item.get(name)), item.get(f"{name}_detail")
    markup = Markup.UNKNOWN
    if is_atom and isinstance(detail, Mapping):
        markup = Markup.PLAIN if detail.get("type") == "text/plain" else Markup.HTML
    return one_line_text(value, markup)


def _category(tag: Mapping[str, Any]) -> Category:
    return Category(as_text(tag.get("term")), as_text(tag.get("label")), as_text(tag.get("scheme")))


def _provider(
    item: Mapping[str, Any], title: str, page: str, site: Site, is_atom: bool
) -> tuple[str, str]:
    """Return the name and an address of the site that a collecting feed has an entry from.

    Forums name each thread as the source of its entry, with an address on their own site. The
    source may be a feed, on the host of a service, so the page of the entry says more.
    """
    name, address = one_line_text(as_text(item.get("news_source"))), ""  # of Bing News
    own = {host_of(site.page), host_of(site.feed)}
    if isinstance(source := item.get("source"), Mapping):
        name = _one_line(source, "title", is_atom)
        address = resolve(site.page, as_text(source.get("link") or source.get("href")))
    if not name or name == title or host_of(address) in own:
        return "", ""
    return name, page if page and host_of(page) not in own else address


def _caption(item: Mapping[str, Any]) -> str:
    """Return what an entry without title and text says about its picture."""
    captions = (alternative_text(each["value"]) for each in _contents(item))
    return next(filter(None, captions), "")


def _dates(item: dict[str, Any]) -> Sequence[str]:
    """Return the dates of an entry as written, the best first."""
    # Not `item.get`: feedparser gives its `updated` the value of `published`, with a warning.
    return [
        as_text(text)
        for name in _DATES
        for text in (dict.get(item, name), *reversed(dict.get(item, f"{name}_texts", ())))
    ]


def _medium(media: Mapping[str, Any]) -> str:
    return as_text(media.get("medium")) or _media_type(media, "url")


def _media_type(media: Mapping[str, Any], address_field: str) -> str:
    """Return audio, video or image: from the declared type, else from the ending of the address."""
    if declared := as_text(media.get("type")):
        return declared.partition("/")[0]
    return "image" if _PICTURE_ENDING.search(as_text(media.get(address_field))) else ""
