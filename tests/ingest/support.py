"""Reading single documents, the stories in a store, and real documents."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.ingest.document import read_document
from storage.models import Article, Rejection, Story, StoryQuery
from storage.protocols import Store

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


async def stories(store: Store) -> Sequence[Story]:
    """All stories, sorted by title."""
    page = await store.find_stories(StoryQuery(limit=1000))
    return sorted(page.stories, key=lambda story: story.article.title)


async def titles(store: Store) -> list[str]:
    """The titles of all stories, sorted."""
    return [story.article.title for story in await stories(store)]


def real_articles() -> list[Path]:
    """The real articles beside the checkout; the test is skipped where there are none."""
    seed = REAL_ARTICLES / "seed.md"
    if not seed.is_file():
        pytest.skip("the real articles are not beside this checkout")
    return [seed, *sorted((REAL_ARTICLES / "power-apps").glob("*.md"))]
