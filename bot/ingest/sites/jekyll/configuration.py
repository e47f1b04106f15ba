"""Reads the configuration of a Jekyll site: https://jekyllrb.com/docs/configuration/options.

Pure, apart from the files of the site, which it is given.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from urllib.parse import urlsplit

from bot.ingest.field_values import parse_boolean
from bot.ingest.sites.configuration import Configuration, read_toml, read_yaml
from bot.ingest.sites.jekyll.dates import read_zone
from bot.ingest.sites.jekyll.defaults import FrontMatterDefaults
from bot.ingest.sites.jekyll.globs import PathList
from bot.ingest.sites.site import SiteFiles, SiteSettings

# In this order: Jekyll reads the first one that exists.
NAMES = ("_config.yml", "_config.yaml", "_config.toml")
POSTS = "posts"
# https://jekyllrb.com/docs/permalinks/#built-in-formats
STYLES = {
    "none": "/:categories/:title:output_ext",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
}
_STYLES_WITH_EXTENSION = frozenset({"date", "ordinal", "none"})
_ALWAYS_EXCLUDED = (
    *(".sass-cache", ".jekyll-cache", "gemfiles", "Gemfile", "Gemfile.lock", "node_modules"),
    *("vendor/bundle/", "vendor/cache/", "vendor/gems/", "vendor/ruby/"),
)
_MARKDOWN = "markdown,mkdown,mkdn,mkd,md"
_NOT_IN_LABEL = re.compile(r"[^A-Za-z0-9_.-]")
_HOST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
# Hosts at which sites are previewed.
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1"})  # noqa: S104
# Keys of the configuration of Hexo, whose file has the same name: https://hexo.io/docs/configuration.
_KEYS_OF_HEXO = frozenset({"public_dir", "source_dir", "new_post_name", "skip_render"})
# Jupyter Book has a file of the same name, too, and this one.
_CONTENTS_OF_BOOK = "_toc.yml"
# https://polyglot.untra.io, https://github.com/kurtsson/jekyll-multiple-languages-plugin
_POLYGLOT = "jekyll-polyglot"
_MULTIPLE_LANGUAGES = "jekyll-multiple-languages-plugin"


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a site, the main one first.

    `in_folders`: a plug-in writes the pages of all other languages below a folder each.
    `from_paths`: the language of a page may be the name of a folder that it is in. `translations`:
    posts are in `_i18n/LANGUAGE/_posts`, and not in `_posts`.
    """

    codes: tuple[str, ...] = ()
    in_folders: bool = False
    from_paths: bool = False
    translations: bool = False

    def find(self, code: str) -> str | None:
        """Return a language of the site as the site spells it."""
        return next((each for each in self.codes if each.lower() == code.lower()), None)


@dataclass(frozen=True, slots=True)
class JekyllConfiguration:
    """What matters of a configuration; the defaults are those of Jekyll.

    `path` is None without a file. `collections` are the patterns of the collections' addresses, by
    name, of those whose documents are written. Folders have no `/` at their ends. `given_pattern`
    is that of the source's settings: its pages have it, too, even if they are no posts.
    """

    path: str | None = None
    base_url: str | None = None
    permalink: str = "date"
    given_pattern: str | None = None
    zone: tzinfo = UTC
    zone_name: str | None = None
    languages: Languages = Languages()
    language: str | None = None
    source: str = ""
    destination: str = "_site"
    collections_folder: str = ""
    collections: Mapping[str, str] = field(default_factory=dict)
    include: PathList = field(default_factory=lambda: PathList([]))
    exclude: PathList = field(default_factory=lambda: PathList(_ALWAYS_EXCLUDED))
    markdown: frozenset[str] = frozenset(f".{each}" for each in _MARKDOWN.split(","))
    defaults: FrontMatterDefaults = field(default_factory=lambda: FrontMatterDefaults([], ""))
    future: bool = False
    drafts: bool = False
    unpublished: bool = False
    excerpt_separator: str = ""

    @property
    def page_suffix(self) -> str:
        """What addresses of pages end with, according to those of posts."""
        return page_suffix(self.permalink)


def is_site(files: SiteFiles) -> bool:
    """Whether a folder has a configuration of Jekyll, or none but its folders.

    Hexo and Jupyter Book have configurations of the same name.
    """
    path, values = _read(files)
    if path is None:
        return files.exists("_posts") and files.exists("_layouts")
    if not _KEYS_OF_HEXO.isdisjoint(values) or files.exists(_CONTENTS_OF_BOOK):
        return False
    return _folder(values.get("source")) == "source" or not files.exists("source/_posts")


def read_configuration(files: SiteFiles, settings: SiteSettings) -> JekyllConfiguration:
    """Read the configuration of a site; what is set for the source takes precedence."""
    path, values = _read(files)
    permalink = settings.permalink or _text(values.get("permalink")) or "date"
    collections_folder = _folder(values.get("collections_dir"))
    zone_name = settings.time_zone or _text(values.get("timezone"))
    include = _texts(values.get("include")) or (".htaccess",)
    exclude = (*_texts(values.get("exclude")), *_ALWAYS_EXCLUDED)
    source = _folder(values.get("source"))
    markdown = _text(values.get("markdown_ext")) or _MARKDOWN
    return JekyllConfiguration(
        path=path,
        base_url=settings.base_url or _base_url(values, files, source),
        permalink=permalink,
        given_pattern=settings.permalink if ":" in (settings.permalink or "") else None,
        zone=read_zone(zone_name),
        zone_name=zone_name,
        languages=_languages(values),
        language=_text(values.get("lang")) or _text(values.get("locale")),
        source=source,
        destination=_folder(values.get("destination")) or "_site",
        collections_folder=collections_folder,
        collections=_collections(values.get("collections"), permalink, settings.permalink),
        include=PathList(include),
        exclude=PathList([each for each in exclude if each not in include]),
        markdown=frozenset(f".{each.strip().lower()}" for each in markdown.split(",")),
        defaults=FrontMatterDefaults(values.get("defaults"), collections_folder),
        future=settings.drafts or is_true(values.get("future")),
        drafts=settings.drafts or is_true(values.get("show_drafts")),
        unpublished=settings.drafts or is_true(values.get("unpublished")),
        excerpt_separator=_text(values.get("excerpt_separator")) or "",
    )


def page_suffix(permalink: str) -> str:
    """Return what addresses of pages end with if those of posts have this pattern or style."""
    if permalink == "pretty" or permalink.endswith("/"):
        return "/"
    has_extension = permalink in _STYLES_WITH_EXTENSION or permalink.endswith(":output_ext")
    return ":output_ext" if has_extension else ""


def is_true(value: object) -> bool:
    """Whether a value is true in YAML."""
    try:
        return parse_boolean(value) or False
    except ValueError:
        return False


def _read(files: SiteFiles) -> tuple[str | None, Configuration]:
    path = next((name for name in NAMES if files.exists(name)), None)
    if path is None:
        return None, {}
    content = files.read(path)
    return path, read_toml(content) if path.endswith(".toml") else read_yaml(content)


def _collections(value: object, permalink: str, given: str | None) -> Mapping[str, str]:
    """The patterns of collections that are written; a pattern that is `given` is for all."""
    named = value if isinstance(value, dict) else dict.fromkeys(_texts(value))
    patterns: dict[str, str] = {}
    for name, given_options in named.items():
        options = given_options if isinstance(given_options, dict) else {}
        label = _NOT_IN_LABEL.sub("", name)
        if label == POSTS or is_true(options.get("output")):
            own = given or _text(options.get("permalink"))
            patterns[label] = own or f"/:collection/:path{page_suffix(permalink)}"
    posts = named.get(POSTS)
    own = _text(posts.get("permalink")) if isinstance(posts, dict) else None
    return patterns | {POSTS: given or own or STYLES.get(permalink, permalink)}


def _base_url(values: Configuration, files: SiteFiles, source: str) -> str | None:
    """The address of the site: `url` with `baseurl`, or the domain that GitHub Pages is given."""
    url = _text(values.get("url")) or ""
    if not _is_public(url):
        content = files.read(f"{source}/CNAME" if source else "CNAME") or b""
        host = content[:300].decode("utf-8", "replace").strip()
        if not _HOST.fullmatch(host):
            return None
        url = f"https://{host}"
    folder = (_text(values.get("baseurl")) or "").strip("/")
    return f"{url.rstrip('/')}/{folder}/" if folder else f"{url.rstrip('/')}/"


def _is_public(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme in {"http", "https"} and host not in {"", *_LOCAL_HOSTS}


def _languages(values: Configuration) -> Languages:
    codes = _texts(values.get("languages"))
    main = _text(values.get("default_lang"))
    plugins = {*_texts(values.get("plugins")), *_texts(values.get("gems"))}
    if _MULTIPLE_LANGUAGES in plugins:
        has_translations = "_posts" not in _texts(values.get("exclude_from_localizations"))
        return Languages(codes, in_folders=True, from_paths=True, translations=has_translations)
    if codes and (_POLYGLOT in plugins or main):
        main = main or "en"
        return Languages(
            (main, *(each for each in codes if each != main)),
            in_folders=True,
            from_paths=is_true(values.get("lang_from_path")),
        )
    site_language = _text(values.get("lang")) or _text(values.get("locale"))
    ordered = (site_language, *codes) if site_language else codes
    return Languages(tuple(dict.fromkeys(ordered)), from_paths=True)


def _folder(value: object) -> str:
    text = (_text(value) or "").removeprefix("./").strip("/")
    return "" if text == "." else text


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(filter(None, map(_text, value))) if isinstance(value, list) else ()
