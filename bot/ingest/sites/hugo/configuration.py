"""Reads the configuration of a site: https://gohugo.io/configuration/introduction."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.ingest.sites.configuration import read_toml, read_yaml
from bot.ingest.sites.file_names import NamesEndingWith
from bot.ingest.sites.hugo.cascades import Cascade, parse_cascades
from bot.ingest.sites.hugo.dates import DateFields
from bot.ingest.sites.hugo.globs import ENVIRONMENT
from bot.ingest.sites.hugo.permalinks import PermalinkRule, parse_rules
from bot.ingest.sites.hugo.text import PathRules
from bot.ingest.sites.hugo.values import (
    group,
    groups,
    is_true,
    lower_keys,
    merge,
    text,
    texts,
)
from bot.ingest.sites.site import SiteFiles

_SUFFIXES = ("toml", "yaml", "yml", "json")
_NAMES = ("hugo", "config")
# Files in `config` that say nothing about pages.
_IGNORED_NAMES = frozenset({"menu", "menus", "params", "markup", "server", "outputs", "imaging"})
_MAX_FILES = 500
_DEFAULT_FOLDER = "config/_default"
_BASE_URL = re.compile(r"https?://[^\s?#]+", re.IGNORECASE)
_MAX_LANGUAGES = 200
# Keys that show that a file `config.*` is Hugo's, which has no `base_url` (Zola has).
_HUGO_KEYS = frozenset(
    {"baseurl", "languagecode", "theme", "defaultcontentlanguage", "permalinks", "contentdir"}
)
_MAX_IGNORE_PATTERN = 200
# Patterns that take no more than quadratic time.
_MAX_STARS = 1
_MAX_IGNORE_PATTERNS = 50
_MAX_MOUNTS = 100
_SIMPLE_PATTERN = re.compile(
    r"(?:[^\\*+?{}()|\[\]]|\\[^\w\s]|\.\*(?=[^*+?{]|\Z)|\[[\w.]+\](?![*+?{]))*"
)


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of content, in the tree of the content at `target` (empty: at its root)."""

    source: str
    target: str = ""
    language: str | None = None

    def contains(self, path: str) -> bool:
        """Whether a file is in the folder or below."""
        return not self.source or path.startswith(f"{self.source}/")


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the site, with what is configured for it or for all.

    `code` is its name in the configuration, such as `de`.
    """

    code: str
    base_url: str | None = None
    time_zone: str | None = None
    permalinks: tuple[PermalinkRule, ...] = ()
    dates: DateFields = field(default_factory=DateFields)
    cascades: tuple[Cascade, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is configured, with Hugo's defaults for what is not.

    The first of `languages` is the main one; without any, the pages' language is `language`, if
    it is known. `ugly` is a flag for each section, or for all.
    """

    file: str | None
    base_url: str | None
    languages: tuple[Language, ...]
    language_codes: tuple[str, ...]
    language: str | None
    disabled_languages: frozenset[str]
    main_in_subfolder: bool
    has_hosts: bool
    mounts: tuple[Mount, ...]
    path_rules: PathRules
    ugly: Mapping[str, bool] | bool
    builds_drafts: bool
    builds_future: bool
    builds_expired: bool
    ignored: tuple[re.Pattern[str], ...]

    @property
    def is_multilingual(self) -> bool:
        """Whether it has several languages that are not switched off."""
        return len(self.languages) > 1

    def is_ugly(self, section: str) -> bool:
        """Whether addresses end in `.html`: https://gohugo.io/configuration/ugly-urls."""
        return self.ugly if isinstance(self.ugly, bool) else self.ugly.get(section, False)


def has_configuration(files: SiteFiles) -> bool:
    """Return whether the root of a Hugo site has these files."""
    if any(files.exists(f"hugo.{suffix}") for suffix in _SUFFIXES):
        return True
    if files.exists(_DEFAULT_FOLDER) and files.find(_file_names(_NAMES), _DEFAULT_FOLDER):
        return True
    path = _first_existing(files, "config")
    if path is None:
        return False
    keys = _read_file(files, path).keys()
    if "base_url" in keys or _HUGO_KEYS.isdisjoint(keys):
        return False
    # Other programs have a theme in such a file, too.
    return "baseurl" in keys or files.exists("content")


def read_configuration(files: SiteFiles) -> Configuration:
    """Read what is configured; what can't be understood is left out."""
    path, configured = _read_root(files)
    path, configured = _read_folders(files, path, configured)
    return _configuration(path, configured)


def _read_root(files: SiteFiles) -> tuple[str | None, Mapping[str, object]]:
    for name in _NAMES:
        path = _first_existing(files, name)
        if path is not None:
            return path, _read_file(files, path)
    return None, {}


def _read_folders(
    files: SiteFiles, path: str | None, configured: Mapping[str, object]
) -> tuple[str | None, Mapping[str, object]]:
    """Add the files in `config`.

    https://gohugo.io/configuration/introduction/#configuration-directory
    """
    for folder in (_DEFAULT_FOLDER, f"config/{ENVIRONMENT}"):
        if not files.exists(folder):
            continue
        names = NamesEndingWith(tuple(f".{suffix}" for suffix in _SUFFIXES))
        for each in files.find(names, folder)[:_MAX_FILES]:
            name, _, language = each.rpartition("/")[2].rpartition(".")[0].partition(".")
            if name in _IGNORED_NAMES:
                continue
            content = _unwrapped(_read_file(files, each), name)
            if language:
                configured = merge(configured, {"languages": {language.lower(): content}})
            elif name in _NAMES:
                path = path or each
                configured = merge(configured, group(content))
            else:
                configured = merge(configured, {name.lower(): content})
    return path, configured


def _unwrapped(content: Mapping[str, object], key: str) -> object:
    """The values of a file named after a key, which may be below that key in it."""
    return content[key] if len(content) == 1 and key in content else content


def _first_existing(files: SiteFiles, name: str) -> str | None:
    paths = (f"{name}.{suffix}" for suffix in _SUFFIXES)
    return next((path for path in paths if files.exists(path)), None)


def _file_names(names: Sequence[str]) -> Sequence[str]:
    return [f"{name}.{suffix}" for name in names for suffix in _SUFFIXES]


def _read_file(files: SiteFiles, path: str) -> Mapping[str, object]:
    content = files.read(path)
    # JSON is YAML, too.
    return lower_keys(read_toml(content) if path.endswith(".toml") else read_yaml(content))


def _configuration(path: str | None, configured: Mapping[str, object]) -> Configuration:
    codes, disabled = _languages(configured)
    by_language = group(configured.get("languages"))
    languages = tuple(_language(code, configured, group(by_language.get(code))) for code in codes)
    main = languages[0]
    main_configured = {**configured, **group(by_language.get(main.code))}
    code = text(configured.get("locale")) or text(configured.get("languagecode"))
    is_named = bool(by_language) or "defaultcontentlanguage" in configured
    return Configuration(
        file=path,
        base_url=main.base_url,
        languages=languages,
        language_codes=tuple(codes),
        language=main.code if is_named else code or None,
        disabled_languages=disabled,
        main_in_subfolder=is_true(configured.get("defaultcontentlanguageinsubdir")),
        has_hosts=any("baseurl" in group(each) for each in by_language.values()),
        mounts=_mounts(configured, codes, by_language),
        path_rules=PathRules(
            keep_case=is_true(main_configured.get("disablepathtolower")),
            without_accents=is_true(main_configured.get("removepathaccents")),
        ),
        ugly=_ugly(configured.get("uglyurls")),
        builds_drafts=is_true(main_configured.get("builddrafts")),
        builds_future=is_true(main_configured.get("buildfuture")),
        builds_expired=is_true(main_configured.get("buildexpired")),
        ignored=_ignored(configured.get("ignorefiles")),
    )


def _languages(configured: Mapping[str, object]) -> tuple[Sequence[str], frozenset[str]]:
    """The codes of the languages, the main one first, and those that are switched off.

    https://gohugo.io/configuration/languages
    """
    by_language = group(configured.get("languages"))
    switched_off = {each.lower() for each in texts(configured.get("disablelanguages"))}
    disabled = frozenset(
        code
        for code, language in by_language.items()
        if code in switched_off or is_true(group(language).get("disabled"))
    )
    codes = [code for code in by_language if code not in disabled][:_MAX_LANGUAGES]
    codes.sort(key=lambda code: _weight(group(by_language[code])) or (1, 0, code))
    default = text(configured.get("defaultcontentlanguage")).lower()
    if default not in codes:
        default = default or "en"
        default = next((each for each in codes if each == default), codes[0] if codes else default)
    return [default, *(each for each in codes if each != default)], disabled


def _weight(language: Mapping[str, object]) -> tuple[int, float, str] | None:
    try:
        weight = float(text(language.get("weight")))
    except ValueError:
        return None
    return (0, weight, "") if weight else None


def _language(code: str, configured: Mapping[str, object], own: Mapping[str, object]) -> Language:
    # A key of the language replaces the whole key of all languages.
    merged = {**configured, **own}
    base_url = text(merged.get("baseurl")).strip()
    return Language(
        code=code,
        base_url=base_url if _BASE_URL.fullmatch(base_url) else None,
        time_zone=_time_zone(text(merged.get("timezone"))),
        permalinks=parse_rules(merged.get("permalinks")),
        dates=DateFields.parse(group(merged.get("frontmatter"))),
        cascades=parse_cascades(merged.get("cascade")),
    )


def _time_zone(name: str) -> str | None:
    try:
        return ZoneInfo(name).key if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _mounts(
    configured: Mapping[str, object], codes: Sequence[str], by_language: Mapping[str, object]
) -> tuple[Mount, ...]:
    """https://gohugo.io/configuration/module/#mounts, else the folder of each language."""
    mounts: list[Mount] = []
    for each in groups(group(configured.get("module")).get("mounts"))[:_MAX_MOUNTS]:
        target = _folder(text(each.get("target")))
        if target != "content" and not target.startswith("content/"):
            continue
        matrix = group(group(each.get("sites")).get("matrix"))
        languages = [*texts(each.get("lang")), *texts(matrix.get("languages"))]
        language = languages[0].lower() if languages else None
        mounts.append(Mount(_folder(text(each.get("source"))), target[len("content/") :], language))
    if not mounts:
        shared = _folder(text(configured.get("contentdir")) or "content")
        own = {code: text(group(by_language.get(code)).get("contentdir")) for code in codes}
        mounts = [Mount(_folder(own[code]), "", code) for code in codes if own[code]]
        if len(mounts) < len(codes):
            mounts.append(Mount(shared))
    return tuple(sorted(mounts, key=lambda mount: -len(mount.source)))


def _folder(path: str) -> str:
    parts = [part for part in path.replace("\\", "/").split("/") if part not in {"", "."}]
    return "/".join(parts)


def _ugly(configured: object) -> Mapping[str, bool] | bool:
    if isinstance(configured, Mapping):
        return {section: is_true(value) for section, value in configured.items()}
    return is_true(configured)


def _ignored(configured: object) -> tuple[re.Pattern[str], ...]:
    """Regular expressions, of which only simple ones are used."""
    return tuple(
        re.compile(each)
        for each in (configured if isinstance(configured, list) else [configured])[
            :_MAX_IGNORE_PATTERNS
        ]
        if isinstance(each, str)
        and len(each) <= _MAX_IGNORE_PATTERN
        and each.count("*") <= _MAX_STARS
        and _SIMPLE_PATTERN.fullmatch(each)
    )
