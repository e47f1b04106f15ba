"""What a person looks for."""

from collections.abc import Iterator

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from storage.search.query import MOST_WORDS, Alternative, Clause, Query, parse
from storage.search.stemming import LANGUAGES
from storage.search.words import LONGEST_WORD, chunks, normalise
from tests.support.search import SearchIndex

TYPED = st.text() | st.text("ab -–\"'“”«»*+#.&@()^:AND NOT 1ロ猫ก로😀\0\ud800")
WORDS = st.text(min_size=2, max_size=20) | st.text(
    "aeiLsßéıİñ-'’.&+#017ロボーเก로봇الرйё", min_size=2, max_size=12
)
LANGUAGE_CODES = st.sampled_from([None, *sorted(LANGUAGES)])


def texts(clauses: tuple[Clause, ...]) -> list[str]:
    """What was typed for each clause."""
    return [clause.text for clause in clauses]


def tokens(clause: Clause, *, prefix: bool = False) -> set[str]:
    """The tokens of each alternative that is a prefix, or of each that is not."""
    return {" ".join(each.tokens) for each in clause.alternatives if each.prefix is prefix}


@pytest.fixture(scope="module")
def index() -> Iterator[SearchIndex]:
    """An index with whatever the last test or example has added."""
    index = SearchIndex()
    yield index
    index.close()


@pytest.mark.parametrize(
    ("typed", "required", "excluded"),
    [
        ("robots learn", ["robots", "learn"], []),
        ('"learn to knit" robots', ["learn to knit", "robots"], []),
        ("“learn to” «knit» „now“ 「ロボット」", ["learn to", "knit", "now", "ロボット"], []),
        ('robots -knitting -"in May"', ["robots"], ["knitting", "in may"]),
        ("robots –knitting −sewing", ["robots"], ["knitting", "sewing"]),
        ("state-of-the-art - robots", ["state-of-the-art", "robots"], []),
        ('robots "learn', ["robots", "learn"], []),
        ('robots" learn', ["robots", "learn"], []),
        ('5" and 3"', ["5", "and", "3"], []),
        ('""" - -- * ( ) ^ : "', [], []),
        ("-robots", [], ["robots"]),
        ("-.NET -#tag -@name", [], [".net", "tag", "name"]),
        ("robots AND Robots", ["robots", "and"], []),
        ("title:robots (a^b)", ["title", "robots", "a", "b"], []),
        ("ロボットの未来は", ["ロボット", "未来は"], []),
        ('"ロボットの未来"', ["ロボットの未来"], []),
        ("機械 -ロボットの未来", ["機械"], ["ロボットの未来"]),
        ('צה"ל', ["צהל"], []),
        ("https://example.com/news", ["example.com", "news"], []),
    ],
)
def test_a_query_has_words_to_find_and_to_exclude(
    typed: str, required: list[str], excluded: list[str]
) -> None:
    """Words, phrases in any quotation marks, exclusions; other signs mean nothing."""
    query = parse(typed)
    assert (texts(query.required), texts(query.excluded)) == (required, excluded)
    assert query.is_empty is not bool(required)


@pytest.mark.parametrize(
    ("typed", "prefixes"),
    [
        ("robo", {"robo"}),
        ("robots ", set()),
        ("robots?", set()),
        ('"robots"', set()),
        ("robo* ", {"robo"}),
        ("a", set()),
        ("a*", set()),
        ("ai", {"ai"}),
        ("é", {"e"} - {"e"}),
        ("猫", {"猫"}),
        ("猫 ", {"猫"}),
        ("ロボット", set()),
        ("node.", {"node"}),
        ("e-mai", {"e mai", "emai"}),
        ("c+", {"cplus"}),
    ],
)
def test_the_last_word_may_be_unfinished(typed: str, prefixes: set[str]) -> None:
    """Unless something follows it, or too many words begin like it."""
    assert tokens(parse(typed).required[0], prefix=True) == prefixes


def test_only_the_last_word_may_be_unfinished() -> None:
    query = parse("robo learn -kni")
    assert not any(tokens(clause, prefix=True) for clause in query.required + query.excluded)


def test_a_query_can_be_read_as_typed() -> None:
    """Words then stand for themselves; a prefix that was typed stays."""
    complete = parse("robo* meta").as_typed()
    assert [tokens(clause, prefix=True) for clause in complete.required] == [{"robo"}, set()]


def test_words_have_a_stem_in_each_language() -> None:
    """Stems of other languages than English are marked."""
    clause = parse("newspapers ", ["de", "fr"]).required[0]
    assert tokens(clause) == {"newspap", "newspap§de", "newspaper§fr"}
    assert tokens(parse("роботов ", ["de", "ru"]).required[0]) == {"робот"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("what happened to OpenAI", ["openai"]),
        ("Was passiert in München?", ["munchen"]),
        ("the who", ["the", "who"]),
        ("AI in the EU", ["ai", "eu"]),
        ("“war and peace” -the", ["war and peace"]),
    ],
)
def test_common_words_can_be_left_out(typed: str, kept: list[str]) -> None:
    """Unless there are no others."""
    query = parse(typed).without_common_words()
    assert texts(query.required) == kept
    assert query.excluded == parse(typed).excluded


@pytest.mark.parametrize(
    ("typed", "weaker"),
    [
        ("what happened to OpenAI", [["happened", "openai"], ["openai"]]),
        ("what's happening in Peru", [["happening", "peru"], ["peru"]]),
        ("qu'est-ce que la vie", [["vie"]]),
        ("why don't mice sing", [["mice", "sing"]]),
        ('"the who" tour', []),
        ("latest news", []),
        ("北京自行车", [["北京", "自行", "行车"]]),
        ("인공지능로봇", [["인공", "지능", "로봇"]]),
        ("“北京自行车”", []),
        ("robots learn", []),
    ],
)
def test_a_query_can_demand_less(typed: str, weaker: list[list[str]]) -> None:
    """Step by step, until it would demand nothing."""
    query, steps = parse(typed), list[list[str]]()
    while query.weaker() != query:
        query = query.weaker()
        steps.append(texts(query.required))
    assert steps == weaker


def test_a_query_of_several_words_is_a_phrase_too() -> None:
    """A title may consist of it."""
    query = parse('"learn to" knit ', [])
    tokens = ("learn", "to", "knit")
    assert query.phrase == Clause("learn to knit", (Alternative(tokens),), tokens)
    assert parse("robots").phrase is None
    pairs = ("ロボ", "ボッ", "ット", "トの", "の未", "未来")
    assert parse("ロボットの未来").phrase == Clause("ロボットの未来", (Alternative(pairs),), pairs)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("OpenAI", "Open AI"),
        ("iPhone15", "iPhone 15"),
        ("gpt4o", "GPT 4o"),
        ("e-mail", "email"),
        ("email", "e-mail"),
        ("nodejs", "Node.js"),
        ("node.js", "NodeJS"),
        ("https://www.example.com", "See www.example.com."),
        ("コンピューター", "コンピュータ"),
        ("김치를", "김치가"),
        ("ירושלים", "לירושלים"),
        ("Disney plus", "Disney+"),
        ("Disney+", "Disney Plus"),
        ("3,5", "3.5"),
        ("j.k. rowling", "J. K. Rowling"),
        ("1990s", "1990's"),
        ("1", "1️⃣"),
        ("don't", "dont"),
        ("OBrien", "O’Brien"),
    ],
)
def test_other_spellings_are_found(index: SearchIndex, typed: str, text: str) -> None:
    index.add(1, body=text, language=None)
    assert index.find(parse(f"{typed} ")) == [1]


@pytest.mark.parametrize(
    ("typed", "text"),
    [("C++", "C"), ("C#", "C++"), (".NET", "net"), ("Disney+", "Disney"), ("node.js", "react.js")],
)
def test_other_words_are_not_found(index: SearchIndex, typed: str, text: str) -> None:
    index.add(1, body=text, language=None)
    assert index.find(parse(typed)) == []


def test_long_queries_are_cut() -> None:
    """The first words count, and the first letters of a word."""
    query = parse(" ".join(map(str, range(10, 40))) + ' "a b"')
    assert texts(query.required) == [str(number) for number in range(10, 10 + MOST_WORDS)]
    (alternative,) = parse("a1" * 100).as_typed().required[0].alternatives
    assert len(alternative.tokens[0]) == LONGEST_WORD


@pytest.mark.parametrize(
    "part", ["a.b", "a-", "ロ", "김치를", "aA", "“a", "-a ", "ア・", "A.", "1,"]
)
def test_clauses_of_hostile_queries_are_short(part: str) -> None:
    """An index would look for each token."""
    query = parse(part * 3000)
    clauses = (*query.required, *query.excluded, *([query.phrase] if query.phrase else []))
    assert len(clauses) <= MOST_WORDS + 1
    assert all(len(each.tokens) <= 41 for clause in clauses for each in clause.alternatives)


@given(TYPED, TYPED, LANGUAGE_CODES)
@example('"', "", None)
def test_any_query_can_be_asked(typed: str, text: str, language: str | None) -> None:
    """Whatever is typed, the index understands it."""
    index = SearchIndex()
    index.add(1, title=text, body=typed, language=language)
    for query in (parse(typed), parse(typed).as_typed(), parse(typed).weaker().weaker()):
        assert index.find(query) in ([], [1])
        assert all(
            token
            for clause in query.required
            for each in clause.alternatives
            for token in each.tokens
        )
    index.close()


@given(WORDS, LANGUAGE_CODES)
def test_each_word_of_a_text_is_found(word: str, language: str | None) -> None:
    """In whatever language it is, by what it is in the text, and with other words around it."""
    found = [chunk.text for chunk in chunks(normalise(word))]
    assume(found and word[0].isalnum())
    index = SearchIndex()
    index.add(1, body=f"one {word} two", language=language)
    for typed in (*found, f"one {word} two", f"{word} ", f'"{found[0]}"'):
        assert index.find(parse(typed).as_typed()) == [1], typed
    index.close()


@given(st.from_regex(r"[^\W\d_]{2,12}", fullmatch=True), LANGUAGE_CODES)
def test_a_title_is_found_by_beginnings_of_its_words(word: str, language: str | None) -> None:
    """From two letters on, and in scripts without spaces from the first."""
    normalised = normalise(word)
    assume(normalised.isalpha() and len(list(chunks(normalised))) == 1)
    index = SearchIndex()
    index.add(1, title=f"One {word} two", language=language)
    for length in range(2, len(normalised) + 1):
        assert index.find(parse(normalised[:length])) == [1]
    index.close()


def test_phrases_reach_no_further_than_the_text(index: SearchIndex) -> None:
    """The words of a title in their other forms stand apart."""
    index.add(1, title="Robots are knitting", language="en")
    for phrase in ("are knitting", "robots are", "robot are knit", "robots are knitting"):
        assert index.find(parse(f'"{phrase}"')) == [1]
    for phrase in ("knitting robots", "are robots"):
        assert index.find(parse(f'"{phrase}"')) == []


def test_languages_do_not_mix(index: SearchIndex) -> None:
    """German "Times" has the stem "tim", which is a name in English."""
    index.add(1, body="A conversation with Tim", language="en")
    assert index.find(parse("times ")) == []
    index.add(1, body="Die Kinder lernen", language="de")
    assert index.find(parse("kind lerne ")) == [1]


def test_an_empty_query_is_equal_to_none() -> None:
    assert parse("!?") == parse("") == Query()
