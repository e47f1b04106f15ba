"""Turns a document into an article, an unpublished document, or a rejection with a reason. Pure.

A document is rejected if a required field (title, date, address) is missing or invalid, or if
`quality` or `published` is invalid: guessing those might post something that should not be posted.
Any other invalid field is left out.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from bot.ingest.body.reading import read_body
from bot.ingest.defaults import NO_DEFAULTS, Defaults, resolve_address
from bot.ingest.field_values import (
    parse_address,
    parse_boolean,
    parse_date,
    parse_integer,
    parse_text,
)
from bot.ingest.frontmatter import FrontMatter, RejectedError
from bot.ingest.frontmatter_formats import read_any_front_matter
from bot.ingest.sites.addresses import is_relative, join_to_site, resolve_pictures
from bot.ingest.sites.detection import NO_SITE_OPTIONS, SiteOptions, SourceSite
from bot.ingest.sites.fields import (
    external_address,
    translate,
    translate_common,
    written_names,
)
from bot.ingest.sites.site import HiddenPage, Page
from bot.ingest.sites.texts import plain_title
from bot.ingest.text import unescape_key
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
MAX_TOPICS = 50
MAX_RELATED = 50
MAX_IMAGES = 10
MAX_OTHER_ADDRESSES = 50
MAX_PIXELS = 100_000
MAX_LANGUAGE = 35  # https://www.rfc-editor.org/rfc/rfc5646#section-4.4.1
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")
# Without a site, no document is read differently at another time.
EPOCH = datetime.min.replace(tzinfo=UTC)
# Names of the field for the MIME type of an image.
MEDIA_TYPES = ("type", "mimeType", "mime_type", "mediaType", "contentType", "encodingFormat")

Unpublished: TypeAlias = Literal["skip", "announce"]
Fields: TypeAlias = Mapping[str, object]
T = TypeVar("T")


def reading_digest(
    unpublished: Unpublished, defaults: Defaults = NO_DEFAULTS, site: SiteOptions = NO_SITE_OPTIONS
) -> str:
    """Represents all settings that affect how a document is read; see `Source.settings_digest`."""
    digest = f"front matter {FORMAT_VERSION}, unpublished: {unpublished}"
    if defaults != NO_DEFAULTS:
        digest += f", {defaults}"
    return digest if site == NO_SITE_OPTIONS else f"{digest}, {site}"


class TimedReading(NamedTuple):
    """What was read from a document; from `until` on, the same document is read differently."""

    reading: Reading
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DocumentReader:
    """Reads Markdown files with front matter, as the generator of their `site` reads them.

    `languages` are those that are read of a site; None stands for all, and an empty tuple for the
    main one.
    """

    unpublished: Unpublished
    defaults: Defaults = NO_DEFAULTS
    languages: tuple[str, ...] | None = None
    site: SourceSite | None = None

    def read(self, content: bytes, key: str, now: datetime) -> TimedReading:
        """Read a document whose path is `key`, as of `now`. Never raises an exception."""
        until: datetime | None = None

        def read() -> Article | UnpublishedDocument:
            nonlocal until
            read_front_matter = self.site.rules.read_front_matter if self.site else None
            front_matter = (read_front_matter or read_any_front_matter)(content)
            try:
                # First of all, because a draft may lack required fields.
                if self.unpublished == "skip" and _is_draft(front_matter.fields):
                    return UnpublishedDocument()
                if self.site is None or front_matter.fields.get("publishedDateTime"):
                    fields = translate(
                        front_matter.fields, key, self.defaults, body=front_matter.body
                    )
                    page = _page_without_site(front_matter.fields, fields, self.defaults)
                else:
                    page = self._read_page(self.site, front_matter, unescape_key(key), now)
                    until = page.until
                if page.fields is None:
                    return UnpublishedDocument()
                fields = _fill_from_body(page.fields, page, front_matter.body, key)
                return read_fields(
                    self.defaults.fill(fields),
                    unpublished=self.unpublished,
                    other_addresses=page.other_addresses,
                )
            except RejectedError as error:
                raise _with_location(error.rejection, front_matter) from error

        reading = as_reading(read)
        return TimedReading(reading, until)

    def _read_page(
        self, source_site: SourceSite, front_matter: FrontMatter, key: str, now: datetime
    ) -> "_PageFields":
        site = source_site.site
        page = Page(source_site.path(key), front_matter.fields, front_matter.body)
        result = site.read_page(page, now)
        if isinstance(result, HiddenPage):
            return _PageFields(None, until=result.until)
        if (
            # A page without a date is about the site, or lists others: it is no article.
            result.published_at is None
            or (result.expires_at is not None and result.expires_at <= now)
            or not self._is_wanted(result.language, site.description.languages)
        ):
            return _PageFields(None)
        base_url = self.defaults.base_url or site.description.base_url
        own_address = result.address and join_to_site(base_url, result.address)
        address = external_address(front_matter.fields) or own_address
        fields = {
            **translate_common(
                front_matter.fields, splits_at_spaces=site.description.generator == "jekyll"
            ),
            **result.fields,
        }
        fields |= {
            "title": result.title and plain_title(result.title),
            "publishedDateTime": result.published_at.isoformat(),
            "webUrl": address,
            "language": result.language,
            "images": resolve_pictures(
                fields.get("images"), base_url, result.images_from or result.address
            ),
        }
        others = tuple(join_to_site(base_url, each) for each in result.other_addresses)
        images_from = own_address if result.images_from is None else result.images_from
        return _PageFields(
            fields=fields,
            other_addresses=others,
            until=result.expires_at,
            base_url=base_url,
            images_from=images_from,
            picture_address=result.picture_address,
            excerpt_separator=result.excerpt_separator,
        )

    def _is_wanted(self, language: str | None, site_languages: Sequence[str]) -> bool:
        if language is None or self.languages is None:
            return True
        wanted = self.languages or site_languages[:1]
        return not wanted or _fold_language(language) in map(_fold_language, wanted)


class _PageFields(NamedTuple):
    """Our fields of a page (None: it is not published), until when, and its other addresses.

    Relative addresses of pictures in the text are relative to `images_from`; without it they lead
    nowhere. For `picture_address` and `excerpt_separator` see `SitePage`.
    """

    fields: Fields | None
    other_addresses: Sequence[str] = ()
    until: datetime | None = None
    base_url: str | None = None
    images_from: str | None = None
    picture_address: Callable[[str], str] | None = None
    excerpt_separator: str = ""


def _page_without_site(written: Fields, fields: Fields, defaults: Defaults) -> _PageFields:
    """Make the page of a document whose `written` fields were translated into `fields`."""
    address = _page_address(written, fields, defaults)
    root = address and resolve_address(address, "/")
    return _PageFields(
        fields,
        base_url=defaults.base_url or root,
        images_from=address,
        excerpt_separator=_separator(written),
    )


def _page_address(written: Fields, fields: Fields, defaults: Defaults) -> str | None:
    """The address of the page of a document that belongs to no site; None if it is not known.

    A link post has the address of a page of another site.
    """
    if not written.get("publishedDateTime") and external_address(written):
        return None
    addresses = (fields.get("webUrl"), fields.get("originalUrl"))
    address = next((each for each in addresses if isinstance(each, str) and each), None)
    return address and resolve_address(defaults.base_url, address)


def _separator(fields: Fields) -> str:
    """What ends the excerpt in the text: https://jekyllrb.com/docs/posts/#post-excerpts."""
    separator = fields.get("excerpt_separator")
    return separator.strip() if isinstance(separator, str) else ""


def _fold_language(code: str) -> str:
    return code.replace("_", "-").casefold()


def _fill_from_body(fields: Fields, page: _PageFields, content: bytes, key: str) -> Fields:
    """Take the excerpt and the picture that the front matter lacks from the text."""
    lacks_excerpt = not fields.get("excerpt")
    lacks_picture = not any(map(_may_be_shown, _items(fields.get("images"))))
    if not content or not (lacks_excerpt or lacks_picture):
        return fields
    body = read_body(content, key, page.excerpt_separator)
    filled = dict(fields)
    if lacks_excerpt and body.excerpt:
        filled["excerpt"] = body.excerpt
    if lacks_picture and (pictures := body.pictures):
        as_published = page.picture_address or _only_address
        pictures = tuple(filter(None, map(as_published, pictures)))
        images = [{"url": each} for each in pictures if page.images_from or not is_relative(each)]
        filled["images"] = resolve_pictures(images, page.base_url, page.images_from)
    return filled


def _only_address(link: str) -> str:
    """Without a site that resolves them, links such as `{attach}lake.jpg` lead nowhere."""
    return "" if link.startswith(("{", "|")) else link


def _may_be_shown(image: object) -> bool:
    url = _fields(image).get("url")
    return isinstance(url, str) and bool(url) and may_be_picture(url)


def read_document(
    content: bytes, *, unpublished: Unpublished, defaults: Defaults = NO_DEFAULTS, key: str = ""
) -> Reading:
    """Read a document that belongs to no site; see `DocumentReader`. Never raises an exception."""
    return DocumentReader(unpublished, defaults).read(content, key, EPOCH).reading


def as_reading(read: Callable[[], Article | UnpublishedDocument]) -> Reading:
    """Call `read`, and turn its errors into rejections. Never raises an exception.

    A document that triggers an internal error must not keep others from being read.
    """
    try:
        return read()
    except RejectedError as error:
        return error.rejection
    except Exception as error:
        logger.exception("A document triggered an internal error")
        name = type(error).__name__
        return Rejection(f"triggered an internal error ({name}); please report it with the log")


def _with_location(rejection: Rejection, front_matter: FrontMatter) -> RejectedError:
    """Add the line, and replace the field's name by the one that the author used."""
    names = written_names(rejection.field or "", front_matter.lines)
    name = next((each for each in names if front_matter.fields.get(each)), next(iter(names), None))
    line, field = (
        (rejection.line, rejection.field) if name is None else (front_matter.lines[name], name)
    )
    return RejectedError(rejection.reason, line=line, field=field)


def _is_draft(fields: Fields) -> bool:
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
    if unpublished == "skip" and _is_draft(fields):
        return UnpublishedDocument()
    title = _read(fields, "title", lambda value: parse_text(value, MAX_TITLE))
    if title is None:
        problem = "has no visible character" if fields.get("title") else "is missing or empty"
        raise RejectedError(problem, field="title")
    published_at = _read(fields, "publishedDateTime", parse_date)
    if published_at is None:
        raise RejectedError("is missing or empty", field="publishedDateTime")
    url = _read_url(fields)
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
    return _optional(value, lambda given: parse_text(given, limit), "")


def _name(value: object) -> str:
    """A name; empty if it is too long."""
    name = _text(value, MAX_NAME + 1)
    return name if len(name) <= MAX_NAME else ""


def _address(value: object) -> str:
    return _optional(value, parse_address, "")


def _read_url(fields: Fields) -> str:
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
    for alias in filter(None, aliases):
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
            yield Image(url, _pixels(fields.get("width")), _pixels(fields.get("height")))


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
    name = _text(value, MAX_NAME).lower()
    return next((kind for kind in Kind if kind == name), Kind.ARTICLE)


def _language(value: object) -> str | None:
    code = _text(value, MAX_LANGUAGE + 1)
    return code if len(code) <= MAX_LANGUAGE and _LANGUAGE.fullmatch(code) else None


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _fields(value: object) -> Fields:
    return value if isinstance(value, dict) else {}
