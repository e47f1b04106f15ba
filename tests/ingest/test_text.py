import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.text import clean_text, escape_key, unescape_key


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("  two \r\n\t lines\x85 ", "two lines"),
        ("e\u0301", "é"),
        ("a\u202eb\u2066c\u2069d\u202ce", "abcde"),
        ("a\u200bb\ufeffc\u00add\u2060e", "abcde"),
        ("a\x00b\x1bc\x7fd\x9be", "abcde"),
        ("a\u2028b\u00a0c\u3000d", "a b c d"),
        ("half \ud83d of a pair", "half of a pair"),
        ("👩\u200d🚀 \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", None),
        ("\u05d0\u200fb\u200e", None),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None),
    ],
)
def test_invisible_characters_are_removed(given: str, cleaned: str | None) -> None:
    """Emoji and every script stay."""
    assert clean_text(given, 100) == (given if cleaned is None else cleaned)


@given(st.text(), st.integers(1, 50))
def test_cleaning_is_idempotent(text: str, limit: int) -> None:
    """Clean text is composed, bounded, on one line and encodable."""
    cleaned = clean_text(text, limit)
    assert clean_text(cleaned, limit) == cleaned
    assert len(cleaned) <= limit
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.encode().decode().splitlines() in ([cleaned], [])


def test_many_accents_are_cut_before_composing() -> None:
    """Composing them would take quadratic time."""
    heap = "a" + "\u0301\u0327" * 500_000
    assert len(clean_text(heap, 1_000)) == 1_000
    assert clean_text(" " * 5_000 + "e\u0301" * 10, 10) == "\u00e9" * 10


@given(st.text(), st.text())
def test_escaped_keys_are_unique(one: str, other: str) -> None:
    """A key is printable and can be unescaped; a name without special characters is its own key."""
    assert escape_key(one).isprintable()
    assert unescape_key(escape_key(one)) == one
    assert unescape_key(escape_key("\udcff漢\n")) == "\udcff漢\n"
    assert (escape_key(one) == escape_key(other)) == (one == other)
    assert escape_key("2026/schön 漢 (1)[a]'\"%~.md") == "2026/schön 漢 (1)[a]'\"%~.md"
    assert escape_key(f"{one}\n") != escape_key(f"{one}\\n")
