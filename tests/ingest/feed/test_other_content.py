"""Responses that are no feeds: web pages with feeds, pages to log in, challenges."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.ingest.feed.json_parser import parse_json
from bot.ingest.feed.other_content import MAX_LISTED, describe_other_content
from bot.ingest.feed.parser import parse_feed
from tests.ingest.feed.support import Opener
from tests.support.web import WebServer

URL = "https://news.example/blog/"


def describe(page: str) -> str:
    """Return the error for a web page, which is one line of visible text."""
    with pytest.raises(SourceError) as caught:
        parse_feed(page.encode(), URL, "text/html")
    assert str(caught.value).isprintable()
    return str(caught.value)


def page(head: str = "", body: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>News</title>{head}</head><body>{body}</body></html>"


RSS = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'


@pytest.mark.parametrize(
    ("link", "address"),
    [
        (RSS.format("", "/feed"), "https://news.example/feed"),
        (RSS.format("", "feed.xml?a=1&amp;b=2"), "https://news.example/blog/feed.xml?a=1&b=2"),
        (RSS.format("", "//cdn.example/feed"), "https://cdn.example/feed"),
        (
            "<link href=/a.xml type=application/atom+xml rel=alternate>",
            "https://news.example/a.xml",
        ),
        (
            "<LINK REL='Alternate Home' TYPE='APPLICATION/RSS+XML; charset=utf-8' HREF='/a b'/>",
            "https://news.example/a%20b",
        ),
        (
            '<link rel="alternate" type="application/feed+json" href="/feed.json">',
            "https://news.example/feed.json",
        ),
        (
            '<link rel="alternate" type="application/json" href="/feed.json">',
            "https://news.example/feed.json",
        ),
        ('<link rel="alternate" type="text/xml" href="/rss">', "https://news.example/rss"),
        ('<link rel="feed" href="/rss">', "https://news.example/rss"),
        (
            f'<base href="https://cdn.example/x/">{RSS.format("", "rss")}',
            "https://cdn.example/x/rss",
        ),
    ],
)
def test_feed_of_a_page_is_named(link: str, address: str) -> None:
    """Its address is absolute."""
    expected = f"it is a web page, not a feed; its feed seems to be {address}"
    assert describe(page(head=link)) == expected
    assert describe(page(body=link)) == expected


def test_all_feeds_of_a_page_are_listed_with_their_titles() -> None:
    """Up to five; each once, in the order of the page."""
    links = RSS.format("Posts", "/feed") + RSS.format("All &amp; more", "/all")
    links += RSS.format("Again", "/feed")
    assert describe(page(links)).endswith(
        "its feeds seem to be https://news.example/feed (Posts),"
        " https://news.example/all (All & more)"
    )
    many = "".join(RSS.format(f"T{number}", f"/{number}") for number in range(9))
    message = describe(page(many))
    assert message.count("https://") == MAX_LISTED
    assert message.endswith("https://news.example/4 (T4) and 4 more")


@pytest.mark.parametrize(
    "link",
    [
        RSS.format("", "javascript:alert(1)"),
        RSS.format("", "file:///etc/passwd"),
        RSS.format("", "https://user:secret@news.example/feed"),
        RSS.format("", ""),
        RSS.format("", "http://["),
        RSS.format("", URL),
        '<link rel="alternate" hreflang="de" href="/de">',
        '<link rel="stylesheet" type="text/xml" href="/feed">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">',
        '<link rel="alternate" type="text/xml" href="/oembed?format=xml">',
        '<a href="/sitemap.xml">Sitemap</a>',
        '<a href="mailto:a@news.example?x=/feed">Mail</a>',
        '<a href="/feeding-cats">Cats</a>',
        '<a href="http://[/feed">Broken</a>',
        "<![foo[<p>",
        "",
    ],
)
def test_other_links_are_no_feeds(link: str) -> None:
    assert "not a feed, and links to none; use the address" in describe(page(body=link))


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("news.rss", "https://news.example/blog/news.rss"),
        ("/index.xml", "https://news.example/index.xml"),
        ("/feed", "https://news.example/feed"),
        ("/de/feed/", "https://news.example/de/feed/"),
        ("/posts.atom?lang=de", "https://news.example/posts.atom?lang=de"),
        ("?feed=rss2", "https://news.example/blog/?feed=rss2"),
        ("https://feeds.example/rss.php", "https://feeds.example/rss.php"),
    ],
)
def test_links_that_look_like_feeds_are_named(href: str, address: str) -> None:
    """They count if the page declares no feed; their text is the title."""
    link = f'<a href="{href}"><img src="/rss.png"> Subscribe\n<b>now</b></a> <a href="/x">More</a>'
    assert describe(page(body=link)).endswith(f"its feed seems to be {address} (Subscribe)")
    declared = describe(page(RSS.format("", "/real"), link))
    assert declared.endswith("its feed seems to be https://news.example/real")


def test_titles_are_short_and_visible() -> None:
    """They may contain anything."""
    for title in ("x" * 500, "a\u202eb\n\x1b[31mc&#10;d", "&lt;b&gt;"):
        message = describe(page(RSS.format(title, "/feed")))
        assert len(message) < 200
        assert "\u202e" not in message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (page(body='<form><input type="Password" name=p></form>'), "it is a page to log in"),
        (page(body="<input type=password>" * 2), "only addresses without a login"),
        ("<html><head><title>Just a moment...</title></head></html>", "Cloudflare lets only"),
        (page("<script>window._cf_chl_opt={}</script>"), "ask the site's owner to exempt"),
        (page(body="<h1>Checking your browser before accessing"), "its server lets only browsers"),
        ("<opml version='2.0'><head><title>x</title></head></opml>", "a list of feeds (OPML)"),
        ("<?xml version='1.0'?><!-- x --><urlset><url/></urlset>", "a sitemap, not a feed"),
        ("hello", "it is not a feed; use the address"),
        ("<p>Maintenance", "links to none"),
    ],
)
def test_other_content_is_described(content: str, expected: str) -> None:
    assert expected in describe(content)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (page(), "it is a web page, not JSON; check the address"),
        (f"\n{page(body='<input type=password>')}", "it is a page to log in, not JSON; only"),
        ("<title>Just a moment...</title>", "it is a page for visitors, not JSON: Cloudflare lets"),
        ("<rss/>", "it is XML, not JSON; check the address"),
        ("Maintenance", "it is not valid JSON: line 1"),
    ],
)
def test_markup_instead_of_json_is_described(content: str, expected: str) -> None:
    """An API may answer with a page, too."""
    with pytest.raises(SourceError, match=expected) as caught:
        parse_json(content.encode())
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("body", [b"", b"\r\n ", b"\xef\xbb\xbf", b"\0\0"])
async def test_empty_response_is_reported(server: WebServer, opener: Opener, body: bytes) -> None:
    feed = opener.feed(server.at("/feed", body))
    with pytest.raises(SourceError, match="/feed returned an empty response; check the address"):
        await feed.probe()


async def test_check_names_the_feeds_of_a_page(server: WebServer, opener: Opener) -> None:
    """`storywire check` shows this error."""
    links = RSS.format("Posts", "/feed") + RSS.format("Comments", "/comments")
    feed = opener.feed(server.at("/", page(links), Content_Type="text/html"))
    with pytest.raises(SourceError) as caught:
        await feed.probe()
    address = server.url("")
    assert str(caught.value) == (
        f"{address}/: it is a web page, not a feed; its feeds seem to be"
        f" {address}/feed (Posts), {address}/comments (Comments)"
    )


pieces = st.sampled_from(
    [
        "<link ",
        "<a ",
        "href=",
        "'/feed'",
        '"http://["',
        " rel=feed",
        ">",
        "</a>",
        "<!--",
        "<![",
        "<base ",
    ]
)


@given(st.lists(pieces | st.text(max_size=5)))
def test_any_page_is_described(parts: list[str]) -> None:
    body = "".join(parts).encode("utf-8", "replace")
    assert describe_other_content(body, URL).isprintable()
    with suppress(SourceError):
        parse_feed(body, URL, "text/html")
