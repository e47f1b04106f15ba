from __future__ import annotations

import pytest

from bot.ingest.fields import (
    read_address,
    read_date,
    read_flag,
    read_text,
    read_whole_number,
)


@pytest.mark.parametrize(("given", "expected"), [(86, 86), (-1, -1), (86.0, 86), (None, None)])
def test_numbers_of_json_are_read(given: object, expected: int | None) -> None:
    """JSON has numbers of its own."""
    assert read_whole_number(given) == expected


@pytest.mark.parametrize(
    "given", [True, False, 1.5, float("nan"), float("inf"), -float("inf"), 10**400, 1e300, [], "٨"]
)
def test_what_is_no_whole_number_is_refused(given: object) -> None:
    """Nothing is rounded, and no size of number is trouble."""
    with pytest.raises(ValueError, match="whole number"):
        read_whole_number(given)


def test_flags_of_json_are_read() -> None:
    """JSON has booleans of its own."""
    assert read_flag(False) is False
    assert read_flag(True) is True
    assert read_flag(None) is None


@pytest.mark.parametrize("given", [[], {}, 2, 0.0, "perhaps"])
def test_what_is_no_flag_is_refused(given: object) -> None:
    """Neither emptiness nor zero means false."""
    with pytest.raises(ValueError, match="true or false"):
        read_flag(given)


def test_numbers_are_text_where_text_should_be() -> None:
    """JSON may give a title as a number."""
    assert read_text(2020, 10) == "2020"


@pytest.mark.parametrize("given", [5, [], {}, True, "\ud800", "2020-01-01T\ud800"])
def test_dates_and_addresses_are_text(given: object) -> None:
    """Other types are refused, not guessed."""
    with pytest.raises(ValueError, match="not a date"):
        read_date(given)
    with pytest.raises(ValueError, match="not a web address"):
        read_address(given)
