"""Numbers that come as text from outside."""

import pytest

from bot.discordapp.ids import parse_id


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), (str(2**63 - 1), 2**63 - 1)])
def test_an_id_has_63_bits(text: str, number: int) -> None:
    """Discord's ids have, and those of the database."""
    assert parse_id(text) == number


@pytest.mark.parametrize(
    "text", ["", " 1", "+1", "-1", "1_0", "1e3", "1.0", "١٢٣", "²", str(2**63), "9" * 5000]
)
def test_other_text_is_no_id(text: str) -> None:
    """Python would convert some of it, and refuse thousands of digits with an error."""
    assert parse_id(text) is None
