"""Defaults from the settings of a source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.article import FORMAT_VERSION
from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.document import read_document, reading_digest
from bot.ingest.topics import TopicRule, TopicRules
from storage.models import Article, Provider, Rejection
from tests.support.articles import make_markdown

DEFAULTS = Defaults(
    quality=75,
    topics=("AI", "Robots"),
    provider=Provider("The Example", "news.example"),
    base_url="https://news.example/blog/",
)


def read(*more: str, **changes: str | None) -> Article:
    reading = read_document(make_markdown(*more, **changes), unpublished="skip", defaults=DEFAULTS)
    assert isinstance(reading, Article), reading
    return reading


def test_missing_and_empty_values_are_filled_in() -> None:
    for empty in (None, "", "~"):
        article = read(quality=empty, topics=empty, provider=empty)
        assert (article.quality, article.topics) == (75, ("AI", "Robots"))
        assert article.provider == Provider("The Example", "news.example")
    assert read(topics="[]").topics == ("AI", "Robots")


def test_aliases_in_default_topics_are_replaced() -> None:
    """A topic has one name in the archive."""
    rules = TopicRules([TopicRule("AI", aliases=("artificial-intelligence",))])
    desk = Defaults(topics=("Artificial Intelligence", "AI", "News"), rules=rules)
    assert desk.fill({"title": "x"})["topics"] == ["AI", "News"]


def test_values_of_the_article_take_precedence() -> None:
    """Zero is a quality, too."""
    article = read(quality="0", topics="[Chess]", provider="Other")
    assert (article.quality, article.topics) == (0, ("Chess",))
    assert article.provider == Provider("Other")


def test_invalid_values_are_not_replaced() -> None:
    """An invalid quality still rejects the document."""
    reading = read_document(make_markdown(quality="high"), unpublished="skip", defaults=DEFAULTS)
    assert isinstance(reading, Rejection)
    assert reading.field == "quality"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("story", "https://news.example/blog/story"),
        ("/2020/story", "https://news.example/2020/story"),
        ("../other/", "https://news.example/other/"),
        ("?p=3", "https://news.example/blog/?p=3"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("https://other.example/x", "https://other.example/x"),
    ],
)
def test_relative_addresses_are_resolved(given: str, expected: str) -> None:
    """They are resolved as in a browser, in images and related articles, too."""
    article = read(
        f'images: [{{url: "{given}"}}]',
        f'related: [{{title: Other, webUrl: "{given}"}}]',
        webUrl=f'"{given}"',
    )
    assert article.url == expected
    assert [image.url for image in article.images] == [expected]
    assert [related.url for related in article.related] == [expected]


@pytest.mark.parametrize("given", ["javascript:alert(1)", "data:text/html,x", "http://[x", "a b"])
def test_invalid_addresses_are_unchanged(given: str) -> None:
    reading = read_document(
        make_markdown(webUrl=f'"{given}"'), unpublished="skip", defaults=DEFAULTS
    )
    assert isinstance(reading, Rejection)
    assert reading.field == "webUrl"


@given(
    st.dictionaries(
        st.sampled_from(["webUrl", "images", "related", "topics", "provider", "quality"]),
        st.recursive(
            st.none() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["url", "webUrl", "x"]), inner, max_size=3)
            ),
        ),
    )
)
def test_any_fields_can_be_filled(fields: dict[str, object]) -> None:
    """Filling never raises an error, and leaves the document's own fields unchanged."""
    before = repr(fields)
    filled = DEFAULTS.fill(fields)
    assert repr(fields) == before
    assert filled.keys() >= fields.keys()
    assert NO_DEFAULTS.fill(fields) is fields


def test_other_defaults_change_the_digest() -> None:
    """Without defaults it is the same as before there were any."""
    assert reading_digest("skip") == f"front matter {FORMAT_VERSION}, unpublished: skip"
    digests = {
        reading_digest("skip", defaults)
        for defaults in (
            NO_DEFAULTS,
            DEFAULTS,
            Defaults(quality=1),
            Defaults(topics=("1",)),
            Defaults(base_url="1"),
            Defaults(provider=Provider("1")),
        )
    }
    assert len(digests) == 6
