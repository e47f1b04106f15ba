"""What MkDocs makes of documents, and its blog plugin of posts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from bot.config.sources import Generator
from bot.ingest.field_values import parse_boolean, parse_date_as_written
from bot.ingest.frontmatter import BOM, FrontMatter, RejectedError, read_front_matter
from bot.ingest.frontmatter_formats import read_any_front_matter
from bot.ingest.sites.addresses import quote_path
from bot.ingest.sites.drafts import last_unless_draft
from bot.ingest.sites.fields import translate_common
from bot.ingest.sites.mkdocs.addresses import (
    address_of_file,
    file_address,
    file_of_language,
    language_of,
    page_name,
    post_path,
    without_language,
    written_file,
)
from bot.ingest.sites.mkdocs.configuration import (
    CONFIGURATION_FILES,
    DOCS_FOLDER,
    Blog,
    MkDocsConfiguration,
    read_configuration,
)
from bot.ingest.sites.mkdocs.titles import Titles
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
from storage.models import SiteDescription

_NO_DATE = datetime.min.replace(tzinfo=UTC)
_ENDINGS = (".markdown", ".mdown", ".mkdn", ".mkd", ".md")


@dataclass(frozen=True, slots=True)
class MkDocsSite:
    """An MkDocs site; with `drafts`, they are read, too. Dates without a zone are in `time_zone`.

    If the site has a blog, its posts are the only pages that are published here: documentation has
    no date.
    """

    configuration: MkDocsConfiguration
    time_zone: str | None = None
    drafts: bool = False

    @property
    def description(self) -> SiteDescription:
        """See `Site`."""
        configuration = self.configuration
        languages: Sequence[str] = [configuration.language] if configuration.language else []
        if configuration.languages is not None:
            languages = configuration.languages.built
        blog = next(iter(configuration.blogs), None)
        return SiteDescription(
            generator=Generator.MKDOCS,
            configuration=configuration.file,
            base_url=configuration.base_url,
            permalink=blog.url_format if blog else None,
            time_zone=self.time_zone,
            languages=tuple(languages),
        )

    def has_pages_in(self, folder: str) -> bool:
        """See `Site`."""
        return is_within_or_above(folder, self.configuration.docs)

    def read_page(self, page: Page, now: datetime) -> PageReading:
        """See `Site`."""
        configuration = self.configuration
        path = self._document_path(page.path)
        if path is None or not path.endswith(_ENDINGS) or configuration.excluded.match(path):
            return HiddenPage()
        if configuration.drafts.match(path) and not self.drafts:
            return HiddenPage()
        language = language_of(path, configuration.languages)
        if configuration.languages and language not in configuration.languages.built:
            return HiddenPage()
        fields = self._with_meta_files(page.fields, path)
        blog = self._blog_of(path)
        if blog is None and configuration.blogs:
            return HiddenPage()
        written = _date_of(fields)
        date = written and (written if written.tzinfo else written.replace(tzinfo=self._zone()))
        draft = _flag(fields, "draft")
        if blog is not None and not self.drafts:
            if draft:
                return HiddenPage()
            if draft is None and blog.hides_future_posts and date is not None and date > now:
                return HiddenPage(until=date)
        name = path if blog else without_language(path, configuration.languages)
        titles = Titles(page.body, name, has_attributes=configuration.has_attribute_lists)
        target = path
        if blog is not None:
            # Without a date, the post is rejected for that, whatever its address.
            values = _address_values(blog, fields, titles, path)
            target = post_path(blog, values, written or _NO_DATE, configuration.language)
        common = translate_common(fields)
        picture_address = partial(address_of_file, path, blog, configuration.languages)
        title = None if blog else configuration.titles.get(path)
        return SitePage(
            address=f"/{quote_path(self._address(target, path))}",
            title=title or titles.shown(fields),
            published_at=date,
            language=language or configuration.language,
            fields={
                **common,
                "images": _with_addresses(common.get("images"), picture_address),
            },
            picture_address=picture_address,
        )

    def _document_path(self, path: str) -> str | None:
        """A path within the folder with the documents, None for a file outside of it."""
        docs = self.configuration.docs
        if self.configuration.file is None:
            # The source may be a part of the documents, or contain their folder.
            _, separator, rest = f"/{path}".partition(f"/{DOCS_FOLDER}/")
            return rest if separator else path
        if not docs:
            return path
        return path.removeprefix(f"{docs}/") if path.startswith(f"{docs}/") else None

    def _blog_of(self, path: str) -> Blog | None:
        """The blog that a document is a post of. Without a configuration, all are posts."""
        blogs = self.configuration.blogs
        if self.configuration.file is None:
            [usual] = blogs
            folder, separator, _ = path.rpartition("/posts/")
            return replace(usual, folder=folder) if separator and folder else usual
        # Material compares the beginnings of paths without regard to folders.
        return next((blog for blog in blogs if path.startswith(blog.posts)), None)

    def _with_meta_files(self, fields: Mapping[str, object], path: str) -> Mapping[str, object]:
        """The fields with those of the plugin `meta`, which the document extends."""
        merged: Mapping[str, object] = {}
        for folder, given in self.configuration.meta_files.items():
            if path.startswith(folder):
                merged = _merge(merged, given)
        return _merge(merged, fields) if merged else fields

    def _address(self, target: str, path: str) -> str:
        directory_urls = self.configuration.directory_urls
        file = written_file(target, directory_urls=directory_urls)
        if self.configuration.languages is not None:
            file = file_of_language(file, path, self.configuration.languages)
        return file_address(file, directory_urls=directory_urls)

    def _zone(self) -> tzinfo:
        return ZoneInfo(self.time_zone) if self.time_zone else UTC


def _address_values(
    blog: Blog, fields: Mapping[str, object], titles: Titles, path: str
) -> Mapping[str, str]:
    categories = fields.get("categories")
    names = categories if isinstance(categories, list) else []
    unique = list(dict.fromkeys(name for name in names if isinstance(name, str)))
    slug = fields.get("slug")
    return {
        "slug": slug
        if isinstance(slug, str) and slug
        else blog.slugify.make(titles.for_slug(fields), blog.separator),
        "file": page_name(path),
        "categories": "/".join(
            blog.category_slugify.make(name, blog.category_separator)
            for name in unique[: blog.max_categories]
        ),
    }


def _merge(base: Mapping[str, object], more: Mapping[str, object]) -> dict[str, object]:
    """Mappings and lists are extended, other values replaced."""
    merged = dict(base)
    for name, value in more.items():
        known = merged.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[name] = _merge(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            merged[name] = [*known, *value]
        else:
            merged[name] = value
    return merged


def _date_of(fields: Mapping[str, object]) -> datetime | None:
    """The date as written, that of `date: {created: …}` in a mapping. Raises `RejectedError`."""
    value = fields.get("date")
    if isinstance(value, dict):
        value = value.get("created")
    try:
        return parse_date_as_written(value)
    except ValueError as error:
        raise RejectedError(str(error), field="publishedDateTime") from error


def _flag(fields: Mapping[str, object], name: str) -> bool | None:
    try:
        return parse_boolean(fields.get(name))
    except ValueError:
        return None


def _with_addresses(
    images: object, picture_address: Callable[[str], str]
) -> Sequence[Mapping[str, object]]:
    return [
        {**image, "url": picture_address(url)}
        for image in (images if isinstance(images, list) else ())
        if isinstance(image, dict) and isinstance(url := image.get("url"), str)
    ]


def _read_front_matter(content: bytes) -> FrontMatter:
    """Documents need no front matter. Of two values of a field the last one counts."""
    if content.removeprefix(BOM).startswith(b"---"):
        return read_front_matter(content, last_unless_draft)
    if content.removeprefix(BOM).startswith((b"+++", b"{")):
        return read_any_front_matter(content)
    return FrontMatter({}, {}, content.removeprefix(BOM))


def _recognises(files: SiteFiles) -> bool:
    return any(files.exists(name) for name in CONFIGURATION_FILES)


def _configure(files: SiteFiles, settings: SiteSettings) -> MkDocsSite:
    return MkDocsSite(read_configuration(files, settings), settings.time_zone, settings.drafts)


RULES = GeneratorRules(
    Generator.MKDOCS,
    (DOCS_FOLDER,),
    _recognises,
    _configure,
    _read_front_matter,
)
