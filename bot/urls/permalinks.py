"""Permalink patterns such as `/:year/:month/:slug/`, as Jekyll and Hugo define them. Pure.

https://jekyllrb.com/docs/permalinks, https://gohugo.io/content-management/urls/#permalinks.
Those of Pelican and MkDocs, such as `{date:%Y}/{slug}/`, are only checked here:
https://docs.getpelican.com/en/stable/settings.html#url-settings,
https://squidfunk.github.io/mkdocs-material/plugins/blog/#config.post_url_format.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

DATE_PLACEHOLDERS = frozenset({"year", "month", "day", "short_year", "i_month", "i_day"})
_PAGE_PLACEHOLDERS = frozenset({"slug", "title", "filename", "name", "path"})
# https://gohugo.io/configuration/permalinks/#tokens
_PAGE_PLACEHOLDERS |= {"contentbasename", "slugorfilename", "slugorcontentbasename"}
_HUGO_PLACEHOLDERS = frozenset(
    {"monthname", "weekday", "weekdayname", "yearday", "section", "sections", "sectionslug"}
)
# https://hexo.io/docs/permalinks, and the fields that are often used in its patterns.
_PAGE_PLACEHOLDERS |= {"post_title", "hash", "id", "abbrlink", "urlname"}
_HEXO_PLACEHOLDERS = frozenset({"category", "hour", "minute", "second", "timestamp", "lang"})
# https://jekyllrb.com/docs/permalinks/#placeholders
_JEKYLL_PLACEHOLDERS = frozenset(
    {
        *("slugified_categories", "collection", "output_ext", "short_month", "long_month", "y_day"),
        *("w_year", "week", "w_day", "short_day", "long_day", "hour", "minute", "second"),
    }
)
PLACEHOLDERS = frozenset(
    DATE_PLACEHOLDERS
    | _PAGE_PLACEHOLDERS
    | _HUGO_PLACEHOLDERS
    | _HEXO_PLACEHOLDERS
    | _JEKYLL_PLACEHOLDERS
    | {"categories"}
)
_BRACED_PAGE_PLACEHOLDERS = frozenset({"slug", "path", "file", "title"})
_BRACED_PLACEHOLDERS = _BRACED_PAGE_PLACEHOLDERS | {
    *("date", "category", "categories", "author", "lang")
}
_BRACED = re.compile(r"(?<!\{)\{(\w+)(?::[^{}]*)?\}")
# A template of Eleventy: https://www.11ty.dev/docs/permalinks.
_TEMPLATE = re.compile(r"\{\{[^{}]*\b(?:fileSlug|filePathStem|title|slug)\b[^{}]*\}\}")
_PLACEHOLDER = re.compile(r":([a-z_]+)")
_PLACEHOLDER_AND_SLASH = re.compile(r":([a-z_]+)(/?)")
_SLASHES = re.compile(r"(?<!:)//+")


def problem_with_permalink(pattern: str) -> str | None:
    """Return why a pattern is not accepted; None if it is.

    It may use known placeholders only, and one of them must differ from page to page.
    """
    if _TEMPLATE.search(pattern):
        return None
    if braced := _BRACED.findall(pattern):
        return _problem_with_names(braced, _BRACED_PLACEHOLDERS, _BRACED_PAGE_PLACEHOLDERS, "{%s}")
    used = _PLACEHOLDER.findall(pattern)
    return _problem_with_names(used, PLACEHOLDERS, _PAGE_PLACEHOLDERS, ":%s")


def _problem_with_names(
    used: Collection[str], known: Collection[str], of_pages: Collection[str], notation: str
) -> str | None:
    def written(names: Iterable[str]) -> str:
        return ", ".join(notation % name for name in sorted(names))

    if unknown := [name for name in used if name not in known]:
        return (
            f"contains the unknown placeholder {notation % unknown[0]}; use one of {written(known)}"
        )
    if not any(name in of_pages for name in used):
        return f"gives several pages the same address; add one of {written(of_pages)}"
    return None


def date_values(date: datetime) -> dict[str, str]:
    """Return the values of `DATE_PLACEHOLDERS`, for the day in the date's own time zone."""
    return {
        "year": f"{date:%Y}",
        "month": f"{date:%m}",
        "day": f"{date:%d}",
        "i_month": str(date.month),
        "i_day": str(date.day),
        "short_year": f"{date:%y}",
    }


def missing_placeholders(pattern: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the placeholders that a page has no value for; `:categories` is optional.

    None is known for placeholders in braces.
    """
    required = (name for name in _PLACEHOLDER.findall(pattern) if name != "categories")
    missing = [name for name in required if not values.get(name)]
    return (*missing, *(f"{{{name}}}" for name in _BRACED.findall(pattern)))


def expand_permalink(pattern: str, values: Mapping[str, str]) -> str:
    """Return the address of a page that has no `missing_placeholders`.

    An empty optional placeholder is dropped together with the slash after it.
    """

    def fill(placeholder: re.Match[str]) -> str:
        value = values.get(placeholder[1])
        return value + placeholder[2] if value else ""

    return _SLASHES.sub("/", _PLACEHOLDER_AND_SLASH.sub(fill, pattern))
