"""Sites of Pelican. Addresses and dates are those that Pelican 4.12 makes of the same files."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from bot.config.sources import Generator
from bot.ingest.folder.site_files import site_candidates
from bot.ingest.sites.detection import NO_SITE_OPTIONS, SiteOptions, find_site
from bot.ingest.sites.site import SiteSettings
from storage.models import Article, Reading, Rejection, UnpublishedDocument
from tests.ingest.sites.support import read_site_page

SITE = "SITEURL = 'https://site.example/weblog'\nPATH = 'content'\n"
DATED = "Title: Night train\nDate: 2026-03-02 23:30\n"


def article_of(reading: Reading) -> Article:
    """The article that was read."""
    assert isinstance(reading, Article), reading
    return reading


def read(
    folder: Path,
    text: str,
    path: str = "content/night.md",
    settings: str = SITE,
    files: Mapping[str, str] = MappingProxyType({}),
) -> Reading:
    """Read one page of a site with these settings."""
    return read_site_page(folder, {"pelicanconf.py": settings, path: text, **files}, path).reading


# Settings, path, text, address.
ADDRESSES = (
    ("", "night.md", DATED, "night-train.html"),
    (
        "",
        "night.md",
        "title: Übermut – größer & 日本?\nDATE: 2026-03-02\n",
        "ubermut-grosser-ri-ben.html",
    ),
    (
        "",
        "night.md",
        "Title: <b>Bold</b> &amp; free <!-- x -->\nDate: 2026-03-02\n",
        "bold-free.html",
    ),
    ("", "night.md", f"{DATED}Slug: Own_Slug.x\n", "Own_Slug.x.html"),
    ("", "night.md", f"{DATED}Slug:\n", "night-train.html"),
    ("", "night.md", f"{DATED}Slug: one\nslug: two\n", "one.html"),
    ("", "night.md", f"{DATED}Lang: de\n", "night-train-de.html"),
    ("", "night.md", f"{DATED}Lang: EN\n", "night-train-EN.html"),
    ("DEFAULT_LANG = 'DE'\n", "night.md", f"{DATED}Lang: de\n", "night-train.html"),
    ("DEFAULT_LANG = 'de'\n", "night.md", f"{DATED}Lang: en\n", "night-train-en.html"),
    ("", "night.md", f"{DATED}url: own/ä b/\nsave_as: own/index.html\n", "own/%C3%A4%20b/"),
    (
        "ARTICLE_URL = '{date:%Y}/{date:%b}/{date:%-d}/{slug}/'\nTIMEZONE = 'Asia/Tokyo'\n",
        "night.md",
        "Title: x\nDate: 2026-03-02T23:30:00-05:00\n",
        "2026/Mar/2/x/",
    ),
    ("ARTICLE_URL = '{category}/{slug}'\n", "Über uns/night.md", DATED, "uber-uns/night-train"),
    (
        "ARTICLE_URL = '{category}/{slug}'\nUSE_FOLDER_AS_CATEGORY = False\n",
        "Über uns/night.md",
        DATED,
        "misc/night-train",
    ),
    (
        "ARTICLE_URL = '{category}/{slug}'\nCATEGORY_SAVE_AS = ''\n",
        "news/night.md",
        DATED,
        "/night-train",
    ),
    ("ARTICLE_URL = '{path}.html'\n", "a/night.md", DATED, "a/night.md.html"),
    (
        "ARTICLE_URL = '{author}/{slug}'\n",
        "n.md",
        f"{DATED}Authors: Lee, Ann; X\n",
        "lee-ann/night-train",
    ),
    ("ARTICLE_URL = '{author}/{slug}'\nAUTHOR = 'Bo'\n", "n.md", DATED, "bo/night-train"),
    ("ARTICLE_URL = '{series}/{slug}'\n", "n.md", f"{DATED}Series: S1\n", "S1/night-train"),
    (
        "SLUGIFY_SOURCE = 'basename'\n",
        "2026-03-02-Night Train.v2.md",
        DATED,
        "2026-03-02-night-trainv2.html",
    ),
    (
        "SLUGIFY_USE_UNICODE = True\n",
        "n.md",
        "Title: Öl ที่นี่ ﬁx\nDate: 2026-03-02\n",
        "%C3%B6l-%E0%B8%97%E0%B8%99-fix.html",
    ),
    ("SLUGIFY_PRESERVE_CASE = True\n", "n.md", DATED, "Night-train.html"),
    (
        "SLUG_REGEX_SUBSTITUTIONS = [(r'[^\\w\\s]', ''), (r'(?u)\\s+', '_'),"
        " (r'(n)(i)', r'\\2\\1')]\n",
        "n.md",
        DATED,
        "inght_train.html",
    ),
    (
        "FILENAME_METADATA = r'(?P<date>\\d{4}-\\d{2}-\\d{2})_(?P<slug>.*)'\n",
        "2026-03-02_the-slug.md",
        "Title: x\n",
        "the-slug.html",
    ),
    (
        "PATH_METADATA = r'(?P<lang>[a-z]{2})/(?P<slug>[^.]+)'\n"
        "ARTICLE_LANG_URL = '{lang}/{slug}/'\n",
        "fr/nuit.md",
        DATED,
        "fr/nuit/",
    ),
    ("EXTRA_PATH_METADATA = {'fr': {'lang': 'fr'}}\n", "fr/n.md", DATED, "night-train-fr.html"),
    ("DEFAULT_METADATA = {'lang': 'fr'}\n", "n.md", DATED, "night-train-fr.html"),
    ("ARTICLE_PATHS = ['blog']\n", "blog/n.md", DATED, "night-train.html"),
    # Settings of old versions.
    ("ARTICLE_DIR = 'blog'\n", "blog/n.md", DATED, "night-train.html"),
    ("CLEAN_URLS = True\n", "n.md", DATED, "night-train/"),
    (
        "SLUG_SUBSTITUTIONS = (('Night', 'Day'), ('+', 'plus'))\n",
        "n.md",
        "Title: Night + C\nDate: 2026-03-02\n",
        "day-plus-c.html",
    ),
    (
        "SLUG_SUBSTITUTIONS = [('C++', 'cpp', True)]\n",
        "n.md",
        "Title: C++ (Co)\nDate: 2026-03-02\n",
        "cpp%20(co).html",
    ),
)


@pytest.mark.parametrize(("settings", "path", "text", "address"), ADDRESSES)
def test_address_is_that_of_pelican(
    settings: str, path: str, text: str, address: str, tmp_path: Path
) -> None:
    """It is relative to SITEURL, which may have a path."""
    reading = read(tmp_path, f"{text}\nText.\n", f"content/{path}", SITE + settings)
    assert article_of(reading).url == f"https://site.example/weblog/{address.lstrip('/')}"


# Settings, path, text.
HIDDEN = (
    ("", "n.md", f"{DATED}Status: draft\n"),
    ("", "n.md", f"{DATED}STATUS: Draft\n"),
    ("", "n.md", f"{DATED}Status: hidden\n"),
    ("", "n.md", f"{DATED}Status: skip\n"),
    ("", "n.md", f"{DATED}Status: unfinished\n"),
    ("DEFAULT_METADATA = {'status': 'draft'}\n", "n.md", DATED),
    ("EXTRA_PATH_METADATA = {'drafts': {'status': 'draft'}}\n", "drafts/n.md", DATED),
    ("PATH_METADATA = '(?P<status>draft)s/.*'\n", "drafts/n.md", DATED),
    ("WITH_FUTURE_DATES = False\n", "n.md", "Title: x\nDate: 2090-01-01\n"),
    ("", "pages/about.md", DATED),
    ("", "pages/more/about.md", DATED),
    ("PAGE_PATHS = ['static-pages']\n", "static-pages/n.md", DATED),
    ("ARTICLE_PATHS = ['blog']\n", "n.md", DATED),
    ("ARTICLE_EXCLUDES = ['a/b']\n", "a/b/n.md", DATED),
    ("IGNORE_FILES = ['*.draft.md']\n", "n.draft.md", DATED),
    ("ARTICLE_SAVE_AS = ''\n", "n.md", DATED),
)


@pytest.mark.parametrize(("settings", "path", "text"), HIDDEN)
def test_what_pelican_does_not_list_is_not_published(
    settings: str, path: str, text: str, tmp_path: Path
) -> None:
    """Drafts, hidden articles, and pages, which have no date for readers."""
    reading = read(tmp_path, f"{text}\nText.\n", f"content/{path}", SITE + settings)
    assert reading == UnpublishedDocument()


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2026-03-02", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("2026-03-02 10:20", datetime(2026, 3, 2, 9, 20, tzinfo=UTC)),
        ("2026-03-02_10:20", datetime(2026, 3, 2, 9, 20, tzinfo=UTC)),
        ("2026-07-02T10:20:30", datetime(2026, 7, 2, 8, 20, 30, tzinfo=UTC)),
        ("2-3-2026", datetime(2026, 2, 2, 23, tzinfo=UTC)),
        ("14.3.2026", datetime(2026, 3, 13, 23, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 10:20:00 -0500", datetime(2026, 3, 2, 15, 20, tzinfo=UTC)),
        ("2026-03-02 10:20 +0000 UTC", None),
        ("2026-03-02 10:20 UTC", datetime(2026, 3, 2, 10, 20, tzinfo=UTC)),
        ("2026-03-02 10:20 XYZ", datetime(2026, 3, 2, 9, 20, tzinfo=UTC)),
        ("March 2nd, 2026 3pm", datetime(2026, 3, 2, 14, tzinfo=UTC)),
        ("20260302", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("soon", None),
        ("10:20", None),
        ("9" * 60, None),
        ("2026-03-02 10:20 +9999", None),
        ("0001-01-01", None),
    ],
)
def test_dates_are_read_as_pelican_reads_them(
    written: str, date: datetime | None, tmp_path: Path
) -> None:
    """Without a time zone they are in that of the site; a date that is none is rejected."""
    settings = f"{SITE}TIMEZONE = 'Europe/Berlin'\n"
    reading = read(tmp_path, f"Title: x\nDate: {written}\n\nText.\n", settings=settings)
    if date is None:
        assert isinstance(reading, Rejection)
        assert reading.field == "Date"
    else:
        assert article_of(reading).published_at == date


@pytest.mark.parametrize(
    ("settings", "name", "date"),
    [
        ("", "2026-03-02-night.md", datetime(2026, 3, 2, tzinfo=UTC)),
        ("", "night.md", None),
        ("DEFAULT_DATE = (2020, 5, 6, 7, 8)\n", "night.md", datetime(2020, 5, 6, 7, 8, tzinfo=UTC)),
        ("DEFAULT_DATE = '2020-05-06'\n", "night.md", datetime(2020, 5, 6, tzinfo=UTC)),
        ("DEFAULT_DATE = 'fs'\n", "night.md", None),
        ("DEFAULT_DATE = (2020, 50)\n", "night.md", None),
    ],
)
def test_missing_date_is_that_of_the_name_or_the_settings(
    settings: str, name: str, date: datetime | None, tmp_path: Path
) -> None:
    """Without any date, the article is rejected: Pelican does not write it, either."""
    reading = read(tmp_path, "Title: x\n\nText.\n", f"content/{name}", SITE + settings)
    assert (reading.published_at if isinstance(reading, Article) else None) == date


def test_future_article_waits_for_its_date(tmp_path: Path) -> None:
    """It does if the site says so; otherwise Pelican publishes it at once."""
    text = "Title: x\nDate: 2026-12-24 18:00\n\nText.\n"
    files = {"pelicanconf.py": f"{SITE}WITH_FUTURE_DATES = False\n", "content/n.md": text}
    timed = read_site_page(tmp_path, files, "content/n.md")
    assert timed.reading == UnpublishedDocument()
    assert timed.until == datetime(2026, 12, 24, 18, tzinfo=UTC)
    later = read_site_page(tmp_path, files, "content/n.md", now=timed.until)
    assert isinstance(later.reading, Article)
    assert isinstance(read(tmp_path, text), Article)


def test_drafts_have_the_address_of_the_preview(tmp_path: Path) -> None:
    """Where drafts are announced, they have the address that Pelican writes them to."""
    files = {"pelicanconf.py": SITE, "content/n.md": f"{DATED}Status: draft\n\nText.\n"}
    options = SiteOptions(settings=SiteSettings(drafts=True))
    timed = read_site_page(tmp_path, files, "content/n.md", options, unpublished="announce")
    expected = "https://site.example/weblog/drafts/night-train.html"
    assert article_of(timed.reading).url == expected


@pytest.mark.parametrize(
    ("metadata", "title", "excerpt", "topics"),
    [
        ("Title: A\nDate: 2026-03-02\nSummary: One\n    two.", "A", "One two.", ()),
        ("---\nTitle: A: b\nDate: 2026-03-02\nTags: x, y\n---", "A: b", "", ("x", "y")),
        (
            "---\ntitle: A\ndate: 2026-03-02\nCategory: C\nTags: x, y; z\n...",
            "A",
            "",
            ("C", "x, y", "z"),
        ),
        ("Title:\tA\nDate: 2026-03-02\nTags: x\n    y", "A", "", ("x", "y")),
        ('---\ntitle: "A"\ndate: 2026-03-02\ntags:\n  - x\n  - y\n---', "A", "", ("x", "y")),
        ("Title: A\nDate: 2026-03-02\nModified: x\nModified: y", "A", "", ()),
        ("\ufeffTitle: A\nDate: 2026-03-02", "A", "", ()),
        ("TITLE: A\nDATE: 2026-03-02\nSUMMARY: S\nCATEGORY: Two words", "A", "S", ("Two words",)),
    ],
)
def test_metadata_is_read_as_python_markdown_reads_it(
    metadata: str, title: str, excerpt: str, topics: tuple[str, ...], tmp_path: Path
) -> None:
    """It is not YAML, but YAML that Python-Markdown can't read is read as such."""
    article = article_of(read(tmp_path, f"{metadata}\n\n# Text\n"))
    assert (article.title, article.excerpt, article.topics) == (title, excerpt, topics)


def test_values_are_yaml_with_the_plugin_for_it(tmp_path: Path) -> None:
    """The plugin `yaml_metadata` removes quotes and makes lists."""
    text = "---\ntitle: \"A: b\"\ndate: 2026-03-02\ntags: ['x, y', z]\n---\n\nText.\n"
    settings = f"{SITE}PLUGINS = ['pelican.plugins.yaml_metadata', 'other']\n"
    article = article_of(read(tmp_path, text, settings=settings))
    assert (article.title, article.topics) == ("A: b", ("x, y", "z"))
    assert article_of(read(tmp_path, text)).title == '"A: b"'


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("{static}/images/a b.jpg", "images/a%20b.jpg"),
        ("{static}pic.jpg", "news/pic.jpg"),
        ("{static}../pic.jpg", "pic.jpg"),
        ("{filename}/images/a%20b.jpg", "images/a%20b.jpg"),
        ("|static|/images/a.jpg", "images/a.jpg"),
        ("{attach}pic.jpg", "night/pic.jpg"),
        ("{attach}sub/pic.jpg", "night/sub/pic.jpg"),
        ("{attach}/images/pic.jpg", "night/pic.jpg"),
        ("{static}/extra/icon.png", "icon.png"),
        ("images/a.jpg", "images/a.jpg"),
        ("/images/a.jpg", "images/a.jpg"),
    ],
)
def test_picture_of_the_metadata_is_found(link: str, address: str, tmp_path: Path) -> None:
    """Links of Pelican lead to where it copies the file; others are relative to the site."""
    settings = (
        f"{SITE}ARTICLE_URL = '{{slug}}/'\nARTICLE_SAVE_AS = '{{slug}}/index.html'\n"
        "EXTRA_PATH_METADATA = {'extra/icon.png': {'path': 'icon.png'}}\n"
    )
    text = f"Title: Night\nDate: 2026-03-02\nCover: {link}\n\nText.\n"
    [image] = article_of(read(tmp_path, text, "content/news/n.md", settings)).images
    assert image.url == f"https://site.example/weblog/{address}"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("{static}/images/a b.jpg", "images/a%20b.jpg"),
        ("{attach}pic.jpg", "pic.jpg"),
        ("{static}pic.jpg", "news/pic.jpg"),
        ("|filename|../pic.jpg", "pic.jpg"),
        ("../images/a.jpg", "images/a.jpg"),
    ],
)
def test_picture_of_the_text_is_found(link: str, address: str, tmp_path: Path) -> None:
    """Here, other addresses are relative to the page, as browsers take them."""
    settings = f"{SITE}ARTICLE_URL = 'a/{{slug}}.html'\n"
    for picture in (f"![A photo](<{link}>)", f'<img src="{link}">'):
        text = f"{DATED}\nText of the article.\n\n{picture}\n"
        [image] = article_of(read(tmp_path, text, "content/news/n.md", settings)).images
        assert image.url == f"https://site.example/weblog/{address}"


def test_link_of_pelican_is_no_picture_elsewhere(tmp_path: Path) -> None:
    """Without a site of Pelican, nothing is known of where it leads."""
    text = (
        "---\ntitle: x\ndate: 2026-03-02\npermalink: https://x.example/\n---\n![x]({attach}x.jpg)\n"
    )
    assert article_of(read_site_page(tmp_path, {"n.md": text}, "n.md").reading).images == ()


@pytest.mark.parametrize("value", ["false", "no", "none", ""])
def test_flag_is_no_picture(value: str, tmp_path: Path) -> None:
    """Some themes have `image: false` for none."""
    assert article_of(read(tmp_path, f"{DATED}Image: {value}\n\nText.\n")).images == ()


def test_settings_of_the_published_site_take_precedence(tmp_path: Path) -> None:
    """`publishconf.py` is what the site is published with."""
    files = {
        "publishconf.py": "from pelicanconf import *\nSITEURL = f'https://{HOST}/x'\n",
        "pelicanconf.py": "HOST = 'site.example'\nSITEURL = ''\nPATH = 'content'\n",
        "content/n.md": DATED,
    }
    reading = read_site_page(tmp_path, files, "content/n.md").reading
    assert article_of(reading).url == "https://site.example/x/night-train.html"


@pytest.mark.parametrize(
    "settings",
    [
        "SITEURL = 'https://site.example/weblog' + '/'",
        "URL = 'https://site.example'\nSITEURL = URL + '/weblog'",
        "SITEURL = os.environ.get('SITEURL', 'https://site.example/weblog')",
        "SITEURL: str = 'https://site.example/weblog'",
        "SITEURL = 'https://site.example'\nSITEURL += '/weblog'",
        "if DEBUG:\n    SITEURL = 'http://localhost'\nSITEURL = 'https://site.example/weblog'",
        "SITEURL = 'https://site.example/weblog'\nPATH = os.path.join('.', 'content')",
        "SITEURL = 'https://site.example/weblog'\nPATH = Path(__file__).parent / 'content'",
        "SITEURL = 'https://site.example/weblog'\nTIMEZONE = 'Nowhere/Land'",
        "SITEURL = 'https://site.example/weblog'\nARTICLE_PATHS = 5\nPAGE_PATHS = None",
        "SITEURL = 'https://site.example/weblog'\nDEFAULT_DATE = {}\nSLUG_REGEX_SUBSTITUTIONS = 1",
        "SITEURL = 'https://site.example/weblog'\nFILENAME_METADATA = '('\nPATH_METADATA = '['",
        "SITEURL = 'https://site.example/weblog'\nARTICLE_URL = '{slug}.html' if X else '{slug}'",
    ],
)
def test_settings_are_read_without_running_them(settings: str, tmp_path: Path) -> None:
    """What can't be known has Pelican's default."""
    article = article_of(read(tmp_path, DATED, settings=settings + "\n"))
    assert article.url == "https://site.example/weblog/night-train.html"


@pytest.mark.parametrize(
    "settings",
    [
        "SITEURL = " + "(" * 150 + ")" * 150,
        "SITEURL = " + "-" * 20_000 + "1",
        "SITEURL = 'x'\n" + "SITEURL = SITEURL + SITEURL\n" * 60,
        "A = [1]\n" + "A = [A, A, A]\n" * 100 + "ARTICLE_PATHS = A\n",
        "SITEURL = \0",
        "ARTICLE_URL = '{slug:>999999999}'\nARTICLE_SAVE_AS = '{date:%Y}{date.__class__}'",
        "ARTICLE_URL = '{slug.__class__.__mro__}{'",
        "ARTICLE_URL = '" + "{date:%A}" * 1_000 + "{slug}'",
        "SLUG_REGEX_SUBSTITUTIONS = [('', 'xxxxxxxxxxxxxxxxxxxx')] * 5 + [('', 'y' * 90)]",
        "SLUG_REGEX_SUBSTITUTIONS = [" + "('.', 'aaaaaaaaaaaaaaaaaaaaaaa')," * 20 + "]",
        "SLUG_REGEX_SUBSTITUTIONS = [(r'(.)', r'\\9')]",
        "DEFAULT_DATE = (99999999999999999999,)",
        "DEFAULT_LANG = '" + "x" * 100_000 + "'",
    ],
)
def test_hostile_settings_do_no_harm(settings: str, tmp_path: Path) -> None:
    """The page is read, or rejected with a reason."""
    reading = read(tmp_path, f"{DATED}Lang: en\n", settings=settings)
    assert not isinstance(reading, Rejection) or "internal error" not in reading.reason


def test_slow_expression_is_given_up(tmp_path: Path) -> None:
    """Its time is limited, and it is not tried again."""
    settings = f"{SITE}PATH_METADATA = r'(?P<slug>(a|aa)+)\\.x'\n"
    key = f"content/{'a' * 200}.md"
    files = {"pelicanconf.py": settings, key: DATED}
    reading = read_site_page(tmp_path, files, key).reading
    assert isinstance(reading, Rejection)
    assert "takes too long" in reading.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# Only text\n", "has no metadata; the first lines must be like Title: …"),
        ("", "has no metadata; the first lines must be like Title: …"),
        ("Title: x\nDate: 2026-03-02\nSummary: " + "x" * 70_000, "has more than 64 KB of metadata"),
        ("Title: x\n" + "Tags: x\n" * 10_000, "has more than 64 KB of metadata"),
        ("Date: 2026-03-02\n\nText\n", "is missing or empty"),
    ],
)
def test_article_without_what_it_needs_is_rejected(text: str, reason: str, tmp_path: Path) -> None:
    """The reason says what is missing."""
    reading = read(tmp_path, text)
    assert isinstance(reading, Rejection)
    assert reading.reason == reason


@pytest.mark.parametrize(
    ("permalink", "address"),
    [
        ("{date:%Y}/{slug}/", "2026/night-train/"),
        ("/:year/:month/:slug.html", "2026/03/night-train.html"),
        ("/:categories/:filename", "misc/night"),
    ],
)
def test_permalink_of_the_source_takes_precedence(
    permalink: str, address: str, tmp_path: Path
) -> None:
    """It is written as for Pelican or as for other generators; no configuration is needed."""
    options = SiteOptions(
        Generator.PELICAN, SiteSettings(base_url="https://site.example/", permalink=permalink)
    )
    for key in ("night.md", "content/night.md"):
        reading = read_site_page(tmp_path, {key: DATED}, key, options).reading
        assert article_of(reading).url == f"https://site.example/{address}"


def test_languages_of_the_source_are_respected(tmp_path: Path) -> None:
    """With `main`, articles in other languages are left out."""
    files = {"pelicanconf.py": f"{SITE}DEFAULT_LANG = 'de'\n", "content/n.md": f"{DATED}Lang: fr\n"}
    options = SiteOptions(settings=SiteSettings(languages=()))
    assert read_site_page(tmp_path, files, "content/n.md", options).reading == UnpublishedDocument()
    reading = read_site_page(tmp_path, files, "content/n.md").reading
    assert article_of(reading).language == "fr"


def test_other_addresses_are_those_of_the_plugin_alias(tmp_path: Path) -> None:
    """A story is recognised by its old addresses, too."""
    article = article_of(read(tmp_path, f"{DATED}Alias: /old/night, /older/\n"))
    assert "https://site.example/weblog/old/night" in article.addresses


@pytest.mark.parametrize(
    ("folder", "belongs"),
    [
        ("", True),
        ("content", True),
        ("content/a/b", True),
        ("news", False),
        ("content2", False),
    ],
)
def test_folder_elsewhere_does_not_belong_to_the_site(
    folder: str, belongs: bool, tmp_path: Path
) -> None:
    """A repository may have news beside such a site, which are read as before."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "pelicanconf.py").write_text(SITE)
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    candidates = site_candidates(tmp_path / folder)
    assert (find_site(candidates, NO_SITE_OPTIONS) is not None) is belongs
    named = SiteOptions(Generator.PELICAN)
    assert find_site(candidates, named) is not None


@pytest.mark.parametrize(
    ("metadata", "title", "excerpt"),
    [
        ("Title: Bread &amp; Butter&#8217;s return", "Bread & Butter\u2019s return", ""),
        (
            "Title: A <b>bold</b> one\nSummary: <i>Warm</i> and *fresh*",
            "A bold one",
            "Warm and fresh",
        ),
        ("TITLE: x\nsummary: Of `code` and [links](https://x.example)", "x", "Of code and links"),
        ("Title: x\nVersion: 1\nversion: 2\nDescription: A &lt; B", "x", "A < B"),
    ],
)
def test_markup_of_metadata_is_removed(
    metadata: str, title: str, excerpt: str, tmp_path: Path
) -> None:
    """Themes show it as HTML, and a doubled field that plays no part harms nobody."""
    article = article_of(read(tmp_path, f"{metadata}\nDate: 2026-03-02\n\n# Heading\n"))
    assert (article.title, article.excerpt) == (title, excerpt)


def test_lone_surrogates_are_left_out_of_slugs(tmp_path: Path) -> None:
    """They can be in the settings, which are Python."""
    settings = f"{SITE}ARTICLE_URL = '{{category}}/{{slug}}'\nDEFAULT_CATEGORY = 'a\\ud800b'\n"
    article = article_of(read(tmp_path, DATED, settings=settings))
    assert article.url == "https://site.example/weblog/ab/night-train"


def test_titles_in_other_letters_need_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not installed by default. Articles in ASCII letters and with a slug are read."""
    monkeypatch.setitem(sys.modules, "unidecode", None)
    texts = {"Title: Größe": False, "Title: Size": True, "Title: Größe\nSlug: size": True}
    for text, is_read in texts.items():
        reading = read(tmp_path, f"{text}\nDate: 2026-03-02\nCategory: Küche\n\nText.\n")
        assert isinstance(reading, Article if is_read else Rejection)
