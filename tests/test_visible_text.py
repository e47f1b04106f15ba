import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.visible_text import is_blank, is_visible

BLANK = {
    "nothing": "",
    "spaces": " \t\r\n\u00a0\u2003\u3000\u2028",
    "Braille blanks": "\u2800\u2800",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff",
    "direction marks": "\u200e\u200f\u202e\u2066\u2069\u061c",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "soft hyphens": "\u00ad\u034f\u180e",
    "control characters": "\x00\x1b\x7f\x85",
    "variation selectors": "\ufe0f\ufe00\U000e0100\u180b",
    "tags": "\U000e0001\U000e0067\U000e007f",
    "accents": "\u0301\u20e3\u0903",
    "inherent vowels": "\u17b4\u17b5",
    "musical symbols": "\U0001d159\U0001d173",
    "invisible operators": "\u2061\u2062\u2063\u2064",
    "object replacement": "\ufffc",
    "not assigned": "\ufff0\U000e0fff\uffff",
    "surrogates": "\ud800",
    "private": "\ue000",
}


@pytest.mark.parametrize("text", BLANK.values(), ids=BLANK)
def test_text_without_a_visible_character_is_blank(text: str) -> None:
    assert is_blank(text)
    assert is_blank(text + "".join(BLANK.values()))
    assert not is_blank(f"{text}x")
    assert not is_blank(f"{text}字{text}")


@pytest.mark.parametrize("text", ["x", ".", "…", "漢", "é", "👍🏽", "🇩🇪", "⠓", "-", "한", "ᄀ"])
def test_letters_digits_marks_and_emoji_are_visible(text: str) -> None:
    assert not is_blank(text)
    assert not is_blank(f"\u2800{text}\u200b")


@given(st.text())
def test_text_is_blank_without_visible_characters(text: str) -> None:
    """Format characters, accents and spaces never make a text visible."""
    assert is_blank(text) is not any(map(is_visible, text))
    for character in filter(is_visible, text):
        assert unicodedata.category(character)[0] in "LNPS"
