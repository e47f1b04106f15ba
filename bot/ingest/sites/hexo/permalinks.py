"""Patterns of addresses and of file names, and addresses as Hexo writes them. Pure.

https://hexo.io/docs/permalinks, https://hexo.io/docs/configuration#URL.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_PLACEHOLDER = re.compile(r":([A-Za-z0-9_]*[A-Za-z0-9])")
# What the date in the name of a file looks like; any other placeholder stands for any text.
_SEGMENTS = {
    "year": r"\d{4}",
    "month": r"\d{2}",
    "day": r"\d{2}",
    "i_month": r"\d{1,2}",
    "i_day": r"\d{1,2}",
    "hash": r"[0-9a-f]{12}",
}
# Matching takes a time with this exponent.
_MAX_FREE_PLACEHOLDERS = 3
_MAX_PATH = 500
# What `encodeURI` leaves as it is; `%` because of names that are escaped already.
_SAFE = "/;,:@&=+$-_.!~*'()#"
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def expand(pattern: str, values: Mapping[str, str]) -> str:
    """Fill in a pattern; a placeholder without a value becomes `undefined`, as in Hexo."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], "undefined"), pattern)


def placeholders(pattern: str) -> frozenset[str]:
    """Return the names of the placeholders of a pattern."""
    return frozenset(_PLACEHOLDER.findall(pattern))


def match_name(pattern: str, path: str) -> Mapping[str, str] | None:
    """Return what the placeholders of a file name's pattern stand for in a path, if it matches."""
    names = _PLACEHOLDER.findall(pattern)
    if len(path) > _MAX_PATH or sum(n not in _SEGMENTS for n in names) > _MAX_FREE_PLACEHOLDERS:
        return None
    parts = _PLACEHOLDER.split(pattern)
    expression = re.escape(parts[0])
    for name, text in zip(names, parts[2::2], strict=True):
        expression += f"({_SEGMENTS.get(name, '.+?')}){re.escape(text)}"
    match = re.fullmatch(expression, path, re.ASCII)
    return match and dict(zip(names, match.groups(), strict=True))


@dataclass(frozen=True, slots=True)
class PrettyUrls:
    """Whether addresses keep `index.html` and `.html`: https://hexo.io/docs/configuration#URL."""

    trailing_index: bool = True
    trailing_html: bool = True

    def address(self, path: str) -> str:
        """Return the address of a path, relative to the root of the site and encoded.

        Hexo leaves a `?` and what follows out of the name of the file that it writes. A `#`, which
        browsers don't send, is escaped, although Hexo's own links leave it as it is.
        """
        path = f"/{path}".replace("\\", "/").partition("?")[0]
        path = _without_dots(re.sub(r"/{2,}", "/", path))
        if not self.trailing_index:
            path = re.sub(r"index\.html\Z", "", path)
        if not self.trailing_html and not path.endswith("index.html"):
            path = path.removesuffix(".html")
        return quote(_ESCAPE.sub("%25", path), safe=_SAFE.replace("#", "") + "%")


def _without_dots(path: str) -> str:
    """Resolve the parts `.` and `..`, as every browser does."""
    if "/." not in path:
        return path
    parts: list[str] = []
    last = ""
    for last in path.split("/")[1:]:
        if last == "..":
            parts[-1:] = []
        elif last != ".":
            parts.append(last)
    return "/" + "/".join(parts) + ("/" if last in {".", ".."} and parts else "")


def split_ending(path: str) -> tuple[str, str]:
    """Split a path into its stem and the ending of its name with its dot, as JavaScript does."""
    dot = path.rfind(".", path.rfind("/") + 2)
    return (path[:dot], path[dot:]) if dot > 0 else (path, "")


def site_address(url: str, root: str) -> str | None:
    """Return the address of the site, whose path may be in only one of Hexo's settings.

    None if it is not set, or still the one of a new site.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2].lower()
    if parts.scheme not in {"http", "https"} or not host:
        return None
    if re.fullmatch(r"(?:www\.)?(?:example\.(?:com|org)|your-?(?:site|domain)\.com)", host):
        return None
    path = parts.path.strip("/") or root.strip().strip("/")
    return f"{parts.scheme}://{parts.netloc}/{path}/" if path else f"{parts.scheme}://{host}/"
