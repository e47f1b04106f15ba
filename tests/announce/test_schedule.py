"""Digests and quiet hours in local time, on nights with and without clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.schedule import (
    digest_held,
    first_due,
    is_timezone,
    next_digest,
    quiet_until,
)
from storage.models import DeliveryOptions, Digest, DigestDays, QuietHours
from tests.support.examples import of_hundred

DAY = timedelta(days=1)
ZONES = st.sampled_from(sorted(name for name in available_timezones() if is_timezone(name)))
TIMES = st.times().map(lambda each: each.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - made UTC
DIGESTS = st.builds(
    Digest, days=st.sampled_from(DigestDays), at=TIMES, weekday=st.integers(0, 6), best=st.just(10)
)
NIGHT = QuietHours(time(22), time(8))
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def digests(digest: Digest, timezone: str, first: datetime, number: int) -> list[datetime]:
    """The times of the next digests after a moment."""
    moments = [first]
    for _ in range(number):
        moments.append(next_digest(digest, timezone, moments[-1]))
    return moments[1:]


def local(text: str, timezone: str) -> datetime:
    """A local time in UTC; the first one if there are two."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def is_wanted(digest: Digest, day: date) -> bool:
    """Whether the digest is for this weekday."""
    wanted = {
        DigestDays.DAILY: range(7),
        DigestDays.WEEKDAYS: range(5),
        DigestDays.WEEKLY: [digest.weekday],
    }
    return day.weekday() in wanted[digest.days]


@pytest.mark.parametrize(
    ("timezone", "at", "night", "expected"),
    [
        # Put forward: the time does not exist, and the digest comes when the clocks have moved.
        ("Europe/Berlin", "02:30", "2026-03-29", "2026-03-29T03:00+02:00"),
        ("America/New_York", "02:30", "2026-03-08", "2026-03-08T03:00-04:00"),
        ("Australia/Lord_Howe", "02:15", "2026-10-04", "2026-10-04T02:30+11:00"),
        # Midnight itself is skipped, and the last half hour of a day.
        ("Africa/Cairo", "00:00", "2026-04-24", "2026-04-24T01:00+03:00"),
        ("America/Nuuk", "23:30", "2024-03-30", "2024-03-31T00:00-01:00"),
        # Put back: the time comes twice, and the digest at its first.
        ("Europe/Berlin", "02:30", "2026-10-25", "2026-10-25T02:30+02:00"),
        ("America/New_York", "01:30", "2026-11-01", "2026-11-01T01:30-04:00"),
        ("Australia/Lord_Howe", "01:45", "2026-04-05", "2026-04-05T01:45+11:00"),
    ],
)
def test_a_digest_comes_once_when_clocks_change(
    timezone: str, at: str, night: str, expected: str
) -> None:
    """It also comes once on the days before and after."""
    digest = Digest(DigestDays.DAILY, time.fromisoformat(at))
    before = local(f"{night}T{at}", timezone) - 2 * DAY
    moments = digests(digest, timezone, before - timedelta(hours=1), 5)
    assert moments[2].isoformat() == datetime.fromisoformat(expected).astimezone(UTC).isoformat()
    assert all(DAY / 2 < later - earlier < DAY * 1.5 for earlier, later in pairwise(moments))


def test_a_date_that_a_zone_skipped_has_no_digest() -> None:
    """Samoa went from Thursday to Saturday."""
    daily = Digest(DigestDays.DAILY, time(2, 30))
    start = local("2011-12-29T00:00", "Pacific/Apia")
    times = [
        each.astimezone(ZoneInfo("Pacific/Apia")).isoformat(" ", "minutes")
        for each in digests(daily, "Pacific/Apia", start, 3)
    ]
    assert times == [
        "2011-12-29 02:30-10:00",
        "2011-12-31 02:30+14:00",
        "2012-01-01 02:30+14:00",
    ]
    friday = Digest(DigestDays.WEEKLY, time(2, 30), weekday=4)
    assert next_digest(friday, "Pacific/Apia", start) == local("2012-01-06T02:30", "Pacific/Apia")


@given(digest=DIGESTS, timezone=ZONES, after=MOMENTS)
def test_a_digest_comes_on_its_weekday(digest: Digest, timezone: str, after: datetime) -> None:
    """It comes at its local time, or at the end of the gap if the clocks skip that."""
    moment = next_digest(digest, timezone, after)
    assert after < moment <= after + 9 * DAY
    assert moment.tzinfo is UTC
    wall = moment.astimezone(ZoneInfo(timezone))
    if wall.time() == digest.at:
        assert is_wanted(digest, wall.date())
    else:
        earlier = (moment - timedelta(seconds=1)).astimezone(ZoneInfo(timezone))
        assert earlier.replace(tzinfo=None) < datetime.combine(earlier, digest.at)
        assert wall.utcoffset() != earlier.utcoffset()


@of_hundred(15)
@given(digest=DIGESTS, timezone=ZONES, year=st.integers(2020, 2030))
def test_each_matching_date_of_a_year_has_one_digest(
    digest: Digest, timezone: str, year: int
) -> None:
    """The zone does not matter, and the sequence does not depend on the starting time."""
    zone = ZoneInfo(timezone)
    first = datetime(year, 1, 1, tzinfo=zone).astimezone(UTC) - timedelta(seconds=1)
    days = [date(year, 1, 1) + each * DAY for each in range(365)]
    expected = [day for day in days if is_wanted(digest, day)]
    moments = digests(digest, timezone, first, len(expected))
    assert all(earlier < later for earlier, later in pairwise(moments))
    for day, moment in zip(expected, moments, strict=True):
        start, end = (
            datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + DAY)
        )
        assert start <= moment <= end


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-23T21:59", None),
        ("2026-11-23T22:00", "2026-11-24T08:00"),
        ("2026-11-24T03:00", "2026-11-24T08:00"),
        ("2026-11-24T08:00", None),
        # The night is an hour shorter, or longer.
        ("2026-03-28T23:00", "2026-03-29T08:00"),
        ("2026-10-24T23:00", "2026-10-25T08:00"),
    ],
)
def test_quiet_hours_may_last_over_midnight(now: str, until: str | None) -> None:
    delivery = DeliveryOptions("Europe/Berlin", quiet=NIGHT)
    found = quiet_until(delivery, local(now, "Europe/Berlin"))
    assert found == (until and local(until, "Europe/Berlin"))


def test_quiet_hours_may_be_within_a_day() -> None:
    delivery = DeliveryOptions("Asia/Tokyo", quiet=QuietHours(time(9), time(17)))
    assert quiet_until(delivery, local("2026-11-23T12:00", "Asia/Tokyo")) == local(
        "2026-11-23T17:00", "Asia/Tokyo"
    )
    assert quiet_until(delivery, local("2026-11-23T20:00", "Asia/Tokyo")) is None


def test_equal_times_mean_no_quiet_hours() -> None:
    """There are none without the option, either."""
    now = local("2026-11-23T12:00", "UTC")
    same = QuietHours(time(12), time(12))
    assert quiet_until(DeliveryOptions(quiet=same), now) is None
    assert quiet_until(DeliveryOptions(), now) is None


def test_quiet_hours_that_the_clocks_skip_do_not_come() -> None:
    """Those of a whole day except a skipped half hour last through that night."""
    now = local("2026-03-29T01:59", "Europe/Berlin")
    skipped = DeliveryOptions("Europe/Berlin", quiet=QuietHours(time(2, 10), time(2, 40)))
    assert quiet_until(skipped, now) is None
    assert quiet_until(skipped, now + timedelta(minutes=1)) is None
    others = DeliveryOptions("Europe/Berlin", quiet=QuietHours(time(2, 40), time(2, 10)))
    assert quiet_until(others, now) == local("2026-03-30T02:10", "Europe/Berlin")


@given(begin=TIMES, end=TIMES, timezone=ZONES, now=MOMENTS)
def test_quiet_hours_end_despite_clock_changes(
    begin: time, end: time, timezone: str, now: datetime
) -> None:
    """They end within two days, at a moment that is not quiet."""
    delivery = DeliveryOptions(timezone, quiet=QuietHours(begin, end))
    until = quiet_until(delivery, now)
    if until is not None:
        assert now < until < now + 2 * DAY
        assert quiet_until(delivery, until) is None
        assert quiet_until(delivery, until - timedelta(seconds=1)) == until


@given(timezone=ZONES, now=MOMENTS, begin=TIMES, end=TIMES)
def test_quiet_hours_follow_the_wall_clock(
    timezone: str, now: datetime, begin: time, end: time
) -> None:
    """Away from clock changes, it is quiet exactly when the wall clock is between both times."""
    zone = ZoneInfo(timezone)
    offsets = {(now + hours * DAY / 24).astimezone(zone).utcoffset() for hours in range(-49, 50)}
    if len(offsets) > 1:
        return
    wall = now.astimezone(zone).time()
    shown = begin <= wall < end if begin <= end else wall >= begin or wall < end
    quiet = quiet_until(DeliveryOptions(timezone, quiet=QuietHours(begin, end)), now)
    assert (quiet is not None) == shown


def test_an_instant_post_is_due_now_or_after_quiet_hours() -> None:
    noon, night = local("2026-11-23T12:00", "UTC"), local("2026-11-23T23:00", "UTC")
    delivery = DeliveryOptions(quiet=NIGHT)
    assert first_due(delivery, noon) == noon
    assert first_due(delivery, night) == local("2026-11-24T08:00", "UTC")


def test_quiet_hours_delay_a_digest() -> None:
    """A digest at night comes in the morning."""
    noon = local("2026-11-23T12:00", "UTC")
    digest = Digest(DigestDays.DAILY, time(6))
    assert first_due(DeliveryOptions(digest=digest), noon) == local("2026-11-24T06:00", "UTC")
    held = DeliveryOptions(digest=digest, quiet=NIGHT)
    assert first_due(held, noon) == local("2026-11-24T08:00", "UTC")


@pytest.mark.parametrize(
    "name",
    ["", "Berlin", "europe/berlin", "America", "../UTC", "/etc/passwd", "\udcff"],
)
def test_a_time_zone_is_known_by_its_iana_name(name: str) -> None:
    """Typed text is never used as a file name."""
    assert is_timezone("Europe/Berlin")
    assert is_timezone("UTC")
    assert not is_timezone(name)


@given(TIMES, TIMES, TIMES)
def test_a_digest_in_quiet_hours_comes_when_they_end(at: time, begin: time, end: time) -> None:
    """The announced time is the time at which it comes."""
    digest = Digest(DigestDays.DAILY, at)
    delivery = DeliveryOptions(digest=digest, quiet=QuietHours(begin, end))
    wanted, comes = next_digest(digest, "UTC", NOON), first_due(delivery, NOON)
    held = digest_held(delivery)
    assert comes.time() == (at if held is None else held.until)
    assert comes.date() - wanted.date() == (DAY if held and held.next_day else timedelta())
