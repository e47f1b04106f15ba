"""Addresses of Pelican's articles, made from patterns such as `{date:%Y}/{slug}/`. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from string import Formatter

from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.addresses import quote_path
from bot.ingest.text import clean_text
from bot.urls.permalinks import date_values, expand_permalink, missing_placeholders
from bot.urls.safety import MAX_LENGTH

# What Pelican passes on to `strftime`; a `-` before it removes zeros.
_DIRECTIVE = re.compile(r"%-?.", re.DOTALL)
_DIRECTIVES = frozenset("aAbBcdfGHIjmMpSUuVwWxXyYzZ%")
_MAX_FORMAT = 100
_CUT = re.compile(r"\.(\d{1,4})", re.ASCII)


def expand(pattern: str, values: Mapping[str, str], date: datetime) -> str:
    """Return an address as Pelican makes it: https://docs.getpelican.com/en/stable/settings.html.

    Patterns with colons (`/:year/:slug/`), as in the settings of a source, are understood, too.
    Raises `RejectedError` if a value is missing or the address would be too long.
    """
    if "{" not in pattern:
        return _expand_colons(pattern, values, date)
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError as error:
        raise _problem(pattern, str(error)) from error
    address = ""
    for literal, name, form, _ in parts:
        address += literal
        if name == "date":
            address += format_date(date, form) if form else str(date)
        elif name in {"date.year", "date.month", "date.day"}:
            address += format(getattr(date, name.partition(".")[2]), form or "")
        elif name is not None:
            if name not in values:
                raise _problem(pattern, f"the page has no value for {name}")
            address += _cut(values[name], form or "")
        if len(address) > MAX_LENGTH:
            raise _problem(pattern, "the address is too long")
    return address


def format_date(date: datetime, form: str) -> str:
    """Format a date as Pelican does, with the names of days and months in English."""

    def fill(match: re.Match[str]) -> str:
        directive = match[0][-1]
        if directive not in _DIRECTIVES:
            return match[0]
        text = date.strftime(f"%{directive}")
        return (text.lstrip("0") or "0") if "-" in match[0] else text

    return _DIRECTIVE.sub(fill, form[:_MAX_FORMAT])


def as_path(address: str) -> str:
    """Return an address that is relative to the site's root with a `/`, percent-encoded."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address):
        return address
    return "/" + quote_path(address.lstrip("/"), safe="/%?=&#~!$'()*+,;:@")


def _cut(text: str, form: str) -> str:
    match = _CUT.fullmatch(form)
    return text[: int(match[1])] if match else text


def _expand_colons(pattern: str, values: Mapping[str, str], date: datetime) -> str:
    known = {
        **values,
        "title": values["slug"],
        "filename": values["basename"],
        "name": values["basename"],
        "categories": values["category"],
        **date_values(date),
    }
    if missing := missing_placeholders(pattern, known):
        raise _problem(pattern, f"the page has no value for :{missing[0]}")
    return expand_permalink(pattern, known)


def _problem(pattern: str, problem: str) -> RejectedError:
    return RejectedError(
        f"can't be made from the pattern {clean_text(pattern, 100)}: {clean_text(problem, 100)}",
        field="webUrl",
    )
