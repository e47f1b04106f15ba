import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.sources import FolderSettings, Generator
from bot.ingest.folder.site_files import site_candidates
from bot.ingest.frontmatter import RejectedError
from bot.ingest.sites.detection import SiteOptions, find_site
from bot.ingest.sites.eleventy.configuration import Configuration
from bot.ingest.sites.eleventy.functions import read_permalink_function
from bot.ingest.sites.eleventy.pages import read_eleventy_page
from bot.ingest.sites.eleventy.slugs import slug, slugify
from bot.ingest.sites.eleventy.templates import UnknownError, evaluate
from bot.ingest.sites.site import Page, SitePage, SiteSettings
from storage.models import Article, Rejection, UnpublishedDocument
from tests.ingest.sites.support import NOW, read_article, read_page, write_site

CONFIG = {".eleventy.js": "module.exports = function (eleventyConfig) {};\n"}
OPTIONS = SiteOptions(settings=SiteSettings(base_url="https://blog.example/"))
POST = "---\ntitle: The Mill\ndate: 2026-03-02\n---\nText.\n"
NUNJUCKS = {
    "eleventy.config.js": "export const config = { markdownTemplateEngine: 'njk' };\n"
    "export default function () {}\n",
    "package.json": '{"type": "module"}',
}


def post(*lines: str) -> str:
    """A post with a title, a date and further lines of front matter."""
    return "\n".join(("---", "title: The Mill & Co", "date: 2026-03-02", *lines, "---", ""))


# The addresses are those that Eleventy 3.1.8 gives these files.
ADDRESSES: list[tuple[Mapping[str, str], str, str, str]] = [
    ({}, "mill.md", POST, "/mill/"),
    ({}, "posts/mill.md", POST, "/posts/mill/"),
    ({}, "posts/2026-03-02-mill.md", POST, "/posts/2026-03-02-mill/"),
    ({}, "posts/mill/index.md", POST, "/posts/mill/"),
    ({}, "posts/mill/mill.md", POST, "/posts/mill/"),
    ({}, "Old Mill/v2.0 Über.md", POST, "/Old%20Mill/v2.0%20%C3%9Cber/"),
    ({}, "a.md", post("permalink: /x/index.html"), "/x/"),
    ({}, "a.md", post("permalink: x/y/"), "/x/y/"),
    ({}, "a.md", post("permalink: /x.html"), "/x.html"),
    ({}, "a.md", post("permalink: //x//y/../z/"), "/x/z/"),
    ({}, "a.md", post('permalink: "/p/{{ page.fileSlug }}/"'), "/p/a/"),
    ({}, "2026-01-02-trip/index.md", post('permalink: "/p/{{ page.fileSlug }}/"'), "/p/trip/"),
    ({}, "n/2026-01-02-b.md", post('permalink: "{{ page.filePathStem }}.html"'), "/b.html"),
    ({}, "no/2026-01-02-b.md", post('permalink: "{{ page.filePathStem }}.html"'), "/no/b.html"),
    ({}, "a.md", post('permalink: "/{{ title | slugify }}/"'), "/the-mill-and-co/"),
    ({}, "a.md", post('permalink: "/{{title|slug}}/index.html"'), "/the-mill-and-co/"),
    (
        {},
        "a.md",
        post("permalink: \"/{{ page.date | date: '%Y/%m/%d' }}/{{ page.fileSlug }}/\""),
        "/2026/03/02/a/",
    ),
    ({}, "a.md", post("permalink: \"/{{ page.date | date: '%Y/%-m/%-d' }}/\""), "/2026/3/2/"),
    ({}, "a.md", post("permalink: \"/{{ topic | default: 'none' | upcase }}/\""), "/NONE/"),
    (
        {},
        "a.md",
        post('permalink: "/{% if topic %}{{ topic }}{% else %}other{% endif %}/"', "topic: x"),
        "/x/",
    ),
    (NUNJUCKS, "a.md", post('permalink: "/{{ title | lower | slugify }}/"'), "/the-mill-and-co/"),
    (NUNJUCKS, "a.md", post("permalink: \"{{ '/p/' + page.fileSlug + '/' }}\""), "/p/a/"),
    (NUNJUCKS, "a.md", post("permalink: \"/{{ topic or 'none' }}/\""), "/none/"),
    ({"posts/posts.json": '{"permalink": "/b/{{ page.fileSlug }}/"}'}, "posts/a.md", POST, "/b/a/"),
    (
        {"posts/posts.11tydata.json": '{"permalink": "/c/{{ page.fileSlug }}/"}'},
        "posts/deep/a.md",
        POST,
        "/c/a/",
    ),
    (
        {
            "posts/posts.json": '{"permalink": "/b/{{ page.fileSlug }}/"}',
            "posts/posts.11tydata.js": "module.exports = {\n"
            '  permalink: "/c/{{ page.fileSlug }}/",\n};\n',
        },
        "posts/a.md",
        POST,
        "/c/a/",
    ),
    (
        {
            "posts/posts.11tydata.js": "module.exports = {\n"
            "  permalink: (data) => `/d/${data.page.fileSlug}/`,\n};\n"
        },
        "posts/a.md",
        POST,
        "/d/a/",
    ),
    (
        {
            "posts/posts.11tydata.js": "module.exports = {\n"
            "  permalink({ title, page }) {\n"
            "    return `/${this.slugify(title)}/${page.fileSlug}/`;\n  },\n};\n"
        },
        "posts/a.md",
        POST,
        "/the-mill/a/",
    ),
    ({"posts/a.11tydata.json": '{"permalink": "/own/"}'}, "posts/a.md", POST, "/own/"),
    ({"posts/a.json": '{"permalink": "/own/"}'}, "posts/a.md", POST, "/own/"),
    (
        {"posts/posts.json": '{"permalink": "/b/{{ page.fileSlug }}/"}'},
        "posts/a.md",
        post("permalink: /own/"),
        "/own/",
    ),
    (
        {
            "_includes/layouts/post.njk": '---\npermalink: "/l/{{ page.fileSlug }}/"\n---\n',
            "posts/posts.json": '{"layout": "layouts/post.njk"}',
        },
        "posts/a.md",
        POST,
        "/l/a/",
    ),
    (
        {
            "posts/posts.json": '{"eleventyComputed": {"permalink": "/e/{{ title | slugify }}/"}}',
        },
        "posts/a.md",
        POST,
        "/e/the-mill/",
    ),
    (
        {".eleventy.js": "module.exports = (c) => ({ dir: { input: './src' } });\n"},
        "src/posts/a.md",
        POST,
        "/posts/a/",
    ),
    (
        {
            ".eleventy.js": "module.exports = (c) => {\n  c.setInputDirectory('src');\n"
            "  c.addGlobalData('permalink', '/g/{{ page.fileSlug }}/');\n};\n"
        },
        "src/a.md",
        POST,
        "/g/a/",
    ),
]


@pytest.mark.parametrize(("files", "path", "text", "address"), ADDRESSES)
def test_pages_have_the_addresses_of_eleventy(
    tmp_path: Path, files: Mapping[str, str], path: str, text: str, address: str
) -> None:
    """Paths, permalinks, their templates, and data of files, folders and layouts."""
    write_site(tmp_path, {**(files if NUNJUCKS.items() <= files.items() else CONFIG), **files})
    write_site(tmp_path, {path: text})
    assert read_article(tmp_path, path, options=OPTIONS).url == f"https://blog.example{address}"


@pytest.mark.parametrize(
    ("function", "url"),
    [
        ("permalink: (data) => `/d/${data.page.fileSlug}/`", "/d/a/"),
        ("permalink: data => '/d/' + data.page.fileSlug + '/'", "/d/a/"),
        ("permalink: function (data) { return `/d/${data.page.fileSlug}/`; }", "/d/a/"),
        ("permalink({ page, title }) { return `/${this.slugify(title)}/`; }", "/the-mill/"),
        (
            "permalink(data) {\n      const path = data?.base ?? data.kind;\n"
            "      const slug = data.slug || this.slugify(data.title);\n"
            "      return `${path}/${slug}/`;\n    }",
            "/notes/the-mill/",
        ),
        ("permalink: (data) => `/d/${slugify(data.title)}/`", "/d/the-mill/"),
        # It only passes on the permalink of another file.
        ("permalink: (data) => (show(data) ? data.permalink : false)", "/posts/a/"),
        (
            "permalink(data) {\n if (data.draft) return false;\n return data.permalink; }",
            "/posts/a/",
        ),
        ("permalink: (data) => `/d/${data.page.date.getFullYear()}/`", None),
        ("permalink: (data) => make(data)", None),
    ],
)
def test_functions_for_permalinks_are_read(tmp_path: Path, function: str, url: str | None) -> None:
    """What they put together is; what they compute is not, so there is no address."""
    script = f"module.exports = {{\n  kind: 'notes',\n  eleventyComputed: {{ {function}, }},\n}};\n"
    write_site(tmp_path, {**CONFIG, "posts/posts.11tydata.js": script, "posts/a.md": POST})
    reading = read_page(tmp_path, "posts/a.md", options=OPTIONS)
    found = (
        reading.url.removeprefix("https://blog.example") if isinstance(reading, Article) else None
    )
    assert found == url


@given(st.text("permalink:(data)=>{} `$/?.;+|'constreu\n", max_size=120))
def test_any_function_is_read_or_unknown(text: str) -> None:
    """Nothing in a file raises an error."""
    read_permalink_function(f"permalink: (data) => {text}")
    read_permalink_function(f"permalink(data) {{ {text}")


@pytest.mark.parametrize(
    ("files", "path", "text"),
    [
        ({}, "a.md", post("draft: true")),
        ({}, "a.md", post("permalink: false")),
        ({}, "a.md", post("eleventyExcludeFromCollections: true")),
        ({}, "a.md", post("pagination: {data: x, size: 1}")),
        ({}, "a.mdx", POST),
        ({}, "a.markdown", POST),
        ({}, "_includes/a.md", POST),
        ({}, "_data/a.md", POST),
        ({}, "_site/a.md", POST),
        ({}, "x/node_modules/a/a.md", POST),
        ({".eleventyignore": "# c\ndrafts\n"}, "drafts/a.md", POST),
        ({".eleventyignore": "drafts/**\n"}, "drafts/a/b.md", POST),
        ({".gitignore": "/drafts/\n!x\n"}, "drafts/a.md", POST),
        ({".eleventyignore": "**/secret.md\n"}, "a/b/secret.md", POST),
        ({"posts/posts.json": '{"permalink": false}'}, "posts/a.md", POST),
        ({"posts/posts.json": '{"draft": true}'}, "posts/a.md", POST),
        ({"posts/posts.json": '{"eleventyExcludeFromCollections": true}'}, "posts/a.md", POST),
        (
            {".eleventy.js": "module.exports = (c) => { c.ignores.add('./drafts/**'); };\n"},
            "drafts/a.md",
            POST,
        ),
        (
            {".eleventy.js": "module.exports = (c) => ({dir: {input: 'src', output: 'out'}});\n"},
            "notes/a.md",
            POST,
        ),
        (
            {".eleventy.js": "module.exports = (c) => ({templateFormats: ['njk']});\n"},
            "notes/a.md",
            POST,
        ),
    ],
)
def test_pages_that_eleventy_does_not_list_are_hidden(
    tmp_path: Path, files: Mapping[str, str], path: str, text: str
) -> None:
    """Drafts, pages that are not written or in no collection, ignored files, other folders."""
    write_site(tmp_path, {**CONFIG, **files, path: text})
    assert isinstance(read_page(tmp_path, path, options=OPTIONS), UnpublishedDocument)


def test_git_ignored_files_are_read_if_the_site_says_so(tmp_path: Path) -> None:
    """`setUseGitIgnore(false)` makes Eleventy read them."""
    config = "module.exports = (c) => { c.setUseGitIgnore(false); };\n"
    write_site(tmp_path, {".eleventy.js": config, ".gitignore": "notes\n", "notes/a.md": POST})
    assert read_article(tmp_path, "notes/a.md", options=OPTIONS).title == "The Mill"


def test_drafts_are_read_in_a_preview(tmp_path: Path) -> None:
    """With `unpublished: announce` for the source."""
    write_site(tmp_path, {**CONFIG, "a.md": post("draft: true")})
    options = SiteOptions(settings=SiteSettings("https://blog.example/", drafts=True))
    article = read_article(tmp_path, "a.md", options=options, unpublished="announce")
    assert article.url == "https://blog.example/a/"


@pytest.mark.parametrize(
    ("path", "line", "date"),
    [
        # As Eleventy 3.1.8 reads them.
        ("a.md", "date: 2026-03-02", "2026-03-02 00:00"),
        ("a.md", "date: 2026-03-02T10:00:00+02:00", "2026-03-02 08:00"),
        ("a.md", "date: 2026-03-02 10:00:00", "2026-03-02 10:00"),
        ("a.md", "date: '2026-03-02T10:00'", "2026-03-02 10:00"),
        ("a.md", "date: 2017-02-29 11:00:00", "2017-03-01 11:00"),
        ("2026-03-02-a.md", "x: y", "2026-03-02 00:00"),
        ("2026-03-02/a.md", "x: y", "2026-03-02 00:00"),
        ("2026-03-02-trip/2025-01-01-a.md", "x: y", "2026-03-02 00:00"),
        ("2025-01-01-a.md", "date: 2026-03-02", "2026-03-02 00:00"),
    ],
)
def test_dates_are_those_of_eleventy(tmp_path: Path, path: str, line: str, date: str) -> None:
    """In UTC, of the front matter or else the first one in the path."""
    write_site(tmp_path, {**CONFIG, path: f"---\ntitle: T\n{line}\n---\n"})
    article = read_article(tmp_path, path, options=OPTIONS)
    assert article.published_at == datetime.fromisoformat(date).replace(tzinfo=UTC)


@pytest.mark.parametrize("date", ["Last Modified", "git Created", "soon"])
def test_dates_of_files_are_not_known(tmp_path: Path, date: str) -> None:
    """The rejection names the line."""
    write_site(tmp_path, {**CONFIG, "a.md": f"---\ntitle: T\ndate: {date}\n---\n"})
    reading = read_page(tmp_path, "a.md", options=OPTIONS)
    assert isinstance(reading, Rejection)
    assert (reading.line, reading.field) == (3, "date")


def test_a_permalink_that_can_not_be_evaluated_is_rejected(tmp_path: Path) -> None:
    """Another address would lead to a missing page; the settings can give one."""
    text = post('permalink: "/{{ title | shout }}/"')
    write_site(tmp_path, {**CONFIG, "a.md": text})
    reading = read_page(tmp_path, "a.md", options=OPTIONS)
    assert isinstance(reading, Rejection)
    assert reading.field == "permalink"


def test_changed_slugs_are_known_for_plain_words(tmp_path: Path) -> None:
    """Whatever the site does with other letters, it makes the same of these."""
    config = "module.exports = (c) => { c.addFilter('slugify', (text) => other(text)); };\n"
    line = 'permalink: "/{{ title | slugify }}/"'
    texts = {name: f"---\ntitle: {name}\ndate: 2026-01-01\n{line}\n---\n" for name in "aé"}
    write_site(tmp_path, {".eleventy.js": config, "a.md": texts["a"], "b.md": texts["é"]})
    assert read_article(tmp_path, "a.md", options=OPTIONS).url == "https://blog.example/a/"
    assert isinstance(read_page(tmp_path, "b.md", options=OPTIONS), Rejection)


I18N = (
    "const { EleventyI18nPlugin } = require('@11ty/eleventy');\n"
    "module.exports = (c) => { c.addPlugin(EleventyI18nPlugin, { defaultLanguage: 'de' }); };\n"
)


@pytest.mark.parametrize(
    ("files", "path", "language"),
    [
        ({".eleventy.js": I18N}, "a.md", "de"),
        ({".eleventy.js": I18N}, "es/a.md", "es"),
        ({".eleventy.js": I18N}, "pt-br/a.md", "pt-br"),
        ({".eleventy.js": I18N}, "js/a.md", "de"),
        ({"es/es.json": '{"lang": "es"}'}, "es/a.md", "es"),
        ({"_data/metadata.json": '{"language": "en"}'}, "es/a.md", "en"),
        ({}, "es/a.md", None),
    ],
)
def test_pages_have_the_language_of_eleventy(
    tmp_path: Path, files: Mapping[str, str], path: str, language: str | None
) -> None:
    """Of the data, of the plugin for several languages, or of the site."""
    write_site(tmp_path, {**CONFIG, **files, path: POST})
    assert read_article(tmp_path, path, options=OPTIONS).language == language


@pytest.mark.parametrize(
    ("files", "address"),
    [
        ({"_data/metadata.json": '{"url": "https://a.example/"}'}, "https://a.example/a/"),
        ({"_data/site.js": "module.exports = {url: 'https://a.example'}"}, "https://a.example/a/"),
        (
            {
                ".eleventy.js": "module.exports = (c) => ({pathPrefix: '/sub/'});\n",
                "_data/site.json": '{"baseUrl": "https://a.example"}',
            },
            "https://a.example/sub/a/",
        ),
        (
            {
                ".eleventy.js": "module.exports = (c) => ({pathPrefix: '/sub/'});\n",
                "_data/site.json": '{"url": "https://a.example/sub"}',
            },
            "https://a.example/sub/a/",
        ),
    ],
)
def test_the_address_of_the_site_is_in_its_data(
    tmp_path: Path, files: Mapping[str, str], address: str
) -> None:
    """With the path prefix of the configuration, unless the address has a path."""
    write_site(tmp_path, {**CONFIG, **files, "a.md": POST})
    assert read_article(tmp_path, "a.md").url == address


def test_data_of_folders_gives_topics(tmp_path: Path) -> None:
    """Lists of folders and pages are put together, as in the collections of the site."""
    files = {"posts/posts.json": '{"tags": ["posts"]}', "posts/a.md": post("tags: [mills]")}
    write_site(tmp_path, {**CONFIG, **files})
    article = read_article(tmp_path, "posts/a.md", options=OPTIONS)
    assert "mills" in article.topics


def test_a_missing_title_is_the_name_of_the_file(tmp_path: Path) -> None:
    """Without its date."""
    write_site(tmp_path, {**CONFIG, "2026-03-02-mill.md": "---\nx: y\n---\nText.\n"})
    assert read_article(tmp_path, "2026-03-02-mill.md", options=OPTIONS).title == "mill"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The *Mill*\n\nText.\n", "The Mill"),
        ("Text.\n", "mill"),
        ('---json\n{"title": "The Mill"}\n---\nText.\n', "The Mill"),
        ("---yaml\ntitle: The Mill\n---\nText.\n", "The Mill"),
    ],
)
def test_front_matter_may_be_missing_or_name_its_language(
    tmp_path: Path, text: str, title: str
) -> None:
    """Then the title is the first heading, or the name of the file."""
    write_site(tmp_path, {**CONFIG, "2026-03-02-mill.md": text})
    article = read_article(tmp_path, "2026-03-02-mill.md", options=OPTIONS)
    assert article.title == title
    assert "Text." in article.excerpt


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({".eleventy.js": ""}, True),
        ({"eleventy.config.mjs": "export default {}"}, True),
        ({"package.json": '{"devDependencies": {"@11ty/eleventy": "^3.0.0"}}'}, True),
        ({"package.json": '{"dependencies": {"astro": "1"}}'}, False),
        ({"package.json": "["}, False),
    ],
)
def test_sites_of_eleventy_are_recognised(
    tmp_path: Path, files: Mapping[str, str], found: bool
) -> None:
    """By the name of the configuration, or by the package."""
    write_site(tmp_path, {**files, "posts/a.md": POST})
    site = find_site(site_candidates(tmp_path / "posts"), SiteOptions())
    assert (site is not None and site.rules.generator == "eleventy") is found


@pytest.mark.parametrize(
    ("permalink", "address"),
    [
        ("/blog/:slug/", "/blog/mill/"),
        ("/:year/:month/:title/", "/2026/03/the-mill/"),
        ("/{{ page.fileSlug }}/", "/mill/"),
        (None, "/2026-01-01-mill/"),
    ],
)
def test_pages_are_read_without_a_configuration(
    tmp_path: Path, permalink: str | None, address: str
) -> None:
    """A source may be a part of a site; a permalink of the settings is a pattern or a template."""
    write_site(tmp_path, {"2026-01-01-mill.md": POST})
    if permalink:
        FolderSettings.model_validate({"folder": "x", "permalink": permalink})
    settings = SiteSettings("https://blog.example/", permalink)
    options = SiteOptions(Generator.ELEVENTY, settings)
    article = read_article(tmp_path, "2026-01-01-mill.md", options=options)
    assert article.url == f"https://blog.example{address}"


@pytest.mark.parametrize(
    ("title", "new", "old"),
    [
        # As @sindresorhus/slugify 2 and slugify 1 make them.
        ("Grüße aus Zürich", "gruesse-aus-zuerich", "grusse-aus-zurich"),
        ("Hello: World!", "hello-world", "hello:-world!"),
        ("It's fine", "its-fine", "it's-fine"),
        ("C# & C++", "c-and-c", "c-and-c++"),
        ("Новый год", "noviy-god", "novyj-god"),
        ("объект", "obyekt", "obuekt"),
        ("100%", "100", "100percent"),
        ("a^b`c", "abc", "abc"),
        ("e\u0301", "e", "e"),
        ("你好 x", "x", "x"),
    ],
)
def test_slugs_are_those_of_eleventy(title: str, new: str, old: str) -> None:
    """Of the filter `slugify`, and of the old filter `slug`."""
    assert (slugify(title), slug(title)) == (new, old)


TEMPLATES = st.text("{}%|:'\"()., ~+abif", max_size=60) | st.sampled_from(
    [
        "{{" * 200,
        "{%if a%}" * 100,
        "{{a" + "|append:a" * 200 + "}}",
        "{{" + "(" * 400 + "a" + ")" * 400 + "}}",
        "{#" * 300,
    ]
)


@given(TEMPLATES)
def test_any_template_is_evaluated_or_unknown(template: str) -> None:
    """Nothing in a template raises another error, and the result is short."""
    try:
        assert len(evaluate(template, {"a": "x" * 100, "f": ["y"]}, frozenset())) <= 2_000
    except UnknownError:
        return


TEXTS = st.text(max_size=40) | st.sampled_from(["../..", "%", "?", "#", "{{ a }}", "{{", "false"])


@given(
    path=TEXTS,
    fields=st.dictionaries(
        st.sampled_from(["title", "date", "permalink", "layout", "lang", "eleventyComputed"]),
        TEXTS | st.none() | st.lists(TEXTS, max_size=2) | st.dictionaries(TEXTS, TEXTS),
    ),
    permalink=st.sampled_from([None, "/:year/:slug/", "/{{ title }}/"]),
)
def test_any_page_is_read_or_rejected(
    path: str, fields: dict[str, object], permalink: str | None
) -> None:
    """Nothing in a page raises another error."""
    site = Configuration(permalink=permalink)
    try:
        result = read_eleventy_page(Page(f"{path}.md", fields), NOW, site)
    except RejectedError:
        return
    if isinstance(result, SitePage) and result.address is not None:
        assert re.fullmatch(r"/[\x21-\x7e]*", result.address)


def test_any_data_file_is_read(tmp_path: Path) -> None:
    """What is malformed, of another type or nested deeply is left out."""
    files = {
        ".eleventy.js": "module.exports = (c) => ({dir: [1], pathPrefix: {}, templateFormats: 1",
        "posts/posts.json": "[" * 5000,
        "posts/posts.11tydata.json": '{"permalink": ["x"], "tags": {"a": 1}, "lang": 5}',
        "posts/posts.11tydata.js": "module.exports = function (",
        "_data/metadata.json": '{"url": ["x"], "language": {}}',
        "_includes/a.njk": "---\n[\n---\n",
        "posts/a.md": POST,
    }
    write_site(tmp_path, files)
    assert read_article(tmp_path, "posts/a.md", options=OPTIONS).title == "The Mill"
