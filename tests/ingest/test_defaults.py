"""What a source's settings fill in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.document import FORMAT_VERSION, read_document, reading_digest
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


def test_what_is_lacking_is_filled_in() -> None:
    """Also what is there but empty."""
    for empty in (None, "", "~"):
        article = read(quality=empty, topics=empty, provider=empty)
        assert (article.quality, article.topics) == (75, ("AI", "Robots"))
        assert article.provider == Provider("The Example", "news.example")
    assert read(topics="[]").topics == ("AI", "Robots")


def test_the_topics_of_a_source_have_other_names_too() -> None:
    """As those of an article: a topic has one name in the archive."""
    rules = TopicRules([TopicRule("AI", aliases=("artificial-intelligence",))])
    desk = Defaults(topics=("Artificial Intelligence", "AI", "News"), rules=rules)
    assert desk.fill({"title": "x"})["topics"] == ["AI", "News"]


def test_what_an_article_says_goes_before() -> None:
    """Zero is a quality, too."""
    article = read(quality="0", topics="[Chess]", provider="Other")
    assert (article.quality, article.topics) == (0, ("Chess",))
    assert article.provider == Provider("Other")


def test_what_an_article_says_wrongly_is_not_mended() -> None:
    """A quality that is none stays a rejection."""
    reading = read_document(make_markdown(quality="high"), unpublished="skip", defaults=DEFAULTS)
    assert isinstance(reading, Rejection)
    assert reading.field == "quality"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("story.html", "https://news.example/blog/story.html"),
        ("/2020/story", "https://news.example/2020/story"),
        ("../other/", "https://news.example/other/"),
        ("?p=3", "https://news.example/blog/?p=3"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("https://other.example/x", "https://other.example/x"),
    ],
)
def test_relative_addresses_are_completed(given: str, expected: str) -> None:
    """As a browser completes them; those of images and related articles too."""
    article = read(
        f'images: [{{url: "{given}"}}]',
        f'related: [{{title: Other, webUrl: "{given}"}}]',
        webUrl=f'"{given}"',
    )
    assert article.url == expected
    assert [image.url for image in article.images] == [expected]
    assert [related.url for related in article.related] == [expected]


@pytest.mark.parametrize("given", ["javascript:alert(1)", "data:text/html,x", "http://[x", "a b"])
def test_an_address_that_is_none_stays_none(given: str) -> None:
    """Nothing is made of it."""
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
    """Whatever they hold, it is never an error, and the document's own fields stay as they were."""
    before = repr(fields)
    filled = DEFAULTS.fill(fields)
    assert repr(fields) == before
    assert filled.keys() >= fields.keys()
    assert NO_DEFAULTS.fill(fields) is fields


def test_other_defaults_mean_reading_anew() -> None:
    """Without any, the digest is what it was before there were defaults."""
    assert reading_digest("skip") == f"front matter {FORMAT_VERSION}, unpublished: skip"
    digests = {
        reading_digest("skip", each)
        for each in (
            NO_DEFAULTS,
            DEFAULTS,
            Defaults(quality=1),
            Defaults(topics=("1",)),
            Defaults(base_url="1"),
            Defaults(provider=Provider("1")),
        )
    }
    assert len(digests) == 6
