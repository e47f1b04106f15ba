"""Finds and offers time zones by the names that people type. Pure, except for the default time."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.announce.schedule import is_timezone
from bot.clock import SystemClock
from bot.discordapp.messages import input_errors
from bot.discordapp.messages.input_errors import InvalidInputError
from bot.discordapp.subscriptions.timezone_names import (
    COMMON,
    GMT,
    STANDARD_TIMES,
    UTC_ZONE,
    ClockYear,
    NameKind,
    abbreviation_of,
    clocks,
    current_name,
    fold,
    iana_name,
    names_of_zones,
    places,
    zones_by_abbreviation,
)

UTC = UTC_ZONE

_CANDIDATES = 4
_OFFSET = re.compile(r"(?:utc|gmt)? *([+\-\u2212]) *(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
# A shorter text is inside of too many names.
_LEAST_WITHIN = 4
# How well a text matches that is not the whole name; the kind of the name is added.
_BEGINS, _CONTAINS = 3, 6


def find_timezone(typed: str, now: datetime | None = None) -> str:
    """Find a zone by its IANA name, its city or its country, in any of Discord's languages.

    An abbreviation such as EST, an offset, and a name of zones with different clocks are not
    enough. Raises `InvalidInputError`, with candidates; their clocks are looked up at `now`, by
    default the machine's time.
    """
    typed, now = typed.strip(), now or SystemClock().now()
    exact = iana_name(typed)
    if exact and not abbreviation_of(exact):
        return current_name(exact)
    if (abbreviation := _abbreviation(typed, now)) is not None:
        raise InvalidInputError(_ask_about(abbreviation, typed, now))
    if (offset := _offset(typed)) is not None:
        candidates = _different(_zones_at(offset, now), now)[:_CANDIDATES]
        if candidates:
            raise InvalidInputError(input_errors.offset_without_place(typed, candidates))
    candidates = _different(_zones_named(typed), now)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        raise InvalidInputError(input_errors.several_timezones(typed, candidates[:_CANDIDATES]))
    raise InvalidInputError(input_errors.invalid_timezone(typed))


def offer_timezones(typed: str, first: str, limit: int, now: datetime | None = None) -> list[str]:
    """Zones that match what was typed, the likeliest first, by their current names.

    Without text, `first` and common ones. An abbreviation stands for the zones that use it in the
    year from `now` on, an offset for those that have it at `now`, by default the machine's time.
    """
    typed, now = typed.strip(), now or SystemClock().now()
    if (offset := _offset(typed)) is not None:
        offered = _zones_at(offset, now)
    else:
        zones = _meant_by(typed or first, now)
        others = filter(is_timezone, COMMON) if not typed else _matching(typed)
        offered = [*_different(zones, now), *others, *zones]
    return list(dict.fromkeys(offered))[:limit]


def matching_names(typed: str) -> Mapping[str, str]:
    """The names by which text matches zones, as far as the IANA names don't contain the text."""
    folded = fold(typed)
    matches = _matches(typed).items()
    return {zone: match.name for zone, match in matches if folded not in fold(zone)}


def local_clock(name: str, now: datetime) -> str:
    """The local time: `14:05`."""
    return now.astimezone(ZoneInfo(name)).strftime("%H:%M")


def _abbreviation(typed: str, now: datetime) -> str | None:
    """The abbreviation that was typed, in capitals."""
    if exact := iana_name(typed):
        return abbreviation_of(exact)
    return typed.upper() if typed.upper() in zones_by_abbreviation(now.date()) else None


def _meant_by(typed: str, now: datetime) -> Sequence[str]:
    """The zones that an abbreviation or an IANA name stands for."""
    if (abbreviation := _abbreviation(typed, now)) is not None:
        return zones_by_abbreviation(now.date())[abbreviation]
    exact = iana_name(typed)
    return [current_name(exact)] if exact else []


def _ask_about(abbreviation: str, typed: str, now: datetime) -> str:
    zones, year = zones_by_abbreviation(now.date())[abbreviation], clocks(now.date())
    # ACT is also a part of Australia.
    candidates = _different([*zones, *_zones_named(typed)], now)
    shown = candidates[:_CANDIDATES]
    standard = {_is_standard(abbreviation, year[zone]) for zone in zones}
    if abbreviation in {*STANDARD_TIMES, GMT} or (True in standard and False not in standard):
        unchanging = [zone for zone in shown if not year[zone].changes]
        return input_errors.without_daylight_saving(typed, shown, unchanging)
    if standard == {False}:
        return input_errors.only_daylight_saving(typed, shown)
    return input_errors.ambiguous_abbreviation(typed, shown)


def _is_standard(abbreviation: str, clock: ClockYear) -> bool | None:
    """Whether this is what clocks show outside daylight saving time; None if they don't change."""
    offsets = {
        offset
        for offset, shown in zip(clock.offsets, clock.abbreviations, strict=True)
        if shown == abbreviation
    }
    return offsets == {min(clock.offsets)} if offsets and clock.changes else None


def _offset(typed: str) -> timedelta | None:
    """The offset from UTC in `UTC+2`, `GMT-3:30` or `+02:00`."""
    if (match := _OFFSET.fullmatch(typed)) is None:
        return None
    sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return offset if sign == "+" else -offset


def _zones_at(offset: timedelta, now: datetime) -> list[str]:
    return [zone for zone in places() if now.astimezone(ZoneInfo(zone)).utcoffset() == offset]


def _zones_named(typed: str) -> list[str]:
    """The zones of a city or country, also of `Paris, France`, the best known first."""
    city, _, country = typed.rpartition(",")
    named = names_of_zones().get
    names = named(fold(typed), ())
    if not names:
        inside = {name.zone for name in named(fold(country), ())}
        names = tuple(name for name in named(fold(city), ()) if name.zone in inside)
    kind = min((name.kind for name in names), default=None)
    zones = [name.zone for name in names if name.kind is kind]
    return sorted(zones, key=places().__getitem__)


def _different(zones: Iterable[str], now: datetime) -> list[str]:
    """The first of all zones whose clocks agree in the coming year."""
    year, found = clocks(now.date()), dict[object, str]()
    for zone in zones:
        found.setdefault(year[zone].offsets if zone in year else zone, zone)
    return list(found.values())


def _matching(typed: str) -> list[str]:
    """Zones with a name that the text is a part of, the best matches first."""
    found = _matches(typed)
    return sorted(found, key=lambda zone: (found[zone].quality, places()[zone]))


class _Match(NamedTuple):
    """How well a text matches a name, the best is 0; of equal names, the English one is better."""

    quality: int
    language: int
    name: str


def _matches(typed: str) -> Mapping[str, _Match]:
    """The best match of each zone that matches."""
    found = _matches_of_name(typed)
    city, comma, country = typed.rpartition(",")
    if comma and not found:
        inside = _matches_of_name(country) if country.strip() else places()
        return {zone: each for zone, each in _matches_of_name(city).items() if zone in inside}
    return found


def _matches_of_name(typed: str) -> Mapping[str, _Match]:
    folded, best = fold(typed), dict[str, _Match]()
    if not folded:
        return best
    matches = [
        (name.zone, _Match(quality, name.language, name.text))
        for key, names in names_of_zones().items()
        if folded in key
        for name in names
        if (quality := _quality(folded, key, name.kind)) is not None
    ]
    matches += [
        (zone, _Match(_BEGINS + NameKind.OLD if key.startswith(folded) else _CONTAINS, 0, zone))
        for zone in places()
        if folded in (key := fold(zone))
    ]
    for zone, match in matches:
        best[zone] = min(match, best.get(zone, match))
    return best


def _quality(folded: str, key: str, kind: NameKind) -> int | None:
    """The quality of a match with a name; None if the text does not match."""
    if key.startswith(folded):
        return kind if key == folded else _BEGINS + kind
    return _CONTAINS + kind if kind is NameKind.CITY or len(folded) >= _LEAST_WITHIN else None
