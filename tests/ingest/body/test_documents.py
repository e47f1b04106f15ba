"""What the front matter of a document lacks is taken from the text below it."""

from datetime import UTC, datetime

import pytest

from bot.config.sources import Generator
from bot.ingest.defaults import Defaults
from bot.ingest.document import DocumentReader
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


def test_relative_pictures_are_left_out_without_a_site() -> None:
    """It is not known where such a picture is."""
    article = read("webUrl: https://site.example/project/ferry")
    assert article.excerpt == EXCERPT
    assert [image.url for image in article.images] == ["https://site.example/project/img/a.jpg"]


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
