"""One page of an API: articles in the fields of front matter, and where the next page is. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from bot.errors import SourceError
from bot.ingest.feed.json_feed import parse_json
from bot.ingest.text import content_digest, document_key
from bot.urls.safety import problem_with_web_address

MAX_PAGE_ITEMS = 5_000
_LISTS = ("value", "items", "articles")
_NAMES = ("path", "id", "webUrl", "originalUrl", "title")
_MAX_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """An article of a page; `fields` None: what stands there is no group of fields."""

    key: str
    digest: str
    fields: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class ApiPage:
    """The articles of a page, and the address of the next one if there is one.

    `problem`: why the next one can't be had. `left_out` counts articles beyond the most that are
    taken.
    """

    items: tuple[Item, ...]
    next_address: str | None = None
    problem: str = ""
    left_out: int = 0


def parse_page(body: bytes, address: str, number: int, pattern: str | None) -> ApiPage:
    """Read page `number` (from 1), which was found at `address`. Raises `SourceError`.

    `pattern` is the address of further pages with `{page}` in it; without one, a next page that is
    told by its number alone is asked for with `?page=`.
    """
    content = parse_json(body)
    if isinstance(content, list):
        return _page(content)
    if not isinstance(content, dict):
        raise SourceError("it holds no list of articles")
    listed = next((content[name] for name in _LISTS if isinstance(content.get(name), list)), None)
    if listed is None:
        raise SourceError("it has no list of articles named `value`")
    told = content.get("page")
    if isinstance(told, int) and told != number:
        raise SourceError(
            f"it gave page {told} where page {number} was asked for; say in the settings where its"
            " pages are: `pages: https://example.org/api/{page}.json`"
        )
    try:
        return _page(listed, _next(content.get("nextPage"), address, number, pattern))
    except SourceError as error:
        return _page(listed, problem=str(error))


def _page(listed: list[object], next_address: str | None = None, problem: str = "") -> ApiPage:
    taken = tuple(map(_item, listed[:MAX_PAGE_ITEMS]))
    return ApiPage(taken, next_address, problem, len(listed) - len(taken))


def _next(told: object, address: str, number: int, pattern: str | None) -> str | None:
    if told is None or told is False or told == "":
        return None
    if isinstance(told, int) and not isinstance(told, bool):
        if not number < told <= _MAX_PAGE:
            raise SourceError(f"its nextPage of page {number} is {told}")
        return _numbered(told, address, pattern)
    if isinstance(told, str):
        try:
            joined = urljoin(address, told)
        except ValueError:
            joined = ""
        if problem_with_web_address(joined) is None:
            return joined
    raise SourceError("its nextPage is neither a number nor an address")


def _numbered(number: int, address: str, pattern: str | None) -> str:
    if pattern is not None:
        return urljoin(address, pattern.replace("{page}", str(number)))
    parts = urlsplit(address)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "page"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("page", str(number))])))


def _item(content: object) -> Item:
    try:
        told = json.dumps(content, sort_keys=True)
    except RecursionError as error:
        raise SourceError("it is nested too deep") from error
    digest = content_digest(told.encode())
    if not isinstance(content, dict):
        return Item(f"hash:{digest}", digest, None)
    names = (content.get(name) for name in _NAMES)
    name = next((str(each) for each in names if isinstance(each, str | int) and str(each)), "")
    return Item(document_key(name, told), digest, content)
