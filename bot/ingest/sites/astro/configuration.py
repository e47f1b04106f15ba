"""Reads the configuration of an Astro site, as far as it can be read without running it.

https://docs.astro.build/en/reference/configuration-reference.
"""

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin

from bot.ingest.sites.astro.slugs import github_slug
from bot.ingest.sites.globs import matches_any
from bot.ingest.sites.javascript import Call, Function, load_script
from bot.ingest.sites.site import SiteFiles

_CONFIGURATIONS = tuple(f"astro.config.{each}" for each in ("mjs", "js", "ts", "mts", "cjs", "cts"))
# What is not escaped in the path of an address: https://url.spec.whatwg.org/#path-percent-encode-set
_SAFE_IN_PATH = "/:@!$&'()*+,;=~%[]|\\-._"


@dataclass(frozen=True, slots=True)
class Collection:
    """A content collection: its folder, and patterns of the paths in it.

    Without `patterns`, every file belongs to it that is not below a name with an underscore, as
    in collections without a loader. `slugged` is False where ids are paths as they are, None where
    they are computed.
    """

    name: str
    base: str
    patterns: Sequence[str] = ()
    slugged: bool | None = True

    def path_of(self, path: str) -> str | None:
        """Return the path of a file in the collection's folder; None if it is not part of it."""
        prefix = f"{self.base}/" if self.base else ""
        inner = path.removeprefix(prefix)
        if not path.startswith(prefix):
            return None
        if self.patterns:
            return inner if matches_any(inner, self.patterns) else None
        return None if any(part.startswith("_") for part in inner.split("/")) else inner

    def id_of(self, inner: str, fields: Mapping[str, object]) -> str | None:
        """Return the id of an entry by its path in the collection; None if that is computed.

        https://docs.astro.build/en/reference/content-loader-reference/#generateid
        """
        stem = posixpath.splitext(inner)[0]
        if self.slugged is None:
            return None
        if not self.slugged:
            return stem
        slug = fields.get("slug")
        if isinstance(slug, str) and slug:
            return slug
        return re.sub(r"/index\Z", "", "/".join(map(github_slug, stem.split("/"))))


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a site by the names of their folders; `main` is that of other pages."""

    by_folder: Mapping[str, str] = field(default_factory=dict)
    main: str | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, the main one first."""
        codes = (*([self.main] if self.main else ()), *self.by_folder.values())
        return tuple(dict.fromkeys(codes))


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the files of a site say about it; `path` is that of its configuration.

    The entries of `documentation`, which belong to Starlight, have their ids as addresses.
    `redirects` has the old paths by the new one, without the slashes around it.
    """

    path: str | None
    base_url: str | None
    source: str
    collections: Sequence[Collection]
    documentation: Collection | None
    languages: Languages
    build_format: str
    trailing_slash: str
    redirects: Mapping[str, Sequence[str]]


def find_configuration(files: SiteFiles) -> str | None:
    """Return the path of the site's configuration; None if there is none."""
    return next((each for each in _CONFIGURATIONS if files.exists(each)), None)


def recognise(files: SiteFiles) -> bool:
    """Whether a folder is the root of an Astro site: by its configuration, or as only Astro has it.

    Other programs for sites have `src/content` too, but then their packages say so.
    """
    if find_configuration(files) is not None:
        return True
    if not files.exists("src/content"):
        return False
    package = files.read("package.json")
    return package is None or b'"astro"' in package


def read_configuration(files: SiteFiles) -> Configuration:
    """Read the configuration, which may be missing: then the usual one is assumed."""
    path = find_configuration(files)
    script = load_script(files, path) if path else None
    values = script.configuration() if script else {}
    source = _folder(values.get("srcDir")) or "src"
    starlight = _starlight_options(values)
    collections = _read_collections(files, source)
    documentation = None
    if starlight is not None:
        usual = Collection("docs", f"{source}/content/docs", ("**/[^_]*",))
        documentation = next((each for each in collections if each.name == "docs"), usual)
        collections = [documentation, *(each for each in collections if each.name != "docs")]
    return Configuration(
        path=path,
        base_url=_base_url(values),
        source=source,
        collections=collections,
        documentation=documentation,
        languages=_starlight_languages(starlight) or _languages(_mapping(values, "i18n")),
        build_format=str(_mapping(values, "build").get("format", "directory")),
        trailing_slash=str(values.get("trailingSlash", "ignore")),
        redirects=_redirects(_mapping(values, "redirects")),
    )


def _mapping(values: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}


def _folder(value: object) -> str:
    """A folder of the configuration as a path relative to the site's root, or empty."""
    if not isinstance(value, str):
        return ""
    folder = posixpath.normpath(value.removeprefix("/") or ".")
    return "" if folder == "." or folder.startswith("..") else folder


def _base_url(configuration: Mapping[str, object]) -> str | None:
    site, base = configuration.get("site"), configuration.get("base")
    if not isinstance(site, str) or not site.startswith(("http://", "https://")):
        return None
    path = f"{base.strip('/')}/" if isinstance(base, str) and base.strip("/") else ""
    try:
        return urljoin(site if site.endswith("/") else f"{site}/", path)
    except ValueError:
        return None


def _languages(i18n: Mapping[str, object]) -> Languages:
    """https://docs.astro.build/en/guides/internationalization."""
    by_folder: dict[str, str] = {}
    locales = i18n.get("locales")
    for locale in locales if isinstance(locales, list) else ():
        if isinstance(locale, str):
            by_folder[locale] = locale
        elif isinstance(locale, dict) and isinstance(folder := locale.get("path"), str):
            codes = locale.get("codes")
            code = codes[0] if isinstance(codes, list) and codes else folder
            by_folder[folder] = code if isinstance(code, str) else folder
    main = i18n.get("defaultLocale")
    return Languages(by_folder, by_folder.get(main, main) if isinstance(main, str) else None)


def _starlight_options(configuration: Mapping[str, object]) -> Mapping[str, object] | None:
    """The options of the theme for documentation; None if the site does not use it."""
    integrations = configuration.get("integrations")
    for each in integrations if isinstance(integrations, list) else ():
        if isinstance(each, Call) and each.name == "starlight":
            options = each.arguments[0] if each.arguments else None
            return options if isinstance(options, dict) else {}
    return None


def _starlight_languages(options: Mapping[str, object] | None) -> Languages | None:
    """https://starlight.astro.build/guides/i18n; a site without locales is in English."""
    if options is None:
        return None
    by_folder: dict[str, str] = {}
    for folder, locale in _mapping(options, "locales").items():
        code = locale.get("lang") if isinstance(locale, dict) else None
        by_folder[folder] = code if isinstance(code, str) else folder
    default = options.get("defaultLocale", "root")
    main = by_folder.pop("root", None) or by_folder.get(str(default)) or "en"
    return Languages(by_folder, main)


def _redirects(values: Mapping[str, object]) -> Mapping[str, Sequence[str]]:
    """Old paths by the new one: https://docs.astro.build/en/guides/routing/#redirects."""
    redirects: dict[str, list[str]] = {}
    for old, new in values.items():
        destination = new.get("destination") if isinstance(new, dict) else new
        if isinstance(destination, str) and old.startswith("/") and "[" not in old:
            redirects.setdefault(destination.strip("/"), []).append(escape_path(old))
    return redirects


def _read_collections(files: SiteFiles, source: str) -> list[Collection]:
    extensions = ("ts", "mts", "js", "mjs")
    paths = [
        f"{source}/{name}.{each}"
        for name in ("content.config", "content/config")
        for each in extensions
    ]
    path = next((each for each in paths if files.exists(each)), None)
    script = load_script(files, path) if path else None
    exported = script.exported("collections") if script else {}
    if not isinstance(exported, dict):
        return []
    return [_read_collection(name, value, source) for name, value in exported.items()]


def _read_collection(name: str, value: object, source: str) -> Collection:
    options = value.arguments[0] if isinstance(value, Call) and value.arguments else {}
    loader = options.get("loader") if isinstance(options, dict) else None
    usual = f"{source}/content/{name}"
    if not isinstance(loader, Call):
        return Collection(name, usual)
    given = loader.arguments[0] if loader.arguments else {}
    glob = given if isinstance(given, dict) else {}
    if loader.name == "docsLoader":
        return Collection(name, usual, ("**/[^_]*",))
    pattern = glob.get("pattern")
    patterns = pattern if isinstance(pattern, list) else [pattern]
    return Collection(
        name,
        _folder(glob.get("base")) if "pattern" in glob else usual,
        tuple(each for each in patterns if isinstance(each, str)) or ("**/*",),
        _is_slugged(glob.get("generateId")),
    )


def _is_slugged(generate_id: object) -> bool | None:
    """How ids are made: as Astro does, as the path without its ending (False), or unknown."""
    if generate_id is None:
        return True
    made = generate_id.returned if isinstance(generate_id, Function) else None
    is_path = isinstance(made, Call) and made.name == "entry.replace" and made.arguments[1:] == [""]
    return False if is_path else None


def escape_path(path: str) -> str:
    """Return the path of an address with what browsers would escape."""
    return quote(path, safe=_SAFE_IN_PATH, errors="replace")
