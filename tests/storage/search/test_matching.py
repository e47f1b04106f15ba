"""Where texts match."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.matching import best_window, spans
from storage.search.query import parse
from tests.storage.search.test_query import LANGUAGE_CODES, TYPED

LONG = "In the long and quiet years before, nobody had seen a robot. " * 4 + (
    "Then the robots learned to knit, and the knitting robots were seen everywhere in town."
)


def bold(text: str, typed: str, language: str | None = None) -> str:
    """The text with its matches in brackets."""
    for start, end in reversed(spans(text, parse(typed), language)):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


@pytest.mark.parametrize(
    ("text", "typed", "language", "expected"),
    [
        ("Robots learn to knit", "robot", None, "[Robots] learn to knit"),
        ("Robots learn to knit", "robot learn", None, "[Robots] [learn] to knit"),
        ("Robots learn to knit", '"robot learn"', None, "[Robots learn] to knit"),
        ("Robots learn to knit", "robots -knit", None, "[Robots] learn to knit"),
        ("Knitting robots", "knitti", None, "[Knitting] robots"),
        ("Roboter lernen", "robotern", "de", "[Roboter] lernen"),
        ("Café Zürich", "zurich cafe ", None, "[Café] [Zürich]"),
        ("Cafe\u0301 Zu\u0308rich", "zürich café ", None, "[Cafe\u0301] [Zu\u0308rich]"),
        ("人型ロボットが歩く", "ロボット", "ja", "人型[ロボット]が歩く"),
        ("人型ﾛﾎﾞｯﾄが歩く", "ロボット", "ja", "人型[ﾛﾎﾞｯﾄ]が歩く"),
        ("スター・ウォーズの新作", "スターウォーズ", "ja", "[スター・ウォーズ]の新作"),
        ("黒猫と猫", "猫", "ja", "黒[猫]と[猫]"),
        ("로봇이 걷는다", "로봇", "ko", "[로봇]이 걷는다"),
        ("คนกินข้าว", "กิน", "th", "คน[กิน]ข้าว"),
        ("Send an e-mail", "email", None, "Send an [e-mail]"),
        ("Send an email", "e-mail", None, "Send an [email]"),
        ("Disney+ and more", "disney plus", None, "[Disney+] and more"),
        ("C++ beats C", "c++", None, "[C++] beats C"),
        ("On .NET and a net", ".net", None, "On [.NET] and a net"),
        ("Visit www.example.com now", "example.com", None, "Visit www.[example.com] now"),
        ("OpenAI's plan", "openai", None, "[OpenAI]'s plan"),
        ("Nothing here", "robots", None, "Nothing here"),
        ("Nothing here", "", None, "Nothing here"),
    ],
)
def test_matches_are_found_where_they_are(
    text: str, typed: str, language: str | None, expected: str
) -> None:
    """By the same rules as those of the index, in the text as it is shown."""
    assert bold(text, typed, language) == expected


@given(TYPED, TYPED, LANGUAGE_CODES, st.integers(1, 40))
def test_spans_are_in_order_and_in_the_text(
    text: str, typed: str, language: str | None, length: int
) -> None:
    found = spans(text, parse(f"{typed} {text}"), language)
    edges = [edge for span in found for edge in span]
    assert edges == sorted(set(edges))
    assert not edges or (edges[0] >= 0 and edges[-1] <= len(text))
    start, end = best_window(text, found, length)
    assert 0 <= start <= end <= min(len(text), start + length)


def window(text: str, typed: str, length: int) -> str:
    """The best part of a text."""
    start, end = best_window(text, spans(text, parse(typed)), length)
    return text[start:end]


def test_a_window_shows_the_most_matches() -> None:
    """It begins and ends with whole words."""
    assert (
        window(LONG, "robots knit", 60)
        == "a robot. Then the robots learned to knit, and the knitting"
    )
    assert window(LONG, "nothing", 20) == "In the long and"
    assert window(LONG, "quiet", 24) == "In the long and quiet"
    assert window("Short text", "text", 20) == "Short text"


def test_a_window_may_cut_texts_without_spaces() -> None:
    """Between any two letters."""
    assert window("あ" * 50 + "ロボット" + "い" * 50, "ロボット", 10) == "あああロボットいいい"
    assert window("a" * 50, "b", 10) == "a" * 10
