"""The picture of an entry is its largest photo, wherever the feed names it."""

import html
import json

import pytest

from bot.ingest.feed.json_feed import parse_json_feed
from bot.ingest.feed.parser import parse_xml_feed
from bot.ingest.html.html_to_text import HtmlConverter
from bot.ingest.html.pictures import choose_pictures
from tests.ingest.feed.support import item, rss

PAGE = "https://news.example/2026/story/"
CONVERTER = HtmlConverter()
PHOTO = "https://i.example/photo.jpg"


def in_text(markup: str) -> str:
    """Return the first picture of a piece of HTML, or an empty string."""
    found = choose_pictures(CONVERTER.convert(markup, PAGE).pictures, 5)
    return found[0] if found else ""


def in_entry(*elements: str, text: str = "About it.") -> str:
    """Return the first picture of an entry of RSS with these elements."""
    body = rss(item(1, *elements, link=PAGE, description=html.escape(text)))
    (entry,) = parse_xml_feed(body, "https://feeds.example/f", "text/xml", CONVERTER).entries
    assert not entry.problem
    return entry.pictures[0] if entry.pictures else ""


def media(name: str, **attributes: str) -> str:
    written = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}/>"


@pytest.mark.parametrize(
    ("elements", "picture"),
    [
        (
            [
                media("media:content", url=f"{PHOTO}?width={width}", width=str(width))
                for width in (140, 460, 700)
            ],
            f"{PHOTO}?width=700",
        ),
        (
            [
                media("media:content", url="https://i.example/l.jpg", width="1200", height="800"),
                media("media:content", url="https://i.example/s.jpg", width="400", height="267"),
            ],
            "https://i.example/l.jpg",
        ),
        (
            [
                "<media:group>",
                media("media:thumbnail", url="https://i.example/t.jpg", width="150"),
                media("media:content", url="https://i.example/c.jpg", medium="image"),
                "</media:group>",
            ],
            "https://i.example/c.jpg",
        ),
        (
            [
                media("media:thumbnail", url="https://i.example/72.jpg", width="72", height="72"),
                media("media:thumbnail", url="https://i.example/240.jpg", width="240"),
            ],
            "https://i.example/240.jpg",
        ),
        (
            [
                media("enclosure", url="https://i.example/1.jpg", type="image/jpeg", length="900"),
                media("enclosure", url="https://i.example/2.jpg", type="image/jpeg", length="9000"),
            ],
            "https://i.example/2.jpg",
        ),
        (
            [
                media("media:content", url="https://i.example/a.jpg", medium="image"),
                media("media:content", url=PHOTO, medium="image", isDefault="true"),
            ],
            PHOTO,
        ),
        ([media("media:content", url="https://i.example/a-300x200.jpg", medium="image")], None),
        ([media("enclosure", url=PHOTO)], PHOTO),
        ([media("enclosure", url=PHOTO, type="application/octet-stream")], PHOTO),
    ],
)
def test_largest_picture_is_chosen(elements: list[str], picture: str | None) -> None:
    """A picture of unknown size comes after large ones and before thumbnails."""
    assert in_entry(*elements) == (picture or "https://i.example/a-300x200.jpg")


@pytest.mark.parametrize(
    "element",
    [
        "<image>{}</image>",
        "<image>\n  <![CDATA[{}]]>\n</image>",
        '<image url="{}"/>',
        '<image href="{}" width="300"/>',
        "<image><title>A photo</title><url>{}</url><link>https://other.example/</link></image>",
        '<itunes:image href="{}"/>',
        "<itunes:image>{}</itunes:image>",
        '<webfeeds:cover image="{}"/>',
        "<featuredImage>{}</featuredImage>",
        "<thumbnail>{}</thumbnail>",
        "<media:thumbnail>{}</media:thumbnail>",
        '<link rel="enclosure" type="image/jpeg" href="{}"/>',
        '<enclosure url="{}" type="image/jpeg"/><enclosure url="/1.mp3" type="audio/mpeg"/>',
        '<media:content url="/1.mp4" type="video/mp4"><media:thumbnail url="{}"/></media:content>',
    ],
)
@pytest.mark.parametrize("of_channel", ["", "<image><url>https://i.example/logo.png</url></image>"])
def test_every_element_for_pictures_is_known(element: str, of_channel: str) -> None:
    """The picture of the channel is not that of an entry."""
    body = rss(of_channel, item(1, element.replace("{}", PHOTO)), item(2)).replace(
        b"<rss ",
        b'<rss xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
        b' xmlns:webfeeds="http://webfeeds.org/rss/1.0" ',
    )
    first, second = parse_xml_feed(body, "https://feeds.example/f", "text/xml", CONVERTER).entries
    assert (first.title, first.link) == ("Story 1", "https://news.example/1")
    assert (first.pictures, second.pictures) == ((PHOTO,), ())


@pytest.mark.parametrize(
    ("thumbnail", "in_the_text", "picture"),
    [
        ({"width": "75", "height": "75"}, f'<img src="{PHOTO}">', PHOTO),
        ({"width": "240"}, f'<img src="{PHOTO}" width="640" height="427">', PHOTO),
        ({}, f'<img src="{PHOTO}">', "https://i.example/t.jpg"),
        ({"width": "1200"}, f'<img src="{PHOTO}" width="640">', "https://i.example/t.jpg"),
    ],
)
def test_pictures_of_the_text_compete(
    thumbnail: dict[str, str], in_the_text: str, picture: str
) -> None:
    """The publisher's own element is preferred if both may have the same size."""
    element = media("media:thumbnail", url="https://i.example/t.jpg", **thumbnail)
    assert in_entry(element, text=in_the_text) == picture


@pytest.mark.parametrize(
    "address",
    [
        "https://0.gravatar.com/avatar/abc?s=96&d=identicon&r=G",
        "https://secure.gravatar.com/avatar/abc?s=600",
        "https://avatars.githubusercontent.com/u/1?s=600",
        "https://forum.example/user_avatar/forum.example/jane/120/5_2.png",
        "https://forum.example/letter_avatar_proxy/v4/letter/j/ba9/144.png",
        "https://social.example/system/accounts/avatars/000/001/original/me.jpg",
        "https://blog.example/wp-content/uploads/avatar-150x150.png",
        "https://blog.example/images/author.jpg",
        "https://pbs.twimg.com/profile_images/1/x_400x400.jpg",
        "https://lh3.googleusercontent.com/a/AbC=s96-c",
        "https://ui-avatars.com/api/?name=J",
        "https://s.w.org/images/core/emoji/15/72x72/1f600.png",
        "https://img.shields.io/badge/build-passing-green",
        "https://badge.fury.io/py/x.png",
        "https://feeds.feedburner.com/~ff/Example?d=yIl2AUoC8zA",
        "https://feeds.news.example/~r/Example/~4/abc",
        "https://da.feedsportal.com/r/1/u/49/f/6/c/3/s/3/a2.img",
        "https://feeds.wordpress.com/1.0/comments/example.wordpress.com/1/",
        "https://ad.doubleclick.net/ddm/ad/N1",
        "https://stats.wordpress.com/b.gif?v=1",
        "https://s2.wp.com/i/buttonw-com.png",
        "https://pixel.wp.com/b.gif?v=1",
        "https://blogger.googleusercontent.com/tracker/123-456?l=x",
        "https://ssl-vg03.met.vgwort.de/na/0123456789abcdef",
        "https://mail.example/open?id=5",
        "https://news.example/pixel.gif",
        "https://counter.news.example/content/1/count.gif?distributor=x",
        "https://www.facebook.com/tr?id=1&ev=PageView&noscript=1",
        "https://i.example/1x1.trans.gif",
        "https://i.example/images/blank.gif",
        "https://i.example/spacer.gif",
        "https://i.example/img/placeholder-600x400.png",
        "https://i.example/assets/ajax-loader.gif",
        "https://via.placeholder.com/600x400",
        "https://i.example/favicon.png",
        "https://i.example/share-button.png",
        "https://i.example/logo.svg",
        "https://i.example/render?format=svg",
        "https://i.example/favicon.ico",
        "https://i.example/clip.mp4",
        "data:image/png;base64,AAAA",
        "about:blank",
        "javascript:void(0)",
        "#",
        "null",
        "",
    ],
)
def test_picture_that_is_no_photo_is_ignored(address: str) -> None:
    """Wherever it is named, the photo after it is chosen."""
    named = media("media:content", url=address, medium="image")
    assert in_entry(named) == ""
    assert in_entry(named, media("media:content", url=PHOTO, medium="image")) == PHOTO
    text = f'<img src="{html.escape(address)}"><p>Hi</p><img src="{PHOTO}">'
    assert in_text(text) == PHOTO


@pytest.mark.parametrize(
    "address",
    [
        "https://i.example/2026/11/avatar-fire-and-ash.jpg",
        "https://i.example/blank-check-returns.jpg",
        "https://i.example/loading-dock-fire-1200x800.jpg",
        "https://i.example/counter-terrorism.jpg",
        "https://i.example/open/air/festival.jpg",
        "https://i.example/police-badge-found.jpg",
        "https://i.example/16x9/cup-final.jpg",
        "https://i.example/4x4-rally.jpg",
        "https://i.example/emoji-movie.jpg",
        "https://pixels.example/photo/5.jpg",
        "https://www.stats.govt.example/chart.png",
        "https://avatarmovie.example/poster.jpg",
        "https://i.example/user_images/2026/harbour.jpg",
        "https://i.example/tracking-shot/still.jpg",
        "https://i.example/images/ping.png",
        "https://i.example/profiles/mayor.jpg",
        "https://i.example/buttons-and-bows.jpg",
        "https://upload.wikimedia.org/thumb/a/a9/Map.svg/800px-Map.svg.png",
        "https://i.example/image?id=5&s=a41bc3",
    ],
)
def test_photo_with_such_a_word_in_its_address_is_shown(address: str) -> None:
    assert in_text(f'<img src="{html.escape(address)}">') == address


@pytest.mark.parametrize(
    "image",
    [
        '<img style="width:1px;height:1px" src="https://i.example/p.jpg">',
        '<img width="1px" height="1px" src="https://i.example/p.jpg">',
        "<img src=https://i.example/p.jpg width=1 height=1 />",
        '<img style="border:0; WIDTH: 0px" src="https://i.example/p.jpg">',
        '<img style="height: 1px !important" src="https://i.example/p.jpg">',
        '<img height="20" src="https://i.example/p.jpg">',
        '<img src="https://i.example/p.jpg?w=48&amp;h=48">',
        '<img src="https://i.example/p-32x32.jpg">',
        '<img style="display: none" src="https://i.example/p.jpg">',
        '<img hidden src="https://i.example/p.jpg">',
        '<div style="display:none"><p><img src="https://i.example/p.jpg"></p></div>',
        '<img class="avatar avatar-96 photo" src="https://i.example/p.jpg">',
        '<img class="emoji" alt=":)" src="https://i.example/p.jpg">',
        '<!-- <img src="https://i.example/p.jpg"> -->',
        "<script>write('<img src=\"https://i.example/p.jpg\">')</script>",
        '<svg><image href="https://i.example/p.jpg"></svg>',
        '<template><img src="https://i.example/p.jpg"></template>',
        '<img srcset="https://i.example/p.jpg 48w">',
        '<img alt="no address">',
        '<img src="">',
        '<img src="https://[">',
    ],
)
def test_tiny_and_hidden_pictures_are_ignored(image: str) -> None:
    """Their size may be in an attribute, a style or the address."""
    assert in_text(image) == ""
    assert in_text(f"{image}<p>Hi</p><img src='{PHOTO}' width='100%' height=auto>") == PHOTO


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="https://i.example/1x1.trans.gif" data-lazy-src="{}">'
        '<noscript><img src="{}"></noscript>',
        '<img src="data:image/gif;base64,R0lGODlhAQABAA==" data-src="{}">',
        '<img src="/wait-1200x800.jpg" data-original="{}" width="600">',
        '<img data-srcset="https://i.example/small.jpg 300w, {} 1200w" src="/wait.jpg">',
        '<img data-lazy-srcset="{} 2x, https://i.example/small.jpg" width="300">',
        '<img src="/wait-600x400.jpg" width="600"><noscript><img src="{}" width="600"></noscript>',
        '<a><img src="/wait.jpg"></a> <noscript><p><img src="{}"></p></noscript>',
        '<noscript><img src="{}"></noscript><img src="/wait.jpg">',
        '<img src="https://i.example/photo-150x150.jpg" data-orig-file="{}">',
        '<img data-anything="{}" src="/loading.gif">',
        '<img data-lazy="true" data-src="data:image/png;base64,AA" src="{}">',
        '<img data-cmplz-src="{}" src="/wait.jpg" data-lazy="1">',
        '<img file="{}" src="/static/none.gif">',
        '<picture><source srcset="{} 1200w, https://i.example/s.jpg 300w"><img src="/s.jpg">',
        '<picture><source data-srcset="{}" type="image/jpeg"><img src="data:,"></picture>',
        '<picture><source type="image/svg+xml" srcset="/a.svg"><img src="{}"></picture>',
        '<img srcset="https://i.example/320.jpg 320w, {} 640w">',
        '<img srcset="https://i.example/1.jpg, {} 2x">',
        '<img srcset="{} 1.5x,https://i.example/1.jpg 1x" src="https://i.example/1.jpg">',
        '<img srcset="\n  https://i.example/a.jpg 100w,\n {}   900w  \n" sizes="50vw">',
        '<video poster="{}" src="/film.mp4">No video</video>',
        '<amp-img src="{}" width="600" height="400"></amp-img>',
        "<figure><IMG SRC='{}'><figcaption>A photo</figcaption></figure>",
        "<div style=\"background-image: url('{}')\">Text</div>",
        '<section data-bg="{}"></section>',
        '<div class="lazy" data-src="{}"></div>',
        '<figure data-srcset="{} 900w, https://i.example/s.jpg 90w"><img src="/1x1.gif"></figure>',
        '<base href="https://i.example/"><img src="photo.jpg">',
        "<img src={}>",
        "<img\n  src\n=\n'{}'/>",
    ],
)
def test_picture_is_found_in_the_text(markup: str) -> None:
    """Scripts replace placeholders by pictures; of several sizes, the largest is chosen."""
    assert in_text(markup.replace("{}", PHOTO)) == PHOTO


def test_addresses_with_commas_are_split_as_in_browsers() -> None:
    """Those of some services contain commas."""
    small, large = (f"https://i.example/w_{size},c_fill/a.jpg" for size in (300, 900))
    assert in_text(f'<img srcset="{small} 1x, {large} 3x">') == large
    assert in_text(f'<img srcset="{small}, {large} 3x">') == large


def test_picture_that_is_too_large_comes_last() -> None:
    """Discord may not load it."""
    huge = '<img src="https://i.example/huge.jpg" width="9000" height="6000">'
    assert in_text(huge) == "https://i.example/huge.jpg"
    assert in_text(f'{huge}<img src="{PHOTO}" width="200">') == PHOTO
    srcset = f'<img srcset="https://i.example/huge.jpg 9000w, {PHOTO} 2000w">'
    assert in_text(srcset) == PHOTO


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://i.example/My Photo 1.jpg", "https://i.example/My%20Photo%201.jpg"),
        ("wheels.png", f"{PAGE}wheels.png"),
        ("//i.example/a.jpg", "https://i.example/a.jpg"),
        ("https://i.example/a.jpg?x=1&amp;amp;y=2", "https://i.example/a.jpg?x=1&y=2"),
        ("https://i.example/a.jpg?id=5&copy=1", "https://i.example/a.jpg?id=5&copy=1"),
        ("https:\\\\i.example\\a.jpg", "https://i.example/a.jpg"),
        (" https://i.example/grün.jpg\n", "https://i.example/gr%C3%BCn.jpg"),
    ],
)
def test_address_of_a_picture_is_repaired(written: str, address: str) -> None:
    assert in_text(f'<img src="{written}">') == address


@pytest.mark.parametrize(
    ("more", "picture"),
    [
        ({"image": PHOTO, "banner_image": "https://i.example/banner.jpg"}, PHOTO),
        ({"image": "https://0.gravatar.com/avatar/a", "banner_image": PHOTO}, PHOTO),
        ({"image": "https://i.example/a-150x150.jpg", "banner_image": PHOTO}, PHOTO),
        ({"content_html": f'<img src="/1x1.gif"><img srcset="{PHOTO} 900w">'}, PHOTO),
        (
            {
                "attachments": [
                    {
                        "url": "https://i.example/s.jpg",
                        "mime_type": "image/jpeg",
                        "size_in_bytes": 9,
                    },
                    {"url": PHOTO, "mime_type": "image/jpeg", "size_in_bytes": 99},
                ]
            },
            PHOTO,
        ),
    ],
)
def test_json_feed_has_the_same_rules(more: dict[str, object], picture: str) -> None:
    items = [{"id": "1", "url": PAGE, "title": "x", **more}]
    body = json.dumps({"items": items}).encode()
    (entry,) = parse_json_feed(body, "https://feeds.example/f", CONVERTER).entries
    assert entry.pictures[0] == picture


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" {feed}><title>The Example</title>
<link href="https://site.example/"/><entry {entry}><id>urn:1</id><title>Story</title>
<link href="https://site.example/2026/story/"/><updated>2026-11-23T10:00:00Z</updated>
<content type="html" {content}>&lt;img src="p.png"&gt;Hi</content></entry></feed>"""


@pytest.mark.parametrize(
    ("bases", "picture"),
    [
        ({}, "https://site.example/2026/story/p.png"),
        ({"content": "https://img.example/pics/"}, "https://img.example/pics/p.png"),
        ({"entry": "https://img.example/e/"}, "https://img.example/e/p.png"),
        ({"feed": "https://img.example/f/"}, "https://img.example/f/p.png"),
        (
            {"feed": "https://img.example/f/", "entry": "e/", "content": "c/"},
            "https://img.example/f/e/c/p.png",
        ),
        ({"content": "/pics/"}, "https://site.example/pics/p.png"),
    ],
)
def test_picture_is_relative_to_its_base(bases: dict[str, str], picture: str) -> None:
    """That is the `xml:base` of the text, else the page of the entry."""
    written = {
        name: f'xml:base="{bases[name]}"' if name in bases else ""
        for name in ("feed", "entry", "content")
    }
    body = ATOM.format(**written).encode()
    (entry,) = parse_xml_feed(body, "https://feeds.example/b", "text/xml", CONVERTER).entries
    assert entry.pictures == (picture,)


def test_picture_is_relative_to_the_website_without_a_page() -> None:
    """The feed itself may be served from another host."""
    text = html.escape('<img src="/pics/wheels.png">Hi')
    body = rss(item(1, link=None, guid=None, description=text))
    (entry,) = parse_xml_feed(body, "https://feeds.example/b", "text/xml", CONVERTER).entries
    assert entry.pictures == ("https://news.example/pics/wheels.png",)
