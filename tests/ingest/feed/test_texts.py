"""Titles, texts, topics and providers of entries: what a reader is meant to see."""

import html
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.defaults import Defaults
from bot.ingest.feed.ampersands import escape_ampersands
from bot.ingest.feed.articles import front_matter_fields
from bot.ingest.feed.boilerplate import remove_boilerplate
from bot.ingest.feed.entry import MAX_TEXT, MAX_TITLE, Feed
from bot.ingest.feed.json_feed import parse_json_feed
from bot.ingest.html.html_to_text import HtmlConverter
from bot.ingest.html.plain_text import (
    Markup,
    alternative_text,
    convert_text,
    first_sentence,
    one_line_text,
)
from storage.models import Article, Kind, Provider
from tests.ingest.feed.support import item, rss
from tests.ingest.feed.test_reading import BASE, read, read_article, read_articles
from tests.support.clock import START

CONVERTER = HtmlConverter()
NAMESPACES = (
    b'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    b' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    b' xmlns:dc="http://purl.org/dc/elements/1.1/" '
)


def read_item(*more: str, **fields: str | None) -> Article:
    """Return the article of an RSS entry with these elements."""
    return read_article(rss(item(1, *more, **fields)).replace(b"<rss ", NAMESPACES))


def atom(*elements: str) -> bytes:
    """Return an Atom feed with one entry."""
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Example</title><entry><id>urn:1</id>'
        '<link href="https://news.example/1"/><updated>2026-11-23T10:00:00Z</updated>'
        + "".join(elements)
        + "</entry></feed>"
    ).encode()


def json_feed(**fields: Any) -> Feed:  # noqa: ANN401 - any JSON
    """Return a JSON Feed with one item."""
    body = {"title": "A &amp; B", "items": [{"id": "1", "url": "https://news.example/1", **fields}]}
    return parse_json_feed(json.dumps(body).encode(), BASE, CONVERTER)


ABSTRACT = "<description>The abstract.</description>"
BODY = "<content:encoded><![CDATA[<p>The body.</p>]]></content:encoded>"
CAPTION = (
    '<media:content medium="image" url="https://n.example/1.jpg">'
    "<media:title>A title of the picture</media:title>"
    '<media:description type="html">A caption.</media:description></media:content>'
)
PODCAST = (
    "<itunes:subtitle>A subtitle.</itunes:subtitle><itunes:summary>A summary.</itunes:summary>"
)


@pytest.mark.parametrize(
    ("elements", "text"),
    [
        ([ABSTRACT, BODY, CAPTION], "The abstract."),
        ([CAPTION, ABSTRACT, BODY], "The abstract."),
        ([BODY, CAPTION, ABSTRACT], "The abstract."),
        ([f"<media:group>{CAPTION}</media:group>", ABSTRACT], "The abstract."),
        ([ABSTRACT, f"<media:group>{CAPTION}</media:group>"], "The abstract."),
        ([PODCAST, ABSTRACT, BODY], "The abstract."),
        ([ABSTRACT, PODCAST], "The abstract."),
        ([PODCAST, BODY, CAPTION], "The body."),
        ([CAPTION, PODCAST], "A summary."),
        ([CAPTION, "<itunes:subtitle>A subtitle.</itunes:subtitle>"], "A subtitle."),
        ([CAPTION, "<dc:description>Of the core.</dc:description>", BODY], "The body."),
        (["<dc:description>Of the core.</dc:description>", CAPTION], "Of the core."),
        ([CAPTION], "A caption."),
        (["<description> </description>", BODY], "The body."),
        (["<description>[…]</description>", CAPTION, BODY], "The body."),
        (["<description><![CDATA[<img src='/a.png'>]]></description>", BODY], "The body."),
    ],
)
def test_abstract_is_the_text(elements: list[str], text: str) -> None:
    """Then come the content, the texts of podcasts and of Dublin Core, and a caption."""
    assert read_item(*elements, description=None).excerpt == text


def test_first_caption_of_several_is_the_text() -> None:
    """Only if an entry has no other text."""
    second = CAPTION.replace("A caption", "Another")
    assert read_item(CAPTION, second, description=None).excerpt == "A caption."


@pytest.mark.parametrize("order", [1, -1])
def test_summary_of_atom_precedes_its_content(order: int) -> None:
    elements = [
        "<title>T</title>",
        '<content type="html">&lt;p&gt;The body.&lt;/p&gt;</content>',
        "<summary>The abstract.</summary>",
    ][::order]
    assert read_article(atom(*elements)).excerpt == "The abstract."


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("AT&T and Q&A session", "AT&T and Q&A session"),
        ("R&D; more", "R&D; more"),
        ("B&B at B&O & co", "B&B at B&O & co"),
        ("Fish &chips &amp; peas&", "Fish &chips & peas&"),
        ("caf&eacute; &mdash; P&L&nbsp;2026", "café — P&L 2026"),
        ("&#8220;Q&A&#x201D; &bogus; &#; &;", "“Q&A” &bogus; &#; &;"),
        ("&copy 2026 &lt;3 you & me", "&copy 2026 <3 you & me"),
        ("Tom &amp Jerry &#8217s &#x2019, &#5", "Tom & Jerry ’s ’, &#5"),
    ],
)
def test_bare_ampersands_are_text(written: str, title: str) -> None:
    """A single one must not change how the rest of a feed is read."""
    body = rss(item(1, title=written, description="P&G buys R&D firm"))
    assert (read_article(body).title, read_article(body).excerpt) == (title, "P&G buys R&D firm")


@pytest.mark.parametrize(
    "address",
    [
        "https://x.example/?id=5&copy=1&lang=de",
        "https://x.example/?a=1&amp;b=2&amp;reg=3",
        "https://x.example/?a=1&lt=2&not=3&para=4",
        "https://x.example/a&b/?c&d",
        "https://x.example/?a&amp=1&#top",
    ],
)
def test_bare_ampersands_in_addresses_stay(address: str) -> None:
    entry = f'<media:content medium="image" url="{address}"/>'
    (only,) = read(rss(item(1, entry, link=address))).entries
    assert only.link == address.replace("&amp;", "&")
    assert only.pictures == (only.link,)


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("<![CDATA[<p>AT&T &amp; R&D</p>]]>", "AT&T & R&D"),
        ("<!-- Q&A -->A & B", "A & B"),
        ("<![CDATA[a &lt; b]]> & c", "a < b & c"),
    ],
)
def test_ampersands_in_other_sections_stay(section: str, text: str) -> None:
    assert read_article(rss(item(1, title="Q&A", description=section))).excerpt == text


@pytest.mark.parametrize(
    "filler", [b"<!DOCTYPE ", b"<!DOCTYPE [", b"<!--", b"<![CDATA[", b"<?", b"&"]
)
def test_ampersands_of_huge_documents_are_read(filler: bytes) -> None:
    """Whatever they consist of, they are read in a moment."""
    huge = filler * (1_000_000 // len(filler))
    assert escape_ampersands(huge).startswith(filler)
    assert escape_ampersands(b"<rss>" + huge).startswith(b"<rss>")


def test_declared_entities_are_kept() -> None:
    declared = b'<!DOCTYPE rss [<!ENTITY site "The Example">]><rss'
    body = rss(item(1, title="News of &site; & others")).replace(b"<rss", declared)
    assert read_article(body).title == "News of The Example & others"


TITLES = [
    # In all kinds of titles
    ("AT&amp;T", "AT&T"),
    ("Tom &amp;amp; Jerry", "Tom & Jerry"),
    ("It&#8217;s&nbsp;here", "It’s here"),
    ("Rock &#x2019;n&#x2019; roll", "Rock ’n’ roll"),
    ("C++ & Rust: a < b > c", "C++ & Rust: a < b > c"),
    ("From Vec<T> to Option<Vec<u8>>", "From Vec<T> to Option<Vec<u8>>"),
    ("std::map<K, V> explained", "std::map<K, V> explained"),
    ("?id=5&copy=1", "?id=5&copy=1"),
    ("  Two \n lines\t", "Two lines"),
]
MARKUP = [
    ("Gordon on<br>compilers", "Gordon on compilers"),
    ("Gordon on<br/>compilers<BR />today", "Gordon on compilers today"),
    ("<b>Breaking</b> news", "Breaking news"),
    ('A <a href="https://x.example/">link</a> in it', "A link in it"),
    ("CO<sub>2</sub> and <em>E. coli</em>", "CO2 and E. coli"),
    ("<p>One</p><p>Two</p>", "One Two"),
    ("<!-- draft -->Story", "Story"),
    ("Story<!-- draft", "Story"),
    ("A <script>alert(1 < 2)</script>story<style>b {}</style>", "A story"),
    ('A <img src="a.png" alt="cat<br>dog"> picture', "A picture"),
    ("in<wbr>credible", "incredible"),
]
TEXT = [
    ("Use the <b> element", "Use the <b> element"),
    ("How <script> and <style> load", "How <script> and <style> load"),
]


@pytest.mark.parametrize(("written", "title"), [*TITLES, *MARKUP, *TEXT])
def test_titles_of_unknown_type_are_read(written: str, title: str) -> None:
    """RSS and JSON Feed don't say whether a title is HTML."""
    assert one_line_text(written) == title
    assert read_item(title=html.escape(written, quote=False)).title == title
    assert read_item(title=f"<![CDATA[{written}]]>").title == title
    assert read_articles(json_feed(title=written))[0].title == title


@pytest.mark.parametrize(("written", "title"), [*TITLES, *MARKUP])
def test_html_titles_are_read(written: str, title: str) -> None:
    """Only known elements are markup."""
    element = f'<title type="html">{html.escape(written)}</title>'
    assert read_article(atom(element)).title == title


@pytest.mark.parametrize(
    ("written", "title"),
    [*TITLES, *TEXT, ("How to use <br> & <b>x</b>", "How to use <br> & <b>x</b>")],
)
def test_plain_text_titles_keep_tags(written: str, title: str) -> None:
    """Atom says that a title is plain text, so tags are what it is about."""
    for kind in ("", ' type="text"'):
        element = f"<title{kind}>{html.escape(written)}</title>"
        assert read_article(atom(element)).title == title


def test_xhtml_titles_are_read() -> None:
    element = (
        '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>bold</b>'
        " &lt;T&gt; &amp; more</div></title>"
    )
    assert read_article(atom(element)).title == "A bold <T> & more"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("<p>Tom &amp; Jerry</p>", "Tom & Jerry"),
        ("<p>Tom &amp;amp; Jerry &amp;#8217;26</p>", "Tom & Jerry ’26"),
        ("&lt;p&gt;Escaped &lt;b&gt;twice&lt;/b&gt;&lt;/p&gt;", "Escaped twice"),
        ("<p>The tag <code>&lt;b&gt;x&lt;/b&gt;</code></p>", "The tag <b>x</b>"),
        ("a &lt; b", "a < b"),
        ("One<br>Two", "One Two"),
    ],
)
def test_entities_of_texts_are_decoded_once(written: str, text: str) -> None:
    assert read_item(description=f"<![CDATA[{written}]]>").excerpt == text
    assert read_articles(json_feed(title="T", content_html=written))[0].excerpt == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("AT&amp;T &#8217;26", "AT&T ’26"),
        ("<p>A <b>paragraph</b></p>", "A paragraph"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("Vec<T> is generic", "Vec<T> is generic"),
    ],
)
def test_plain_texts_may_contain_html(written: str, text: str) -> None:
    """JSON Feed and Atom say that these are plain text, but many feeds have HTML in them."""
    for name in ("summary", "content_text"):
        assert read_articles(json_feed(title="T", **{name: written}))[0].excerpt == text
    summary = f"<title>T</title><summary>{html.escape(written)}</summary>"
    assert read_article(atom(summary)).excerpt == text


def test_names_of_feeds_are_decoded() -> None:
    (only,) = read_articles(json_feed(title="T"))
    assert only.provider is not None
    assert only.provider.name == "A & B"
    for name in ("Tom &amp;amp; Jerry", "<![CDATA[Tom &amp; Jerry]]>", "Tom & Jerry"):
        body = rss(item()).replace(b"The Example", name.encode())
        provider = read_article(body).provider
        assert provider is not None
        assert provider.name == "Tom & Jerry"


def category(text: str) -> str:
    return f"<category>{text}</category>"


@pytest.mark.parametrize(
    ("elements", "topics"),
    [
        ([category("<![CDATA[Arts &amp; Culture]]>")], ("Arts & Culture",)),
        ([category("Arts &amp;amp; Culture")], ("Arts & Culture",)),
        ([category("R&D"), category("Q&A")], ("R&D", "Q&A")),
        ([category("&lt;b&gt;Sport&lt;/b&gt;")], ("Sport",)),
        ([category("Sport"), category(" sport "), category("SPORT")], ("Sport",)),
        ([category("Uncategorized"), category("AI")], ("AI",)),
        ([category("Non classé"), category("未分类"), category("Без рубрики")], ()),
        ([category("https://x.example/tags/ai"), category("ai")], ("ai",)),
        (
            [category("Science/Physics"), category("News &gt; Local")],
            ("Science/Physics", "News > Local"),
        ),
        ([category("Washington, D.C.")], ("Washington, D.C.",)),
        ([category("ai,robots,law")], ("ai", "robots", "law")),
        ([category("Top 1,000")], ("Top 1,000",)),
        ([category("Physics; Chemistry;")], ("Physics", "Chemistry")),
        (["<dc:subject>Law; Courts</dc:subject>"], ("Law", "Courts")),
        (["<itunes:keywords>ai, robots,ai</itunes:keywords>"], ("ai", "robots")),
        (["<media:keywords>sea, ships</media:keywords>"], ("sea", "ships")),
        (["<keywords>one, two</keywords>"], ("one", "two")),
        (['<itunes:category text="Technology"/>'], ("Technology",)),
        (
            ['<media:category scheme="urn:flickr:tags">sea boat</media:category>'],
            ("sea", "boat"),
        ),
    ],
)
def test_categories_become_topics(elements: list[str], topics: tuple[str, ...]) -> None:
    """Their entities are decoded, and they are split where that is safe."""
    assert read_item(*elements).topics == topics


KIND = '<category scheme="http://schemas.google.com/g/2005#kind" term="{}"/>'


@pytest.mark.parametrize(
    ("elements", "topics"),
    [
        (
            [
                KIND.format("http://schemas.google.com/blogger/2008/kind#post"),
                '<category scheme="http://www.blogger.com/atom/ns#" term="science"/>',
            ],
            ("science",),
        ),
        ([KIND.format("post"), '<category term="AI"/>'], ("AI",)),
        (['<category term="http://x.example/terms/1" label="Physics"/>'], ("Physics",)),
        (['<category term="http://x.example/terms/1"/>'], ()),
        (['<category term="python" scheme="https://x.example/tags"/>'], ("python",)),
        (['<category term="rust" label="r/rust"/>'], ("r/rust",)),
    ],
)
def test_kinds_are_no_topics(elements: list[str], topics: tuple[str, ...]) -> None:
    """Blogger says with a category that an entry is a post."""
    assert read_article(atom("<title>T</title>", *elements)).topics == topics


def test_tags_of_json_feeds_are_topics() -> None:
    (only,) = read_articles(json_feed(title="T", tags=["Q&amp;A", "q&a", 7, None, "Uncategorized"]))
    assert only.topics == ("Q&A", "7")


TITLE = "The ferry returns"


@pytest.mark.parametrize(
    ("addition", "title"),
    [
        ("The post The ferry returns appeared first on The Example.", TITLE),
        ("The post The ferry returns first appeared on The Example & Sons.", TITLE),
        ("The post “The ferry returns” appeared first on The Example.", TITLE),
        ("The post The post office appeared first on The Example.", "The post office"),
        ("Der Beitrag Die Fähre kommt erschien zuerst auf Das Beispiel.", "Die Fähre kommt"),
        ("L’article Le bac revient est apparu en premier sur L’Exemple.", "Le bac revient"),
        ("La entrada Vuelve el barco se publicó primero en El Ejemplo.", "Vuelve el barco"),
        ("L'articolo Torna il traghetto proviene da L'Esempio.", "Torna il traghetto"),
        ("O post A balsa voltou apareceu primeiro em O Exemplo.", "A balsa voltou"),
        ("Het bericht De pont vaart verscheen eerst op Het Voorbeeld.", "De pont vaart"),
        ("Artykuł Prom wraca pochodzi z serwisu Przykład.", "Prom wraca"),
        ("Запись Паром вернулся впервые появилась Пример.", "Паром вернулся"),
        ("Feribot dönüyor yazısı ilk önce Örnek üzerinde ortaya çıktı.", "Feribot dönüyor"),
        ("投稿 フェリーが戻る は 例 に最初に表示されました。", "フェリーが戻る"),
        ("渡轮回归最先出现在例子。", "渡轮回归"),
        ("submitted by /u/someone [link] [comments]", TITLE),
        ("submitted by /u/some-one_9 to r/ships [link] [comments]", TITLE),
        ("submitted by u/someone [link] [12 comments]", TITLE),
        ("Read more", TITLE),
        ("Read more...", TITLE),
        ("[Read more]", TITLE),
        ("Read the full story »", TITLE),
        ("… Continue reading →", TITLE),
        ("Continue reading The ferry returns →", TITLE),
        ("Continue reading “The ferry returns”", TITLE),
        ("Continue reading on The Example »", TITLE),
        ("(Weiterlesen …)", TITLE),
        ("Lire la suite »", TITLE),
        ("Leer más", TITLE),
        ("Leggi tutto", TITLE),
        ("Читать далее →", TITLE),
        ("続きを読む", TITLE),
        ("阅读全文 »", TITLE),
        ("3 posts - 2 participants Read full topic", TITLE),
        ("Share this: Click to share on Facebook (Opens in new window) Facebook", TITLE),
        ("Share this: Twitter Facebook Like this: Like Loading...", TITLE),
        (
            "Article URL: https://x.example/1 Comments URL: https://n.example/i?id=1"
            " Points: 5 # Comments: 3",
            TITLE,
        ),
        ("Comments URL: https://n.example/i?id=1 Points: 1 # Comments: 0", TITLE),
        (
            "The ferry returns was originally published in The Example on Medium, where people are"
            " continuing the conversation by highlighting and responding to this story.",
            TITLE,
        ),
        ("Posts: 5 Participants: 3 Read full topic", TITLE),
        ("Comments", TITLE),
        ("[contains quote post or other embedded content]", TITLE),
        ("Read more → The post The ferry returns appeared first on The Example.", TITLE),
    ],
)
def test_additions_of_systems_are_removed(addition: str, title: str) -> None:
    """An entry that has nothing else has no text."""
    lead = "It sails at nine."
    shown = remove_boilerplate(f"{lead} {addition}", title)
    assert shown.rstrip(" …") == lead
    assert remove_boilerplate(addition, title).rstrip("…") == ""


@pytest.mark.parametrize(
    "text",
    [
        "You can read more",
        "She wanted to continue reading.",
        "The post office is where the parcel first appeared on Monday, and then many others"
        " followed. " + "They came from everywhere. " * 20,
        "The papers were submitted by the union.",
        "The post that she wrote first appeared on her blog.",
        "L'articolo che leggete proviene da un altro giornale.",
        "He asked his readers to share this: a story about ships.",
        "We won 3 games",
        "Comments are closed",
        "Hobbies: reading, and more. I read more than you",
        "The post is free",
        "The post of the guard appeared first on maps of 1820.",
    ],
)
def test_words_of_authors_stay(text: str) -> None:
    assert remove_boilerplate(text, TITLE) == text.strip()


@pytest.mark.parametrize(
    "text", ["Comments", "[link] [comments]", "The Ferry Returns", "The ferry returns The Example"]
)
def test_text_that_says_nothing_is_left_out(text: str) -> None:
    """Such as a link to the comments, or the title and the provider again."""
    assert remove_boilerplate(text, TITLE, "The Example") == ""


def test_what_precedes_an_abstract_is_removed() -> None:
    text = "arXiv:2611.01234v1 Announce Type: replace-cross Abstract: We show nothing."
    assert remove_boilerplate(text) == "We show nothing."
    text = (
        "submitted by anna@l.example to ships@l.example 12 points | 3 comments https://x.example/"
    )
    assert remove_boilerplate(text) == ""
    assert remove_boilerplate(f"{text} A red one.") == "A red one."


def test_cut_texts_end_with_an_ellipsis() -> None:
    assert remove_boilerplate("A long story [&hellip;]".replace("&hellip;", "…")) == "A long story…"
    assert remove_boilerplate("A long story [...]") == "A long story…"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "The ferry is back in the old harbour. Tickets from Monday.",
            "The ferry is back in the old harbour.",
        ),
        ("Short one.", "Short one."),
        (
            "Hi! The ferry is back in the harbour. It sails at nine.",
            "Hi! The ferry is back in the harbour.",
        ),
        (
            "Version 2.0 of the ferry sails at 9.30 today! Come.",
            "Version 2.0 of the ferry sails at 9.30 today!",
        ),
        (
            "The harbour hired Dr. A. Smith of the U.S. in May. He starts now.",
            "The harbour hired Dr. A. Smith of the U.S. in May.",
        ),
        (
            "Ferries of all kinds, e.g. ours, sail again! Others, too.",
            "Ferries of all kinds, e.g. ours, sail again!",
        ),
        ("word " * 40, "word " * 19 + "word…"),
        (
            "渡轮今天早上九点从旧港口出发，前往北方的岛屿群。明天也有。",
            "渡轮今天早上九点从旧港口出发，前往北方的岛屿群。",
        ),
        ("यह नाव आज सुबह पुराने बंदरगाह से चली। कल भी चलेगी।", "यह नाव आज सुबह पुराने बंदरगाह से चली।"),
        ("هل عادت العبّارة إلى الميناء القديم؟ نعم.", "هل عادت العبّارة إلى الميناء القديم؟"),
        ("x" * 300, "x" * 99 + "…"),
    ],
)
def test_untitled_posts_are_named_by_their_text(text: str, title: str) -> None:
    """The title is the first sentence, or up to a hundred characters, cut between words."""
    assert first_sentence(text, 100) == title
    assert read_item(title=None, description=text).title == title
    assert read_articles(json_feed(content_text=text))[0].title == title


PICTURE = '<media:content url="https://m.example/a.png" type="image/png" medium="image"/>'


@pytest.mark.parametrize(
    ("description", "more", "title"),
    [
        ("", PICTURE, "news.example/1"),
        (None, PICTURE, "news.example/1"),
        ("<![CDATA[<img src='https://m.example/a.png'>]]>", "", "news.example/1"),
        (
            "<![CDATA[<img alt='A red &amp; white ferry' src='https://m.example/a.png'>]]>",
            "",
            "A red & white ferry",
        ),
        ("", CAPTION, "A caption."),
        ("", CAPTION.replace("description", "ignored"), "A title of the picture"),
        ("", "<media:group><media:title>A boat</media:title></media:group>" + PICTURE, "A boat"),
        ("", "<itunes:title>An episode</itunes:title>" + PICTURE, "An episode"),
    ],
)
def test_posts_of_a_picture_are_kept(description: str | None, more: str, title: str) -> None:
    """They are named by what their picture shows, or else by their address."""
    article = read_item(more, title=None, description=description)
    assert article.title == title
    assert len(article.images) == 1


def test_text_that_is_the_title_is_shown_once() -> None:
    assert read_item(title=None, description="A short post.").excerpt == ""
    assert read_item(title="A short post", description="A short post").excerpt == ""


SOURCE = '<source url="https://www.reuters.example/feed.xml">Reuters &amp;amp; Co</source>'


@pytest.mark.parametrize("title", ["Ferry is back - Reuters &amp;amp; Co", "Ferry is back"])
def test_sources_of_entries_are_their_providers(title: str) -> None:
    """As in Google News, which adds the name to the title and repeats both as the text."""
    text = "&lt;a href='/1'&gt;Ferry is back&lt;/a&gt;&amp;nbsp;&amp;nbsp;Reuters &amp;amp; Co"
    article = read_item(SOURCE, title=title, description=text)
    assert article.provider is not None
    assert (article.provider.name, article.provider.domain) == ("Reuters & Co", "reuters.example")
    assert (article.title, article.excerpt) == ("Ferry is back", "")


@pytest.mark.parametrize(
    "source",
    [
        '<source url="https://news.example/t/1.rss">Story 1</source>',
        '<source url="https://www.news.example/feed.xml">Our own name</source>',
        '<source url="https://other.example/">Story 1</source>',
        '<source url="https://other.example/"></source>',
        "<source></source>",
    ],
)
def test_other_sources_are_no_providers(source: str) -> None:
    """Forums name the thread, and some feeds name themselves."""
    provider = read_item(source).provider
    assert provider is not None
    assert (provider.name, provider.domain) == ("The Example", "news.example")


def test_lists_of_aggregators_are_no_text() -> None:
    """Google News lists other articles about the event."""
    text = "Ferry is back Reuters & Co Ferry returns Other Post View Full Coverage"
    assert remove_boilerplate(text, "Ferry is back", "Reuters & Co") == ""


def test_provider_has_the_host_of_the_page() -> None:
    """The source may be a feed on the host of a service, the page of a collection is its own."""
    source = '<source url="https://feeds.service.example/jane">Jane</source>'
    for page, domain in (
        ("https://www.jane.example/1", "jane.example"),
        ("https://news.example/articles/1", "feeds.service.example"),
    ):
        provider = read_item(source, link=page).provider
        assert provider is not None
        assert (provider.name, provider.domain) == ("Jane", domain)


def test_source_precedes_the_provider_of_the_settings() -> None:
    """As all values of an entry do."""
    defaults = Defaults(provider=Provider("Google", "news.google.com"))
    (entry,) = read(rss(item(1, SOURCE))).entries
    filled = defaults.fill(front_matter_fields(entry, START))
    assert filled["provider"] == {"name": "Reuters & Co", "domain": "reuters.example"}
    (entry,) = read(rss(item(1))).entries
    filled = defaults.fill(front_matter_fields(entry, START))
    assert filled["provider"] == {"name": "Google", "domain": "news.google.com"}


def test_sources_of_bing_are_providers() -> None:
    body = rss(item(1, "<News:Source>Coast &amp; Co</News:Source>")).replace(
        b"<rss ", b'<rss xmlns:News="https://www.bing.com/news/search?q=x&format=rss" '
    )
    provider = read_article(body).provider
    assert provider is not None
    assert (provider.name, provider.domain) == ("Coast & Co", None)


def test_sources_of_atom_entries_are_their_providers() -> None:
    """As in planets, which collect the blogs of a community."""
    source = (
        '<source><id>urn:s</id><title type="html">Jane &amp;amp; Jo</title>'
        '<link href="https://jane.example/"/><subtitle>Hidden</subtitle></source>'
    )
    article = read_article(atom("<title>T</title>", source))
    assert article.provider is not None
    assert (article.provider.name, article.provider.domain) == ("Jane & Jo", "jane.example")
    assert article.url == "https://news.example/1"
    assert article.excerpt == ""


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://www.youtube.com/watch?v=abc", Kind.VIDEO),
        ("https://youtu.be/abc", Kind.VIDEO),
        ("https://m.youtube.com/live/abc", Kind.VIDEO),
        ("https://www.youtube.com/shorts/abc", Kind.SHORT),
        ("https://m.youtube.com/shorts/abc?feature=share", Kind.SHORT),
        ("https://www.youtube.com/@someone", Kind.ARTICLE),
        ("https://www.youtube.com/post/abc", Kind.ARTICLE),
        ("https://notyoutube.com/watch?v=abc", Kind.ARTICLE),
        ("https://shop.example/shorts/blue", Kind.ARTICLE),
        ("https://[broken/shorts/abc", None),
    ],
)
def test_pages_of_youtube_are_videos(address: str, kind: Kind | None) -> None:
    """Its shorts are a kind of their own."""
    if kind is not None:
        assert read_item(link=address).kind is kind
        assert read_articles(json_feed(title="T", url=address))[0].kind is kind
    else:
        read(rss(item(link=address)))


def test_shorts_are_recognised_by_their_tag() -> None:
    """Some feeds link to all videos in the same way."""
    page = "https://www.youtube.com/watch?v=abc"
    assert read_item(link=page, title="A ferry #Shorts").kind is Kind.SHORT
    assert read_item(link=page, title="A ferry #shortstory").kind is Kind.VIDEO
    assert read_item(title="How to tag #shorts").kind is Kind.ARTICLE


WORDS = st.text(st.sampled_from("ab <>&;/=\"'#x1brp.…"), max_size=200)


@given(st.one_of(st.text(max_size=300), WORDS), st.sampled_from(Markup))
def test_any_text_is_bounded_and_decoded_once(text: str, markup: Markup) -> None:
    """Markup around a text never shows, and neither do references that were escaped twice."""
    for shown in (one_line_text(text, markup), convert_text(text, markup, CONVERTER).text):
        assert shown == " ".join(shown.split())
        assert "&amp;amp;" not in shown or text.count("&amp;amp;amp;")
    wrapped = f"<p>{html.escape(text)} <b>&amp;amp; more</b><br></p>"
    for shown in (
        one_line_text(wrapped, Markup.HTML),
        convert_text(wrapped, Markup.HTML, CONVERTER).text,
    ):
        assert shown.endswith("& more")
    remove_boilerplate(text, text[:20])
    if text.strip():
        assert len(first_sentence(text, 100)) <= 100


@pytest.mark.parametrize(
    "filler",
    ["<b>b", "<a href=", "&amp;", "&", "The post ", "Read more ", "<b>", "<!--", "x", "<img alt='"],
)
def test_huge_texts_are_cut(filler: str) -> None:
    """Whatever they consist of, they are read in a moment."""
    huge = filler * (900_000 // len(filler))
    (only,) = read(
        rss(item(title=f"<![CDATA[{huge}]]>", description=f"<![CDATA[{huge}]]>"))
    ).entries
    assert len(only.title) <= MAX_TITLE
    assert len(only.text) <= MAX_TEXT
    assert len(remove_boilerplate(huge, huge)) <= len(huge)
    assert alternative_text(huge) == ""
