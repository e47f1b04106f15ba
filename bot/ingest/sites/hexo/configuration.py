"""Hexo's configuration file, `_config.yml`: https://hexo.io/docs/configuration."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.ingest.sites.configuration import read_yaml
from bot.ingest.sites.hexo.permalinks import PrettyUrls, site_address
from bot.ingest.sites.site import SiteFiles, SiteSettings

_FILES = ("_config.yml", "_config.yaml", "_config.json")
# Settings that no other generator has in a file of this name.
_OWN_SETTINGS = frozenset(
    {
        *("new_post_name", "public_dir", "source_dir", "post_asset_folder", "render_drafts"),
        *("i18n_dir", "skip_render", "filename_case", "default_category", "category_map"),
        *("permalink_defaults", "pretty_urls", "archive_dir", "category_dir", "code_dir"),
        *("updated_option", "titlecase", "external_link", "pagination_dir"),
    }
)
_ENOUGH_SETTINGS = 2
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
# The languages of themes, which are files of theirs.
_THEME_LANGUAGES = (
    *("ar", "bg", "cs", "da", "de", "el", "en", "en-US", "es", "fa", "fi", "fr", "he", "hu", "id"),
    *("it", "ja", "ko", "mn", "nl", "no", "pl", "pt", "pt-BR", "pt-PT", "ro", "ru", "sv", "th"),
    *("tr", "uk", "vi", "zh", "zh-CN", "zh-HK", "zh-TW", "zh-Hans", "zh-Hant"),
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the addresses and the publication of pages depend on, with Hexo's defaults.

    `file` None: there is no configuration in reach. `languages` are those of the configuration,
    `language_folders` the folders of the output that say what language a page has. `time_zone` is
    that of dates in front matter, `machine_zone` that of the machine on which Hexo runs, by which
    dates in addresses are.
    """

    file: str | None = None
    base_url: str | None = None
    permalink: str = ":year/:month/:day/:title/"
    permalink_defaults: Mapping[str, str] = field(default_factory=dict)
    pretty_urls: PrettyUrls = field(default_factory=PrettyUrls)
    source_dir: str = "source"
    new_post_name: str = ":title.md"
    time_zone: ZoneInfo | None = None
    machine_zone: ZoneInfo | None = None
    languages: tuple[str, ...] = ()
    language_folders: frozenset[str] = frozenset()
    future: bool = True
    drafts: bool = False
    asset_folders: bool = False
    filename_case: int = 0
    default_category: str = "uncategorized"
    category_map: Mapping[str, str] = field(default_factory=dict)
    skip_render: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    abbrlink: Mapping[str, str] | None = None


def recognise(files: SiteFiles) -> bool:
    """Whether a folder is the root of a site of Hexo."""
    file = next((each for each in _FILES if files.exists(each)), None)
    if file is None:
        return False
    if "hexo" in _packages(files):
        return True
    settings = read_yaml(files.read(file))
    return len(_OWN_SETTINGS.intersection(settings)) >= _ENOUGH_SETTINGS


def read_configuration(files: SiteFiles, settings: SiteSettings) -> Configuration:
    """Read the configuration; what the settings of the source say takes precedence."""
    file = next((each for each in _FILES if files.exists(each)), None)
    values = read_yaml(files.read(file)) if file else {}
    own_zone = _zone(settings.time_zone)
    languages = tuple(each for each in _texts(values.get("language")) if is_language(each))
    pretty_urls = _mapping(values.get("pretty_urls"))
    defaults = Configuration()
    case = _text(values.get("filename_case"))
    return Configuration(
        file=file,
        base_url=settings.base_url
        or site_address(_text(values.get("url")), _text(values.get("root"))),
        permalink=settings.permalink or _text(values.get("permalink")) or defaults.permalink,
        permalink_defaults=_texts_by_name(values.get("permalink_defaults")),
        pretty_urls=PrettyUrls(
            _flag(pretty_urls.get("trailing_index"), default=True),
            _flag(pretty_urls.get("trailing_html"), default=True),
        ),
        source_dir=_folder(_text(values.get("source_dir"))) or defaults.source_dir,
        new_post_name=_text(values.get("new_post_name")) or defaults.new_post_name,
        time_zone=own_zone or _zone(_text(values.get("timezone"))),
        machine_zone=own_zone,
        languages=languages,
        language_folders=frozenset((*languages, *_theme_languages(files, values))),
        future=settings.drafts or _flag(values.get("future"), default=True),
        drafts=settings.drafts or _flag(values.get("render_drafts"), default=False),
        asset_folders=_flag(values.get("post_asset_folder"), default=False),
        filename_case=int(case) if case in {"1", "2"} else 0,
        default_category=_text(values.get("default_category")) or defaults.default_category,
        category_map=_texts_by_name(values.get("category_map")),
        skip_render=_texts(values.get("skip_render")),
        include=_texts(values.get("include")),
        exclude=_texts(values.get("exclude")),
        ignore=_texts(values.get("ignore")),
        abbrlink=_texts_by_name(values.get("abbrlink"))
        if "hexo-abbrlink" in _packages(files)
        else None,
    )


def is_language(text: str) -> bool:
    """Whether a text is the code of a language; `default` is not."""
    return _LANGUAGE.fullmatch(text) is not None


def _packages(files: SiteFiles) -> frozenset[str]:
    """The packages that the site depends on; `hexo` is also a field of its `package.json`."""
    try:
        package = json.loads(files.read("package.json") or b"{}")
    except (ValueError, RecursionError):
        return frozenset()
    if not isinstance(package, dict):
        return frozenset()
    names = [*_mapping(package.get("dependencies")), *_mapping(package.get("devDependencies"))]
    return frozenset((*names, "hexo") if "hexo" in package else names)


def _theme_languages(files: SiteFiles, values: Mapping[str, object]) -> Sequence[str]:
    """https://hexo.io/docs/internationalization: each has a file in the folder of the theme."""
    theme = _text(values.get("theme"))
    folder = f"themes/{theme}/languages"
    if not theme or "/" in theme or ".." in theme or not files.exists(folder):
        return ()
    names = {f"{code}.{ending}": code for code in _THEME_LANGUAGES for ending in ("yml", "yaml")}
    return [names[path.rpartition("/")[2]] for path in files.find(names, folder)]


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _folder(path: str) -> str:
    return path.removeprefix("./").strip("/")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(each for each in values if isinstance(each, str) and each)


def _flag(value: object, *, default: bool) -> bool:
    text = _text(value).lower()
    return text == "true" if text in {"true", "false"} else default


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _texts_by_name(value: object) -> Mapping[str, str]:
    return {name: text for name, text in _mapping(value).items() if isinstance(text, str)}
