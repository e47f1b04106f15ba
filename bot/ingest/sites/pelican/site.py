"""What Pelican makes of Markdown files: https://docs.getpelican.com/en/stable/content.html."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from bot.config.sources import Generator
from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.fields import translate_common
from bot.ingest.sites.pelican.addresses import as_path, expand
from bot.ingest.sites.pelican.configuration import (
    CONFIGURATION_FILES,
    CONTENT_FOLDER,
    PelicanConfiguration,
    read_configuration,
)
from bot.ingest.sites.pelican.metadata import parse_pelican_date, read_metadata
from bot.ingest.sites.pelican.pictures import PictureLinks
from bot.ingest.sites.pelican.yaml_values import read_yaml_values
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

_ENDINGS = (".md", ".markdown", ".mkd", ".mdown")
_STATUSES = frozenset({"published", "hidden", "draft", "skip"})
# Of these, Pelican uses the first line only.
_SINGLE = frozenset(
    {"tags", "date", "modified", "status", "category", "author", "save_as", "url", "authors"}
    | {"slug"}
)


@dataclass(frozen=True, slots=True)
class PelicanSite:
    """A Pelican site; with `drafts`, they are read, too."""

    configuration: PelicanConfiguration
    drafts: bool = False

    @property
    def description(self) -> SiteDescription:
        """See `Site`. Further languages are those that articles name."""
        configuration = self.configuration
        return SiteDescription(
            generator=Generator.PELICAN,
            configuration=configuration.file,
            base_url=configuration.base_url,
            permalink=configuration.url_patterns["ARTICLE_URL"],
            time_zone=configuration.time_zone,
            languages=(configuration.language,) if configuration.language else (),
        )

    def has_pages_in(self, folder: str) -> bool:
        """See `Site`."""
        return is_within_or_above(folder, self.configuration.path)

    def read_page(self, page: Page, now: datetime) -> PageReading:
        """See `Site`."""
        path = self._content_path(page.path)
        if path is None or not self._is_article(path):
            return HiddenPage()
        given = _metadata_of(page.fields)
        if self.configuration.has_yaml_metadata:
            given = read_yaml_values(given)
        given = {name: value for name, value in given.items() if value not in ("", [""], [])}
        metadata = {**self._usual_metadata(path), **given}
        status = _text(metadata, "status").strip().lower() or "published"
        if status not in _STATUSES or status == "skip":
            return HiddenPage()
        date = self._date(metadata)
        if status == "published" and self._is_future(date, now):
            status = "draft"
            if not self.drafts:
                return HiddenPage(until=date)
        if status != "published" and not self.drafts:
            return HiddenPage()
        return self._article(path, metadata, given, date, status)

    def _content_path(self, path: str) -> str | None:
        """A path within the folder with the content, None for a page outside of it."""
        content = self.configuration.path
        if self.configuration.file is None:
            # The source may be a part of the content, or contain its folder.
            _, separator, rest = f"/{path}".partition(f"/{CONTENT_FOLDER}/")
            return rest if separator else path
        if not content:
            return path
        return path.removeprefix(f"{content}/") if path.startswith(f"{content}/") else None

    def _is_article(self, path: str) -> bool:
        """Whether Pelican reads the file as an article, not as a page of the other kind."""
        configuration = self.configuration
        if not path.endswith(_ENDINGS):
            return False
        if any(
            fnmatchcase(part, pattern)
            for part in path.split("/")
            for pattern in configuration.ignored_files
        ):
            return False
        folder = f"{posixpath.dirname(path)}/"
        within = any(
            not root.strip("./") or f"{path}/".startswith(f"{posixpath.normpath(root)}/")
            for root in configuration.article_paths
        )
        return within and not any(
            folder.startswith(f"{posixpath.normpath(each)}/")
            for each in configuration.article_excludes
            if each and each not in configuration.article_paths
        )

    def _usual_metadata(self, path: str) -> Mapping[str, object]:
        """What settings and path say about an article that does not say it itself."""
        configuration = self.configuration
        metadata: dict[str, object] = dict(configuration.default_metadata)
        for prefix, fields in sorted(configuration.path_metadata.items()):
            if path == prefix or path.startswith(f"{prefix}/"):
                metadata |= fields
        from_path: dict[str, object] = {}
        name = posixpath.splitext(posixpath.basename(path))[0]
        for setting, text in (("FILENAME_METADATA", name), ("PATH_METADATA", path)):
            expression = configuration.metadata_expressions.get(setting)
            found = expression.match(text) if expression else {}
            from_path = {**{key.lower(): value for key, value in found.items()}, **from_path}
        folder = posixpath.basename(posixpath.dirname(path))
        if configuration.category_from_folder and configuration.has_categories and folder:
            from_path.setdefault("category", folder)
        return {**metadata, **from_path}

    def _date(self, metadata: Mapping[str, object]) -> datetime | None:
        """The date, with a time zone. Raises `RejectedError` if it is not a date."""
        written = _text(metadata, "date").replace("_", " ")
        name = _text(metadata, "timezone") or self.configuration.time_zone
        try:
            date = parse_pelican_date(written) if written else self.configuration.default_date
        except ValueError as error:
            raise RejectedError(str(error), field="publishedDateTime") from error
        if date is None or date.tzinfo is not None:
            return date
        try:
            return date.replace(tzinfo=ZoneInfo(name))
        except (ValueError, OSError, KeyError) as error:
            raise RejectedError("is not the name of a time zone", field="timezone") from error

    def _is_future(self, date: datetime | None, now: datetime) -> bool:
        return not self.configuration.has_future_articles and date is not None and date > now

    def _article(
        self,
        path: str,
        metadata: Mapping[str, object],
        given: Mapping[str, object],
        date: datetime | None,
        status: str,
    ) -> PageReading:
        configuration = self.configuration
        title = _text(metadata, "title")
        own_language = _text(metadata, "lang")
        language = own_language or configuration.language
        is_translation = bool(own_language) and own_language != (configuration.language or "en")
        kind = ("DRAFT" if status == "draft" else "ARTICLE") + ("_LANG" if is_translation else "")
        # Without a date, the article is rejected for that, whatever its address.
        values = self._address_values(path, metadata, title, language or "en")
        address_date = date or datetime.min.replace(tzinfo=UTC)
        addresses = {}
        for name, own in (("URL", "url"), ("SAVE_AS", "save_as")):
            pattern = configuration.url_patterns[f"{kind}_{name}"]
            text = _text(metadata, own)
            addresses[own] = text or expand(pattern, values, address_date)
        if not addresses["save_as"]:
            return HiddenPage()
        pictures = PictureLinks(configuration, path, addresses["save_as"])
        return SitePage(
            address=as_path(addresses["url"]),
            title=title or None,
            published_at=date,
            language=language,
            other_addresses=tuple(as_path(each) for each in _list(metadata.get("alias"))),
            fields=_our_fields(metadata, given, pictures),
            picture_address=pictures.resolve,
        )

    def _address_values(
        self, path: str, metadata: Mapping[str, object], title: str, language: str
    ) -> Mapping[str, str]:
        configuration = self.configuration
        basename = posixpath.splitext(posixpath.basename(path))[0]
        slug = _text(metadata, "slug").strip()
        if not slug:
            by_name = configuration.slug_source == "basename"
            slug = configuration.slugs.make(basename if by_name else title)
        author = _text(metadata, "author").strip() or next(
            iter(_list(metadata.get("authors"))), configuration.author or ""
        )
        category = _text(metadata, "category").strip()
        if configuration.has_categories:
            category = category or configuration.default_category
        patterns = " ".join(configuration.url_patterns.values())
        has_category = "category" in patterns or "categories" in patterns
        texts = {name: value for name, value in metadata.items() if isinstance(value, str)}
        return {
            **texts,
            "path": path,
            "basename": basename,
            "slug": slug,
            "lang": language,
            "author": configuration.author_slugs.make(author) if "author" in patterns else "",
            "category": configuration.category_slugs.make(category) if has_category else "",
        }


def _our_fields(
    metadata: Mapping[str, object], given: Mapping[str, object], pictures: PictureLinks
) -> Mapping[str, object]:
    """The fields that most generators have, from those that are given in an article.

    The category may also be that of the article's folder.
    """
    category = _text(metadata, "category").strip()
    fields = translate_common(
        {
            **given,
            "excerpt": _text(given, "excerpt") or _text(given, "summary"),
            "category": category or None,
            "tags": list(_list(metadata.get("tags"))),
        }
    )
    return {**fields, "images": pictures.resolve_fields(fields.get("images"))}


def _metadata_of(fields: Mapping[str, object]) -> dict[str, object]:
    """The metadata with keys in lower case, as Pelican has them."""
    metadata: dict[str, object] = {}
    for name, value in fields.items():
        key = name.lower()
        if key in metadata or value is None:
            continue
        metadata[key] = value
    return metadata


def _text(metadata: Mapping[str, object], name: str) -> str:
    """A field as text; of several lines, those that Pelican joins or its first one."""
    value = metadata.get(name)
    if isinstance(value, list):
        lines = [line for line in value if isinstance(line, str)]
        return "\n".join(lines[:1] if name in _SINGLE else lines)
    return value if isinstance(value, str) else ""


def _list(value: object) -> Sequence[str]:
    """A list of names, which Pelican splits at semicolons or else at commas."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        value = value.split(";" if ";" in value else ",")
    if not isinstance(value, list):
        return ()
    names = (name.strip() for name in value if isinstance(name, str))
    return tuple(dict.fromkeys(name for name in names if name))


def _recognises(files: SiteFiles) -> bool:
    return any(files.exists(name) for name in CONFIGURATION_FILES)


def _configure(files: SiteFiles, settings: SiteSettings) -> PelicanSite:
    return PelicanSite(read_configuration(files, settings), settings.drafts)


RULES = GeneratorRules(
    Generator.PELICAN,
    (CONTENT_FOLDER,),
    _recognises,
    _configure,
    read_metadata,
)
