"""What the front matter of a document lacks is taken from the text below it."""

from datetime import UTC, datetime

import pytest

from bot.config.sources import Generator
from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.document import DocumentReader, read_document
from bot.ingest.sites.detection import SourceSite
from bot.ingest.sites.site import (
    GeneratorRules,
    Page,
    PageReading,
    SiteFiles,
    SitePage,
    SiteSettings,
)
from storage.models import Article, SiteDescription

NOW = datetime(2026, 3, 3, tzinfo=UTC)
BODY = "![](/img/a.jpg) ![](b.jpg)\n\nThe ferry sails again, every morning at nine, from the harbour.\n"
EXCERPT = "The ferry sails again, every morning at nine, from the harbour."


class _Site:
    """A site with one page, below a path."""

    description = SiteDescription(Generator.HUGO, base_url="https://site.example/project/")

    def __init__(self, images_from: str | None) -> None:
        self._images_from = images_from

    def has_pages_in(self, folder: str) -> bool:
        return folder == ""

    def read_page(self, page: Page, now: datetime) -> PageReading:
        assert page.path == "a.md"
        return SitePage("/notes/ferry/", "The ferry", now, images_from=self._images_from)


def _configure(_: SiteFiles, __: SiteSettings) -> _Site:
    return _Site(None)


def read(front_matter: str, body: str = BODY, site: _Site | None = None) -> Article:
    rules = GeneratorRules(Generator.HUGO, (), lambda _: True, _configure)
    reader = DocumentReader(
        "skip",
        Defaults(base_url="https://site.example/project/"),
        site=SourceSite(rules, site, "", "") if site else None,
    )
    content = f"---\ntitle: T\ndate: 2026-03-02\n{front_matter}\n---\n{body}"
    reading = reader.read(content.encode(), "a.md", NOW).reading
    assert isinstance(reading, Article), reading
    return reading


@pytest.mark.parametrize(
    ("images_from", "pictures"),
    [
        (None, ["project/img/a.jpg", "project/notes/ferry/b.jpg"]),
        ("/bundles/", ["project/img/a.jpg", "project/bundles/b.jpg"]),
        ("", ["project/img/a.jpg"]),
    ],
)
def test_pictures_are_resolved_as_those_of_front_matter(
    images_from: str | None, pictures: list[str]
) -> None:
    """Relative ones are left out if the generator gives them addresses of its own."""
    article = read("", site=_Site(images_from))
    assert article.excerpt == EXCERPT
    assert [image.url for image in article.images] == [
        f"https://site.example/{p}" for p in pictures
    ]


def pictures(front_matter: str, body: str = BODY, defaults: Defaults = NO_DEFAULTS) -> list[str]:
    """The addresses of the pictures of a document that belongs to no site."""
    content = f"---\ntitle: T\n{front_matter}\n---\n{body}"
    reading = read_document(
        content.encode(), unpublished="skip", key="notes/ferry.md", defaults=defaults
    )
    assert isinstance(reading, Article), reading
    return [image.url for image in reading.images]


@pytest.mark.parametrize(
    "address",
    [
        "date: 2026-03-02\npermalink: https://site.example/notes/ferry/",
        "date: 2026-03-02\nurl: https://site.example/notes/ferry.html",
        "publishedDateTime: 2026-03-02\nwebUrl: https://site.example/notes/ferry/",
        "publishedDateTime: 2026-03-02\noriginalUrl: https://site.example/notes/ferry/",
    ],
)
def test_pictures_are_relative_to_the_page(address: str) -> None:
    """Its address is known without a site, too; so is the host for those that begin with `/`."""
    assert pictures(address) == [
        "https://site.example/img/a.jpg",
        "https://site.example/notes/b.jpg"
        if address.endswith("html")
        else "https://site.example/notes/ferry/b.jpg",
    ]


@pytest.mark.parametrize(
    ("front_matter", "page"),
    [
        ("date: 2026-03-02", "https://site.example/project/notes/ferry/"),
        ("date: 2026-03-02\npermalink: /b/c/", "https://site.example/project/b/c/"),
        ("publishedDateTime: 2026-03-02", "https://site.example/notes/ferry/"),
        ("publishedDateTime: 2026-03-02\nwebUrl: b/c/", "https://site.example/project/b/c/"),
        ("publishedDateTime: 2026-03-02\nwebUrl: /b/c/", "https://site.example/b/c/"),
    ],
)
def test_pictures_of_a_page_with_a_pattern(front_matter: str, page: str) -> None:
    base_url = "https://site.example/project/"
    defaults = Defaults(base_url=base_url, permalink="/notes/:filename/")
    found = pictures(front_matter, defaults=defaults)
    assert found == [f"{base_url}img/a.jpg", f"{page}b.jpg"]


def test_pictures_of_a_link_post_are_not_of_its_page() -> None:
    link = "date: 2026-03-02\nexternal_url: https://other.example/b/"
    defaults = Defaults(base_url="https://site.example/")
    assert pictures(link, defaults=defaults) == ["https://site.example/img/a.jpg"]
    assert pictures(link) == []


def test_address_of_a_picture_is_escaped() -> None:
    page = "date: 2026-03-02\npermalink: https://site.example/notes/ferry/"
    for body, path in (
        ("![](/my img.png)", "my%20img.png"),
        ("![](my img.png 'The ferry')", "notes/ferry/my%20img.png"),
        ("![](</my photo (1).jpg>)", "my%20photo%20(1).jpg"),
        ("<img src='a b.png'>", "notes/ferry/a%20b.png"),
    ):
        assert pictures(page, body) == [f"https://site.example/{path}"]


@pytest.mark.parametrize("separator", ["<!--end-->", "<!--end--> ", "'---8<---'", "$$$"])
def test_separator_of_front_matter_ends_the_excerpt(separator: str) -> None:
    mark = separator.strip("' ")
    body = f"The ferry sails again.\n\nEvery morning.\n\n{mark}\n\nFrom the harbour.\n"
    article = read(f"excerpt_separator: {separator}\nwebUrl: https://site.example/a", body)
    assert article.excerpt == "The ferry sails again. Every morning."
    article = read(f"excerpt_separator: {separator}\nwebUrl: https://site.example/a")
    assert article.excerpt == EXCERPT


@pytest.mark.parametrize(
    ("front_matter", "excerpt", "picture"),
    [
        ("description: Given\nimage: /given.jpg", "Given", "given.jpg"),
        ("description: Given", "Given", "img/a.jpg"),
        ("image: /given.jpg", EXCERPT, "given.jpg"),
        ("image: /logo.svg", EXCERPT, "img/a.jpg"),
        ("description: ''\nimage: ''", EXCERPT, "img/a.jpg"),
    ],
)
def test_front_matter_precedes_the_text(front_matter: str, excerpt: str, picture: str) -> None:
    """An image that can't be shown does not count."""
    article = read(front_matter, site=_Site(None))
    assert article.excerpt == excerpt
    assert article.images[0].url == f"https://site.example/project/{picture}"


def test_text_may_have_neither() -> None:
    body = "```\ncode\n```\n![](drawing.svg) ![]({static}/of-pelican.jpg)\n"
    article = read("", body, site=_Site(None))
    assert (article.excerpt, article.images) == ("", ())
