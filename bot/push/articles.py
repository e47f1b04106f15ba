"""Reads the articles of a request. Pure."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.ingest.api.article_fields import ArticleReader
from bot.ingest.article import Fields, as_reading, is_draft, read_address, read_fields
from bot.ingest.dates.reading import DateReader
from bot.ingest.defaults import Defaults
from bot.ingest.frontmatter import RejectedError
from bot.ingest.text import MAX_KEY, clean_text, document_key
from bot.urls.normalise import normalised_forms
from storage.models import Article, Reading, UnpublishedDocument

MAX_ARTICLES = 100
_MAX_SHOWN = 50


class InvalidRequestError(Exception):
    """The body of a request contains no articles; the message says why."""


@dataclass(frozen=True, slots=True)
class PushedArticle:
    """An article, or why it is none; then its `key` may be empty."""

    key: str
    reading: Reading


def read_articles(body: bytes, defaults: Defaults) -> Sequence[PushedArticle]:
    """Read an article, or a list of articles. Raises `InvalidRequestError`.

    An article that is rejected keeps none of the others from being read.
    """
    content = _parse(body)
    if not isinstance(content, dict | list):
        raise InvalidRequestError("send an article as a JSON object, or several in a list")
    articles = content if isinstance(content, list) else [content]
    if not 0 < len(articles) <= MAX_ARTICLES:
        raise InvalidRequestError(
            f"send 1 to {MAX_ARTICLES} articles in a request, not {len(articles)}"
        )
    reader = ArticleReader(DateReader())
    return [_read(each, reader, defaults) for each in articles]


def _parse(body: bytes) -> object:
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise InvalidRequestError(f"the body is not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InvalidRequestError(f"the body is not valid JSON: {place}: {error.msg}") from error
    except RecursionError as error:
        raise InvalidRequestError("the body is not valid JSON: it is nested too deeply") from error
    except ValueError as error:
        problem = "it contains a number with thousands of digits"
        raise InvalidRequestError(f"the body is not valid JSON: {problem}") from error


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Refuse a field that is there twice: a guess could publish a draft."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = clean_text(times.most_common(1)[0][0], _MAX_SHOWN)
        raise InvalidRequestError(f"the body contains “{twice}” twice in one object")
    return fields


def _refuse_constant(name: str) -> object:
    raise InvalidRequestError(f"the body is not valid JSON: {name} is not a number of JSON")


def _read(content: object, reader: ArticleReader, defaults: Defaults) -> PushedArticle:
    key = ""

    def read() -> Article | UnpublishedDocument:
        nonlocal key
        if not isinstance(content, dict):
            raise RejectedError("is not a JSON object")
        key = _given_key(content)
        fields = defaults.fill(reader.read(content))
        if not key or not is_draft(fields):
            _require_address(fields)
        if not key:
            key = document_key(normalised_forms(read_address(fields))[0], "")
        return read_fields(fields, unpublished="skip")

    reading = as_reading(read)
    return PushedArticle(key, reading)


def _require_address(fields: Fields) -> None:
    """Reject an address that settings of other sources would complete."""
    address = fields.get("webUrl") or fields.get("originalUrl")
    if not address or (isinstance(address, str) and address.startswith("/")):
        raise RejectedError("is missing or relative; send a complete web address", field="webUrl")


def _given_key(content: Mapping[str, object]) -> str:
    key = content.get("key")
    if key is None:
        return ""
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY or not key.isprintable():
        problem = f"must be text on one line, of 1 to {MAX_KEY} characters"
        raise RejectedError(problem, field="key")
    return key
