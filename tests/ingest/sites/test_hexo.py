import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.sources import Generator
from bot.ingest.folder.site_files import FolderFiles, site_candidates
from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.detection import SiteOptions, find_site
from bot.ingest.sites.globs import matches_any
from bot.ingest.sites.hexo.configuration import Configuration
from bot.ingest.sites.hexo.front_matter import read_hexo_front_matter
from bot.ingest.sites.hexo.pages import read_hexo_page
from bot.ingest.sites.hexo.permalinks import match_name, site_address
from bot.ingest.sites.hexo.slugs import slugize
from bot.ingest.sites.site import HiddenPage, Page, SitePage, SiteSettings
from storage.models import Article, Rejection, UnpublishedDocument
from tests.ingest.sites.support import NOW, read_article, read_page, write_site

URL = "url: https://blog.example\n"
HEXO = '{"hexo": {"version": "8.1.2"}, "dependencies": {"hexo": "^8.0.0"}}'
POST = "---\ntitle: The Mill\ndate: 2026-03-02 10:20:30\n---\nText.\n"


def site(root: Path, configuration: str, path: str, text: str = POST) -> None:
    """Write a site of Hexo with one page."""
    write_site(root, {"package.json": HEXO, "_config.yml": configuration, path: text})


def post(*lines: str) -> str:
    """A post with a title, a date and further lines of front matter."""
    return "\n".join(("---", "title: The Mill", "date: 2026-03-02 10:20:30", *lines, "---", ""))


# The addresses are those that Hexo 8.1.2 gives these posts.
ADDRESSES = [
    ("", "mill.md", POST, "/2026/03/02/mill/"),
    ("", "Old Mill/v2.0 Über.md", POST, "/2026/03/02/Old%20Mill/v2.0%20%C3%9Cber/"),
    ("", "技术/你好.markdown", POST, "/2026/03/02/%E6%8A%80%E6%9C%AF/%E4%BD%A0%E5%A5%BD/"),
    ("", "a(b)!~*'&=+$,;:@[c]^|.md", POST, "/2026/03/02/a(b)!~*'&=+$,;:@%5Bc%5D%5E%7C/"),
    ("", "mill.md", post("permalink: a/b/"), "/a/b/"),
    ("", "mill.md", post("permalink: /a b/ü.html"), "/a%20b/%C3%BC.html"),
    ("", "mill.md", post("permalink: a/b"), "/a/b"),
    ("post_asset_folder: true\n", "mill.md", post("permalink: a/b"), "/a/b/"),
    ("permalink: :title.html\n", "x/mill.md", POST, "/x/mill.html"),
    ("permalink: :name.html\n", "x/mill.md", POST, "/mill.html"),
    ("permalink: ':i_month/:i_day/:hour:minute:second/'\n", "m.md", POST, "/3/2/102030/"),
    ("permalink: :timestamp/\n", "m.md", POST, "/1772446830/"),
    ("permalink: :title-:hash/\n", "m.md", POST, "/m-014f597891ff/"),
    ("permalink: :post_title/\n", "m.md", POST, "/the-mill/"),
    ("permalink: :lang/:title/\n", "m.md", POST, "/undefined/m/"),
    ("permalink: :lang/:title/\n", "m.md", post("lang: de"), "/de/m/"),
    ("permalink: :lang/:title/\npermalink_defaults: {lang: en}\n", "m.md", POST, "/en/m/"),
    ("permalink: :lang/:title/\nnew_post_name: :lang/:title.md\n", "de/m.md", POST, "/de/m/"),
    ("permalink: posts/:abbrlink.html\n", "m.md", post("abbrlink: 4a17"), "/posts/4a17.html"),
    ("permalink: ':urlname/'\n", "m.md", post("urlname: own"), "/own/"),
    ("permalink: :category/:name/\n", "m.md", POST, "/uncategorized/m/"),
    ("permalink: :category/:name/\n", "m.md", post("categories: Local News"), "/Local-News/m/"),
    ("permalink: :category/:name/\n", "m.md", post("categories: [A b, C#]"), "/A-b/C/m/"),
    ("permalink: :category/:name/\n", "m.md", post("categories: [[A, B], [C]]"), "/C/m/"),
    ("permalink: :category/:name/\n", "m.md", post("category: Être"), "/Etre/m/"),
    (
        "permalink: :category/:name/\ncategory_map: {技术: Tech}\nfilename_case: 1\n",
        "m.md",
        post("categories: [技术, UP]"),
        "/tech/up/m/",
    ),
    ("new_post_name: :year-:month-:day-:title.md\n", "2026-03-02-m.md", POST, "/2026/03/02/m/"),
    ("", "2026-03-02-m.md", POST, "/2026/03/02/2026-03-02-m/"),
    (
        "new_post_name: :year-:month-:day-:title.md\n",
        "some folder/A_b.md",
        POST,
        "/2026/03/02/some-folder-A-b/",
    ),
    ("timezone: Asia/Shanghai\n", "m.md", post("x: y"), "/2026/03/02/m/"),
    (
        "timezone: Asia/Shanghai\npermalink: ':day/:hour/:title/'\n",
        "m.md",
        "---\ntitle: T\ndate: 2026-03-02\n---\n",
        "/01/16/m/",
    ),
    (
        "pretty_urls: {trailing_index: false}\npermalink: :title/index.html\n",
        "m.md",
        POST,
        "/m/",
    ),
    ("pretty_urls: {trailing_html: false}\npermalink: :title.html\n", "m.md", POST, "/m"),
    ("permalink: a///:title/\n", "m.md", POST, "/a/m/"),
]


@pytest.mark.parametrize(("configuration", "name", "text", "address"), ADDRESSES)
def test_posts_have_the_addresses_of_hexo(
    tmp_path: Path, configuration: str, name: str, text: str, address: str
) -> None:
    """Placeholders, categories, own permalinks, names of files, and escaped characters."""
    path = f"source/_posts/{name}"
    site(tmp_path, URL + configuration, path, text)
    article = read_article(tmp_path, path, source="source")
    assert article.url == f"https://blog.example{address}"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("about/index.md", "/about/index.html"),
        ("Some Page.md", "/Some%20Page.html"),
        ("own/x.md", "/own/x.html"),
    ],
)
def test_pages_keep_their_paths(tmp_path: Path, path: str, address: str) -> None:
    """What is not in `_posts` is a page at its own path."""
    site(tmp_path, URL, f"source/{path}")
    assert read_article(tmp_path, f"source/{path}").url == f"https://blog.example{address}"


def test_a_permalink_of_a_page_is_its_path(tmp_path: Path) -> None:
    """A folder gets an index, and a name without an ending gets one."""
    site(tmp_path, URL, "source/a.md", post("permalink: b/"))
    assert read_article(tmp_path, "source/a.md").url == "https://blog.example/b/index.html"
    site(tmp_path, URL, "source/a.md", post("permalink: c"))
    assert read_article(tmp_path, "source/a.md").url == "https://blog.example/c.html"


@pytest.mark.parametrize(
    ("configuration", "path", "text"),
    [
        ("", "source/_drafts/m.md", POST),
        ("", "source/_posts/m.md", post("published: false")),
        ("", "source/_posts/_hidden/m.md", POST),
        ("", "source/_posts/.m/m.md", POST),
        ("", "source/_posts/m.mdx", POST),
        ("", "source/_posts/m.MD", POST),
        ("", "source/news/_posts/m.md", POST),
        ("", "source/_data/m.md", POST),
        ("", "README.md", POST),
        ("", "scaffolds/post.md", POST),
        ("", "themes/x/m.md", POST),
        ("skip_render: _posts/old/**\n", "source/_posts/old/a/m.md", POST),
        ("skip_render: ['*.md', 'x/*']\n", "source/m.md", POST),
        ("skip_render: '{a,b}/**/*.md'\n", "source/b/m.md", POST),
        ("ignore: '**/secret/**'\n", "source/_posts/secret/m.md", POST),
        ("exclude: 'a/*'\n", "source/a/m.md", POST),
        ("", "source/tags/index.md", post("type: tags")),
        ("future: false\n", "source/_posts/m.md", "---\ntitle: T\ndate: 2030-01-01\n---\n"),
        ("post_asset_folder: true\n", "source/_posts/m/notes.markdown", POST),
        ("source_dir: src\n", "source/_posts/m.md", POST),
    ],
)
def test_pages_that_hexo_does_not_write_are_hidden(
    tmp_path: Path, configuration: str, path: str, text: str
) -> None:
    """Drafts, hidden folders, other files, patterns of the configuration, other folders."""
    site(tmp_path, URL + configuration, path, text)
    assert isinstance(read_page(tmp_path, path), UnpublishedDocument)


def test_posts_of_the_future_are_published_unless_configured(tmp_path: Path) -> None:
    """`future` is on by default; if it is off, a post appears when it is due."""
    due = NOW + timedelta(days=1)
    configuration = Configuration(file="_config.yml", future=False)
    page = Page("source/_posts/m.md", {"title": "T", "date": due.isoformat()})
    assert read_hexo_page(page, NOW, configuration) == HiddenPage(due)
    assert isinstance(read_hexo_page(page, due, configuration), SitePage)
    site(tmp_path, URL, "source/_posts/m.md", "---\ntitle: T\ndate: 2040-01-01\n---\n")
    assert read_article(tmp_path, "source/_posts/m.md").published_at.year == 2040


@pytest.mark.parametrize("configuration", ["render_drafts: true\n", ""])
def test_drafts_are_read_in_a_preview(tmp_path: Path, configuration: str) -> None:
    """With `render_drafts`, or with `unpublished: announce` for the source."""
    site(tmp_path, URL + configuration, "source/_drafts/m.md")
    options = SiteOptions(settings=SiteSettings(drafts=not configuration))
    article = read_article(tmp_path, "source/_drafts/m.md", options=options)
    assert article.url == "https://blog.example/2026/03/02/m/"


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: The Mill\ndate: 2026-03-02\n---\nText.\n",
        "title: The Mill\ndate: 2026-03-02\n---\nText.\n",
        "title: The Mill\r\ndate: 2026-03-02\r\n---\r\nText.\r\n",
        "\ufeff---\ntitle: The Mill\ndate: 2026-03-02\n---\nText.\n",
        "-----\ntitle: The Mill\ndate: 2026-03-02\n-----\nText.\n",
        '"title": "The Mill", "date": "2026-03-02"\n;;;\nText.\n',
        ';;;\n"title": "The Mill",\n"date": "2026-03-02"\n;;;\nText.\n',
        "---\ntitle: The Mill\ndate: 2026-03-02\nextra:\n\tname: x\n---\nText.\n",
        "---\ntitle: The Mill\ndate: 2026-03-02\n---Text.\n",
    ],
)
def test_front_matter_of_hexo_is_read(tmp_path: Path, text: str) -> None:
    """The first line may be missing, lines may be longer, JSON has no braces, and tabs indent."""
    site(tmp_path, URL, "source/_posts/m.md", text)
    assert read_article(tmp_path, "source/_posts/m.md").title == "The Mill"
    assert read_hexo_front_matter(text.encode()).body.strip() == b"Text."


def test_lines_of_rejections_are_those_of_the_file(tmp_path: Path) -> None:
    """Also where the line before the front matter is missing."""
    site(tmp_path, URL, "source/_posts/m.md", "title: T\ndate: soon\n---\nText.\n")
    reading = read_page(tmp_path, "source/_posts/m.md")
    assert isinstance(reading, Rejection)
    assert (reading.line, reading.field) == (2, "date")


@pytest.mark.parametrize(
    ("zone", "date", "published"),
    [
        # As Hexo 8.1.2 builds them on a machine in UTC.
        ("", "2026-03-02 10:00:00", "2026-03-02 10:00"),
        ("Asia/Shanghai", "2026-03-02 10:00:00", "2026-03-02 02:00"),
        ("Asia/Shanghai", "2026-03-02", "2026-03-01 16:00"),
        ("Asia/Shanghai", "2026-03-02T10:00:00Z", "2026-03-02 02:00"),
        ("Asia/Shanghai", "2026-03-02 10:00:00 +08:00", "2026-03-01 18:00"),
        ("America/New_York", "2026/7/2 10:00", "2026-07-02 14:00"),
        ("Not/AZone", "2026-03-02 10:00:00", "2026-03-02 10:00"),
    ],
)
def test_dates_are_in_the_zone_of_the_site(
    tmp_path: Path, zone: str, date: str, published: str
) -> None:
    """The time of a date in UTC is taken as that of the site's zone."""
    text = f"---\ntitle: T\ndate: {date}\n---\n"
    site(tmp_path, f"{URL}timezone: '{zone}'\n", "source/_posts/m.md", text)
    article = read_article(tmp_path, "source/_posts/m.md")
    assert article.published_at == datetime.fromisoformat(published).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "published"),
    [
        # As Hexo 8.1.2 builds them on a machine in UTC, with Node.js 20.
        ("2-3-2026", "2026-02-03"),
        ("02-03-2026", "2026-02-03"),
        ("2/3/2026", "2026-02-03"),
        ("02/03/2026 10:20", "2026-02-03 10:20"),
        ("2.3.2026", "2026-02-03"),
        ("2 3 2026", "2026-02-03"),
        ("2/3/26", "2026-02-03"),
        ("2-3-99", "1999-02-03"),
        ("2026-03", "2026-03-01"),
        ("2026/3", "2026-03-01"),
        ("March 2026", "2026-03-01"),
        ("2026/3/2", "2026-03-02"),
        ("2026.3.2", "2026-03-02"),
        ("2026-3-2", "2026-03-02"),
        ("2026-03-02, 10:20", "2026-03-02 10:20"),
        ("2026-03-02 8:5", "2026-03-02 08:05"),
        ("2026-03-02 24:00", "2026-03-03"),
        ("2026/3/2 10:20 PM", "2026-03-02 22:20"),
        ("2026-03-02 12:30 am", "2026-03-02 00:30"),
        ("2026-03-02 10:20 +8", "2026-03-02 02:20"),
        ("2026-03-02 10:20 GMT+8", "2026-03-02 02:20"),
        ("2026-03-02 10:20:30 -0700", "2026-03-02 17:20:30"),
        ("2026-03-02 10:20 (Mon)", "2026-03-02 10:20"),
        ("Mon, 02 Mar 2026 10:20:30 +0100", "2026-03-02 09:20:30"),
        ("Mar-02-2026", "2026-03-02"),
        ("2017-02-29", "2017-03-01"),
        ("2017/02/31", "2017-03-03"),
        ("2017-02-29 11:00:00", "2017-03-01 11:00"),
        # Hexo takes the time of the file for those.
        ("13-02-2026", "2026-02-13"),
        ("31.12.2026", "2026-12-31"),
        ("2nd March 2026", "2026-03-02"),
    ],
)
def test_dates_are_read_as_in_javascript(tmp_path: Path, date: str, published: str) -> None:
    """The month comes first, and days that a month does not have are those after it."""
    text = f"---\ntitle: T\ndate: {date}\n---\n"
    site(tmp_path, URL, "source/_posts/m.md", text)
    article = read_article(tmp_path, "source/_posts/m.md")
    assert article.published_at == datetime.fromisoformat(published).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "published"),
    [
        # As Hexo 8.1.2 builds them on a machine in Shanghai.
        ("2/3/2026", "2026-02-02 16:00"),
        ("2026-03-02", "2026-03-01 16:00"),
        ("2026-03-02 10:20:30", "2026-03-02 02:20:30"),
        ("2026-03-02 10:20:30 -0700", "2026-03-02 17:20:30"),
        ("2026-03-02T10:20Z", "2026-03-02 10:20"),
        ("2026-03", "2026-03-01 00:00"),
    ],
)
def test_dates_on_a_machine_in_another_zone(tmp_path: Path, date: str, published: str) -> None:
    """JavaScript takes dates without a zone as local, except a month in ISO 8601."""
    text = f"---\ntitle: T\ndate: {date}\n---\n"
    site(tmp_path, URL, "source/_posts/m.md", text)
    options = SiteOptions(settings=SiteSettings(time_zone="Asia/Shanghai"))
    article = read_article(tmp_path, "source/_posts/m.md", options=options)
    assert article.published_at == datetime.fromisoformat(published).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "date",
    [
        *("0000-01-01", "2026-99-99", "2026-03-02 10:20 +99:99", "9999-12-31 24:00"),
        *("2026-03-02 10:20:99 foo", "1" * 100, "2-3-" + " " * 90 + "x"),
    ],
)
def test_other_dates_are_rejected(tmp_path: Path, date: str) -> None:
    """Numbers that are no date have a reason that is for their author."""
    site(tmp_path, URL, "source/_posts/m.md", f"---\ntitle: T\ndate: {date}\n---\n")
    reading = read_page(tmp_path, "source/_posts/m.md")
    assert isinstance(reading, Rejection)
    assert "is not a date" in reading.reason


def test_the_time_zone_of_the_source_gives_the_day_of_addresses(tmp_path: Path) -> None:
    """Hexo makes addresses in the zone of its machine: UTC unless the source says otherwise."""
    text = "---\ntitle: T\ndate: 2026-03-02 02:00:00\n---\n"
    site(tmp_path, f"{URL}timezone: Asia/Shanghai\n", "source/_posts/m.md", text)
    article = read_article(tmp_path, "source/_posts/m.md")
    assert article.url == "https://blog.example/2026/03/01/m/"
    options = SiteOptions(settings=SiteSettings(time_zone="Asia/Shanghai"))
    article = read_article(tmp_path, "source/_posts/m.md", options=options)
    assert article.url == "https://blog.example/2026/03/02/m/"
    assert article.published_at == datetime(2026, 3, 1, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("configuration", "path", "lines", "language"),
    [
        ("language: zh-CN\n", "m.md", (), "zh-CN"),
        ("language: [en, de]\n", "m.md", (), "en"),
        ("language: [en, de]\npermalink: ':lang/:title/'\n", "m.md", ("lang: de",), "de"),
        ("language: [en, de]\nnew_post_name: ':lang/:title.md'\n", "de/m.md", (), "de"),
        ("language: [en, de]\npermalink: ':title/'\n", "de/m.md", (), "de"),
        ("language: [en, de]\npermalink: ':title/'\n", "fr/m.md", (), "en"),
        ("language: default\n", "m.md", (), None),
        ("language: en\n", "m.md", ("language: pt-BR",), "pt-BR"),
    ],
)
def test_posts_have_the_language_of_hexo(
    tmp_path: Path, configuration: str, path: str, lines: tuple[str, ...], language: str | None
) -> None:
    """That of a field, else that of the address's folder, else the first of the site."""
    site(tmp_path, URL + configuration, f"source/_posts/{path}", post(*lines))
    assert read_article(tmp_path, f"source/_posts/{path}").language == language


@pytest.mark.parametrize(
    ("configuration", "picture", "url"),
    [
        ("", "/img/a.jpg", "https://blog.example/img/a.jpg"),
        ("", "img/a.jpg", "https://blog.example/img/a.jpg"),
        ("", "https://cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("", "//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("post_asset_folder: true\n", "a.jpg", "https://blog.example/2026/03/02/m/a.jpg"),
        ("post_asset_folder: true\n", "img/a.jpg", "https://blog.example/img/a.jpg"),
    ],
)
def test_pictures_are_relative_to_the_site(
    tmp_path: Path, configuration: str, picture: str, url: str
) -> None:
    """As themes take them; only a name alone is a file of the post's own folder."""
    site(tmp_path, URL + configuration, "source/_posts/m.md", post(f"cover: {picture}"))
    [image] = read_article(tmp_path, "source/_posts/m.md").images
    assert image.url == url


@pytest.mark.parametrize(
    ("lines", "topics"),
    [
        (("categories: Local News", "tags: [a, b]"), ("Local News", "a", "b")),
        (("categories: [[A, B], [C]]",), ("A", "B", "C")),
        (("category: A b", "tag: c d"), ("A b", "c d")),
        (("categories:", "tags:"), ()),
    ],
)
def test_topics_are_categories_and_tags(
    tmp_path: Path, lines: tuple[str, ...], topics: tuple[str, ...]
) -> None:
    """Text is one name, and categories may be lists of lists."""
    site(tmp_path, URL, "source/_posts/m.md", post(*lines))
    assert read_article(tmp_path, "source/_posts/m.md").topics == topics


def test_a_post_without_title_or_date_is_named_by_its_file(tmp_path: Path) -> None:
    """Hexo would take the file's time, which a repository does not have."""
    site(tmp_path, URL, "source/_posts/2026-03-02-mill.md", "---\nlayout: post\n---\nText.\n")
    article = read_article(tmp_path, "source/_posts/2026-03-02-mill.md")
    assert (article.title, article.published_at.day) == ("2026-03-02-mill", 2)
    site(tmp_path, URL, "source/_posts/mill.md", "---\ntitle: T\n---\nText.\n")
    reading = read_page(tmp_path, "source/_posts/mill.md")
    assert isinstance(reading, Rejection)
    assert reading.reason == "is missing or empty"


@pytest.mark.parametrize(
    ("title", "options", "number"),
    [
        ("The Mill", "", "26255"),
        ("The Mill", "abbrlink: {alg: crc32, rep: hex}\n", "36dbe8ad"),
        ("你好", "abbrlink: {alg: crc16, rep: hex}\n", "29f3"),
    ],
)
def test_a_missing_abbrlink_is_computed(
    tmp_path: Path, title: str, options: str, number: str
) -> None:
    """The plugin writes it into the post when the site is built."""
    package = HEXO.replace('"hexo": "^8.0.0"', '"hexo": "^8.0.0", "hexo-abbrlink": "^2.2.1"')
    files = {
        "package.json": package,
        "_config.yml": f"{URL}permalink: p/:abbrlink.html\n{options}",
        "source/_posts/m.md": POST.replace("The Mill", title),
    }
    write_site(tmp_path, files)
    url = read_article(tmp_path, "source/_posts/m.md").url
    assert url == f"https://blog.example/p/{number}.html"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The *Mill*\n\nText.\n", "The Mill"),
        ("Text, and no field.\n\n---\n\nMore.\n", "2026-03-02-mill"),
        ("---\nlayout: post\n---\n\n## The mill\n", "The mill"),
    ],
)
def test_a_missing_title_is_the_first_heading(tmp_path: Path, text: str, title: str) -> None:
    """Also if there is no front matter at all; else it is the name of the file."""
    site(tmp_path, URL, "source/_posts/2026-03-02-mill.md", text)
    assert read_article(tmp_path, "source/_posts/2026-03-02-mill.md").title == title


def test_a_random_id_gives_no_address(tmp_path: Path) -> None:
    """Hexo makes another `:id` whenever it builds the site again."""
    site(tmp_path, f"{URL}permalink: :id/\n", "source/_posts/m.md")
    reading = read_page(tmp_path, "source/_posts/m.md")
    assert isinstance(reading, Rejection)
    assert reading.field == "id"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"_config.yml": "title: x\n", "package.json": HEXO}, True),
        ({"_config.yml": "new_post_name: :title.md\npublic_dir: public\n"}, True),
        ({"_config.yaml": "skip_render:\nrender_drafts: false\n"}, True),
        ({"_config.yml": "title: x\npermalink: pretty\nplugins: [jekyll-feed]\n"}, False),
        ({"_config.yml": "source: source\ndestination: public\n"}, False),
        ({"package.json": HEXO}, False),
        ({"_config.yml": "[", "package.json": "["}, False),
    ],
)
def test_sites_of_hexo_are_recognised(tmp_path: Path, files: dict[str, str], found: bool) -> None:
    """By the package, or by settings that Jekyll does not have in a file of this name."""
    write_site(tmp_path, {**files, "source/_posts/m.md": POST})
    result = find_site(site_candidates(tmp_path / "source" / "_posts"), SiteOptions())
    assert (result is not None and result.rules.generator == "hexo") is found


@pytest.mark.parametrize(
    ("url", "root", "address"),
    [
        ("https://blog.example", "/", "https://blog.example/"),
        ("https://me.github.io/blog", "/blog/", "https://me.github.io/blog/"),
        ("https://me.github.io", "/blog/", "https://me.github.io/blog/"),
        ("https://me.github.io/blog/", "", "https://me.github.io/blog/"),
        ("http://example.com", "/", None),
        ("http://yoursite.com", "/", None),
        ("http://[", "/", None),
        ("blog.example", "/", None),
    ],
)
def test_the_address_of_the_site_has_its_path(url: str, root: str, address: str | None) -> None:
    """From `url` and `root`; the address of a new site is none."""
    assert site_address(url, root) == address


@pytest.mark.parametrize("path", ["m.md", "_posts/m.md", "source/_posts/m.md", "blog/_posts/m.md"])
def test_posts_are_read_without_a_configuration(tmp_path: Path, path: str) -> None:
    """A source may be a part of a site; then the usual settings of Hexo hold."""
    write_site(tmp_path, {path: POST})
    settings = SiteSettings(base_url="https://blog.example/", permalink="/:year/:title/")
    options = SiteOptions(Generator.HEXO, settings)
    assert read_article(tmp_path, path, options=options).url == "https://blog.example/2026/m/"


def test_settings_of_the_source_take_precedence(tmp_path: Path) -> None:
    """Its address replaces that of the configuration, with its path."""
    site(tmp_path, "url: https://old.example/a\nroot: /a/\n", "source/_posts/m.md")
    options = SiteOptions(settings=SiteSettings("https://new.example/b/", ":title.html"))
    article = read_article(tmp_path, "source/_posts/m.md", options=options)
    assert article.url == "https://new.example/b/m.html"


@pytest.mark.parametrize(
    ("text", "case", "slug"),
    [
        ("Hello World", 0, "Hello-World"),
        ("Ünï œuvre Straße", 1, "uni-oeuvre-strase"),
        ("a.b_c--d", 0, "a-b-c-d"),
        ("ＡⒷ①", 0, "AB①"),
        ("x—y “z”", 2, "X—Y-“Z”"),
    ],
)
def test_slugs_are_those_of_hexo(text: str, case: int, slug: str) -> None:
    """Accents go, ASCII punctuation becomes a hyphen, and the rest stays."""
    assert slugize(text, case) == slug


def test_names_with_many_placeholders_take_little_time() -> None:
    """A pattern that would take long to match is not used."""
    assert match_name(":a:b:c:d:e:f:g:h:i-", "x" * 400) is None
    assert match_name(":a-:b-:c!", "-" * 400) is None
    assert match_name(":a", "x" * 10_000) is None


def test_globs_take_little_time() -> None:
    """Many stars and braces are bounded."""
    assert not matches_any("a/" * 200, ["**/" * 40 + "b"])
    assert not matches_any("a" * 300, ["*a" * 100 + "b", "{a,b}" * 20])
    assert matches_any("a/b/c.md", ["a/**", "x"])
    assert matches_any("c.md", ["**/*.md"])
    assert not matches_any("a/.b/c.md", ["a/**"])


TEXTS = st.text(max_size=40) | st.sampled_from(["../..", "%", "a?b", "#", "\\", "//", "2026"])


@given(
    path=TEXTS,
    fields=st.dictionaries(
        st.sampled_from(["title", "date", "permalink", "categories", "lang", "cover", "id"]),
        TEXTS | st.none() | st.lists(TEXTS | st.lists(TEXTS, max_size=2), max_size=3),
    ),
    permalink=st.sampled_from([":year/:title/", ":category/:name.html", ":id/", ":cover/:x"]),
)
def test_any_page_is_read_or_rejected(path: str, fields: dict[str, object], permalink: str) -> None:
    """Nothing in a page raises another error."""
    configuration = Configuration(permalink=permalink, new_post_name=":a/:title.md")
    try:
        result = read_hexo_page(Page(f"_posts/{path}.md", fields), NOW, configuration)
    except RejectedError:
        return
    if isinstance(result, SitePage) and result.address is not None:
        assert re.fullmatch(r"/[\x21-\x7e]*", result.address)


@given(st.binary(max_size=200) | st.text("-;\n:a {}\"'", max_size=60).map(str.encode))
def test_any_front_matter_is_read_or_rejected(content: bytes) -> None:
    """Nothing in a file raises another error."""
    try:
        read_hexo_front_matter(content)
    except RejectedError:
        return


def test_any_configuration_is_read(tmp_path: Path) -> None:
    """Values of other types are left out."""
    text = "url: [1]\nroot: {}\npermalink: {a: b}\nlanguage: {}\nskip_render: {}\ntheme: ../x\n"
    site(tmp_path, text + "pretty_urls: 1\ncategory_map: [a]\n", "source/_posts/m.md")
    options = SiteOptions(settings=SiteSettings(base_url="https://blog.example/"))
    article = read_article(tmp_path, "source/_posts/m.md", options=options)
    assert isinstance(article, Article)
    assert article.url == "https://blog.example/2026/03/02/m/"
    assert FolderFiles(tmp_path).exists("_config.yml")
