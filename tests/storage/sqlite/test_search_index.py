"""A damaged search index is rebuilt from the texts that it keeps."""

import logging
import sqlite3
from pathlib import Path

import pytest

from storage.errors import StoreUnusableError
from storage.models import StoryQuery
from storage.sqlite.store import SqliteStore
from tests.storage.contract.planned import SOURCE, fill
from tests.support.articles import make_article, make_documents
from tests.support.clock import START


def damage(path: Path, statement: str) -> None:
    """Change the tables of the index."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles_fts_data SET block = zeroblob(8)",
        "UPDATE articles_fts_data SET block = x'ff' WHERE id = 10",
        "DELETE FROM articles_fts_data",
    ],
)
async def test_a_damaged_search_index_is_rebuilt(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, statement: str
) -> None:
    """The load that met the damage fails; the next one works, and everything is found."""
    path = tmp_path / "storywire.db"
    async with SqliteStore.open(path) as store:
        await fill(store)
    damage(path, statement)
    async with SqliteStore.open(path) as store:
        documents = make_documents(*(make_article(number) for number in range(1, 4)))
        with pytest.raises(StoreUnusableError, match="the search index is damaged"):
            await store.save_documents(SOURCE, documents, START)
        with caplog.at_level(logging.WARNING):
            await store.data_version()
        assert "was rebuilt" in caplog.text
        await store.save_documents(SOURCE, documents, START)
        assert (await store.find_stories(StoryQuery(text="story"))).total == 6


def count_segments(path: Path) -> int:
    """The parts of the index, in each of which a word is looked for."""
    connection = sqlite3.connect(path)
    (count,) = connection.execute("SELECT count(DISTINCT segid) FROM articles_fts_idx").fetchone()
    connection.close()
    return int(count)


async def test_compacting_leaves_few_segments_of_many_transactions(tmp_path: Path) -> None:
    """Compacting again changes nothing."""
    path = tmp_path / "storywire.db"
    async with SqliteStore.open(path) as store:
        for number in range(1, 16):
            await store.save_documents(SOURCE, make_documents(make_article(number)), START)
        before = count_segments(path)
        await store.compact_search_index()
        assert count_segments(path) < before
        assert count_segments(path) <= 4
        await store.compact_search_index()
