"""Reads an article from its named fields, which front matter and JSON APIs have alike. Pure.

An article is rejected if a required field (title, date, address) is missing or invalid, or if
`quality` or `published` is invalid: guessing those might post something that should not be posted.
Any other invalid field is left out.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal, TypeAlias, TypeVar

from bot.ingest.field_values import (
    parse_address,
    parse_boolean,
    parse_date,
    parse_integer,
    parse_text,
)
from bot.ingest.frontmatter import RejectedError
from bot.urls.hosts import MAX_HOST
from bot.urls.normalise import is_front_page, normalised_forms
from bot.urls.pictures import may_be_picture
from storage.models import (
    Article,
    Image,
    Kind,
    Provider,
    Reading,
    Rejection,
    RelatedArticle,
    UnpublishedDocument,
)

logger = logging.getLogger(__name__)

# Increase it when the same bytes should be read differently: every document is then read again.
FORMAT_VERSION = 7

FLAGS = {"published", "draft", "unlisted"}
MAX_TITLE = 1_000
MAX_EXCERPT = 5_000
MAX_NAME = 100
MAX_ALT = 500
MAX_TOPICS = 50
MAX_RELATED = 50
MAX_IMAGES = 10
MAX_OTHER_ADDRESSES = 50
MAX_PIXELS = 100_000
MAX_LANGUAGE = 35  # https://www.rfc-editor.org/rfc/rfc5646#section-4.4.1
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")
_KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind}
# Names of the field for the MIME type of an image.
MEDIA_TYPES = ("type", "mimeType", "mime_type", "mediaType", "contentType", "encodingFormat")

Unpublished: TypeAlias = Literal["skip", "announce"]
Fields: TypeAlias = Mapping[str, object]
T = TypeVar("T")


def as_reading(read: Callable[[], Article | UnpublishedDocument]) -> Reading:
    """Call `read`, and turn its errors into rejections. Never raises an exception.

    A document that triggers an internal error must not keep others from being read.
    """
    try:
        return read()
    except RejectedError as error:
        return error.rejection
    except Exception:
        logger.exception("A document triggered an internal error")
        return Rejection("triggered an internal error; please report it with the log")


def is_draft(fields: Fields) -> bool:
    """Whether any flag marks it as a draft. Case is ignored, as in Hugo: `Draft` is `draft`."""
    for name in fields:
        flag = name.casefold()
        if flag in FLAGS and _read(fields, name, _parse_flag) is (flag != "published"):
            return True
    return False


def _parse_flag(value: object) -> bool | None:
    """A boolean; None for a date, which `published` is on some sites."""
    try:
        return parse_boolean(value)
    except ValueError:
        if _optional(value, parse_date, None) is None:
            raise
        return None


def read_fields(
    fields: Fields, *, unpublished: Unpublished, other_addresses: Sequence[str] = ()
) -> Article | UnpublishedDocument:
    """Read an article from its named fields. Raises `RejectedError`.

    `other_addresses` lead to the same page: an article with one of them belongs to the same story.
    """
    if unpublished == "skip" and is_draft(fields):
        return UnpublishedDocument()
    title = _read(fields, "title", lambda value: parse_text(value, MAX_TITLE))
    if title is None:
        problem = "has no visible character" if fields.get("title") else "is missing or empty"
        raise RejectedError(problem, field="title")
    published_at = _read(fields, "publishedDateTime", parse_date)
    if published_at is None:
        raise RejectedError("is missing or empty", field="publishedDateTime")
    url = read_address(fields)
    return Article(
        title=title,
        url=url,
        addresses=_addresses(url, fields, other_addresses),
        published_at=published_at,
        excerpt=_text(fields.get("excerpt"), MAX_EXCERPT),
        kind=_kind(fields.get("type")),
        category=_text(fields.get("category"), MAX_NAME) or "news",
        quality=_read(fields, "quality", parse_integer) or 0,
        heat=_optional(fields.get("heat"), parse_integer, -1),
        provider=_provider(fields.get("provider")),
        topics=_topics(fields.get("topics")),
        images=tuple(islice(_images(fields.get("images")), MAX_IMAGES)),
        related=tuple(islice(_related(fields.get("related")), MAX_RELATED)),
        language=_language(fields.get("language")),
    )


def _read(fields: Fields, name: str, reader: Callable[[object], T | None]) -> T | None:
    """Read a field that must be valid if it is present. Raises `RejectedError`."""
    try:
        return reader(fields.get(name))
    except ValueError as error:
        raise RejectedError(str(error), field=name) from error


def _optional(value: object, reader: Callable[[object], T | None], default: T) -> T:
    """Read a value; return the default if it is invalid."""
    try:
        read = reader(value)
    except ValueError:
        return default
    return default if read is None else read


def _text(value: object, limit: int) -> str:
    try:
        return parse_text(value, limit) or ""
    except ValueError:
        return ""


def _name(value: object) -> str:
    """A name; empty if it is too long."""
    name = _text(value, MAX_NAME + 1)
    return name if len(name) <= MAX_NAME else ""


def _address(value: object) -> str:
    return _optional(value, parse_address, "")


def read_address(fields: Fields) -> str:
    """The address for readers: `webUrl`, or `originalUrl` for documents without one (videos)."""
    for name in ("webUrl", "originalUrl"):
        if isinstance(value := fields.get(name), str) and value.startswith("/"):
            raise RejectedError("is a relative address; set `base_url` for the source", field=name)
        if (url := _read(fields, name, parse_address)) is not None:
            return url
    raise RejectedError(
        "is missing, and so are originalUrl and permalink; add one of them, or set base_url and"
        " permalink for the source",
        field="webUrl",
    )


def _addresses(url: str, fields: Fields, others: Sequence[str]) -> tuple[str, ...]:
    """The normalised addresses of the article, that of `url` first.

    A site's front page is not an alias: all articles with that alias would become one story.
    """
    names = ("originalUrl", "ampWebUrl", "cdnAmpWebUrl")
    aliases = map(_address, (*map(fields.get, names), *islice(others, MAX_OTHER_ADDRESSES)))
    first, *more = normalised_forms(url)
    for alias in aliases:
        if alias and alias != url:
            more += normalised_forms(alias)
    return tuple(dict.fromkeys((first, *(each for each in more if not is_front_page(each)))))


def _provider(value: object) -> Provider | None:
    if isinstance(value, str):
        return Provider(name) if (name := _name(value)) else None
    fields = _fields(value)
    domain = _text(fields.get("domain"), MAX_HOST).lower() or None
    known_as = _name(fields.get("name")) or domain
    icon = next(_images(fields.get("images")), None)
    return Provider(known_as, domain, icon.url if icon else None) if known_as else None


def _topics(value: object) -> tuple[str, ...]:
    """Names without duplicates, ignoring case; the first spelling is kept."""
    names = map(_name, [value] if isinstance(value, str) else _items(value))
    topics: dict[str, str] = {}
    for name in names:
        if name:
            topics.setdefault(name.casefold(), name)
    return tuple(islice(topics.values(), MAX_TOPICS))


def _images(value: object) -> Iterator[Image]:
    for item in _items(value):
        fields = _fields(item)
        declared = next((_text(fields[n], MAX_NAME) for n in MEDIA_TYPES if fields.get(n)), "")
        url = _address(fields.get("url"))
        if url and may_be_picture(url, declared):
            size = _pixels(fields.get("width")), _pixels(fields.get("height"))
            yield Image(url, *size, _text(fields.get("alt"), MAX_ALT))


def _pixels(value: object) -> int | None:
    pixels = _optional(value, parse_integer, 0)
    return pixels if 0 < pixels <= MAX_PIXELS else None


def _related(value: object) -> Iterator[RelatedArticle]:
    for item in _items(value):
        fields = _fields(item)
        title = _text(fields.get("title"), MAX_TITLE)
        url = _address(fields.get("webUrl")) or _address(fields.get("originalUrl"))
        if title and url:
            yield RelatedArticle(
                title=title,
                url=url,
                excerpt=_text(fields.get("excerpt"), MAX_EXCERPT),
                published_at=_optional(fields.get("publishedDateTime"), parse_date, None),
                kind=_kind(fields.get("type")),
                quality=_optional(fields.get("quality"), parse_integer, None),
                provider=_provider(fields.get("provider")),
            )


def _kind(value: object) -> Kind:
    return _KINDS.get(_text(value, MAX_NAME).lower(), Kind.ARTICLE)


def _language(value: object) -> str | None:
    code = _text(value, MAX_LANGUAGE + 1)
    return code if len(code) <= MAX_LANGUAGE and _LANGUAGE.fullmatch(code) else None


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _fields(value: object) -> Fields:
    return value if isinstance(value, dict) else {}
