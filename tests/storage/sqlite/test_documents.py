"""Many documents at once: the division into transactions and queries."""

import asyncio

import aiosqlite

from storage.models import StoryQuery
from storage.sqlite import SqliteStore
from storage.sqlite.articles import ARTICLES_PER_STEP
from storage.sqlite.database import fetch_value
from storage.sqlite.documents import DOCUMENTS_PER_TRANSACTION
from tests.support.articles import make_article, make_documents
from tests.support.clock import START

SOURCE = "folder:news"


async def test_many_articles_change_in_one_transaction(sqlite_store: SqliteStore) -> None:
    """One step does not handle them all: all change to the other source, then all are withdrawn."""
    count = ARTICLES_PER_STEP + 3
    await sqlite_store.register_sources(["folder:first", "folder:second"])
    for name in ("first", "second"):
        articles = [make_article(number, title=f"{name} {number}") for number in range(count)]
        await sqlite_store.save_documents(f"folder:{name}", make_documents(*articles), START)
    assert (await sqlite_store.find_stories(StoryQuery(text="first"))).total == count
    await sqlite_store.register_sources(["folder:second", "folder:first"])
    assert (await sqlite_store.find_stories(StoryQuery(text="first"))).total == 0
    assert (await sqlite_store.find_stories(StoryQuery(text="second"))).total == count
    await sqlite_store.register_sources([])
    assert await sqlite_store.withdraw_unregistered_sources() == 2 * count
    assert await sqlite_store.count_stories() == 0


async def test_others_write_while_many_documents_are_withdrawn(sqlite_store: SqliteStore) -> None:
    """No writer waits for the end of an emptied folder or a removed source."""
    count = 2 * DOCUMENTS_PER_TRANSACTION + 1
    articles = [make_article(number) for number in range(count)]
    documents = make_documents(*articles)

    async def left_between() -> int:
        async def work(connection: aiosqlite.Connection) -> int:
            return int(await fetch_value(connection, "SELECT count(*) FROM search_texts"))

        return await sqlite_store._database.write(work)  # noqa: SLF001 - what stands when another may write

    await sqlite_store.save_documents(SOURCE, documents, START)
    withdrawing = sqlite_store.withdraw_documents(SOURCE, [document.key for document in documents])
    withdrawn, left = await asyncio.gather(withdrawing, left_between())
    assert (withdrawn, left) == (count, count - DOCUMENTS_PER_TRANSACTION)
    assert await sqlite_store.count_stories() == 0
    await sqlite_store.register_sources([])
    await sqlite_store.save_documents(SOURCE, documents, START)
    withdrawing = sqlite_store.withdraw_unregistered_sources()
    withdrawn, left = await asyncio.gather(withdrawing, left_between())
    assert (withdrawn, left) == (count, count - DOCUMENTS_PER_TRANSACTION)
    assert await sqlite_store.count_stories() == 0
