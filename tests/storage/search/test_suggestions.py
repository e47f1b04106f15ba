"""Corrections of what was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.folding import fold
from storage.search.suggestions import Vocabulary
from storage.search.terms import words_of
from tests.storage.search.test_query import TYPED

VOCABULARY = Vocabulary(
    {
        "robots": 900,
        "robot": 800,
        "apple": 500,
        "apply": 20,
        "google": 400,
        "openai": 300,
        "chatgpt": 90,
        "chat": 50,
        "climate": 300,
        "change": 200,
        "zurich": 40,
        "munchen": 30,
        "anthropic": 60,
        "microsoft": 300,
        "learn": 100,
        "yearn": 1,
        "open": 100,
        "new": 900,
        "york": 80,
        "роботы": 70,
        "nasa": 60,
        "the": 10_000,
        "parliament": 5,
        "gpt4": 10,
        "robot§de": 10,
        "¦": 10,
    }
)


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [
        ("robtos", "robots"),
        ("googel", "google"),
        ("gogle", "google"),
        ("gooogle", "google"),
        ("foogle", "google"),
        ("aple", "apple"),
        ("Mircosoft", "microsoft"),
        ("antropic", "anthropic"),
        ("parlement", "parliament"),
        ("Zürihc", "zurich"),
        ("müncen", "munchen"),
        ("рботы", "роботы"),
        ("lern", "learn"),
        ("chat gpt", "chatgpt"),
        ("Open AI", "openai"),
        ("climatechange", "climate change"),
        ("newyork", "new york"),
        ('"google robtos" -aple -"foo bar" X.', '"google robots" -aple -"foo bar" X.'),
        ("robtos + gogle*", "robots + google*"),
        ("e\u0301 robtos", "e\u0301 robots"),
        ("googel's", "google's"),
    ],
)
def test_the_nearest_known_words_are_suggested(typed: str, corrected: str) -> None:
    """Swapped, missing, doubled and wrong letters; the rest stays as it was typed."""
    assert VOCABULARY.correct(typed) == corrected


@pytest.mark.parametrize(
    "typed",
    [
        "robots",
        "Robot",
        "roboted",
        "robotics xyzzy",
        "xyzzy",
        "gpt5",
        "ab",
        "teh?",
        "ロボツト",
        "-robtos",
        "",
        '"',
    ],
)
def test_what_is_known_or_far_from_it_is_left(typed: str) -> None:
    assert VOCABULARY.correct(typed) in (None, "the?")


def test_nearest_words_are_ordered_by_likelihood() -> None:
    """By mistakes, then by frequency; the first letter is seldom wrong."""
    assert VOCABULARY.nearest("appl") == ("apple", "apply")
    assert VOCABULARY.nearest("learm", 1) == ("learn",)
    assert VOCABULARY.nearest("a") == ()


@given(TYPED | st.sampled_from(["robtos", "goolge ", "chat gpt", "“newyork”"]), TYPED)
def test_only_known_words_are_suggested(typed: str, other: str) -> None:
    """Each word of a correction was typed or is known."""
    text = f"{typed} {other}"
    words = set(words_of(text))
    for word in words_of(VOCABULARY.correct(text) or text):
        assert word in words or VOCABULARY.knows(word)
    assert all(VOCABULARY.knows(word) for word in VOCABULARY.nearest(fold(typed)))


def test_an_empty_vocabulary_suggests_nothing() -> None:
    assert Vocabulary({}).correct("robots") is None
