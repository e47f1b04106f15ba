"""Decides what Docusaurus makes of a page.

https://docusaurus.io/docs/blog, https://docusaurus.io/docs/create-doc,
https://docusaurus.io/docs/creating-pages.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from bot.config.sources import Generator
from bot.ingest.frontmatter import BOM, FrontMatter, RejectedError
from bot.ingest.frontmatter_formats import read_any_front_matter
from bot.ingest.sites.docusaurus.configuration import (
    Configuration,
    Part,
    find_configuration,
    read_configuration,
)
from bot.ingest.sites.docusaurus.routes import (
    document_slug,
    join_paths,
    page_path,
    read_post_name,
    without_number,
)
from bot.ingest.sites.docusaurus.titles import content_title
from bot.ingest.sites.javascript_dates import (
    has_numeric_offset,
    is_yaml_date,
    parse_javascript_date,
)
from bot.ingest.sites.names import by_folded_name
from bot.ingest.sites.patterns import fill_pattern
from bot.ingest.sites.pictures import page_pictures
from bot.ingest.sites.site import (
    GeneratorRules,
    HiddenPage,
    Page,
    PageReading,
    SiteFiles,
    SitePage,
    SiteSettings,
    is_within_or_above,
)
from bot.ingest.sites.topics import page_topics
from storage.models import SiteDescription

_EMPTY_FRONT_MATTER = re.compile(rb"---[ \t]*+\r?\n\s*+---[ \t]*+(?:\r?\n|\Z)")
_ENDING = re.compile(r"\.mdx?\Z")
_BLOG_FOLDER = re.compile(r"(?:.*/)?(?:blog|docusaurus-plugin-content-blog[^/]*)/")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What browsers don't escape in the path of an address.
_SAFE_IN_PATH = "/:@!$&'()*+,;=~%[]|-._"


@dataclass(frozen=True, slots=True)
class DocusaurusSite:
    """See `bot.ingest.sites.site.Site`."""

    description: SiteDescription
    settings: SiteSettings
    configuration: Configuration

    def has_pages_in(self, folder: str) -> bool:
        """See `bot.ingest.sites.site.Site`."""
        parts = self.configuration.parts
        return any(is_within_or_above(folder, part.folder) for part in parts)

    def read_page(self, page: Page, now: datetime) -> PageReading:  # noqa: ARG002 - no time matters
        """See `bot.ingest.sites.site.Site`."""
        part, path = self._find_part(page.path)
        if part is None:
            return HiddenPage()
        if part.kind == "blog":
            return self._post(page, part, path)
        return self._document(page, part, path)

    def _find_part(self, path: str) -> tuple[Part | None, str]:
        """The part of the site that a file belongs to, and its path there."""
        for part in self.configuration.parts:
            inner = part.path_of(path)
            if inner is not None:
                return part, inner
            if part.folder and path.startswith(f"{part.folder}/"):
                return None, ""
        if self.configuration.path is not None:
            return None, ""
        # The source is a folder of a site whose other files are not in reach.
        folder = _BLOG_FOLDER.match(path)
        part = Part("blog", folder[0].rstrip("/") if folder else "", "blog")
        inner = part.path_of(path)
        return (None, "") if inner is None else (part, inner)

    def _post(self, page: Page, part: Part, path: str) -> SitePage:
        name = read_post_name(path)
        date = _post_date(page.fields) or name.date
        if date is None:
            # Docusaurus takes the date of the first commit, which is not known here.
            raise RejectedError("is missing or empty", field="publishedDateTime")
        given = _text(page.fields, "slug")
        if self.settings.permalink is not None:
            slug = given or name.text or name.slug
            title = page.fields.get("title")
            pattern = self.settings.permalink
            route = fill_pattern(pattern, _ENDING.sub("", path), slug, title, date)
            address = _escape(route)
        else:
            address = self._address(part, given or name.slug)
        return self._page(page, part, address, name.text, date)

    def _document(self, page: Page, part: Part, path: str) -> PageReading:
        """A document or a page. They usually have no date, and then they are no news."""
        date = _date(page.fields) or _date(_mapping(page.fields.get("last_update")))
        if date is None:
            return HiddenPage()
        slug = _text(page.fields, "slug") or None
        stem = _ENDING.sub("", path.rpartition("/")[2])
        if part.kind == "pages":
            return self._page(page, part, self._address(part, slug or page_path(path)), stem, date)
        numbers = part.numbers and page.fields.get("parse_number_prefixes") != "false"
        identifier = _text(page.fields, "id") or None
        route = document_slug(path, identifier, slug, numbers=numbers)
        title = identifier or (without_number(stem) if numbers else stem)
        return self._page(page, part, self._address(part, route), title, date)

    def _page(
        self, page: Page, part: Part, address: str, name: str, date: datetime | None
    ) -> SitePage:
        title = page.fields.get("title")
        if not isinstance(title, str):
            file = _ENDING.sub("", page.path).removesuffix("/index").rpartition("/")[2]
            title = content_title(page.body) or name.strip() or file
        folded = by_folded_name(page.fields)
        fields: dict[str, object] = {"images": _pictures(page_pictures(folded))}
        if part.labels:
            topics = page_topics(folded, splits_at_spaces=False)
            fields["topics"] = [part.labels.get(each, each) for each in topics]
        return SitePage(
            address=address,
            title=title,
            published_at=date,
            language=part.language,
            # Docusaurus writes the pictures of a text under other names.
            images_from="",
            fields=fields,
        )

    def _address(self, part: Part, route: str) -> str:
        """https://docusaurus.io/docs/api/docusaurus-config#trailingSlash."""
        path = join_paths(part.route, route)
        slash = self.configuration.trailing_slash
        if slash is not None and path != "/":
            path = path.rstrip("/") + ("/" if slash else "")
        return _escape(path)


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _post_date(fields: Mapping[str, object]) -> datetime | None:
    """The date of a post: Docusaurus appends a `Z` to one that is text, instead of its offset."""
    value, date = fields.get("date"), _date(fields)
    if date is None or not isinstance(value, str) or is_yaml_date(value):
        return date
    return date.replace(tzinfo=UTC) if has_numeric_offset(value) else date


def _date(fields: Mapping[str, object]) -> datetime | None:
    """A date, which is in UTC unless it names a zone. Raises `RejectedError`."""
    try:
        written = parse_javascript_date(fields.get("date"))
    except ValueError as error:
        raise RejectedError(str(error), field="publishedDateTime") from error
    if written is None or written.tzinfo is not None:
        return written
    return written.replace(tzinfo=UTC)


def _pictures(images: Sequence[Mapping[str, object]]) -> list[object]:
    """The pictures whose addresses are known, relative to the root of the site.

    Those beside the page are written under new names: https://docusaurus.io/docs/markdown-features/assets.
    """
    found: list[object] = []
    for image in images:
        address = str(image.get("url")).strip()
        if not address.startswith((".", "@")):
            is_complete = "://" in address or address.startswith("/")
            found.append({**image, "url": address if is_complete else f"/{address}"})
    return found


def _escape(path: str) -> str:
    return quote(_ESCAPE.sub("%25", path), safe=_SAFE_IN_PATH, errors="replace")


def _read_front_matter(content: bytes) -> FrontMatter:
    """Front matter, which may be missing: then the text and the file's name say everything."""
    text = content.removeprefix(BOM)
    if not text.startswith(b"---"):
        return FrontMatter({}, {}, text)
    if empty := _EMPTY_FRONT_MATTER.match(text):
        return FrontMatter({}, {}, text[empty.end() :])
    return read_any_front_matter(content)


def _configure(files: SiteFiles, settings: SiteSettings) -> DocusaurusSite:
    configuration = read_configuration(files)
    description = SiteDescription(
        generator=Generator.DOCUSAURUS,
        configuration=configuration.path,
        base_url=settings.base_url or configuration.base_url,
        permalink=settings.permalink,
        time_zone=settings.time_zone,
        languages=configuration.languages,
    )
    return DocusaurusSite(description, settings, configuration)


RULES = GeneratorRules(
    generator=Generator.DOCUSAURUS,
    content_folders=("blog", "docs", "i18n"),
    recognises=lambda files: find_configuration(files) is not None,
    configure=_configure,
    read_front_matter=_read_front_matter,
)
