"""The names in dates: of months, weekdays and halves of the day in many languages; of time zones.

Babel reads the former from Unicode's CLDR, when a date has a name that is not English.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Letters; the vowels of Indian and Thai scripts are marks.
WORD = r"(?:[^\W\d_]|[\u0900-\u109f])+"


def _words(text: str) -> Sequence[str]:
    return text.split()


# The languages and regions whose names are tried if the feed's own language doesn't have the name.
_LANGUAGES = _words(
    """
    af ar ar_DZ ar_IQ ar_LB ar_MA az be bg bn bs ca cs cy da de de_AT el en es et eu fa fi fil fr
    fr_CA ga gl gu he hi hr hu hy id is it ja ka kk kn ko lt lv mk ml mn mr ms mt nb nl nn pa pl pt
    pt_PT ro ru sk sl sq sr sr_Latn sv sw ta te th tr uk ur uz vi zh zh_Hant
    """
)
# Beginnings of names count, too, if they are as long as usual abbreviations.
_MONTH_LENGTH, _WEEKDAY_LENGTH = 3, 2
# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans("øđł\N{LATIN SMALL LETTER DOTLESS I}", "odli")
_ENGLISH_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_ENGLISH_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HALVES = {"am": 0, "a m": 0, "a": 0, "pm": 12, "p m": 12, "p": 12}
# In the order of a day; CLDR has only some of these.
_MORE_HALVES = {
    **dict.fromkeys(("上午", "凌晨", "早上", "清晨", "早晨", "午前", "오전", "새벽", "아침"), 0),
    **dict.fromkeys(
        ("下午", "晚上", "傍晚", "午後", "夜", "오후", "저녁", "밤", "中午", "正午"), 12
    ),
}
# Words between the parts of a date, and endings of its numbers, in many languages; folded.
FILLERS = frozenset(
    _words(
        """
        t st nd rd th of the at on
        a al alle am ao aos as da dag dal de del dem den der di dia do du e el em eme er ere
        giorno god gada gads godine godz h hod hrs hs i jam kello kl klo klockan klokken la las le
        leto leta los luc m metu na nam ngay o om ora ore os pada pukul r re rok roku saat sati
        ta tarihinde u uhr um uur v ve y d g
        в г го год года году гг р рік року о об од е й ч ж στις στη ωρα και թ
        في الساعة ساعة بتاريخ يوم م ساعت ב ה שעה בשעה को बजे เวลา น วันที วัน ที
        """
    )
)
# Hours from UTC. Of several meanings it is that of RFC 822, else that of the most people; see
# `abbreviated_zone` for the others.
_HOURS: Mapping[str, float] = {
    **dict.fromkeys(("UTC", "GMT", "UT", "Z", "WET", "WEZ"), 0),
    **dict.fromkeys(("CET", "MEZ", "MET", "BST", "WEST", "WESZ", "WAT"), 1),
    **dict.fromkeys(("CEST", "MESZ", "MEST", "EET", "OEZ", "CAT", "SAST"), 2),
    **dict.fromkeys(("EEST", "OESZ", "IDT", "MSK", "МСК", "TRT", "EAT", "TSI"), 3),
    "IRST": 3.5,
    **dict.fromkeys(("GST", "SAMT", "AZT", "AMT", "GET"), 4),
    "AFT": 4.5,
    **dict.fromkeys(("PKT", "UZT", "YEKT"), 5),
    "IST": 5.5,
    "NPT": 5.75,
    **dict.fromkeys(("BDT", "OMST"), 6),
    "MMT": 6.5,
    **dict.fromkeys(("ICT", "WIB", "KRAT", "NOVT"), 7),
    **dict.fromkeys(("HKT", "SGT", "MYT", "PHT", "AWST", "WITA", "IRKT", "ULAT"), 8),
    **dict.fromkeys(("JST", "KST", "WIT", "YAKT"), 9),
    "ACST": 9.5,
    **dict.fromkeys(("AEST", "VLAT", "CHST"), 10),
    "ACDT": 10.5,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
    **dict.fromkeys(("AZOT", "CVT"), -1),
    "BRST": -2,
    "NDT": -2.5,
    **dict.fromkeys(("BRT", "ART", "ADT", "UYT", "CLST", "HAA"), -3),
    "NST": -3.5,
    **dict.fromkeys(("AST", "EDT", "CLT", "BOT", "VET", "HAE", "HNA"), -4),
    **dict.fromkeys(("EST", "CDT", "COT", "PET", "ECT", "HNE", "HAC"), -5),
    **dict.fromkeys(("CST", "MDT", "HNC", "HAR"), -6),
    **dict.fromkeys(("MST", "PDT", "HNR", "HAP"), -7),
    **dict.fromkeys(("PST", "AKDT", "HNP"), -8),
    **dict.fromkeys(("AKST", "HDT"), -9),
    "HST": -10,
    "SST": -11,
}
# What the language of the feed says about an abbreviation with several meanings.
_HOURS_IN = {
    ("CST", "zh"): 8,
    ("IST", "he"): 2,
    ("IST", "iw"): 2,
    ("IST", "ga"): 1,
    ("AST", "ar"): 3,
}
_REGIONS = {
    **dict.fromkeys(("ET", "EASTERN TIME"), "America/New_York"),
    **dict.fromkeys(("CT", "CENTRAL TIME"), "America/Chicago"),
    **dict.fromkeys(("MT", "MOUNTAIN TIME"), "America/Denver"),
    **dict.fromkeys(("PT", "PACIFIC TIME"), "America/Los_Angeles"),
    "UK TIME": "Europe/London",
    "CENTRAL EUROPEAN TIME": "Europe/Berlin",
}
_LONG_ABBREVIATIONS = {
    "COORDINATED UNIVERSAL TIME": "UTC",
    "GREENWICH MEAN TIME": "GMT",
    "BRITISH SUMMER TIME": "BST",
    "CENTRAL EUROPEAN STANDARD TIME": "CET",
    "CENTRAL EUROPEAN SUMMER TIME": "CEST",
    "EASTERN EUROPEAN STANDARD TIME": "EET",
    "EASTERN EUROPEAN SUMMER TIME": "EEST",
    "EASTERN STANDARD TIME": "EST",
    "EASTERN DAYLIGHT TIME": "EDT",
    "CENTRAL STANDARD TIME": "CST",
    "CENTRAL DAYLIGHT TIME": "CDT",
    "MOUNTAIN STANDARD TIME": "MST",
    "MOUNTAIN DAYLIGHT TIME": "MDT",
    "PACIFIC STANDARD TIME": "PST",
    "PACIFIC DAYLIGHT TIME": "PDT",
    "MOSCOW STANDARD TIME": "MSK",
    "INDIA STANDARD TIME": "IST",
    "JAPAN STANDARD TIME": "JST",
    "KOREAN STANDARD TIME": "KST",
    "CHINA STANDARD TIME": "HKT",
    "AUSTRALIAN EASTERN STANDARD TIME": "AEST",
    "AUSTRALIAN EASTERN DAYLIGHT TIME": "AEDT",
}
_OLD_CODES = {"iw": "he", "in": "id", "no": "nb", "sh": "sr_Latn"}
_ZONE_NAME = re.compile(r"[A-Za-z_]+(?:/[A-Za-z0-9_+-]+){1,2}")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name can mean: months from 1, weekdays from 0 for Monday."""

    name: str = ""
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.months or self.weekdays)


Table = Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class _Names:
    """The folded names of some languages; halves of the day are given by their first hour."""

    months: Table
    weekdays: Table
    halves: Table


def fold(text: str) -> str:
    """Text for comparison: one case, no accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    plain = "".join(
        letter
        for letter in decomposed
        if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf"
    )
    return unicodedata.normalize("NFC", plain)


@lru_cache(maxsize=1000)
def meaning(name: str, language: str) -> Meaning:
    """What a folded name means in English or in `language`."""
    return _meaning(name, [_english(), _of_language(language)])


@lru_cache(maxsize=1000)
def meaning_anywhere(name: str, language: str) -> Meaning:
    """What a folded name means in English or in `language`, else in any language."""
    return meaning(name, language) or _meaning(name, [_of_all()])


def may_be_weekday(name: str) -> bool:
    """Whether a folded name is a weekday in any language."""
    return bool(_find(name, [_of_all().weekdays], _WEEKDAY_LENGTH))


def _meaning(name: str, tables: Sequence[_Names]) -> Meaning:
    return Meaning(
        name,
        _find(name, [names.months for names in tables], _MONTH_LENGTH),
        _find(name, [names.weekdays for names in tables], _WEEKDAY_LENGTH),
    )


def half_of_day(name: str, language: str) -> int | None:
    """The first hour of the half of the day, 0 or 12, that a folded name stands for."""
    tables = [_english().halves, _of_language(language).halves]
    found = next((table[name] for table in tables if name in table), None)
    if found is None and _may_be_half(name, language):
        found = _of_all().halves.get(name)
    return min(found) if found and len(found) == 1 else None


def _may_be_half(name: str, language: str) -> bool:
    """Whether it is worth a quarter of a second to read the names in all languages."""
    if name.isascii() and len(name) <= _WEEKDAY_LENGTH:  # Hungarian `de` means too much
        return False
    return abbreviated_zone(name, language) is None


def abbreviated_zone(name: str, language: str) -> tzinfo | None:
    """The zone that an abbreviation or an English name of a zone stands for."""
    name = " ".join(name.upper().split())
    if name in _REGIONS:
        return ZoneInfo(_REGIONS[name])
    name = _LONG_ABBREVIATIONS.get(name, name)
    hours = _HOURS_IN.get((name, language[:2].lower()), _HOURS.get(name))
    return None if hours is None else timezone(timedelta(hours=hours))


@lru_cache(maxsize=100)
def named_zone(name: str) -> tzinfo | None:
    """The zone with an IANA name, which may be any text."""
    if not _ZONE_NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def day_order(language: str) -> str | None:
    """In which order a language writes day, month and year: `dmy`, `mdy` or `ymd`.

    English needs a region, since English-speaking countries differ.
    """
    name = _locale_names(language)[-1:]
    if not name or name == ["en"]:
        return None
    from babel import Locale, localedata  # noqa: PLC0415 - only some dates need it

    pattern = Locale.parse(name[0]).date_formats["short"].pattern
    localedata.clear_caches()
    return "".join(dict.fromkeys(re.findall(r"[dmy]", re.sub("'[^']*'", "", pattern).lower())))


def _find(name: str, tables: Iterable[Table], least_length: int) -> frozenset[int]:
    """The meanings of a name or, in tables without it, of the names that begin with it."""
    found = frozenset[int]()
    for table in tables:
        if name in table:
            found |= table[name]
        elif len(name) >= least_length:
            found |= frozenset().union(
                *(meanings for key, meanings in table.items() if key.startswith(name))
            )
    return found


@cache
def _english() -> _Names:
    return _Names(
        {name: frozenset({number}) for number, name in enumerate(_ENGLISH_MONTHS, 1)},
        {name: frozenset({number}) for number, name in enumerate(_ENGLISH_WEEKDAYS)},
        {name: frozenset({hour}) for name, hour in _HALVES.items()},
    )


@lru_cache(maxsize=10)
def _of_language(language: str) -> _Names:
    names = _locale_names(language)
    return _read_names([] if names[:1] == ["en"] else names)


@cache
def _of_all() -> _Names:
    return _read_names(_LANGUAGES)


def _locale_names(language: str) -> list[str]:
    """The names of CLDR's data for a language and its region, as far as they exist."""
    if not language:
        return []
    from babel import localedata  # noqa: PLC0415 - only some dates need it

    code, *more = re.split("[-_]", language[:20])
    code = _OLD_CODES.get(code.lower(), code.lower())
    regions = [part for part in more if len(part) == 2]  # noqa: PLR2004 - a country
    names = [code, *(f"{code}_{region.upper()}" for region in regions[:1])]
    return [name for name in names if localedata.exists(name)]


def _read_names(locales: Iterable[str]) -> _Names:
    months, weekdays, halves = (defaultdict[str, set[int]](set) for _ in range(3))
    for half, hour in _MORE_HALVES.items():
        halves[fold(half)].add(hour)
    for locale in locales:
        data = _load_locale(locale)
        for number, name in _entries(data.get("months")):
            months[name].add(number)
            if locale == "he":
                months[f"ב{name}"].add(number)  # "in November"
        for number, name in _entries(data.get("days")):
            weekdays[name].add(number)
        for period, name in _entries(data.get("day_periods"), "narrow"):
            is_letter = name.isascii() and len(name) == 1
            if period in {"am", "pm"} and not is_letter:
                halves[name].add(12 if period == "pm" else 0)
    return _Names(*({n: frozenset(m) for n, m in t.items()} for t in (months, weekdays, halves)))


def _load_locale(name: str) -> Mapping[str, object]:
    """CLDR's data, without what it inherits, since that takes ten times as long."""
    from babel import localedata  # noqa: PLC0415 - only some dates need it

    data: Mapping[str, object] = localedata.load(name, merge_inherited=False)
    localedata.clear_caches()
    return data


def _entries(data: object, *more_widths: str) -> Iterator[tuple[Any, str]]:
    """The folded names in a part of CLDR's data, with what they stand for.

    The part has contexts (within a date, alone) with widths. Most narrow names of months are single
    letters, and names that contain numbers are none.
    """
    contexts = data.values() if isinstance(data, Mapping) else ()
    for widths in contexts:
        for width in ("wide", "abbreviated", *more_widths):
            names = widths.get(width) if isinstance(widths, Mapping) else None
            for key, name in names.items() if isinstance(names, Mapping) else ():
                if not isinstance(name, str) or any(map(str.isdigit, name)):
                    continue
                words = re.findall(WORD, fold(name))
                while len(words) > 1 and words[0] in {"de", "d"}:
                    del words[0]
                if words:
                    yield key, " ".join(words)
