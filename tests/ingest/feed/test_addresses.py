"""What addresses in a feed are relative to, and which of them becomes the link of an entry."""

import html
import json
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest.defaults import Defaults
from bot.ingest.feed.addresses import PLACEHOLDER, make_absolute
from bot.ingest.feed.entry import Entry
from bot.ingest.feed.parser import parse_feed
from bot.ingest.loader import load_source
from bot.urls.browser import join_address
from bot.urls.safety import parse_web_address
from tests.ingest.feed.support import Opener, item
from tests.ingest.feed.support import rss as listing
from tests.ingest.support import stories
from tests.support.database import execute, path_of
from tests.support.web import WebServer

FEED = "https://feeds.example/b/rss.xml"
NAMESPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"'
    ' xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


def read(body: str, address: str = FEED) -> Entry:
    """Return the only entry of a feed at an address."""
    (only,) = parse_feed(body.encode(), address, "application/xml").entries
    assert not only.problem
    return only


def rss(entry: str, channel: str = "<link>https://blog.example/</link>", base: str = "") -> str:
    """Return an RSS feed of one entry, with what its channel has and attributes of its root."""
    return (
        f'<?xml version="1.0"?><rss version="2.0" {NAMESPACES} {base}><channel><title>C</title>'
        f"{channel}<item><title>T</title>{entry}</item></channel></rss>"
    )


def atom(entry: str, feed: str = "", base: str = "", of_entry: str = "") -> str:
    """Return an Atom feed of one entry, with what the feed has and attributes of both."""
    return (
        f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" {base}><title>C</title>'
        f"<id>urn:x:feed</id>{feed}<entry {of_entry}><title>T</title>{entry}</entry></feed>"
    )


def described(markup: str, link: str = "https://blog.example/2026/post/") -> str:
    """Return an RSS entry with a text."""
    return f"<link>{link}</link><description>{html.escape(markup)}</description>"


def json_feed(item: dict[str, Any], **fields: object) -> str:
    return json.dumps({"title": "C", **fields, "items": [{"title": "T", **item}]})


@pytest.mark.parametrize(
    ("written", "link"),
    [
        (
            "<![CDATA[//www.x.example/100/Tax Crackdown]]>",
            "https://www.x.example/100/Tax%20Crackdown",
        ),
        ("\n  https://x.example/a  b\n", "https://x.example/a%20%20b"),
        ("https://x.example/say &quot;hi&quot;", "https://x.example/say%20%22hi%22"),
        (r"https:\\x.example\a", "https://x.example/a"),
        ("https://x.example/\u6d77/stra\u00dfe", "https://x.example/%E6%B5%B7/stra%C3%9Fe"),
        ("https://b\u00fccher.example/a", "https://xn--bcher-kva.example/a"),
        ("HTTPS://X.Example:8080/A#top", "https://x.example:8080/A#top"),
        ("http:/x.example/a", "http://x.example/a"),
        ("www.x.example/a", "https://www.x.example/a"),
        ("http://https://x.example/a", "https://x.example/a"),
        ("https://x.example/go/https://o.example/a", "https://x.example/go/https://o.example/a"),
        ("https://x.example/?a=1&amp;b=2", "https://x.example/?a=1&b=2"),
        ("https://x.example/?a=1&amp;amp;b=2", "https://x.example/?a=1&b=2"),
        ("https://x.example/?a=1&amp;amp;b=2&amp;#038;c=3", "https://x.example/?a=1&b=2&c=3"),
        ("<![CDATA[https://x.example/?a=1&amp;b=2&copy=3]]>", "https://x.example/?a=1&b=2&copy=3"),
        ("<![CDATA[ https://x.example/?id=5&lang=de ]]>", "https://x.example/?id=5&lang=de"),
        ("https://x.example/?id=5&copy=1&lang=de", "https://x.example/?id=5&copy=1&lang=de"),
        ("https://x.example/?a=1&reg=2&amp;b=3&not=4", "https://x.example/?a=1&reg=2&b=3&not=4"),
        ("https://x.example/?a&b&euro=1&#38;c=2", "https://x.example/?a&b&euro=1&c=2"),
        (
            "https://news.google.com/rss/articles/CBMi?oc=5",
            "https://news.google.com/rss/articles/CBMi?oc=5",
        ),
    ],
)
def test_links_are_repaired(written: str, link: str) -> None:
    """As a browser repairs them; ampersands that were escaped twice, too."""
    assert read(rss(f"<link>{written}</link>")).link == link
    if "CDATA" not in written:
        assert read(atom(f'<link href="{written}"/>')).link == link


def test_attached_pictures_are_repaired() -> None:
    """Names of files contain spaces and quotes."""
    enclosure = '<enclosure url="https://l.example/My Photo&apos;1.jpg" type="image/jpeg"/>'
    assert read(rss(enclosure)).pictures == ("https://l.example/My%20Photo'1.jpg",)
    media = r'<media:content url="//l.example\a b.jpg" medium="image"/>'
    assert read(rss(media)).pictures == ("https://l.example/a%20b.jpg",)
    item = {"url": "/1", "image": "//l.example/\u00e9 1.jpg"}
    assert read(json_feed(item)).pictures == ("https://l.example/%C3%A9%201.jpg",)


@pytest.mark.parametrize(
    ("channel", "written", "link"),
    [
        ("<link>https://rl.example/</link>", "/2026/11/comet", "https://rl.example/2026/11/comet"),
        ("<link>https://rl.example/blog/</link>", "comet", "https://rl.example/blog/comet"),
        ("<link>https://rl.example/blog/</link>", "?p=5", "https://rl.example/blog/?p=5"),
        ("<link>https://rl.example/a/b/</link>", "../comet", "https://rl.example/a/comet"),
        ("<link>\n https://rl.example/ \n</link>", "#comet", "https://rl.example/#comet"),
        ("<link>www.rl.example</link>", "comet", "https://www.rl.example/comet"),
        ("<link>http://rl.example/</link>", "//cdn.example/x", "http://cdn.example/x"),
        # Relative itself: to the address of the feed.
        ("<link>/blog/</link>", "comet", "https://feeds.example/blog/comet"),
        ("<link>../</link>", "comet", "https://feeds.example/comet"),
        # Missing or broken.
        ("", "comet", "https://feeds.example/b/comet"),
        ("<link></link>", "/comet", "https://feeds.example/comet"),
        ("<link>javascript:void(0)</link>", "comet", "https://feeds.example/b/comet"),
        ("<link>https://[rl.example/</link>", "comet", "https://feeds.example/b/comet"),
        ("<link>https://a:b@rl.example/</link>", "/comet", "https://feeds.example/comet"),
        # Other links of the channel.
        (
            '<atom:link rel="self" href="https://x.example/feed"/><link>https://rl.example/</link>',
            "/comet",
            "https://rl.example/comet",
        ),
        (
            '<link>https://rl.example/</link><atom:link rel="hub" href="https://hub.example/"/>',
            "/comet",
            "https://rl.example/comet",
        ),
        ('<atom:link rel="self" href="https://x.example/feed"/>', "a", "https://x.example/a"),
        (
            "<link>https://rl.example/</link><image><url>/i.png</url><link>https://o.example/"
            "</link></image>",
            "/comet",
            "https://rl.example/comet",
        ),
    ],
)
def test_links_are_relative_to_the_website(channel: str, written: str, link: str) -> None:
    """Many feeds are served from another host; only a feed that names no site is its own base."""
    assert read(rss(f"<link>{written}</link>", channel)).link == link


@pytest.mark.parametrize(
    ("root", "of_entry", "link"),
    [
        ("https://tb.example/ongoing/", "", "https://tb.example/ongoing/T"),
        ("https://tb.example/ongoing/", "When/2026/", "https://tb.example/ongoing/When/2026/T"),
        ("https://tb.example/ongoing/", "/When/", "https://tb.example/When/T"),
        ("https://tb.example/", "https://o.example/a/", "https://o.example/a/T"),
        ("", "https://o.example/a/", "https://o.example/a/T"),
        ("/root/", "", "https://site.example/root/T"),
        ("root/", "entry/", "https://site.example/root/entry/T"),
        ("javascript:x", "", "https://site.example/T"),
        ("", "https://[broken/", "https://site.example/T"),
    ],
)
def test_xml_base_comes_first(root: str, of_entry: str, link: str) -> None:
    """A relative one is relative to the one around it, or to the website."""
    site = '<link href="https://site.example/"/>'
    bases = [f'xml:base="{each}"' if each else "" for each in (root, of_entry)]
    assert read(atom('<link href="T"/>', site, *bases)).link == link


def test_xml_base_ends_with_its_element() -> None:
    entries = (
        '<link href="1"/></entry><entry xml:base="https://o.example/"><title>2</title>'
        '<link href="2"/></entry><entry><title>3</title><link href="3"/>'
    )
    body = atom(entries, '<link href="https://site.example/"/>')
    found = parse_feed(body.encode(), FEED, "application/xml").entries
    assert [entry.link for entry in found] == [
        "https://site.example/1",
        "https://o.example/2",
        "https://site.example/3",
    ]


@pytest.mark.parametrize("broken", [False, True])
def test_xml_base_of_rss_counts(broken: bool) -> None:
    """Also in a feed that is not valid XML."""
    more = "<b>" if broken else ""
    body = rss(f"<link>2026/a</link>{more}", base='xml:base="https://o.example/x/"')
    assert read(body).link == "https://o.example/x/2026/a"


@pytest.mark.parametrize(
    ("body", "picture"),
    [
        # The page of the entry, which may be relative itself.
        (rss(described('<img src="wheels.png">')), "https://blog.example/2026/post/wheels.png"),
        (rss(described('<img src="/wheels.png">')), "https://blog.example/wheels.png"),
        (rss(described('<img src="a b.png">', "/x/y")), "https://blog.example/x/a%20b.png"),
        (rss(described('<img src="//i.example/a.png">')), "https://i.example/a.png"),
        (
            rss(
                "<link>https://blog.example/p/</link><description>Text</description>"
                '<content:encoded><![CDATA[<img src="../a.png">]]></content:encoded>'
            ),
            "https://blog.example/a.png",
        ),
        # Without a page, the website.
        (rss(described('<img src="a.png">', "")), "https://blog.example/a.png"),
        (rss(described('<img src="a.png">', "javascript:x")), "https://blog.example/a.png"),
        (
            rss(
                '<description>&lt;img src="a.png"></description>'
                '<enclosure url="https://cdn.example/1.mp3" type="audio/mpeg"/>'
            ),
            "https://blog.example/a.png",
        ),
        # The page before it was replaced by one that counts clicks.
        (
            rss(
                described('<img src="a.png">', "https://feedproxy.google.com/~r/b/~3/x/")
                + "<feedburner:origLink>https://blog.example/2026/a/</feedburner:origLink>"
            ),
            "https://blog.example/2026/a/a.png",
        ),
        # xml:base of the content, the entry or the feed.
        (
            atom(
                '<link href="T"/><content type="html" xml:base="https://img.example/pics/">'
                '&lt;img src="p.png"&gt;Hi</content>',
                base='xml:base="https://tb.example/ongoing/"',
                of_entry='xml:base="When/2026/11/"',
            ),
            "https://img.example/pics/p.png",
        ),
        (
            atom(
                '<link href="T"/><summary type="html" xml:base="img/">&lt;img src="p.png"&gt;'
                "</summary>",
                base='xml:base="https://tb.example/ongoing/"',
            ),
            "https://tb.example/ongoing/img/p.png",
        ),
        (
            atom(
                '<link href="https://o.example/T"/><content type="xhtml"><div'
                ' xmlns="http://www.w3.org/1999/xhtml"><img src="p.png"/></div></content>',
                base='xml:base="https://tb.example/ongoing/"',
            ),
            "https://tb.example/ongoing/p.png",
        ),
        (
            atom(
                '<link href="https://o.example/a/"/><content type="xhtml">\n'
                '<div xmlns="http://www.w3.org/1999/xhtml" xml:base="/img/"><p><img src="p.png"/>'
                '</p><p xml:base="/other/">Hi</p></div></content>',
                base='xml:base="https://tb.example/ongoing/"',
            ),
            "https://tb.example/img/p.png",
        ),
        # Pictures outside of the text.
        (rss('<media:thumbnail url="/t.jpg"/>'), "https://blog.example/t.jpg"),
        (
            rss('<link>/1/</link><enclosure url="e.jpg" type="image/jpeg"/>'),
            "https://blog.example/e.jpg",
        ),
        (
            atom(
                '<link href="1"/><link rel="enclosure" type="image/png" href="e.png"/>',
                '<link href="https://site.example/"/>',
                of_entry='xml:base="https://o.example/x/"',
            ),
            "https://o.example/x/e.png",
        ),
        (
            atom(
                '<link href="1"/><media:content xmlns:media="http://search.yahoo.com/mrss/"'
                ' medium="image" url="m.png"/>',
                of_entry='xml:base="https://o.example/x/"',
            ),
            "https://o.example/x/m.png",
        ),
        # JSON Feed.
        (
            json_feed({"url": "/2026/a/", "content_html": '<img src="a.png">'}),
            "https://feeds.example/2026/a/a.png",
        ),
        (
            json_feed({"url": "a/", "image": "a.png"}, home_page_url="https://site.example/x/"),
            "https://site.example/x/a.png",
        ),
    ],
)
def test_pictures_are_resolved(body: str, picture: str) -> None:
    """Those in a text are relative to the page of the entry, others to the website."""
    assert read(body).pictures == (picture,)


@pytest.mark.parametrize(
    ("elements", "link"),
    [
        # An id is a link if it is an address.
        ("<guid>https://x.example/1</guid>", "https://x.example/1"),
        ('<guid isPermaLink="false">https://x.example/1</guid>', "https://x.example/1"),
        ("<guid>\n//x.example/1\n</guid>", "https://x.example/1"),
        ("<guid>12345</guid>", ""),
        ("<guid>post-1</guid>", ""),
        ("<guid>/2026/1</guid>", ""),
        ("<guid>tag:x.example,2026:1</guid>", ""),
        ('<guid isPermaLink="false">5 at https://x.example</guid>', ""),
        ("<guid>https://x.example/1</guid><link>https://x.example/a</link>", "https://x.example/a"),
        ("<link></link><guid>https://x.example/1</guid>", "https://x.example/1"),
        ("<link>N/A</link><guid>https://x.example/1</guid>", "https://x.example/1"),
        ("<link>#</link><guid>https://x.example/1</guid>", "https://x.example/1"),
        ("<link>http://</link><guid>https://x.example/1</guid>", "https://x.example/1"),
        ("<link>javascript:x</link><guid>https://x.example/1</guid>", "https://x.example/1"),
        (
            "<link>https://a:b@x.example/</link><guid>https://x.example/1</guid>",
            "https://x.example/1",
        ),
        # Without a page, a file.
        (
            '<enclosure url="https://x.example/1.pdf" type="application/pdf"/>',
            "https://x.example/1.pdf",
        ),
        (
            '<guid>5</guid><enclosure url="/a.jpg" type="image/jpeg"/>'
            '<enclosure url="/1.mp3" type="audio/mpeg"/>',
            "https://blog.example/1.mp3",
        ),
        ('<media:content url="/1.mp4" type="video/mp4"/>', "https://blog.example/1.mp4"),
        (
            '<media:player url="https://v.example/watch"/><media:content url="/1.mp4"/>',
            "https://v.example/watch",
        ),
        ('<link>/a</link><enclosure url="/1.mp3" type="audio/mpeg"/>', "https://blog.example/a"),
        ("", ""),
        # Other links.
        ('<atom:link rel="self" href="https://x.example/rss"/>', ""),
        ('<atom:link rel="self" href="/rss"/><link>/a</link>', "https://blog.example/a"),
        ('<link>/a</link><atom:link href="/b" rel="related"/>', "https://blog.example/a"),
        ("<comments>https://x.example/1#comments</comments>", ""),
        ('<source url="https://o.example/rss">O</source>', ""),
        (
            "<link>https://feedproxy.google.com/~r/x</link>"
            "<feedburner:origLink>https://x.example/a</feedburner:origLink>",
            "https://x.example/a",
        ),
        ("<link>https://feedproxy.google.com/~r/x</link>", "https://feedproxy.google.com/~r/x"),
    ],
)
def test_link_of_an_entry_is_its_page(elements: str, link: str) -> None:
    """An address that leads nowhere is never one."""
    assert read(rss(elements)).link == link


@pytest.mark.parametrize(
    ("links", "chosen"),
    [
        (['href="/1"'], "1"),
        (['rel="self" href="/0"', 'href="/1"'], "1"),
        (['rel="self" href="/0"'], ""),
        (['rel="edit" href="/0"', 'rel="replies" href="/0"', 'rel="related" href="/1"'], "1"),
        (['rel="via" href="/1"', 'rel="license" href="/0"'], "1"),
        (['rel="related" href="/0"', 'rel="alternate" href="/1"'], "1"),
        (['rel="ALTERNATE" href="/1"'], "1"),
        (['rel="http://www.iana.org/assignments/relation/alternate" href="/1"'], "1"),
        (['rel="canonical" href="/1"', 'rel="via" href="/0"'], "1"),
        # By type.
        (['type="application/json" href="/0"', 'type="text/html" href="/1"'], "1"),
        (['type="text/plain" href="/0"', 'type="TEXT/HTML; charset=utf-8" href="/1"'], "1"),
        (['type="application/atom+xml" href="/0"'], ""),
        (['type="application/pdf" href="/1"'], "1"),
        (['type="application/xhtml+xml" href="/1"', 'type="image/png" href="/0"'], "1"),
        # By language; the feed is German.
        (['hreflang="en" href="/0"', 'hreflang="de" href="/1"'], "1"),
        (['hreflang="en" href="/0"', 'hreflang="de-AT" href="/1"', 'href="/0"'], "1"),
        (['hreflang="en" href="/0"', 'href="/1"'], "1"),
        (['hreflang="fr" href="/1"', 'hreflang="en" href="/0"'], "1"),
        # The first of the same.
        (['href="/1"', 'href="/0"'], "1"),
        (['href="javascript:x"', 'href="/1"'], "1"),
        (['href=""', 'href="/1"'], "1"),
    ],
)
def test_best_link_of_an_atom_entry(links: list[str], chosen: str) -> None:
    """The page of the entry in HTML, in the language of the feed."""
    body = atom("".join(f"<link {each}/>" for each in links), base='xml:lang="de-DE"')
    assert read(body).link == (f"https://feeds.example/{chosen}" if chosen else "")


@pytest.mark.parametrize(
    ("item", "link"),
    [
        (
            {"url": "https://x.example/a b", "external_url": "https://o.example/"},
            "https://x.example/a%20b",
        ),
        ({"url": "//x.example/a"}, "https://x.example/a"),
        ({"url": " ", "external_url": "https://o.example/1"}, "https://o.example/1"),
        ({"url": "javascript:x", "external_url": "https://o.example/1"}, "https://o.example/1"),
        ({"id": "https://x.example/1"}, "https://x.example/1"),
        ({"id": 5}, ""),
        (
            {"id": "urn:1", "attachments": [{"url": "/1.mp3", "mime_type": "audio/mpeg"}]},
            "https://site.example/1.mp3",
        ),
        (
            {"attachments": [{"url": "/a.jpg", "mime_type": "image/jpeg"}, {"url": "/a.pdf"}]},
            "https://site.example/a.pdf",
        ),
        ({"url": "a"}, "https://site.example/a"),
    ],
)
def test_link_of_a_json_feed_entry(item: dict[str, Any], link: str) -> None:
    """Its page, the page that it is about, its id, or a file; relative to the home page."""
    assert read(json_feed(item, home_page_url="https://site.example/")).link == link


@pytest.mark.parametrize(
    ("fields", "base"),
    [
        ({}, "https://feeds.example/b/"),
        ({"home_page_url": "/blog/"}, "https://feeds.example/blog/"),
        (
            {"home_page_url": "mailto:x", "feed_url": "https://o.example/f/x.json"},
            "https://o.example/f/",
        ),
        ({"home_page_url": 5}, "https://feeds.example/b/"),
    ],
)
def test_base_of_a_json_feed(fields: dict[str, object], base: str) -> None:
    """Its home page, its own address as it says, or where it is served."""
    assert read(json_feed({"url": "a"}, **fields)).link == f"{base}a"


def test_only_invalid_links_are_kept_as_written() -> None:
    """The rejection then says that the link is invalid instead of missing."""
    assert read(rss("<link>javascript:void(0)</link>")).link == "javascript:void(0)"
    assert read(rss("<link>https://a:b@x.example/</link>")).link == "https://a:b@x.example/"
    assert read(json_feed({"url": "mailto:x"})).link == "mailto:x"


def test_ids_stay_as_they_were() -> None:
    """They identify stored documents, so their base is the address of the feed for ever."""
    for written, stored in (
        ("12345", "https://feeds.example/b/12345"),
        ("/2026/1", "https://feeds.example/2026/1"),
        ("../1 2", "https://feeds.example/1 2"),
        ("?p=1", "https://feeds.example/b/rss.xml?p=1"),
        ("//x.example/1", "https://x.example/1"),
        ("tag:x.example,2026:1", "tag:x.example,2026:1"),
        ("https://x.example/a b", "https://x.example/a b"),
    ):
        assert read(rss(f"<link>/a</link><guid>{written}</guid>")).id == stored
    assert read(rss('<link>/a</link><guid isPermaLink="false">5</guid>')).id == "5"


def test_page_that_links_to_its_feed_relatively() -> None:
    page = '<html><head><link rel="alternate" type="application/rss+xml" href="/f"></head></html>'
    with pytest.raises(Exception, match=r"its feed seems to be https://feeds\.example/f"):
        parse_feed(page.encode(), FEED, "text/html")


@given(
    st.lists(
        st.sampled_from(["a", "b.png", "..", ".", "/", "?", "#", ":", "x y", "//h.example", "é"]),
        min_size=1,
        max_size=6,
    ).map("".join)
)
def test_resolved_addresses_are_resolved_again(written: str) -> None:
    """Whatever feedparser resolved leads to the page that a browser opens."""
    page = "https://blog.example/a/b/"
    resolved = urljoin(PLACEHOLDER, written)
    found = {"href": resolved}
    make_absolute(found, page)
    if resolved != PLACEHOLDER and (expected := join_address(page, urljoin(page, written))):
        assert found["href"] == expected


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_pictures_and_files_are_always_safe(link: str, picture: str, base: str) -> None:
    """Nothing in a feed becomes an address that can't be shown."""
    quoted = [html.escape(json.dumps(each)[1:-1]) for each in (link, picture, base)]
    body = rss(
        f'<link>{quoted[0]}</link><media:content medium="image" url="{quoted[1]}"/>'
        f'<enclosure type="audio/mpeg" url="{quoted[1]}"/>',
        base=f'xml:base="{quoted[2]}"',
    )
    only = read(body)
    for address in (*only.pictures, *filter(None, [only.enclosure])):
        assert parse_web_address(address) == address


async def test_upgrade_announces_no_story_twice(server: WebServer, opener: Opener) -> None:
    """Addresses that an earlier version stored with a parameter that is omitted now are found."""
    links = [f"https://news.example/{n}?id={n}&xtor=RSS-1" for n in (1, 2)]
    listed = listing(item(1, link=html.escape(links[0])), item(2, link=html.escape(links[1])))
    address = server.at("/feed", listed)
    await load_source(opener.feed(address), opener.store, opener.clock)
    # As the earlier version stored it.
    database = path_of(opener.store)
    execute(database, "DELETE FROM addresses WHERE address NOT LIKE '%xtor%'")
    remove = (
        "UPDATE documents SET content ="
        " pack(replace(unpack(content), '\"https://news.example/{0}?id={0}\",', ''))"
    )
    for number in (1, 2):
        execute(database, remove.format(number))
    before = [story.id for story in await stories(opener.store)]
    assert len(before) == 2
    # The same feed, read again because of the upgrade; others with the same stories.
    server.at("/feed", listing(item(1, link=html.escape(links[0]))))
    await load_source(opener.feed(address, Defaults(quality=75)), opener.store, opener.clock)
    for path, link in (("/b", links[1]), ("/c", links[0]), ("/d", links[0].partition("&")[0])):
        other = opener.feed(server.at(path, listing(item(9, link=html.escape(link)))))
        await load_source(other, opener.store, opener.clock)
    assert [story.id for story in await stories(opener.store)] == before


async def test_session_in_a_link_changes_no_story(server: WebServer, opener: Opener) -> None:
    """Some sites put another one into every link at every reading."""
    feed = opener.feed(
        server.at("/feed", listing(item(1, link="https://a.example/x;jsessionid=A?id=1")))
    )
    await load_source(feed, opener.store, opener.clock)
    for session in ("B", "C"):
        link = f"https://a.example/x;jsessionid={session}?id=1"
        server.at("/feed", listing(item(1, link=link)))
        assert (await load_source(feed, opener.store, opener.clock)).changed == 0
    (only,) = await stories(opener.store)
    assert only.article.url == "https://a.example/x?id=1"
