"""Look up stories and topics.

Text that a person types is always quoted, because FTS5 has its own query language
(https://www.sqlite.org/fts5.html#full_text_query_syntax).
"""

import json
import re
from collections.abc import Sequence

from typing_extensions import override

from storage.errors import NotFoundError
from storage.models import Order, Story, StoryPage, StoryQuery, Topic, TopicSummary
from storage.protocols import StoryStore
from storage.sqlite.base import StorePart
from storage.sqlite.codec import (
    SELECT_STORIES,
    STORY_COLUMNS,
    STORY_TABLES,
    decode_story,
    decode_time,
    encode_time,
)
from storage.sqlite.database import Readers, Row, Value, fetch_all, fetch_one, fetch_value

# Weights by column: title, excerpt, provider, topics, related titles.
_RANK = "bm25(articles_fts, 10, 4, 2, 4, 1)"
_TOPICS = (
    "SELECT t.id, t.name, count(*) AS stories, max(a.dated_at) AS newest_at FROM topics AS t"
    " JOIN article_topics AS x ON x.topic_id = t.id JOIN articles AS a ON a.id = x.article_id"
)
_PROVIDERS = 5
_MAX_WORDS = 16
_WORD = re.compile(r"\w+")

ORDERS = {
    Order.NEWEST: "a.dated_at DESC, a.id DESC",
    Order.BEST: "a.quality DESC, a.dated_at DESC, a.id DESC",
    Order.RELEVANT: "found.rank, a.quality DESC, a.id DESC",
}


class SqliteStories(StorePart, StoryStore):
    """`StoryStore`."""

    @override
    async def find_stories(self, query: StoryQuery) -> StoryPage:
        expression = _match_expression(query.text, prefix=True) if query.text else None
        if query.text and expression is None:
            return StoryPage((), 0)
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
        async with self._database.read(Readers.LOOKUPS) as connection:
            total = await fetch_value(connection, f"SELECT count(*) {where}", parameters)
            rows = await fetch_all(
                connection,
                f"SELECT {STORY_COLUMNS} {where} ORDER BY {ORDERS[order]} LIMIT ? OFFSET ?",
                [*parameters, query.limit, query.offset],
            )
        return StoryPage(tuple(decode_story(row) for row in rows), total)

    @override
    async def complete_titles(self, typed: str, limit: int) -> Sequence[Story]:
        expression = _match_expression(typed, column="title", prefix=True)
        if expression is None:
            page = await self.find_stories(StoryQuery(order=Order.NEWEST, limit=limit))
            return page.stories
        rows = await self._fetch_all(
            f"{SELECT_STORIES} WHERE a.id IN"
            " (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)"
            " ORDER BY a.quality DESC, a.dated_at DESC LIMIT ?",
            (expression, limit),
        )
        return [decode_story(row) for row in rows]

    @override
    async def get_story(self, story_id: int) -> Story:
        row = await self._fetch_one(f"{SELECT_STORIES} WHERE a.id = ?", (story_id,))
        if row is None:
            raise NotFoundError(f"there is no story {story_id}")
        return decode_story(row)

    @override
    async def count_stories(self) -> int:
        return int(await self._fetch_value("SELECT count(*) FROM articles WHERE NOT withdrawn"))

    @override
    async def list_topics(self, limit: int, offset: int = 0) -> Sequence[Topic]:
        return await self._topics(
            "GROUP BY t.id ORDER BY stories DESC, t.folded LIMIT ? OFFSET ?", limit, offset
        )

    @override
    async def count_topics(self) -> int:
        query = "SELECT count(DISTINCT topic_id) FROM article_topics"
        return int(await self._fetch_value(query))

    @override
    async def complete_topics(self, typed: str, limit: int) -> Sequence[Topic]:
        folded = typed.strip().casefold()
        return await self._topics(
            "WHERE instr(t.folded, ?) > 0 GROUP BY t.id"
            " ORDER BY instr(t.folded, ?) != 1, stories DESC, t.folded LIMIT ?",
            folded,
            folded,
            limit,
        )

    @override
    async def get_topic(self, name: str) -> Topic:
        return await self._topic("t.folded = ?", name.strip().casefold(), name)

    @override
    async def get_topic_by_id(self, topic_id: int) -> Topic:
        return await self._topic("t.id = ?", topic_id, topic_id)

    @override
    async def summarise_topic(self, topic_id: int) -> TopicSummary:
        stories = (
            f"{SELECT_STORIES} JOIN article_topics AS x ON x.article_id = a.id"
            " WHERE x.topic_id = ? ORDER BY"
        )
        async with self._database.read(Readers.LOOKUPS) as connection:
            topic = await fetch_one(
                connection, f"{_TOPICS} WHERE t.id = ? GROUP BY t.id", (topic_id,)
            )
            best = await fetch_one(
                connection, f"{stories} a.quality DESC, a.dated_at DESC LIMIT 1", (topic_id,)
            )
            newest = await fetch_one(connection, f"{stories} a.dated_at DESC LIMIT 1", (topic_id,))
            providers = await fetch_all(
                connection,
                "SELECT a.provider, count(*) AS stories FROM articles AS a"
                " JOIN article_topics AS x ON x.article_id = a.id"
                " WHERE x.topic_id = ? AND a.provider != ''"
                " GROUP BY a.provider ORDER BY stories DESC, a.provider LIMIT ?",
                (topic_id, _PROVIDERS),
            )
        if topic is None or best is None or newest is None:
            raise NotFoundError(f"there is no topic {topic_id}")
        return TopicSummary(
            topic=_decode_topic(topic),
            best=decode_story(best),
            newest=decode_story(newest),
            providers=tuple((row["provider"], row["stories"]) for row in providers),
        )

    async def _topic(self, condition: str, value: Value, label: str | int) -> Topic:
        topics = await self._topics(f"WHERE {condition} GROUP BY t.id", value)
        if not topics:
            raise NotFoundError(f"there is no topic {label}")
        return topics[0]

    async def _topics(self, rest: str, *values: Value) -> Sequence[Topic]:
        return [_decode_topic(row) for row in await self._fetch_all(f"{_TOPICS} {rest}", values)]


def story_conditions(query: StoryQuery) -> tuple[list[str], list[Value]]:
    """The conditions of a query on `articles AS a`, without its text, and their values."""
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


def _match_expression(text: str, *, column: str | None = None, prefix: bool = False) -> str | None:
    """An FTS5 expression that requires all words of `text`, or None if it has no word.

    With `prefix`, the last word may be the beginning of a word, as while typing.
    """
    words = _WORD.findall(text)[:_MAX_WORDS]
    if not words:
        return None
    terms = [f'"{word}"' for word in words]
    if prefix:
        terms[-1] += " *"
    expression = " AND ".join(terms)
    return f"{column} : ({expression})" if column else expression


def _decode_topic(row: Row) -> Topic:
    return Topic(row["id"], row["name"], row["stories"], decode_time(row["newest_at"]))
