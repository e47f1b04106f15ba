"""Parsing of what admins type."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.subscriptions import parsing
from bot.discordapp.subscriptions.timezones import find_timezone
from storage.models import Digest, DigestDays, QuietHours
from tests.discordapp.rendering.limits import hostile


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("9", time(9)),
        ("09:00", time(9)),
        (" 18.30 ", time(18, 30)),
        ("6:30 pm", time(18, 30)),
        ("12am", time(0)),
        ("12 p.m.", time(12)),
        ("0:00", time(0)),
        ("23:59", time(23, 59)),
        ("7h15", time(7, 15)),
    ],
)
def test_times_are_parsed_in_common_notations(text: str, read: time) -> None:
    assert parsing.parse_time(text) == read


@pytest.mark.parametrize("text", ["25:00", "24:00", "9:60", "noon", "", "13pm", "0am", "1:2", "-1"])
def test_an_invalid_time_is_refused_with_advice(text: str) -> None:
    with pytest.raises(ValueError, match=r"isn't a valid time\. Use 24-hour time, like 18:30\."):
        parsing.parse_time(text)


@pytest.mark.parametrize("text", ["22:00-08:00", "22-8", "10pm to 8am", "22:00 \u2013 08:00"])
def test_quiet_hours_are_a_range_of_times(text: str) -> None:
    """The range may include midnight."""
    assert parsing.parse_quiet(text) == QuietHours(time(22), time(8))


def test_quiet_hours_can_be_turned_off() -> None:
    assert [parsing.parse_quiet(text) for text in ("none", "", "Off", "-")] == [None] * 4


@pytest.mark.parametrize("text", ["22", "22-25", "8-8", "1-2-3", "always"])
def test_invalid_quiet_hours_are_refused_with_advice(text: str) -> None:
    """A whole day is invalid, too."""
    with pytest.raises(ValueError, match="Use"):
        parsing.parse_quiet(text)


def test_names_are_split_at_commas_without_duplicates() -> None:
    """Case, white space and empty names don't matter."""
    assert parsing.split_names(" AI,, space  flight ,ai") == ("AI", "space flight")
    assert parsing.split_names("") == ()
    with pytest.raises(ValueError, match="too many entries"):
        parsing.split_names(",".join(map(str, range(26))))
    with pytest.raises(ValueError, match="too long"):
        parsing.split_names("x" * 101)


@pytest.mark.parametrize(
    ("mode", "at", "weekday", "best", "read"),
    [
        (None, None, None, None, None),
        ("instant", None, None, None, None),
        ("daily", None, None, None, Digest(DigestDays.DAILY, time(9))),
        (None, time(18), None, None, Digest(DigestDays.DAILY, time(18))),
        (None, None, None, 3, Digest(DigestDays.DAILY, time(9), best=3)),
        (None, None, 4, None, Digest(DigestDays.WEEKLY, time(9), 4)),
        ("weekdays", time(7), None, 5, Digest(DigestDays.WEEKDAYS, time(7), best=5)),
        ("weekly", time(7), 6, 99, Digest(DigestDays.WEEKLY, time(7), 6, 20)),
    ],
)
def test_time_weekday_or_number_imply_a_digest(
    mode: str | None, at: time | None, weekday: int | None, best: int | None, read: Digest | None
) -> None:
    """The defaults are nine o'clock, Monday, and ten stories."""
    assert parsing.make_digest(mode, at, weekday, best) == read


@pytest.mark.parametrize(
    ("mode", "at", "weekday", "best"),
    [("instant", time(9), None, None), ("instant", None, 1, None), ("daily", None, 1, None)],
)
def test_contradicting_digest_options_are_refused(
    mode: str, at: time | None, weekday: int | None, best: int | None
) -> None:
    with pytest.raises(ValueError, match="mode:"):
        parsing.make_digest(mode, at, weekday, best)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "²", "101", "1000000000", "1" * 30, "1" * 5_000])
def test_an_invalid_count_is_refused_with_its_bounds(text: str) -> None:
    with pytest.raises(ValueError, match="Use a whole number from 1 to 100"):
        parsing.parse_count(text, 1, 100)
    assert parsing.parse_count(" 100 ", 1, 100) == 100
    with pytest.raises(ValueError, match="Use a whole number"):
        parsing.parse_count("1" * 10, 0, 999_999_999)


@given(hostile)
def test_no_input_breaks_a_parser(text: str) -> None:
    """It is parsed, or refused with an error that fits into a message."""
    for read in (parsing.parse_time, parsing.parse_quiet, parsing.split_names, find_timezone):
        try:
            read(text)
        except ValueError as error:
            assert len(str(error)) < 300  # noqa: PT017 - either way is right


@given(st.times(timezones=st.none()))
def test_every_minute_of_the_day_can_be_typed(at: time) -> None:
    minute = at.replace(second=0, microsecond=0, fold=0)
    assert parsing.parse_time(minute.isoformat("minutes")) == minute
