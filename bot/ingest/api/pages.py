"""Parses a page of an API: articles as front matter fields, and the next page's address. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from bot.errors import SourceError
from bot.ingest.feed.json_feed import parse_json
from bot.ingest.text import content_digest, document_key
from bot.urls.safety import problem_with_web_address

MAX_PAGE_ITEMS = 5_000
_LIST_FIELDS = ("value", "items", "articles")
_KEY_FIELDS = ("path", "id", "webUrl", "originalUrl", "title")
_MAX_PAGE_NUMBER = 1_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """An article on a page; `fields` is None if it is not a JSON object."""

    key: str
    digest: str
    fields: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class ApiPage:
    """The articles of a page, and the address of the next page if there is one.

    `problem` says why the next page can't be requested. `skipped` is the number of articles beyond
    `MAX_PAGE_ITEMS`, which are skipped.
    """

    items: tuple[Item, ...]
    next_address: str | None = None
    problem: str = ""
    skipped: int = 0


def parse_page(body: bytes, address: str, number: int, pattern: str | None) -> ApiPage:
    """Parse page `number` (from 1), which was found at `address`. Raises `SourceError`.

    `pattern` is the address of further pages with `{page}` in it; without one, a next page that the
    API gives as a number is requested with `?page=`.
    """
    content = parse_json(body)
    if isinstance(content, list):
        return _page(content)
    if not isinstance(content, dict):
        raise SourceError("it contains no list of articles")
    listed = next(
        (content[name] for name in _LIST_FIELDS if isinstance(content.get(name), list)), None
    )
    if listed is None:
        raise SourceError("it has no list of articles named `value`")
    actual = content.get("page")
    if isinstance(actual, int) and actual != number:
        raise SourceError(
            f"it returned page {actual} when page {number} was requested; add the address of its"
            " pages to the settings: `pages: https://example.org/api/{page}.json`"
        )
    try:
        return _page(listed, _next_address(content.get("nextPage"), address, number, pattern))
    except SourceError as error:
        return _page(listed, problem=str(error))


def _page(listed: list[object], next_address: str | None = None, problem: str = "") -> ApiPage:
    items = tuple(map(_item, listed[:MAX_PAGE_ITEMS]))
    return ApiPage(items, next_address, problem, len(listed) - len(items))


def _next_address(next_page: object, address: str, number: int, pattern: str | None) -> str | None:
    if next_page is None or next_page is False or next_page == "":
        return None
    if isinstance(next_page, int) and not isinstance(next_page, bool):
        if not number < next_page <= _MAX_PAGE_NUMBER:
            raise SourceError(
                f"nextPage of page {number} is {next_page}, which can't be the next page"
            )
        return _numbered_address(next_page, address, pattern)
    if isinstance(next_page, str):
        try:
            joined = urljoin(address, next_page)
        except ValueError:
            joined = ""
        if problem_with_web_address(joined) is None:
            return joined
    raise SourceError("nextPage is neither a number nor a web address")


def _numbered_address(number: int, address: str, pattern: str | None) -> str:
    if pattern is not None:
        return urljoin(address, pattern.replace("{page}", str(number)))
    parts = urlsplit(address)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "page"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("page", str(number))])))


def _item(content: object) -> Item:
    try:
        serialized = json.dumps(content, sort_keys=True)
    except RecursionError as error:
        raise SourceError("it is nested too deeply") from error
    digest = content_digest(serialized.encode())
    if not isinstance(content, dict):
        return Item(f"hash:{digest}", digest, None)
    values = (content.get(field) for field in _KEY_FIELDS)
    name = next(
        (str(value) for value in values if isinstance(value, str | int) and value != ""), ""
    )
    return Item(document_key(name, serialized), digest, content)
