"""Patterns of addresses such as `/:year/:month/:slug/`, as Jekyll and Hugo write them. Pure.

https://jekyllrb.com/docs/permalinks, https://gohugo.io/content-management/urls/#permalinks.
"""

import re
from collections.abc import Mapping

OF_THE_DATE = frozenset({"year", "month", "day", "short_year", "i_month", "i_day"})
_OF_THE_PAGE = frozenset({"slug", "title", "filename", "name", "path"})
PLACES = OF_THE_DATE | _OF_THE_PAGE | {"categories"}
_PLACE = re.compile(r":([a-z_]+)")
_PLACE_AND_SLASH = re.compile(r":([a-z_]+)(/?)")
_SLASHES = re.compile(r"(?<!:)//+")


def problem_with_permalink(pattern: str) -> str | None:
    """Why a pattern is not accepted; None if pages have what it wants, and it tells them apart."""
    wanted = _PLACE.findall(pattern)
    if unknown := [name for name in wanted if name not in PLACES]:
        known = ", ".join(f":{name}" for name in sorted(PLACES))
        return f"holds :{unknown[0]}, which no page has; there are {known}"
    if _OF_THE_PAGE.isdisjoint(wanted):
        known = ", ".join(f":{name}" for name in sorted(_OF_THE_PAGE))
        return f"gives one address to several pages; put one of {known} into it"
    return None


def missing_places(pattern: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The placeholders of a pattern that a page has no value for; categories are optional."""
    wanted = (name for name in _PLACE.findall(pattern) if name != "categories")
    return tuple(name for name in wanted if not values.get(name))


def expand(pattern: str, values: Mapping[str, str]) -> str:
    """The address of a page with no `missing_places`; an empty place is left out with its slash."""

    def fill(place: re.Match[str]) -> str:
        value = values.get(place[1])
        return value + place[2] if value else ""

    return _SLASHES.sub("/", _PLACE_AND_SLASH.sub(fill, pattern))
