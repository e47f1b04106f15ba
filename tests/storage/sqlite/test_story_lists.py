"""Lists of stories look at a limited number of rows, and are right whichever index they read."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from random import Random

import pytest

from storage.models import Article, Order
from storage.sqlite import SqliteStore
from storage.sqlite.codec import encode_microseconds
from storage.sqlite.story_lists import BOUNDS, Bounds, Listed, ListQuery, list_stories
from tests.support.articles import make_article, make_documents
from tests.support.clock import START

SOURCE, MOST = "folder:news", 30
HOUR = timedelta(hours=1)

Key = Callable[[tuple[int, Article]], tuple[object, ...]]
KEYS: dict[Order, Key] = {
    Order.NEWEST: lambda each: (each[1].published_at, each[0]),
    Order.BEST: lambda each: (each[1].quality, each[1].published_at, each[0]),
    Order.HOTTEST: lambda each: (
        each[1].heat,
        each[1].quality,
        each[1].published_at,
        each[0],
    ),
}
QUERIES = [
    ListQuery(order, topic, quality, since)
    for order, topic, quality, since in product(
        KEYS,
        (None, 1),
        (None, 40, 80),
        (None, *(encode_microseconds(START - hours * HOUR) for hours in (5, 60))),
    )
]


def make_articles() -> list[Article]:
    """Articles in random order, every third with a topic of its own."""
    random = Random(7)  # noqa: S311 - the same articles each time
    return [
        make_article(
            number,
            quality=random.randrange(100),
            heat=random.randrange(-1, 5),
            published_at=START - random.randrange(100) * HOUR,
            topics=("AI",) if number % 3 else ("Energy",),
        )
        for number in range(1, 121)
    ]


def matching(query: ListQuery, articles: list[Article]) -> list[int]:
    """The ids of all articles that a query wants, in order."""
    wanted = [
        (number, article)
        for number, article in enumerate(articles, start=1)
        if (query.topic_id is None or article.topics == ("AI",))
        and (query.min_quality is None or article.quality >= query.min_quality)
        and (query.since is None or encode_microseconds(article.published_at) >= query.since)
    ]
    return [number for number, _ in sorted(wanted, key=KEYS[query.order], reverse=True)]


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return make_articles()


@pytest.fixture
async def filled(sqlite_store: SqliteStore, articles: list[Article]) -> SqliteStore:
    """A store in which the articles' numbers are their ids, and 1 is the id of the topic AI."""
    await sqlite_store.save_documents(SOURCE, make_documents(*articles), START)
    return sqlite_store


async def find(store: SqliteStore, query: ListQuery, bounds: Bounds) -> Listed:
    async with store._database.read() as connection:  # noqa: SLF001 - bounds are not in the protocol
        return await list_stories(connection, query, MOST, bounds)


async def test_lists_have_the_first_stories_in_order(
    filled: SqliteStore, articles: list[Article]
) -> None:
    """They say whether others meet the conditions."""
    for query in QUERIES:
        wanted = matching(query, articles)
        found = await find(filled, query, BOUNDS)
        assert list(found.ids) == wanted[:MOST], query
        assert found.complete == (len(wanted) < MOST), query


@pytest.mark.parametrize("bounds", [Bounds(20, 60), Bounds(1, 1000), Bounds(5, MOST)])
async def test_bounded_lists_never_claim_to_be_complete(
    filled: SqliteStore, articles: list[Article], bounds: Bounds
) -> None:
    """What they have meets the conditions, in order; what they lack is not denied."""
    for query in QUERIES:
        wanted = matching(query, articles)
        found = await find(filled, query, bounds)
        assert list(found.ids) == [each for each in wanted if each in set(found.ids)], query
        if found.complete:
            assert list(found.ids) == wanted, query


@pytest.mark.parametrize("query", QUERIES)
async def test_lists_read_indexes_only(filled: SqliteStore, query: ListQuery) -> None:
    """Rows of stories are large and far apart, so that reading them takes most of the time."""
    statements: list[str] = []
    async with filled._database.read() as connection:  # noqa: SLF001 - its statements are observed
        await connection.set_trace_callback(statements.append)
        await list_stories(connection, query, MOST, Bounds(20, 60))
        selects = [each for each in statements if each.startswith("SELECT")]
        assert selects
        for statement in selects:
            plan = await connection.execute_fetchall(f"EXPLAIN QUERY PLAN {statement}")
            details = [row["detail"] for row in plan if "SEARCH" in row["detail"]]
            assert details
            for detail in details:
                assert "COVERING INDEX" in detail or "PRIMARY KEY" in detail, detail
