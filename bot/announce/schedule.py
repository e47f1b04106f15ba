"""When posts may be sent: digests and quiet hours in local time. Pure."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from storage.models import DeliveryOptions, Digest, DigestDays

_DAY = timedelta(days=1)
_SATURDAY = 5
# Files that some systems keep in the same folder as the time zones.
_NOT_ZONES = frozenset({"Factory", "localtime", "posixrules"})


def next_digest(digest: Digest, timezone: str, after: datetime) -> datetime:
    """The time of the first digest after `after`, in UTC; there is one per local date.

    If the clocks skip its local time, the digest comes at the end of the gap; if they show it
    twice, at the first occurrence. A date that the zone skipped has no digest. `timezone` is a
    name that `is_timezone` accepts.
    """
    return _next(digest.at, ZoneInfo(timezone), after, digest)


def quiet_until(delivery: DeliveryOptions, now: datetime) -> datetime | None:
    """The end (UTC) of the quiet hours that `now` is in; None outside quiet hours.

    They begin and end when a digest at the local times `begin` and `end` would come, so that they
    end even if a clock change skips these times. If both are equal, there are no quiet hours.
    """
    quiet = delivery.quiet
    if quiet is None or quiet.begin == quiet.end:
        return None
    zone = ZoneInfo(delivery.timezone)
    until = now
    while True:
        ends, begins = _next(quiet.end, zone, until), _next(quiet.begin, zone, until)
        # Local times in the same gap come at the same moment; they keep their usual order.
        if (ends, quiet.end) > (begins, quiet.begin):
            return None if until == now else until
        until = ends


def ends_quiet(delivery: DeliveryOptions, moment: datetime) -> bool:
    """Whether quiet hours end exactly at `moment`."""
    return quiet_until(delivery, moment - timedelta(seconds=1)) == moment


def first_due(delivery: DeliveryOptions, now: datetime) -> datetime:
    """The earliest time (UTC) to send a story that is planned now: `now`, or later."""
    due = now if delivery.digest is None else next_digest(delivery.digest, delivery.timezone, now)
    return quiet_until(delivery, due) or due


@dataclass(frozen=True, slots=True)
class DigestHeld:
    """The local time at which quiet hours release a digest, and whether that is on the next day."""

    until: time
    next_day: bool


def digest_held(delivery: DeliveryOptions) -> DigestHeld | None:
    """When a digest whose time is in quiet hours comes; None if it comes at its own time."""
    if delivery.digest is None or delivery.quiet is None:
        return None
    at, begin, end = delivery.digest.at, delivery.quiet.begin, delivery.quiet.end
    over_night = begin > end
    if not (begin <= at or at < end if over_night else begin <= at < end):
        return None
    return DigestHeld(end, next_day=over_night and begin <= at)


def overdue_digest(delivery: DeliveryOptions, now: datetime) -> datetime | None:
    """The time (UTC) of a digest that quiet hours delay and whose own time has passed, or None."""
    until = quiet_until(delivery, now)
    if delivery.digest is None or until is None:
        return None
    latest = next_digest(delivery.digest, delivery.timezone, now - _DAY)
    return until if latest <= now and quiet_until(delivery, latest) == until else None


@cache
def all_timezones() -> frozenset[str]:
    """The IANA names of all time zones."""
    return frozenset(available_timezones() - _NOT_ZONES)


def is_timezone(name: str) -> bool:
    """Whether this is the IANA name of a time zone, spelled exactly."""
    return name in all_timezones()


def _next(at: time, zone: ZoneInfo, after: datetime, digest: Digest | None = None) -> datetime:
    """The first moment after `after` with this local time, on the digest's days if one is given."""
    # Earlier dates need no check: the clocks have already shown their times, or later ones.
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
    """The first moment of a local time on a date, or the end of the gap that contains it."""
    wall = datetime.combine(day, at)
    # PEP 495: fold=0 means the first of two. In a gap, fold=0 uses the offset before the gap, which
    # gives a moment after it; fold=1 uses the offset after the gap, which gives one before it.
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
    """Whether the zone has the date: Samoa skipped a Friday when it crossed the date line."""
    return _wall(_moment(day, time(), zone), zone).date() == day


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
