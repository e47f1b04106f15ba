"""The tokens of texts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.folding import fold
from storage.search.stemming import LANGUAGES, STEMMER_VERSION
from storage.search.terms import GAP, VERSION, index_text, words_of, written_text
from storage.search.words import LONGEST_TEXT

TOKENS = re.compile(r"(?:(?:[A-Za-z0-9]|[^\x00-\x7f\s])+(?: |$))*(?<! )")
LANGUAGE_CODES = st.sampled_from(["", "xx", "pt-br", *sorted(LANGUAGES)]) | st.none()
# Letters of many scripts, marks, and the signs that words may contain.
TEXTS = st.text() | st.text("aZıİßéñ̈йё.-'’&+#0129,/ロボーเก็로봇الر״\u200d\u00ad🤖 \ud800\0")


def tokens(text: str, language: str | None = None) -> set[str]:
    """The different tokens of a text."""
    return set(index_text(text, language).split()) - {GAP}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Robots learn to knit", None, "robot learn to knit"),
        ("Robots LEARN!", "xx", "robot learn"),
        ("Roboter lernen in München", "de", "robot§de lern§de in munch§de"),
        ("роботы Роботов", "ru", "робот робот"),
        ("Эволюция йода", "de", "эволюц йод"),
        ("الروبوت روبوت", "ar", "روبو روبو"),
        ("ロボットが歩く", "ja", "ロボ ボッ ット トが が歩 歩く く"),
        ("ｱｲﾎﾟﾝ", None, "アイ イポ ポン ン"),
        ("スター・ウォーズ", "ja", "スタ ター ーウ ウォ ォー ーズ ズ"),
        ("猫 犬", None, "猫 犬"),
        ("인공지능 로봇이", "ko", "인공 공지 지능 능 로봇 봇이 이"),
        ("ชาวโลก", "th", "ชา าว วโ โล ลก ก"),
        ("第3回", "ja", "第 3 回"),
        ("C++ C# F# C++17", None, "cplusplus csharp fsharp cplusplus 17"),
        ("1,000 1.000 1'000 1\u202f000 1000", None, "1000 1000 1000 1000 1000"),
        ("U.S. U.S.A A.I.", None, "us usa ai"),
        ("#hashtag @name it's don't", None, "hashtag name it dont"),
        ("9/11 and/or", None, "9 11 and or"),
        ("🤖 👩\u200d🚀 👍🏽 🇩🇪", None, "🤖 👩 🚀 👍 🇩🇪"),
        ("iPhone™ Duo®", None, "iphon duo"),
        ("co\u00adope\u200bration", None, "cooper"),
        ('צה"ל צה״ל שָׁלוֹם', "he", f"צהל צהל שלום {GAP} לום"),
        ("٢٠٢٤", "ar", "2024"),
        ("İSTANBUL Işık", "tr", "istanbul§tr isik§tr"),
        ("\ud800 \x00 \x1f", None, ""),
        ("", None, ""),
    ],
)
def test_words_are_reduced_to_stems(text: str, language: str | None, expected: str) -> None:
    """In the language of the text, without case and accents, in the order of the text."""
    assert index_text(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("e-mail", None, {"e", "mail", "email"}),
        ("state-of-the-art", None, {"state", "of", "the", "art", "stateoftheart"}),
        ("node.js", None, {"node", "js", "nodej", "dotjs"}),
        ("GPT-4o", None, {"gpt", "4o", "gpt4o"}),
        ("AT&T", None, {"at", "t", "att"}),
        ("example.com", None, {"exampl", "com", "examplecom", "dotcom"}),
        (".NET", None, {"dotnet", "net"}),
        (".Next", None, {"dotnext", "next"}),
        ("ASP.NET", None, {"asp", "net", "aspnet", "dotnet"}),
        ("3,5 1,234.56 1.000", None, {"3·5", "3", "1234·56", "1234", "1000"}),
        ("v2.7.1", None, {"v2·7·1", "v2·7", "v2"}),
        ("Disney+", None, {"disneyplus", "disney", "plus"}),
        ("l'été", "fr", {"l", "ete§fr", "let§fr"}),
        ("O'Reilly's", None, {"o", "reilli", "oreilli"}),
        ("לירושלים", "he", {"לירושלים", "ירושלים"}),
        ("informação", "pt", {"inform§pt", "informaca§pt"}),
    ],
)
def test_words_have_other_spellings(text: str, language: str | None, found: set[str]) -> None:
    """Parts and joined forms, words without signs, and stems of unaccented spellings."""
    assert tokens(text, language) == found


def test_forms_follow_the_stems() -> None:
    """A title is found by the beginnings of its words, which a stem may lack."""
    assert index_text("Robots knit", forms=True) == f"robot knit {GAP} robots knit"
    assert index_text("Robot", forms=True) == "robot"
    assert index_text("X-ray", forms=True) == f"x ray {GAP} x ray {GAP} xray"
    assert index_text("e-mails", forms=True) == f"e mail {GAP} e mails {GAP} email emails"


@pytest.mark.parametrize("title", ["Robots knit", "Robot", "X-ray", ""])
def test_what_is_written_can_be_read_again(title: str) -> None:
    """From a text that was prepared with its forms."""
    assert written_text(index_text(title, forms=True)).split() == list(words_of(title))


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("robots", "Robot", "en"),
        ("Häuser", "haus", "de"),
        ("Muenchen", "München", "de"),
        ("Straße", "STRASSE", "de"),
        ("eleições", "eleição", "pt"),
        ("información", "informaciones", "es"),
        ("élections", "Election", "fr"),
        ("ёлка", "елка", "ru"),
        ("Ελλάδα", "ΕΛΛΑΔΑ", "el"),
        ("Łódź", "Lodz", "pl"),
        ("Ørsted", "Orsted", "da"),
        ("Việt", "viet", "vi"),
        ("Đà", "da", "vi"),
        ("ﬁn", "fin", None),
        ("e\u0301clair", "éclair", "fr"),
        ("Ｃ＋＋", "C++", None),
        ("don’t", "don't", None),
        ("п'ять", "пʼять", "uk"),
        ("किताब", "किताबें", "hi"),
        ("والكتاب", "كتاب", "ar"),
        ("AT&T", "ATT", None),
        ("U.S.", "US", None),
    ],
)
def test_spellings_share_a_token(one: str, other: str, language: str | None) -> None:
    assert tokens(one, language) & tokens(other, language)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C++", "C"),
        ("C#", "C"),
        ("C#", "C++"),
        ("й", "и"),
        ("กา", "กี"),
        ("はは", "ぱぱ"),
    ],
)
def test_different_words_share_no_token(one: str, other: str) -> None:
    assert not tokens(one) & tokens(other)


@given(TEXTS, LANGUAGE_CODES, st.booleans())
def test_any_text_has_tokens_and_single_spaces(
    text: str, language: str | None, forms: bool
) -> None:
    """FTS5's tokenizer "ascii" and PostgreSQL's arrays can split it again, whatever it contains."""
    prepared = index_text(text, language, forms=forms)
    assert TOKENS.fullmatch(prepared)
    prepared.encode()


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_words_for_suggestions_are_folded(text: str) -> None:
    assert all(word and fold(word) == word for word in words_of(text))


def test_long_texts_and_words_are_cut() -> None:
    """Their beginning counts."""
    assert len(index_text("robot " * LONGEST_TEXT)) <= LONGEST_TEXT
    assert max(map(len, index_text("ab1" * 1000 + " " + "é" * 1000, "fr").split())) < 50


def test_the_version_names_the_stemmer() -> None:
    """Another version of it may have other stems, so the index has to be built again."""
    assert STEMMER_VERSION in VERSION
