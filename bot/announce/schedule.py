"""When posts may go out: digests and quiet hours in local time. Pure."""

import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from storage.models import DeliveryOptions, Digest, DigestDays

_DAY = timedelta(days=1)
_SATURDAY = 5
# Files that some systems keep beside the zones.
_NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})


def next_digest(digest: Digest, timezone: str, after: datetime) -> datetime:
    """When the first digest after a moment comes, in UTC: once for each of its local dates.

    A local time that the clocks skip that night comes when they have been put forward, one that
    they show twice comes at its first. A date that a zone left out has no digest. `timezone` is an
    IANA name; raises what `zoneinfo.ZoneInfo` raises for one that there isn't.
    """
    return _next(digest.at, ZoneInfo(timezone), after, digest)


def quiet_until(delivery: DeliveryOptions, now: datetime) -> datetime | None:
    """When the quiet hours end that it is in (UTC), or None outside of them.

    They last from the moment that a digest at `begin` would come to the next that one at `end`
    would, so that they end whatever the clocks do. If both are the same time there are none.
    """
    quiet = delivery.quiet
    if quiet is None or quiet.begin == quiet.end:
        return None
    zone = ZoneInfo(delivery.timezone)
    until = now
    while True:
        ends, begins = _next(quiet.end, zone, until), _next(quiet.begin, zone, until)
        # Times that the clocks skip come at one moment, in the order that they usually have.
        if (ends, quiet.end) > (begins, quiet.begin):
            return None if until == now else until
        until = ends


def ends_quiet(delivery: DeliveryOptions, moment: datetime) -> bool:
    """Whether quiet hours end at a moment."""
    return quiet_until(delivery, moment - timedelta(seconds=1)) == moment


def first_due(delivery: DeliveryOptions, now: datetime) -> datetime:
    """When a story that is decided now may go out at the earliest: `now`, or a time in UTC."""
    due = now if delivery.digest is None else next_digest(delivery.digest, delivery.timezone, now)
    return quiet_until(delivery, due) or due


@dataclass(frozen=True, slots=True)
class DigestHeld:
    """Until which local time quiet hours hold a digest, and whether that is on the next day."""

    until: time
    next_day: bool


def digest_held(delivery: DeliveryOptions) -> DigestHeld | None:
    """When a digest that falls into quiet hours comes; None if it comes at its own time."""
    if delivery.digest is None or delivery.quiet is None:
        return None
    at, begin, end = delivery.digest.at, delivery.quiet.begin, delivery.quiet.end
    over_night = begin > end
    if not (begin <= at or at < end if over_night else begin <= at < end):
        return None
    return DigestHeld(end, next_day=over_night and begin <= at)


def overdue_digest(delivery: DeliveryOptions, now: datetime) -> datetime | None:
    """When a digest comes whose own time has passed, but that quiet hours hold; in UTC."""
    until = quiet_until(delivery, now)
    if delivery.digest is None or until is None:
        return None
    latest = next_digest(delivery.digest, delivery.timezone, now - _DAY)
    return until if latest <= now and quiet_until(delivery, latest) == until else None


def is_timezone(name: str) -> bool:
    """Whether this is the IANA name of a time zone, in its own spelling."""
    return name in _timezones()


def complete_timezones(typed: str, limit: int) -> list[str]:
    """The time zones that a person may mean, the likeliest first; any case, accents or not."""
    plain = _plain(typed)
    found = [(rank, name) for name in _timezones() if (rank := _rank(plain, name)) is not None]
    return [name for _, name in sorted(found)[:limit]]


def _next(at: time, zone: ZoneInfo, after: datetime, digest: Digest | None = None) -> datetime:
    """The first moment after another at which a local time comes, on the days of a digest."""
    # No earlier date's time is still to come: it came when the clocks first showed it, or a later.
    day = after.astimezone(zone).date()
    while True:
        if (digest is None or _comes_on(digest, day)) and _exists(day, zone):
            moment = _moment(day, at, zone)
            if moment > after:
                return moment
        day += _DAY


def _comes_on(digest: Digest, day: date) -> bool:
    match digest.days:
        case DigestDays.DAILY:
            return True
        case DigestDays.WEEKDAYS:
            return day.weekday() < _SATURDAY
        case DigestDays.WEEKLY:
            return day.weekday() == digest.weekday


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When a local time comes on a date: the first time, or at the end of the gap it falls into."""
    wall = datetime.combine(day, at)
    # PEP 495: fold=0 means the first of two. In a gap it counts by the offset before it, and so
    # comes out after it; fold=1 counts by the offset after it, and comes out before it.
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if _wall(moment, zone) == wall:
        return moment
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    seconds = range(int((moment - before).total_seconds()))
    passed = bisect_left(
        seconds, True, key=lambda second: _wall(before + timedelta(seconds=second), zone) >= wall
    )
    return before + timedelta(seconds=passed)


def _exists(day: date, zone: ZoneInfo) -> bool:
    """Whether the zone has the date: Samoa left out a Friday to change sides of the date line."""
    return _wall(_moment(day, time(), zone), zone).date() == day


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones() - _NO_ZONES)


def _rank(typed: str, name: str) -> tuple[int, bool] | None:
    """How likely a name is meant: itself, a place, a region, anywhere; old names come last."""
    plain = _plain(name)
    old = name != "UTC" and ("/" not in name or name.startswith("Etc/"))
    if not typed:
        return (0 if name == "UTC" else 1), old
    if typed not in plain:
        return None
    if plain == typed:
        return 0, old
    if any(part.startswith(typed) for part in plain.split("/")[1:]):
        return 1, old
    return (2 if plain.startswith(typed) else 3), old


def _plain(name: str) -> str:
    """A name as it is compared: without accents, in one case, with spaces."""
    decomposed = unicodedata.normalize("NFKD", name).casefold().replace("_", " ").strip()
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
