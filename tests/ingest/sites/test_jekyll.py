"""Pages of Jekyll sites; expected values are those of Jekyll 4.3.1 on the same files."""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.sources import Generator
from bot.ingest.folder.site_files import site_candidates
from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.detection import SiteOptions, find_site
from bot.ingest.sites.jekyll.site import RULES
from bot.ingest.sites.site import HiddenPage, Page, SitePage, SiteSettings
from storage.models import Article, Reading, Rejection, UnpublishedDocument
from tests.ingest.sites.support import NOW, read_article, read_page, write_site

POST = "_posts/2026-03-02-lake.md"


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """Files of a site that are in memory."""

    files: Mapping[str, bytes]

    def exists(self, path: str) -> bool:
        """See `SiteFiles`."""
        return path in self.files

    def read(self, path: str) -> bytes | None:
        """See `SiteFiles`."""
        return self.files.get(path)

    def find(self, names: Collection[str], folder: str = "") -> Sequence[str]:
        """See `SiteFiles`."""
        assert not folder
        return sorted(path for path in self.files if path.rpartition("/")[2] in names)


def read_post(
    root: Path,
    front_matter: str,
    path: str = POST,
    configuration: str = "",
    options: SiteOptions = SiteOptions(),  # noqa: B008 - a constant
) -> Reading:
    """Read one page of a site at https://site.example."""
    text = f"---\n{front_matter}\n---\n\nProse.\n"
    files = {"_config.yml": f"url: https://site.example\n{configuration}", path: text}
    write_site(root, files)
    return read_page(root, path, options=options)


def read_url(root: Path, front_matter: str, path: str = POST, configuration: str = "") -> str:
    """Read one page of a site, and return its path within the site."""
    article = read_post(root, front_matter, path, configuration)
    assert isinstance(article, Article), article
    return article.url.removeprefix("https://site.example")


@pytest.mark.parametrize(
    ("path", "front_matter", "expected"),
    [
        ("de_at/news/_posts/2026-03-02-x.md", "category: Local News", "/de_at/news/local%20news/"),
        ("_posts/2026-03-02-x.md", "categories: Local News", "/local/news/"),
        ("_posts/2026-03-02-x.md", "categories: [Über uns, Q&A, C#]", "/%C3%BCber%20uns/q&a/c%23/"),
        ("a b/_posts/sub/2026-03-02-x.md", "categories: [Tech, tech]", "/a%20b/tech/"),
        ("News/_posts/2026-03-02-x.md", "categories: [b]\ncategory: a", "/news/b/a/"),
        ("news/_posts/2026-03-02-x.md", "categories: news", "/news/"),
    ],
)
def test_categories_in_an_address(
    path: str, front_matter: str, expected: str, tmp_path: Path
) -> None:
    """Categories, and the folders above the posts, are in lower case and percent-encoded."""
    url = read_url(tmp_path, front_matter, path, "permalink: /:categories/:title/")
    assert url == f"{expected}x/"


@pytest.mark.parametrize(
    ("front_matter", "expected"),
    [
        ("category: Local News", "/local-news/x/"),
        ("categories: [Über uns, 旅行 & C#]", "/über-uns/旅行-c/x/"),
        ("title: X", "/x/"),
    ],
)
def test_slugified_categories(front_matter: str, expected: str, tmp_path: Path) -> None:
    """Only `:slugified_categories` has hyphens for what is neither a letter nor a digit."""
    pattern = "permalink: /:slugified_categories/:title/"
    url = read_url(tmp_path, front_matter, "_posts/2026-03-02-x.md", pattern)
    assert url == expected.replace("ü", "%C3%BC").replace("旅行", "%E6%97%85%E8%A1%8C")


@pytest.mark.parametrize(
    ("date", "zone", "expected"),
    [
        ("2026-03-02 00:30:00 +0700", "UTC", "/2026/03/01/lake/"),
        ("2026-03-02 00:30:00 +0700", "", "/2026/03/01/lake/"),
        ("2026-03-02 00:30:00 +0700", "Asia/Bangkok", "/2026/03/02/lake/"),
        ("2026-03-02 20:00:00", "Pacific/Auckland", "/2026/03/03/lake/"),
        ("'2026-03-02 20:00:00'", "Pacific/Auckland", "/2026/03/02/lake/"),
        ("2026-03-02 20:00", "Pacific/Auckland", "/2026/03/02/lake/"),
        ("2026-03-02", "America/Los_Angeles", "/2026/03/02/lake/"),
        ("2-3-2026", "America/Los_Angeles", "/2026/03/02/lake/"),
        ("2026-03-02 23:30:00 2026 -0800", "Asia/Tokyo", "/2026/03/02/lake/"),
        ("2026-02-29", "Asia/Tokyo", "/2026/03/01/lake/"),
        ("Mon Mar  2 23:30:00 CET 2026", "Asia/Tokyo", "/2026/03/02/lake/"),
        ("Mon Mar  2 23:30:00 CET 2026", "Europe/Vienna", "/2026/03/02/lake/"),
        ("Mon Mar  2 23:30:00 PST 2026", "Europe/Vienna", "/2026/03/03/lake/"),
        ("2026-04-31 10:00", "Asia/Tokyo", "/2026/05/01/lake/"),
        ("2026-07-02 23:30:00 CET", "Europe/Vienna", "/2026/07/03/lake/"),
        ("2026-07-02 23:30:00 CET", "Asia/Tokyo", "/2026/07/02/lake/"),
        ("02/03/2026 11:30 PM", "Asia/Tokyo", "/2026/03/02/lake/"),
        ("2026-03-02T02:00:00Z", "America/Los_Angeles", "/2026/03/01/lake/"),
        ("2026-03-02 00:30:00 +0700", "Not/AZone", "/2026/03/01/lake/"),
        ("2026-03-02 23:30:00 -0700", "XYZ-9", "/2026/03/03/lake/"),
    ],
)
def test_day_is_that_of_the_zone(date: str, zone: str, expected: str, tmp_path: Path) -> None:
    """The day in an address is that of the site's time zone, or of UTC."""
    configuration = f"timezone: {zone}\npermalink: pretty"
    assert read_url(tmp_path, f"date: {date}", POST, configuration) == expected


def test_zone_of_the_settings_counts(tmp_path: Path) -> None:
    """The time zone that is set for the source is taken instead of the configured one."""
    options = SiteOptions(settings=SiteSettings(time_zone="Asia/Bangkok"))
    write_site(
        tmp_path,
        {
            "_config.yml": "url: https://site.example\ntimezone: UTC\npermalink: pretty\n",
            POST: "---\ndate: 2026-03-02 00:30:00 +0700\n---\n",
        },
    )
    article = read_article(tmp_path, POST, options=options)
    assert article.url == "https://site.example/2026/03/02/lake/"
    assert article.published_at == datetime(2026, 3, 1, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("configuration", "front_matter", "url", "picture"),
    [
        ("baseurl: /project", "permalink: /notes/lake/", "/project/notes/lake/", "/project/a.jpg"),
        ("baseurl: project/", "permalink: notes/lake", "/project/notes/lake", "/project/a.jpg"),
        ("baseurl: ''", "slug: The Lake", "/2026/03/02/The-Lake.html", "/a.jpg"),
        ("baseurl: /a/b", "title: Lake", "/a/b/2026/03/02/lake.html", "/a/b/a.jpg"),
    ],
)
def test_project_pages(
    configuration: str, front_matter: str, url: str, picture: str, tmp_path: Path
) -> None:
    """Addresses of pages and of pictures are below the `baseurl` of a site."""
    article = read_post(tmp_path, f"{front_matter}\nimage: a.jpg", POST, configuration)
    assert isinstance(article, Article)
    assert article.url == f"https://site.example{url}"
    assert [image.url for image in article.images] == [f"https://site.example{picture}"]


def test_base_address_of_the_settings_counts(tmp_path: Path) -> None:
    """The address that is set for the source is taken instead of `url` and `baseurl`."""
    options = SiteOptions(settings=SiteSettings(base_url="https://other.example/x/"))
    reading = read_post(tmp_path, "image: /assets/lake.jpg", POST, "baseurl: /y", options)
    assert isinstance(reading, Article)
    assert reading.url == "https://other.example/x/2026/03/02/lake.html"
    assert reading.images[0].url == "https://other.example/x/assets/lake.jpg"


@pytest.mark.parametrize(
    ("configuration", "more", "expected"),
    [
        ("url: http://localhost:4000", {"CNAME": "blog.example\n"}, "https://blog.example/"),
        ("", {"CNAME": "blog.example"}, "https://blog.example/"),
        ("url: https://a.example/\nbaseurl: /", {"CNAME": "b.example"}, "https://a.example/"),
        ("source: docs", {"docs/CNAME": "blog.example"}, "https://blog.example/"),
        ("url: 'https://[broken'", {}, None),
        ("title: x", {"CNAME": "not a host"}, None),
    ],
)
def test_address_of_a_site(
    configuration: str, more: dict[str, str], expected: str | None, tmp_path: Path
) -> None:
    """Without a public `url`, the domain that GitHub Pages is given is the site's address."""
    write_site(tmp_path, {"_config.yml": f"x: y\n{configuration}\n", **more})
    site = find_site(site_candidates(tmp_path), SiteOptions())
    assert site is not None
    assert site.site.description.base_url == expected


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("date", "/news/2026/03/02/lake.html"),
        ("pretty", "/news/2026/03/02/lake/"),
        ("ordinal", "/news/2026/061/lake.html"),
        ("weekdate", "/news/2026/W10/Mon/lake.html"),
        ("none", "/news/lake.html"),
        ("/:short_year/:i_month/:i_day/:title", "/26/3/2/lake"),
        ("/:month_:day/:name:output_ext", "/03_02/2026-03-02-lake.html"),
        ("blog/:long_month/:short_month/:title/", "/blog/March/Mar/lake/"),
        ("/:w_year/:week/:w_day/:long_day/:slug", "/2026/10/1/Monday/lake"),
        ("/:hour-:minute-:second/:title/", "/08-05-09/lake/"),
        ("/:collection/:path/", "/posts/news/2026-03-02-lake/"),
    ],
)
def test_patterns_of_addresses(style: str, expected: str, tmp_path: Path) -> None:
    """Styles and placeholders of permalinks are those of Jekyll."""
    front_matter = "date: 2026-03-02 08:05:09 Z"
    path = "news/_posts/2026-03-02-lake.md"
    assert read_url(tmp_path, front_matter, path, f"permalink: {style}") == expected


@pytest.mark.parametrize(
    ("name", "slug", "expected"),
    [
        ("tool-2.0", "", "tool-2.0"),
        ("Night TRAINS", "", "Night-TRAINS"),
        ("it's (part 1), really!", "", "it's-(part-1),-really!"),
        ("snake_case", "", "snake_case"),
        ("Straße-新闻", "", "Stra%C3%9Fe-%E6%96%B0%E9%97%BB"),
        ("x", "slug: 'C# & ½'", "C-&"),
        ("dots...", "", "dots"),
        ("-a--b-", "", "a-b"),
        ("x", "permalink: /Über uns/:title.htm", "%C3%9Cber%20uns/x.htm"),
        ("x", "permalink: a/../b//./:year/", "a/b/2026/"),
    ],
)
def test_names_in_an_address(name: str, slug: str, expected: str, tmp_path: Path) -> None:
    """A name keeps its case, and characters that are usual in addresses."""
    path = f"_posts/2026-03-02-{name}.md"
    assert read_url(tmp_path, f"layout: post\n{slug}", path, "permalink: /:title") == f"/{expected}"


def test_unknown_placeholder_is_an_error(tmp_path: Path) -> None:
    """A page whose pattern has a placeholder that Jekyll does not know has no address."""
    reading = read_post(tmp_path, "permalink: /:author/:title/")
    assert isinstance(reading, Rejection)
    assert ":author" in reading.reason


@pytest.mark.parametrize(
    ("path", "configuration", "expected"),
    [
        ("about.md", "", "/about.html"),
        ("about.md", "permalink: pretty", "/about/"),
        ("about.md", "permalink: /:title", "/about"),
        ("docs/index.md", "", "/docs/"),
        ("über uns/a b.markdown", "permalink: /x/:title/", "/%C3%BCber%20uns/a%20b/"),
        ("blog/2026-03-02-lake.md", "", "/blog/2026-03-02-lake.html"),
        ("note.mdx", "", "/note.mdx"),
        ("_pages/about.md", "include: [_pages]", "/_pages/about.html"),
        ("_notes/a/b.md", "collections: {notes: {output: true}}", "/notes/a/b.html"),
        ("_notes/b.md", "collections: {notes: {output: yes, permalink: /n/:name}}", "/n/b"),
        (
            "x/_notes/b.md",
            "collections: {notes: {output: true}}\ncollections_dir: x",
            "/notes/b.html",
        ),
        ("x/_posts/2026-03-02-b.md", "collections_dir: x\npermalink: none", "/b.html"),
    ],
)
def test_pages_and_collections(
    path: str, configuration: str, expected: str, tmp_path: Path
) -> None:
    """Pages are at the path of their file, documents of collections below the collection."""
    front_matter = "title: T\ndate: 2026-03-02"
    assert read_url(tmp_path, front_matter, path, configuration) == expected


HIDDEN = [
    ("_drafts/idea.md", "date: 2026-03-02", ""),
    ("_posts/03-02-waiting.md", "date: 2026-03-02", ""),
    ("_posts/waiting.md", "date: 2026-03-02", ""),
    ("_posts/_hidden/2026-03-02-x.md", "title: x", ""),
    ("_posts/sub/_2026-03-02-x.md", "title: x", ""),
    ("_secret/2026-03-02-x.md", "title: x", ""),
    ("_notes/2026-03-02-x.md", "title: x", "collections: {notes: {output: false}}"),
    ("_notes/2026-03-02-x.md", "title: x", "collections: [notes]"),
    (POST, "published: no", ""),
    (POST, "published:", ""),
    (POST, "title: x", "defaults: [{scope: {path: ''}, values: {published: false}}]"),
    (POST, "date: 2099-01-01", ""),
    (POST, "title: x", "exclude: [_posts]"),
    ("old/_posts/2026-03-02-x.md", "title: x", "exclude: [old/]"),
    ("old/_posts/2026-03-02-x.md", "title: x", "exclude: ['*/2026-*']"),
    (POST, "title: x", "collections_dir: content"),
    (POST, "title: x", "source: src"),
    ("_site/x.md", "date: 2026-03-02", ""),
    ("public/x.md", "date: 2026-03-02", "destination: public"),
    ("about.md", "title: About", ""),
    ("_docs/start.md", "title: Start", "collections: {docs: {output: true}}"),
    ("posts/pelican.md", "date: 2026-03-02\nstatus: draft", ""),
    ("posts/headless/index.md", "date: 2026-03-02\nbuild: {render: never}", ""),
    ("node_modules/a/x.md", "date: 2026-03-02", ""),
]


@pytest.mark.parametrize(("path", "front_matter", "configuration"), HIDDEN)
def test_what_is_not_published(
    path: str, front_matter: str, configuration: str, tmp_path: Path
) -> None:
    """Drafts, posts of the future and what Jekyll does not read are no articles."""
    reading = read_post(tmp_path, front_matter, path, configuration)
    assert reading == UnpublishedDocument()


@pytest.mark.parametrize(
    ("path", "front_matter", "configuration"),
    [
        (POST, "date: 2099-01-01", "future: true"),
        ("_drafts/idea.md", "date: 2026-03-02", "show_drafts: true"),
        ("_posts/26-3-2-x.md", "title: x", ""),
        ("_hidden/_posts/2026-03-02-x.md", "title: x", "include: [_hidden]"),
        ("old/x.md", "title: x\ndate: 2026-03-02", "exclude: [old]\ninclude: [old]"),
        ("about.md", "title: x\ndate: 2099-03-02", ""),
        (POST, "hidden: true", ""),
        ("src/_posts/2026-03-02-x.md", "title: x", "source: ./src"),
    ],
)
def test_what_is_published(
    path: str, front_matter: str, configuration: str, tmp_path: Path
) -> None:
    """The configuration can publish more, and pages have no date that matters."""
    assert isinstance(read_post(tmp_path, front_matter, path, configuration), Article)


def test_future_post_appears_at_its_time(tmp_path: Path) -> None:
    """A post of the future is read again when its time has come."""
    write_site(tmp_path, {"_config.yml": "url: https://s.example", POST: "---\ntitle: Lake\n---\n"})
    before = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    assert read_page(tmp_path, POST, now=before) == UnpublishedDocument()
    assert isinstance(read_page(tmp_path, POST, now=datetime(2026, 3, 2, tzinfo=UTC)), Article)


@pytest.mark.parametrize(
    ("path", "front_matter"),
    [
        ("_drafts/idea.md", "date: 2026-03-02"),
        (POST, "published: false"),
        (POST, "date: 2099-01-01"),
    ],
)
def test_drafts_of_a_preview(path: str, front_matter: str, tmp_path: Path) -> None:
    """With `unpublished: announce`, pages are read as in a preview with drafts."""
    files = {"_config.yml": "url: https://site.example", path: f"---\n{front_matter}\n---\n"}
    write_site(tmp_path, files)
    options = SiteOptions(settings=SiteSettings(drafts=True))
    read_article(tmp_path, path, options=options, unpublished="announce")


@pytest.mark.parametrize(
    ("name", "front_matter", "expected"),
    [
        ("the-lake-2.0", "layout: post", "The Lake 2.0"),
        ("GRÜSSE-aus_wien", "title:", "Grüsse Aus_wien"),
        ("x", "title: 2020", "2020"),
        ("x", "slug: other", "X"),
    ],
)
def test_titles(name: str, front_matter: str, expected: str, tmp_path: Path) -> None:
    """A post without a title has that of its file's name, word by word."""
    reading = read_post(tmp_path, front_matter, f"_posts/2026-03-02-{name}.md")
    assert isinstance(reading, Article)
    assert reading.title == expected


def test_the_last_one_of_two_values_counts(tmp_path: Path) -> None:
    """Ruby's YAML takes it without a word."""
    lines = "title: Pond\ndate: 2026-01-01\npermalink: /pond/\n"
    lines += "title: Lake\ndate: 2026-02-02\npermalink: /lake/"
    reading = read_post(tmp_path, lines)
    assert isinstance(reading, Article), reading
    assert (reading.title, reading.url) == ("Lake", "https://site.example/lake/")
    assert f"{reading.published_at:%F}" == "2026-02-02"


@pytest.mark.parametrize(
    "values",
    [
        ["published: false", "published: true"],
        ["published: true", "published: false"],
        ["published:", "published: true"],
        ["published: no", "published: 2026-01-01", "published: yes"],
        ["draft: true", "draft: false"],
        ["draft: false", "draft: true", "draft:"],
        ["status: draft", "status: hidden"],
        ["unlisted: yes", "unlisted: no"],
        ["build: {render: never}", "build: {render: always}"],
    ],
)
def test_a_draft_stays_one_whatever_follows(tmp_path: Path, values: list[str]) -> None:
    """Of several values of a flag, the one that hides the post counts."""
    lines = "\n".join(["title: Lake", *values])
    assert read_post(tmp_path, lines) == UnpublishedDocument()


def test_an_invalid_flag_is_rejected_whatever_follows(tmp_path: Path) -> None:
    reading = read_post(tmp_path, "title: Lake\ndraft: ture\ndraft: false")
    assert isinstance(reading, Rejection)
    assert reading.field == "draft"


def test_post_without_front_matter(tmp_path: Path) -> None:
    """A post needs no front matter; what is not a post is copied as it is without one."""
    write_site(
        tmp_path,
        {
            "_config.yml": "url: https://site.example",
            POST: "Prose.\n",
            "_posts/2026-03-03-empty.md": "---\n# nothing\n---\nProse.\n",
            "blog/2026-03-02-x.md": "Prose.\n",
        },
    )
    assert read_article(tmp_path, POST).title == "Lake"
    assert read_article(tmp_path, "_posts/2026-03-03-empty.md").title == "Empty"
    assert read_page(tmp_path, "blog/2026-03-02-x.md") == UnpublishedDocument()


DEFAULTS = """
defaults:
  - {scope: {path: ""}, values: {lang: en, category: all}}
  - {scope: {path: "", type: posts}, values: {permalink: "/p/:categories/:title/"}}
  - {scope: {path: news}, values: {lang: en-GB, categories: [paper]}}
  - {scope: {path: "*/2026"}, values: {excerpt: Of the year}}
  - {scope: {path: "n*ws/_posts/**", type: posts}, values: {image: {path: /a.png, width: 20}}}
  - {scope: {path: news, type: pages}, values: {permalink: /pages/:basename}}
  - {scope: {path: _notes, type: notes}, values: {lang: fr}}
collections: {notes: {output: true}}
"""


def test_default_values(tmp_path: Path) -> None:
    """Default values are those of all scopes that a page is in, the most specific ones first."""
    path = "news/_posts/2026/2026-03-02-lake.md"
    article = read_post(tmp_path, "image: {width: 640}\ncategories: x", path, DEFAULTS)
    assert isinstance(article, Article)
    assert article.url == "https://site.example/p/news/paper/x/all/lake/"
    assert article.language == "en-GB"
    assert article.images[0].url == "https://site.example/a.png"
    assert article.images[0].width == 640


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("_posts/2026-03-02-x.md", ("/p/all/x/", "en")),
        ("news/a.md", ("/pages/a", "en-GB")),
        ("newsletter/a.md", ("/pages/a", "en-GB")),
        ("_notes/2026-03-02-x.md", ("/notes/2026-03-02-x.html", "fr")),
    ],
)
def test_scopes_of_defaults(path: str, expected: tuple[str, str], tmp_path: Path) -> None:
    """A scope is the beginning of a path, and may be limited to a type."""
    article = read_post(tmp_path, "date: 2026-03-02", path, DEFAULTS)
    assert isinstance(article, Article)
    assert (article.url.removeprefix("https://site.example"), article.language) == expected


@pytest.mark.parametrize(
    ("path", "front_matter", "configuration", "expected"),
    [
        (POST, "lang: de", "lang: en", ("de", "/lake/")),
        (POST, "title: x", "lang: en", ("en", "/lake/")),
        (POST, "title: x", "locale: de-AT", ("de-AT", "/lake/")),
        (POST, "title: x", "", (None, "/lake/")),
        ("zh_tw/_posts/2026-03-02-lake.md", "lang: zh_tw", "lang: en", ("zh_tw", "/zh_tw/lake/")),
        ("fr/_posts/2026-03-02-lake.md", "title: x", "languages: [en, fr]", ("fr", "/fr/lake/")),
        (POST, "lang: de", "languages: [en, de]\ndefault_lang: en", ("de", "/de/lake/")),
        (POST, "lang: en", "languages: [en, de]\ndefault_lang: en", ("en", "/lake/")),
        (POST, "title: x", "languages: [en, de]\nplugins: [jekyll-polyglot]", ("en", "/lake/")),
        (
            "en/_posts/2026-03-02-lake.md",
            "lang: en",
            "languages: [en, de]\ndefault_lang: en",
            ("en", "/en/lake/"),
        ),
        (
            "de/_posts/2026-03-02-lake.md",
            "lang: DE",
            "languages: [en, de]\ndefault_lang: en",
            ("de", "/de/de/lake/"),
        ),
        (
            "_posts/de/2026-03-02-lake.md",
            "title: x",
            "languages: [en, de]\ndefault_lang: en\nlang_from_path: true",
            ("de", "/de/lake/"),
        ),
        (
            "_i18n/de/_posts/2026-03-02-lake.md",
            "title: x",
            "languages: [en, de]\nplugins: [jekyll-multiple-languages-plugin]",
            ("de", "/de/lake/"),
        ),
        (
            "_i18n/en/_posts/2026-03-02-lake.md",
            "title: x",
            "languages: [en, de]\nplugins: [jekyll-multiple-languages-plugin]",
            ("en", "/lake/"),
        ),
    ],
)
def test_languages(
    path: str,
    front_matter: str,
    configuration: str,
    expected: tuple[str | None, str],
    tmp_path: Path,
) -> None:
    """Languages are those of `lang`, of folders, or of the site, and may be in the address."""
    configuration += "\npermalink: /:categories/:title/"
    article = read_post(tmp_path, front_matter, path, configuration)
    assert isinstance(article, Article)
    assert (article.language, article.url.removeprefix("https://site.example")) == expected


def test_language_that_a_site_lacks(tmp_path: Path) -> None:
    """Where a plug-in builds a site per language, pages of no such language are not written."""
    configuration = "languages: [en, de]\ndefault_lang: en"
    assert read_post(tmp_path, "lang: fr", POST, configuration) == UnpublishedDocument()


@pytest.mark.parametrize(
    ("more", "is_read"), [("", False), ("exclude_from_localizations: [_posts]", True)]
)
def test_posts_beside_translations(more: str, is_read: bool, tmp_path: Path) -> None:
    """The plug-in for multiple languages reads `_posts` only if it is not to translate it."""
    configuration = f"languages: [en]\nplugins: [jekyll-multiple-languages-plugin]\n{more}"
    reading = read_post(tmp_path, "title: Lake", POST, configuration)
    assert isinstance(reading, Article) is is_read


def test_redirects_are_other_addresses(tmp_path: Path) -> None:
    """Old addresses that lead to a page are addresses of the same story."""
    for value in ("/old/lake/", "[/old/lake/, lake.html]"):
        article = read_post(tmp_path, f"redirect_from: {value}")
        assert isinstance(article, Article)
        assert any("site.example/old/lake" in each for each in article.addresses)


def test_excerpt_and_topics(tmp_path: Path) -> None:
    """The post's own excerpt counts; text is split at spaces in `categories` and `tags` only."""
    front_matter = "excerpt: Short.\ndescription: Long.\ncategory: Local News\ntags: water fish"
    article = read_post(tmp_path, front_matter)
    assert isinstance(article, Article)
    assert article.excerpt == "Short."
    assert article.topics == ("Local News", "water", "fish")


_FIRST = "The lake is full, and has been since the long rain of last week."


@pytest.mark.parametrize(
    ("front_matter", "configuration", "excerpt"),
    [
        ("a: b", "", _FIRST),
        ("excerpt_separator: <!--end-->", "", f"{_FIRST} It was not."),
        ("a: b", "excerpt_separator: <!--end-->", f"{_FIRST} It was not."),
        ("excerpt_separator: <!--fin-->", "excerpt_separator: <!--end-->", _FIRST),
        (r'excerpt_separator: "\n\n"', "excerpt_separator: <!--end-->", _FIRST),
        ("a: b", r'excerpt_separator: "\n\n"', _FIRST),
        ("a: b", "excerpt_separator: [1]", _FIRST),
        (
            "a: b",
            "defaults: [{scope: {path: ''}, values: {excerpt_separator: <!--end-->}}]",
            f"{_FIRST} It was not.",
        ),
    ],
)
def test_separators_of_excerpts(
    front_matter: str, configuration: str, excerpt: str, tmp_path: Path
) -> None:
    files = {
        "_config.yml": f"url: https://site.example\n{configuration}",
        POST: f"---\n{front_matter}\n---\n{_FIRST}\n\nIt was not.\n\n<!--end-->\n\nNow.\n",
    }
    write_site(tmp_path, files)
    article = read_page(tmp_path, POST)
    assert isinstance(article, Article)
    assert article.excerpt == excerpt


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2026-03-02-lake.md", "/2026/03/02/lake.html"),
        ("_posts/2026-03-02-lake.md", "/2026/03/02/lake.html"),
        ("news/_posts/2026-03-02-lake.md", "/news/2026/03/02/lake.html"),
    ],
)
def test_without_a_configuration(path: str, expected: str, tmp_path: Path) -> None:
    """Without a configuration in reach, Jekyll's usual values hold."""
    write_site(tmp_path, {path: "---\ntitle: Lake\n---\n"})
    options = SiteOptions(Generator.JEKYLL, SiteSettings(base_url="https://site.example"))
    article = read_article(tmp_path, path, options=options)
    assert article.url == f"https://site.example{expected}"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("lake.md", "/notes/lake/"),
        ("2026-03-01-lake.md", "/notes/lake/"),
        ("_posts/2026-03-01-lake.md", "/notes/lake/"),
        ("deep/in/lake.v2.md", "/notes/lake.v2/"),
    ],
)
def test_pattern_without_a_configuration(path: str, expected: str, tmp_path: Path) -> None:
    """Without a configuration in reach, the pattern of the source is that of all its pages."""
    write_site(tmp_path, {path: "---\ntitle: Lake\ndate: 2026-03-02\n---\n"})
    settings = SiteSettings(base_url="https://site.example", permalink="/notes/:title/")
    article = read_article(tmp_path, path, options=SiteOptions(Generator.JEKYLL, settings))
    assert article.url == f"https://site.example{expected}"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"_config.yml": "title: x"}, Generator.JEKYLL),
        ({"_config.yaml": "title: x"}, Generator.JEKYLL),
        ({"_config.toml": 'title = "x"'}, Generator.JEKYLL),
        ({"_config.yml": ""}, Generator.JEKYLL),
        ({"_config.yml": "source: source", "source/_posts/x.md": ""}, Generator.JEKYLL),
        ({"_config.yml": "source_dir: source\npublic_dir: public"}, Generator.HEXO),
        ({"_posts/x.md": "", "_layouts/post.html": ""}, Generator.JEKYLL),
        ({"_posts/x.md": ""}, None),
        ({"_config.yml": "title: x", "_toc.yml": "format: jb-book"}, None),
    ],
)
def test_recognised_sites(
    files: dict[str, str], expected: Generator | None, tmp_path: Path
) -> None:
    """A site is recognised by its configuration, unless that is one of Hexo."""
    write_site(tmp_path, files)
    site = find_site(site_candidates(tmp_path), SiteOptions())
    assert (site and site.rules.generator) == expected


@pytest.mark.parametrize(
    "configuration",
    [
        "defaults: {a: b}\ncollections: x\nexclude: y\ninclude: {a: b}\nplugins: z\nlanguages: q",
        "defaults: [1, [2], {scope: 3, values: 4}, {scope: {path: [], type: []}, values: {a: b}}]",
        "collections: {notes: , posts: [], 'a/b': {output: true}}",
        "permalink: [x]\ntimezone: ../../../etc/passwd\nmarkdown_ext: {}\nurl: 5",
        "timezone: Europe\nexclude: ['[', '*****************a', '', '/']",
        "defaults: [{scope: {path: '{{{,}}}*/**/**/[!'}, values: {permalink: null}}]",
        ": :",
        "a: [",
    ],
)
def test_strange_configurations(configuration: str, tmp_path: Path) -> None:
    """A configuration that makes no sense is no error."""
    reading = read_post(tmp_path, "title: Lake", POST, configuration)
    assert isinstance(reading, Article | UnpublishedDocument | Rejection)
    assert "internal error" not in str(reading)


def test_long_addresses_are_rejected(tmp_path: Path) -> None:
    """A pattern or a name that would make an address too long is an error."""
    for front_matter in (f"permalink: /{'x' * 3_000}", f"slug: {'ü x' * 3_000}"):
        assert isinstance(read_post(tmp_path, front_matter), Rejection)


_NAMES = st.sampled_from(
    [
        *("title", "date", "slug", "permalink", "category", "categories", "tags", "tag", "lang"),
        *("published", "redirect_from", "image", "excerpt", "status", "timezone", "url"),
        *("baseurl", "defaults", "collections", "include", "exclude", "source", "languages"),
        *("default_lang", "plugins", "markdown_ext", "path", "type", "scope", "values", "output"),
    ]
)
_TEXTS = st.text(max_size=20) | st.text(alphabet="/:._-*[]{}!\\#?%~ \u0301ẞ0a\n", max_size=30)
_VALUES = st.recursive(
    st.none() | _TEXTS | _NAMES,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(_NAMES, each, max_size=3),
    max_leaves=8,
)


@given(
    configuration=st.dictionaries(_NAMES, _VALUES, max_size=6),
    fields=st.dictionaries(_NAMES, _VALUES, max_size=6),
    folder=st.sampled_from(("", "_posts/", "_drafts/", "a/_posts/b/", "_notes/")) | _TEXTS,
    name=_TEXTS,
)
def test_any_page_is_read_or_rejected(
    configuration: dict[str, object], fields: dict[str, object], folder: str, name: str
) -> None:
    """Whatever a configuration and a page contain, a page is read, hidden or rejected."""
    files = StoredFiles({"_config.yml": json.dumps(configuration).encode()})
    site = RULES.configure(files, SiteSettings())
    path = f"{folder}2026-03-02-{name}.md"
    with suppress(RejectedError):
        assert isinstance(site.read_page(Page(path, fields), NOW), SitePage | HiddenPage)


@pytest.mark.parametrize(
    ("front_matter", "expected"),
    [
        ("image: assets/a.jpg", "/p/assets/a.jpg"),
        ("image: {path: /assets/a.jpg, width: 640}", "/p/assets/a.jpg"),
        ("header: {teaser: ./assets/a.jpg}", "/p/assets/a.jpg"),
        ("header: {overlay_image: assets/a b.jpg}", "/p/assets/a%20b.jpg"),
        ("header-img: img/a.jpg", "/p/img/a.jpg"),
        ("image: /p/assets/a.jpg", "/p/assets/a.jpg"),
        ("title: x", "/p/2026/03/02/b.jpg"),
    ],
)
def test_pictures_are_relative_to_the_site(
    front_matter: str, expected: str, tmp_path: Path
) -> None:
    """Pictures of front matter are relative to the site, those of the text to the page."""
    text = f"---\n{front_matter}\n---\n\nProse.\n\n![A lake](b.jpg)\n"
    configuration = "url: https://site.example\nbaseurl: /p\n"
    write_site(tmp_path, {"_config.yml": configuration, POST: text})
    article = read_article(tmp_path, POST)
    assert article.images[0].url == f"https://site.example{expected}"
