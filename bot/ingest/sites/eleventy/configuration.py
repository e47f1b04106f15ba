"""Eleventy's configuration, which is a program: https://www.11ty.dev/docs/config.

What it says in literals is read. The address of a site is in no setting, but usually in a file of
data such as `_data/metadata.js`.
"""

import json
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.ingest.sites.eleventy.data import (
    CascadingData,
    Data,
    as_data,
    read_data_file,
    read_data_files,
    read_layouts,
)
from bot.ingest.sites.javascript import Script, load_script
from bot.ingest.sites.site import SiteFiles, SiteSettings

# In the order in which Eleventy looks for them.
_FILES = (
    *(".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs"),
    "eleventy.config.ts",
)
_PACKAGE = "@11ty/eleventy"
# Files of global data that describe the site, and their fields with its address and language.
_SITE_DATA = ("metadata", "site", "meta", "siteconfig", "siteConfig", "config", "global")
_ADDRESSES = ("url", "baseUrl", "baseURL", "base_url", "siteUrl", "siteURL", "site_url", "domain")
_LANGUAGES = ("language", "lang", "locale")
_DATA_ENDINGS = (".json", ".js", ".mjs", ".cjs")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#\"<>\\]+(?:/[^\s?#\"<>\\]*)?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_GLOB = re.compile(r"[*?\[{]")
MAX_IGNORES = 500


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the addresses and the publication of pages depend on, with Eleventy's defaults.

    `file` None: there is no configuration in reach. `default_language` is that of the plugin for
    several languages, if it is used. `ignored` are paths below the site's root, `ignored_folders`
    the same with a `/` at the end. `changed_filters` are the filters that the site defines itself,
    and `nunjucks` is whether templates are in Nunjucks, not Liquid.
    """

    file: str | None = None
    base_url: str | None = None
    permalink: str | None = None
    input_dir: str = ""
    languages: tuple[str, ...] = ()
    default_language: str | None = None
    ignored: frozenset[str] = frozenset()
    ignored_folders: tuple[str, ...] = ()
    ignored_patterns: tuple[str, ...] = ()
    formats: frozenset[str] = frozenset({"md"})
    changed_filters: frozenset[str] = frozenset()
    nunjucks: bool = False
    drafts: bool = False
    data: CascadingData = field(default_factory=CascadingData)


def recognise(files: SiteFiles) -> bool:
    """Whether a folder is the root of a site of Eleventy."""
    if any(files.exists(each) for each in _FILES):
        return True
    try:
        package = json.loads(files.read("package.json") or b"{}")
    except (ValueError, RecursionError):
        return False
    if not isinstance(package, dict):
        return False
    groups = (package.get("dependencies"), package.get("devDependencies"))
    return any(isinstance(each, dict) and _PACKAGE in each for each in groups)


def read_configuration(files: SiteFiles, settings: SiteSettings) -> Configuration:
    """Read the configuration; what the settings of the source say takes precedence."""
    file = next((each for each in _FILES if files.exists(each)), None)
    script = load_script(files, file) if file else None
    if script is None and not recognise(files):
        return Configuration(
            base_url=settings.base_url, permalink=settings.permalink, drafts=settings.drafts
        )
    values = _values(script)
    dirs = values.get("dir") if isinstance(values.get("dir"), dict) else {}
    assert isinstance(dirs, dict)
    input_dir = _last_argument(script, "setInputDirectory") or _folder(dirs.get("input"))
    input_dir = _folder(input_dir)

    def inner(name: str, method: str, default: str) -> str:
        given = _last_argument(script, method) or dirs.get(name)
        return _join(input_dir, _folder(given) if isinstance(given, str) else default)

    output = _last_argument(script, "setOutputDirectory") or dirs.get("output") or "_site"
    data_dir = inner("data", "setDataDirectory", "_data")
    includes = inner("includes", "setIncludesDirectory", "_includes")
    layouts = inner("layouts", "setLayoutsDirectory", "_layouts")
    # A folder that contains all pages, such as `.`, is none to leave out.
    left_out = [each for each in (_folder(output), data_dir, includes, layouts) if each]
    left_out = [each for each in left_out if not f"{input_dir}/".startswith(f"{each}/")]
    site_data = _read_site_data(files, data_dir)
    ignored = [*left_out, *_ignored(files, script, input_dir)]
    base_name = _last_argument(script, "setDataFileBaseName") or None
    of_folders, of_pages = read_data_files(files, input_dir, left_out, base_name)
    language = next((each for each in map(_text, map(site_data.get, _LANGUAGES)) if each), "")
    default_language = _default_language(script)
    main = default_language or language
    return Configuration(
        file=file or "package.json",
        base_url=settings.base_url or _site_address(site_data, _text(values.get("pathPrefix"))),
        permalink=settings.permalink,
        input_dir=input_dir,
        languages=(main,) if _LANGUAGE.fullmatch(main) else (),
        default_language=default_language,
        ignored=frozenset(ignored),
        ignored_folders=tuple(f"{each}/" for each in ignored),
        ignored_patterns=tuple(each for each in ignored if _GLOB.search(each)),
        formats=_formats(values),
        changed_filters=frozenset(_names(script, ("addFilter", "addLiquidFilter")))
        | frozenset(_names(script, ("addNunjucksFilter", "addAsyncFilter"))),
        nunjucks=_text(values.get("markdownTemplateEngine")) == "njk",
        drafts=settings.drafts,
        data=CascadingData(
            common={
                **{name: site_data for name in _SITE_DATA[:3] if site_data},
                **_global_data(script),
                **_global_file(files, data_dir),
            },
            of_folders=of_folders,
            of_pages=of_pages,
            layouts=_with_aliases(script, read_layouts(files, (layouts, includes))),
        ),
    )


def _values(script: Script | None) -> Data:
    if script is None:
        return {}
    values = dict(as_data(script.configuration()))
    if "config" in script.names:
        values = {**values, **as_data(script.exported("config"))}
    return values


def _formats(values: Data) -> frozenset[str]:
    formats = values.get("templateFormats")
    if isinstance(formats, str):
        formats = formats.split(",")
    if not isinstance(formats, list):
        return frozenset({"md"})
    return frozenset(each.strip() for each in formats if isinstance(each, str))


def _last_argument(script: Script | None, method: str) -> str:
    found = ""
    for arguments in script.calls(method) if script else ():
        if arguments and isinstance(arguments[0], str):
            found = arguments[0]
    return found


def _names(script: Script | None, methods: Iterable[str]) -> Iterable[str]:
    for method in methods:
        for arguments in script.calls(method) if script else ():
            if arguments and isinstance(arguments[0], str):
                yield arguments[0]


def _global_data(script: Script | None) -> Data:
    """https://www.11ty.dev/docs/data-global-custom."""
    data: dict[str, object] = {}
    for arguments in script.calls("addGlobalData") if script else ():
        if len(arguments) > 1 and isinstance(arguments[0], str):
            given = as_data({arguments[0]: arguments[1]})
            data |= {name: value for name, value in given.items() if isinstance(value, str | dict)}
    # A function for drafts, which can't be read.
    data.pop("eleventyComputed", None)
    if "{{ computed" in str(data.get("permalink", "")):
        del data["permalink"]
    return data


def _global_file(files: SiteFiles, data_dir: str) -> Data:
    """The file of global data that may give all pages a permalink."""
    name = "eleventyComputed"
    for ending in _DATA_ENDINGS:
        if files.exists(path := _join(data_dir, name + ending)):
            computed = read_data_file(files, path)
            usable = {key: value for key, value in computed.items() if isinstance(value, str)}
            return {
                name: {key: value for key, value in usable.items() if "computed()" not in value}
            }
    return {}


def _with_aliases(script: Script | None, layouts: Mapping[str, Data]) -> Mapping[str, Data]:
    """https://www.11ty.dev/docs/layouts/#layout-aliasing."""
    aliases: dict[str, Data] = {}
    for arguments in script.calls("addLayoutAlias") if script else ():
        names = [each for each in arguments if isinstance(each, str)]
        if len(names) > 1:
            stem = re.sub(r"\.\w+\Z", "", names[1])
            aliases[names[0]] = layouts.get(stem, {})
    return {**layouts, **aliases}


def _default_language(script: Script | None) -> str | None:
    """https://www.11ty.dev/docs/plugins/i18n."""
    for arguments in script.calls("addPlugin") if script else ():
        for options in arguments[1:]:
            if isinstance(options, dict):
                language = options.get("defaultLanguage")
                if isinstance(language, str) and _LANGUAGE.fullmatch(language):
                    return language
    return None


def _read_site_data(files: SiteFiles, data_dir: str) -> Data:
    """The first file of global data with an address, else the first one that describes the site."""
    first: Data = {}
    for name in _SITE_DATA:
        for ending in _DATA_ENDINGS:
            path = _join(data_dir, name + ending)
            if not files.exists(path):
                continue
            data = read_data_file(files, path)
            if any(_text(data.get(each)) for each in _ADDRESSES):
                return data
            first = first or data
    return first


def _site_address(site_data: Data, path_prefix: str) -> str | None:
    """The address in the site's data, with the path prefix of the configuration."""
    for name in _ADDRESSES:
        address = _text(site_data.get(name)).strip()
        if name == "domain" and address and "://" not in address:
            address = f"https://{address}"
        if _WEB_ADDRESS.fullmatch(address) is None:
            continue
        address = address.rstrip("/")
        host = address.partition("://")[2]
        if re.fullmatch(r"(?:www\.)?example\.(?:com|org)", host):
            continue
        prefix = path_prefix.strip("/")
        if "/" not in host and prefix:
            address = f"{address}/{prefix}"
        return f"{address}/"
    return None


def _ignored(files: SiteFiles, script: Script | None, input_dir: str) -> Sequence[str]:
    """https://www.11ty.dev/docs/ignores."""
    patterns: list[str] = []
    for arguments in script.calls("add") if script else ():
        # Of `eleventyConfig.ignores`; those of other sets do no harm.
        patterns += [each.removeprefix("./") for each in arguments[:1] if isinstance(each, str)]
    uses_git_ignore = all(
        not arguments or arguments[0] is not False
        for arguments in (script.calls("setUseGitIgnore") if script else ())
    )
    sources = {("", ".eleventyignore"), (input_dir, ".eleventyignore")}
    if uses_git_ignore:
        sources.add(("", ".gitignore"))
    for folder, name in sorted(sources):
        text = (files.read(_join(folder, name)) or b"").decode("utf-8", "replace")
        for line in text.splitlines():
            entry = line.strip()
            if entry and entry[0] not in "#!":
                patterns.append(_join(folder, entry.removeprefix("./").strip("/")))
    return [each.removesuffix("/**") for each in patterns if each][:MAX_IGNORES]


def _join(folder: str, path: str) -> str:
    """Return the path of a file in a folder, which may begin with `../`."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." or joined.startswith("..") else joined


def _folder(path: object) -> str:
    text = path if isinstance(path, str) else ""
    text = text.removeprefix("./").strip("/")
    return "" if text == "." else text


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
