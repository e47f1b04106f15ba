"""Reads the dates of feeds, APIs and pages. Pure.

A text is a date only if every part of it is understood, and if it has a year, a month and a day.
Dates that programs write for want of a real one, such as 1970-01-01, count as missing. If numbers
can be day and month in either order, the weekday decides, or the other dates of the feed, or its
language; else the date counts as missing, since a wrong guess would make news months old.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cached_property, lru_cache

from bot.ingest.dates.names import (
    FILLERS,
    WORD,
    Meaning,
    abbreviated_zone,
    day_order,
    fold,
    half_of_day,
    may_be_weekday,
    meaning,
    meaning_anywhere,
    named_zone,
)

MAX_LENGTH = 300
# The Web is from 1991. Usual placeholders are the years 1, 1601, 1899, 1900, 1970, 1980 and 9999.
PLAUSIBLE_YEARS = range(1990, 2100)
# The first year of two digits that is of the last century.
_LAST_CENTURY = 69
_DIGITS_OF_A_DAY = 2
_BUDDHIST_YEARS = range(2500, 2700)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Entries share days and zones, and are read again and again.
_CACHED = 2_000
_ORDERS = frozenset({"dmy", "mdy", "ymd"})

_MARKUP_DATE = re.compile(r"""(?i)\s(?:datetime|content)\s*=\s*(?:"([^"<>]+)"|'([^'<>]+)')""")
_TAG = re.compile(r"<[^<>]*>")
# A number, also as .NET writes it in JSON.
_TIMESTAMP = re.compile(r"(?:/Date\()?(-?[0-9]{9,19})(?:\.[0-9]+)?(?:[+-][0-9]{4})?(?:\)/)?")
# Units per second, by the number of digits.
_UNITS = {9: 1, 10: 1, 12: 10**3, 13: 10**3, 15: 10**6, 16: 10**6, 18: 10**9, 19: 10**9}

# Forms that are rewritten to the ones that the rest reads.
_BASIC_TIME = re.compile(r"(?i)\A(\d{4})-?(\d\d)-?(\d\d)[T ]?(\d\d)(\d\d)(\d\d)?(?![\d:])")
_HOUR_ALONE = re.compile(r"(?i)\A(\d{4}-?\d\d-?\d\d)T(\d\d)(?![\d:])")
_BASIC_DATE = re.compile(r"\A(\d{4})(\d\d)(\d\d)(?!\d)")
_WEEK_DATE = re.compile(r"(?i)\A(\d{4})-?W(\d\d)-?(\d)(?!\d)")
_ORDINAL_DATE = re.compile(r"\A(\d{4})-?(\d{3})(?![\d-])")
_EXIF_DATE = re.compile(r"\A(\d{4}):(\d\d):(\d\d)(?!\d)")
_COLON_BEFORE_TIME = re.compile(r"(?<=\d{4}):(?=\d\d:)")
_VIETNAMESE_MONTH = re.compile(r"(?i)\b(?:tháng|thg) ?(1[0-2]|0?[1-9])(?!\d)")
# "th" of an ordinal number, and the names of eras.
_THAI_FILLER = re.compile(r"ที่|[พค]\.ศ\.")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CJK_MONTH = re.compile(r"(十[一二]?|[一二三四五六七八九])(?= ?月)")
_CJK_DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九十", 1)}
_CJK_DATE = re.compile(
    r"(?:(令和|平成|民國|民国) ?)?(\d{1,4}|元) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2})"
    r"(?: ?[日號号일])?"
)
# The year before the first one of an era.
_ERAS = {"令和": 2018, "平成": 1988, "民國": 1911, "民国": 1911}
_CJK_TIME = re.compile(r"(\d{1,2}) ?[時时點点시](?: ?(\d{1,2}) ?[分분](?: ?(\d{1,2}) ?[秒초])?)?")

# Each has groups for hours, minutes, seconds and their fraction.
_TIMES = (
    re.compile(r"(?<![\d:.+-])(\d{1,2}) ?: ?(\d{1,2})(?: ?: ?(\d{1,2})(?:[.,:](\d+))?)?(?!\d)"),
    re.compile(
        r"(?i)(?<![\d:.+-])(\d{1,2}) ?h(?:rs?|s)?\.?"
        r"(?: ?(\d\d)(?: ?m(?:in)?(?: ?(\d\d) ?s)?)?)?()(?!\w)"
    ),
    re.compile(r"(?i)(?<![\d:.+-])(\d{1,2})()()()(?= ?(?:[ap]\.? ?m\b|uhr\b))"),
)
# It is tried last, as it may also be a part of a date.
_DOTTED_TIME = re.compile(r"(?<=[ ,])(\d{1,2})\.(\d\d)(?:\.(\d\d)(?:\.(\d+))?)?(?![\d.])")
_CLOCK_SUFFIX = re.compile(r"(?i) ?(?:uhr|h|hs|hrs|hours|ч)\b\.?")
_WORDS_AT_BEGINNING = re.compile(rf"[ .,]*{WORD}(?:[ .]+{WORD}){{0,2}}")
_WORDS_AT_END = re.compile(rf"(?:{WORD}[ .]+){{0,2}}{WORD}[ .,]*\Z")
_LAST_TIME = timedelta(days=1)
_MAX_MINUTE, _LEAP_SECOND = 59, 60

_OFFSET = re.compile(
    r"(?i) ?(?:(?:UTC|GMT|UT|Z) ?([+-]) ?|[-:]?([+-]))(\d{1,2})(?::?(\d\d))?(?::?\d\d)?(?![\d/.-])"
)
_ZERO_OFFSET = re.compile(r" 00(?:00)?(?![\d:])")
_OFFSETS = range(-12 * 60, 14 * 60 + 1)
_IN_BRACKETS = re.compile(r" ?(?:\(([^()]*)\)|\[([^\[\]]*)\])")
_ZONE_PATH = re.compile(r" ?([A-Za-z]+(?:/[A-Za-z0-9_+-]+){1,2})")
_ZONE_PHRASE = re.compile(r"(?i) ?((?:[A-Za-z]+ ){1,4}time)\b")
_ZONE_WORD = re.compile(r" ?([^\W\d_]{1,5})(?![^\W\d_]|/)")
_FINAL_ZONE = re.compile(r"(?<=\d)(?:Z| ?[+-]\d\d:\d\d| [+-]\d{4}| [A-Z]{2,5})\Z")

_DOTS = re.compile(r"\d\. ?\d")
_TOKEN = re.compile(rf"(\d+)|({WORD})|(.)")
_PUNCTUATION = frozenset(" ,.-/'’`´()|·•;׳״،॰\"_")
# The number of words in the longest names of months and weekdays.
_LONGEST_NAME = 3


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A time in UTC; `date_only` if it was written without a time of day."""

    at: datetime
    date_only: bool = False


@dataclass(frozen=True, slots=True)
class _Written:
    """What a text says. `days` are the possible days, by the order of day, month and year.

    An abbreviation of a zone is text.
    """

    days: Mapping[str, date]
    has_dots: bool
    time: timedelta | None
    zone: tzinfo | str | None


class DateReader:
    """Reads the dates of one feed.

    `zone` is for dates without a time zone. `language` is the feed's, such as en-US, and `texts`
    are its dates; both can show whether the day or the month comes first.
    """

    def __init__(
        self, zone: tzinfo = UTC, language: str = "", texts: Iterable[object] = ()
    ) -> None:
        self._zone = zone
        self._language = language
        self._texts = texts

    def read(self, *values: object) -> FoundDate | None:
        """The first of the values that is a date: text, or a number of seconds since 1970."""
        return next(filter(None, map(self._read, values)), None)

    def read_as_written(self, value: object) -> datetime | None:
        """The same time in the time zone that the text names; without one, it has none."""
        text = _as_text(value)
        if (timestamp := _read_timestamp(text)) is not None:
            return timestamp
        found = self._read_local(text)
        return found and found[0]

    def _read(self, value: object) -> FoundDate | None:
        text = _as_text(value)
        if (timestamp := _read_timestamp(text)) is not None:
            return FoundDate(timestamp)
        if (found := self._read_local(text)) is None:
            return None
        local, date_only = found
        at = local if local.tzinfo else local.replace(tzinfo=self._zone)
        return FoundDate(at.astimezone(UTC), date_only)

    def _read_local(self, text: str) -> tuple[datetime, bool] | None:
        """The time as written, and whether it is a date alone."""
        written = _read_text(text, self._language)
        day = self._choose_day(written) if written else None
        if written is None or day is None:
            return None
        local = datetime.combine(day, time()) + (written.time or timedelta())
        return local.replace(tzinfo=self._zone_of(written, local)), written.time is None

    def _choose_day(self, written: _Written) -> date | None:
        if len(set(written.days.values())) == 1:
            return next(iter(written.days.values()))
        if len(self._possible_orders) == 1:
            return written.days.get(next(iter(self._possible_orders)))
        order = self._usual_order
        if written.has_dots and order is None and "ymd" not in written.days:
            order = "dmy"
        if written.has_dots and order == "mdy":  # no language writes month.day.year
            order = None
        return written.days.get(order) if order in self._possible_orders else None

    @cached_property
    def _usual_order(self) -> str | None:
        return day_order(self._language)

    @cached_property
    def _possible_orders(self) -> frozenset[str]:
        """The orders in which all dates of the feed make sense."""
        possible = _ORDERS
        for text in {_as_text(value) for value in self._texts}:
            written = _read_text(text, self._language)
            if written is not None and written.days.keys() <= _ORDERS:
                possible &= written.days.keys()
        return possible

    def _zone_of(self, written: _Written, local: datetime) -> tzinfo | None:
        if not isinstance(written.zone, str):
            return written.zone
        # The zone of the source decides between the meanings of an abbreviation.
        if local.replace(tzinfo=self._zone).tzname() == written.zone:
            return self._zone
        return abbreviated_zone(written.zone, self._language) or self._zone


def read_date(value: object, zone: tzinfo = UTC) -> FoundDate | None:
    """Read a date by itself; None if it is not a date or is ambiguous."""
    return DateReader(zone).read(value)


def _as_text(value: object) -> str:
    """Text that may be a date; empty for any other value."""
    if isinstance(value, str):
        text = value.strip()
        return text if len(text) <= MAX_LENGTH else ""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e19:  # noqa: PLR2004 - so that it is finite
        return str(int(value))
    return ""


def _read_timestamp(text: str) -> datetime | None:
    """Read seconds since 1970, or thousandths, millionths or billionths of them."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None or (unit := _UNITS.get(len(match[1]))) is None:
        return None
    at = _EPOCH + timedelta(seconds=int(match[1]) / unit)
    return at if at.year in PLAUSIBLE_YEARS else None


@lru_cache(maxsize=_CACHED)
def _read_text(text: str, language: str) -> _Written | None:
    text = _rewrite(_normalise(text))
    for pattern in _TIMES:
        if (clock := pattern.search(text)) is not None:
            return _read_parts(text, clock, language)
    written = _read_parts(text, None, language)
    if written is None and (clock := _DOTTED_TIME.search(text)) is not None:
        written = _read_parts(text, clock, language)
    return written


def _normalise(text: str) -> str:
    """Text without markup, with ASCII digits, hyphens and single spaces."""
    if "<" in text:
        match = _MARKUP_DATE.search(text)
        text = (match[1] or match[2]) if match else _TAG.sub(" ", text)
    text = html.unescape(text)
    if not text.isascii():
        text = "".join(map(_normalise_character, unicodedata.normalize("NFKC", text)))
    return " ".join(text.split())


def _normalise_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    category = unicodedata.category(character)
    if category == "Cf":  # such as marks of the direction of writing
        return ""
    return "-" if category == "Pd" or character == "\N{MINUS SIGN}" else character


def _rewrite(text: str) -> str:
    """Rewrite forms of ISO 8601 and of Asian languages to year-month-day and hour:minute."""
    text = _WEEK_DATE.sub(_replace_week, text)
    text = _ORDINAL_DATE.sub(_replace_ordinal, text)
    text = _BASIC_TIME.sub(lambda m: f"{m[1]}-{m[2]}-{m[3]}T{m[4]}:{m[5]}:{m[6] or '00'}", text)
    text = _HOUR_ALONE.sub(r"\1T\2:00", text)
    text = _BASIC_DATE.sub(r"\1-\2-\3", text)
    text = _EXIF_DATE.sub(r"\1-\2-\3", text)
    text = _COLON_BEFORE_TIME.sub(" ", text)
    text = _VIETNAMESE_MONTH.sub(lambda m: f" {_MONTHS[int(m[1]) - 1]} ", text)
    if text.isascii():
        return text
    text = _THAI_FILLER.sub(" ", text)
    text = _CJK_MONTH.sub(lambda m: str(sum(map(_CJK_DIGITS.__getitem__, m[1]))), text)
    text = _CJK_DATE.sub(_replace_cjk_date, text)
    text = _CJK_TIME.sub(lambda m: f" {m[1]}:{m[2] or '00'}:{m[3] or '00'} ", text)
    return " ".join(text.split())


def _replace_week(match: re.Match[str]) -> str:
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        return match[0]


def _replace_ordinal(match: re.Match[str]) -> str:
    year, number = int(match[1]), int(match[2])
    if year not in PLAUSIBLE_YEARS or not number:
        return match[0]
    day = date(year, 1, 1) + timedelta(days=number - 1)
    return day.isoformat() if day.year == year else match[0]


def _replace_cjk_date(match: re.Match[str]) -> str:
    era, number, month, day = match.groups()
    year = _ERAS.get(era, 0) + (1 if number == "元" else int(number))
    return f" {year + 2000 if year < 100 else year:04}-{month}-{day} "  # noqa: PLR2004 - two digits


def _read_parts(text: str, clock: re.Match[str] | None, language: str) -> _Written | None:
    """Read a text with, or without, a time of day."""
    time_of_day, before, after = None, text, ""
    if clock is not None:
        before, after = text[: clock.start()], text[clock.end() :]
        if (suffix := _CLOCK_SUFFIX.match(after)) is not None:
            after = after[suffix.end() :]
        half, before, after = _read_half(before, after, language)
        time_of_day = _time_of_day(clock, half)
        if time_of_day is None:
            return None
    zone, after = _read_zone(after, language)
    text = f"{before} {after}".strip()
    if zone is None and (final := _FINAL_ZONE.search(text)) is not None:
        zone, rest = _read_zone(final[0], language)
        text = text[: final.start()] + rest
    days = _read_days(fold(text), language)
    return _Written(days, bool(_DOTS.search(text)), time_of_day, zone) if days else None


def _read_half(before: str, after: str, language: str) -> tuple[int | None, str, str]:
    """Cut the half of the day, such as AM, off the texts before and after a time."""
    if (match := _WORDS_AT_BEGINNING.match(after)) is not None:
        words = list(re.finditer(WORD, match[0]))
        for count in range(len(words), 0, -1):
            name = " ".join(fold(word[0]) for word in words[:count])
            if (half := half_of_day(name, language)) is not None:
                return half, before, after[words[count - 1].end() :].removeprefix(".")
    if (match := _WORDS_AT_END.search(before)) is not None:
        words = list(re.finditer(WORD, match[0]))
        for start, first in enumerate(words):
            name = " ".join(fold(word[0]) for word in words[start:])
            if (half := half_of_day(name, language)) is not None:
                return half, before[: match.start() + first.start()], after
    return None, before, after


def _time_of_day(clock: re.Match[str], half: int | None) -> timedelta | None:
    hour, minute, second = (int(clock[number] or 0) for number in (1, 2, 3))
    if half is not None and hour <= 12:  # noqa: PLR2004 - also written in spite of a 24-hour clock
        hour = hour % 12 + half
    if minute > _MAX_MINUTE or second > _LEAP_SECOND:
        return None
    time_of_day = timedelta(
        hours=hour,
        minutes=minute,
        seconds=min(second, _MAX_MINUTE),
        microseconds=int(f"{clock[4] or '':0<6}"[:6]),
    )
    return time_of_day if time_of_day <= _LAST_TIME else None


@lru_cache(maxsize=_CACHED)
def _read_zone(text: str, language: str) -> tuple[tzinfo | str | None, str]:
    """Cut a time zone off the beginning of a text; an offset counts more than an abbreviation."""
    text = text.removeprefix(",")
    zone: tzinfo | str | None = None
    while (part := _next_zone(text, language)) is not None:
        found, end = part
        if zone is None or (isinstance(zone, str) and isinstance(found, tzinfo)):
            zone = found
        text = text[end:]
    return zone, text


def _next_zone(text: str, language: str) -> tuple[tzinfo | str | None, int] | None:
    """Return the zone that a text begins with, if it is known, and where it ends."""
    if match := _OFFSET.match(text):
        sign = -1 if "-" in (match[1], match[2]) else 1
        hours, minutes = int(match[3]), int(match[4] or 0)
        offset = sign * (hours * 60 + minutes)
        if offset not in _OFFSETS or minutes > _MAX_MINUTE:
            return None
        return timezone(timedelta(minutes=offset)), match.end()
    if match := _ZERO_OFFSET.match(text):
        return UTC, match.end()
    if match := _IN_BRACKETS.match(text):
        content = (match[1] or match[2] or "").strip()
        inside = _next_zone(content, language)
        return inside[0] if inside and inside[1] == len(content) else None, match.end()
    if (match := _ZONE_PATH.match(text)) and (zone := named_zone(match[1])):
        return zone, match.end()
    for pattern in (_ZONE_PHRASE, _ZONE_WORD):
        if match := pattern.match(text):
            name = match[1].upper()
            if abbreviated_zone(name, language):
                return name, match.end()
            is_abbreviation = len(name) > 1 and name.isascii() and name == match[1]
            if is_abbreviation and not meaning_anywhere(fold(name), language):
                return None, match.end()
    return None


@lru_cache(maxsize=_CACHED)
def _read_days(text: str, language: str) -> Mapping[str, date]:
    """Read the day in a folded text without time and zone; empty if it is not only that."""
    parts = _read_tokens(text, language)
    if parts is None:
        return {}
    numbers = [part for part in parts if isinstance(part, str)]
    names = [part for part in parts if isinstance(part, Meaning)]
    months = [name for name in names if name.months]
    if len(months) > 1:  # `mar` is also a French Tuesday
        months = [name for name in months if not may_be_weekday(name.name)]
    if len(months) > 1:
        return {}
    if months:
        before = sum(isinstance(part, str) for part in parts[: parts.index(months[0])])
        days = _days_with_month(numbers, months[0].months, before)
    else:
        days = _days_of_numbers(numbers)
    weekdays = [name.weekdays for name in names if name not in months and len(name.weekdays) == 1]
    fitting = {order: day for order, day in days.items() if {day.weekday()} in weekdays}
    return fitting or days


def _read_tokens(text: str, language: str) -> Sequence[str | Meaning] | None:
    """Return the numbers and what the names mean; None if the text contains anything else."""
    parts: list[str | Meaning] = []
    words: list[str] = []
    for token in _TOKEN.finditer(f"{text} 0"):  # the number ends the last words
        number, word, other = token.groups()
        if word:
            words.append(word)
        elif other and other not in _PUNCTUATION:
            return None
        elif number:
            meanings = _meanings(words, language, is_first=not parts)
            if meanings is None:
                return None
            parts += [*meanings, number]
            words.clear()
    return parts[:-1]


def _meanings(words: Sequence[str], language: str, *, is_first: bool) -> Sequence[Meaning] | None:
    """Return what the names among some words mean; None if one means nothing."""
    for find in (meaning, meaning_anywhere):
        found: list[Meaning] = []
        position = 0
        while position < len(words):
            is_filler = words[position] in FILLERS
            name, count = Meaning(), 1
            if not is_filler or (is_first and not found):
                name, count = _longest_name(words[position:], language, find)
            if name:
                found.append(name)
            elif not is_filler:
                break
            position += count
        else:
            return found
    return None


def _longest_name(
    words: Sequence[str], language: str, find: Callable[[str, str], Meaning]
) -> tuple[Meaning, int]:
    """Return what as many as possible of the first words mean together, and their number."""
    for count in range(min(_LONGEST_NAME, len(words)), 0, -1):
        if found := find(" ".join(words[:count]), language):
            return found, count
    return Meaning(), 1


def _days_with_month(numbers: Sequence[str], months: Iterable[int], before: int) -> dict[str, date]:
    """The days with some possible months; `before` numbers precede the name of the month."""
    match numbers:
        case [year, day] if _is_year(year):
            pass
        case [day, year] if _is_year(year) or before <= 1:  # 23 Nov 26, but not 23 26 Nov
            pass
        case _:
            return {}
    return _valid_days({f"month {month}": (year, month, day) for month in months})


def _days_of_numbers(numbers: Sequence[str]) -> dict[str, date]:
    match numbers:
        case [first, middle, last] if _is_year(first):
            return _valid_days({"year first": (first, middle, last)})
        case [first, middle, last]:
            orders = {"dmy": (last, middle, first), "mdy": (last, first, middle)}
            if not _is_year(last):
                orders["ymd"] = (first, middle, last)
            return _valid_days(orders)
    return {}


def _is_year(number: str) -> bool:
    """Whether a number can't be a day or a month."""
    return len(number) > _DIGITS_OF_A_DAY


def _valid_days(candidates: Mapping[str, tuple[str, str | int, str]]) -> dict[str, date]:
    """The days that exist and are plausible, from year, month and day."""
    days = {}
    for order, (year, month, day) in candidates.items():
        with suppress(ValueError, OverflowError):
            days[order] = date(_year(year), int(month), int(day))
    return {order: day for order, day in days.items() if day.year in PLAUSIBLE_YEARS}


def _year(text: str) -> int:
    """A year of two digits, of four, or (a frequent mistake in programs) counted from 1900."""
    year = int(text)
    if year in _BUDDHIST_YEARS:
        return year - 543
    match len(text):
        case 2:
            return year + (2000 if year < _LAST_CENTURY else 1900)
        case 3:
            return year + 1900
    return year
