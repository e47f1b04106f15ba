"""Reads the dates of a page: https://gohugo.io/configuration/front-matter/#dates. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from bot.ingest.field_values import MAX_DATE_LENGTH, parse_date_as_written
from bot.ingest.sites.hugo.values import texts

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d?):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?"
    r" ?(?:(Z)|([+-])(\d\d):?(\d\d))?(?: [A-Z]{2,5})?)?",
    re.ASCII,
)
_NAMED_ZONE = re.compile(r" [A-Z]{3,4}(?= \d{4}\Z|\Z)", re.ASCII)
# https://pkg.go.dev/time#pkg-constants: a zone's name has no meaning, unlike its offset.
_OTHER_FORMATS = (
    "%d %b %Y",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S",
    "%d %b %y %H:%M %z",
    "%d %b %y %H:%M",
    "%A, %d-%b-%y %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%a %b %d %H:%M:%S %z %Y",
)
_UNIX_TIME = re.compile(r"\d{1,11}", re.ASCII)
_DELIMITERS = " -_"
_MAX_FIELDS = 20
FILE_NAME = ":filename"
# What is not known of a file: when it was changed.
_UNKNOWN = frozenset({":git", ":filemodtime"})


def parse_date(value: object, zone: tzinfo) -> datetime | None:
    """Return a date; one without an offset is in `zone`. None if it is missing or zero.

    Raises `ValueError`. Dates that Hugo does not take are read if their meaning is clear.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MAX_DATE_LENGTH:
        raise ValueError("is not a date")
    written = _parse(value.strip(), zone)
    if written is not None and written.tzinfo is None:
        written = written.replace(tzinfo=zone)
    # Go's zero: a date that is not set.
    return None if written is not None and written.year == 1 else written


def _parse(text: str, zone: tzinfo) -> datetime | None:
    if match := _ISO.fullmatch(text):
        return _from_iso(match, zone)
    if _UNIX_TIME.fullmatch(text):
        try:
            return datetime.fromtimestamp(int(text), UTC)
        except (OverflowError, OSError) as error:
            raise ValueError("is not a date") from error
    for form in (text, _NAMED_ZONE.sub("", text)):
        for each in _OTHER_FORMATS:
            try:
                return datetime.strptime(form, each)  # noqa: DTZ007 - the site's zone is added
            except ValueError:
                continue
    return parse_date_as_written(text)


def _from_iso(match: re.Match[str], zone: tzinfo) -> datetime:
    year, month, day, hour, minute, second, fraction, utc, sign, hours, minutes = match.groups("0")
    if utc == "Z":
        zone = UTC
    elif sign != "0":
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(offset if sign == "+" else -offset)
    return datetime(
        *(int(year), int(month), int(day), int(hour), int(minute), int(second)),
        microsecond=int(fraction.ljust(9, "0")[:6]),
        tzinfo=zone,
    )


@dataclass(frozen=True, slots=True)
class PageDates:
    """The dates of a page, and the slug that its file's name has after the date.

    `wrong` is the first field that is no date, unless another one had the date.
    """

    date: datetime | None = None
    published_at: datetime | None = None
    expires_at: datetime | None = None
    slug: str | None = None
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class DateFields:
    """Which fields a date is taken from, in this order."""

    date: tuple[str, ...] = ("date", "publishdate", "pubdate", "published", "lastmod", "modified")
    last_changed: tuple[str, ...] = ("lastmod", "modified", "date", "publishdate", "pubdate")
    published_at: tuple[str, ...] = ("publishdate", "pubdate", "published", "date")
    expires_at: tuple[str, ...] = ("expirydate", "unpublishdate")

    @classmethod
    def parse(cls, configured: Mapping[str, object]) -> "DateFields":
        """Read `frontmatter` of the configuration, which has keys in lower case."""
        defaults = cls()

        def fields(name: str, default: Sequence[str]) -> tuple[str, ...]:
            if name not in configured:
                return tuple(default)
            names = _expand(texts(configured[name])[:_MAX_FIELDS], default)
            return tuple(dict.fromkeys(names))

        return cls(
            fields("date", defaults.date),
            fields("lastmod", defaults.last_changed),
            fields("publishdate", defaults.published_at),
            fields("expirydate", defaults.expires_at),
        )

    def read(self, fields: Mapping[str, object], base_name: str, zone: tzinfo) -> PageDates:
        """Read the dates of a page. A date that is found is that field's for the later ones."""
        known: dict[str, object] = dict(fields)
        slugs: list[str] = []
        wrong: list[str] = []

        def first(names: Sequence[str], own_name: str) -> datetime | None:
            for name in names:
                if name == FILE_NAME:
                    found, slug = date_in_name(base_name, zone)
                    if found is not None and "slug" not in fields:
                        slugs.append(slug)
                elif not known.get(name):
                    continue
                else:
                    found = _parse_or_none(known[name], zone, name, wrong)
                    known[name] = found
                if found is not None:
                    known.setdefault(own_name, found)
                    return found
            return None

        date = first(self.date, "date")
        first(self.last_changed, "lastmod")
        published_at = first(self.published_at, "publishdate")
        expires_at = first(self.expires_at, "expirydate")
        return PageDates(
            date,
            published_at,
            expires_at,
            slugs[-1] if slugs else None,
            wrong[0] if wrong and date is None else None,
        )


def _parse_or_none(value: object, zone: tzinfo, name: str, wrong: list[str]) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        return parse_date(value, zone)
    except ValueError:
        wrong.append(name)
        return None


def _expand(names: Iterable[str], default: Sequence[str]) -> Iterable[str]:
    aliases = {
        "lastmod": ("modified",),
        "publishdate": ("pubdate", "published"),
        "expirydate": ("unpublishdate",),
    }
    for each in names:
        name = each.lower()
        if name == ":default":
            yield from default
        elif name not in _UNKNOWN:
            yield name
            yield from aliases.get(name, ())


def date_in_name(base_name: str, zone: tzinfo) -> tuple[datetime | None, str]:
    """Return the date that a name begins with, and the slug after it.

    `2026-03-02-autumn` or `2026-03-02-10-11-12-autumn`; what follows the last dot is left out.
    """
    name, dot, _ = base_name.rpartition(".")
    name = name if dot else base_name
    for length, written in (
        (19, f"{name[:10]}T{name[11:19].replace('-', ':')}"),
        (10, name[:10]),
    ):
        if len(name) < length or not _ISO.fullmatch(written):
            continue
        try:
            return parse_date(written, zone), name[length:].strip(_DELIMITERS)
        except ValueError:
            continue
    return None, ""
