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
def test_text_keeps_what_a_reader_needs(given: str, cleaned: str | None) -> None:
    """What is invisible or misleading goes; emoji and every script stay."""
    assert clean_text(given, 100) == (given if cleaned is None else cleaned)


@given(st.text(), st.integers(1, 50))
def test_cleaning_twice_changes_nothing(text: str, limit: int) -> None:
    """Clean text is composed, bounded, on one line, encodable, and stays as it is."""
    cleaned = clean_text(text, limit)
    assert clean_text(cleaned, limit) == cleaned
    assert len(cleaned) <= limit
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.encode().decode().splitlines() in ([cleaned], [])


def test_a_heap_of_accents_is_cut_before_it_is_composed() -> None:
    """Composing them takes quadratic time; what is shown is short."""
    heap = "a" + "\u0301\u0327" * 500_000
    assert len(clean_text(heap, 1_000)) == 1_000
    assert clean_text(" " * 5_000 + "e\u0301" * 10, 10) == "\u00e9" * 10


@given(st.text(), st.text())
def test_no_two_names_have_one_key(one: str, other: str) -> None:
    """A key can be printed, tells the name, and is the name if that has no odd signs."""
    assert escape_key(one).isprintable()
    assert unescape_key(escape_key(one)) == one
    assert unescape_key(escape_key("\udcff漢\n")) == "\udcff漢\n"
    assert (escape_key(one) == escape_key(other)) == (one == other)
    assert escape_key("2026/schön 漢 (1)[a]'\"%~.md") == "2026/schön 漢 (1)[a]'\"%~.md"
    assert escape_key(f"{one}\n") != escape_key(f"{one}\\n")
