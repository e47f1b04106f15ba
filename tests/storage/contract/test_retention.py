"""Old articles leave the archive, and what remains of them says that they are no news."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.announce.outbox import Outbox
from storage.errors import StoryExpiredError
from storage.models import Article, Document, Fingerprint, StoryQuery
from storage.posts import Sent
from storage.protocols import ArticleStore, RetentionStore, Store, StoryStore
from storage.protocols.diagnostics import Diagnostics
from storage.protocols.transaction import Transaction
from tests.storage.contract.promises import promises
from tests.storage.contract.test_lookups_follow import STEPS, Step
from tests.support.articles import make_article, make_document, make_documents
from tests.support.clock import START
from tests.support.outbox import CHANNEL, claim, plan, subscribe

SOURCE = "feed:https://news.example/feed.xml"
DAY = timedelta(days=1)
OLD = START - 100 * DAY
BEFORE = START - 50 * DAY


def make_old(number: int, **changes: Any) -> Article:  # noqa: ANN401 - any field of Article
    """An old article, published before it is first seen."""
    return make_article(number, **{"published_at": OLD - DAY, **changes})


def make_new(number: int) -> Article:
    """An article that is not old."""
    return make_article(number, published_at=START, topics=("News",), title="New")


async def save(store: Store, *articles: Article, now: datetime = OLD) -> None:
    """Save articles of the source."""
    await store.save_documents(SOURCE, make_documents(*articles), now)


async def sweep(store: Store, before: datetime = BEFORE) -> tuple[int, int]:
    """Sweep to the end; return how many articles left the archive, and were forgotten."""
    expired, forgotten, after = 0, 0, 0
    while after is not None:
        step = await store.sweep_articles(before, after)
        expired, forgotten = expired + step.expired, forgotten + step.forgotten
        after = step.after  # type: ignore[assignment]
    return expired, forgotten


@promises(RetentionStore.sweep_articles, StoryStore.get_story, StoryStore.find_story_by_address)
async def test_old_articles_are_found_no_more(store: Store, diagnostics: Diagnostics) -> None:
    """Lookups say that they left the archive; others stay as they are."""
    await save(store, make_old(1), make_old(2))
    await save(store, make_new(3), now=START)
    assert await sweep(store) == (2, 0)
    page = await store.find_stories(StoryQuery(limit=9))
    assert [story.id for story in page.stories] == [3]
    assert await store.count_stories() == 1
    assert [topic.name for topic in await store.list_topics(9)] == ["News"]
    with pytest.raises(StoryExpiredError, match="story 1 is no longer in the archive"):
        await store.get_story(1)
    with pytest.raises(StoryExpiredError):
        await store.find_story_by_address("https://news.example/2")
    assert await sweep(store) == (0, 0)
    assert await diagnostics.find_damage(deep=True) == []


@promises(RetentionStore.sweep_articles, ArticleStore.save_documents)
async def test_articles_do_not_come_back(store: Store, diagnostics: Diagnostics) -> None:
    """Neither changed, nor under another key, in another source, or after a deletion."""
    await save(store, make_old(1))
    await sweep(store)
    revision = (await store.planner_snapshot(9)).last_revision
    edited = make_new(1)
    await save(store, edited, now=START)
    await store.save_documents("folder:news", [make_document("other", edited)], START)
    await store.withdraw_documents(SOURCE, ["1.md"])
    await save(store, edited, now=START)
    snapshot = await store.planner_snapshot(9)
    assert (snapshot.stories, snapshot.last_revision) == ((), revision)
    assert await diagnostics.find_damage(deep=True) == []


@promises(RetentionStore.sweep_articles, ArticleStore.known_documents)
async def test_sources_know_their_old_documents(store: Store) -> None:
    """A source does not read again what it has already read."""
    documents = make_documents(make_old(1))
    await store.save_documents(SOURCE, documents, OLD)
    await sweep(store)
    await store.finish_reading(SOURCE, "settings")
    known = await store.known_documents(SOURCE, "settings")
    assert known.get("1.md") == documents[0].fingerprint


@promises(RetentionStore.sweep_articles, ArticleStore.forget_absent)
async def test_dated_articles_that_no_source_lists_are_forgotten(
    store: Store, diagnostics: Diagnostics
) -> None:
    """One without a date would be news if it came back."""
    first_seen = Fingerprint(0, int(OLD.timestamp() * 10**9), "")
    undated = Document("undated", first_seen, make_old(4, published_at=OLD))
    await save(store, *map(make_old, (1, 2, 3)))
    await store.save_documents(SOURCE, [undated], OLD)
    await store.withdraw_documents(SOURCE, ["3.md"])
    await save(store, make_new(5), now=START)
    await store.forget_absent(SOURCE, {"2.md", "5.md"}, duplicates=False)
    # Only what has left the archive is forgotten.
    assert await sweep(store) == (4, 0)
    await store.forget_absent(SOURCE, {"2.md", "5.md"}, duplicates=False)
    assert await sweep(store) == (0, 2)
    assert (await store.known_documents(SOURCE, "")).keys() == {"2.md", "undated", "5.md"}
    assert await diagnostics.find_damage(deep=True) == []


@promises(RetentionStore.sweep_articles, ArticleStore.forget_absent)
async def test_the_last_article_is_never_forgotten(store: Store) -> None:
    """The next one would get its number, which is in messages, or its revision."""
    await save(store, make_old(1))
    await sweep(store)
    await store.forget_absent(SOURCE, {"9.md"}, duplicates=False)
    assert await sweep(store) == (0, 0)


@promises(RetentionStore.sweep_articles)
async def test_articles_stay_while_their_posts_matter(
    store: Store, diagnostics: Diagnostics
) -> None:
    """A post that waits, was sent lately, or has an edit to come keeps its article."""
    await save(store, make_old(1))
    subscription = await subscribe(store)
    await plan(store, (1, subscription, ()), due_at=OLD, now=OLD)
    assert await sweep(store) == (0, 0)
    now = BEFORE + DAY
    await Outbox(store).settle((await claim(store, now)).post.id, Sent(500), now)
    assert await sweep(store) == (0, 0)
    await store.transact(lambda transaction: transaction.schedule_edits([1], now))
    assert await sweep(store, now + DAY) == (0, 0)
    (edit,) = await store.due_edits(now, 9, [])
    await store.drop_edit(edit)
    assert await sweep(store, now + DAY) == (1, 0)
    assert await store.find_post(1, CHANNEL) is None
    assert await diagnostics.find_damage(deep=True) == []


@promises(RetentionStore.sweep_articles, Transaction.insert_posts)
async def test_no_post_is_planned_for_an_article_that_left(store: Store) -> None:
    """A new subscription may have chosen it just before."""
    await save(store, make_old(1))
    subscription = await subscribe(store)
    await sweep(store)
    assert await plan(store, (1, subscription, ())) == 0


@promises(RetentionStore.sweep_articles)
async def test_the_lead_of_a_message_leaves_last(store: Store, diagnostics: Diagnostics) -> None:
    """The message of an article may show others, which stay until they are old, too."""
    await save(store, make_old(1), make_old(2))
    subscription = await subscribe(store)
    posts = (1, subscription, ()), (2, subscription, (1,))
    await plan(store, *posts, due_at=OLD, now=OLD)
    await Outbox(store).settle((await claim(store, OLD)).post.id, Sent(500), OLD)
    assert await sweep(store) == (1, 0)
    assert await store.find_post(2, CHANNEL) is None
    assert await store.find_post(1, CHANNEL) is not None
    assert await sweep(store) == (1, 0)
    assert await diagnostics.find_damage(deep=True) == []


@promises(RetentionStore.forget_names, StoryStore.get_topic)
async def test_names_without_stories_are_forgotten(store: Store, diagnostics: Diagnostics) -> None:
    """The last one stays, because the next one would get its number."""
    await save(store, make_old(1, topics=("AI", "Robots")))
    await save(store, make_new(2), now=START)
    assert await store.forget_names() == 0
    await sweep(store)
    assert await store.forget_names() == 2
    await save(store, make_new(3), now=START)
    assert (await store.get_topic("News")).id == 3
    assert await diagnostics.find_damage(deep=True) == []


SWEEPS = st.integers(-800_000, 800_000).map(
    lambda hours: lambda store: sweep(store, START - timedelta(hours=hours))
)
ABSENT = st.sampled_from(["folder:first", "folder:second"]).map(
    lambda source: lambda store: store.forget_absent(source, {"1.md"}, duplicates=False)
)
MIXED = st.tuples(STEPS, st.lists(st.one_of(SWEEPS, ABSENT), min_size=1, max_size=5)).flatmap(
    lambda parts: st.permutations([*parts[0], *parts[1]])
)


@promises(RetentionStore.sweep_articles, RetentionStore.forget_names, StoryStore.count_stories)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=MIXED)
async def test_nothing_contradicts_after_sweeps(
    store: Store, diagnostics: Diagnostics, steps: list[Step]
) -> None:
    """Whatever documents were saved, changed and withdrawn before and after."""
    for step in steps:
        await step(store)
    await store.forget_names()
    assert await diagnostics.find_damage(deep=True) == []
    page = await store.find_stories(StoryQuery(limit=100))
    assert await store.count_stories() == len(page.stories)
