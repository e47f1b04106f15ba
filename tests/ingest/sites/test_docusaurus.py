"""Expected values are those of Docusaurus 3.10 for these files (`make compare-sites`)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config.sources import Generator
from bot.ingest.sites.detection import SiteOptions
from bot.ingest.sites.docusaurus.titles import content_title
from bot.ingest.sites.site import SiteSettings
from storage.models import Article, Rejection, UnpublishedDocument
from tests.ingest.sites.support import read_article, read_page, write_site

SITE = {
    "docusaurus.config.js": """
    export default {
      title: 'A site', url: 'https://site.example', baseUrl: '/',
      presets: [['classic', {blog: {}, docs: {}}]],
      plugins: [['@docusaurus/plugin-content-blog',
        {id: 'news', path: 'news', routeBasePath: '/n'}]],
    };"""
}
POST = "---\ntitle: A title\ndate: 2026-05-05\n---\nText\n"
UNDATED = "---\ntitle: A title\n---\nText\n"


def options(**settings: object) -> SiteOptions:
    settings = SiteSettings(**settings)  # type: ignore[arg-type,assignment]  # passed on as given
    return SiteOptions(Generator.DOCUSAURUS, settings)  # type: ignore[arg-type]  # the same


def article(root: Path, path: str, text: str = POST, site: dict[str, str] | None = None) -> Article:
    """A page of a site, which is written first."""
    write_site(root, {**(SITE if site is None else site), path: text})
    return read_article(root, path)


def address(root: Path, path: str, text: str = POST, site: dict[str, str] | None = None) -> str:
    """The address of a page of a site, below that of the site."""
    return article(root, path, text, site).url.removeprefix("https://site.example")


@pytest.mark.parametrize(
    ("path", "expected", "date"),
    [
        ("2026-03-02-name.md", "/blog/2026/03/02/name", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-3-2-short.mdx", "/blog/2026/3/2/short", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026/03/04/deep.md", "/blog/2026/03/04/deep", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026/03-05-x.md", "/blog/2026/03/05/x", datetime(2026, 3, 5, tzinfo=UTC)),
        (
            "2026/03/2026-03-05-both.md",
            "/blog/2026/03/05/2026/03/both",
            datetime(2026, 3, 5, tzinfo=UTC),
        ),
        ("2026-03-06-folder/index.md", "/blog/2026/03/06/folder", datetime(2026, 3, 6, tzinfo=UTC)),
        ("2026/03/07/idx/index.mdx", "/blog/2026/03/07/idx", datetime(2026, 3, 7, tzinfo=UTC)),
        ("2026-02-29-leap.md", "/blog/2026/02/29/leap", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-08/x.md", "/blog/2026/03/08/x", datetime(2026, 3, 8, tzinfo=UTC)),
        ("2026-04-06.md", "/blog/2026/04/06/", datetime(2026, 4, 6, tzinfo=UTC)),
        ("2026-04-07-index.md", "/blog/2026/04/07/index", datetime(2026, 4, 7, tzinfo=UTC)),
        ("2026-04-09_under.md", "/blog/2026/04/09/_under", datetime(2026, 4, 9, tzinfo=UTC)),
        ("a2026-04-10-x.md", "/blog/2026/04/10/ax", datetime(2026, 4, 10, tzinfo=UTC)),
    ],
)
def test_dates_in_the_path_of_a_post(
    tmp_path: Path, path: str, expected: str, date: datetime
) -> None:
    """The date of a file or folder is part of the address, and the date of the post."""
    read = article(tmp_path, f"blog/{path}", UNDATED)
    assert read.url == f"https://site.example{expected}"
    assert read.published_at == date


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("plain.md", "/blog/plain"),
        ("Upper Case.md", "/blog/Upper%20Case"),
        ("sub/dir.name.md", "/blog/sub/dir.name"),
        ("Über/日本.md", "/blog/%C3%9Cber/%E6%97%A5%E6%9C%AC"),
        ("index.md", "/blog/index"),
        ("sub/index.md", "/blog/sub"),
        ("50%.md", "/blog/50%25"),
        ("x.test.md", "/blog/x.test"),
    ],
)
def test_posts_without_a_date_in_the_path(tmp_path: Path, path: str, expected: str) -> None:
    """The address is the path as it is; nothing is made lower case."""
    assert address(tmp_path, f"blog/{path}") == expected


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("own", "/blog/own"),
        ("/abs/own/", "/blog/abs/own/"),
        ("a b", "/blog/a%20b"),
        ("/", "/blog/"),
        ("Ünï/x.1", "/blog/%C3%9Cn%C3%AF/x.1"),
    ],
)
def test_slugs_of_posts(tmp_path: Path, slug: str, expected: str) -> None:
    """A slug replaces the whole path below the blog, also that of folders."""
    text = POST.replace("title", f"slug: {slug}\ntitle", 1)
    assert address(tmp_path, "blog/folder/2026-03-02-x.md", text) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("baseUrl: '/project/'", "/project/blog/a"),
        ("baseUrl: '/', trailingSlash: true", "/blog/a/"),
        ("baseUrl: '/project', trailingSlash: false", "/project/blog/a"),
        ("baseUrl: '/', presets: [['classic', {blog: {routeBasePath: '/'}}]]", "/a"),
        ("baseUrl: '/', presets: [[require.resolve('@docusaurus/preset-classic')]]", "/blog/a"),
        ("plugins: ['content-blog']", "/blog/a"),
        ("presets: [[computed(), {blog: {routeBasePath: 'x'}}]]", "/blog/a"),
    ],
)
def test_addresses_as_configured(tmp_path: Path, settings: str, expected: str) -> None:
    """The base path, the path of the blog and the slash at the end are those configured."""
    site = {"docusaurus.config.ts": f"export default {{url: 'https://site.example', {settings}}}"}
    assert address(tmp_path, "blog/a.md", site=site) == expected


def test_several_blogs(tmp_path: Path) -> None:
    """Every plugin for posts has its own folder and path."""
    assert address(tmp_path, "news/2026-01-01-n.md", UNDATED) == "/n/2026/01/01/n"
    assert address(tmp_path, "blog/n.md") == "/blog/n"
    write_site(tmp_path, {"other/x.md": POST, "README.md": POST})
    assert read_page(tmp_path, "other/x.md") == UnpublishedDocument()
    assert read_page(tmp_path, "README.md") == UnpublishedDocument()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("website/blog/2026-03-02-a.md", "/blog/2026/03/02/a"),
        ("docs/01-a.md", "/docs/next/a"),
        ("website/versioned_docs/version-1.0/a.md", "/docs/a"),
        ("website/i18n/fr/docusaurus-plugin-content-blog/a.md", "/fr/blog/a"),
    ],
)
def test_a_site_within_a_repository(tmp_path: Path, path: str, expected: str) -> None:
    """The source may be a repository whose site is in a folder of it, as most projects have it."""
    site = {
        "website/docusaurus.config.js": """module.exports = {
          url: 'https://site.example', i18n: {defaultLocale: 'en', locales: ['en', 'fr']},
          presets: [['classic', {docs: {path: '../docs'}}]],
        };""",
        "website/versions.json": '["1.0"]',
        "README.md": "# Read me\n",
    }
    assert address(tmp_path, path, site=site) == expected
    assert read_page(tmp_path, "README.md") == UnpublishedDocument()


def test_a_blog_that_is_switched_off(tmp_path: Path) -> None:
    """Without its plugin, a folder has no pages."""
    site = {"docusaurus.config.js": "module.exports = {presets: [['classic', {blog: false}]]}"}
    write_site(tmp_path, {**site, "blog/a.md": POST})
    assert read_page(tmp_path, "blog/a.md") == UnpublishedDocument()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("intro.md", "/docs/intro"),
        ("01-start.md", "/docs/start"),
        ("02 - My Dir/03_file.md", "/docs/My%20Dir/file"),
        ("guide/index.md", "/docs/guide/"),
        ("guide/README.md", "/docs/guide/"),
        ("3-c/readme.mdx", "/docs/c/"),
        ("guide2/guide2.md", "/docs/guide2/"),
        ("b/2021-11-foo.md", "/docs/b/2021-11-foo"),
        ("b/7.0-x.md", "/docs/b/7.0-x"),
        ("b/With Space.md", "/docs/b/With%20Space"),
    ],
)
def test_paths_of_documents(tmp_path: Path, path: str, expected: str) -> None:
    """Numbers in front of names are not part of the address, nor is the name of an index."""
    assert address(tmp_path, f"docs/{path}") == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("slug: /top", "/docs/top"),
        ("slug: rel/x", "/docs/b/rel/x"),
        ("slug: ../up", "/docs/up"),
        ("id: other", "/docs/b/other"),
        ("parse_number_prefixes: false", "/docs/01-b/02-x"),
    ],
)
def test_front_matter_of_documents(tmp_path: Path, field: str, expected: str) -> None:
    """A slug is relative to the folder, and an id replaces the name."""
    text = POST.replace("title", f"{field}\ntitle", 1)
    assert address(tmp_path, "docs/01-b/02-x.md", text) == expected


def test_versions_of_documents(tmp_path: Path) -> None:
    """The newest version has the usual path, and the current one comes next."""
    versions = {"versions.json": '["2.0", "1.0"]'}
    write_site(tmp_path, versions)
    assert address(tmp_path, "docs/a.md") == "/docs/next/a"
    assert address(tmp_path, "versioned_docs/version-2.0/a.md") == "/docs/a"
    assert address(tmp_path, "versioned_docs/version-1.0/a.md") == "/docs/1.0/a"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("about.mdx", "/about"), ("team/index.md", "/team/"), ("Über uns.md", "/%C3%9Cber%20uns")],
)
def test_pages(tmp_path: Path, path: str, expected: str) -> None:
    """Pages of `src/pages` are at the root of the site."""
    assert address(tmp_path, f"src/pages/{path}") == expected


@pytest.mark.parametrize("path", ["docs/a.md", "src/pages/a.md", "docs/README.md"])
def test_documents_without_a_date(tmp_path: Path, path: str) -> None:
    """Documentation is not news, unless its author dates it."""
    write_site(tmp_path, {**SITE, path: "# Heading\n"})
    assert read_page(tmp_path, path) == UnpublishedDocument()
    text = "---\nlast_update:\n  date: 2026-03-02\n---\n# Heading\n"
    assert article(tmp_path, path, text).published_at == datetime(2026, 3, 2, tzinfo=UTC)
    text = text.replace("2026-03-02", "2026-03-02 10:00:00 +0100")
    assert article(tmp_path, path, text).published_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "path", ["blog/_partial.md", "blog/_parts/a.mdx", "blog/__tests__/a.md", "docs/_x.md"]
)
def test_partial_files(tmp_path: Path, path: str) -> None:
    """Files and folders with an underscore are parts of other pages."""
    write_site(tmp_path, {**SITE, path: POST})
    assert read_page(tmp_path, path) == UnpublishedDocument()


@pytest.mark.parametrize("field", ["draft: true", "unlisted: true"])
def test_drafts(tmp_path: Path, field: str) -> None:
    """Drafts are not published, and unlisted posts are no news."""
    path = "blog/2026-03-02-a.md"
    write_site(tmp_path, {**SITE, path: f"---\n{field}\n---\nText\n"})
    assert read_page(tmp_path, path) == UnpublishedDocument()
    article = read_article(tmp_path, path, unpublished="announce")
    assert article.url == "https://site.example/blog/2026/03/02/a"


def test_posts_of_the_future(tmp_path: Path) -> None:
    """A date in the future changes nothing."""
    assert address(tmp_path, "blog/2030-04-05-x.md", UNDATED) == "/blog/2030/04/05/x"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026-01-02T10:00", datetime(2026, 1, 2, 10, tzinfo=UTC)),
        ("2026-01-02 10:00:00", datetime(2026, 1, 2, 10, tzinfo=UTC)),
        ("2026-01-02T10:00:00+02:00", datetime(2026, 1, 2, 8, tzinfo=UTC)),
        ("2026/01/02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("Jan 2, 2026", datetime(2026, 1, 2, tzinfo=UTC)),
        ("1/2/2026", datetime(2026, 1, 2, tzinfo=UTC)),
        ("1.2.2026", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2017-02-29", datetime(2017, 3, 1, tzinfo=UTC)),
        ("2017-02-29 11:00:00", datetime(2017, 3, 1, 11, tzinfo=UTC)),
        # What YAML takes for text gets a `Z`.
        ('"2026-03-02 13:30:00 +0100"', datetime(2026, 3, 2, 13, 30, tzinfo=UTC)),
        ("2026-03-02 01:30:00 -0700", datetime(2026, 3, 2, 1, 30, tzinfo=UTC)),
        ("2026-03-02 01:30 -07:00", datetime(2026, 3, 2, 1, 30, tzinfo=UTC)),
        ("2026-03-02 10:20 GMT+8", datetime(2026, 3, 2, 10, 20, tzinfo=UTC)),
        ('"Mon, 02 Mar 2026 13:30:00 +0100"', datetime(2026, 3, 2, 13, 30, tzinfo=UTC)),
        ("Mon Mar 02 2026 13:30:00 GMT+0100 (CET)", datetime(2026, 3, 2, 13, 30, tzinfo=UTC)),
        ("2026-03-02 01:30:00 -07:00", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("2026-03-02 01:30:00 +1", datetime(2026, 3, 2, 0, 30, tzinfo=UTC)),
    ],
)
def test_dates_of_the_front_matter(tmp_path: Path, written: str, expected: datetime) -> None:
    """A date of the front matter wins over that of the name, and is in UTC."""
    text = UNDATED.replace("title", f"date: {written}\ntitle", 1)
    assert article(tmp_path, "blog/2026-03-02-a.md", text).published_at == expected


def test_posts_without_any_date_are_rejected(tmp_path: Path) -> None:
    """Docusaurus takes the date of the first commit, which is not known here."""
    write_site(tmp_path, {**SITE, "blog/a.md": UNDATED, "blog/2026-13-45-b.md": UNDATED})
    for path in ("blog/a.md", "blog/2026-13-45-b.md"):
        assert isinstance(read_page(tmp_path, path), Rejection)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\ntitle: Field\n---\n# Heading\n", "Field"),
        ("# Heading `code` {#id}\n\ntext\n", "Heading code"),
        ("---\n---\n# Heading ##\n", "Heading"),
        ("\ufeff---\ntags: [a]\n---\n\nimport X from 'y'\n\nSetext\n======\n", "Setext"),
        ("Text first.\n\n# Later\n", "night-train"),
        ("## Second level\n", "night-train"),
        ("", "night-train"),
    ],
)
def test_titles(tmp_path: Path, text: str, expected: str) -> None:
    """The title is in the front matter, in the heading at the top, or in the file's name."""
    assert article(tmp_path, "blog/2026-03-02-night-train.md", text).title == expected


def test_titles_of_posts_that_have_none(tmp_path: Path) -> None:
    """A name that is only a date is better than no title."""
    assert article(tmp_path, "blog/2026-03-02.md", "Text\n").title == "2026-03-02"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"import a from 'b'\nimport c from 'd'\r\n\r\n\r\n# T\r\n", "T"),
        (b"import a from 'b'\n# T\n", None),
        (b"imported\n===\n", "imported"),
        (b"#\tT  #\n", "T"),
        (b"# \n", None),
        (b"#T\n", None),
        (b"\n===\n", None),
        (b"import a\n\n" * 30_000 + b"# T\n", None),
        (b"# " + b" " * 200_000 + b"{#", None),
        (b"# T" + b"#" * 200_000, "T"),
    ],
)
def test_headings(body: bytes, expected: str | None) -> None:
    """Only a heading at the top is a title, after imports that a blank line ends."""
    assert content_title(body) == expected


TRANSLATED = {
    "docusaurus.config.js": """
    module.exports = {
      url: 'https://site.example', baseUrl: '/project/', trailingSlash: true,
      i18n: {defaultLocale: 'en', locales: ['en', 'fr', 'pt-BR'], localeConfigs: {
        'pt-BR': {path: 'pt'}, fr: {htmlLang: 'fr-FR', baseUrl: '/french/'}}},
      presets: [['classic', {}]],
      plugins: [['@docusaurus/plugin-content-blog', {id: 'news', path: './news'}]],
    };"""
}


@pytest.mark.parametrize(
    ("path", "expected", "language"),
    [
        ("blog/a.md", "/project/blog/a/", "en"),
        ("i18n/pt/docusaurus-plugin-content-blog/a.md", "/project/pt-BR/blog/a/", "pt-BR"),
        ("i18n/fr/docusaurus-plugin-content-blog/a.md", "/project/french/blog/a/", "fr-FR"),
        (
            "i18n/pt/docusaurus-plugin-content-docs/current/01-a.md",
            "/project/pt-BR/docs/a/",
            "pt-BR",
        ),
        ("i18n/pt/docusaurus-plugin-content-pages/a.md", "/project/pt-BR/a/", "pt-BR"),
    ],
)
def test_translations(tmp_path: Path, path: str, expected: str, language: str) -> None:
    """A translation is at the path of its language."""
    read = article(tmp_path, path, site=TRANSLATED)
    assert read.url == f"https://site.example{expected}"
    assert read.language == language


def test_languages_that_are_not_built(tmp_path: Path) -> None:
    """The folder of a language that the configuration does not name has no pages."""
    path = "i18n/de/docusaurus-plugin-content-blog/a.md"
    write_site(tmp_path, {**TRANSLATED, path: POST})
    assert read_page(tmp_path, path) == UnpublishedDocument()
    french = "i18n/fr/docusaurus-plugin-content-blog/a.md"
    write_site(tmp_path, {french: POST})
    assert read_page(tmp_path, french, options=options(languages=())) == UnpublishedDocument()


@pytest.mark.parametrize(
    ("source", "path", "expected"),
    [
        ("", "website/blog/2026-03-02-x.md", "/blog/2026/03/02/x"),
        ("website/blog", "2026-03-02-x.md", "/blog/2026/03/02/x"),
        ("website/blog", "releases/2026-03-02-x.md", "/blog/2026/03/02/releases/x"),
        ("posts", "2026-03-02-x.md", "/blog/2026/03/02/x"),
    ],
)
def test_without_a_configuration(tmp_path: Path, source: str, path: str, expected: str) -> None:
    """A source that is only the posts is read with the usual configuration."""
    full = f"{source}/{path}" if source else path
    write_site(tmp_path, {full: UNDATED})
    settings = options(base_url="https://site.example/")
    read = read_article(tmp_path, full, source=source, options=settings)
    assert read.url == f"https://site.example{expected}"


@pytest.mark.parametrize(
    ("permalink", "expected"),
    [
        ("/news/:slug/", "/news/x-y/"),
        ("/:year/:month/:day/:slug", "/2026/03/02/x-y"),
        ("/:title/", "/a-title/"),
    ],
)
def test_the_pattern_of_the_settings(tmp_path: Path, permalink: str, expected: str) -> None:
    """A permalink of the settings replaces the addresses of posts."""
    path = "blog/2026-03-02-x-y.md"
    write_site(tmp_path, {**SITE, path: UNDATED})
    read = read_article(tmp_path, path, options=options(permalink=permalink))
    assert read.url == f"https://site.example{expected}"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("image: /img/a.png", "https://site.example/project/img/a.png"),
        ("image: img/a.png", "https://site.example/project/img/a.png"),
        ("image: https://cdn.example/a.png", "https://cdn.example/a.png"),
        ("image: ./a.png", None),
        ("image: '@site/static/a.png'", None),
        ("image: false", None),
    ],
)
def test_pictures(tmp_path: Path, field: str, expected: str | None) -> None:
    """Pictures are relative to the root of the site; those beside the post get new names."""
    text = POST.replace("title", f"{field}\ntitle", 1)
    read = article(tmp_path, "blog/a.md", text, TRANSLATED)
    assert [each.url for each in read.images] == ([expected] if expected else [])


def test_labels_of_tags(tmp_path: Path) -> None:
    """Tags may be written with their label, or have it in a file."""
    tags = "facebook:\n  label: Facebook\nhello:\n  permalink: /hello\n"
    write_site(tmp_path, {"blog/tags.yml": tags})
    text = POST.replace("title", "tags: [facebook, hello, {label: Own, permalink: /x}]\ntitle", 1)
    assert article(tmp_path, "blog/a.md", text).topics == ("Facebook", "hello", "Own")


@pytest.mark.parametrize("text", ["", "}{", "export default 1", "module.exports = {presets: 1}"])
@pytest.mark.parametrize("name", ["docusaurus.config.js", "versions.json", "blog/tags.yml"])
def test_configurations_that_say_nothing(tmp_path: Path, name: str, text: str) -> None:
    """What can't be understood in a configuration is left out."""
    write_site(tmp_path, {**SITE, name: text, "blog/a.md": POST})
    settings = options(base_url="https://site.example/")
    read = read_article(tmp_path, "blog/a.md", options=settings)
    assert read.url == "https://site.example/blog/a"


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    """A name that can't be decoded triggers no error."""
    path = b"blog/2026-03-02-caf\xe9.md".decode("utf-8", "surrogateescape")
    write_site(tmp_path, {**SITE, path: UNDATED})
    assert read_article(tmp_path, path).url == "https://site.example/blog/2026/03/02/caf%3F"
