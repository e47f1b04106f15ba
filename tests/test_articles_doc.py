"""docs/articles.md lists all fields, and its example is a complete article."""

import re
from pathlib import Path

from bot.ingest.document import MAX_RELATED, MAX_TOPICS, read_document
from bot.ingest.sites import fields as site_generators
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


def test_table_lists_every_field_and_name() -> None:
    """The table has each field, each of its other names, and the limits of lists."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    fields = set(re.findall(r"`(\w+)`", " ".join(row.split("|")[1] for row in rows)))
    assert fields == {*NAMES, "cdnAmpWebUrl"}
    others = set(re.findall(r"`(\w+)[:`]", " ".join(row.split("|")[3] for row in rows)))
    spelled = {
        name for field in NAMES for name in site_generators.spellings(field) if name != field
    }
    assert spelled <= others
    assert f"at most {MAX_TOPICS}" in PAGE
    assert MAX_TOPICS == MAX_RELATED
