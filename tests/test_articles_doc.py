"""The documentation of articles tells all fields, and its example is one."""

import re
from pathlib import Path

from bot.ingest import site_generators
from bot.ingest.document import MAX_RELATED, MAX_TOPICS, read_document
from storage.models import Article
from tests.ingest.test_fuzz import NAMES

PAGE = (Path(__file__).parents[1] / "docs" / "articles.md").read_text(encoding="utf-8")


def test_the_example_is_read_in_full() -> None:
    """Nothing in it is left out."""
    [example] = re.findall(r"^```markdown\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    told = read_document(example.encode(), unpublished="skip")
    assert isinstance(told, Article)
    assert (told.quality, told.heat, told.category) == (81, 112, "news")
    assert told.topics == ("Space", "Education")
    assert len(told.addresses) == 3
    assert told.provider is not None
    assert told.provider.icon_url == "https://gazette.example/icon.png"
    assert [image.width for image in told.images] == [1200]
    [related] = told.related
    assert related.provider is not None
    assert (related.quality, related.provider.name) == (64, "Chalk and Tablet")


def test_every_field_and_every_other_name_is_in_the_table() -> None:
    """Also the bounds."""
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
