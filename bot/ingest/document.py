"""Turns a document into an article, an unpublished document, or a rejection with a reason. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from bot.ingest.article import (
    FORMAT_VERSION,
    Fields,
    Unpublished,
    as_reading,
    is_draft,
    read_fields,
)
from bot.ingest.body.reading import read_body
from bot.ingest.defaults import NO_DEFAULTS, Defaults, resolve_address
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
from bot.urls.pictures import may_be_picture
from storage.models import Article, Reading, Rejection, UnpublishedDocument

# Without a site, no document is read differently at another time.
EPOCH = datetime.min.replace(tzinfo=UTC)


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
                if self.unpublished == "skip" and is_draft(front_matter.fields):
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
            # A page without a date is about the site, or lists others: it is not an article.
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
    nowhere. Without a `base_url`, the site is at the root of `address`, if any. For
    `picture_address` and `excerpt_separator` see `SitePage`.
    """

    fields: Fields | None
    other_addresses: Sequence[str] = ()
    until: datetime | None = None
    base_url: str | None = None
    address: str | None = None
    images_from: str | None = None
    picture_address: Callable[[str], str] | None = None
    excerpt_separator: str = ""


def _page_without_site(written: Fields, fields: Fields, defaults: Defaults) -> _PageFields:
    """Make the page of a document whose `written` fields were translated into `fields`."""
    address = _page_address(written, fields, defaults)
    return _PageFields(
        fields,
        base_url=defaults.base_url,
        address=address,
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
    lacks_picture = not any(map(_may_be_shown, _list(fields.get("images"))))
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
        base_url = page.base_url or (page.address and resolve_address(page.address, "/"))
        filled["images"] = resolve_pictures(images, base_url, page.images_from)
    return filled


def _only_address(link: str) -> str:
    """Without a site that resolves them, links such as `{attach}lake.jpg` lead nowhere."""
    return "" if link.startswith(("{", "|")) else link


def _may_be_shown(image: object) -> bool:
    url = image.get("url") if isinstance(image, dict) else None
    return isinstance(url, str) and bool(url) and may_be_picture(url)


def read_document(
    content: bytes, *, unpublished: Unpublished, defaults: Defaults = NO_DEFAULTS, key: str = ""
) -> Reading:
    """Read a document that belongs to no site; see `DocumentReader`. Never raises an exception."""
    return DocumentReader(unpublished, defaults).read(content, key, EPOCH).reading


def _with_location(rejection: Rejection, front_matter: FrontMatter) -> RejectedError:
    """Add the line, and replace the field's name by the one that the author used."""
    names = written_names(rejection.field or "", front_matter.lines)
    name = next((each for each in names if front_matter.fields.get(each)), next(iter(names), None))
    line, field = (
        (rejection.line, rejection.field) if name is None else (front_matter.lines[name], name)
    )
    return RejectedError(rejection.reason, line=line, field=field)


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()
