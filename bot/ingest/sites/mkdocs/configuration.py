"""The configuration of an MkDocs site: https://www.mkdocs.org/user-guide/configuration.

Those of the plugins: https://squidfunk.github.io/mkdocs-material/plugins/blog,
https://squidfunk.github.io/mkdocs-material/plugins/meta,
https://ultrabug.github.io/mkdocs-static-i18n.
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.ingest.field_values import parse_boolean, parse_integer
from bot.ingest.sites.configuration import read_yaml
from bot.ingest.sites.mkdocs.patterns import FilePatterns
from bot.ingest.sites.mkdocs.slugs import FUNCTIONS, PYMDOWNX, Slugify
from bot.ingest.sites.site import SiteFiles, SiteSettings

CONFIGURATION_FILES = ("mkdocs.yml", "mkdocs.yaml")
DOCS_FOLDER = "docs"
_MAX_TEXT = 200
_MAX_PARENTS = 5
_MAX_META_FILES = 200
_PYTHON_NAME = "tag:yaml.org,2002:python/name:"
_PYTHON_CALL = "tag:yaml.org,2002:python/object/apply:"
_PYMDOWNX_SLUGIFY = "pymdownx.slugs.slugify"
_ALWAYS_EXCLUDED = ".*\n/templates/\n"


@dataclass(frozen=True, slots=True)
class Blog:
    """An instance of the plugin `blog`. Folders are within that of the documents.

    A pattern in the settings of the source that begins with a `/` is relative to the site's root.
    """

    folder: str = "blog"
    posts: str = "blog/posts"
    url_format: str = "{date}/{slug}"
    date_format: str = "yyyy/MM/dd"
    max_categories: int = 1
    slugify: Slugify = PYMDOWNX
    separator: str = "-"
    category_slugify: Slugify = PYMDOWNX
    category_separator: str = "-"
    hides_future_posts: bool = False
    is_from_root: bool = False


@dataclass(frozen=True, slots=True)
class Languages:
    """The plugin `i18n`: files belong to a language by their folder, or by `.fr` in their names."""

    default: str
    built: Sequence[str]
    known: Sequence[str]
    by_folder: bool


@dataclass(frozen=True, slots=True)
class MkDocsConfiguration:
    """What is known of a site. `file` is None without a configuration.

    `meta_files` has the fields of the files of the plugin `meta` by their folders.
    """

    file: str | None = None
    base_url: str | None = None
    docs: str = DOCS_FOLDER
    directory_urls: bool = True
    language: str | None = None
    blogs: Sequence[Blog] = ()
    languages: Languages | None = None
    excluded: FilePatterns = field(default_factory=FilePatterns)
    drafts: FilePatterns = field(default_factory=FilePatterns)
    titles: Mapping[str, str] = field(default_factory=dict)
    meta_files: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    has_attribute_lists: bool = False


def read_configuration(files: SiteFiles, settings: SiteSettings) -> MkDocsConfiguration:
    """Read the configuration; the values of the source's settings take precedence."""
    file = next((name for name in CONFIGURATION_FILES if files.exists(name)), None)
    if file is None:
        # The most common kind of site with posts.
        return MkDocsConfiguration(blogs=[_blog({}, settings.permalink)])
    values = _read_with_parents(files, file)
    plugins = list(_named_options(values.get("plugins")))
    theme = _mapping(values.get("theme"))
    docs = posixpath.normpath(_text(values, "docs_dir") or DOCS_FOLDER)
    blogs = [
        _blog(options, settings.permalink)
        for name, options in plugins
        if name in {"blog", "material/blog"} and _flag(options, "enabled", default=True)
    ]
    has_meta = [options for name, options in plugins if name in {"meta", "material/meta"}]
    extensions = {name for name, _ in _named_options(values.get("markdown_extensions"))}
    return MkDocsConfiguration(
        file=file,
        base_url=_text(values, "site_url"),
        docs="" if docs == "." else docs,
        directory_urls=_flag(values, "use_directory_urls", default=True),
        language=_text(theme, "language"),
        blogs=blogs,
        languages=next((_languages(options) for name, options in plugins if name == "i18n"), None),
        excluded=FilePatterns.parse(_ALWAYS_EXCLUDED + _long_text(values, "exclude_docs")),
        drafts=FilePatterns.parse(_long_text(values, "draft_docs")),
        titles=dict(_titles(values.get("nav"), 0)),
        meta_files=_read_meta_files(files, docs, has_meta[0]) if has_meta else {},
        has_attribute_lists="attr_list" in extensions
        or "markdown.extensions.attr_list" in extensions,
    )


def _read_with_parents(files: SiteFiles, file: str) -> Mapping[str, object]:
    """A configuration with those that it inherits from, whose mappings it extends."""
    values: dict[str, object] = {}
    for _ in range(_MAX_PARENTS):
        own = dict(read_yaml(files.read(file), _read_tag))
        parent = own.pop("INHERIT", None)
        values = _extend(own, values)
        if not isinstance(parent, str):
            break
        file = posixpath.normpath(posixpath.join(posixpath.dirname(file), parent))
    return values


def _extend(base: Mapping[str, object], more: Mapping[str, object]) -> dict[str, object]:
    extended = dict(base)
    for name, value in more.items():
        known = extended.get(name)
        both = isinstance(known, dict) and isinstance(value, dict)
        extended[name] = _extend(_mapping(known), _mapping(value)) if both else value
    return extended


def _read_tag(tag: str, value: object) -> object:
    """What stands for a value with a tag: the default of a variable, the name of a function."""
    if tag == "!ENV":
        return value[-1] if isinstance(value, list) and len(value) > 1 else None
    if tag.startswith(_PYTHON_NAME):
        return {"function": tag.removeprefix(_PYTHON_NAME)}
    if tag.startswith(_PYTHON_CALL):
        return {"call": tag.removeprefix(_PYTHON_CALL), **_mapping(value)}
    return value


def _named_options(value: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The plugins or extensions with their options, from a list or a mapping."""
    items = [value] if isinstance(value, dict) else value
    for item in items if isinstance(items, list) else ():
        if isinstance(item, str):
            yield item, {}
        for name, options in _mapping(item).items():
            yield name, _mapping(options)


def _blog(options: Mapping[str, object], permalink: str | None) -> Blog:
    folder = _text(options, "blog_dir") or "blog"
    posts = (_text(options, "post_dir") or "{blog}/posts").replace("{blog}", folder)
    return Blog(
        folder=folder,
        posts=posixpath.normpath(posts),
        url_format=permalink or _text(options, "post_url_format") or "{date}/{slug}",
        date_format=_text(options, "post_url_date_format") or "yyyy/MM/dd",
        max_categories=_number(options, "post_url_max_categories", 1),
        slugify=_slugify(options.get("post_slugify")),
        separator=_separator(options, "post_slugify_separator"),
        category_slugify=_slugify(options.get("categories_slugify")),
        category_separator=_separator(options, "categories_slugify_separator"),
        is_from_root=permalink is not None and permalink.startswith("/"),
        hides_future_posts=_flag(options, "draft_if_future_date", default=False),
    )


def _slugify(value: object) -> Slugify:
    function = _mapping(value)
    if function.get("call") == _PYMDOWNX_SLUGIFY:
        given = _mapping(function.get("kwds"))
        return Slugify(
            case=_text(given, "case") or "none",
            percent_encode=_flag(given, "percent_encode", default=False),
            form=_text(given, "normalize") or "NFC",
        )
    return FUNCTIONS.get(_text(function, "function") or "", PYMDOWNX)


def _separator(options: Mapping[str, object], name: str) -> str:
    value = options.get(name, "-")
    return value if isinstance(value, str) and len(value) <= 10 else "-"  # noqa: PLR2004 - short


def _languages(options: Mapping[str, object]) -> Languages | None:
    """The languages; None without a main one: https://ultrabug.github.io/mkdocs-static-i18n."""
    languages = options.get("languages")
    if isinstance(languages, dict):  # before version 1
        languages = [{"locale": locale, **_mapping(each)} for locale, each in languages.items()]
    items = languages if isinstance(languages, list) else []
    known = [each for each in items if isinstance(each, dict)]
    named = [(locale, each) for each in known if (locale := _text(each, "locale"))]
    default = _text(options, "default_language") or next(
        (locale for locale, each in named if _flag(each, "default", default=False)), None
    )
    built = [locale for locale, each in named if _flag(each, "build", default=True)]
    if only := _text(options, "build_only_locale"):
        default, built = only, [only]
    if default is None:
        return None
    others = [locale for locale in built if locale not in {default, "null"}]
    return Languages(
        default=default,
        built=[default, *others],
        known=[locale for locale, _ in named],
        by_folder=_text(options, "docs_structure") == "folder",
    )


def _titles(nav: object, depth: int) -> Iterator[tuple[str, str]]:
    """The paths of the documents that the navigation gives a title."""
    for item in nav if isinstance(nav, list) and depth <= _MAX_PARENTS else ():
        for title, target in _mapping(item).items():
            if isinstance(target, str):
                yield posixpath.normpath(target), title
            else:
                yield from _titles(target, depth + 1)


def _read_meta_files(
    files: SiteFiles, docs: str, options: Mapping[str, object]
) -> Mapping[str, Mapping[str, object]]:
    if not _flag(options, "enabled", default=True):
        return {}
    folder = "" if docs == "." else docs
    paths = files.find({_text(options, "meta_file") or ".meta.yml"}, folder)[:_MAX_META_FILES]
    found = {}
    for path in paths:
        within = path.removeprefix(f"{folder}/") if folder else path
        found[posixpath.dirname(within)] = read_yaml(files.read(path))
    return found


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(values: Mapping[str, object], name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= _MAX_TEXT else None


def _long_text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _flag(values: Mapping[str, object], name: str, *, default: bool) -> bool:
    try:
        flag = parse_boolean(values.get(name))
    except ValueError:
        return default
    return default if flag is None else flag


def _number(values: Mapping[str, object], name: str, default: int) -> int:
    try:
        number = parse_integer(values.get(name))
    except ValueError:
        return default
    return default if number is None else number
