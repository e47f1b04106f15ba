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
def test_keywords_give_topics(text: str, topics: tuple[str, ...]) -> None:
    """They match whole words in any case and script, but anywhere in scripts without spaces."""
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
    """Particles may follow a word of Hangul."""
    assert MIXED.find(text) == topics


def test_topics_are_in_the_order_of_the_rules() -> None:
    """Each is listed once, whether it is found in the title or the excerpt."""
    assert RULES.find("C and C++", "artificial intelligence in C") == ("AI", "C++", "C")


def test_aliases_are_replaced() -> None:
    """Case and punctuation do not matter; names without an alias stay."""
    given = ["artificial_intelligence", "Ai", "Power Apps", "Artificial Intelligence", "k.i."]
    assert RULES.replace_aliases(given) == ("AI", "Power Apps")


def test_articles_with_topics_keep_them() -> None:
    """Only their aliases are replaced."""
    fields = {"title": "Artificial intelligence", "excerpt": "in C"}
    assert RULES.fill(fields)["topics"] == ["AI", "C"]
    assert RULES.fill({**fields, "topics": []})["topics"] == ["AI", "C"]
    assert RULES.fill({**fields, "topics": ["Law", "ai"]})["topics"] == ["Law", "AI"]
    assert RULES.fill({**fields, "topics": "ai"})["topics"] == ["AI"]
    assert RULES.fill({"title": "Nothing"}) == {"title": "Nothing"}
    for broken in ({"title": ["AI"], "excerpt": 5}, {"topics": [["ai"]]}, {"topics": 5}):
        assert RULES.fill(broken) == broken


def test_no_rules_change_nothing() -> None:
    fields = {"title": "ai", "topics": ["b"]}
    assert NO_RULES.fill(fields) is fields


def test_equal_rules_have_equal_texts() -> None:
    """A change of the rules changes the text, so that all documents are read again."""
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
    assert len({repr(changed) for changed in rules}) == 4


def test_text_of_many_rules_is_short() -> None:
    """It is part of the stored digest of every source's settings."""
    keywords = tuple(f"keyword {number}" for number in range(40))
    rules = TopicRules(TopicRule(f"T{number}", keywords) for number in range(300))
    assert len(reading_digest("skip", Defaults(rules=rules))) < 300


def test_many_rules_are_fast() -> None:
    """A thousand topics with ten keywords each must not reach the test's time limit."""
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
    """Quadratic time would reach the test's time limit."""
    RULES.find(text)


WORDS = st.text(st.sampled_from("aibcé#+ 技術が는공ภ5-"), min_size=1)


@given(WORDS, WORDS)
def test_keyword_is_found_in_itself(keyword: str, around: str) -> None:
    """It is also found between spaces in any text."""
    rules = TopicRules([TopicRule("Topic", (keyword,))])
    expected = ("Topic",) if any(sign.isalnum() for sign in keyword) else ()
    assert rules.find(keyword) == expected
    if expected:
        assert rules.find(f"{around} {keyword} {around}") == expected


@given(st.text(), st.text(min_size=1))
def test_any_text_can_be_searched(text: str, keyword: str) -> None:
    rules = TopicRules([TopicRule("Topic", (keyword,), (keyword,), (keyword,))])
    assert rules.find(text) in {(), ("Topic",)}
    rules.replace_aliases([text])
