"""Parses a page of an API: articles as front matter fields, and the next page's address. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from yarl import URL

from bot.errors import SourceError
from bot.ingest.api.article_fields import ArticleReader
from bot.ingest.dates.reading import DateReader
from bot.ingest.feed.entry import without_parameters
from bot.ingest.feed.json_parser import parse_json, text_of
from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.fields import written_names
from bot.ingest.text import content_digest, document_key
from bot.urls.safety import problem_with_web_address
from storage.models import Rejection

MAX_PAGE_ITEMS = 5_000
_ADDRESS_FIELDS = ("url", "webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl")
_LIST_FIELDS = ("value", "items", "articles")
_KEY_FIELDS = ("path", "id", "webUrl", "originalUrl", "title")
_MAX_PAGE_NUMBER = 1_000_000
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
# Other names of `nextPage`: of JSON Feed, OData, JSON:API, HAL and common frameworks.
_NEXT_FIELDS = ("next_url", "next", "nextLink", "@odata.nextLink", "next_page", "next_page_url")
_LINKS_FIELDS = ("links", "_links")
_TOTAL_FIELDS = ("totalPages", "total_pages", "pageCount", "page_count")


@dataclass(frozen=True, slots=True)
class Item:
    """An article on a page: its known fields, or why it has none."""

    key: str
    digest: str
    fields: Mapping[str, object]
    rejection: Rejection | None = None


@dataclass(frozen=True, slots=True)
class ApiPage:
    """The articles of a page, and the address of the next page if there is one.

    `next_number` is the number of the next page if its address was made from a number. `problem`
    says why the next page can't be requested. `skipped` is the number of articles beyond the limit,
    which are skipped.
    """

    items: tuple[Item, ...]
    next_address: str | None = None
    next_number: int | None = None
    problem: str = ""
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a page is: its address, its number, and the pattern of the addresses of pages."""

    address: str
    number: int
    pattern: str | None


class _Next(NamedTuple):
    """The next page: none, or its address, and its number if that is known."""

    address: str | None = None
    number: int | None = None


def parse_page(
    body: bytes,
    address: str,
    number: int | None,
    pattern: str | None,
    max_items: int = MAX_PAGE_ITEMS,
    content_type: str = "",
    time_zone: str | None = None,
) -> ApiPage:
    """Parse a page, which was found at `address`. Raises `SourceError`.

    `number` is the number by which it was requested, if it was. `pattern` is the address of further
    pages with `{page}` in it; without one, a next page that the API gives as a number is requested
    with `?page=`. `time_zone` is the IANA name of the zone for dates without one; else it is UTC.
    """
    content = parse_json(body, content_type)
    fields: Mapping[str, object] = content if isinstance(content, dict) else {}
    listed = content if isinstance(content, list) else _listed(content)
    here = _Position(address, _page_number(fields, number), pattern)
    skipped = max(0, len(listed) - max_items)
    items = _items(listed[:max_items], ZoneInfo(time_zone) if time_zone else UTC)
    try:
        following = _next_page(fields, here)
    except SourceError as error:
        return ApiPage(items, problem=str(error), skipped=skipped)
    return ApiPage(items, following.address, following.number, skipped=skipped)


def page_identity(address: str) -> str:
    """Return the same for addresses of the same page: the order of the query doesn't matter."""
    try:
        url = URL(address).with_fragment(None)
        return str(url.with_query(sorted(url.query.items())))
    except ValueError:
        return address


def _listed(content: object) -> list[object]:
    if not isinstance(content, dict):
        raise SourceError("it contains no list of articles")
    for name in _LIST_FIELDS:
        if isinstance(listed := content.get(name), list):
            return listed
    raise SourceError("it has no list of articles named `value`")


def _page_number(content: Mapping[str, object], number: int | None) -> int:
    """The number of a page that was requested as `number`."""
    actual = _number(content.get("page"))
    if actual is None or number is None or actual == number:
        return next((each for each in (actual, number) if each is not None), 1)
    if actual == number - 1 and actual > 1:
        return actual  # Asked for the page after its last one, an API may return the last one.
    raise SourceError(
        f"it returned page {actual} when page {number} was requested; add the address of its"
        " pages to the settings: `pages: https://example.org/api/{page}.json`"
    )


def _next_page(content: Mapping[str, object], here: _Position) -> _Next:
    """The page after this one.

    Raises `SourceError` for a `nextPage` that can't be requested. Other names may have another
    meaning, so what can't be requested is ignored there.
    """
    if "nextPage" in content:
        return _requested_page(content["nextPage"], here)
    for value in _other_next_pages(content):
        try:
            return _requested_page(value, here)
        except SourceError:
            continue
    totals = (_number(content.get(name)) for name in _TOTAL_FIELDS)
    if here.pattern is not None and here.number < max(filter(None, totals), default=0):
        return _numbered_page(here.number + 1, here)
    return _Next()


def _other_next_pages(content: Mapping[str, object]) -> Iterator[object]:
    for name in _NEXT_FIELDS:
        if content.get(name):
            yield content[name]
    for name in _LINKS_FIELDS:
        links = content.get(name)
        if isinstance(links, dict) and links.get("next"):
            yield links["next"]


def _requested_page(value: object, here: _Position) -> _Next:
    if isinstance(value, dict) and value:
        value = value.get("href") or value.get("url")
    if value is None or value is False or value == "":
        return _Next()
    number = _number(value)
    if number is not None:
        return _numbered_page(number, here)
    if isinstance(value, str):
        try:
            joined = urljoin(here.address, value)
        except ValueError:
            joined = ""
        if problem_with_web_address(joined) is None:
            return _Next(joined)
    raise SourceError("nextPage is neither a number nor a web address")


def _numbered_page(number: int, here: _Position) -> _Next:
    if number <= here.number:
        return _Next()  # It leads back.
    if number > _MAX_PAGE_NUMBER:
        raise SourceError(f"nextPage is {number}, which can't be the number of a page")
    if here.pattern is not None:
        return _Next(urljoin(here.address, here.pattern.replace("{page}", str(number))), number)
    parts = urlsplit(here.address)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "page"]
    address = urlunsplit(parts._replace(query=urlencode([*query, ("page", str(number))])))
    return _Next(address, number)


def _number(value: object) -> int | None:
    """Return a whole number, which may be written as text."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _items(listed: Sequence[object], zone: tzinfo) -> tuple[Item, ...]:
    articles = [each for each in listed if isinstance(each, dict)]
    texts = [
        article[name]
        for article in articles
        for name in written_names("publishedDateTime", article)
    ]
    dates = DateReader(zone, texts=texts)
    reader = ArticleReader(dates)
    return tuple(_item(content, reader) for content in listed)


def _item(content: object, reader: ArticleReader) -> Item:
    if not isinstance(content, dict):
        digest = content_digest(_serialize(content))
        return Item(f"hash:{digest}", digest, {}, Rejection("is not a JSON object"))
    fields: Mapping[str, object] = {}
    rejection = None
    try:
        fields = reader.read(content)
        serialized = _serialize(fields)
    except RejectedError as error:
        rejection = error.rejection
        serialized = str(rejection).encode()
    names = (text_of(content.get(field)) for field in _KEY_FIELDS)
    key = document_key(next(filter(None, names), ""), serialized.decode())
    seen = _serialize(_without_parameters(fields)) if rejection is None else serialized
    return Item(key, content_digest(seen), fields, rejection)


def _without_parameters(fields: Mapping[str, object]) -> Mapping[str, object]:
    """Return the fields without signatures and the like, which are new in every response."""
    kept = dict(fields)
    for name in _ADDRESS_FIELDS:
        if isinstance(address := kept.get(name), str):
            kept[name] = without_parameters(address)
    for name in ("images", "related"):
        if isinstance(groups := kept.get(name), list):
            kept[name] = [_without_parameters(group) for group in groups]
    if isinstance(provider := kept.get("provider"), dict):
        kept["provider"] = _without_parameters(provider)
    return kept


def _serialize(content: object) -> bytes:
    try:
        return json.dumps(content, sort_keys=True).encode()
    except RecursionError:
        return b"nested too deeply"
