"""How documents become articles."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from storage.models import (
    KnownDocuments,
    LoadCounts,
    Rejection,
    SaveResult,
    Story,
    StoryQuery,
    UnpublishedDocument,
)
from storage.protocols import ArticleStore, Store, StoryStore
from tests.storage.contract.promises import promises
from tests.support.articles import make_article, make_document, make_documents
from tests.support.clock import START

SOURCE = "folder:news"


async def only_story(store: Store) -> Story:
    """The only story that is found."""
    page = await store.find_stories(StoryQuery())
    assert page.total == 1
    return page.stories[0]


async def all_revisions(store: Store) -> list[int]:
    """The revisions of all stories, in ascending order."""
    return [story.revision for story in (await store.planner_snapshot(99)).stories]


@promises(ArticleStore.save_documents)
async def test_an_article_comes_back_as_it_was_saved(store: Store) -> None:
    """The database loses nothing of an article."""
    article = make_article(title="“Ä” 🛰\u200d", quality=189, heat=-1, topics=("AI", "Größe"))
    await store.save_documents(SOURCE, make_documents(article), START)
    assert article == (await only_story(store)).article


@promises(ArticleStore.save_documents)
async def test_loading_the_same_again_changes_nothing(store: Store) -> None:
    """No revision is raised, so the planner does not read the stories again."""
    documents = make_documents(*map(make_article, range(5)))
    assert await store.save_documents(SOURCE, documents, START) == SaveResult(LoadCounts(new=5))
    revisions = await all_revisions(store)
    assert await store.save_documents(SOURCE, documents, START) == SaveResult(
        LoadCounts(unchanged=5)
    )
    assert revisions == await all_revisions(store)


@promises(ArticleStore.save_documents)
async def test_an_edited_title_changes_one_story(store: Store) -> None:
    """Only the edited story gets a new revision."""
    await store.save_documents(SOURCE, make_documents(*map(make_article, range(3))), START)
    before = await all_revisions(store)
    edited = make_article(1, title="Edited")
    assert await store.save_documents(SOURCE, make_documents(edited), START) == SaveResult(
        LoadCounts(changed=1)
    )
    (changed,) = set(await all_revisions(store)) - set(before)
    assert changed == before[-1] + 1
    found = await store.find_stories(StoryQuery(text="edited"))
    assert [story.article.title for story in found.stories] == ["Edited"]


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
async def test_a_renamed_file_is_the_same_story(store: Store) -> None:
    """The address identifies the article, whatever the file name."""
    article = make_article()
    await store.save_documents(SOURCE, [make_document("old.md", article)], START)
    story = await only_story(store)
    await store.save_documents(SOURCE, [make_document("new.md", article)], START)
    assert await store.withdraw_documents(SOURCE, ["old.md"]) == 1
    assert story == await only_story(store)


@promises(ArticleStore.save_documents)
async def test_any_shared_address_names_the_same_story(store: Store) -> None:
    """A document that has the article's AMP address belongs to the same story."""
    amp = "https://news.example/amp/1"
    await store.save_documents(
        SOURCE, make_documents(make_article(1, addresses=("https://news.example/1", amp))), START
    )
    other = make_article(2, addresses=(amp,))
    await store.save_documents("folder:other", make_documents(other), START)
    assert await store.count_stories() == 1


@promises(ArticleStore.register_sources, ArticleStore.save_documents)
async def test_the_first_source_is_shown(store: Store) -> None:
    """If several documents belong to an article, the order of sources decides."""
    await store.register_sources(["folder:first", "folder:second"])
    second = make_article(title="Second", published_at=START + timedelta(days=1))
    await store.save_documents("folder:second", make_documents(second), START)
    await store.save_documents("folder:first", make_documents(make_article(title="First")), START)
    assert (await only_story(store)).article.title == "First"
    await store.register_sources(["folder:second", "folder:first"])
    assert (await only_story(store)).article.title == "Second"


@promises(ArticleStore.save_documents)
async def test_the_newest_document_of_a_source_is_shown(store: Store) -> None:
    """Ties are broken by key, so the order of arrival does not matter."""
    older = make_document("c.md", make_article(title="Older", published_at=START))
    newer = make_document("b.md", make_article(title="B", published_at=START + timedelta(days=1)))
    twin = make_document("a.md", make_article(title="A", published_at=START + timedelta(days=1)))
    for document in (newer, older, twin):
        await store.save_documents(SOURCE, [document], START)
    assert (await only_story(store)).article.title == "A"


@promises(StoryStore.count_stories, ArticleStore.save_documents, ArticleStore.withdraw_documents)
async def test_a_returning_document_restores_its_story(
    store: Store,
) -> None:
    """Files may disappear upstream and come back; the story is the same one."""
    documents = make_documents(make_article())
    await store.save_documents(SOURCE, documents, START)
    story = await only_story(store)
    assert await store.withdraw_documents(SOURCE, ["1.md"]) == 1
    assert await store.count_stories() == 0
    assert list(await store.list_topics(5)) == []
    assert (await store.get_story(story.id)).withdrawn
    await store.save_documents(SOURCE, documents, START + timedelta(hours=1))
    back = await only_story(store)
    assert (story.id, story.first_seen_at) == (back.id, back.first_seen_at)
    assert back.revision > story.revision


@promises(
    ArticleStore.register_sources, ArticleStore.save_documents, ArticleStore.withdraw_documents
)
async def test_a_story_with_another_document_is_not_withdrawn(store: Store) -> None:
    """It shows its next document."""
    await store.register_sources(["folder:first", "folder:second"])
    await store.save_documents("folder:first", make_documents(make_article(title="First")), START)
    await store.save_documents("folder:second", make_documents(make_article(title="Second")), START)
    await store.withdraw_documents("folder:first", ["1.md"])
    assert (await only_story(store)).article.title == "Second"


@promises(ArticleStore.rejected_documents, ArticleStore.save_documents)
async def test_a_rejected_document_keeps_its_last_good_version(store: Store) -> None:
    """A typing error withdraws no story, and is reported until it is fixed."""
    await store.save_documents(SOURCE, make_documents(make_article()), START)
    broken = make_document("1.md", Rejection("is not valid YAML", line=3, field="title"))
    assert await store.save_documents(SOURCE, [broken], START) == SaveResult(LoadCounts(rejected=1))
    assert (await only_story(store)).article.title == "Story 1"
    rejected = await store.rejected_documents()
    assert [(each.source, each.key, str(each.rejection)) for each in rejected] == [
        (SOURCE, "1.md", "line 3, title: is not valid YAML")
    ]
    await store.save_documents(SOURCE, make_documents(make_article()), START)
    assert list(await store.rejected_documents(SOURCE)) == []


@promises(ArticleStore.save_documents)
async def test_an_unpublished_document_has_no_story(
    store: Store,
) -> None:
    """An existing story is withdrawn, because `published: false` must never leak."""
    counts = (
        await store.save_documents(SOURCE, [make_document("1.md", UnpublishedDocument())], START)
    ).counts
    assert LoadCounts(drafts=1) == counts
    assert await store.count_stories() == 0
    await store.save_documents(SOURCE, make_documents(make_article()), START)
    assert await store.count_stories() == 1
    counts = (
        await store.save_documents(SOURCE, [make_document("1.md", UnpublishedDocument())], START)
    ).counts
    assert LoadCounts(withdrawn=1) == counts
    assert await store.count_stories() == 0


@promises(
    ArticleStore.finish_reading,
    ArticleStore.known_documents,
    ArticleStore.save_documents,
    ArticleStore.withdraw_documents,
)
async def test_other_settings_discard_fingerprints(store: Store) -> None:
    """The keys are still known, except those of gone documents."""
    documents = make_documents(make_article(1), make_article(2))
    await store.save_documents(SOURCE, documents, START)
    known = await store.known_documents(SOURCE, "a")
    assert known.keys() == {"1.md", "2.md"}
    assert not known.current
    assert known.get("1.md") is None
    await store.finish_reading(SOURCE, "a")
    await store.withdraw_documents(SOURCE, ["2.md"])
    fingerprints = {"1.md": documents[0].fingerprint}
    assert await store.known_documents(SOURCE, "a") == KnownDocuments(fingerprints)
    assert await store.known_documents(SOURCE, "b") == KnownDocuments(fingerprints, current=False)
    other = await store.known_documents("folder:other", "a")
    assert other == KnownDocuments({}, current=False)


@promises(ArticleStore.save_documents)
async def test_a_date_in_the_future_counts_as_first_seen(store: Store) -> None:
    """A date of next year does not keep a story at the top of the newest."""
    await store.save_documents(
        SOURCE, make_documents(make_article(published_at=START + timedelta(days=365))), START
    )
    story = await only_story(store)
    assert story.dated_at == START
    assert (await store.find_stories(StoryQuery(since=START + timedelta(seconds=1)))).total == 0


@promises(ArticleStore.save_documents)
@pytest.mark.parametrize("count", [1, 700])
async def test_a_batch_may_contain_new_and_known_articles(store: Store, count: int) -> None:
    """Each document counts, even if two of the batch belong to the same article."""
    documents = make_documents(*map(make_article, range(count)))
    twin = make_document("twin.md", make_article(0))
    result = await store.save_documents(SOURCE, [*documents, twin], START)
    assert result.counts == LoadCounts(new=count + 1)
    assert count == await store.count_stories()


@promises(
    ArticleStore.finish_reading,
    ArticleStore.register_sources,
    ArticleStore.save_documents,
    ArticleStore.state_token,
    ArticleStore.withdraw_documents,
    ArticleStore.withdraw_unregistered_sources,
)
async def test_a_state_token_is_kept_until_anything_changes(store: Store) -> None:
    """A change to a document discards it, and so do other settings."""

    async def known_after(change: Awaitable[object]) -> str | None:
        await store.finish_reading(SOURCE, "a", "token")
        assert await store.state_token(SOURCE, "a") == "token"
        assert await store.state_token(SOURCE, "b") is None
        await change
        return await store.state_token(SOURCE, "a")

    await store.register_sources([SOURCE])
    assert await store.state_token(SOURCE, "a") is None
    assert (
        await known_after(store.save_documents(SOURCE, make_documents(make_article()), START))
        is None
    )
    assert await known_after(store.withdraw_documents(SOURCE, ["1.md"])) is None
    assert await known_after(store.finish_reading(SOURCE, "a")) is None
    other = store.save_documents("folder:other", make_documents(make_article(2)), START)
    assert await known_after(other) == "token"
    await store.register_sources([])
    assert await known_after(store.withdraw_unregistered_sources()) is None


@promises(ArticleStore.mark_missing)
async def test_a_missing_document_keeps_its_story(store: Store) -> None:
    """Until it is withdrawn, its address may return with another key."""
    await store.save_documents(SOURCE, make_documents(make_article()), START)
    story = await only_story(store)
    await store.mark_missing(SOURCE, ["1.md", "unknown.md"])
    assert await only_story(store) == story
    await store.finish_reading(SOURCE, "a")
    assert (await store.known_documents(SOURCE, "a")).keys() == {"1.md"}
    assert await store.withdraw_documents(SOURCE, ["1.md"]) == 1
    assert await store.count_stories() == 0


@promises(ArticleStore.mark_missing)
@pytest.mark.parametrize("missing", [True, False])
async def test_the_key_of_a_missing_document_names_a_new_article(
    store: Store, missing: bool
) -> None:
    """If its file had been read in between, the story would have changed its address."""
    await store.save_documents(SOURCE, [make_document("1.md", make_article(1))], START)
    await store.mark_missing(SOURCE, ["1.md" if missing else "other.md"])
    await store.save_documents(SOURCE, [make_document("1.md", make_article(2))], START)
    assert await store.count_stories() == 1
    assert (await store.get_story(1)).withdrawn is missing


@promises(ArticleStore.withdraw_unregistered_sources)
async def test_stories_of_an_unregistered_source_are_withdrawn(store: Store) -> None:
    """Stories that a registered source also has are kept; a second call finds nothing."""
    await store.save_documents("old", make_documents(make_article(1), make_article(2)), START)
    await store.save_documents("new", make_documents(make_article(1)), START)
    await store.register_sources(["new"])
    assert await store.count_stories() == 2
    assert await store.withdraw_unregistered_sources() == 2
    assert (await only_story(store)).article.title == "Story 1"
    assert await store.withdraw_unregistered_sources() == 0


@promises(ArticleStore.save_documents)
async def test_other_processes_raise_revisions_in_turn(store: Store, other: Store) -> None:
    """No two changes share a revision, and a later commit has the higher one."""
    await asyncio.gather(
        *(
            saver.save_documents(SOURCE, make_documents(make_article(number)), START)
            for number, saver in enumerate([store, other] * 5)
        )
    )
    revisions = await all_revisions(store)
    assert revisions == sorted(set(revisions))
    assert len(revisions) == 10
    await other.save_documents(SOURCE, make_documents(make_article(0, title="Edited")), START)
    assert (await all_revisions(store))[-1] > revisions[-1]
