"""Patterns of addresses such as `/:year/:month/:slug/`, as Jekyll and Hugo write them. Pure.

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
    """Why a pattern is not accepted; None if pages have what it wants, and it tells them apart."""
    wanted = _PLACEHOLDER.findall(pattern)
    if unknown := [name for name in wanted if name not in PLACEHOLDERS]:
        known = ", ".join(f":{name}" for name in sorted(PLACEHOLDERS))
        return f"holds :{unknown[0]}, which no page has; there are {known}"
    if _PAGE_PLACEHOLDERS.isdisjoint(wanted):
        known = ", ".join(f":{name}" for name in sorted(_PAGE_PLACEHOLDERS))
        return f"gives one address to several pages; put one of {known} into it"
    return None


def missing_placeholders(pattern: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The placeholders of a pattern that a page has no value for; categories are optional."""
    wanted = (name for name in _PLACEHOLDER.findall(pattern) if name != "categories")
    return tuple(name for name in wanted if not values.get(name))


def expand_permalink(pattern: str, values: Mapping[str, str]) -> str:
    """Return the address of a page that has no `missing_placeholders`.

    An empty optional placeholder is dropped together with the slash after it.
    """

    def fill(place: re.Match[str]) -> str:
        value = values.get(place[1])
        return value + place[2] if value else ""

    return _SLASHES.sub("/", _PLACEHOLDER_AND_SLASH.sub(fill, pattern))
