"""The settings of a Pelican site: https://docs.getpelican.com/en/stable/settings.html."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.ingest.sites.pelican.expressions import SiteExpression
from bot.ingest.sites.pelican.literals import read_assignments
from bot.ingest.sites.pelican.metadata import parse_pelican_date
from bot.ingest.sites.pelican.slugs import DEFAULT_SUBSTITUTIONS, Slugs
from bot.ingest.sites.site import SiteFiles, SiteSettings

# `pelican-quickstart` writes both; the second one adds what only holds for the published site.
CONFIGURATION_FILES = ("pelicanconf.py", "publishconf.py")
CONTENT_FOLDER = "content"
_DATED_NAME = r"(?P<date>\d{4}-\d{2}-\d{2}).*"
_PATTERNS = {
    "ARTICLE_URL": "{slug}.html",
    "ARTICLE_SAVE_AS": "{slug}.html",
    "ARTICLE_LANG_URL": "{slug}-{lang}.html",
    "ARTICLE_LANG_SAVE_AS": "{slug}-{lang}.html",
    "DRAFT_URL": "drafts/{slug}.html",
    "DRAFT_SAVE_AS": "drafts/{slug}.html",
    "DRAFT_LANG_URL": "drafts/{slug}-{lang}.html",
    "DRAFT_LANG_SAVE_AS": "drafts/{slug}-{lang}.html",
    "STATIC_URL": "{path}",
}
_MAX_PATTERN = 500


@dataclass(frozen=True, slots=True)
class PelicanConfiguration:
    """What the settings say about articles. `path` is PATH, relative to the site's root.

    `file` is the file with the settings, None without one: `path` is then not known. `language` is
    DEFAULT_LANG, None if it is not set. `url_patterns` are the settings of addresses, by name.
    """

    file: str | None
    base_url: str | None
    path: str
    article_paths: Sequence[str]
    article_excludes: Sequence[str]
    ignored_files: Sequence[str]
    url_patterns: Mapping[str, str]
    time_zone: str
    language: str | None
    default_date: datetime | None
    has_categories: bool
    default_category: str
    default_metadata: Mapping[str, str]
    path_metadata: Mapping[str, Mapping[str, str]]
    metadata_expressions: Mapping[str, SiteExpression]
    category_from_folder: bool
    author: str | None
    slug_source: str
    slugs: Slugs
    category_slugs: Slugs
    author_slugs: Slugs
    has_future_articles: bool
    has_yaml_metadata: bool


def read_configuration(files: SiteFiles, settings: SiteSettings) -> PelicanConfiguration:
    """Read the files of settings, whose values those of the source take precedence over."""
    values: Mapping[str, object] = {}
    found = None
    for name in CONFIGURATION_FILES:
        content = files.read(name)
        if content is not None:
            values = read_assignments(content, values)
            found = found or name
    site = _Values(_with_current_names(values))
    pages = site.texts("PAGE_PATHS", ("pages",))
    time_zone = settings.time_zone or site.text("TIMEZONE") or "UTC"
    language = site.text("DEFAULT_LANG")
    slugs = site.slugs("SLUG")
    return PelicanConfiguration(
        file=found,
        base_url=site.text("SITEURL") or None,
        path=_content_path(site, files) if found else "",
        article_paths=site.texts("ARTICLE_PATHS", ("",)),
        article_excludes=(*site.texts("ARTICLE_EXCLUDES", ()), *pages),
        ignored_files=site.texts("IGNORE_FILES", (".*",)),
        url_patterns=site.url_patterns(settings.permalink),
        time_zone=time_zone if _is_time_zone(time_zone) else "UTC",
        language=language.lower() if language else None,
        default_date=site.date("DEFAULT_DATE"),
        has_categories=site.text("CATEGORY_SAVE_AS") != "",
        default_category=site.text("DEFAULT_CATEGORY") or "misc",
        default_metadata=_texts_of(site.mapping("DEFAULT_METADATA")),
        path_metadata={
            path.rstrip("/"): _texts_of({**fields})
            for path, fields in site.mapping("EXTRA_PATH_METADATA").items()
            if isinstance(fields, dict)
        },
        metadata_expressions=site.metadata_expressions(),
        category_from_folder=site.flag("USE_FOLDER_AS_CATEGORY", default=True),
        author=site.text("AUTHOR"),
        slug_source=site.text("SLUGIFY_SOURCE") or "title",
        slugs=slugs,
        category_slugs=site.slugs("CATEGORY") if site.has_slugs("CATEGORY") else slugs,
        author_slugs=site.slugs("AUTHOR") if site.has_slugs("AUTHOR") else slugs,
        has_future_articles=site.flag("WITH_FUTURE_DATES", default=True),
        has_yaml_metadata=any("yaml_metadata" in each for each in site.texts("PLUGINS", ())),
    )


def _content_path(site: "_Values", files: SiteFiles) -> str:
    """PATH. If it is not known, it was probably given on the command line."""
    path = posixpath.normpath(site.text("PATH") or "")
    if path == "." or path.startswith(("/", "..")):
        return CONTENT_FOLDER if files.exists(CONTENT_FOLDER) else ""
    return path


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _texts_of(mapping: Mapping[str, object]) -> Mapping[str, str]:
    return {
        key.lower(): str(value)
        for key, value in mapping.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    match value:
        case [str(pattern), str(replacement)]:
            yield pattern, replacement


def _with_current_names(values: Mapping[str, object]) -> Mapping[str, object]:
    """The settings with those of old versions, which Pelican still understands."""
    current = dict(values)
    for old, new in (("ARTICLE_DIR", "ARTICLE_PATHS"), ("PAGE_DIR", "PAGE_PATHS")):
        if isinstance(path := values.get(old), str):
            current[new] = [path]
    if values.get("CLEAN_URLS"):
        current |= {"ARTICLE_URL": "{slug}/", "ARTICLE_LANG_URL": "{slug}-{lang}/"}
    of_slugs = _Values(values).list("SLUG_SUBSTITUTIONS")
    for kind, more in (("SLUG", []), ("CATEGORY", of_slugs), ("AUTHOR", [])):
        if pairs := _Values(values).list(f"{kind}_SUBSTITUTIONS"):
            current[f"{kind}_REGEX_SUBSTITUTIONS"] = _as_expressions([*more, *pairs])
    return current


def _as_expressions(pairs: Sequence[object]) -> Sequence[object]:
    """Substitutions of texts, the third value of which keeps other characters."""
    expressions: list[object] = []
    keeps_all = False
    for pair in pairs:
        match pair:
            case [str(text), str(replacement), *more]:
                expressions.append([re.escape(text), replacement.replace("\\", "\\\\")])
                keeps_all = keeps_all or any(more)
    kept = DEFAULT_SUBSTITUTIONS[1:3] if keeps_all else DEFAULT_SUBSTITUTIONS
    return [*expressions, *([*each] for each in kept)]


class _Values:
    """The settings by their names, each as the type that it should have."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        value = self._values.get(name)
        return value if isinstance(value, str) else None

    def texts(self, name: str, default: Sequence[str]) -> Sequence[str]:
        value = self._values.get(name)
        if not isinstance(value, Sequence) or isinstance(value, str):
            return default
        return [item for item in value if isinstance(item, str)]

    def list(self, name: str) -> Sequence[object]:
        value = self._values.get(name)
        return value if isinstance(value, list) else ()

    def mapping(self, name: str) -> Mapping[str, object]:
        value = self._values.get(name)
        return (
            {key: each for key, each in value.items() if isinstance(key, str)}
            if isinstance(value, dict)
            else {}
        )

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._values.get(name, default)
        return bool(value)

    def date(self, name: str) -> datetime | None:
        """A date as text or as the arguments of `datetime`. `fs`, the file's time, is not known."""
        value = self._values.get(name)
        try:
            if isinstance(value, str) and value != "fs":
                return parse_pelican_date(value)
            if isinstance(value, list) and all(type(item) is int for item in value):
                return datetime(*value)  # noqa: DTZ001 - the site's time zone is added later
        except (ValueError, TypeError, OverflowError):
            pass
        return None

    def url_patterns(self, permalink: str | None) -> Mapping[str, str]:
        patterns = dict(_PATTERNS)
        for name in _PATTERNS:
            value = self.text(name)
            if value is not None and len(value) <= _MAX_PATTERN:
                patterns[name] = value
        if permalink is not None:
            patterns["ARTICLE_URL"] = permalink
            if "{lang}" in permalink or ":lang" in permalink:
                patterns["ARTICLE_LANG_URL"] = permalink
        return patterns

    def metadata_expressions(self) -> Mapping[str, SiteExpression]:
        sources = {
            "FILENAME_METADATA": self.text("FILENAME_METADATA"),
            "PATH_METADATA": self.text("PATH_METADATA"),
        }
        if sources["FILENAME_METADATA"] is None:
            sources["FILENAME_METADATA"] = _DATED_NAME
        expressions = {}
        for name, source in sources.items():
            try:
                if source:
                    expressions[name] = SiteExpression(source)
            except ValueError:
                continue
        return expressions

    def has_slugs(self, kind: str) -> bool:
        return isinstance(self._values.get(f"{kind}_REGEX_SUBSTITUTIONS"), list)

    def slugs(self, kind: str) -> Slugs:
        pairs: Sequence[tuple[str, str]] = DEFAULT_SUBSTITUTIONS
        if self.has_slugs(kind):
            given = self._values[f"{kind}_REGEX_SUBSTITUTIONS"]
            assert isinstance(given, list)
            pairs = [pair for item in given for pair in _pairs(item)]
        return Slugs.from_pairs(
            pairs,
            keeps_unicode=self.flag("SLUGIFY_USE_UNICODE", default=False),
            keeps_case=self.flag("SLUGIFY_PRESERVE_CASE", default=False),
        )
