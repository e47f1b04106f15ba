"""Looking stories up."""

from __future__ import annotations

import json
from collections.abc import Sequence

import aiosqlite
from typing_extensions import override

from storage.errors import NotFoundError
from storage.models import Order, Story, StoryPage, StoryQuery
from storage.protocols import StoryStore
from storage.sqlite.aggregate import Aggregate
from storage.sqlite.articles import fetch_story
from storage.sqlite.codec import STORY_COLUMNS, STORY_TABLES, encode_time
from storage.sqlite.database import Value, fetch_all, fetch_value
from storage.sqlite.searching import match_expression

# A word in the title says more about a story than one in a related title.
_RANK = "bm25(articles_fts, 10, 4, 2, 4, 1)"

ORDERS = {
    Order.NEWEST: "a.dated_at DESC, a.id DESC",
    Order.BEST: "a.quality DESC, a.dated_at DESC, a.id DESC",
    Order.RELEVANT: "found.rank, a.quality DESC, a.id DESC",
}


class SqliteStories(Aggregate, StoryStore):
    """The stories of `StoryStore`."""

    @override
    async def find_stories(self, query: StoryQuery) -> StoryPage:
        expression = match_expression(query.text, prefix=True) if query.text else None
        if query.text and expression is None:
            return StoryPage((), 0)
        async with self._database.read() as connection:
            return await self._find(connection, query, expression)

    async def _find(
        self, connection: aiosqlite.Connection, query: StoryQuery, expression: str | None
    ) -> StoryPage:
        tables, parameters = STORY_TABLES, list[Value]()
        order = Order.BEST if query.order is Order.RELEVANT and not expression else query.order
        if expression:
            tables += (
                f" JOIN (SELECT rowid, {_RANK} AS rank FROM articles_fts"
                " WHERE articles_fts MATCH ?) AS found ON found.rowid = a.id"
            )
            parameters.append(expression)
        conditions, values = story_conditions(query)
        parameters += values
        where = f"FROM {tables} WHERE {' AND '.join(conditions)}"
        total = await fetch_value(connection, f"SELECT count(*) {where}", parameters)
        rows = await fetch_all(
            connection,
            f"SELECT {STORY_COLUMNS} {where} ORDER BY {ORDERS[order]} LIMIT ? OFFSET ?",
            [*parameters, query.limit, query.offset],
        )
        return StoryPage(tuple(self._codec.decode_story(row) for row in rows), total)

    @override
    async def complete_titles(self, typed: str, limit: int) -> Sequence[Story]:
        expression = match_expression(typed, column="title", prefix=True)
        if expression is None:
            page = await self.find_stories(StoryQuery(order=Order.NEWEST, limit=limit))
            return page.stories
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES}"
                " WHERE a.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)"
                " ORDER BY a.quality DESC, a.dated_at DESC LIMIT ?",
                (expression, limit),
            )
        return [self._codec.decode_story(row) for row in rows]

    @override
    async def get_story(self, story_id: int) -> Story:
        async with self._database.read() as connection:
            story = await fetch_story(connection, self._codec, story_id)
        if story is None:
            raise NotFoundError(f"there is no story {story_id}")
        return story

    @override
    async def count_stories(self) -> int:
        async with self._database.read() as connection:
            return int(
                await fetch_value(connection, "SELECT count(*) FROM articles WHERE NOT withdrawn")
            )


def story_conditions(query: StoryQuery) -> tuple[list[str], list[Value]]:
    """What `articles AS a` must fulfil for the query, the text left out."""
    conditions, values = ["NOT a.withdrawn"], list[Value]()
    if query.topics:
        conditions.append(
            "a.id IN (SELECT x.article_id FROM article_topics AS x"
            " JOIN topics AS t ON t.id = x.topic_id"
            " WHERE t.folded IN (SELECT value FROM json_each(?)))"
        )
        values.append(json.dumps([topic.casefold() for topic in query.topics]))
    if query.min_quality is not None:
        conditions.append("a.quality >= ?")
        values.append(query.min_quality)
    if query.since is not None:
        conditions.append("a.dated_at >= ?")
        values.append(encode_time(query.since))
    return conditions, values
