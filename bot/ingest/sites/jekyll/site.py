"""Decides what Jekyll makes of a page: https://jekyllrb.com/docs/posts, https://jekyllrb.com/docs/pages.

Pure.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from posixpath import splitext

from bot.config.sources import Generator
from bot.ingest.frontmatter import BOM, FrontMatter, RejectedError, read_front_matter
from bot.ingest.sites.drafts import last_unless_draft
from bot.ingest.sites.fields import translate_common
from bot.ingest.sites.jekyll.configuration import (
    JekyllConfiguration,
    is_site,
    read_configuration,
)
from bot.ingest.sites.jekyll.dates import parse_date, with_zone_of_yaml
from bot.ingest.sites.jekyll.defaults import Values, merge
from bot.ingest.sites.jekyll.links import (
    clean,
    expand,
    expand_page,
    lower,
    slugify,
    slugify_pretty,
    titleize,
)
from bot.ingest.sites.jekyll.places import Kind, Place, Places
from bot.ingest.sites.site import (
    GeneratorRules,
    HiddenPage,
    Page,
    PageReading,
    SiteFiles,
    SitePage,
    SiteSettings,
)
from storage.models import SiteDescription

_HTML = frozenset({".html", ".xhtml", ".htm"})
_OPENING = re.compile(rb"---[ \t]*\r?\n")
_EMPTY = re.compile(rb"---[ \t]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)")
_QUOTED_DATE = re.compile(rb"date[ \t]*:[ \t]*[\"']")
_COMPLETE = re.compile(r"/|[A-Za-z][A-Za-z0-9+.-]*:")
_DOTS = re.compile(r"\A(?:\.{1,2}/)+")
_NOT_PUBLISHED = frozenset({"false", "no", "off"})
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ABBREVIATION = 3

# https://jekyllrb.com/docs/permalinks/#placeholders
_OF_DATE: Mapping[str, Callable[[datetime], str]] = {
    "year": lambda date: f"{date.year:04}",
    "short_year": lambda date: f"{date.year % 100:02}",
    "month": lambda date: f"{date.month:02}",
    "i_month": lambda date: str(date.month),
    "short_month": lambda date: _MONTHS[date.month - 1][:_ABBREVIATION],
    "long_month": lambda date: _MONTHS[date.month - 1],
    "day": lambda date: f"{date.day:02}",
    "i_day": lambda date: str(date.day),
    "y_day": lambda date: f"{date.timetuple().tm_yday:03}",
    "w_year": lambda date: f"{date.isocalendar().year:04}",
    "week": lambda date: f"{date.isocalendar().week:02}",
    "w_day": lambda date: str(date.isoweekday()),
    "short_day": lambda date: _DAYS[date.weekday()][:_ABBREVIATION],
    "long_day": lambda date: _DAYS[date.weekday()],
    "hour": lambda date: f"{date.hour:02}",
    "minute": lambda date: f"{date.minute:02}",
    "second": lambda date: f"{date.second:02}",
}


@dataclass(frozen=True, slots=True)
class _Document:
    """A document of a collection, such as a post, with its values and the default ones."""

    place: Place
    values: Values
    categories: Sequence[str]
    date: datetime | None
    extension: str

    def placeholder(self, name: str) -> str | None:
        """Return the value of a placeholder of permalinks; None if there is none of this name.

        Raises `RejectedError` for a part of the date if the document has none.
        """
        if name in _OF_DATE:
            if self.date is None:
                raise RejectedError("is missing or empty", field="publishedDateTime")
            return _OF_DATE[name](self.date)
        value = _OF_DOCUMENT.get(name)
        return value(self) if value else None

    @property
    def slug(self) -> str:
        return _text(self.values.get("slug")) or self.place.slug


_OF_DOCUMENT: Mapping[str, Callable[[_Document], str]] = {
    "title": lambda document: slugify_pretty(document.slug),
    "slug": lambda document: slugify(document.slug),
    "name": lambda document: slugify(document.place.name),
    "path": lambda document: _cleaned_path(document.place),
    "collection": lambda document: document.place.collection,
    "output_ext": lambda document: document.extension,
    "categories": lambda document: "/".join(dict.fromkeys(map(lower, document.categories))),
    "slugified_categories": lambda document: "/".join(
        dict.fromkeys(map(slugify, document.categories))
    ),
}


class JekyllSite:
    """A site of Jekyll whose configuration has been read."""

    def __init__(self, configuration: JekyllConfiguration) -> None:
        self._configuration = configuration
        self._places = Places(configuration)

    @property
    def description(self) -> SiteDescription:
        """See `bot.ingest.sites.site.Site`."""
        configuration = self._configuration
        return SiteDescription(
            generator=Generator.JEKYLL,
            configuration=configuration.path,
            base_url=configuration.base_url,
            permalink=configuration.permalink,
            time_zone=configuration.zone_name,
            languages=configuration.languages.codes,
        )

    def has_pages_in(self, folder: str) -> bool:
        """See `bot.ingest.sites.site.Site`."""
        return not folder or self._places.find(f"{folder}/2026-01-01-a.md") is not None

    def read_page(self, page: Page, now: datetime) -> PageReading:
        """See `bot.ingest.sites.site.Site`."""
        place = self._places.find(page.path)
        if place is None or (place.kind is Kind.DRAFT and not self._configuration.drafts):
            return HiddenPage()
        if not page.fields and place.kind in {Kind.PAGE, Kind.DOCUMENT}:
            return HiddenPage()  # It has no front matter, so Jekyll copies it as it is.
        defaults = self._configuration.defaults.find(place.collection, place.path, place.file)
        values = merge(defaults, page.fields)
        # Pages have no defaults for it.
        published = page.fields if place.kind is Kind.PAGE else values
        if not self._is_published(published) or self._is_marked_as_draft(values):
            return HiddenPage()
        if place.kind is Kind.PAGE and self._configuration.given_pattern is None:
            return self._read_page(place, values, page.fields)
        return self._read_document(place, values, defaults, page.fields, now)

    def _is_published(self, values: Values) -> bool:
        if self._configuration.unpublished or "published" not in values:
            return True
        published = values["published"]
        return published is not None and str(published).lower() not in _NOT_PUBLISHED

    def _is_marked_as_draft(self, values: Values) -> bool:
        """Whether it is a draft where it comes from, although Jekyll would publish it.

        Exporters write `status: draft`, and Hugo has `build`. But `hidden: true` of themes only
        keeps posts out of lists.
        """
        if self._configuration.unpublished:
            return False
        build = values.get("build")
        is_rendered = not isinstance(build, dict) or build.get("render") != "never"
        return not is_rendered or values.get("status") == "draft"

    def _read_document(
        self, place: Place, values: Values, defaults: Values, own: Values, now: datetime
    ) -> PageReading:
        date = self._date(values, place)
        if date is None and place.kind in {Kind.DOCUMENT, Kind.PAGE}:
            return HiddenPage()  # Such as a page of a manual.
        if date is not None and date > now and not self._configuration.future:
            return HiddenPage(until=date)
        named = [*_categories(defaults.get("categories")), *_categories(own.get("categories"))]
        singular = _names(values.get("category"))
        document = _Document(
            place=place,
            values=values,
            categories=list(
                dict.fromkeys([*self._places.superior_folders(place), *named, *singular])
            ),
            date=date,
            extension=self._extension(place, values),
        )
        permalink = values.get("permalink")
        pattern = (
            permalink
            if isinstance(permalink, str)
            else self._configuration.given_pattern
            or self._configuration.collections[place.collection]
        )
        address = expand(pattern, document.placeholder)
        title = values.get("title") or titleize(place.slug)
        return self._page(place, values, address, title, date)

    def _read_page(self, place: Place, values: Values, own: Values) -> PageReading:
        date = self._date(values, place)
        if date is None:
            return HiddenPage()  # It is about the site, or lists other pages.
        extension = self._extension(place, values)
        permalink = own["permalink"] if "permalink" in own else values.get("permalink")
        name = place.name.rstrip(".")
        if isinstance(permalink, str):
            pattern = permalink
        elif extension not in _HTML:
            pattern = "/:path/:basename:output_ext"
        elif name == "index":
            pattern = "/:path/"
        else:
            pattern = f"/:path/:basename{self._configuration.page_suffix}"
        folder = f"/{place.folder}" if place.folder else ""
        address = expand_page(pattern, folder, name, extension)
        # Jekyll has no title then; themes show the name of the site, or none.
        title = values.get("title") or titleize(name)
        return self._page(place, values, address, title, date)

    def _page(
        self,
        place: Place,
        values: Values,
        address: str,
        title: object,
        date: datetime | None,
    ) -> PageReading:
        """Make the page, with its language, which may be a part of its address."""
        languages = self._configuration.languages
        given = _text(values.get("lang")) or _text(values.get("locale"))
        language = languages.find(given) or given if given else None
        if language is None and languages.from_paths:
            parts = re.split("[/.]", place.file)
            language = next((code for part in parts if (code := languages.find(part))), None)
        if language is None:
            language = next(iter(languages.codes), None) or self._configuration.language
        redirects = [clean(each) for each in _names(values.get("redirect_from"))]
        if languages.in_folders and language is not None:
            if languages.find(language) is None:
                return HiddenPage()
            if language != languages.codes[0]:
                address = f"/{language}{address}"
                redirects = [f"/{language}{each}" for each in redirects]
        common = translate_common(values, splits_at_spaces=True)
        separator = values.get("excerpt_separator", self._configuration.excerpt_separator)
        return SitePage(
            address=address,
            title=title if isinstance(title, str) else None,
            published_at=date,
            language=language,
            other_addresses=tuple(redirects),
            fields={
                "excerpt": common.get("excerpt"),
                "topics": common.get("topics"),
                "images": _from_root(common.get("images")),
            },
            # https://jekyllrb.com/docs/posts/#post-excerpts
            excerpt_separator=separator.strip() if isinstance(separator, str) else "",
        )

    def _date(self, values: Values, place: Place) -> datetime | None:
        zone = self._configuration.zone
        try:
            date = parse_date(values.get("date"), zone)
        except ValueError as error:
            raise RejectedError(str(error), field="publishedDateTime") from error
        if date is None and place.date is not None:
            try:
                date = parse_date(place.date, zone)
            except ValueError as error:
                raise RejectedError(
                    f"{place.date} in the name of the file is not a date",
                    field="publishedDateTime",
                ) from error
        return date

    def _extension(self, place: Place, values: Values) -> str:
        """The extension of the file that is written."""
        permalink = values.get("permalink")
        if isinstance(permalink, str) and not permalink.endswith("/"):
            extension = splitext(permalink)[1]
            if extension:
                return extension
        extension = place.extension
        return ".html" if extension.lower() in self._configuration.markdown else extension


def _cleaned_path(place: Place) -> str:
    path = place.path[: len(place.path) - len(place.extension)]
    return path.replace(f"_{place.collection}", "", 1).rstrip(".")


def _categories(value: object) -> Sequence[str]:
    """The names of `categories`: a text is split at spaces."""
    return value.split() if isinstance(value, str) else _names(value)


def _names(value: object) -> Sequence[str]:
    """A text or the texts of a list."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _from_root(pictures: object) -> list[object]:
    """Relative addresses of pictures are relative to the site: themes complete them so.

    https://jekyllrb.com/docs/liquid/filters (relative_url)
    """
    return [
        {**each, "url": f"/{_DOTS.sub('', url, count=1)}"}
        if isinstance(each, dict)
        and isinstance(url := each.get("url"), str)
        and not _COMPLETE.match(url)
        else each
        for each in (pictures if isinstance(pictures, list) else ())
    ]


def read_jekyll_front_matter(content: bytes) -> FrontMatter:
    """Read front matter as Jekyll does: in YAML only. Without one, there are no fields.

    A plain date that YAML takes for one in UTC gets a `Z`. Of two values of a field the last one
    counts. Raises `RejectedError`.
    """
    text = content.removeprefix(BOM)
    if _OPENING.match(text) is None:
        return FrontMatter({}, {}, text)
    if empty := _EMPTY.match(text):
        return FrontMatter({}, {}, text[empty.end() :])
    read = read_front_matter(content, last_unless_draft)
    date = read.fields.get("date")
    if not isinstance(date, str) or (zoned := with_zone_of_yaml(date)) == date:
        return read
    line = text.splitlines()[read.lines["date"] - 1]
    if _QUOTED_DATE.match(line):
        return read
    return FrontMatter({**read.fields, "date": zoned}, read.lines, read.body)


def _configure(files: SiteFiles, settings: SiteSettings) -> JekyllSite:
    return JekyllSite(read_configuration(files, settings))


RULES = GeneratorRules(
    generator=Generator.JEKYLL,
    content_folders=("_posts", "_drafts"),
    recognises=is_site,
    configure=_configure,
    read_front_matter=read_jekyll_front_matter,
)
