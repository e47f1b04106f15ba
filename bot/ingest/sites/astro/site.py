"""Reads the sites that Astro builds.

The addresses of pages are the paths of their files below `src/pages`; those of the entries of
content collections are made by a page of the site from their ids. See
https://docs.astro.build/en/guides/content-collections and
https://docs.astro.build/en/guides/routing.
"""

import posixpath
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.config.sources import Generator
from bot.ingest.frontmatter import BOM, FrontMatter, RejectedError
from bot.ingest.frontmatter_formats import read_any_front_matter
from bot.ingest.sites.astro.configuration import (
    Collection,
    Configuration,
    escape_path,
    read_configuration,
    recognise,
)
from bot.ingest.sites.astro.routes import LANGUAGE_PARAMETERS, Route, find_routes
from bot.ingest.sites.drafts import is_draft
from bot.ingest.sites.javascript_dates import is_yaml_date, parse_javascript_date
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
from bot.ingest.sites.titles import title_of_text
from storage.models import SiteDescription

_EXTENSIONS = (".md", ".mdx", ".markdown", ".mdown", ".mkdn", ".mkd", ".mdwn")
# What themes call the date of a post.
_DATES = (
    *("pubDate", "pubDatetime", "publishDate", "publishedDate", "publishedAt", "published"),
    *("datePublished", "date", "pubdate", "publishdate", "createdAt", "created", "dateCreated"),
)
_OWN_ADDRESSES = ("permalink", "url", "canonicalURL", "canonicalUrl", "canonical_url")
_LANGUAGES = ("lang", "language", "locale")
# Dates that YAML itself reads, in UTC: https://yaml.org/type/timestamp.html.
_COLLECTION_FOLDER = re.compile(r"(?:.*/)?content/([^/]+)/")


@dataclass(frozen=True, slots=True)
class AstroSite:
    """See `bot.ingest.sites.site.Site`."""

    description: SiteDescription
    settings: SiteSettings
    configuration: Configuration
    routes: Sequence[Route]

    def has_pages_in(self, folder: str) -> bool:
        """See `bot.ingest.sites.site.Site`."""
        source = self.configuration.source
        folders = [f"{source}/pages", f"{source}/content"]
        folders += [each.base for each in self.configuration.collections]
        return any(is_within_or_above(folder, each) for each in folders)

    def read_page(self, page: Page, now: datetime) -> PageReading:
        """See `bot.ingest.sites.site.Site`."""
        if not page.path.endswith(_EXTENSIONS):
            return HiddenPage()
        # Drafts are a convention of themes, with other words in each.
        if not self.settings.drafts and is_draft(by_folded_name(page.fields), page.path):
            return HiddenPage()
        pages = f"{self.configuration.source}/pages/"
        if page.path.startswith(pages):
            return self._page_by_path(page, page.path.removeprefix(pages))
        collection, inner = self._find_collection(page.path)
        if collection is None:
            return HiddenPage()
        route = self._route_of(collection)
        holds_back = route is not None and route.holds_back and not self.settings.drafts
        date = _date(page.fields, self.settings.time_zone) if holds_back else None
        if date is not None and date > now:
            return HiddenPage(until=date)
        return self._entry(page, collection, inner, route)

    def _page_by_path(self, page: Page, path: str) -> PageReading:
        if any(part.startswith(("_", ".")) for part in path.split("/")):
            return HiddenPage()
        if _first_date(page.fields) is None:
            return HiddenPage()  # A page such as `about.md` is not news.
        stem = posixpath.splitext(path)[0]
        is_index = stem.rpartition("/")[2] == "index"
        route = stem.rpartition("/")[0] if is_index else stem
        return self._page(page, route, self._language_of(path, page.fields), is_index=is_index)

    def _find_collection(self, path: str) -> tuple[Collection | None, str]:
        """The collection that a file belongs to, and its path there."""
        collections = self.configuration.collections
        if not collections:
            folder = _COLLECTION_FOLDER.match(path)
            if folder:
                collections = [Collection(folder[1], folder[0].rstrip("/"))]
            elif self.configuration.path is None:
                # The source is a folder of a site whose other files are not in reach.
                collections = [Collection("", "")]
        for collection in collections:
            inner = collection.path_of(path)
            if inner is not None:
                return collection, inner
        return None, ""

    def _entry(
        self, page: Page, collection: Collection, inner: str, route: Route | None
    ) -> PageReading:
        identifier = collection.id_of(inner, page.fields)
        language = self._language_of(inner, page.fields)
        if collection is self.configuration.documentation:
            address = _normalise(re.sub(r"(?:\A|/)index\Z", "", identifier or ""))
            is_story = address != "404" and _first_date(page.fields) is not None
            return self._page(page, address, language) if is_story else HiddenPage()
        if self.settings.permalink is not None:
            default_id = Collection("", "").id_of(inner, page.fields) or ""
            slug = default_id if identifier is None else identifier
            stem, title = posixpath.splitext(inner)[0], page.fields.get("title")
            date = _first_date(page.fields)
            address = fill_pattern(self.settings.permalink, stem, slug, title, date)
            return self._page(page, address, language, as_is=True)
        if route is None and self._is_certainly_unused(collection):
            return HiddenPage()
        filled = self._fill(route, identifier, page.fields) if route else None
        if filled is None and (own := _own_address(page.fields)):
            return self._page(page, own, language, as_is=True)
        if filled is None:
            raise RejectedError(
                "is computed by the site's code; set `permalink` for the source, such as"
                " /blog/:slug/",
                field="webUrl",
            )
        return self._page(page, filled, language)

    def _route_of(self, collection: Collection) -> Route | None:
        """The route that reads the collection, or may read it by its name, or is the only one."""
        name = collection.name
        reading = [each for each in self.routes if name in each.collections]
        unknown = [each for each in self.routes if not each.collections]
        named = [each for each in unknown if name in each.parts]
        alone = unknown if len(unknown) == 1 else []
        return next(iter((*reading, *named, *alone)), None)

    def _is_certainly_unused(self, collection: Collection) -> bool:
        return bool(collection.name and self.routes) and all(
            each.collections for each in self.routes
        )

    def _fill(
        self, route: Route, identifier: str | None, fields: Mapping[str, object]
    ) -> str | None:
        """The path of an entry by a route; None if that is computed."""
        values: dict[str, str] = {}
        names = [each for each in route.names if each not in LANGUAGE_PARAMETERS]
        languages = [each for each in route.names if each in LANGUAGE_PARAMETERS]
        if len(names) != 1 or len(languages) > 1:
            return None
        expression = route.parameters.get(names[0], "id")
        if expression.startswith("data."):
            value = fields.get(expression.removeprefix("data."))
            identifier = value if isinstance(value, str) and value else identifier
        if identifier is None:
            return None
        if languages:
            folder, _, rest = identifier.partition("/")
            if rest and (
                folder in self.configuration.languages.by_folder
                or not self.configuration.languages.by_folder
            ):
                values[languages[0]], identifier = folder, rest
            elif isinstance(language := self._language_field(fields), str):
                values[languages[0]] = language
            else:
                return None
        values[names[0]] = _normalise(identifier)
        return route.fill(values)

    def _language_field(self, fields: Mapping[str, object]) -> str | None:
        values = (fields.get(name) for name in _LANGUAGES)
        return next((each for each in values if isinstance(each, str) and each), None)

    def _language_of(self, path: str, fields: Mapping[str, object]) -> str | None:
        folder = path.partition("/")[0]
        return (
            self._language_field(fields)
            or self.configuration.languages.by_folder.get(folder)
            or self.configuration.languages.main
        )

    def _page(
        self,
        page: Page,
        path: str,
        language: str | None,
        *,
        as_is: bool = False,
        is_index: bool = False,
    ) -> SitePage:
        address = escape_path(path) if as_is else self._address(path, is_index=is_index)
        # Without one, layouts show the first heading as the title.
        title = page.fields.get("title") or title_of_text(page.body, page.path)
        return SitePage(
            address=address,
            title=title if isinstance(title, str) else None,
            published_at=_date(page.fields, self.settings.time_zone),
            language=language,
            # Astro writes the pictures of a text under other names.
            images_from="",
            other_addresses=tuple(self.configuration.redirects.get(address.strip("/"), ())),
            fields={"images": _pictures(page.fields)},
        )

    def _address(self, path: str, *, is_index: bool) -> str:
        """The address of a file that is written: https://docs.astro.build/en/reference/configuration-reference/#buildformat."""
        path = "/".join(part for part in escape_path(path).split("/") if part)
        if not path:
            return "/"
        is_file = self.configuration.build_format == "file" or (
            self.configuration.build_format == "preserve" and not is_index
        )
        if is_file:
            return f"/{path}.html"
        return f"/{path}" if self.configuration.trailing_slash == "never" else f"/{path}/"


def _normalise(parameter: str) -> str:
    """https://github.com/withastro/astro/blob/main/packages/astro/src/core/routing/params.ts."""
    return unicodedata.normalize("NFC", parameter)


def _own_address(fields: Mapping[str, object]) -> str | None:
    """The address that a page names itself, if the site's code does not show one."""
    values = (fields.get(name) for name in _OWN_ADDRESSES)
    addresses = (each for each in values if isinstance(each, str))
    return next((each for each in addresses if each.startswith(("/", "https://", "http://"))), None)


def _first_date(fields: Mapping[str, object]) -> datetime | None:
    for name in _DATES:
        try:
            if written := parse_javascript_date(fields.get(name)):
                return written
        except ValueError:
            continue
    return None


def _date(fields: Mapping[str, object], time_zone: str | None) -> datetime | None:
    """The first date; what YAML does not read itself is in the time zone of who builds the site."""
    for name in _DATES:
        value = fields.get(name)
        try:
            written = parse_javascript_date(value)
        except ValueError:
            continue
        if written is None:
            continue
        if written.tzinfo is not None:
            return written
        is_utc = is_yaml_date(value)
        return written.replace(tzinfo=UTC if is_utc or not time_zone else ZoneInfo(time_zone))
    return None


def _pictures(fields: Mapping[str, object]) -> list[object]:
    """The pictures whose addresses are known.

    Astro writes those of `src` under new names: https://docs.astro.build/en/guides/images.
    """
    return [each for each in page_pictures(by_folded_name(fields)) if _is_known(each)]


def _is_known(image: object) -> bool:
    address = image.get("url") if isinstance(image, dict) else None
    if not isinstance(address, str):
        return False
    address = address.strip()
    return "://" in address or (address.startswith("/") and not address.startswith("/src/"))


def _read_front_matter(content: bytes) -> FrontMatter:
    """Front matter, which may be missing: such a file is no page of the site, or has no title."""
    text = content.removeprefix(BOM)
    if text.lstrip()[:3] not in {b"---", b"+++"}:
        return FrontMatter({}, {}, text)
    return read_any_front_matter(content)


def _configure(files: SiteFiles, settings: SiteSettings) -> AstroSite:
    configuration = read_configuration(files)
    description = SiteDescription(
        generator="astro",
        configuration=configuration.path,
        base_url=settings.base_url or configuration.base_url,
        permalink=settings.permalink,
        time_zone=settings.time_zone,
        languages=configuration.languages.codes,
    )
    routes = find_routes(files, configuration.source)
    return AstroSite(description, settings, configuration, routes)


RULES = GeneratorRules(
    generator=Generator.ASTRO,
    content_folders=("src",),
    recognises=recognise,
    configure=_configure,
    read_front_matter=_read_front_matter,
)
