"""Real documents, and what becomes of a document's content."""

from pathlib import Path

import pytest

from bot.ingest.document import read_document
from storage.models import Article, Rejection

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
REAL_ARTICLES = ROOT.parent / "shared" / "articles"


def read_article(content: bytes) -> Article:
    """The article that the document must become."""
    reading = read_document(content, unpublished="announce")
    assert isinstance(reading, Article), reading
    return reading


def read_rejection(content: bytes) -> Rejection:
    """The rejection that the document must become."""
    reading = read_document(content, unpublished="announce")
    assert isinstance(reading, Rejection), reading
    return reading


def real_articles() -> list[Path]:
    """The real articles beside the checkout; the test is skipped where there are none."""
    seed = REAL_ARTICLES / "seed.md"
    if not seed.is_file():
        pytest.skip("the real articles are not beside this checkout")
    return [seed, *sorted((REAL_ARTICLES / "power-apps").glob("*.md"))]
