"""Front matter of pages of which it is not known what generator builds them."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.sources import Generator
from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.document import DocumentReader, read_document
from bot.ingest.folder.site_files import FolderFiles
from bot.ingest.sites.detection import Candidate, SiteOptions, find_site
from bot.ingest.sites.fields import translate_common
from bot.ingest.sites.site import SiteSettings
from bot.ingest.sites.texts import plain_excerpt, plain_title
from storage.models import Article, Image, Reading, Rejection, UnpublishedDocument
from tests.ingest.test_fuzz import check_reading

SITE = Defaults(base_url="https://lake.example/", permalink="/:slug/")
PROJECT = replace(SITE, base_url="https://lake.example/project/")
FOUND = "https://lake.example/img/boat.jpg"


def read(*lines: str, key: str = "boats.md", defaults: Defaults = SITE) -> Reading:
    names = {line.partition(":")[0].lower().replace("_", "").replace("-", "") for line in lines}
    needed = [] if "title" in names else ["title: Boats"]
    if names.isdisjoint({"date", "publishdate", "pubdate", "publisheddatetime"}):
        needed.append("date: 2026-04-08")
    content = "\n".join(["---", *needed, *lines, "---", ""])
    return read_document(content.encode(), unpublished="skip", defaults=defaults, key=key)


def article(*lines: str, key: str = "boats.md", defaults: Defaults = SITE) -> Article:
    reading = read(*lines, key=key, defaults=defaults)
    assert isinstance(reading, Article), reading
    return reading


def pictures(*lines: str, key: str = "boats.md", defaults: Defaults = SITE) -> list[str]:
    return [image.url for image in article(*lines, key=key, defaults=defaults).images]


@pytest.mark.parametrize(
    "lines",
    [
        ["Title: The ferry", "Description: It sails.", "Tags: [Sea]", "date: 2026-04-08"],
        ["TITLE: The ferry", "SUMMARY: It sails.", "TAGS: [Sea]", "DATE: 2026-04-08"],
        ["tiTle: The ferry", "Excerpt: It sails.", "Topics: [Sea]", "Publish_Date: 2026-04-08"],
        [
            "title: The ferry",
            "Meta-Description: It sails.",
            "Keywords: [Sea]",
            "pub-date: 2026-04-08",
        ],
        ["title: The ferry", "Title: not this", "excerpt: It sails.", "Excerpt: no", "tags: [Sea]"],
    ],
)
def test_case_of_names_does_not_matter(lines: list[str]) -> None:
    """Neither do underscores and hyphens; a name in its own spelling takes precedence."""
    read = article(*lines)
    assert (read.title, read.excerpt, read.topics) == ("The ferry", "It sails.", ("Sea",))
    assert read.published_at == datetime(2026, 4, 8, tzinfo=UTC)


def test_our_own_fields_may_be_in_any_case() -> None:
    lines = ["PublishedDateTime: 2026-04-08", "WebUrl: https://a.example/1", "QUALITY: 81"]
    read = article("Title: x", *lines, "Images: [{url: 'https://a.example/1.jpg'}]")
    assert (read.url, read.quality) == ("https://a.example/1", 81)
    assert read.images == (Image("https://a.example/1.jpg"),)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("Date: soon", "Date"),
        ("PublishDate: soon", "PublishDate"),
        ("PERMALINK: 'javascript:1'", "PERMALINK"),
        ("Canonical-Url: 'javascript:1'", "Canonical-Url"),
        ("Quality: much", "Quality"),
    ],
)
def test_a_rejection_has_the_name_as_written(line: str, field: str) -> None:
    reading = read("title: x", line)
    assert isinstance(reading, Rejection)
    assert (reading.field, reading.line) == (field, 3 if field.endswith("ate") else 4)


@pytest.mark.parametrize(
    "lines",
    [
        ["image: false"],
        ["thumbnail: no", "banner: off"],
        ["cover:", "  image: ''", "  alt: ''", "  relative: false"],
        ["cover: {image: false, relative: true}"],
        ["cover: true", "featured: true", "feature: yes"],
        ["images: [false, '', null, {url: no}]"],
        ["image: none", "photo: Jane Doe", "background: red", "banner: Big news!"],
        ["image: {path: null}", "header: {image: false, teaser: ~}"],
        ["image: /", "cover: ./"],
        ["image: '{{ page.cover }}'", "cover: '{% asset a.png %}'"],
        ["image: 'data:image/png;base64,AAAA'", "cover: 'javascript:alert(1).png'"],
        ["image: /img/logo.svg", "cover: /leaflet.pdf", "banner: /clip.mp4"],
        ["image: {url: /img/a, type: image/svg+xml}"],
        ["image: {url: /img/dot.png, width: 16, height: 16}"],
        ["image: '@/assets/a.png'", "cover: ~/assets/a.png"],
        ["resources: [{src: 'a/*.jpg', name: cover}, {src: b.jpg, name: map}]"],
    ],
)
def test_what_is_no_picture_is_none(lines: list[str]) -> None:
    """Flags, texts, drawings, and templates that only the generator can fill in."""
    assert pictures(*lines) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["image: /img/boat.jpg"],
        ["Image: https://lake.example/img/boat.jpg"],
        ["cover: {image: img/boat.jpg, relative: false}"],
        ["cover: {src: /img/boat.jpg}"],
        ["image: {path: /img/boat.jpg, alt: x}"],
        ["image: {feature: /img/boat.jpg, teaser: /img/small.jpg}"],
        ["header: {overlay_image: /img/boat.jpg, overlay_filter: 0.5}"],
        ["header: {teaser: /img/boat.jpg}"],
        ["header:", "  image: /img/boat.jpg", "  og_image: /img/x.jpg"],
        ["header: {image: {url: /img/boat.jpg}}"],
        *(
            [f"{name}: /img/boat.jpg"]
            for name in (
                *("featured_image", "featuredImage", "feature", "featureImage", "banner", "hero"),
                *("teaser", "thumb", "thumbnail", "img", "og_image", "social_image", "preview"),
                *("card_image", "index_img", "banner_img", "top_img", "header-img", "cover-img"),
                *("share-img", "photo", "background", "header_cover", "post-image", "coverImage"),
            )
        ),
        ["photos:", "  - /img/boat.jpg"],
        ["images: ['/img/boat.jpg']"],
        ["params: {image: /img/boat.jpg}"],
        ["seo: {image: /img/boat.jpg}"],
        ["image: false", "thumbnail: /img/boat.jpg"],
        ["image: /img/logo.svg", "cover: /clip.mp4", "thumbnail: /img/boat.jpg"],
        ["image: {url: /img/x.jpg, width: 40, height: 40}", "thumb: /img/boat.jpg"],
        ["image: '{{ site.baseurl }}/img/boat.jpg'"],
        ["image: '{{site.url}}{{ site.baseurl }}/img/boat.jpg'"],
        ["image: '{{ \"/img/boat.jpg\" | relative_url }}'"],
        ["image: \"{{ '/img/boat.jpg' | prepend: site.baseurl | prepend: site.url }}\""],
        ["image: '\\img\\boat.jpg'"],
        ["image: //lake.example/img/boat.jpg"],
    ],
)
def test_the_picture_of_a_page_is_found(lines: list[str]) -> None:
    """Its field has another name in each theme."""
    assert pictures(*lines)[:1] == [FOUND]


@pytest.mark.parametrize(
    "lines",
    [
        ["image: {url: /img/small.jpg, width: 100, height: 100}", "thumbnail: /img/boat.jpg"],
        ["image: /img/logo-100x100.png", "cover: /img/boat.jpg"],
        ["images: [{url: /a.jpg, width: 300, height: 200}, {url: /img/boat.jpg, width: 1200}]"],
        ["images: [{url: /a.jpg, width: 300, height: 200}, {url: /img/boat.jpg}]"],
    ],
)
def test_a_small_picture_never_precedes_a_photo(lines: list[str]) -> None:
    """No size is kept that would make a message prefer the small one."""
    images = article(*lines).images
    assert images[0].url == FOUND
    assert not any(image.width and image.height for image in images)


def test_sizes_and_texts_of_pictures_are_kept() -> None:
    [image] = article("image: {url: /img/boat.jpg, width: '1200', height: 800, alt: x}").images
    assert image == Image(FOUND, 1200, 800, "x")


@pytest.mark.parametrize(
    ("lines", "key", "url"),
    [
        (["cover: {image: a.png, relative: true}"], "posts/boats/index.md", "boats/a.png"),
        (["image: a.png"], "boats/index.mdx", "boats/a.png"),
        (["images: [img/a.png]"], "posts/boats/index.md", "boats/img/a.png"),
        (["image: ./a.png"], "boats.md", "boats/a.png"),
        (["cover: {image: a.png, relative: yes}"], "boats.md", "boats/a.png"),
        (["resources: [{src: a.png, name: Featured}]"], "boats.md", "boats/a.png"),
        (["image: img/a.png"], "boats.md", "img/a.png"),
        (["image: /img/a.png"], "boats/index.md", "img/a.png"),
        (["image: A picture.png"], "boats.md", "A%20picture.png"),
        (["image: /bilder/Größe.png"], "boats.md", "bilder/Gr%C3%B6%C3%9Fe.png"),
        (["image: '/a|b.png?x=[1]'"], "boats.md", "a|b.png?x=[1]"),
        (["image: /写真.jpg"], "boats.md", "%E5%86%99%E7%9C%9F.jpg"),
    ],
)
def test_pictures_are_relative_to_the_page_or_the_site(
    lines: list[str], key: str, url: str
) -> None:
    """Files in the folder of a bundle are served below the page. Addresses are encoded."""
    [found] = pictures(*lines, key=key)
    assert found.replace("%7C", "|") == f"https://lake.example/{url}"


@pytest.mark.parametrize(
    ("lines", "url", "picture"),
    [
        (["permalink: /notes/boats/", "image: /img/a.jpg"], "notes/boats/", "img/a.jpg"),
        (["permalink: notes/boats/", "image: img/a.jpg"], "notes/boats/", "img/a.jpg"),
        (["url: /project/notes/", "image: /project/img/a.jpg"], "notes/", "img/a.jpg"),
        (["slug: x", "image: '{{ site.baseurl }}/a.jpg'"], "x/", "a.jpg"),
        (["permalink: /projects/", "image: /projects.jpg"], "projects/", "projects.jpg"),
        (["permalink: '/two words/'", "image: ./a.jpg"], "two%20words/", "two%20words/a.jpg"),
    ],
)
def test_a_site_below_a_path(lines: list[str], url: str, picture: str) -> None:
    """Generators leave the path of the base address out; some authors write it."""
    read = article(*lines, defaults=PROJECT)
    assert read.url == f"https://lake.example/project/{url}"
    assert [image.url for image in read.images] == [f"https://lake.example/project/{picture}"]


def test_our_own_format_is_relative_to_the_host() -> None:
    lines = ["publishedDateTime: 2026-04-08", "images: [{url: /a.jpg}]"]
    read = article(*lines, "external_url: https://b.example/x", defaults=PROJECT)
    assert read.url == "https://lake.example/boats/"
    read = article(*lines, "webUrl: /a/", defaults=PROJECT)
    assert (read.url, read.images[0].url) == (
        "https://lake.example/a/",
        "https://lake.example/a.jpg",
    )


@pytest.mark.parametrize("name", ["external_url", "externalUrl", "External-URL", "redirect_to"])
def test_a_link_post_has_the_address_that_it_links_to(name: str) -> None:
    """The titles of such posts lead there on the site, too. A flag or a front page is none."""
    assert article(f"{name}: https://other.example/x").url == "https://other.example/x"
    assert article(f"{name}: false").url == "https://lake.example/boats/"
    assert article(f"{name}: https://other.example/").url == "https://lake.example/boats/"
    assert article(f"{name}: /elsewhere").url == "https://lake.example/boats/"
    assert article("link: https://other.example/x").url == "https://lake.example/boats/"


@pytest.mark.parametrize("style", ["pretty", "date", "none", "'{{ page.fileSlug }}/'", "''"])
def test_what_is_no_permalink_is_none(style: str) -> None:
    """Jekyll's styles are no addresses, and templates can't be filled in."""
    assert article(f"permalink: {style}").url == "https://lake.example/boats/"


@pytest.mark.parametrize(
    ("line", "title", "excerpt"),
    [
        ("title: 'Salt &amp; Vinegar&#8217;s day'", "Salt & Vinegar’s day", ""),
        ("title: 'Tom &lt;3 boats &ndash; really'", "Tom <3 boats – really", ""),
        ("title: '<em>New</em> boats<br>for all'", "New boats for all", ""),
        ("title: C++ <T> generics & AT&T", "C++ <T> generics & AT&T", ""),
        ("title: The `<b>` tag and snake_case", "The `<b>` tag and snake_case", ""),
        ("description: '<i>Cold</i> and `clear` water'", "Boats", "Cold and clear water"),
        ("description: Rope&nbsp;&amp;&nbsp;sail", "Boats", "Rope & sail"),
        ("summary: '**Bold**, *soft*, __both__ _at_ ~~sea~~'", "Boats", "Bold, soft, both at sea"),
        (
            "summary: See [the port](https://x.example/a_(b) 'x') and [here][1].",
            "Boats",
            "See the port and here.",
        ),
        ("excerpt: '![A boat](/a.png) It sails.[^1]'", "Boats", "It sails."),
        (
            "excerpt: 2 * 3 * 4 and a_b_c, *args and **kwargs",
            "Boats",
            "2 * 3 * 4 and a_b_c, *args and **kwargs",
        ),
        (
            'excerpt: "`Vec<T>`, `a_b` and `**x**` \\\\*here\\\\*"',
            "Boats",
            "Vec<T>, a_b and **x** *here*",
        ),
        ("excerpt: '<p>One.</p><p>Two {{< ref \"x\" >}}three.</p>'", "Boats", "One. Two three."),
        ("excerpt: <p>It sails <b>now</b>.", "Boats", "It sails now."),
        ("description: >\n  Folded\n  text.\n", "Boats", "Folded text."),
        ("description: |-\n  # Heading\n  > quoted", "Boats", "Heading quoted"),
        ("description: <https://x.example/a> is open", "Boats", "https://x.example/a is open"),
    ],
)
def test_texts_are_plain(line: str, title: str, excerpt: str) -> None:
    """Entities, tags and (in excerpts) Markdown are gone; what only looks like them stays."""
    read = article(line)
    assert (read.title, read.excerpt) == (title, excerpt)


@pytest.mark.parametrize(
    "line", ["excerpt: false", "description: no", "summary: [a]", "lead: null"]
)
def test_what_is_no_excerpt_is_none(line: str) -> None:
    assert article(line).excerpt == ""
    assert article(line, "Meta_Description: It sails.").excerpt == "It sails."


@pytest.mark.parametrize(
    "line",
    [
        *(
            f"{name}: It sails."
            for name in (
                *("lead", "abstract", "intro", "tagline", "subheadline", "blurb", "dek", "lede"),
                *("standfirst", "social_description", "og_description", "teaser", "subtitle"),
                *("metaDescription", "seo-description", "synopsis", "TLDR"),
            )
        ),
        "meta: {description: It sails.}",
        "seo: {title: x, description: It sails.}",
        "params: {summary: It sails.}",
        "teaser: /img/a.jpg\ntagline: It sails.",
    ],
)
def test_the_excerpt_has_many_names(line: str) -> None:
    assert article(line).excerpt == "It sails."


@pytest.mark.parametrize(
    ("lines", "topics"),
    [
        (["category: Local News"], ("Local News",)),
        (["categories: [Local News, Sea]"], ("Local News", "Sea")),
        (["categories: local news"], ("local", "news")),
        (["tags: Local News, Sea"], ("Local News", "Sea")),
        (["tags: Local News; Sea"], ("Local News", "Sea")),
        (["categories:", "  - [Sports, Rowing]", "  - [News]"], ("Sports", "Rowing", "News")),
        (
            ["tags: [{label: Sea, permalink: /s}, {name: Port}, {title: Ferry}, {slug: x}]"],
            ("Sea", "Port", "Ferry", "x"),
        ),
        (["category: {name: Sea}"], ("Sea",)),
        (["tags: !!set {Sea, Port}"], ("Sea", "Port")),
        (["taxonomies: {tags: [Sea], categories: [Port]}"], ("Port", "Sea")),
        (["keywords: Sea, Port"], ("Sea", "Port")),
        (["keywords: spam", "tags: [Sea]"], ("Sea",)),
        (
            ["tags: ['#Sea', sea, 'Arts &amp; Crafts', 2026, null, true]"],
            ("Sea", "Arts & Crafts", "2026", "true"),
        ),
        (["tags: false", "categories: null"], ()),
        (["topics: [Sea]", "tags: [no]"], ("Sea",)),
    ],
)
def test_topics_are_found_in_all_forms(lines: list[str], topics: tuple[str, ...]) -> None:
    """Duplicates count once. Only Jekyll's fields for several words are split at spaces."""
    assert article(*lines).topics == topics


def test_only_a_page_of_jekyll_is_split_at_spaces() -> None:
    assert translate_common({"tags": "Local News"})["topics"] == ["Local News"]
    words = translate_common({"tags": "Local News"}, splits_at_spaces=True)["topics"]
    assert words == ["Local", "News"]


def test_toml_has_taxonomies() -> None:
    text = "+++ \ntitle = 'Boats'\ndate = 2026-04-08\n[taxonomies]\ntags = ['Sea']\n+++\n"
    for content in (text, "\n\n" + text, text.replace("\n", "\r\n"), text.replace("\n", "\r")):
        reading = read_document(content.encode(), unpublished="skip", defaults=SITE, key="a.md")
        assert isinstance(reading, Article)
        assert (reading.topics, reading.title) == (("Sea",), "Boats")


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("_drafts/boats.md", []),
        ("blog/_drafts/deep/boats.md", []),
        ("source/_drafts/boats.md", []),
        ("_posts/boats.md", []),
        ("_posts/04-08-boats.md", []),
        ("news/_posts/2026/boats.md", []),
        ("posts/_index.md", []),
        *(
            ("boats.md", [line])
            for line in (
                *("status: draft", "Status: hidden", "status: Private", "status: pending"),
                *("build: {render: never}", "_build: {render: false}", "Build: {Render: never}"),
                *("headless: true", "private: true", "hidden: yes", "publish: false"),
                *("visibility: private", "permalink: false", "draft: true", "published: no"),
            )
        ),
        ("boats.md", ["<<: {status: draft}"]),
    ],
)
def test_what_no_site_shows_is_a_draft(key: str, lines: list[str]) -> None:
    """Some generator would not publish it, or not list it."""
    assert read(*lines, key=key) == UnpublishedDocument()


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("_posts/2026-04-08-boats.md", []),
        ("_posts/26-4-8-boats.md", []),
        ("news/_posts/deep/2026-04-08-boats.md", []),
        ("source/_posts/boats.md", []),
        ("blog/source/_posts/deep/boats.md", []),
        ("my_posts/boats.md", []),
        ("drafts/boats.md", []),
        *(
            ("boats.md", [line])
            for line in (
                *("status: published", "status: 🚢", "build: {render: always}", "build: never"),
                *("headless: false", "private: no", "publish: true", "hidden: [x]"),
                *("visibility: public", "expiryDate: 2001-01-01", "date: 2099-01-01"),
            )
        ),
    ],
)
def test_what_is_published_is_read(key: str, lines: list[str]) -> None:
    assert article(*lines, key=key).title == "Boats"


def test_a_draft_is_read_where_drafts_are_announced() -> None:
    content = b"---\ntitle: Boats\ndate: 2026-04-08\nstatus: draft\n---\n"
    for key in ("a.md", "_drafts/a.md"):
        reading = read_document(content, unpublished="announce", defaults=SITE, key=key)
        assert isinstance(reading, Article)


@pytest.mark.parametrize(
    ("key", "day"),
    [
        *(("2026-04-08-boats.md", 8), ("2026_04_08_boats.md", 8), ("20260408-boats.md", 8)),
        *(("2026/04/08/boats.md", 8), ("news/2026/4/8/boats/index.md", 8), ("2026-04-08.md", 8)),
        *(("20260408.md", 8), ("posts/2026.04.08 boats.md", 8), ("202604081730.md", 8)),
        *(("2026-13-08-boats.md", None), ("2026-04-boats.md", None), ("12345678.md", None)),
        *(("2026/13/08/boats.md", None), ("20260408x.md", None), ("2026-04_08.md", None)),
    ],
)
def test_the_date_may_be_in_the_path(key: str, day: int | None) -> None:
    """The front matter's takes precedence."""
    content = b"---\ntitle: Boats\n---\n"
    reading = read_document(content, unpublished="skip", defaults=SITE, key=key)
    if day is None:
        assert isinstance(reading, Rejection)
        assert reading.field == "publishedDateTime"
    else:
        assert isinstance(reading, Article)
        assert reading.published_at == datetime(2026, 4, day, tzinfo=UTC)
        assert article("date: 2026-04-09", key=key).published_at.day == 9


def test_published_may_be_a_date() -> None:
    """Some themes have the date there; a flag is still a flag."""
    read = article("published: 2026-04-09", "date:")
    assert read.published_at == datetime(2026, 4, 9, tzinfo=UTC)
    assert article("published: true").published_at.day == 8
    assert isinstance(
        read_document(b"---\ntitle: x\npublished: maybe\n---\n", unpublished="skip"), Rejection
    )


BERLIN = Defaults(
    base_url="https://lake.example/", permalink="/:month/:day/:slug/", time_zone="Europe/Berlin"
)


@pytest.mark.parametrize(
    ("line", "at", "path"),
    [
        ("date: 2026-04-08", datetime(2026, 4, 7, 22, tzinfo=UTC), "04/08"),
        ("date: 2026-04-08 00:30", datetime(2026, 4, 7, 22, 30, tzinfo=UTC), "04/08"),
        ("date: 2026-01-08 00:30", datetime(2026, 1, 7, 23, 30, tzinfo=UTC), "01/08"),
        ("date: 2026-04-08T23:30:00Z", datetime(2026, 4, 8, 23, 30, tzinfo=UTC), "04/09"),
        ("date: 2026-04-08 17:30 -0700", datetime(2026, 4, 9, 0, 30, tzinfo=UTC), "04/09"),
        (
            "date: !binary MjAyNi0wNC0wOCAwMTowMDowMCArMDEwMA==",
            datetime(2026, 4, 8, tzinfo=UTC),
            "04/08",
        ),
        ("date: April 8th, 2026", datetime(2026, 4, 7, 22, tzinfo=UTC), "04/08"),
    ],
)
def test_the_time_zone_of_a_source_counts(line: str, at: datetime, path: str) -> None:
    """It is the zone of dates without one, and of the day in an address."""
    read = article(line, defaults=BERLIN)
    assert (read.published_at, read.url) == (at, f"https://lake.example/{path}/boats/")


def test_the_day_of_an_address_may_be_that_of_utc() -> None:
    utc = replace(BERLIN, time_zone="UTC")
    read = article("date: 2026-04-08 00:30 +0200", key="_posts/2026-04-08-boats.md", defaults=utc)
    assert read.url == "https://lake.example/04/07/boats/"
    unknown = replace(BERLIN, time_zone="Nowhere/Else")
    assert article("date: 2026-04-08 00:30 +0200", defaults=unknown).url.endswith("/04/08/boats/")


def test_the_time_zone_counts_for_our_own_format() -> None:
    lines = ["publishedDateTime: 2026-04-08 12:00", "webUrl: https://a.example/1"]
    assert article(*lines, defaults=BERLIN).published_at == datetime(2026, 4, 8, 10, tzinfo=UTC)
    assert article(*lines).published_at == datetime(2026, 4, 8, 12, tzinfo=UTC)
    reading = read("publishedDateTime: soon", "webUrl: https://a.example/1", defaults=BERLIN)
    assert isinstance(reading, Rejection)
    assert reading.field == "publishedDateTime"


def test_the_language_of_a_page_is_read() -> None:
    for line in ("lang: de-AT", "language: de-AT", "Locale: de-AT"):
        assert article(line).language == "de-AT"


@given(st.text(alphabet="ab \n*_`~[]()<>!#{}\\\"'&;:/.\ue000"))
def test_any_text_becomes_plain(text: str) -> None:
    """Nothing raises, and text without marks stays."""
    assert "\ue000" not in plain_excerpt(text) or not any(c in text for c in "`<&*_~[\\{#>")
    plain_title(text)


def test_hostile_texts_are_read_quickly() -> None:
    """Nothing takes quadratic time for long."""
    for piece in ("[", "*", "**a", "_a", "__a", "`a", "~~a", "![", "[a](", "<a ", "{{", "&", "\\*"):
        plain_excerpt(piece * (60_000 // len(piece)))


values = st.recursive(
    st.sampled_from(["", "false", "/a.png", "a", "2026-04-08", "never", "https://a.example/x.jpg"])
    | st.none()
    | st.booleans()
    | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["url", "src", "image", "name", "label", "render"]), inner
        )
    ),
    max_leaves=6,
)
names = st.sampled_from(
    [
        *("image", "Cover", "header", "resources", "images", "tags", "categories", "taxonomies"),
        *("build", "status", "params", "seo", "date", "published", "permalink", "external_url"),
        *("description", "excerpt", "title", "language", "topics", "related"),
    ]
)


@given(
    st.dictionaries(names, values), st.sampled_from(["a.md", "_posts/a.md", "2026/1/1/i.md", ""])
)
def test_any_values_are_read_or_rejected(fields: dict[str, object], key: str) -> None:
    """Values of unusual types are those of no field."""
    content = json.dumps({"title": "x", "date": "2026-04-08", **fields}).encode()
    for defaults in (NO_DEFAULTS, SITE, BERLIN):
        check_reading(read_document(content, unpublished="skip", defaults=defaults, key=key))


@pytest.mark.parametrize(
    ("generator", "address"), [("hugo", "posts/a/"), ("jekyll", "posts/a.html")]
)
def test_common_fields_of_known_generators(
    tmp_path: Path, generator: Generator, address: str
) -> None:
    """Titles, excerpts, pictures and link posts are read in the same way."""
    options = SiteOptions(generator, SiteSettings(base_url="https://lake.example/project/"))
    site = find_site([Candidate(FolderFiles(tmp_path), "")], options)

    def read_page(*lines: str) -> Article:
        date = [] if lines[-1].startswith("date") else ["date: 2026-04-08"]
        content = "\n".join(["---", *date, *lines, "---", ""]).encode()
        reader = DocumentReader(
            "skip", Defaults(base_url="https://lake.example/project/"), site=site
        )
        reading = reader.read(content, "posts/a.md", datetime(2026, 5, 1, tzinfo=UTC)).reading
        assert isinstance(reading, Article), reading
        return reading

    page = read_page("title: Salt &amp; <b>pepper</b>", "description: '*Hot*'", "image: /a b.png")
    assert (page.title, page.excerpt) == ("Salt & pepper", "Hot")
    assert page.url == f"https://lake.example/project/{address}"
    assert [image.url for image in page.images] == ["https://lake.example/project/a%20b.png"]
    page = read_page(
        "title: x", "image: false", "excerpt: false", "cover: {image: '', relative: no}"
    )
    assert (page.excerpt, page.images) == ("", ())
    page = read_page(
        "title: x", "version: 1", "version: 2", "tags: [!!str a]", "author: {<<: {a: b}}"
    )
    assert page.topics == ("a",)
    page = read_page("title: x", "header: {teaser: /project/a.png}", "image: /logo.svg")
    assert [image.url for image in page.images] == ["https://lake.example/project/a.png"]
    assert read_page("title: x", "external_url: https://b.example/x").url == "https://b.example/x"
    page = read_page("title: x", "date: !binary MjAyNi0wNC0wOCAwMTowMDowMCArMDEwMA==")
    assert page.published_at == datetime(2026, 4, 8, tzinfo=UTC)
