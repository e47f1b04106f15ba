"""Stories that existed before a feed was first read are archive, not news."""

from dataclasses import replace
from datetime import timedelta

from storage.models import ArchiveBounds, Document, Rejection, StoryQuery
from storage.protocols import ArticleStore, Store
from tests.storage.contract.promises import promises
from tests.support.articles import make_article, make_document, make_documents
from tests.support.clock import START

FEED = "feed:https://news.example/feed.xml"


async def archive(store: Store) -> dict[str, bool]:
    """Whether stories are archive, by title."""
    page = await store.find_stories(StoryQuery(limit=100))
    return {story.article.title: story.archive for story in page.stories}


async def save(store: Store, *documents: Document) -> None:
    """Store documents of the feed."""
    await store.save_documents(FEED, documents, START, archive=ArchiveBounds(START))


async def read_first(store: Store, *numbers: int) -> None:
    """Read a feed completely for the first time."""
    documents = make_documents(*map(make_article, numbers))
    await save(store, *(replace(each, archive=True) for each in documents))
    await store.finish_reading(FEED, "settings")


@promises(ArticleStore.save_documents)
async def test_documents_say_whether_they_are_archive(store: Store) -> None:
    """What a document says matters when its story is stored, not later."""
    await read_first(store, 1)
    await save(store, *make_documents(make_article(1, excerpt="Edited"), make_article(2)))
    assert await archive(store) == {"Story 1": True, "Story 2": False}


@promises(ArticleStore.save_documents)
async def test_changed_archive_stories_remain_archive(store: Store) -> None:
    """Neither a new title nor a new id for the same address makes a story news."""
    await read_first(store, 1)
    edited = make_article(1, title="Edited")
    await save(store, *make_documents(edited))
    await save(store, make_document("another id", edited))
    assert await archive(store) == {"Edited": True}


@promises(ArticleStore.save_documents)
async def test_a_stored_document_that_gets_its_own_story_is_archive(store: Store) -> None:
    """Two documents shared a story, as they had the same address; now they have two."""
    await save(store, make_document("a", make_article(1)), make_document("b", make_article(1)))
    await save(store, make_document("b", make_article(2)))
    assert await archive(store) == {"Story 1": False, "Story 2": True}


@promises(ArticleStore.save_documents, ArticleStore.finish_reading, ArticleStore.known_documents)
async def test_bounds_of_the_archive_are_kept(store: Store) -> None:
    """Those of the first reading stay until a reading is finished with others."""

    async def bounds() -> ArchiveBounds | None:
        return (await store.known_documents(FEED, "settings")).archive

    assert await bounds() is None
    await save(store, *make_documents(make_article(1)))
    later = ArchiveBounds(START + timedelta(hours=1), complete=True)
    await store.save_documents(FEED, make_documents(make_article(2)), START, archive=later)
    await store.finish_reading(FEED, "settings")
    assert await bounds() == ArchiveBounds(START)
    await store.finish_reading(FEED, "settings", archive=later)
    assert await bounds() == later


@promises(ArticleStore.forget_absent)
async def test_rejections_of_absent_documents_are_forgotten(store: Store) -> None:
    """A story that had a good version keeps it."""
    rejection = Rejection("is missing", field="link")
    documents = [make_document(key, rejection) for key in ("a", "b", "c")]
    await save(store, make_document("b", make_article(1)))
    await save(store, *documents)
    await store.forget_absent(FEED, {"a"}, duplicates=False)
    assert [each.key for each in await store.rejected_documents()] == ["a"]
    assert (await store.known_documents(FEED, "settings")).keys() == {"a", "b"}
    assert await archive(store) == {"Story 1": False}


@promises(ArticleStore.forget_absent)
async def test_absent_documents_of_a_present_story_are_forgotten(store: Store) -> None:
    """A feed that generates new ids for every request would else fill the database."""
    article = make_article(1)
    await save(store, make_document("a", article), make_document("b", article))
    await save(store, make_document("c", make_article(2)))
    await store.forget_absent(FEED, {"b"}, duplicates=False)
    assert (await store.known_documents(FEED, "settings")).keys() == {"a", "b", "c"}
    await store.forget_absent(FEED, {"b"}, duplicates=True)
    assert (await store.known_documents(FEED, "settings")).keys() == {"b", "c"}
    assert await archive(store) == {"Story 1": False, "Story 2": False}


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
