"""Every input becomes an article, an unpublished document or a rejection."""

from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.article import MAX_EXCERPT, MAX_RELATED, MAX_TITLE, MAX_TOPICS
from bot.ingest.document import read_document
from bot.sandbox.samples.stories import sample_story
from bot.urls.normalise import normalise_address
from bot.urls.safety import parse_web_address
from storage.models import Article, Reading, Rejection, UnpublishedDocument
from tests.ingest.support import REAL_ARTICLES, SEEDS
from tests.support.articles import REQUIRED_FIELDS
from tests.support.clock import START

ARTICLES = [
    *(path.read_bytes() for path in sorted(SEEDS.glob("*.md"))),
    *(sample_story(number, START)[1].encode() for number in range(9)),
    *(path.read_bytes() for path in sorted(REAL_ARTICLES.glob("**/*.md"))),
]
NAMES = [
    *("title", "excerpt", "publishedDateTime", "webUrl", "originalUrl", "ampWebUrl", "type"),
    *("quality", "heat", "published", "provider", "topics", "images", "related", "category"),
    "language",
]
scalars = st.one_of(
    st.text(),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(str),
    st.sampled_from(
        [
            *("null", "true", "no", "~", ".nan", "2020-02-30", "'", '"', "[", "{", "- ", "? ", "|"),
            *(
                "&a",
                "*a",
                "!!int x",
                "%",
                "@",
                "\t",
                "---",
                "...",
                "https://a.example/",
                "[x]",
                "{x: y}",
            ),
            *('"\\ud800"', '"\\u202e"', "https://[", "http://a:b@c/", "1" * 500),
        ]
    ),
)
lines = st.one_of(
    st.builds("{}: {}".format, st.sampled_from(NAMES), scalars),
    st.builds("  - {}: {}".format, st.sampled_from(["title", "webUrl", "url", "name"]), scalars),
    st.builds("{}{}".format, st.sampled_from(["", "  ", "\t", "- "]), scalars),
)


def check(content: bytes) -> None:
    check_reading(read_document(content, unpublished="skip"))
    check_reading(read_document(content, unpublished="announce"))


def check_reading(reading: Reading) -> None:
    if isinstance(reading, Article):
        check_article(reading)
    elif isinstance(reading, Rejection):
        str(reading).encode()
        assert reading.reason
        assert "\n" not in reading.reason
        assert reading.line is None or reading.line >= 1
    else:
        assert reading == UnpublishedDocument()


def check_article(article: Article) -> None:
    repr(article).encode()
    assert 0 < len(article.title) <= MAX_TITLE
    assert len(article.excerpt) <= MAX_EXCERPT
    assert len(article.topics) <= MAX_TOPICS
    assert len(article.related) <= MAX_RELATED
    assert article.addresses[0] == normalise_address(article.url)
    assert len(set(article.addresses)) == len(article.addresses)
    assert article.published_at.tzinfo is not None
    icon = article.provider.icon_url if article.provider else None
    shown = [article.url, *(image.url for image in article.images)]
    shown += [entry.url for entry in article.related] + ([icon] if icon else [])
    assert all(parse_web_address(url) == url for url in shown)


@given(st.binary())
def test_any_bytes_are_read_or_rejected(content: bytes) -> None:
    check(content)
    check(b"---\n" + content + b"\n---\n")


@given(st.text())
def test_any_text_is_read_or_rejected(text: str) -> None:
    check(f"---\n{text}\n---\n".encode("utf-8", "surrogatepass"))


@given(st.lists(lines, max_size=12))
def test_any_fields_are_read_or_rejected(block: list[str]) -> None:
    needed = [f"{name}: {value}" for name, value in REQUIRED_FIELDS.items()]
    for part in (block, block + needed):
        check("\n".join(["---", *part, "---", ""]).encode("utf-8", "surrogatepass"))


@given(st.dictionaries(st.sampled_from(NAMES), scalars))
def test_any_quoted_values_are_read_or_rejected(values: dict[str, str]) -> None:
    quoted = {
        name: "'" + value.replace("'", "''").replace("\n", "\n  ") + "'"
        for name, value in values.items()
    }
    fields = {**REQUIRED_FIELDS, **quoted}
    block = "\n".join(f"{name}: {value}" for name, value in fields.items())
    check(f"---\n{block}\n---\n".encode("utf-8", "surrogatepass"))


articles = st.sampled_from(ARTICLES)
places = st.floats(0, 1)


@given(
    articles,
    st.lists(st.tuples(places, st.integers(0, 40), st.binary(max_size=8)), max_size=6),
)
def test_a_mutated_article_is_read_or_rejected(
    content: bytes, changes: list[tuple[float, int, bytes]]
) -> None:
    """Parts of a real article are removed and inserted."""
    for place, removed, added in changes:
        start = int(place * len(content))
        content = content[:start] + added + content[start + removed :]
    check(content)


@given(articles, articles, st.lists(st.tuples(places, places, st.integers(0, 9)), max_size=6))
def test_a_mixed_article_is_read_or_rejected(
    content: bytes, other: bytes, changes: list[tuple[float, float, int]]
) -> None:
    """Lines are repeated, indented or taken from other articles."""
    lines, others = content.splitlines(keepends=True), other.splitlines(keepends=True)
    for place, taken, count in changes:
        start, first = int(place * len(lines)), int(taken * len(others))
        lines[start:start] = others[first : first + count]
    check(b"".join(lines))
