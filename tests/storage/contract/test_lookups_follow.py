"""What lookups read follows from the stories, whatever happens to these."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.models import Article, Provider, RelatedArticle, StoryQuery, UnpublishedDocument
from storage.protocols import ArticleStore, Store, StoryStore
from storage.protocols.diagnostics import Diagnostics
from tests.storage.contract.promises import promises
from tests.support.articles import make_article, make_document, make_documents
from tests.support.clock import START

SOURCES = ["folder:first", "folder:second"]

ARTICLES = st.builds(
    make_article,
    st.integers(1, 3),
    title=st.sampled_from(["Robots knit", "Ein Haus am See", "ロボットの話", "C++ 26", "🙂"]),
    excerpt=st.sampled_from(["", "What happened then."]),
    topics=st.lists(st.sampled_from(["AI", "ai", "Zürich", "機械"]), max_size=3).map(tuple),
    provider=st.sampled_from([None, Provider("Herald"), Provider("The Über Times")]),
    quality=st.integers(-5, 400),
    heat=st.integers(-1, 200),
    language=st.sampled_from([None, "de", "ja"]),
    published_at=st.integers(-800_000, 800_000).map(lambda hours: START - timedelta(hours=hours)),
    related=st.sampled_from([(), (RelatedArticle("Another title", "https://other.example/"),)]),
)
Step = Callable[[Store], Awaitable[object]]


def save(source: str, articles: list[Article]) -> Step:
    """Save articles, each in the file of its number."""
    documents = make_documents(*articles)
    return lambda store: store.save_documents(source, documents, START)


def unpublish(source: str, number: int) -> Step:
    """Make a document a draft."""
    document = make_document(f"{number}.md", UnpublishedDocument())
    return lambda store: store.save_documents(source, [document], START)


def withdraw(source: str, number: int) -> Step:
    """Remove a document."""
    return lambda store: store.withdraw_documents(source, [f"{number}.md"])


def register(sources: list[str]) -> Step:
    """Change the order of the sources."""
    return lambda store: store.register_sources(sources)


STEPS = st.lists(
    st.one_of(
        st.builds(save, st.sampled_from(SOURCES), st.lists(ARTICLES, min_size=1, max_size=3)),
        st.builds(unpublish, st.sampled_from(SOURCES), st.integers(1, 3)),
        st.builds(withdraw, st.sampled_from(SOURCES), st.integers(1, 3)),
        st.builds(register, st.permutations(SOURCES)),
    ),
    min_size=2,
    max_size=6,
)


@promises(ArticleStore.save_documents, StoryStore.count_stories, StoryStore.count_topics)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_lookups_follow_the_stories(
    store: Store, diagnostics: Diagnostics, steps: list[Step]
) -> None:
    """Nothing is left in an index, a list or a count, and nothing is missing."""
    for step in steps:
        await step(store)
    assert await diagnostics.find_damage(deep=True) == []
    page = await store.find_stories(StoryQuery(limit=100))
    assert await store.count_stories() == len(page.stories)
    assert await store.count_topics() == len(await store.list_topics(100))
    names = {name.casefold() for story in page.stories for name in story.article.topics}
    assert {topic.name.casefold() for topic in await store.list_topics(100)} == names
