"""Finds the pages of an Astro site that show the entries of its content collections.

Such a page is a file with a parameter in its name, `src/pages/blog/[...slug].astro`, which says in
its code what stands for the parameter: https://docs.astro.build/en/guides/routing/#dynamic-routes.
"""

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.ingest.sites.javascript import MAX_BYTES, read_script
from bot.ingest.sites.site import SiteFiles

# Parameters that stand for one entry; others (`tag`, `page`, `author`) stand for lists of them.
_ENTRY_PARAMETERS = (
    *("slug", "id", "post", "path", "entry", "article", "blog", "name", "title", "permalink"),
    *("uid", "note", "doc", "news", "project", "item"),
)
LANGUAGE_PARAMETERS = frozenset({"lang", "locale", "language", "lng"})
_PARAMETER = re.compile(r"\[(\.\.\.)?([A-Za-z0-9_$]+)\]")
# What stands for the parameters: `params: { slug: post.data.slug }`.
_PARAMS = re.compile(r"\bparams\s*:\s*\{([^{}]{0,500})\}")
_PARAM = re.compile(r"\s*(\w+)\s*(?::\s*(\w+)[?!]?\.((?:data[?!]?\.)?\w+)\s*)?")
_COLLECTION = re.compile(r"\bgetCollection\s*(?:<[^<>()]{0,100}>)?\(\s*([\"'`])([\w-]+)\1")
_IMPORT = re.compile(r"\bfrom\s*([\"'])([^\"'\n]{1,200})\1")
_CODE = re.compile(r"\A\s*---\r?\n(.*?)^---", re.DOTALL | re.MULTILINE)
# Code that compares dates with the current time holds posts of the future back.
_NOW = r"(?:\bDate\.now\(\)|\bnew Date\(\)|\bnow\b)"
_COMPARED_WITH_NOW = re.compile(
    rf"{_NOW}[^;{{}}]{{0,80}}?(?<!=)[<>]|(?<!=)[<>][^;{{}}]{{0,80}}?{_NOW}"
    rf"|\bis(?:Before|After|Past|Future)\("
)
_MODULES = ("", ".ts", ".js", ".mjs", "/index.ts", "/index.js")
MAX_ROUTES = 100
_MAX_IMPORTS = 20


@dataclass(frozen=True, slots=True)
class Route:
    """A page with parameters; `parts` are those of its path below `src/pages`.

    `collections` are those that its code reads, as far as this can be seen. `parameters` has what
    stands for a parameter: `id`, `slug`, or a field such as `data.slug`; one that is computed is
    missing. With `holds_back`, entries are not shown before their date.
    """

    parts: Sequence[str]
    collections: frozenset[str] = frozenset()
    parameters: Mapping[str, str] = field(default_factory=dict)
    holds_back: bool = False

    @property
    def names(self) -> Sequence[str]:
        """The names of its parameters, in the order of the path."""
        return [match[2] for part in self.parts for match in _PARAMETER.finditer(part)]

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the path with a value for each parameter."""
        return "/".join(
            _PARAMETER.sub(lambda match: values.get(match[2], ""), part) for part in self.parts
        )


def find_routes(files: SiteFiles, source: str) -> Sequence[Route]:
    """Return the routes below `pages` in the folder of the site's source code.

    Those that certainly show entries come first, then those with the shorter path.
    """
    names = [f"[{dots}{name}].astro" for name in _ENTRY_PARAMETERS for dots in ("", "...")]
    pages = f"{source}/pages"
    found: list[tuple[bool, int, Route]] = []
    for path in files.find([*names, "index.astro"], pages)[: 10 * MAX_ROUTES]:
        inner = path.removeprefix(f"{pages}/").removesuffix(".astro").removesuffix("/index")
        if "[" not in inner or len(found) >= MAX_ROUTES:
            continue
        if any(part.startswith("_") for part in inner.split("/")):
            continue
        route = _read_route(files, path, inner, source)
        if route is not None:
            found.append((not route.parameters, len(route.parts), route))
    return [route for _, _, route in sorted(found, key=lambda each: each[:2])]


def _read_route(files: SiteFiles, path: str, inner: str, source: str) -> Route | None:
    """A route with what its code says; None if its parameters don't stand for entries."""
    code = _code(files.read(path) or b"")
    parts = inner.split("/")
    names = Route(parts).names
    if not any(name in _ENTRY_PARAMETERS for name in names):
        return None
    modules = _imported_modules(files, code, path, source)
    collections = _collections(code)
    for each in () if collections else modules:
        collections |= _collections(each)
    parameters: dict[str, str] = {}
    for params in _PARAMS.finditer(code):
        for param in map(_PARAM.match, params[1].split(",")):
            if param and param[3] and param[1] in names:
                parameters.setdefault(param[1], re.sub(r"[?!]", "", param[3]))
    holds_back = any(_COMPARED_WITH_NOW.search(each) for each in (code, *modules))
    return Route(parts, frozenset(collections), parameters, holds_back)


def _code(content: bytes) -> str:
    text = content[:MAX_BYTES].decode("utf-8", "replace")
    code = _CODE.match(text)
    return code[1] if code else ""


def _collections(code: str) -> set[str]:
    """The collections that code reads, also if their names are constants."""
    names = {match[2] for match in _COLLECTION.finditer(code)}
    if not names and "getCollection" in code:
        calls = read_script(code.encode(), typescript=True).calls("getCollection")
        names = {call[0] for call in calls if call and isinstance(call[0], str)}
    return names


def _imported_modules(files: SiteFiles, code: str, path: str, source: str) -> Sequence[str]:
    """The code of the modules that a page imports, and of those that they import."""
    found: dict[str, str] = {}
    pending = [(code, posixpath.dirname(path))]
    while pending and len(found) < _MAX_IMPORTS:
        importer, folder = pending.pop(0)
        for match in [*_IMPORT.finditer(importer)][:_MAX_IMPORTS]:
            module = _read_module(files, _module_path(match[2], folder, source))
            if module is not None and module[0] not in found:
                found[module[0]] = module[1]
                pending.append((module[1], posixpath.dirname(module[0])))
    return tuple(found.values())


def _module_path(specifier: str, folder: str, source: str) -> str:
    """The path of an imported module, also by one of the usual aliases; empty if it is unknown."""
    if specifier.startswith("."):
        path = posixpath.normpath(posixpath.join(folder, specifier))
        return "" if path.startswith("..") else path
    if specifier.startswith(("@/", "~/")):
        return f"{source}/{specifier[2:]}"
    if specifier.startswith("@"):
        return f"{source}/{specifier[1:]}"
    return specifier if specifier.startswith(f"{source}/") else ""


def _read_module(files: SiteFiles, path: str) -> tuple[str, str] | None:
    for extension in _MODULES if path and not path.endswith(".astro") else ():
        content = files.read(path + extension)
        if content is not None:
            return path + extension, content[:MAX_BYTES].decode("utf-8", "replace")
    return None
