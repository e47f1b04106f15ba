import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.defaults import Defaults
from bot.ingest.document import reading_digest
from bot.ingest.topics import NO_RULES, TopicRule, TopicRules

RULES = TopicRules(
    [
        TopicRule(
            "AI",
            keywords=("artificial intelligence", "machine-learning", "GPT-4", "人工智能"),
            hashtags=("#ai", "deeplearning"),
            aliases=("ai", "artificial-intelligence", "K.I."),
        ),
        TopicRule("C++", keywords=("C++",)),
        TopicRule("C", keywords=("C",)),
        TopicRule("Law", keywords=("straße", "قانون", "हिन्दी", "ภาษา")),
    ]
)
MIXED = TopicRules(
    [
        TopicRule("AI", keywords=("AI", "인공지능"), hashtags=("ki",)),
        TopicRule("Chips", keywords=("AI半導体", "5G技術", "AI 반도체")),
        TopicRule("Code", keywords=("C#", "C++", "Go言語", "機械学習")),
    ]
)


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("Artificial Intelligence is here", ("AI",)),
        ("ARTIFICIAL\n INTELLIGENCE!", ("AI",)),
        ("(artificial-intelligence)", ("AI",)),
        ("artificial intelligences", ()),
        ("unartificial intelligence", ()),
        ("artificial, but of no intelligence", ()),
        ("Machine learning for all", ("AI",)),
        ("All about GPT-4.", ("AI",)),
        ("GPT-40", ()),
        ("said #AI today", ("AI",)),
        ("said #ai, #more", ("AI",)),
        ("ai without a mark is no hashtag", ()),
        ("#AIR", ()),
        ("written in C++, not C", ("C++", "C")),
        ("written in C++.", ("C++",)),
        ("written in C#", ()),
        ("#C is a tag", ("C",)),
        ("written in \uff23", ("C",)),
        ("STRASSE", ("Law",)),
        ("Hauptstraße", ()),
        ("关于人工智能的报道", ("AI",)),
        ("في قانون جديد", ("Law",)),
        ("القانون", ()),
        ("यह हिन्दी है", ("Law",)),
        ("हिन्दीx", ()),
        ("เรียนภาษาไทย", ("Law",)),
        ("", ()),
    ],
)
def test_words_give_topics(text: str, topics: tuple[str, ...]) -> None:
    """Whole words, in any case and script; scripts without spaces anywhere in the text."""
    assert RULES.find(text) == topics


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("生成AIが変える", ("AI",)),
        ("这是AI技术", ("AI",)),
        ("AI는 무엇인가", ("AI",)),
        ("삼성AI", ("AI",)),
        ("#AI技術", ("AI",)),
        ("今日#KI的", ("AI",)),
        ("ปัญญาAIใหม่", ("AI",)),
        ("OpenAIの発表", ()),
        ("AIR는", ()),
        ("인공지능은 무엇인가", ("AI",)),
        ("#인공지능은", ("AI",)),
        ("국가인공지능", ()),
        ("韓国の인공지능が", ("AI",)),
        ("AI 반도체를", ("AI", "Chips")),
        ("AI반도체", ("AI", "Chips")),
        ("AI의 반도체", ("AI",)),
        ("次世代AI半導体の工場", ("AI", "Chips")),
        ("OpenAI半導体", ()),
        ("15G技術", ()),
        ("5G 技術", ("Chips",)),
        ("C#で書く、C++も", ("Code",)),
        ("C#은", ("Code",)),
        ("C で書く", ()),
        ("DjangoやGo言語", ("Code",)),
        ("Mongo言語", ()),
        ("#機械学習", ("Code",)),
    ],
)
def test_words_end_where_the_script_changes(text: str, topics: tuple[str, ...]) -> None:
    """Between scripts with and without spaces; and particles may follow a word of Hangul."""
    assert MIXED.find(text) == topics


def test_topics_come_in_the_order_of_the_rules() -> None:
    """From title and excerpt alike, each once."""
    assert RULES.find("C and C++", "artificial intelligence in C") == ("AI", "C++", "C")


def test_aliases_are_other_names() -> None:
    """In any case and with any signs between the words; what has no alias stays."""
    given = ["artificial_intelligence", "Ai", "Power Apps", "Artificial Intelligence", "k.i."]
    assert RULES.rename(given) == ("AI", "Power Apps")


def test_only_articles_without_topics_get_some() -> None:
    """What an article tells itself goes before; by its other names, if that is what they are."""
    told = {"title": "Artificial intelligence", "excerpt": "in C"}
    assert RULES.fill(told)["topics"] == ["AI", "C"]
    assert RULES.fill({**told, "topics": []})["topics"] == ["AI", "C"]
    assert RULES.fill({**told, "topics": ["Law", "ai"]})["topics"] == ["Law", "AI"]
    assert RULES.fill({**told, "topics": "ai"})["topics"] == ["AI"]
    assert RULES.fill({"title": "Nothing"}) == {"title": "Nothing"}
    for broken in ({"title": ["AI"], "excerpt": 5}, {"topics": [["ai"]]}, {"topics": 5}):
        assert RULES.fill(broken) == broken


def test_no_rules_change_nothing() -> None:
    """As without the setting."""
    fields = {"title": "ai", "topics": ["b"]}
    assert NO_RULES.fill(fields) is fields


def test_equal_rules_are_equal() -> None:
    """Their text stands for all that they do, so that a change reads all documents anew."""
    rules = [
        TopicRules([rule])
        for rule in (
            TopicRule("A", ("b",)),
            TopicRule("A", ("b",)),
            TopicRule("A", ("c",)),
            TopicRule("A", (), ("b",)),
            TopicRule("A", (), (), ("b",)),
        )
    ]
    assert rules[0] == rules[1]
    assert repr(rules[0]) == repr(rules[1])
    assert len({repr(each) for each in rules}) == 4


def test_the_text_of_many_rules_is_short() -> None:
    """Every source keeps it with all else that decides how its documents are read."""
    keywords = tuple(f"keyword {number}" for number in range(40))
    rules = TopicRules(TopicRule(f"T{number}", keywords) for number in range(300))
    assert len(reading_digest("skip", Defaults(rules=rules))) < 300


def test_many_rules_take_no_longer_than_few() -> None:
    """A thousand topics with ten keywords each, on a long text; far from the test's time-out."""
    many = TopicRules(
        TopicRule(f"T{n}", tuple(f"keyword{n}x{k} more" for k in range(10))) for n in range(1000)
    )
    text = "what is said of keyword500x5 more or less " * 2_000
    assert many.find(text) == ("T500",)


@pytest.mark.parametrize(
    "text",
    ["#" * 90_000, "#+" * 45_000, "a#" * 45_000, "a+" * 45_000, "#a" * 45_000, "\ufdfa" * 90_000],
)
def test_no_text_takes_long(text: str) -> None:
    """Whatever signs are in it: with quadratic time the test would reach its time-out."""
    RULES.find(text)


WORDS = st.text(st.sampled_from("aibcé#+ 技術が는공ภ5-"), min_size=1)


@given(WORDS, WORDS)
def test_a_keyword_is_found_in_itself(keyword: str, around: str) -> None:
    """And in any text that it stands in between spaces, whatever it is made of."""
    rules = TopicRules([TopicRule("Topic", (keyword,))])
    expected = ("Topic",) if any(sign.isalnum() for sign in keyword) else ()
    assert rules.find(keyword) == expected
    if expected:
        assert rules.find(f"{around} {keyword} {around}") == expected


@given(st.text(), st.text(min_size=1))
def test_any_text_can_be_looked_through(text: str, keyword: str) -> None:
    """Whatever is written in articles and in rules."""
    rules = TopicRules([TopicRule("Topic", (keyword,), (keyword,), (keyword,))])
    assert rules.find(text) in {(), ("Topic",)}
    rules.rename([text])
