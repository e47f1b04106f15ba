import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.sources import FolderSettings
from bot.ingest.factory import SourceFactory
from bot.ingest.frontmatter import RejectedError
from bot.ingest.frontmatter_formats import read_any_front_matter
from bot.ingest.sites.hugo.site import RULES
from bot.ingest.sites.site import NO_SETTINGS, Page
from storage.models import NO_DOCUMENTS, Article, Rejection, UnpublishedDocument
from tests.support.clock import FakeClock

NOW = datetime(2026, 3, 10, tzinfo=UTC)
HIDDEN = UnpublishedDocument()


async def read_site(
    folder: Path, files: Mapping[str, str], settings: Mapping[str, object], source: str = ""
) -> Mapping[str, object]:
    """Write a site, and read a folder of it as a source."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    given = {"folder": folder / source, "base_url": "https://site.example/", **settings}
    async with SourceFactory.open(FakeClock(NOW), clones=folder / "clones") as factory:
        changes = await factory.make(FolderSettings.model_validate(given)).read(NO_DOCUMENTS, None)
    return {document.key: document.reading for document in changes.documents}


async def read_one(
    folder: Path, path: str, text: str, files: Mapping[str, str] | None = None, **settings: object
) -> object:
    """Return what is read from one page of a site."""
    given = {"generator": "hugo", **settings}
    readings = await read_site(folder, {**(files or {}), path: text}, given)
    return readings[path]


async def address_of(
    folder: Path, path: str, text: str, files: Mapping[str, str] | None = None, **settings: object
) -> str:
    reading = await read_one(folder, path, text, files, **settings)
    assert isinstance(reading, Article), reading
    return reading.url.removeprefix("https://site.example")


def page(*lines: str, date: str | None = "2026-03-02") -> str:
    dated = [f"date: {date}"] if date else []
    return "\n".join(("---", *lines, *dated, "---", "Text."))


@pytest.mark.parametrize(
    ("path", "fields", "permalink", "expected"),
    [
        (
            "content/posts/2026-03-02_Autumn-Fair/index.md",
            'title: "What the Autumn Fair brings: five ideas"',
            "/:year/:month/:slug/",
            "/2026/03/what-the-autumn-fair-brings-five-ideas/",
        ),
        ("content/blog/x.md", "title: C# & F# – 50% off!", "/:slug/", "/c%23-f%23-50-off/"),
        (
            "content/x.md",
            "title: Ärger/Übel mit Öl",
            "/:title",
            "/%C3%A4rger-%C3%BCbel-mit-%C3%B6l/",
        ),
        (
            "content/x.md",
            "title: 日本語、見出し。",
            "/a/:slug/",
            "/a/%E6%97%A5%E6%9C%AC%E8%AA%9E%E8%A6%8B%E5%87%BA%E3%81%97/",
        ),
        ("content/post/x.md", "title: x\nslug: Night-TRAINS", "/:day/:slug/", "/02/night-trains/"),
        ("content/post/x.md", "title: x\nslug: -Über Nacht-", "/:slug/", "/%C3%BCber-nacht/"),
        ("content/post/x.md", "title: x\nSlug: a/B c.d", "/:slug/", "/a/b-c.d/"),
        ("post/My Page.md", "title: x", "/p/:filename/", "/p/my-page/"),
        ("post/My Page/index.md", "title: x", "/:contentbasename/", "/my-page/"),
        ("content/a/b/x.md", "title: x\nslug: s", "/:slugorfilename/", "/s/"),
        ("content/a/b/x.md", "title: x", "/:section/:sections/:title/", "/a/a/x/"),
        (
            "content/a/x.md",
            "title: x",
            "/:yearday/:weekday/:weekdayname/:title/",
            "/61/1/monday/x/",
        ),
        ("content/a/x.md", "title: x", "/:2006:01:02/:January/:title/", "/20260302/march/x/"),
    ],
)
async def test_a_pattern_makes_addresses_as_hugo_does(
    tmp_path: Path, path: str, fields: str, permalink: str, expected: str
) -> None:
    """Slugs come from titles; everything is in lower case, as in `hugo` itself."""
    assert await address_of(tmp_path, path, page(fields), permalink=permalink) == expected


CONFIGURED = {"hugo.toml": 'baseURL = "https://site.example/"\n'}
LANGUAGES = {
    "hugo.yaml": "baseURL: https://site.example/\n"
    "languages: {de: {weight: 2}, en: {weight: 1}, nl: {disabled: true}}\n"
}


@pytest.mark.parametrize(
    ("path", "fields", "expected"),
    [
        ("content/posts/2026-03-02-Night Trains.md", "title: x", "/posts/2026-03-02-night-trains/"),
        ("content/a/b/C D/index.md", "title: x", "/a/b/c-d/"),
        ("content/about.md", "title: x", "/about/"),
        ("content/x/index.md", "title: x\nslug: Other One", "/other-one/"),
        ("content/posts/v1.2 & more.md", "title: x", "/posts/v1.2--more/"),
        ("content/posts/x.md", "title: x\nurl: /here/it is.html", "/here/it%20is.html"),
        ("content/posts/x.md", "title: x\nurl: here/it/is", "/here/it/is/"),
        ("content/posts/x.md", "title: x\nURL: /:year/:slug/\nslug: Ä", "/2026/%C3%A4/"),
        ("content/posts/x.md", "title: x\nslug: index", "/posts/"),
    ],
)
async def test_addresses_without_a_pattern(
    tmp_path: Path, path: str, fields: str, expected: str
) -> None:
    """They come from the path, the slug, or `url`."""
    assert await address_of(tmp_path, path, page(fields), CONFIGURED) == expected


@pytest.mark.parametrize(
    ("configuration", "path", "expected"),
    [
        ('[permalinks]\nposts = "/:year/:slug/"', "content/posts/x.md", "/2026/a-title/"),
        ('[permalinks.page]\nposts = "/:filename/"', "content/posts/d/X.md", "/x/"),
        ('[permalinks]\n"/" = "/:title/"', "content/x.md", "/a-title/"),
        ('[permalinks]\nother = "/:title/"', "content/posts/x.md", "/posts/x/"),
        ('[permalinks]\nposts = "/:nothing/"', "content/posts/x.md", "/posts/x/"),
        (
            '[[permalinks]]\npattern = "/p/:slug"\ntarget = {path = "/po*/*"}',
            "content/posts/x.md",
            "/p/a-title/",
        ),
        ("uglyURLs = true", "content/posts/x.md", "/posts/x.html"),
        ("[uglyURLs]\nposts = true", "content/posts/x/index.md", "/posts/x.html"),
        ("disablePathToLower = true", "content/posts/Über X.md", "/posts/%C3%9Cber-X/"),
        ("removePathAccents = true", "content/posts/Über X.md", "/posts/uber-x/"),
        ('contentDir = "texts"', "texts/posts/x.md", "/posts/x/"),
        ('[[module.mounts]]\nsource = "n"\ntarget = "content/news"', "n/x.md", "/news/x/"),
        ('baseURL = "https://site.example/project/"', "content/x.md", "/project/x/"),
    ],
)
async def test_configuration_decides_about_addresses(
    tmp_path: Path, configuration: str, path: str, expected: str
) -> None:
    """What it says that is not known or malformed is left out."""
    base_url = "" if "baseURL" in configuration else 'baseURL = "https://site.example/"\n'
    files = {"hugo.toml": base_url + configuration}
    text = page("title: A title")
    assert await address_of(tmp_path, path, text, files, base_url=None) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"hugo.yml": "baseURL: https://a.example\n"}, "https://a.example/x/"),
        ({"hugo.json": '{"BaseURL": "https://a.example/b"}'}, "https://a.example/b/x/"),
        ({"config.yaml": "# hi\n---\nbaseurl: https://a.example/\n"}, "https://a.example/x/"),
        (
            {
                "config/_default/config.toml": 'baseURL = "https://test.example/"\n',
                "config/_default/permalinks.yaml": "blog: /nothing/:slug\n/: /r/:slug/\n",
                "config/production/hugo.toml": 'baseURL = "https://a.example/"\n',
            },
            "https://a.example/r/a-title/",
        ),
    ],
)
async def test_a_site_is_recognised_by_its_configuration(
    tmp_path: Path, files: Mapping[str, str], expected: str
) -> None:
    """No setting is needed, not even the address of the site."""
    text = page("title: A title")
    reading = await read_one(tmp_path, "content/x.md", text, files, generator=None, base_url=None)
    assert isinstance(reading, Article), reading
    assert reading.url == expected


async def test_only_a_part_of_a_site_may_be_the_source(tmp_path: Path) -> None:
    """The configuration is found above it, and addresses have the whole path."""
    files = {**CONFIGURED, "content/posts/deep/x.md": page("title: x")}
    readings = await read_site(tmp_path, files, {"base_url": None}, "content/posts")
    [reading] = readings.values()
    assert isinstance(reading, Article)
    assert reading.url == "https://site.example/posts/deep/x/"


@pytest.mark.parametrize("source", ["content/posts", "posts", "content"])
async def test_a_part_of_a_site_without_configuration(tmp_path: Path, source: str) -> None:
    """The usual name of the folder shows where the content begins."""
    files = {f"{source}/x.md": page("title: x")}
    [reading] = (await read_site(tmp_path, files, {"generator": "hugo"}, source)).values()
    assert isinstance(reading, Article)
    section = "posts/" if source == "content/posts" else ""
    assert reading.url == f"https://site.example/{section}x/"


@pytest.mark.parametrize(
    "configuration",
    ['base_url = "https://zola.example"\n', "[[taxonomies]]\n", "theme = [\n", ""],
)
async def test_not_every_config_file_is_hugos(tmp_path: Path, configuration: str) -> None:
    """Zola's has `base_url`, and that of an editor may have a theme."""
    notes = {"config.toml": 'theme = "dark"\n', "notes/x.md": page("title: A title")}
    reading = (await read_site(tmp_path / "b", notes, {"permalink": "/:filename/"}))["notes/x.md"]
    assert isinstance(reading, Article)
    assert reading.url == "https://site.example/x/"
    files = {"config.toml": configuration, "content/x.md": page("title: A title")}
    settings = {"permalink": "/:filename/"}
    readings = await read_site(tmp_path, files, settings)
    reading = readings["content/x.md"]
    assert isinstance(reading, Article)
    assert reading.url == "https://site.example/x/"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("content/posts/headless/index.md", "build:\n  render: never"),
        ("content/posts/headless/index.md", "Build: {Render: false}"),
        ("content/posts/x.md", "build: {render: link}"),
        ("content/posts/x.md", "_build: {render: never}"),
        ("content/posts/x.md", "headless: true"),
        ("content/posts/x.md", "status: draft"),
        ("content/posts/x.md", "Draft: true"),
        ("content/posts/x.md", "published: false"),
        ("content/posts/x.md", "publishDate: 2026-03-11"),
        ("content/posts/x.md", "expiryDate: 2026-03-09"),
        ("content/posts/x.md", "unpublishDate: 2026-03-09"),
        ("content/posts/_index.md", ""),
        ("content/_index.md", ""),
        ("content/index.md", ""),
        ("content/posts/bundle/part.md", ""),
        ("content/posts/bundle/parts/index.md", ""),
        ("content/posts/x.nl.md", ""),
        ("content/posts/x.mdx", ""),
        ("archetypes/default.md", ""),
        ("themes/a/exampleSite/content/x.md", ""),
        ("content/notes/x.md", ""),
        ("content/secret/x.md", ""),
        ("content/ignored.x.md", ""),
    ],
)
async def test_what_hugo_does_not_write_is_no_story(tmp_path: Path, path: str, fields: str) -> None:
    """Drafts, pages of the future or of the past, parts of bundles, and what is switched off."""
    files = {
        **LANGUAGES,
        "content/posts/bundle/index.md": page("title: x"),
        "content/notes/_index.md": "---\ncascade:\n  draft: true\n---\n",
    }
    files["hugo.yaml"] += (
        "ignoreFiles: ['\\.x\\.md$']\n"
        "cascade: [{_target: {path: /secret/**}, build: {render: never}}]\n"
    )
    assert await read_one(tmp_path, path, page("title: x", fields), files) == HIDDEN


async def test_a_preview_has_drafts_and_future_pages(tmp_path: Path) -> None:
    for fields in ("draft: true", "publishDate: 2099-01-01"):
        text = page("title: x", fields)
        reading = await read_one(tmp_path, "content/x.md", text, unpublished="announce")
        assert isinstance(reading, Article)


async def test_configuration_may_build_everything(tmp_path: Path) -> None:
    files = {"hugo.toml": "buildFuture = true\nbuildExpired = true\n"}
    for fields in ("publishDate: 2099-01-01", "expiryDate: 2020-01-01"):
        reading = await read_one(tmp_path, "content/x.md", page("title: x", fields), files)
        assert isinstance(reading, Article)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-03-02", "2026-03-02T05:00Z"),
        ("2026-03-02 10:11:12", "2026-03-02T15:11:12Z"),
        ("2026-03-02T10:11:12", "2026-03-02T15:11:12Z"),
        ("2026-03-02T10:11:12Z", "2026-03-02T10:11:12Z"),
        ("2026-03-02 10:11:12 +0000 UTC", "2026-03-02T10:11:12Z"),
        ("2026-03-02 10:11:12 -0700 MST", "2026-03-02T17:11:12Z"),
        ("2026-03-02T10:11:12.5+01:00", "2026-03-02T09:11:12.5Z"),
        ("2026-03-02 1:11:12 +0100", "2026-03-02T00:11:12Z"),
        ('"Mon, 02 Mar 2026 10:11:12 +0100"', "2026-03-02T09:11:12Z"),
        ('"Mon, 02 Mar 2026 10:11:12 GMT"', "2026-03-02T15:11:12Z"),
        ("02 Mar 2026", "2026-03-02T05:00Z"),
        ("Mon Mar  2 10:11:12 2026", "2026-03-02T15:11:12Z"),
        ("1772409600", "2026-03-02T00:00Z"),
    ],
)
async def test_dates_are_read_as_hugo_reads_them(tmp_path: Path, date: str, expected: str) -> None:
    """Without an offset, they are in the site's time zone; a zone's name means nothing."""
    files = {"hugo.toml": 'timeZone = "America/New_York"\n'}
    reading = await read_one(tmp_path, "content/x.md", page("title: x", date=date), files)
    assert isinstance(reading, Article), reading
    assert reading.published_at == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("path", "fields", "day"),
    [
        ("content/x.md", "publishDate: 2026-03-01\ndate: 2026-03-02", 2),
        ("content/x.md", "publishDate: 2026-03-01", 1),
        ("content/x.md", "lastmod: 2026-03-04", 4),
        ("content/x.md", "Published: 2026-03-05", 5),
        ("content/2026-03-06-x.md", "tags: [a]", 6),
        ("content/2026-03-07 x/index.md", "date:", 7),
        ("content/x.md", "date: 0001-01-01T00:00:00Z\nlastmod: 2026-03-08", 8),
        ("content/x.md", "date: soon\nlastmod: 2026-03-08", 8),
    ],
)
async def test_other_fields_for_the_date(tmp_path: Path, path: str, fields: str, day: int) -> None:
    reading = await read_one(tmp_path, path, page("title: x", fields, date=None))
    assert isinstance(reading, Article), reading
    assert reading.published_at == datetime(2026, 3, day, tzinfo=UTC)


async def test_configuration_names_the_fields_for_dates(tmp_path: Path) -> None:
    """With `:filename`, the file's name has the slug, too."""
    files = {"hugo.toml": '[frontmatter]\ndate = [":filename", "day", ":default"]\n'}
    name = "content/2026-03-02_Autumn Fair.md"
    reading = await read_one(tmp_path, name, page("title: x", date="2020-01-01"), files)
    assert isinstance(reading, Article)
    assert reading.published_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert reading.url == "https://site.example/autumn-fair/"
    text = page("title: x", "Day: 2026-03-03", date=None)
    reading = await read_one(tmp_path, "content/y.md", text, files)
    assert isinstance(reading, Article)
    assert reading.published_at == datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "language", "expected"),
    [
        ("content/posts/x.md", "en", "/posts/x/"),
        ("content/posts/x.en.md", "en", "/posts/x/"),
        ("content/posts/x.de.md", "de", "/de/posts/x/"),
        ("content/posts/v1.2.DE.md", "de", "/de/posts/v1.2/"),
        ("content/posts/x/index.de.md", "de", "/de/posts/x/"),
        ("content/posts/x.fr.md", "en", "/posts/x.fr/"),
    ],
)
async def test_translations_by_the_name_of_the_file(
    tmp_path: Path, path: str, language: str, expected: str
) -> None:
    """Only the site's own languages count; the main one has no folder in addresses."""
    reading = await read_one(tmp_path, path, page("title: x"), LANGUAGES)
    assert isinstance(reading, Article)
    assert (reading.language, reading.url) == (language, f"https://site.example{expected}")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("url: ort/", "/de/ort/"),
        ("url: /ort/", "/ort/"),
        ("url: /de/ort/", "/de/ort/"),
        ("slug: Ort", "/de/posts/ort/"),
    ],
)
async def test_the_prefix_of_a_language(tmp_path: Path, fields: str, expected: str) -> None:
    text = page("title: x", fields)
    assert await address_of(tmp_path, "content/posts/x.de.md", text, LANGUAGES) == expected


async def test_translations_in_folders_and_on_hosts_of_their_own(tmp_path: Path) -> None:
    configuration = """
defaultContentLanguage = "fr"
[languages.fr]
contentDir = "content/french"
baseURL = "https://fr.example/"
[languages.en]
contentDir = "content/english"
baseURL = "https://en.example/blog"
timeZone = "Asia/Tokyo"
"""
    files = {
        "hugo.toml": configuration,
        "content/french/x.md": page("title: x"),
        "content/english/x.md": page("title: x", "aliases: [/old/]"),
    }
    readings = await read_site(tmp_path, files, {"base_url": None})
    french, english = readings["content/french/x.md"], readings["content/english/x.md"]
    assert isinstance(french, Article)
    assert isinstance(english, Article)
    assert (french.language, french.url) == ("fr", "https://fr.example/x/")
    assert (english.language, english.url) == ("en", "https://en.example/blog/x/")
    assert english.addresses == ("https://en.example/blog/x", "https://en.example/blog/old")
    assert english.published_at == datetime(2026, 3, 1, 15, tzinfo=UTC)
    main = await read_site(tmp_path, {}, {"base_url": None, "languages": "main"})
    assert main["content/english/x.md"] == HIDDEN


@pytest.mark.parametrize(
    ("configuration", "language"),
    [
        ('languageCode = "pt-BR"\n', "pt-BR"),
        ('defaultContentLanguage = "de"\n', "de"),
        ("[languages.ja]\n", "ja"),
        ("", None),
    ],
)
async def test_the_language_of_a_site_in_one_language(
    tmp_path: Path, configuration: str, language: str | None
) -> None:
    text = page("title: x")
    reading = await read_one(tmp_path, "content/x.md", text, {"hugo.toml": configuration})
    assert isinstance(reading, Article)
    assert (reading.language, reading.url) == (language, "https://site.example/x/")


async def test_keys_may_be_in_any_case(tmp_path: Path) -> None:
    """In front matter, `Title` is `title`."""
    text = page("Title: The mill", "Description: It turns again.", "TAGS:", "- History")
    reading = await read_one(tmp_path, "content/post/mill.md", text)
    assert isinstance(reading, Article)
    assert (reading.title, reading.excerpt) == ("The mill", "It turns again.")
    assert reading.topics == ("History",)


@pytest.mark.parametrize(
    ("path", "fields", "body", "title"),
    [
        ("content/2026-03-02-old_mill.md", "", "Text.", "Old mill"),
        ("content/a/the-mill/index.md", "title:", "Text.", "The mill"),
        ("content/x.md", "title: ''", "\n# The mill #\n\nText.", "The mill"),
        ("content/x.md", "", "```\n# Code\n```\n", "X"),
        ("content/x.md", "linkTitle: Mill", "# The mill", "Mill"),
    ],
)
async def test_a_missing_title(
    tmp_path: Path, path: str, fields: str, body: str, title: str
) -> None:
    """The first heading is the title, otherwise the file's name."""
    reading = await read_one(tmp_path, path, page(fields) + "\n" + body)
    assert isinstance(reading, Article), reading
    assert reading.title == title


@pytest.mark.parametrize(
    ("path", "fields", "expected"),
    [
        (
            "posts/harvest/index.md",
            "cover:\n    image: cover.png\n    relative: true",
            "/posts/harvest/cover.png",
        ),
        ("content/a/b.md", "images: [img/x.png]", "/img/x.png"),
        ("content/a/b.md", "image: /img/x.png", "/img/x.png"),
        ("content/a/b.md", "cover: {image: x.png, relative: true}", "/a/b/x.png"),
        ("content/a/b/index.md", "image: x.png\nurl: /other.html", "/other/x.png"),
        (
            "content/a/b/index.md",
            "resources: [{src: a.jpg, name: x}, {src: b.jpg, name: featured-image}]",
            "/a/b/b.jpg",
        ),
        ("content/a/b/index.md", "params: {images: [x.png]}", "/a/b/x.png"),
    ],
)
async def test_where_pictures_are(tmp_path: Path, path: str, fields: str, expected: str) -> None:
    """Those of a bundle are below its page, others below the site."""
    reading = await read_one(tmp_path, path, page("title: x", fields))
    assert isinstance(reading, Article)
    assert [image.url for image in reading.images] == [f"https://site.example{expected}"]


async def test_pictures_in_a_text_are_below_its_page(tmp_path: Path) -> None:
    """That is where browsers look for them, also for pages that are no bundles."""
    for path in ("content/a/b.md", "content/a/b/index.md"):
        reading = await read_one(tmp_path, path, page("title: x") + "\n\n![A mill](mill.jpg)\n")
        assert isinstance(reading, Article)
        assert [image.url for image in reading.images] == ["https://site.example/a/b/mill.jpg"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"content/p/x/index.md": page("title: x")}, "/p/x/cover.png"),
        ({}, "/de/p/ort/cover.png"),
    ],
)
async def test_translations_share_the_pictures_of_a_bundle(
    tmp_path: Path, files: Mapping[str, str], expected: str
) -> None:
    """Hugo writes them once, below the page in the main language if there is one."""
    text = page("title: x", "slug: ort", "image: cover.png")
    reading = await read_one(tmp_path, "content/p/x/index.de.md", text, {**LANGUAGES, **files})
    assert isinstance(reading, Article)
    assert [image.url for image in reading.images] == [f"https://site.example{expected}"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("content/a/b.md", {"/old", "/a/rel", "/up", "/x.html"}),
        ("content/a/b.de.md", {"/de/old", "/de/a/rel", "/de/up", "/de/x.html"}),
    ],
)
async def test_aliases_are_addresses_of_the_story(
    tmp_path: Path, path: str, expected: set[str]
) -> None:
    """Absolute ones are below the language, relative ones below the parent of the page."""
    text = page("title: x", "aliases: [/old/, rel, ../up, /x.html]")
    reading = await read_one(tmp_path, path, text, LANGUAGES)
    assert isinstance(reading, Article)
    others = {each.removeprefix("https://site.example") for each in reading.addresses[1:]}
    assert others == expected


async def test_sections_give_fields_to_their_pages(tmp_path: Path) -> None:
    """The nearest section comes first, and the page's own fields before all of them."""
    files = {
        **CONFIGURED,
        "content/a/_index.md": "---\ncascade:\n  params: {images: [/a.png]}\n  tags: [A]\n---\n",
        "content/a/b/_index.md": "+++\n[[cascade]]\ntags = ['B']\n[cascade.target]\n"
        "path = '/a/b/*'\n+++\n",
    }
    for path, topics in (("a/x.md", ("A",)), ("a/b/x.md", ("B",)), ("a/b/c/x.md", ("A",))):
        reading = await read_one(tmp_path, f"content/{path}", page("title: x"), files)
        assert isinstance(reading, Article)
        assert reading.topics == topics
        assert [image.url for image in reading.images] == ["https://site.example/a.png"]


async def test_a_drafts_repository_root_shows_nothing(tmp_path: Path) -> None:
    """A bundle that is not rendered is not a story, even without a folder for the content."""
    text = page("title: Never rendered", "build:", "  render: never")
    assert await read_one(tmp_path, "posts/headless/index.md", text) == HIDDEN


@pytest.mark.parametrize("path", ["content/about.md", "content/docs/x/index.md"])
async def test_a_page_without_a_date_is_no_article(tmp_path: Path, path: str) -> None:
    """Sites have pages such as `about.md`; a date that is none is an error of the author."""
    assert await read_one(tmp_path, path, page("title: x", date=None)) == HIDDEN
    reading = await read_one(tmp_path, path, page("title: x", date="soon"))
    assert isinstance(reading, Rejection)
    assert (reading.field, reading.line) == ("date", 3)


@pytest.mark.parametrize(
    "text",
    [
        "------\ntitle: x\ndate: 2026-03-02\n---\nText.",
        "\n\n---\ntitle: x\ndate: 2026-03-02\n-----\nText.",
        "\ufeff--- \r\ntitle: x\r\ndate: 2026-03-02\r\n---\r\nText.",
        "+++\ntitle = 'x'\ndate = 2026-03-02\n+++\nText.",
        '{"title": "x", "date": "2026-03-02"}\n\nText.',
    ],
)
async def test_front_matter_as_hugo_delimits_it(tmp_path: Path, text: str) -> None:
    reading = await read_one(tmp_path, "content/x.md", text)
    assert isinstance(reading, Article), reading
    assert (reading.title, reading.excerpt) == ("x", "Text.")


@pytest.mark.parametrize("text", ["# The mill\n\nText.", "---\n# none\n---\n# The mill\n\nText."])
async def test_front_matter_may_be_missing(tmp_path: Path, text: str) -> None:
    """Without a date, such a file is not an article; its name may have the date."""
    assert await read_one(tmp_path, "content/x.md", text) == HIDDEN
    assert await read_one(tmp_path, "CONTRIBUTING.md", text) == HIDDEN
    reading = await read_one(tmp_path, "content/2026-03-02-mill.md", text)
    assert isinstance(reading, Article), reading
    assert (reading.title, reading.excerpt) == ("The mill", "Text.")


async def test_languages_may_have_files_of_their_own(tmp_path: Path) -> None:
    """The name of the file says the language, which need not be named elsewhere."""
    files = {
        "config/_default/hugo.toml": 'baseURL = "https://site.example/"\n',
        "config/_default/languages.en.toml": "weight = 1\ncontentDir = 'content/en'\n",
        "config/_default/languages.zh-cn.toml": "weight = 2\ncontentDir = 'content/zh'\n",
    }
    text = page("title: x")
    reading = await read_one(tmp_path, "content/zh/a.md", text, files, generator=None)
    assert isinstance(reading, Article)
    assert (reading.language, reading.url) == ("zh-cn", "https://site.example/zh-cn/a/")


@given(
    st.lists(
        st.sampled_from(
            [
                *("title", "date", "slug", "url", "aliases", "build", "cascade", "resources", ": "),
                *("\n", "- ", "[", "]", "{", "}", ":slug", ":sections[1:]", "/", "..", "%", "%2"),
                *("2026-03-02", "#", "?", "é", "日", "0001-01-01", "99999999999", "true", "  "),
            ]
        ),
        max_size=30,
    ),
    st.sampled_from(["content/a/b.md", "b.md", "content/../x.md", "content/a/index.md", "a/.md"]),
)
def test_any_page_is_read_or_rejected(parts: list[str], path: str) -> None:
    """No page and no configuration may raise an error of another kind."""
    text = "".join(parts)
    files = _Files(
        {
            "hugo.yaml": f"permalinks: {{a: '/:sections[1:]/{text}'}}\n{text}\n".encode(),
            "content/a/_index.md": f"---\n{text}\n---\n".encode(),
        }
    )
    site = RULES.configure(files, NO_SETTINGS)
    assert site.description.generator == "hugo"
    content = f"---\ndate: 2026-03-02\n{text}\n---\n# x".encode()
    with suppress(RejectedError):
        front_matter = read_any_front_matter(content)
        site.read_page(Page(path, front_matter.fields, front_matter.body), NOW)


class _Files:
    """Files in memory."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents

    def exists(self, path: str) -> bool:
        return any(f"{name}/".startswith(f"{path}/") for name in self._contents)

    def read(self, path: str) -> bytes | None:
        return self._contents.get(path)

    def find(self, names: Collection[str], folder: str = "") -> Sequence[str]:
        below = [name for name in self._contents if name.startswith(folder)]
        return [name for name in below if name.rpartition("/")[2] in names]


@pytest.mark.parametrize(
    ("configuration", "path", "fields"),
    [
        (
            {"cascade": [{"target": {"path": "/" + "*a" * 12 + "b"}, "tags": ["x"]}] * 20},
            "a" * 3000,
            {},
        ),
        ({"cascade": {"target": {"path": "{a,b}" * 80}, "tags": ["x"]}}, "a", {}),
        ({"ignoreFiles": ["(a+)+$", "a.*a.*a.*b", "a.*b"] * 50}, "a" * 3000, {}),
        ({"permalinks": {"/": "/" + ":title" * 80}}, "a", {"title": "é" * 60_000}),
        ({}, "a", {"url": "/" + ":title" * 9000, "title": "x" * 60_000}),
        (
            {"frontmatter": {"date": [f"d{i}" for i in range(9000)]}},
            "a",
            {f"d{i}": "x" for i in range(3000)},
        ),
        ({"languages": {f"l{i}": {} for i in range(20_000)}}, "a", {}),
    ],
    ids=["stars", "braces", "regular expressions", "long title", "long url", "dates", "languages"],
)
def test_reading_large_values_comes_to_an_end(
    configuration: Mapping[str, object], path: str, fields: Mapping[str, object]
) -> None:
    """The time limit of the tests would end what takes exponential or quadratic time."""
    files = _Files({"hugo.json": json.dumps(configuration).encode()})
    site = RULES.configure(files, NO_SETTINGS)
    with suppress(RejectedError):
        page = Page(f"content/{path}.md", {"date": "2026-03-02", **fields})
        assert site.read_page(page, NOW) is not None
