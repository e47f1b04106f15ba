import html
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.ingest.article import read_fields
from bot.ingest.entries.matching import match_entries
from bot.ingest.feed.articles import default_provider, front_matter_fields, list_entry
from bot.ingest.feed.entry import MAX_ENTRIES, Feed
from bot.ingest.feed.json_feed import parse_json_feed
from bot.ingest.feed.parser import parse_xml_feed
from bot.ingest.frontmatter import RejectedError
from bot.ingest.html.html_to_text import HtmlConverter
from storage.models import Article, Image, Kind
from tests.ingest.feed.support import DATE, item, rss
from tests.ingest.test_fuzz import check_article
from tests.support.clock import START
from tests.support.examples import of_hundred

BASE = "https://news.example/blog/feed.xml"
CONVERTER = HtmlConverter()


def read(body: bytes, content_type: str = "application/xml") -> Feed:
    return parse_xml_feed(body, BASE, content_type, CONVERTER)


def read_articles(feed: Feed) -> list[Article]:
    """Return the articles of a feed; no entry may be rejected."""
    read = []
    for entry in feed.entries:
        assert not entry.problem
        fields = front_matter_fields(entry, START)
        provider = default_provider(feed, str(fields["webUrl"]))
        article = read_fields({"provider": provider, **fields}, unpublished="announce")
        assert isinstance(article, Article)
        read.append(article)
    return read


def read_article(body: bytes, content_type: str = "application/xml") -> Article:
    (only,) = read_articles(read(body, content_type))
    return only


RSS_091 = b"""<?xml version="1.0"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
 "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><title>Old</title>
<item><title>Story</title><link>https://news.example/1</link></item></channel></rss>"""
RSS_1 = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://news.example/"><title>Old</title></channel>
<item rdf:about="https://news.example/1"><title>Story</title><link>https://news.example/1</link>
<dc:date>2026-11-23T11:00:00+01:00</dc:date><dc:subject>AI</dc:subject></item></rdf:RDF>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/">
<title>The Example</title><entry><id>urn:1</id><title type="html">Story &amp;lt;b&amp;gt;</title>
<link rel="alternate" href="1"/><published>2026-11-23T10:00:00Z</published>
<updated>2026-11-24T10:00:00Z</updated><category term="ai" label="AI"/>
<summary type="html">&lt;p&gt;A description.&lt;/p&gt;</summary></entry></feed>"""
JSON_FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "The Example",
    "items": [
        {
            "id": 1,
            "url": "/1",
            "title": "Story",
            "content_html": "<p>A <b>description</b>.</p>",
            "date_published": "2026-11-23T10:00:00Z",
            "tags": ["AI"],
            "image": "/a.png",
        }
    ],
}


@pytest.mark.parametrize("body", [RSS_091, RSS_1, rss(item()), ATOM])
def test_every_feed_format_is_parsed(body: bytes) -> None:
    """RSS 0.91, 1.0, 2.0 and Atom give the same title, address and date."""
    read = read_article(body)
    assert read.title.startswith("Story")
    assert read.url == "https://news.example/1"
    assert read.published_at in {datetime(2026, 11, 23, 10, tzinfo=UTC), START}


def test_json_feed_is_parsed() -> None:
    """Ids may be numbers, and addresses relative."""
    feed = parse_json_feed(json.dumps(JSON_FEED).encode(), BASE, CONVERTER)
    assert feed.entries[0].id == "1"
    (only,) = read_articles(feed)
    assert only == Article(
        title="Story",
        url="https://news.example/1",
        addresses=("https://news.example/1",),
        published_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
        excerpt="A description.",
        provider=only.provider,
        topics=("AI",),
        images=(Image("https://news.example/a.png"),),
    )
    assert only.provider is not None
    assert (only.provider.name, only.provider.domain) == ("The Example", "news.example")


def test_categories_are_topics() -> None:
    """Their labels are used if they have any."""
    assert read_article(ATOM).topics == ("AI",)
    assert read_article(rss(item(1, "<category>AI</category><category>Law</category>"))).topics == (
        "AI",
        "Law",
    )


@pytest.mark.parametrize(
    ("more", "picture"),
    [
        ('<media:content url="/a.png" medium="image"/>', "https://news.example/a.png"),
        ('<media:content url="a.png" type="image/png"/>', "https://news.example/a.png"),
        ('<media:thumbnail url="https://i.example/t.jpg"/>', "https://i.example/t.jpg"),
        ('<enclosure url="/e.jpg" type="image/jpeg" length="5"/>', "https://news.example/e.jpg"),
        ('<enclosure url="/e.mp3" type="audio/mpeg" length="5"/>', None),
        ('<media:content url="javascript:x" medium="image"/>', None),
        ('<media:content url="/a.svg" medium="image"/>', None),
        ('<media:content url="/a" medium="image" type="image/svg+xml"/>', None),
        ('<media:content url="/a" medium="image" type="video/mp4"/>', None),
        ('<media:thumbnail url="data:image/png;base64,AAAA"/>', None),
        ('<media:thumbnail url="/clip.MP4?x=1"/>', None),
        ('<enclosure url="/a.png" type="application/pdf" length="5"/>', None),
        (
            '<media:thumbnail url="/a.svg"/><media:thumbnail url="/b.png"/>',
            "https://news.example/b.png",
        ),
    ],
)
def test_pictures_are_found(more: str, picture: str | None) -> None:
    """They are in media:content, media:thumbnail or enclosures, relative to the feed."""
    images = read_article(rss(item(1, more))).images
    assert [image.url for image in images] == ([picture] if picture else [])


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://i.example/a.jpg", True),
        ("https://i.example/a.PNG?width=300", True),
        ("https://i.example/film.mp4", False),
        ("https://i.example/jpg", False),
    ],
)
def test_medium_without_a_type_is_guessed_from_its_ending(address: str, found: bool) -> None:
    """Many newspapers omit the type."""
    media = f'<media:content url="{address}" width="140" height="84"/>'
    assert [image.url for image in read_article(rss(item(1, media))).images] == [address] * found


@pytest.mark.parametrize(
    "more",
    [
        '<enclosure url="https://cdn.example/1.mp4" type="video/mp4" length="1"/>',
        '<yt:videoId xmlns:yt="http://www.youtube.com/xml/schemas/2015">abc</yt:videoId>',
        '<media:content url="https://cdn.example/1" medium="video"/>',
    ],
)
def test_videos_are_recognised(more: str) -> None:
    """A feed can mark them in several ways."""
    assert read_article(rss(item(1, more))).kind is Kind.VIDEO
    attached = [{"url": "https://cdn.example/1.mp4", "mime_type": "video/mp4"}]
    entry = {"id": "1", "url": "https://a.example/1", "title": "x", "attachments": attached}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "y", "items": [entry]}
    (only,) = parse_json_feed(json.dumps(feed).encode(), BASE, CONVERTER).entries
    assert only.is_video


def test_attached_drawings_are_not_pictures() -> None:
    """The declared type of an attachment in a JSON Feed counts, in any case."""
    attached = [
        {"url": "/a", "mime_type": "image/svg+xml"},
        {"url": "/b.pdf", "mime_type": "image/jpeg"},
        {"url": "/c", "mime_type": "Image/JPEG"},
    ]
    items = [{"id": 1, "url": "/1", "title": "x", "image": "/logo.svg", "attachments": attached}]
    (only,) = parse_json_feed(json.dumps({"items": items}).encode(), BASE, CONVERTER).entries
    assert only.pictures == ("https://news.example/c",)


def test_picture_is_found_in_the_contents() -> None:
    """WordPress puts it there, beside a short description."""
    content = html.escape('<p>All of it.</p><img src="/a.png">')
    body = rss(item(1, f"<content:encoded>{content}</content:encoded>")).replace(
        b"<rss ", b'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    )
    article = read_article(body)
    assert article.excerpt == "About story 1."
    assert [image.url for image in article.images] == ["https://news.example/a.png"]
    items = [{"id": 1, "url": "/1", "summary": "Short", "content_html": '<img src="/a.png">x'}]
    feed = parse_json_feed(json.dumps({"items": items}).encode(), BASE, CONVERTER)
    (only,) = feed.entries
    assert (only.text, only.pictures) == ("Short", ("https://news.example/a.png",))


def test_pictures_of_the_text_are_the_fallback() -> None:
    """Tracking pixels, drawings and placeholders are ignored."""
    text = (
        '<img src="data:image/gif;base64,R0lGODlhAQABAA=="><img src="/logo.svg?v=2">'
        '<p>Hi <img src="/smile.png" class="emoji" alt=":)">'
        '<img src="/count.gif" width="1" height="1"><img src="/a.png?x=1&amp;y=2"'
        ' onerror="x" alt="a>b"><img src="/b.png"></p>'
    )
    entry = item(1, description=html.escape(text))
    assert [image.url for image in read_article(rss(entry)).images] == [
        "https://news.example/a.png?x=1&y=2",
        "https://news.example/b.png",
    ]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("w<b>or</b>d", "word"),
        ("a<br>b<script>evil()</script><style>p{}</style>", "a b"),
        ("AT&amp;T &lt;b&gt; 1 < 2", "AT&T <b> 1 < 2"),
        ("<p>unclosed <b", "unclosed"),
        ("<!-- hidden -->seen<iframe src=x>no</iframe>", "seen"),
        ("plain", "plain"),
        ('Hi <img class="wp-smiley" src="https://s.w.org/x.png" alt="😀">!', "Hi 😀!"),
        ("\ud800half", "half"),
        ("", ""),
    ],
)
def test_html_becomes_visible_text(markup: str, text: str) -> None:
    assert " ".join(CONVERTER.convert(markup).text.split()) == text


def test_plain_text_titles_are_unchanged() -> None:
    """Markup characters stay in a plain title; an HTML title is converted."""
    assert read_article(rss(item(title="1 &lt; 2 &amp; C++"))).title == "1 < 2 & C++"
    assert read_article(rss(item(title="&lt;b&gt;Bold&lt;/b&gt; move"))).title == "Bold move"
    assert read_article(ATOM).title == "Story <b>"


def test_missing_title_is_taken_from_the_text() -> None:
    """Short posts often have none, or one without a visible character."""
    for title in (None, "", "\u2800", "&amp;#8203;", "\u3164\u200b"):
        assert read_article(rss(item(title=title))).title == "About story 1."
    items = [{"id": 1, "url": "/1", "title": "\u2800", "summary": " ", "content_text": "A text."}]
    feed = parse_json_feed(json.dumps({"items": items}).encode(), BASE, CONVERTER)
    assert [article.title for article in read_articles(feed)] == ["A text."]


def test_missing_date_is_the_time_when_first_seen() -> None:
    """An invalid date counts as missing."""
    assert read_article(rss(item(pubDate=None))).published_at == START
    assert read_article(rss(item(pubDate="soon"))).published_at == START
    assert read_article(rss(item(pubDate="Mon, 99 Nov 9999 99:00:00 GMT"))).published_at == START


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE rss [%s]><rss version="2.0"><channel>
<item><title>Story %s</title><link>https://news.example/1</link></item></channel></rss>"""


def test_external_entities_are_not_loaded(tmp_path: Path) -> None:
    """A feed can't publish local files or make the bot send requests."""
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    for kind in ("SYSTEM", 'PUBLIC "x"'):
        body = ENTITIES % (f'<!ENTITY x {kind} "{secret.as_uri()}">'.encode(), b"&x;")
        assert "hunter2" not in repr(read(body))
    parameter = b'<!ENTITY %% x SYSTEM "http://127.0.0.1:9/x.dtd"> %%x;'
    assert read(ENTITIES % (parameter, b"")).entries[0].title.strip() == "Story"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_bombs_are_rejected(encoding: str) -> None:
    """They are rejected before anything expands them."""
    laughs = b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha") for n in range(12)
    )
    long = b"<!ENTITY a '%s'>" % (b"ha" * 5000)
    far = b"<!ENTITY" + b" " * 300 + long.removeprefix(b"<!ENTITY")
    odd = b'<!ENTITY a "\'%s">' % (b"ha" * 5000)
    for declared, used in (
        (laughs, b"&a11;"),
        *((each, b"&a;" * 5000) for each in (long, far, odd)),
    ):
        body = (ENTITIES % (declared, used)).decode().encode(encoding)
        with pytest.raises(SourceError, match="entities that expand too much"):
            read(body)


def test_declared_entities_are_replaced() -> None:
    """Old feeds declare the characters that they use."""
    body = ENTITIES % (b"<!ENTITY eacute '&#233;'><!ENTITY me \"The Example\">", b"caf&eacute;")
    assert read(body).entries[0].title == "Story café"


def test_charset_of_the_feed_takes_precedence() -> None:
    """The text is right whatever the Content-Type header claims."""
    body = rss(item(title="Füße für alle")).replace(b"UTF-8", b"ISO-8859-1")
    latin = body.decode().encode("latin-1")
    assert read_article(latin, "text/xml").title == "Füße für alle"
    assert read_article(latin, "application/xml; charset=utf-8").title == "Füße für alle"
    assert (
        read_article(rss(item(title="Füße")), "application/xml; charset=nonsense").title == "Füße"
    )
    assert (
        read_article(
            rss(item(title="Füße")).decode().replace("UTF-8", "UTF-16").encode("utf-16")
        ).title
        == "Füße"
    )


@pytest.mark.parametrize(
    ("reference", "sign"),
    [
        ("&#55357;&#56842;", "\N{SMILING FACE WITH SMILING EYES}"),
        ("&#xD83D;&#xDE0A;", "\N{SMILING FACE WITH SMILING EYES}"),
        ("&#55357; &#56842;", " "),
        ("&#xD83D;", ""),
        ("&#99999999;", ""),
        ("&#0;", ""),
        ("&#228;&#x20AC;", "ä€"),
    ],
)
def test_invalid_references_affect_nothing_else(reference: str, sign: str) -> None:
    """Some programs write emoji as two surrogates."""
    feed = read(rss(item(1, title=f"a{reference}b"), item(2)))
    assert [entry.title for entry in feed.entries] == [f"a{sign}b", "Story 2"]


def test_single_invalid_byte_is_replaced() -> None:
    """The rest stays UTF-8 unless most of it is invalid."""
    body = rss(item(1, title="Füße für alle"), item(2, title="cut *"))
    broken = body.replace(b"*", b"\xc3")
    for each in (broken, broken.replace(b' encoding="UTF-8"', b"")):
        assert [entry.title for entry in read(each, "text/xml").entries] == [
            "Füße für alle",
            "cut \N{REPLACEMENT CHARACTER}",
        ]
    windows = body.decode().encode("cp1252")
    assert read(windows, "text/xml; charset=utf-8").entries[0].title == "Füße für alle"


@pytest.mark.parametrize("charset", ["undefined", "base64", "punycode", "'", '"utf-8', "\0"])
def test_unknown_encoding_is_ignored(charset: str) -> None:
    """The declaration in the feed counts instead, or UTF-8."""
    assert read_article(rss(item(title="Füße")), f"text/xml; charset={charset}").title == "Füße"


def test_one_broken_entry_does_not_affect_others() -> None:
    feed = read(rss(item(1, "<links>see also</links>"), item(2, '<links a="b"/>'), item(3)))
    assert [entry.title for entry in feed.entries][2] == "Story 3"
    problems = [entry.problem for entry in feed.entries[:2] if entry.problem]
    assert [each for each in problems if not each.startswith("can't be parsed (")] == []


def test_content_after_the_feed_is_ignored() -> None:
    """Servers append comments of any length."""
    feed = read(rss(item(1), item(2)) + b"<!-- " + b"x" * 5000 + b" -->", "text/html")
    assert [entry.problem for entry in feed.entries] == ["", ""]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not a feed"),
        (b"hello", "not a feed"),
        (b"<html><head><title>x</title></head><body>Hi</body></html>", "not a feed"),
        (
            b'<html><head><link rel="alternate" type="application/rss+xml"'
            b' href="https://news.example/feed.xml"></head></html>',
            "its feed seems to be https://news.example/feed.xml",
        ),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not a feed"),
        (b"<a>" * 1_000_001, "tags"),
    ],
)
def test_non_feeds_are_rejected(body: bytes, message: str) -> None:
    """The error is one line, with the address of the feed if a page links to one."""
    with pytest.raises(SourceError, match=message) as caught:
        read(body)
    assert "\n" not in str(caught.value)


def test_empty_feed_is_accepted() -> None:
    assert read(rss()).entries == ()
    assert parse_json_feed(b'{"items": []}', BASE, CONVERTER).entries == ()


def test_truncated_feed_loses_only_its_last_entry() -> None:
    body = rss(item(1), item(2), item(3))
    feed = read(body[: body.index(b"Story 3") + 4])
    assert [entry.problem for entry in feed.entries] == ["", "", "is cut off, as the feed is"]


def test_broken_xml_is_parsed_as_well_as_possible() -> None:
    feed = read(rss(item(1, title="Q & A <br>"), item(2)))
    assert [entry.title for entry in feed.entries] == ["Q & A", "Story 2"]
    assert not any(entry.problem for entry in feed.entries)


def test_entries_are_bounded() -> None:
    """The first 10,000 are parsed, the others counted."""
    items = [{"id": str(number)} for number in range(MAX_ENTRIES + 5)]
    feed = parse_json_feed(json.dumps({"items": items}).encode(), BASE, CONVERTER)
    assert (len(feed.entries), feed.skipped) == (MAX_ENTRIES, 5)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "line 1"),
        (b'{\n"items": [}', "line 2"),
        (b"[1, 2]", "no list of `items`"),
        (b'{"items": {}}', "no list of `items`"),
        (b'{"value": []}', "no list of `items`"),
        (b'{"items": ' + b"[" * 100_000, "nested too deep"),
    ],
)
def test_invalid_json_feeds_are_rejected(body: bytes, message: str) -> None:
    """A syntax error is reported with its line."""
    with pytest.raises(SourceError, match=message) as caught:
        parse_json_feed(body, BASE, CONVERTER)
    assert "\n" not in str(caught.value)


def test_entries_of_wrong_types_are_rejected() -> None:
    """The rest of the feed is read; a field of the wrong type is ignored."""
    items: list[Any] = [5, None, "text", [1], {"id": {}, "url": [], "tags": 7, "title": True}]
    feed = parse_json_feed(
        json.dumps({"items": [*items, *JSON_FEED["items"]]}).encode(), BASE, CONVERTER
    )
    assert [bool(entry.problem) for entry in feed.entries] == [True] * 4 + [False] * 2
    assert feed.entries[4].title == ""
    assert feed.entries[5].title == "Story"


def check_all(feed: Feed) -> None:
    """Check that every entry becomes an article within the limits, or a rejection."""
    for each in match_entries((list_entry(entry) for entry in feed.entries), {}).entries:
        each.key.encode()
        assert len(each.key) <= 400
    for entry in feed.entries:
        fields = front_matter_fields(entry, START)
        provider = default_provider(feed, str(fields.get("webUrl", "")))
        try:
            article = read_fields({"provider": provider, **fields}, unpublished="announce")
        except RejectedError as error:
            str(error.rejection).encode()
        else:
            assert isinstance(article, Article)
            check_article(article)


def try_xml(body: bytes) -> None:
    with suppress(SourceError):
        check_all(read(body, "text/xml; charset=x"))


SEED = rss(
    item(1, '<media:content url="/a.png" medium="image"/>', "<category>AI</category>"),
    item(2, description="&lt;p&gt;Hi&lt;img src='/x.png'&gt;&lt;/p&gt;", pubDate=DATE),
)
pieces = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [
            *(b"<![CDATA[", b"]]>", b"&#xD800;", b"&#0;", b"<!DOCTYPE a [", b"<?xml ", b"</item>"),
            *(b"<item>", b"<link>http://[</link>", b"<guid>\xf0\x9f\x98\x80</guid>", b"&amp;lt;"),
            *(b"<pubDate>0000-00-00</pubDate>", b"<content type='xhtml'><div>", b"xml:base='//['"),
            b"<pubDate>Mon, 1 Jan 99999 00:00:00 +9999</pubDate>",
        ]
    ),
)


@given(st.binary())
def test_any_bytes_are_a_feed_or_a_source_error(body: bytes) -> None:
    try_xml(body)
    try_xml(b"<rss version='2.0'><channel><item>" + body)


@given(
    st.sampled_from([SEED, ATOM, RSS_1]),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 40), pieces), max_size=6),
)
def test_mutated_feed_is_parsed_or_rejected(
    body: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    """Pieces are removed from a real feed or inserted into it."""
    for place, removed, added in changes:
        body = body[:place] + added + body[place + removed :]
    try_xml(body)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["https://a.example/", "http://[", "//[", "2026-02-30", "<p>x", "\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
entries = st.dictionaries(
    st.sampled_from([*JSON_FEED["items"][0], "attachments", "summary", "content_text"]), values
)


@of_hundred(50)
@given(st.lists(entries | values, max_size=5), values)
def test_any_json_is_a_feed_or_a_source_error(items: list[Any], title: Any) -> None:  # noqa: ANN401 - any JSON
    body = json.dumps({"items": items, "title": title}).encode()
    check_all(parse_json_feed(body, BASE, CONVERTER))
