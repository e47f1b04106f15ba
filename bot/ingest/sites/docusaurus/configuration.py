"""Reads the configuration of a Docusaurus site, as far as it can be read without running it.

https://docusaurus.io/docs/api/docusaurus-config.
"""

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.ingest.sites.configuration import read_yaml
from bot.ingest.sites.globs import matches_any
from bot.ingest.sites.javascript import load_script
from bot.ingest.sites.site import SiteFiles

# The site may be in a folder of the repository of what it documents.
_CONFIGURATIONS = tuple(
    f"{folder}docusaurus.config.{ending}"
    for folder in ("", "website/")
    for ending in ("js", "ts", "mjs", "mts", "cjs", "cts")
)
Kind = Literal["blog", "docs", "pages"]
_FOLDERS: Mapping[Kind, str] = {"blog": "blog", "docs": "docs", "pages": "src/pages"}
_ROUTES: Mapping[Kind, str] = {"blog": "blog", "docs": "docs", "pages": "/"}
_KINDS: Sequence[Kind] = ("blog", "docs", "pages")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the site that one plugin makes: its files are in `folder`, its pages at `route`.

    `included` and `excluded` are patterns, or None for the usual ones, which leave out what begins
    with an underscore. `language` is that of a translation. `labels` are those of the tags, by
    their keys.
    """

    kind: Kind
    folder: str
    route: str
    language: str | None = None
    included: Sequence[str] | None = None
    excluded: Sequence[str] | None = None
    numbers: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)

    def path_of(self, path: str) -> str | None:
        """Return the path of a file in the folder; None if it is not a page of this part."""
        prefix = f"{self.folder}/" if self.folder else ""
        if not path.startswith(prefix):
            return None
        inner = path.removeprefix(prefix)
        if self.included is not None:
            is_included = matches_any(inner, self.included)
        else:
            is_included = inner.endswith((".md", ".mdx")) and not inner.startswith(".")
        # https://github.com/facebook/docusaurus/blob/main/packages/docusaurus-utils/src/globUtils.ts
        if self.excluded is not None:
            is_excluded = matches_any(inner, self.excluded)
        else:
            is_excluded = "_" in inner and (inner.startswith("_") or "/_" in inner)
        return inner if is_included and not is_excluded else None


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the files of a site say about it; `path` is that of its configuration.

    `base_url` includes the path of the site. The first of the `languages` is the main one; there
    are none if the configuration names none.
    """

    path: str | None
    base_url: str | None
    trailing_slash: bool | None
    languages: tuple[str, ...]
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class _Plugin:
    kind: Kind
    options: Mapping[str, object]

    @property
    def identifier(self) -> str:
        return _text(self.options, "id", "default")

    @property
    def path(self) -> str:
        return _text(self.options, "path", _FOLDERS[self.kind])

    @property
    def route(self) -> str:
        return _text(self.options, "routeBasePath", _ROUTES[self.kind])


@dataclass(frozen=True, slots=True)
class _Language:
    """A language of the site: its code for readers, its folder and its path."""

    code: str
    folder: str
    route: str


def find_configuration(files: SiteFiles) -> str | None:
    """Return the path of the site's configuration; None if there is none."""
    return next((each for each in _CONFIGURATIONS if files.exists(each)), None)


def read_configuration(files: SiteFiles) -> Configuration:
    """Read the configuration, which may be missing: then the usual one is assumed."""
    path = find_configuration(files)
    script = load_script(files, path) if path else None
    values = script.configuration() if script else {}
    root = posixpath.dirname(path or "")
    main, others = _languages(_mapping(values.get("i18n")), root)
    parts: list[Part] = []
    for plugin in _plugins(values):
        parts += _parts(files, plugin, root, main, others)
    slash = values.get("trailingSlash")
    codes = (main.code, *(each.code for each in others)) if main else ()
    return Configuration(
        path=path,
        base_url=_base_url(values),
        trailing_slash=slash if isinstance(slash, bool) else None,
        languages=tuple(dict.fromkeys(codes)),
        # A folder within another one comes first.
        parts=sorted(parts, key=lambda part: -len(part.folder)),
    )


def _join(*parts: str) -> str:
    """Join parts of a path; the root of the site is the empty path."""
    path = posixpath.normpath(posixpath.join(*parts))
    return "" if path == "." else path


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _text(values: Mapping[str, object], name: str, default: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else default


def _base_url(values: Mapping[str, object]) -> str | None:
    url = values.get("url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return None
    path = _text(values, "baseUrl", "/").strip("/")
    return f"{url.rstrip('/')}/{path}/" if path else f"{url.rstrip('/')}/"


def _languages(
    i18n: Mapping[str, object], root: str
) -> tuple[_Language | None, Sequence[_Language]]:
    """The main language, if there are several or it is named, and the others.

    https://docusaurus.io/docs/api/docusaurus-config#i18n.
    """
    default = i18n.get("defaultLocale")
    if not isinstance(default, str):
        return None, ()
    configurations = _mapping(i18n.get("localeConfigs"))
    translations = _text(i18n, "path", "i18n")
    languages: list[_Language] = []
    for locale in (default, *_list(i18n.get("locales"))):
        if not isinstance(locale, str):
            continue
        options = _mapping(configurations.get(locale))
        route = _text(options, "baseUrl", "/" if locale == default else f"/{locale}/")
        folder = _join(root, translations, _text(options, "path", locale))
        languages.append(_Language(_text(options, "htmlLang", locale), folder, route))
    main, *others = dict.fromkeys(languages)
    return main, others


def _plugins(values: Mapping[str, object]) -> Iterator[_Plugin]:
    """The plugins for posts, documents and pages, by themselves and in the usual preset."""
    has_preset = False
    for name, options in _entries(values.get("presets")):
        if name in {"classic", "@docusaurus/preset-classic", "@docusaurus/classic"}:
            has_preset = True
            for kind in _KINDS:
                if options.get(kind) is not False:
                    yield _Plugin(kind, _mapping(options.get(kind)))
    found = list(_single_plugins(values))
    yield from found
    if not has_preset and not found:
        yield from (_Plugin(kind, {}) for kind in _KINDS)


def _single_plugins(values: Mapping[str, object]) -> Iterator[_Plugin]:
    for name, options in _entries(values.get("plugins")):
        for kind in _KINDS:
            # Sites also wrap the plugin in one of their own, with the same options.
            is_wrapped = name.startswith(".") and kind in name and "path" in options
            if (
                name.rpartition("/")[2] in {f"plugin-content-{kind}", f"content-{kind}"}
                or is_wrapped
            ):
                yield _Plugin(kind, options)
                break


def _entries(value: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The names of plugins or presets, with their options."""
    for entry in _list(value):
        name, *options = entry if isinstance(entry, list) and entry else [entry]
        if isinstance(name, str):
            yield name, _mapping(options[0]) if options else {}


def _parts(
    files: SiteFiles,
    plugin: _Plugin,
    root: str,
    main: _Language | None,
    others: Sequence[_Language],
) -> Iterator[Part]:
    """The part that a plugin makes of its own folder, and of the translations of that."""
    code = main.code if main else None
    for folder, translated, route in _folders(files, plugin, root):
        yield _part(files, plugin, folder, route, code)
        suffix = "" if plugin.identifier == "default" else f"-{plugin.identifier}"
        for language in others:
            inner = f"docusaurus-plugin-content-{plugin.kind}{suffix}"
            path = _join(language.folder, inner, translated)
            yield _part(files, plugin, path, f"{language.route}/{route}", language.code)


def _folders(files: SiteFiles, plugin: _Plugin, root: str) -> Iterator[tuple[str, str, str]]:
    """The folders of a plugin, those of their translations, and their paths on the site.

    Only documents have several: https://docusaurus.io/docs/versioning.
    """
    if plugin.kind != "docs":
        yield _join(root, plugin.path), "", plugin.route
        return
    prefix = "" if plugin.identifier == "default" else f"{plugin.identifier}_"
    versions = _versions(files.read(_join(root, f"{prefix}versions.json")))
    last = _text(plugin.options, "lastVersion", versions[0] if versions else "current")
    options = _mapping(plugin.options.get("versions"))
    for version in ("current", *versions):
        usual = "" if version == last else "next" if version == "current" else version
        route = f"{plugin.route}/{_text(_mapping(options.get(version)), 'path', usual)}"
        if version == "current":
            yield _join(root, plugin.path), version, route
        else:
            folder = f"version-{version}"
            yield _join(root, f"{prefix}versioned_docs", folder), folder, route


def _versions(content: bytes | None) -> Sequence[str]:
    try:
        versions = json.loads(content or b"[]")
    except (ValueError, RecursionError):
        return ()
    return [each for each in _list(versions) if isinstance(each, str)][:100]


def _part(files: SiteFiles, plugin: _Plugin, folder: str, route: str, language: str | None) -> Part:
    options = plugin.options
    tags = _text(options, "tags", "tags.yml")
    return Part(
        kind=plugin.kind,
        folder=folder,
        route=route,
        language=language,
        included=_texts(options.get("include")),
        excluded=_texts(options.get("exclude")),
        numbers=options.get("numberPrefixParser") is not False,
        labels=_labels(files.read(_join(folder, tags))),
    )


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(each for each in value if isinstance(each, str))


def _labels(content: bytes | None) -> Mapping[str, str]:
    """The labels of tags: https://docusaurus.io/docs/blog#blog-post-tags."""
    tags = read_yaml(content)
    labels = {key: _mapping(value).get("label") for key, value in tags.items()}
    return {key: label for key, label in labels.items() if isinstance(label, str)}
