"""Stories that a feed contains when it is first read are archive, not news."""

from storage.models import StoryQuery
from storage.protocols import ArticleStore, Store
from tests.storage.contract.promises import promises
from tests.support.articles import make_article, make_document, make_documents
from tests.support.clock import START

FEED = "feed:https://news.example/feed.xml"


async def archive(store: Store) -> dict[str, bool]:
    """Whether stories are archive, by title."""
    page = await store.find_stories(StoryQuery(limit=100))
    return {story.article.title: story.archive for story in page.stories}


async def read_first(store: Store, *numbers: int) -> None:
    """Read a feed completely for the first time."""
    documents = make_documents(*map(make_article, numbers))
    await store.save_documents(FEED, documents, START, archive=True)
    await store.finish_reading(FEED, "settings")


@promises(ArticleStore.finish_reading, ArticleStore.save_documents)
async def test_only_stories_of_the_first_read_are_archive(store: Store) -> None:
    """The first read may take several batches; later stories are news, even with other settings."""
    await store.save_documents(FEED, make_documents(make_article(1)), START, archive=True)
    await read_first(store, 2)
    await store.save_documents(FEED, make_documents(make_article(3)), START, archive=True)
    assert await archive(store) == {"Story 1": True, "Story 2": True, "Story 3": False}


@promises(ArticleStore.finish_reading, ArticleStore.save_documents)
async def test_changed_archive_stories_remain_archive(store: Store) -> None:
    """Neither a new title nor a new id for the same address makes a story news."""
    await read_first(store, 1)
    edited = make_article(1, title="Edited")
    await store.save_documents(FEED, make_documents(edited), START, archive=True)
    again = [make_document("another id", edited)]
    await store.save_documents(FEED, again, START, archive=True)
    assert await archive(store) == {"Edited": True}


@promises(ArticleStore.finish_reading, ArticleStore.register_sources, ArticleStore.save_documents)
async def test_a_source_without_archive_makes_a_story_news(store: Store) -> None:
    """The order in which the sources are read does not matter."""
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
