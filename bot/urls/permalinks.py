"""Permalink patterns such as `/:year/:month/:slug/`, as Jekyll and Hugo define them. Pure.

https://jekyllrb.com/docs/permalinks, https://gohugo.io/content-management/urls/#permalinks.
"""

import re
from collections.abc import Mapping

DATE_PLACEHOLDERS = frozenset({"year", "month", "day", "short_year", "i_month", "i_day"})
_PAGE_PLACEHOLDERS = frozenset({"slug", "title", "filename", "name", "path"})
PLACEHOLDERS = DATE_PLACEHOLDERS | _PAGE_PLACEHOLDERS | {"categories"}
_PLACEHOLDER = re.compile(r":([a-z_]+)")
_PLACEHOLDER_AND_SLASH = re.compile(r":([a-z_]+)(/?)")
_SLASHES = re.compile(r"(?<!:)//+")


def problem_with_permalink(pattern: str) -> str | None:
    """Return why a pattern is not accepted; None if it is.

    It may use known placeholders only, and one of them must differ from page to page.
    """
    used = _PLACEHOLDER.findall(pattern)
    if unknown := [name for name in used if name not in PLACEHOLDERS]:
        known = ", ".join(f":{name}" for name in sorted(PLACEHOLDERS))
        return f"contains the unknown placeholder :{unknown[0]}; use one of {known}"
    if _PAGE_PLACEHOLDERS.isdisjoint(used):
        known = ", ".join(f":{name}" for name in sorted(_PAGE_PLACEHOLDERS))
        return f"gives several pages the same address; add one of {known}"
    return None


def missing_placeholders(pattern: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the placeholders that a page has no value for; `:categories` is optional."""
    required = (name for name in _PLACEHOLDER.findall(pattern) if name != "categories")
    return tuple(name for name in required if not values.get(name))


def expand_permalink(pattern: str, values: Mapping[str, str]) -> str:
    """Return the address of a page that has no `missing_placeholders`.

    An empty optional placeholder is dropped together with the slash after it.
    """

    def fill(placeholder: re.Match[str]) -> str:
        value = values.get(placeholder[1])
        return value + placeholder[2] if value else ""

    return _SLASHES.sub("/", _PLACEHOLDER_AND_SLASH.sub(fill, pattern))
