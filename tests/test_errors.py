"""What an exception says in one line."""

import pytest

from bot.errors import one_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("a\nb  c"), "a b c"),
        (KeyError("id"), "'id' is missing"),
        (KeyError(), "a key is missing"),
        (TimeoutError(), "it took too long"),
        (RecursionError("maximum recursion depth exceeded"), "it is nested too deeply"),
        (AssertionError(), "no reason is given"),
        (ValueError("x" * 400), "x" * 299 + "…"),
    ],
)
def test_an_error_is_one_line_of_words(error: Exception, line: str) -> None:
    """Without the name of its class, and of limited length."""
    assert one_line(error) == line
