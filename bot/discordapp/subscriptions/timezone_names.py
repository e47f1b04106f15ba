"""What people call time zones: IANA names, cities, countries and abbreviations.

IANA names are in English and ASCII. Unicode's CLDR has the names in other languages, and says which
IANA names are old ones; Babel reads it. Abbreviations come from the time zones and from CLDR. All
of this is read once, when it is needed.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale, localedata
from babel.core import get_global

from bot.announce.schedule import all_timezones, is_timezone

# Greenwich Mean Time is not the time of Great Britain in summer.
GMT, _GMT_ZONE = "GMT", "Etc/GMT"
UTC_ZONE = "UTC"
# One for each densely populated part of the world.
COMMON = (
    UTC_ZONE,
    "Europe/London",
    "Europe/Berlin",
    "Europe/Kyiv",
    "Africa/Lagos",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Jakarta",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
# Discord's languages, as Babel calls them; English first:
# https://discord.com/developers/docs/reference#locales
_LANGUAGES = (
    *("en", "id", "da", "de", "es", "es_419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl"),
    *("pt", "ro", "fi", "sv", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "ja", "ko"),
    *("zh_Hans", "zh_Hant"),
)
# Zones that are named after the abbreviation of a standard time instead of a place.
STANDARD_TIMES = frozenset({"CET", "EET", "EST", "HST", "MET", "MST", "WET"})
# Last words of old names, such as US/Central, that name no place by themselves.
_DIRECTIONS = frozenset(
    {"atlantic", "central", "continental", "east", "eastern", "general", "mountain", "north"}
    | {"pacific", "south", "west"}
)
# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "æ": "ae",
        "œ": "oe",
    }
)
# How people write these letters on a keyboard without them.
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
# Clock changes, even those around Ramadan, last longer than this.
_STEP = timedelta(days=10)


class NameKind(IntEnum):
    """What a name is. If zones share a name, those with the lower kind are meant."""

    CITY = 0
    OTHER = 1
    OLD = 2


@dataclass(frozen=True, slots=True)
class ZoneName:
    """A name of a zone, as it is written, in a language; English is 0."""

    zone: str
    kind: NameKind
    text: str
    language: int = 0


@dataclass(frozen=True, slots=True)
class ClockYear:
    """What a zone's clock shows in a year: offsets from UTC, and abbreviations of these times."""

    offsets: tuple[timedelta, ...]
    abbreviations: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Whether the clocks change."""
        return len(set(self.offsets)) > 1


def fold(name: str) -> str:
    """A name for comparison: no accents, one case, only letters, digits and slashes."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    return "".join(filter(_is_compared, decomposed.casefold().translate(_LETTERS)))


def _is_compared(letter: str) -> bool:
    # Vowel signs of Indian and Thai scripts are marks that don't combine.
    return letter == "/" or (
        unicodedata.category(letter)[0] in "LMN" and not unicodedata.combining(letter)
    )


def current_name(zone: str) -> str:
    """The current name of a zone that may have an old one, such as US/Eastern."""
    current = str(get_global("zone_aliases").get(zone, zone))
    current = UTC_ZONE if current == "Etc/UTC" else current
    return current if is_timezone(current) else zone


def iana_name(typed: str) -> str | None:
    """The IANA name, current or old, that was typed in any case, with spaces or accents."""
    names = _iana_names()
    return names.get("_".join(typed.split()).casefold()) or names.get(fold(typed))


@cache
def _iana_names() -> Mapping[str, str]:
    names = sorted(all_timezones())
    # Folding would lose the sign in Etc/GMT+5.
    folded = {fold(name): name for name in names if "/" in name and not name.startswith("Etc/")}
    return folded | {name.casefold(): name for name in names}


def abbreviation_of(zone: str) -> str | None:
    """The abbreviation that a zone is named after; None if it is named after a place."""
    if zone in STANDARD_TIMES:
        return zone
    return GMT if "/" not in zone and current_name(zone) == _GMT_ZONE else None


@cache
def places() -> Mapping[str, int]:
    """The current names of all zones that are named after a place, and UTC.

    The values are their order, in which the best known are first.
    """
    current = sorted(
        zone
        for zone in all_timezones()
        if "/" in zone and not zone.startswith("Etc/") and current_name(zone) == zone
    )
    # CLDR has one zone for each time that Windows distinguishes.
    known = [*COMMON, *map(current_name, get_global("windows_zone_mapping").values())]
    wanted = {UTC_ZONE, *current}
    ordered = dict.fromkeys([*known, *_largest_first(), *current])
    return {zone: number for number, zone in enumerate(each for each in ordered if each in wanted)}


def _largest_first() -> Iterator[str]:
    """The zones of each country, as far as possible the largest first."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="ascii")
    for line in table.splitlines():
        if not line.startswith("#"):
            yield current_name(line.split("\t")[2])


@dataclass(frozen=True, slots=True)
class _Language:
    """A language's names of zones and territories, and its abbreviations of CLDR's meta zones."""

    cities: Mapping[str, str]
    territories: Mapping[str, str]
    abbreviations: tuple[tuple[str, str], ...]


def _territories() -> Iterator[str]:
    """The codes of all countries; numbers are the world and its parts."""
    return filter(str.isalpha, get_global("territory_zones"))


@cache
def _languages() -> tuple[_Language, ...]:
    return tuple(map(_read_language, _LANGUAGES))


def _read_language(language: str) -> _Language:
    locale = Locale.parse(language)
    read = _Language(
        {zone: names["city"] for zone, names in locale.time_zones.items() if "city" in names},
        {each: locale.territories.get(each, "") for each in _territories()},
        tuple(
            (abbreviation.upper(), region)
            for region, names in locale.meta_zones.items()
            for abbreviation in names.get("short", {}).values()
            if abbreviation.isascii() and abbreviation.isalpha()
        ),
    )
    # Babel would keep all that it knows about the language: a megabyte.
    localedata.clear_caches()
    return read


@cache
def names_of_zones() -> Mapping[str, tuple[ZoneName, ...]]:
    """All names by their folded spelling; a name has one entry for each zone that has it."""
    found = defaultdict[str, dict[str, ZoneName]](dict)
    for name in (*_last_parts(), *_cities(), *_countries()):
        for key in _spellings(name.text):
            known = found[key].get(name.zone)
            if known is None or name.kind < known.kind:
                found[key][name.zone] = name
    return {key: tuple(names.values()) for key, names in found.items() if key}


def _last_parts() -> Iterator[ZoneName]:
    for name in sorted(all_timezones()):
        zone, text = current_name(name), name.rpartition("/")[2].replace("_", " ")
        if zone in places() and not abbreviation_of(name):
            if zone == name:
                yield ZoneName(zone, NameKind.CITY, text)
                continue
            yield ZoneName(zone, NameKind.OLD, name)
            if text.casefold() not in _DIRECTIONS:
                yield ZoneName(zone, NameKind.OTHER, text)


def _cities() -> Iterator[ZoneName]:
    for number, language in enumerate(_languages()):
        kind = NameKind.OTHER if number else NameKind.CITY
        for name, city in language.cities.items():
            if (zone := current_name(name)) in places():
                yield ZoneName(zone, kind, city, number)


def _countries() -> Iterator[ZoneName]:
    for territory in _territories():
        for zone in map(current_name, get_global("territory_zones")[territory]):
            if zone in places() and zone != UTC_ZONE:
                for number, language in enumerate(_languages()):
                    text = language.territories[territory]
                    yield ZoneName(zone, NameKind.OTHER, text, number)


def _spellings(name: str) -> set[str]:
    """The ways to type a name, folded: `zurich` and `zuerich`, `stjohns` and `saintjohns`."""
    first, _, rest = name.casefold().partition(" ")
    written = {name, "saint" + rest} if first in {"st", "st."} else {name}
    written |= {each.casefold().translate(_TWO_LETTERS) for each in written}
    return {fold(each) for each in written}


@lru_cache(maxsize=2)
def clocks(first: date) -> Mapping[str, ClockYear]:
    """The clock of each place in the year from a date on."""
    start = datetime.combine(first, time(), UTC)
    moments = [start + number * _STEP for number in range(timedelta(days=365) // _STEP)]
    found = {}
    for zone in places():
        times = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
        found[zone] = ClockYear(
            tuple(each.utcoffset() or timedelta() for each in times),
            tuple((each.tzname() or "").upper() for each in times),
        )
    return found


@lru_cache(maxsize=2)
def zones_by_abbreviation(first: date) -> Mapping[str, tuple[str, ...]]:
    """The places where an abbreviation is used in the year from a date on, the likeliest first."""
    found = defaultdict[str, dict[str, None]](dict)
    shown = [
        (abbreviation, zone)
        for zone, clock in clocks(first).items()
        for abbreviation in dict.fromkeys(clock.abbreviations)
        if abbreviation.isalpha()  # others are offsets, such as +03
    ]
    regions = defaultdict[str, list[str]](list)
    for zone in places():
        regions[get_global("meta_zones").get(zone, "")].append(zone)
    english, *others = ([*_of_regions(each, regions)] for each in _languages())
    # What clocks show and what is usual in English comes first; the rest is as ET or MEZ.
    usual = set(english)
    for abbreviation, zone in (*(each for each in shown if each in usual), *shown):
        found[abbreviation][zone] = None
    known = frozenset(found)
    for abbreviation, zone in (*english, *(each for other in others for each in other)):
        if abbreviation not in known:
            found[abbreviation][zone] = None
    for abbreviation in STANDARD_TIMES - found.keys():
        found[abbreviation][current_name(abbreviation)] = None
    found[GMT] = dict.fromkeys(["Europe/London", UTC_ZONE, *found[GMT]])
    del found[UTC_ZONE]
    return {abbreviation: tuple(zones) for abbreviation, zones in found.items()}


def _of_regions(language: _Language, regions: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    for abbreviation, region in language.abbreviations:
        for zone in regions.get(region, ()):
            yield abbreviation, zone
