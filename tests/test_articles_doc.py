"""docs/articles.md lists all fields, and its example is a complete article."""

import re
from pathlib import Path

from bot.ingest.article import MAX_RELATED, MAX_TOPICS
from bot.ingest.document import read_document
from bot.ingest.sites import fields as site_generators
from bot.ingest.sites.names import fold_name
from bot.ingest.sites.pictures import page_pictures
from storage.models import Article
from tests.ingest.test_fuzz import NAMES

PAGE = (Path(__file__).parents[1] / "docs" / "articles.md").read_text(encoding="utf-8")


def test_the_example_is_read_in_full() -> None:
    """Every field of the example is read into the article."""
    [example] = re.findall(r"^```markdown\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    article = read_document(example.encode(), unpublished="skip")
    assert isinstance(article, Article)
    assert (article.quality, article.heat, article.category) == (81, 91, "news")
    assert article.topics == ("Space", "Education")
    assert len(article.addresses) == 3
    assert article.provider is not None
    assert article.provider.icon_url == "https://gazette.example/icon.png"
    assert [image.width for image in article.images] == [1200]
    [related] = article.related
    assert related.provider is not None
    assert (related.quality, related.provider.name) == (64, "Chalk and Tablet")


def _section(heading: str) -> str:
    return PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def test_pictures_are_listed() -> None:
    """Each name in the list is the one of a field with a picture."""
    listed, _, rest = (
        _section("Pages of other sites")
        .partition("### Pictures")[2]
        .partition(" and similar names")
    )
    names = re.findall(r"`(\w+)`", listed)
    assert rest
    assert len(names) > 30
    for name in names:
        resource = [{"src": "/a.png", "name": "cover"}]
        value = resource if name == "resources" else {"image": "/a.png"}
        assert page_pictures({fold_name(name): value}), name


def test_table_lists_every_field_and_name() -> None:
    """The table has each field, each of its other names, and the limits of lists."""
    rows = [line for line in PAGE.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    fields = set(re.findall(r"`(\w+)`", " ".join(row.split("|")[1] for row in rows)))
    assert fields == {*NAMES, "cdnAmpWebUrl"}
    spelled = {
        fold_name(name)
        for field in NAMES
        for name in site_generators.spellings(field)
        if name != field
    }
    names = {fold_name(name) for name in re.findall(r"`(\w+)`", _section("Pages of other sites"))}
    assert spelled <= names
    assert f"at most {MAX_TOPICS}" in PAGE
    assert MAX_TOPICS == MAX_RELATED


def test_titles_of_pages_are_as_described() -> None:
    """The example of a title that is made from the file's name is right."""
    [(name, title)] = re.findall(r"`([\w-]+\.md)` is “(.+?)”", _section("Pages of other sites"))
    page = b"---\ndate: 2026-11-22\npermalink: https://gazette.example/sail\n---\n"
    article = read_document(page, unpublished="skip", key=name)
    assert isinstance(article, Article)
    assert article.title == title
