from datetime import UTC, datetime

import pytest

from bot.ingest.article import MAX_RELATED, MAX_TITLE, MAX_TOPICS, as_reading, read_fields
from bot.ingest.document import read_document
from storage.models import Article, Image, Kind, Provider, Rejection, UnpublishedDocument
from tests.ingest.support import REAL_ARTICLES, SEEDS, read_article, read_rejection, real_articles
from tests.support.articles import make_markdown


def test_all_real_articles_are_read() -> None:
    for path in real_articles():
        reading = read_document(path.read_bytes(), unpublished="announce")
        assert isinstance(reading, Article), (path, reading)
        assert reading.topics
        assert reading.provider is not None


def test_a_readme_without_front_matter_is_rejected() -> None:
    real_articles()
    assert "front matter" in read_rejection((REAL_ARTICLES / "README.md").read_bytes()).reason


def test_all_seeds_are_read() -> None:
    paths = sorted(SEEDS.glob("*.md"))
    assert paths
    for path in paths:
        reading = read_document(path.read_bytes(), unpublished="announce")
        assert isinstance(reading, Article), (path, reading)


def test_every_field_of_a_seed_is_read() -> None:
    [path] = SEEDS.glob("2020-09-11-ibm-says-*.md")
    seed = read_article(path.read_bytes())
    url = "https://www.reuters.com/article/ibm-facial-recognition-exports-idUSL1N2G8043"

    assert seed.title == (
        "IBM says U.S. should adopt new export controls on facial recognition systems"
    )
    assert seed.excerpt.startswith("IBM Corp said on Friday")
    assert seed.url == url
    assert seed.addresses == (
        "https://reuters.com/article/ibm-facial-recognition-exports-idUSL1N2G8043",
        "https://mobile.reuters.com/article/amp/idUSKBN2621PV",
        "https://mobile-reuters-com.cdn.ampproject.org/c/s/mobile.reuters.com/article/amp/"
        "idUSKBN2621PV",
    )
    assert seed.published_at == datetime(2020, 9, 11, 12, 19, tzinfo=UTC)
    assert (seed.kind, seed.category, seed.quality, seed.heat) == (Kind.ARTICLE, "news", 86, -1)
    assert seed.provider is not None
    assert (seed.provider.name, seed.provider.domain) == ("Reuters", "reuters.com")
    assert seed.provider.icon_url is not None
    assert seed.provider.icon_url.endswith("/reuters.com-50x50.jpg")
    assert seed.topics == ("Computer Vision", "AI")
    assert [(image.width, image.height) for image in seed.images] == [(818, 545)]
    assert len(seed.related) == 9
    first = seed.related[0]
    assert first.title == "Amazon Spent $24,000 To Kill Portland's Facial Recognition Ban"
    assert first.published_at == datetime(2020, 9, 9, 19, 15, tzinfo=UTC)
    assert first.quality == 89
    assert first.provider == Provider("VICE", "vice.com")


def test_title_date_and_address_are_sufficient() -> None:
    """All other fields have defaults, and the excerpt is taken from the text."""
    assert read_article(make_markdown()) == Article(
        title="A story",
        url="https://news.example/story",
        addresses=("https://news.example/story",),
        published_at=datetime(2020, 9, 11, 12, 19, tzinfo=UTC),
        excerpt="The body.",
    )


@pytest.mark.parametrize("field", ["title", "publishedDateTime", "webUrl"])
@pytest.mark.parametrize("value", [None, "", '""', "null", "~"])
def test_a_missing_required_field_is_named(field: str, value: str | None) -> None:
    refused = read_rejection(make_markdown(**{field: value}))
    assert refused.field == field
    assert "missing" in refused.reason


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "[one, two]"),
        ("title", "{text: one}"),
        ("publishedDateTime", "yesterday"),
        ("publishedDateTime", "2020-02-30"),
        ("publishedDateTime", "2020-09-11T12:19:00+99:00"),
        ("publishedDateTime", "0001-01-01T00:00:00+05:00"),
        ("publishedDateTime", "9999-12-31T23:59:59-05:00"),
        ("publishedDateTime", "10000-01-01"),
        ("publishedDateTime", "0000-01-01"),
        ("publishedDateTime", "[2020-01-01]"),
        ("publishedDateTime", "15998267"),
        ("publishedDateTime", "'" + "2020" * 1000 + "'"),
        ("webUrl", '"javascript:alert(1)"'),
        ("webUrl", '"data:text/html,hello"'),
        ("webUrl", '"//news.example/story"'),
        ("webUrl", '"https://user:secret@news.example/"'),
        ("webUrl", '"https:///story"'),
        ("webUrl", '"https://news.example/a b"'),
        ("webUrl", '"https://news.example/\\u202eevil"'),
        ("webUrl", '"https://[::1"'),
        ("webUrl", '"https://news.example:99999/"'),
        ("webUrl", f'"https://{"a" * 296}.com/"'),
        ("webUrl", f'"https://news.example/{"a" * 2048}"'),
        ("webUrl", "[https://news.example/]"),
        ("quality", ".nan"),
        ("quality", "NaN"),
        ("quality", ".inf"),
        ("quality", "-.INF"),
        ("quality", "true"),
        ("quality", "high"),
        ("quality", "86.5"),
        ("quality", "1e3"),
        ("quality", "0x10"),
        ("quality", "9" * 5000),
        ("quality", "[86]"),
    ],
)
def test_an_invalid_field_is_named_with_its_line(field: str, value: str) -> None:
    content = make_markdown(**{field: value})
    line = 1 + next(
        number
        for number, text in enumerate(content.decode().splitlines())
        if text.startswith(f"{field}:")
    )
    refused = read_rejection(content)
    assert (refused.field, refused.line) == (field, line)
    assert "\n" not in refused.reason


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2020-09-11T12:19:00Z", datetime(2020, 9, 11, 12, 19, tzinfo=UTC)),
        ("'2020-09-11T12:19:00Z'", datetime(2020, 9, 11, 12, 19, tzinfo=UTC)),
        ("2020-09-11 12:19:00 +0200", datetime(2020, 9, 11, 10, 19, tzinfo=UTC)),
        ("2020-09-11 12:19:00 -07:00", datetime(2020, 9, 11, 19, 19, tzinfo=UTC)),
        ("2020-09-11T12:19:00-07:00", datetime(2020, 9, 11, 19, 19, tzinfo=UTC)),
        ("2020-09-11T12:19:00+05:45", datetime(2020, 9, 11, 6, 34, tzinfo=UTC)),
        ("2020-09-11 12:19", datetime(2020, 9, 11, 12, 19, tzinfo=UTC)),
        ("2020-09-11 12:19:00 Z", datetime(2020, 9, 11, 12, 19, tzinfo=UTC)),
        ("2020-09-11T12:19:00.1234567Z", datetime(2020, 9, 11, 12, 19, 0, 123456, tzinfo=UTC)),
        ("2020-09-11", datetime(2020, 9, 11, tzinfo=UTC)),
        ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_dates_are_converted_to_utc(written: str, expected: datetime) -> None:
    """A date without a time zone is in UTC."""
    assert read_article(make_markdown(publishedDateTime=written)).published_at == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("86", 86), ('"86"', 86), ("-1", -1), ("86.0", 86), ("+5", 5), ("null", 0), ("086", 86)],
)
def test_quality_may_be_written_as_text(written: str, expected: int) -> None:
    assert read_article(make_markdown(quality=written)).quality == expected


@pytest.mark.parametrize("written", ["hot", ".nan", "[1]", "true", "9" * 400])
def test_an_invalid_heat_is_ignored(written: str) -> None:
    """Heat decides nothing, so it is no reason for a rejection."""
    assert read_article(make_markdown(heat=written)).heat == -1


@pytest.mark.parametrize("written", ["false", "no", "off", "False", '"false"', "0"])
def test_a_draft_is_skipped_unless_the_source_announces_it(written: str) -> None:
    """Any flag makes a document a draft, even if other fields are invalid."""
    assert (
        read_document(make_markdown(published=written), unpublished="skip") == UnpublishedDocument()
    )
    assert (
        read_document(make_markdown(published=written, title=None), unpublished="skip")
        == UnpublishedDocument()
    )
    assert isinstance(
        read_document(make_markdown(published=written), unpublished="announce"), Article
    )


@pytest.mark.parametrize("written", ["2024-04-01", "2024-04-01T12:00:00Z", "Apr 1, 2024"])
def test_published_may_be_a_date(written: str) -> None:
    """Some sites have their date in the field, which is then no flag."""
    document = make_markdown(published=written)
    assert isinstance(read_document(document, unpublished="skip"), Article)


def test_an_invalid_published_flag_is_rejected() -> None:
    """A wrong guess might publish a draft."""
    refused = read_document(make_markdown(published="maybe"), unpublished="skip")
    assert str(refused) == "line 5, published: must be true or false"


@pytest.mark.parametrize("written", ["true", "yes", "null", None])
def test_a_document_is_published_by_default(written: str | None) -> None:
    reading = read_document(make_markdown(published=written), unpublished="skip")
    assert isinstance(reading, Article)


def test_a_video_uses_its_original_address() -> None:
    """Videos have no `webUrl`."""
    url = "https://youtube.com/watch?v=h70jOr56EKs"
    video = read_article(make_markdown(webUrl=None, originalUrl=f'"{url}"', type="video"))
    assert (video.kind, video.url, video.addresses) == (Kind.VIDEO, url, (url,))


def test_an_invalid_web_address_is_rejected() -> None:
    """It is not replaced by `originalUrl`."""
    content = make_markdown(webUrl='"javascript:1"', originalUrl='"https://news.example/"')
    assert read_rejection(content).field == "webUrl"


def test_addresses_contain_each_alias_once() -> None:
    """The reader's address comes first; invalid aliases and front pages are left out."""
    content = make_markdown(
        webUrl='"http://www.news.example/story/?utm_source=x"',
        originalUrl='"https://news.example/story#top"',
        ampWebUrl='"javascript:1"',
        cdnAmpWebUrl='"https://cdn.example/"',
    )
    assert read_article(content).addresses == ("https://news.example/story",)
    assert read_article(content).url == "http://www.news.example/story/?utm_source=x"


def test_text_is_cleaned() -> None:
    """Line breaks, control characters and direction overrides are removed."""
    content = make_markdown(
        title='"Two\\r\\n lines \\u202eand\\u2066 \\u0007more\\u200b"', excerpt='" e\\u0301 \\t x "'
    )
    assert read_article(content).title == "Two lines and more"
    assert read_article(content).excerpt == "é x"


def test_long_text_is_cut() -> None:
    """An ellipsis shows that it was cut."""
    title = read_article(make_markdown(title="word " * 1000)).title
    assert len(title) <= MAX_TITLE
    assert title.endswith("word…")


@pytest.mark.parametrize("written", ["no", "2020", "true", "1.0", "2020-01-01", "0x1F"])
def test_a_title_is_text_whatever_its_yaml_type(written: str) -> None:
    """A film called 2020 keeps its title."""
    assert read_article(make_markdown(title=written)).title == written


def test_an_invisible_title_is_missing() -> None:
    assert read_rejection(make_markdown(title='"\\u200d\\u200b\\u2063"')).field == "title"
    other = make_markdown("date: 2026-11-20", title='"\\u200d"', publishedDateTime=None)
    assert read_rejection(other).reason == "has no visible character"


@pytest.mark.parametrize("title", [None, "", '""', "null"])
@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("posts/a.md", "Prose.\n\n## The *quiet* lake & more\n", "The quiet lake & more"),
        ("posts/a.md", "The lake\n========\n\nProse.\n", "The lake"),
        ("posts/a.html", "<p>Prose.</p><h1>The <b>lake</b></h1>", "The lake"),
        ("posts/2026-11-20-the_quiet-lake.md", "```\n# no heading\n```\n", "The quiet lake"),
        ("2026-11-20-lake-2.0/index.md", "Prose.", "Lake 2.0"),
        ("lake/index.de.md", "Prose.", "Lake"),
        ("20261120-lake.md", "Prose.", "Lake"),
        ("2026_11_20_ÄHRE_am-see.md", "Prose.", "ÄHRE am see"),
        ("n\\udcff-lake.md", "Prose.", "N lake"),
        ("2026-11-20.md", "Prose.", "2026 11 20"),
        ("index.md", "Prose.", "Index"),
        ("posts/lake.md", "# \u200b\u3164\n", "Lake"),
    ],
)
def test_a_page_without_title(title: str | None, key: str, text: str, expected: str) -> None:
    """It has that of its first heading, else that of its file, unless it is in our format."""
    content = make_markdown("date: 2026-11-20", title=title, publishedDateTime=None)
    content = content.replace(b"The body.", text.encode())
    article = read_document(content, unpublished="skip", key=key)
    assert isinstance(article, Article), article
    assert article.title == expected
    own = make_markdown(title=title).replace(b"The body.", text.encode())
    rejection = read_document(own, unpublished="skip", key=key)
    assert isinstance(rejection, Rejection)
    assert (rejection.field, rejection.reason) == ("title", "is missing or empty")


def test_a_page_without_title_and_date() -> None:
    """A heading makes no article of a page that is not news."""
    content = make_markdown(title=None, publishedDateTime=None)
    rejection = read_document(content, unpublished="skip", key="about.md")
    assert isinstance(rejection, Rejection)
    assert (rejection.field, rejection.reason) == ("publishedDateTime", "is missing or empty")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[AI, Computer Vision]", ("AI", "Computer Vision")),
        ("AI", ("AI",)),
        ("[' AI ', ai, Ai]", ("AI",)),
        ("[AI, null, '', [nested], {a: b}]", ("AI",)),
        (f"[AI, {'x' * 101}, {'y' * 100}]", ("AI", "y" * 100)),
        ("{AI: 1}", ()),
        ("[2020, on]", ("2020", "on")),
    ],
)
def test_topics_are_unique_names(written: str, expected: tuple[str, ...]) -> None:
    """Invalid names are left out, and case is ignored."""
    assert read_article(make_markdown(topics=written)).topics == expected


def test_topics_and_related_articles_are_limited() -> None:
    """Lists that are too long are cut and do not reject the document."""
    topics = "[" + ", ".join(f"topic {number}" for number in range(300)) + "]"
    entry = "  - {title: Other, webUrl: 'https://other.example/%d'}"
    full = read_article(
        make_markdown("related:", *(entry % number for number in range(60)), topics=topics)
    )
    assert full.topics[-1] == f"topic {MAX_TOPICS - 1}"
    assert full.related[-1].url == f"https://other.example/{MAX_RELATED - 1}"


def test_invalid_optional_fields_are_left_out() -> None:
    content = make_markdown(
        "images:",
        "  - just text",
        "  - {url: 'javascript:1', width: 1}",
        "  - {url: 'https://i.example/1.png', width: wide, height: -3}",
        "  - {url: 'https://i.example/2.png', width: '10', height: 20, alt: A bridge}",
        "related:",
        "  - title: no address",
        "  - webUrl: https://other.example/no-title",
        "  - {title: Bad, webUrl: 'data:1'}",
        "  - {title: Good, originalUrl: 'https://other.example/1', quality: NaN,"
        " publishedDateTime: never, provider: [], type: video}",
        "  - text",
        excerpt="[a, list]",
        type="[video]",
        provider="{name: [], domain: News.Example, images: [{url: 'file:///etc/passwd'}]}",
    )
    read = read_article(content)
    assert read.images == (
        Image("https://i.example/1.png"),
        Image("https://i.example/2.png", 10, 20, "A bridge"),
    )
    assert [(entry.title, entry.kind) for entry in read.related] == [("Good", Kind.VIDEO)]
    assert read.excerpt == ""
    assert read.kind is Kind.ARTICLE
    assert read.provider == Provider("news.example", "news.example")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Reuters", Provider("Reuters")),
        ("{name: Reuters}", Provider("Reuters")),
        ("{domain: reuters.com}", Provider("reuters.com", "reuters.com")),
        ("{images: []}", None),
        ("''", None),
        ("[Reuters]", None),
    ],
)
def test_a_provider_needs_a_name_or_a_domain(written: str, expected: Provider | None) -> None:
    assert read_article(make_markdown(provider=written)).provider == expected


def test_secrets_and_html_are_not_kept() -> None:
    """The article contains neither `secured` nor `featuredContent`."""
    content = make_markdown(secured='"c4nary"', featuredContent='"<iframe>"')
    assert read_article(content) == read_article(make_markdown())


def test_yaml_anchors_and_aliases_work() -> None:
    content = make_markdown(webUrl="&here https://news.example/x", originalUrl="*here")
    assert read_article(content).url == "https://news.example/x"


def test_a_draft_of_other_generators_is_a_draft() -> None:
    """Hugo and Jekyll mark drafts with `draft: true`."""
    assert read_document(make_markdown(draft="true"), unpublished="skip") == UnpublishedDocument()
    assert isinstance(read_document(make_markdown(draft="false"), unpublished="skip"), Article)
    assert isinstance(read_document(make_markdown(draft="true"), unpublished="announce"), Article)


class Odd(dict[str, object]):
    """Fields that trigger an internal error."""

    def get(self, *_: object) -> object:
        raise IndexError("x")


def test_an_internal_error_rejects_one_document(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log contains the traceback, and other documents are read."""
    rejected = as_reading(lambda: read_fields(Odd(), unpublished="skip"))
    assert isinstance(rejected, Rejection)
    assert str(rejected).startswith("triggered an internal error;")
    assert caplog.records[0].exc_info is not None


@pytest.mark.parametrize(
    "title", ["\u2800", "\u200b\u200d", "\u3164", "\u115f", "\U000e0067", "\u0301", "\ufe0f"]
)
def test_a_title_without_a_visible_character_is_rejected(title: str) -> None:
    """Readers could neither recognise nor click it."""
    rejection = read_rejection(make_markdown(title=title))
    assert (rejection.field, rejection.reason) == ("title", "has no visible character")


def test_other_blank_texts_are_left_out() -> None:
    """Providers, excerpts, topics and titles of related articles need a visible character, too."""
    fields = {
        "title": "A\u2800\u2800title",
        "webUrl": "https://news.example/a",
        "publishedDateTime": "2026-01-01",
        "excerpt": "\u2800",
        "topics": ["\u3164", "AI"],
        "provider": {"name": "\u1160", "domain": "news.example"},
        "related": [{"title": "\u2800", "webUrl": "https://other.example/"}],
    }
    article = read_fields(fields, unpublished="announce")
    assert isinstance(article, Article)
    assert (article.title, article.excerpt, article.topics) == ("A title", "", ("AI",))
    assert article.provider == Provider("news.example", "news.example")
    assert article.related == ()


def test_files_that_are_not_pictures_are_left_out() -> None:
    """The ending or the declared type says so; what is left is not cut off by a limit before it."""
    drawings = [{"url": f"https://i.example/{n}.SVG?v=1"} for n in range(20)]
    others = [
        {"url": "https://i.example/x", "type": "image/svg+xml"},
        {"url": "https://i.example/y", "mimeType": "video/mp4"},
        {"url": "data:image/png;base64,AAAA"},
        {"url": "https://i.example/z", "type": "image/jpeg"},
    ]
    fields = {
        "title": "A",
        "webUrl": "https://news.example/a",
        "publishedDateTime": "2026-01-01",
        "images": [*drawings, *others],
        "provider": {"name": "P", "images": [{"url": "https://i.example/icon.svg"}]},
    }
    article = read_fields(fields, unpublished="announce")
    assert isinstance(article, Article)
    assert article.images == (Image("https://i.example/z"),)
    assert article.provider == Provider("P")
