"""Sites of MkDocs. Addresses are those that MkDocs 1.6 and Material 9.8 make of the same files."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from bot.config.sources import Generator
from bot.ingest.folder.site_files import site_candidates
from bot.ingest.sites.detection import NO_SITE_OPTIONS, SiteOptions, find_site
from bot.ingest.sites.mkdocs.patterns import FilePatterns
from bot.ingest.sites.site import Page, SitePage, SiteSettings
from storage.models import Article, Reading, Rejection, UnpublishedDocument
from tests.ingest.sites.support import read_site_page

SITE = "site_name: x\nsite_url: https://site.example/project\ntheme: material\n"
BLOG = f"{SITE}plugins:\n  - blog:\n      archive: false\n      categories: false\n"
POST = "---\ndate: 2026-03-02\n---\n# Night *train*\n\nText.\n"
NAMED_POST = "---\ndate: 2026-03-02\ntitle: {}\n---\nText.\n"


def article_of(reading: Reading) -> Article:
    """The article that was read."""
    assert isinstance(reading, Article), reading
    return reading


def read(
    folder: Path,
    text: str,
    path: str = "docs/blog/posts/night.md",
    configuration: str = BLOG,
    files: Mapping[str, str] = MappingProxyType({}),
) -> Reading:
    """Read one page of a site with this configuration."""
    return read_site_page(folder, {"mkdocs.yml": configuration, path: text, **files}, path).reading


# Options of the blog, path within `docs`, text, address.
POSTS = (
    ("", "blog/posts/night.md", POST, "blog/2026/03/02/night-train/"),
    ("", "blog/posts/2026/night.md", POST, "blog/2026/03/02/night-train/"),
    (
        "",
        "blog/posts/n.md",
        NAMED_POST.format("Ein Ölbild & 日本!"),
        "blog/2026/03/02/ein-%C3%B6lbild--%E6%97%A5%E6%9C%AC/",
    ),
    ("", "blog/posts/n.md", NAMED_POST.format("A  b - c"), "blog/2026/03/02/a--b---c/"),
    (
        "",
        "blog/posts/two_Words.md",
        "---\ndate: 2026-03-02\n---\nText.\n",
        "blog/2026/03/02/two-words/",
    ),
    (
        "",
        "blog/posts/n.md",
        "---\ndate: 2026-03-02\nslug: Own.Slug/x\n---\n# A\n",
        "blog/2026/03/02/Own.Slug/x/",
    ),
    ("", "blog/posts/n.md", "---\ndate: 2026-03-02\n---\nA\n===\n", "blog/2026/03/02/n/"),
    (
        "",
        "blog/posts/n.md",
        "---\ndate: 2026-03-02\n---\n\n# A [b](c) { #d }\n",
        "blog/2026/03/02/a-bc--d-/",
    ),
    (
        "",
        "blog/posts/n.md",
        "---\ndate: 2026-03-01T23:30:00-05:00\n---\n# A\n",
        "blog/2026/03/01/a/",
    ),
    (
        "",
        "blog/posts/n.md",
        "---\ndate:\n  created: 2026-03-02\n  updated: 2026-04-01\n---\n# A\n",
        "blog/2026/03/02/a/",
    ),
    ("", "blog/posts-of-mine/n.md", POST, "blog/2026/03/02/night-train/"),
    ("blog_dir: news", "news/posts/n.md", POST, "news/2026/03/02/night-train/"),
    ("blog_dir: .", "posts/n.md", POST, "2026/03/02/night-train/"),
    ("blog_dir: a/b\npost_dir: entries", "entries/n.md", POST, "a/b/2026/03/02/night-train/"),
    ("post_url_format: '{slug}'", "blog/posts/n.md", POST, "blog/night-train/"),
    ("post_url_format: '/{date}/../{file}/'", "blog/posts/Night.md", POST, "blog/2026/03/Night/"),
    (
        "post_url_format: '{categories}/{slug}'\npost_url_max_categories: 2",
        "blog/posts/n.md",
        "---\ndate: 2026-03-02\ncategories: [Field notes, Ä, C]\n---\n# A\n",
        "blog/field-notes/%C3%A4/a/",
    ),
    ("post_url_format: '{categories}/{slug}'", "blog/posts/n.md", POST, "blog/night-train/"),
    ("post_url_date_format: yyyy/MMM/d", "blog/posts/n.md", POST, "blog/2026/Mar/2/night-train/"),
    ("post_url_date_format: short", "blog/posts/n.md", POST, "blog/3/2/26/night-train/"),
    ("post_slugify_separator: _", "blog/posts/n.md", POST, "blog/2026/03/02/night_train/"),
    (
        "post_slugify: !!python/object/apply:pymdownx.slugs.slugify\n  kwds: {case: none}",
        "blog/posts/n.md",
        POST,
        "blog/2026/03/02/Night-train/",
    ),
    (
        "post_slugify: !!python/object/apply:pymdownx.slugs.slugify\n"
        "  kwds:\n    case: fold\n    percent_encode: true",
        "blog/posts/n.md",
        NAMED_POST.format("Größe"),
        "blog/2026/03/02/gr%25C3%25B6sse/",
    ),
    (
        "post_slugify: !!python/name:markdown.extensions.toc.slugify",
        "blog/posts/n.md",
        NAMED_POST.format("Größe  ist Ä"),
        "blog/2026/03/02/groe-ist-a/",
    ),
)


@pytest.mark.parametrize(("options", "path", "text", "address"), POSTS)
def test_post_has_the_address_of_its_blog(
    options: str, path: str, text: str, address: str, tmp_path: Path
) -> None:
    """The site may be a project page, with a path in its address."""
    configuration = BLOG + "".join(f"      {line}\n" for line in options.splitlines())
    article = article_of(read(tmp_path, text, f"docs/{path}", configuration))
    assert article.url == f"https://site.example/project/{address}"


# Configuration, path within `docs`, address.
PAGES = (
    ("", "a/night.md", "a/night/"),
    ("", "a/index.md", "a/"),
    ("", "a/README.markdown", "a/"),
    ("", "index.md", ""),
    ("", "with space/ä.md", "with%20space/%C3%A4/"),
    ("", "v1.2.md", "v1.2/"),
    ("use_directory_urls: false\n", "a/night.md", "a/night.html"),
    ("use_directory_urls: false\n", "a/index.md", "a/index.html"),
    ("use_directory_urls: !ENV [URLS, false]\n", "a/night.md", "a/night.html"),
    ("INHERIT: config/base.yml\n", "night.md", "night.html"),
    ("exclude_docs: |\n  *.tmp.md\n  !a.tmp.md\n", "a.tmp.md", "a.tmp/"),
    ("not_in_nav: '*'\n", "night.md", "night/"),
)


@pytest.mark.parametrize(("configuration", "path", "address"), PAGES)
def test_document_with_a_date_has_the_address_of_its_file(
    configuration: str, path: str, address: str, tmp_path: Path
) -> None:
    """Without a blog, any document with a date is a story."""
    base = {"config/base.yml": "use_directory_urls: false\n"}
    reading = read(tmp_path, POST, f"docs/{path}", SITE + configuration, base)
    assert article_of(reading).url == f"https://site.example/project/{address}"


# Configuration, path within `docs`, text.
HIDDEN = (
    (BLOG, "blog/posts/n.md", "---\ndate: 2026-03-02\ndraft: true\n---\n# A\n"),
    (BLOG, "blog/posts/n.md", "---\ndate: 2026-03-02\ndraft: yes\n---\n# A\n"),
    (
        f"{BLOG}      draft_if_future_date: true\n",
        "blog/posts/n.md",
        "---\ndate: 2090-01-01\n---\n# A\n",
    ),
    (BLOG, "guide.md", POST),
    (BLOG, "index.md", "# Home\n"),
    (f"{BLOG}exclude_docs: 'blog/posts/old/'\n", "blog/posts/old/n.md", POST),
    (f"{BLOG}draft_docs: n.md\n", "blog/posts/n.md", POST),
    (SITE, "templates/n.md", POST),
    (f"{SITE}exclude_docs: |\n  # a comment\n  /a/**/n.md\n", "a/b/c/n.md", POST),
    (f"{BLOG}  - meta\n", "blog/posts/later/n.md", POST),
)


@pytest.mark.parametrize(("configuration", "path", "text"), HIDDEN)
def test_what_is_not_built_is_not_published(
    configuration: str, path: str, text: str, tmp_path: Path
) -> None:
    """So are the documents of a site with a blog that are no posts."""
    meta = {"docs/blog/posts/later/.meta.yml": "draft: true\n"}
    reading = read(tmp_path, text, f"docs/{path}", configuration, meta)
    assert reading == UnpublishedDocument()


def test_future_post_waits_for_its_date(tmp_path: Path) -> None:
    """It does if the blog says so and the post does not say otherwise."""
    path = "docs/blog/posts/n.md"
    text = "---\ndate: 2026-12-24 18:00:00\n---\n# A\n"
    files = {"mkdocs.yml": f"{BLOG}      draft_if_future_date: true\n", path: text}
    timed = read_site_page(tmp_path, files, path)
    assert timed.reading == UnpublishedDocument()
    assert timed.until == datetime(2026, 12, 24, 18, tzinfo=UTC)
    undecided = text.replace("date", "draft: false\ndate", 1)
    assert isinstance(read_site_page(tmp_path, {**files, path: undecided}, path).reading, Article)
    assert isinstance(read(tmp_path, text, path), Article)


def test_drafts_are_read_where_they_are_announced(tmp_path: Path) -> None:
    """They have the address that they will have."""
    path = "docs/blog/posts/n.md"
    text = "---\ndate: 2026-03-02\ndraft: true\n---\n# A\n"
    options = SiteOptions(settings=SiteSettings(drafts=True))
    files = {"mkdocs.yml": BLOG, path: text}
    timed = read_site_page(tmp_path, files, path, options, unpublished="announce")
    assert article_of(timed.reading).url == "https://site.example/project/blog/2026/03/02/a/"


@pytest.mark.parametrize(
    ("front_matter", "body", "title"),
    [
        ("title: Given\n", "# Heading\n", "Given"),
        ("", "# A *b* `c_d` [e *f*](g) ![h](i.png) <b>j</b> &amp; \\* #\n", "A b c_d e f h j & *"),
        ("", "\n\n#Night\n", "Night"),
        ("", "Night train\n===========\n", "Night train"),
        ("", "Text first.\n\n# Night\n", "Some file"),
        ("", "## Second level\n", "Some file"),
        ("", "<!-- x -->\n# Night\n", "Some file"),
        ("", "", "Some file"),
        ("", "# Night { #own .x }\n", "Night"),
        ("", "# snake_case __bold__ _x_\n", "snake_case bold x"),
    ],
)
def test_title_is_that_of_mkdocs(front_matter: str, body: str, title: str, tmp_path: Path) -> None:
    """It is in the front matter, at the beginning of the text, or the file's name."""
    text = f"---\n{front_matter}date: 2026-03-02\n---\n{body}"
    configuration = f"{BLOG}markdown_extensions: [attr_list]\n"
    reading = read(tmp_path, text, "docs/blog/posts/some-file.md", configuration)
    assert article_of(reading).title == title


def test_title_of_a_document_may_be_in_the_navigation(tmp_path: Path) -> None:
    """It takes precedence over those in the document."""
    configuration = f"{SITE}nav:\n  - Home: index.md\n  - Part:\n      - The night: a/n.md\n"
    assert article_of(read(tmp_path, POST, "docs/a/n.md", configuration)).title == "The night"


@pytest.mark.parametrize(
    ("structure", "path", "language", "address"),
    [
        ("suffix", "night.md", "en", "night/"),
        ("suffix", "a/night.fr.md", "fr", "fr/a/night/"),
        ("suffix", "night.en.md", "en", "night/"),
        ("suffix", "index.fr.md", "fr", "fr/"),
        ("suffix", "v1.2.fr.md", "fr", "fr/v1.2/"),
        ("folder", "en/night.md", "en", "night/"),
        ("folder", "fr/a/night.md", "fr", "fr/a/night/"),
        ("folder", "night.md", "en", "night/"),
        ("suffix", "night.de.md", None, ""),
        ("suffix", "night.es.md", None, ""),
        ("folder", "de/night.md", None, ""),
    ],
)
def test_translations_have_their_language(
    structure: str, path: str, language: str | None, address: str, tmp_path: Path
) -> None:
    """The main language has no prefix; languages that are not built are left out."""
    configuration = (
        f"{SITE}plugins:\n  - i18n:\n      docs_structure: {structure}\n      languages:\n"
        "        - {locale: en, default: true, name: E}\n        - {locale: fr, name: F}\n"
        "        - {locale: de, name: D, build: false}\n"
    )
    reading = read(tmp_path, POST, f"docs/{path}", configuration)
    if language is None:
        assert reading == UnpublishedDocument()
    else:
        article = article_of(reading)
        assert article.language == language
        assert article.url == f"https://site.example/project/{address}"


def test_topics_and_fields_of_meta_files_are_read(tmp_path: Path) -> None:
    """The plugin `meta` adds the fields of a folder to those of its documents."""
    files = {"docs/blog/posts/.meta.yml": "categories: [Trains]\ntags: [x]\ndescription: D\n"}
    text = "---\ndate: 2026-03-02\ncategories: [Night]\n---\n# A\n\nText.\n"
    article = article_of(read(tmp_path, text, configuration=f"{BLOG}  - meta\n", files=files))
    assert article.topics == ("Trains", "Night", "x")
    assert article.excerpt == "D"


@pytest.mark.parametrize(
    ("path", "image", "address"),
    [
        ("docs/blog/posts/n.md", "a.jpg", "blog/a.jpg"),
        ("docs/blog/posts/2026/n.md", "b c.jpg", "blog/2026/b%20c.jpg"),
        ("docs/blog/posts/n.md", "../img/a.jpg?v=9", "blog/img/a.jpg?v=9"),
        ("docs/blog/posts/n.md", "../../a%20b.jpg", "a%20b.jpg"),
        ("docs/blog/posts/n.md", "../../../a.jpg", None),
        ("docs/blog/posts/n.md", "https://other.example/a.jpg", None),
    ],
)
def test_picture_is_relative_to_the_folder_of_the_document(
    path: str, image: str, address: str | None, tmp_path: Path
) -> None:
    """The folder with the posts is left out of it, as Material copies pictures."""
    in_metadata = f"---\ndate: 2026-03-02\nimage: {image}\n---\n# A\n\nText.\n"
    in_text = f"---\ndate: 2026-03-02\n---\n# A\n\nText.\n\n![x](<{image}>)\n"
    for text in (in_metadata, in_text):
        [found] = article_of(read(tmp_path, text, path)).images
        if address is not None:
            assert found.url == f"https://site.example/project/{address}"


@pytest.mark.parametrize("key", ["night.md", "posts/night.md", "docs/blog/posts/night.md"])
def test_without_a_configuration_all_pages_are_posts(key: str, tmp_path: Path) -> None:
    """The source may be a part of the site."""
    options = SiteOptions(Generator.MKDOCS, SiteSettings(base_url="https://site.example/"))
    reading = read_site_page(tmp_path, {key: POST}, key, options).reading
    assert article_of(reading).url == "https://site.example/blog/2026/03/02/night-train/"


@pytest.mark.parametrize(
    ("permalink", "address"),
    [
        ("{date}/{file}", "blog/2026/03/02/night/"),
        ("/{slug}/", "night-train/"),
        ("/:year/:slug/", "2026/night-train/"),
    ],
)
def test_permalink_of_the_source_takes_precedence(
    permalink: str, address: str, tmp_path: Path
) -> None:
    """It is relative to the blog, or to the site if it begins with a slash."""
    path = "docs/blog/posts/night.md"
    options = SiteOptions(settings=SiteSettings(permalink=permalink))
    reading = read_site_page(tmp_path, {"mkdocs.yml": BLOG, path: POST}, path, options).reading
    assert article_of(reading).url == f"https://site.example/project/{address}"


@pytest.mark.parametrize(
    "configuration",
    [
        "site_url: https://site.example/project/\nplugins: {blog: {post_date_format: full}}\n",
        f"{BLOG}markdown_extensions:\n  - x:\n      f: !!python/name:os.system\n",
        f"{BLOG}hooks: !relative $config_dir\nextra: !!python/object/apply:os.system [true]\n",
        f"{BLOG}      post_slugify: !!python/object/apply:os.system [true]\n",
        f"{BLOG}      post_url_max_categories: many\n      post_slugify_separator: [1]\n",
        f"{BLOG}nav: {{}}\nexclude_docs: [1]\ndocs_dir: {{}}\n",
        f"{BLOG}INHERIT: mkdocs.yml\n",
        f"{BLOG}INHERIT: ../../../etc/passwd\n",
    ],
)
def test_configuration_is_read_without_running_it(configuration: str, tmp_path: Path) -> None:
    """What can't be understood has the default."""
    article = article_of(read(tmp_path, POST, configuration=configuration))
    assert article.url == "https://site.example/project/blog/2026/03/02/night-train/"


@pytest.mark.parametrize(
    "options",
    [
        "post_url_format: '{slug'",
        "post_url_format: '{slug.__class__}'",
        "post_url_format: '{secret}'",
        "post_url_format: '../../../../{slug}'",
        f"post_url_date_format: '{'y' * 190}'",
        "post_url_date_format: 'yyyy'' '' '' '",
        f"post_url_format: '{'{slug}' * 30}'",
    ],
)
def test_hostile_options_do_no_harm(options: str, tmp_path: Path) -> None:
    """The post is read, or rejected with a reason."""
    text = NAMED_POST.format("x" * 900)
    reading = read(tmp_path, text, configuration=f"{BLOG}      {options}\n")
    assert not isinstance(reading, Rejection) or "internal error" not in reading.reason


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("a", "a", True),
        ("a", "x/a/b", True),
        ("a/", "a", False),
        ("a/", "x/a/b", True),
        ("/a", "x/a", False),
        ("a/b", "x/a/b", False),
        ("a/*", "a/b/c", True),
        ("a/**/c", "a/c", True),
        ("a/**", "a", False),
        ("**/b", "b", True),
        ("*.md\n!b.md", "x/b.md", False),
        ("a/\n!a/b.md", "a/b.md", False),
        ("*.md\n!keep/", "keep/b.md", True),
        ("keep/\n!keep/", "keep/b.md", False),
        ("\\!a", "!a", True),
        ("a\\*", "a*", True),
        ("a\\*", "ab", False),
        ("[ab].md", "b.md", True),
        ("[!ab].md", "c.md", True),
        ("# a\n\n", "# a", False),
        ("*", "a/b", True),
        ("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "a" * 200, False),
        ("/".join(["**", "a"] * 20), "/".join(["a"] * 45) + "/b", True),
    ],
)
def test_patterns_of_files_are_those_of_git(pattern: str, path: str, matches: bool) -> None:
    """MkDocs has the package pathspec for them, which decides as here."""
    assert FilePatterns.parse(pattern).match(path) is matches


@pytest.mark.parametrize(
    ("folder", "belongs"),
    [
        ("", True),
        ("docs", True),
        ("docs/a/b", True),
        ("news", False),
        ("docs2", False),
    ],
)
def test_folder_elsewhere_does_not_belong_to_the_site(
    folder: str, belongs: bool, tmp_path: Path
) -> None:
    """A repository may have news beside such a site, which are read as before."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "mkdocs.yml").write_text(SITE)
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    candidates = site_candidates(tmp_path / folder)
    assert (find_site(candidates, NO_SITE_OPTIONS) is not None) is belongs
    named = SiteOptions(Generator.MKDOCS)
    assert find_site(candidates, named) is not None


def test_the_last_one_of_two_values_counts(tmp_path: Path) -> None:
    """PyYAML takes it without a word; but a draft stays one."""
    lines = "date: 2026-01-01\ntitle: Pond\ndate: 2026-02-02\ntitle: Lake"
    article = read(tmp_path, f"---\n{lines}\n---\nText.\n")
    assert isinstance(article, Article), article
    assert (article.title, f"{article.published_at:%F}") == ("Lake", "2026-02-02")
    draft = read(tmp_path, f"---\n{lines}\ndraft: true\ndraft: false\n---\nText.\n")
    assert draft == UnpublishedDocument()


def test_name_that_is_not_utf_8_has_an_address(tmp_path: Path) -> None:
    """Its bytes stay what they are."""
    name = b"n\xff.md".decode("utf-8", "surrogateescape")
    options = SiteOptions(settings=SiteSettings(permalink="{file}"))
    files = {"mkdocs.yml": BLOG, "docs/blog/posts/n.md": POST}
    site = read_site_page(tmp_path, files, "docs/blog/posts/n.md", options)
    assert isinstance(site.reading, Article)
    rules = find_site(site_candidates(tmp_path), options)
    assert rules is not None
    page = Page(f"docs/blog/posts/{name}", {"date": "2026-03-02"})
    result = rules.site.read_page(page, datetime(2026, 11, 28, tzinfo=UTC))
    assert isinstance(result, SitePage)
    assert result.address == "/blog/n%FF/"
