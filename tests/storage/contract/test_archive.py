"""What a feed held when it was first read is archive, not news."""

from storage.models import StoryQuery
from storage.protocols import ArticleStore, Store
from tests.storage.contract.promises import promises
from tests.support.articles import make_article, make_document, make_documents
from tests.support.clock import START

FEED = "feed:https://news.example/feed.xml"


async def archive(store: Store) -> dict[str, bool]:
    """Which stories are archive, by title."""
    page = await store.find_stories(StoryQuery(limit=100))
    return {story.article.title: story.archive for story in page.stories}


async def read_first(store: Store, *numbers: int) -> None:
    """Read a feed to the end for the first time."""
    documents = make_documents(*map(make_article, numbers))
    await store.save_documents(FEED, documents, START, archive=True)
    await store.finish_reading(FEED, "settings")


@promises(ArticleStore.finish_reading, ArticleStore.save_documents)
async def test_only_what_the_first_reading_brings_is_archive(store: Store) -> None:
    """In as many batches as it takes; what comes later is news, also under other settings."""
    await store.save_documents(FEED, make_documents(make_article(1)), START, archive=True)
    await read_first(store, 2)
    await store.save_documents(FEED, make_documents(make_article(3)), START, archive=True)
    assert await archive(store) == {"Story 1": True, "Story 2": True, "Story 3": False}


@promises(ArticleStore.finish_reading, ArticleStore.save_documents)
async def test_archive_stays_archive_when_it_changes(store: Store) -> None:
    """A new title, or a new id for the same address, makes no news of it."""
    await read_first(store, 1)
    edited = make_article(1, title="Edited")
    await store.save_documents(FEED, make_documents(edited), START, archive=True)
    again = [make_document("another id", edited)]
    await store.save_documents(FEED, again, START, archive=True)
    assert await archive(store) == {"Edited": True}


@promises(ArticleStore.finish_reading, ArticleStore.register_sources, ArticleStore.save_documents)
async def test_a_source_of_another_kind_makes_it_news(store: Store) -> None:
    """Whichever of the two was read first: the order in which sources are read decides nothing."""
    await store.save_documents("folder:news", make_documents(make_article(1)), START)
    await store.register_sources([FEED, "folder:news"])
    await read_first(store, 1, 2)
    (last,) = [story for story in (await store.planner_snapshot(9)).stories if story.archive]
    await store.save_documents("folder:news", make_documents(make_article(2)), START)
    assert await archive(store) == {"Story 1": False, "Story 2": False}
    newest = (await store.planner_snapshot(9)).stories[-1]
    assert newest.id == last.id
    assert newest.revision > last.revision
    found = await store.find_stories(StoryQuery(text="story 2"))
    assert found.total == 1
