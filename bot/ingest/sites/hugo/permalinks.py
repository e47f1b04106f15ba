"""Patterns of addresses: https://gohugo.io/configuration/permalinks. Pure."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from bot.ingest.sites.hugo.globs import Glob, PageMatcher
from bot.ingest.sites.hugo.text import PathRules
from bot.ingest.sites.hugo.values import group, groups, lower_keys, text

MAX_PATTERN = 500
MAX_RULES = 200
# What is longer gives no address that is accepted.
MAX_VALUE = 2_048
_TOKEN = re.compile(r":(\w+)(\[[^\]\n]+\])?", re.ASCII)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
# The parts of Go's layouts of dates: https://pkg.go.dev/time#pkg-constants.
_LAYOUT = re.compile(
    r"January|Jan|Monday|Mon|2006|002|_2|0[1-6]|15|[1-5]|PM|pm",
)
_PAGES = Glob.parse("page")
_NO_DATE = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PageValues:
    """What patterns can contain of a page.

    `sections` are the names of the sections it is in, `others` placeholders that Hugo lacks.
    """

    title: str
    slug: str
    file_name: str
    section: str
    sections: tuple[str, ...]
    section_slugs: tuple[str, ...]
    date: datetime | None
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PermalinkRule:
    """A pattern for some pages."""

    target: PageMatcher
    pattern: str


def parse_rules(configured: object) -> tuple[PermalinkRule, ...]:
    """Read `permalinks` of the configuration. The rule for the longest path comes first."""
    if not isinstance(configured, Mapping):
        return tuple(
            PermalinkRule(PageMatcher.parse(group(each.get("target"))), pattern)
            for each in map(lower_keys, groups(configured)[:MAX_RULES])
            if is_pattern(pattern := text(each.get("pattern")))
        )
    by_section: dict[str, str] = {}
    for name, value in islice(configured.items(), MAX_RULES):
        if isinstance(value, str):
            by_section.setdefault(name.strip(" /"), value)
        elif name == "page":
            by_section |= {
                section.strip(" /"): pattern
                for section, pattern in islice(group(value).items(), MAX_RULES)
                if isinstance(pattern, str)
            }
    return tuple(
        PermalinkRule(PageMatcher(path=_section_glob(section), kind=_PAGES), pattern)
        for section, pattern in sorted(by_section.items(), key=lambda item: -len(item[0]))
        if is_pattern(pattern)
    )


def _section_glob(section: str) -> Glob:
    return Glob.parse(f"/{{{section},{section}/**}}") if section else Glob.parse("/*")


def is_pattern(pattern: str) -> bool:
    """Whether all placeholders are known."""
    return 0 < len(pattern) <= MAX_PATTERN and unknown_placeholder(pattern) is None


def unknown_placeholder(pattern: str) -> str | None:
    """Return the first placeholder that Hugo does not know."""
    sample = PageValues("", "", "", "", (), (), None)
    for token in _TOKEN.finditer(pattern):
        if _value(token[1], token[2], sample, PathRules()) is None:
            return token[0]
    return None


def expand(pattern: str, values: PageValues, rules: PathRules) -> str:
    """Return the address that a pattern makes for a page; unknown placeholders stay."""

    def fill(token: re.Match[str]) -> str:
        value = _value(token[1], token[2], values, rules)
        return token[0] if value is None else value

    parts = pattern.split("\\:")
    return ":".join(_TOKEN.sub(fill, part) for part in parts)


def _value(name: str, cut: str | None, page: PageValues, rules: PathRules) -> str | None:
    if name in {"sections", "sectionslugs"}:
        names: Sequence[str] = page.sections
        if name == "sectionslugs":
            names = [rules.urlize(each) for each in page.section_slugs]
        joined = "/".join(_cut(names, cut))
        return posixpath.normpath(joined) if joined else ""
    value: str | None
    if name == "section":
        value = page.section
    elif text_of := _TEXTS.get(name):
        value = rules.urlize(text_of(page)[:MAX_VALUE])
    elif date_of := _DATES.get(name):
        value = date_of(page.date or _NO_DATE)
    elif name in page.others:
        value = page.others[name]
    elif _LAYOUT.search(name):
        value = _LAYOUT.sub(lambda part: _layout_value(part[0], page.date or _NO_DATE), name)
    else:
        return None
    return value + (cut or "")


def _title(page: PageValues) -> str:
    return page.title.replace("/", "-").replace("\\", "-")


_TEXTS: Mapping[str, Callable[[PageValues], str]] = {
    "title": _title,
    "slug": lambda page: page.slug or _title(page),
    "filename": lambda page: page.file_name,
    "slugorfilename": lambda page: page.slug or page.file_name,
    "contentbasename": lambda page: page.file_name,
    "slugorcontentbasename": lambda page: page.slug or page.file_name,
    "sectionslug": lambda page: page.section_slugs[0] if page.section_slugs else "",
}
_DATES: Mapping[str, Callable[[datetime], str]] = {
    "year": lambda date: str(date.year),
    "month": lambda date: f"{date.month:02}",
    "monthname": lambda date: _MONTHS[date.month - 1],
    "day": lambda date: f"{date.day:02}",
    "weekday": lambda date: str(date.isoweekday() % 7),
    "weekdayname": lambda date: _WEEKDAYS[date.isoweekday() % 7],
    "yearday": lambda date: str(date.timetuple().tm_yday),
}


def _layout_value(part: str, date: datetime) -> str:
    hour = date.hour % 12 or 12
    half = f"{date:%p}"
    weekday, month = _WEEKDAYS[date.isoweekday() % 7], _MONTHS[date.month - 1]
    return {
        "January": month,
        "Jan": month[:3],
        "Monday": weekday,
        "Mon": weekday[:3],
        "2006": f"{date.year:04}",
        "06": f"{date.year % 100:02}",
        "01": f"{date.month:02}",
        "1": str(date.month),
        "02": f"{date.day:02}",
        "_2": f"{date.day:2}",
        "2": str(date.day),
        "002": f"{date.timetuple().tm_yday:03}",
        "15": f"{date.hour:02}",
        "03": f"{hour:02}",
        "3": str(hour),
        "04": f"{date.minute:02}",
        "4": str(date.minute),
        "05": f"{date.second:02}",
        "5": str(date.second),
        "PM": half,
        "pm": half.lower(),
    }[part]


def _cut(names: Sequence[str], cut: str | None) -> Sequence[str]:
    """The part that `[1]`, `[last]`, `[1:]` or `[:last]` stands for; empty if there is none."""
    if cut is None or not names:
        return names
    first, colon, last = cut[1:-1].strip().lower().partition(":")
    low = _position(first, len(names), 0)
    if low >= len(names):
        return ()
    return names[low : _position(last, len(names), len(names))] if colon else names[low : low + 1]


def _position(written: str, count: int, default: int) -> int:
    if written == "":
        return default
    if written == "last":
        return count - 1
    return min(int(written), count) if written.isascii() and written.isdigit() else 0
