"""Makes the addresses of pages: https://gohugo.io/content-management/urls. Pure."""

import posixpath
import re
from dataclasses import dataclass

from bot.ingest.sites.hugo.content_paths import ContentPath
from bot.ingest.sites.hugo.text import PathRules, escape_path

_INDEX = "index"
_SUFFIX = ".html"


@dataclass(frozen=True, slots=True)
class Prefixes:
    """What comes before a page's path: in addresses, and in the path of the file.

    They differ if each language has a host of its own. With `always`, it also comes before the
    front matter's `url`.
    """

    address: str = ""
    file: str = ""
    always: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The address of a page, and what the addresses of its bundle's files begin with.

    `folder` is where its file is written, without the file's name.
    """

    address: str
    files: str
    folder: str


def target_of_url(url: str, prefixes: Prefixes) -> Target:
    """The target of a page with `url`: https://gohugo.io/content-management/urls/#url."""
    forced = prefixes.always or not url.startswith("/")
    if ".." in url:
        url = _normal(f"/{url}")
    parts = [part for part in url.split("/") if part]
    suffix = _SUFFIX
    if url.endswith("/") or "." not in url:
        parts.append(_INDEX + _SUFFIX)
    else:
        suffix = posixpath.splitext(url)[1]
    return _target(
        parts,
        suffix,
        prefixes.address if forced and not _has_prefix(url, prefixes.address) else "",
        prefixes.file if forced and not _has_prefix(url, prefixes.file) else "",
    )


def target_of_page(
    path: ContentPath,
    *,
    base_name: str,
    expanded: str,
    prefixes: Prefixes,
    ugly: bool,
    rules: PathRules,
) -> Target:
    """The target of a page by its path and its slug or name, or by an expanded pattern."""
    is_index = not path.is_bundle and base_name == _INDEX
    parts = [expanded] if expanded else [path.parent, base_name or path.base_name]
    parts = [part for part in parts if part not in {"", "/"}]
    if ugly or (is_index and not expanded):
        parts[-1:] = [parts[-1].removesuffix("/") + _SUFFIX] if parts else [_SUFFIX]
    else:
        parts.append(_INDEX + _SUFFIX)
    parts = [rules.apply(part) for part in parts]
    trimmed = base_name if is_index else ""
    return _target(parts, _SUFFIX, prefixes.address, prefixes.file, trimmed)


def _has_prefix(url: str, prefix: str) -> bool:
    return not prefix or url.startswith(f"/{prefix}")


def _target(
    parts: list[str], suffix: str, prefix: str, file_prefix: str, trimmed: str = ""
) -> Target:
    is_index = bool(parts) and parts[-1] == _INDEX + _SUFFIX
    whole = _join(parts)
    if parts and parts[-1].startswith(f"{_INDEX}."):
        folder = whole.rpartition("/")[0]
    else:
        folder = whole.removesuffix(suffix)
    address = _join(parts[:-1]) if is_index else whole
    address = address.removesuffix(trimmed)
    if prefix:
        address = f"/{prefix}{address}"
    if is_index and not address.endswith("/"):
        address += "/"
    path, mark, query = address.replace("#", "%23").partition("?")
    return Target(
        (escape_path(path) or "/") + mark + query,
        escape_path((f"/{prefix}" if prefix else "") + folder.replace("#", "%23")) + "/",
        (f"/{file_prefix}" if file_prefix else "") + folder,
    )


def _join(parts: list[str]) -> str:
    joined = ""
    for part in parts:
        separator = "" if joined.endswith("/") or part.startswith("/") else "/"
        joined += separator + part
    return joined


def alias_address(alias: str, target: Target, prefixes: Prefixes, *, ugly: bool) -> str | None:
    """The address of a redirect: https://gohugo.io/content-management/urls/#aliases.

    A relative one is relative to the folder that the page's own folder is in.
    """
    base = f"/{prefixes.file}" if alias.startswith("/") else posixpath.dirname(target.folder)
    path = _normal(f"{base}/{alias}")
    has_suffix = path.endswith((".html", ".htm"))
    if ugly and not has_suffix:
        path, has_suffix = path + _SUFFIX, True
    if path == "/":
        return None
    if prefixes.file != prefixes.address:
        path = path.removeprefix(f"/{prefixes.file}")
    if path.endswith(f"/{_INDEX}{_SUFFIX}"):
        path = path.removesuffix(_INDEX + _SUFFIX)
    elif not has_suffix:
        path += "/"
    return escape_path(path.replace("#", "%23").replace("?", "%3F"))


def _normal(path: str) -> str:
    """The path without `..`, double slashes and the slash at its end."""
    return posixpath.normpath("/" + path.lstrip("/"))


def clean_path(path: str) -> str:
    """The path without `..`, `.`, double slashes and the slash at its end; empty if it is empty."""
    return posixpath.normpath(re.sub(r"\A//+", "/", path)) if path else ""
