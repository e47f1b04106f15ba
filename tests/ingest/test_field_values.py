from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from bot.ingest.field_values import (
    parse_address,
    parse_boolean,
    parse_date,
    parse_date_as_written,
    parse_integer,
    parse_text,
)


@pytest.mark.parametrize(("given", "expected"), [(86, 86), (-1, -1), (86.0, 86), (None, None)])
def test_json_numbers_are_accepted(given: object, expected: int | None) -> None:
    assert parse_integer(given) == expected


@pytest.mark.parametrize(
    "given", [True, False, 1.5, float("nan"), float("inf"), -float("inf"), 10**400, 1e300, [], "٨"]
)
def test_other_numbers_are_rejected(given: object) -> None:
    """Nothing is rounded, and no number is too large to be rejected."""
    with pytest.raises(ValueError, match="whole number"):
        parse_integer(given)


def test_json_booleans_are_accepted() -> None:
    assert parse_boolean(False) is False
    assert parse_boolean(True) is True
    assert parse_boolean(None) is None


@pytest.mark.parametrize("given", [[], {}, 2, 0.0, "perhaps"])
def test_other_booleans_are_rejected(given: object) -> None:
    """Empty values and other numbers do not mean false."""
    with pytest.raises(ValueError, match="true or false"):
        parse_boolean(given)


def test_numbers_are_accepted_as_text() -> None:
    """JSON may contain a title as a number."""
    assert parse_text(2020, 10) == "2020"


@pytest.mark.parametrize("given", [5, [], {}, True, "\ud800", "2020-01-01T\ud800"])
def test_dates_and_addresses_must_be_text(given: object) -> None:
    """Other types are rejected."""
    with pytest.raises(ValueError, match="not a date"):
        parse_date(given)
    with pytest.raises(ValueError, match="not a web address"):
        parse_address(given)


DAY = datetime(2022, 7, 8, tzinfo=UTC)
MORNING = datetime(2022, 7, 8, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2022-07-08", DAY),
        ("20220708", DAY),
        ("2022-W27-5", DAY),
        ("2022-7-8", DAY),
        ("2022/07/08", DAY),
        ("2022/7/8 9:05", MORNING),
        ("2022-07-08T09", MORNING.replace(minute=0)),
        ("2022-07-08T09:05:00.000Z", MORNING),
        ("2022-07-08t09:05:00z", MORNING),
        ("2022-07-08 9:05:00 +0000", MORNING),
        ("2022-07-08 4:05:00 -0500", MORNING),
        ("2022-07-08 09:05:00 UTC", MORNING),
        ("2022-07-08 09:05 GMT", MORNING),
        ("2022-07-08 04:05:00 EST", MORNING),
        ("2022-07-08 02:05:00 PDT", MORNING),
        ("2022-07-07 EDT", DAY - timedelta(hours=20)),
        ("2022-07-08 +02:00", DAY - timedelta(hours=2)),
        ("Jul 08 2022", DAY),
        ("July 8, 2022", DAY),
        ("8 July 2022", DAY),
        (" 8. jul. 2022 ", DAY),
        ("Sept 1, 2022", DAY.replace(month=9, day=1)),
        ("May 31 2022", DAY.replace(month=5, day=31)),
        ("Fri, 08 Jul 2022 09:05:00 GMT", MORNING),
        ("Friday, July 8, 2022 9:05", MORNING),
    ],
)
def test_date_formats_of_sites_are_accepted(given: str, expected: datetime) -> None:
    """The year comes first, or the month is a name; time zones may have names as in mail."""
    assert parse_date(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2022-07-08 09:05:00 +0000 UTC", MORNING),
        ("2022-07-08 11:05:00 +0200 CEST", MORNING),
        ("2022-07-08T11:05+0200", MORNING),
        ("2022-07-08 11:05:00.123456 +0200", MORNING.replace(microsecond=123456)),
        ("2022-07-08 11:05 Europe/Berlin", MORNING),
        ("2022-07-08T11:05:00+02:00[Europe/Berlin]", MORNING),
        ("2022-07-08 11:05 CEST", MORNING),
        ("2022-7-8 9:05 AM", MORNING),
        ("2022-07-08 1:00 PM", MORNING.replace(hour=13, minute=0)),
        ("July 8th, 2022", DAY),
        ("July 8th, 2022 at 9:05 am", MORNING),
        ("8th of July 2022", DAY),
        ("Fri Jul 08 2022 11:05:00 GMT+0200 (Central European Summer Time)", MORNING),
        ("Fri Jul 8 09:05:00 UTC 2022", MORNING),
        ("08 Jul 2022 11:05 +0200", MORNING),
        ("08-Jul-2022", DAY),
        ("8.7.2022", DAY),
        ("25-7-2022", DAY.replace(day=25)),
        ("7/25/2022 9:05", MORNING.replace(day=25)),
        ("2022.07.08", DAY),
        ("2022年7月8日", DAY),
        ("8 juillet 2022", DAY),
        ("2022-189", DAY),
        ("1657271100", MORNING),
        ("1657271100000", MORNING),
        ("2022-07-08 9:5", MORNING),
    ],
)
def test_unusual_dates_are_accepted(given: str, expected: datetime) -> None:
    """Each is what some site's front matter contains; they are read as those of feeds."""
    assert parse_date(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        *("yesterday", "01/02/2023", "2-3-2026", "2023-13-40", "2020-02-30", "2020/13/01"),
        *("30 February 2020", "8 July 8 2022", "July 2022", "Julember 8 2022", "July", "2023-1"),
        *("soon 8 July 2022", "8 July 20222", "2022-07-088", "2022-07-08 25:00", "2022"),
        *("2020-01-01T00:00:00+99:00", "0001-01-01 00:00 +14:00", "9999-12-31 23:59 PST"),
        *("2020-01-01 +", "159982674", "15998", "1.5", "-1"),
    ],
)
def test_ambiguous_dates_are_rejected(given: str) -> None:
    """So is what names no day, or one that does not exist."""
    with pytest.raises(ValueError, match="not a date"):
        parse_date(given)


def test_date_as_written_keeps_its_time_zone() -> None:
    """An address contains the author's calendar day."""
    written = parse_date_as_written("Jul 31 2022 23:30 PDT")
    assert written == datetime(2022, 7, 31, 23, 30, tzinfo=timezone(timedelta(hours=-7)))
    assert written.day == 31
    assert parse_date_as_written("") is None


@any_of(
    st.dates(), st.sampled_from(["{0.year:04}/{0.month}/{0.day}", "{0:%b} {0.day}, {0.year:04}"])
)
def test_every_day_is_parsed_in_every_format(day: date, form: str) -> None:
    """Years before 1000 with leading zeros are parsed, too."""
    assert parse_date(form.format(day)) == datetime(day.year, day.month, day.day, tzinfo=UTC)


@any_of(
    st.text(max_size=64)
    | st.lists(
        st.sampled_from(
            ["2022", "7", "08", "Jul", "July", "Fri", "EST", "Z", *"-/:.,+ T", "\u0662", "\ud800"]
        )
    ).map("".join)
)
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    """The day as written is at most one away from the day in UTC."""
    try:
        read = parse_date(text)
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017 - the other branch is as good
        return
    written = parse_date_as_written(text)
    assert (read is None) == (written is None) == (text == "")
    if read and written:
        assert abs(read.date() - written.date()) <= timedelta(days=1)
