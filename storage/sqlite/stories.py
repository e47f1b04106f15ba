"""Look up stories and topics.

Text that a person types is always quoted, because FTS5 has its own query language
(https://www.sqlite.org/fts5.html#full_text_query_syntax).
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import aiosqlite
from typing_extensions import override

from storage.errors import NotFoundError
from storage.models import (
    EVERYWHERE,
    MOST_FOUND,
    Order,
    PostedMessage,
    ProviderCount,
    Scope,
    Story,
    StoryPage,
    StoryQuery,
    Topic,
    TopicSummary,
)
from storage.protocols import StoryStore
from storage.sqlite.base import StorePart
from storage.sqlite.codec import (
    SELECT_STORIES,
    decode_stories,
    decode_story,
    encode_time,
    is_time,
)
from storage.sqlite.columns import TABLES, moment
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import Readers, fetch_all
from storage.sqlite.values import Row, Value

# Weights by column: title, excerpt, provider, topics, related titles.
_RANK = "bm25(articles_fts, 10, 4, 2, 4, 1)"
# Of a text that more stories match than this, those seen last are ranked. Ranking all of 100,000
# takes half a second.
_RANKED = 5000
# Titles that match what was typed, of which the best are offered.
_COMPLETED = 1000
_PROVIDERS = 5
_MESSAGES = 25
_MAX_WORDS = 16
_WORD = re.compile(r"\w+")

ORDERS = {
    Order.NEWEST: "a.dated_at DESC, a.id DESC",
    Order.BEST: "a.quality DESC, a.dated_at DESC, a.id DESC",
    Order.HOTTEST: "json_extract("
    "(SELECT unpacked(content) FROM documents WHERE id = a.document_id), '$.heat') DESC,"
    " a.quality DESC, a.dated_at DESC, a.id DESC",
    Order.RELEVANT: "a.rank, a.quality DESC, a.id DESC",
}
_COUNTED_TOPICS = (
    "SELECT t.id, t.name, t.folded, (SELECT count(*) FROM article_topics AS x"
    " WHERE x.topic_id = t.id) AS stories FROM topics AS t"
)
# A story of a large topic is soon found in the order of an index; all stories of a small one are
# read in less time.
_LARGE_TOPIC = 1000
_IN_LARGE_TOPIC = (
    "FROM articles AS a WHERE NOT a.withdrawn AND EXISTS (SELECT 1 FROM article_topics AS x"
    " WHERE x.topic_id = {topic} AND x.article_id = a.id)"
)
_IN_SMALL_TOPIC = (
    "FROM article_topics AS x CROSS JOIN articles AS a ON a.id = x.article_id"
    " WHERE x.topic_id = {topic}"
)
_NEWEST_IN_TOPIC = (
    f"iif(stories > {_LARGE_TOPIC},"
    f" (SELECT a.dated_at {_IN_LARGE_TOPIC} AND {is_time('a.dated_at')}"
    " ORDER BY a.dated_at DESC LIMIT 1),"
    f" (SELECT max(a.dated_at) {_IN_SMALL_TOPIC} AND {is_time('a.dated_at')}))"
).format(topic="topic.id")
# Of a topic's best and newest stories, so many may be damaged.
_TRIED = 20
_TOPIC = TABLES["topics"]


class SqliteStories(StorePart, StoryStore):
    """`StoryStore`."""

    @override
    async def find_stories(self, query: StoryQuery) -> StoryPage:
        expression = _match_expression(query.text) if query.text else None
        if query.text and expression is None:
            return StoryPage((), 0)
        order = Order.BEST if query.order is Order.RELEVANT and not expression else query.order
        conditions, values = story_conditions(query)
        where = " AND ".join(conditions)
        found, parameters = f"articles AS a WHERE {where}", values
        if expression:
            found = (
                f"(SELECT a.*, {_RANK} AS rank FROM articles_fts CROSS JOIN articles AS a"
                f" ON a.id = articles_fts.rowid WHERE articles_fts MATCH ? AND {where}"
                f" ORDER BY articles_fts.rowid DESC LIMIT {_RANKED}) AS a"
            )
            parameters = [expression, *values]
        most = max(MOST_FOUND, query.limit)
        async with self._database.read(Readers.LOOKUPS) as connection:
            rows = await fetch_all(
                connection,
                f"SELECT a.id FROM {found} ORDER BY {ORDERS[order]} LIMIT ?",
                [*parameters, most + 1],
            )
            ids = [row[0] for row in rows[:most]]
            stories = await _fetch_stories(
                connection, self._damage, ids[query.offset : query.offset + query.limit]
            )
        return StoryPage(stories, len(ids), complete=len(rows) <= most)

    @override
    async def complete_titles(self, typed: str, limit: int) -> Sequence[Story]:
        expression = _match_expression(typed, column="title")
        if expression is None:
            page = await self.find_stories(StoryQuery(order=Order.NEWEST, limit=limit))
            return page.stories
        async with self._database.read(Readers.LOOKUPS) as connection:
            rows = await fetch_all(
                connection,
                "SELECT a.id FROM (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?"
                f" ORDER BY rowid DESC LIMIT {_COMPLETED}) AS found"
                " CROSS JOIN articles AS a ON a.id = found.rowid"
                f" ORDER BY {ORDERS[Order.BEST]} LIMIT ?",
                (expression, limit),
            )
            return await _fetch_stories(connection, self._damage, [row[0] for row in rows])

    @override
    async def get_story(self, story_id: int) -> Story:
        row = await self._fetch_one(
            f"{SELECT_STORIES} WHERE a.id = ?", (story_id,), Readers.LOOKUPS
        )
        if row is None:
            raise NotFoundError(f"there is no story {story_id}")
        return self._damage.decode(row, decode_story)

    @override
    async def find_story_by_address(self, address: str) -> Story:
        row = await self._fetch_one(
            f"{SELECT_STORIES} JOIN addresses AS n ON n.article_id = a.id"
            " WHERE n.address = ? AND NOT a.withdrawn",
            (address,),
            Readers.LOOKUPS,
        )
        if row is None:
            raise NotFoundError(f"there is no story with the address {address}")
        return self._damage.decode(row, decode_story)

    @override
    async def find_messages(self, story_id: int, guild_id: int) -> Sequence[PostedMessage]:
        rows = await self._fetch_all(
            "SELECT DISTINCT l.channel_id, l.message_id FROM posts AS p"
            " JOIN posts AS l ON l.id = coalesce(p.lead_post_id, p.id)"
            " WHERE p.article_id = ? AND p.guild_id = ? AND p.status IN ('sent', 'folded')"
            " AND l.status = 'sent' AND l.message_id > 0 AND l.channel_id > 0"
            " AND NOT l.message_removed ORDER BY l.message_id DESC LIMIT ?",
            (story_id, guild_id, _MESSAGES),
            Readers.LOOKUPS,
        )
        return [PostedMessage(row["channel_id"], row["message_id"]) for row in rows]

    @override
    async def suggest_words(self, text: str, scope: Scope = EVERYWHERE) -> Sequence[str]:
        return ()

    @override
    async def complete_providers(
        self, typed: str, limit: int, scope: Scope = EVERYWHERE
    ) -> Sequence[ProviderCount]:
        return await self._providers(
            "instr(casefold(provider), :typed) > 0", limit, typed=typed.strip().casefold()
        )

    @override
    async def get_provider(self, name: str) -> ProviderCount:
        found = await self._providers(
            "casefold(provider) = :typed", 1, typed=name.strip().casefold()
        )
        if not found:
            raise NotFoundError(f"there is no provider {name}")
        return found[0]

    @override
    async def get_provider_by_id(self, provider_id: int) -> ProviderCount:
        found = await self._providers("TRUE", 1, provider_id=provider_id)
        if not found:
            raise NotFoundError(f"there is no provider {provider_id}")
        return found[0]

    async def _providers(
        self, condition: str, limit: int, **values: Value
    ) -> Sequence[ProviderCount]:
        rows = await self._fetch_all(
            "SELECT min(id) AS id, provider, count(*) AS stories FROM articles"
            f" WHERE provider != '' AND NOT withdrawn AND {condition.replace('casefold', 'lower')}"
            " GROUP BY provider HAVING min(id) = coalesce(:provider_id, min(id))"
            " ORDER BY instr(lower(provider), :typed) != 1, stories DESC, provider LIMIT :limit",
            {"limit": limit, "typed": "", "provider_id": None, **values},
            Readers.LOOKUPS,
        )
        return [ProviderCount(row["id"], row["provider"], row["stories"]) for row in rows]

    @override
    async def count_by_week(self, topic_id: int, since: datetime, until: datetime) -> Sequence[int]:
        counts = []
        while until > since:
            begin = until - timedelta(weeks=1)
            counts.append(
                await self._fetch_value(
                    f"SELECT count(*) {_IN_SMALL_TOPIC.format(topic='?')}"
                    " AND a.dated_at >= ? AND a.dated_at < ?",
                    (topic_id, encode_time(begin), encode_time(until)),
                    Readers.LOOKUPS,
                )
            )
            until = begin
        return counts[::-1]

    @override
    async def count_stories(self, scope: Scope = EVERYWHERE) -> int:
        query = "SELECT count(*) FROM articles WHERE NOT withdrawn"
        return int(await self._fetch_value(query, (), Readers.LOOKUPS))

    @override
    async def list_topics(
        self, limit: int, offset: int = 0, scope: Scope = EVERYWHERE
    ) -> Sequence[Topic]:
        return await self._topics(limit=limit, offset=offset)

    @override
    async def count_topics(self, scope: Scope = EVERYWHERE) -> int:
        query = (
            "SELECT count(*) FROM topics AS t"
            " WHERE EXISTS (SELECT 1 FROM article_topics AS x WHERE x.topic_id = t.id)"
        )
        return int(await self._fetch_value(query, (), Readers.LOOKUPS))

    @override
    async def complete_topics(
        self, typed: str, limit: int, scope: Scope = EVERYWHERE
    ) -> Sequence[Topic]:
        return await self._topics(
            "instr(t.folded, :typed) > 0",
            order="instr(folded, :typed) != 1, ",
            limit=limit,
            typed=typed.strip().casefold(),
        )

    @override
    async def get_topic(self, name: str) -> Topic:
        return await self._topic("t.folded = :wanted", name.strip().casefold(), name)

    @override
    async def get_topic_by_id(self, topic_id: int) -> Topic:
        return await self._topic("t.id = :wanted", topic_id, topic_id)

    @override
    async def summarise_topic(self, topic_id: int) -> TopicSummary:
        async with self._database.read(Readers.LOOKUPS) as connection:
            topics = await _fetch_topics(
                connection, self._damage, "t.id = :wanted", wanted=topic_id
            )
            if not topics:
                raise NotFoundError(f"there is no topic {topic_id}")
            is_large = topics[0].stories > _LARGE_TOPIC
            stories = (_IN_LARGE_TOPIC if is_large else _IN_SMALL_TOPIC).format(topic="?")
            best, newest = [
                await self._first_story(
                    connection,
                    f"SELECT a.id {stories} ORDER BY {ORDERS[order]} LIMIT {_TRIED}",
                    topic_id,
                )
                for order in (Order.BEST, Order.NEWEST)
            ]
            providers = await fetch_all(
                connection,
                f"SELECT a.provider, count(*) AS stories {_IN_SMALL_TOPIC.format(topic='?')}"
                " AND typeof(a.provider) = 'text' AND a.provider != ''"
                " GROUP BY a.provider ORDER BY stories DESC, a.provider LIMIT ?",
                (topic_id, _PROVIDERS),
            )
            related = await fetch_all(
                connection,
                "SELECT t.name, count(*) AS stories FROM article_topics AS x"
                " CROSS JOIN article_topics AS o ON o.article_id = x.article_id"
                " CROSS JOIN topics AS t ON t.id = o.topic_id"
                " WHERE x.topic_id = :topic AND o.topic_id != :topic"
                " GROUP BY t.id ORDER BY stories DESC, t.folded LIMIT :limit",
                {"topic": topic_id, "limit": _PROVIDERS},
            )
        if best is None or newest is None:
            raise NotFoundError(f"there is no topic {topic_id}")
        return TopicSummary(
            topic=topics[0],
            best=best,
            newest=newest,
            providers=tuple((row["provider"], row["stories"]) for row in providers),
            related=tuple((row["name"], row["stories"]) for row in related),
        )

    async def _first_story(
        self, connection: aiosqlite.Connection, query: str, topic_id: int
    ) -> Story | None:
        """The first story of a query for ids that is not damaged."""
        for row in await fetch_all(connection, query, (topic_id,)):
            if found := await _fetch_stories(connection, self._damage, [row[0]]):
                return found[0]
        return None

    async def _topic(self, condition: str, value: Value, label: str | int) -> Topic:
        topics = await self._topics(condition, wanted=value)
        if not topics:
            raise NotFoundError(f"there is no topic {label}")
        return topics[0]

    async def _topics(
        self,
        condition: str = "TRUE",
        *,
        order: str = "",
        limit: int = 1,
        offset: int = 0,
        **values: Value,
    ) -> Sequence[Topic]:
        async with self._database.read(Readers.LOOKUPS) as connection:
            return await _fetch_topics(
                connection,
                self._damage,
                condition,
                order=order,
                limit=limit,
                offset=offset,
                **values,
            )


async def _fetch_stories(
    connection: aiosqlite.Connection, damage: DamageLog, ids: Sequence[int]
) -> tuple[Story, ...]:
    """The stories with these ids, in this order, without damaged ones."""
    rows = await fetch_all(
        connection,
        f"{SELECT_STORIES} WHERE a.id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    stories = {story.id: story for story in await decode_stories(damage, rows)}
    return tuple(stories[each] for each in ids if each in stories)


async def _fetch_topics(
    connection: aiosqlite.Connection,
    damage: DamageLog,
    condition: str,
    *,
    order: str = "",
    limit: int = 1,
    offset: int = 0,
    **values: Value,
) -> Sequence[Topic]:
    """Topics `t` that have stories, ordered by their number; `order` comes first."""
    rows = await fetch_all(
        connection,
        f"SELECT topic.id, topic.name, topic.stories, {_NEWEST_IN_TOPIC} AS newest_at FROM"
        f" (SELECT *, row_number() OVER (ORDER BY {order} stories DESC, folded) AS place"
        f" FROM ({_COUNTED_TOPICS} WHERE {condition}) WHERE stories > 0"
        " ORDER BY place LIMIT :limit OFFSET :offset) AS topic ORDER BY topic.place",
        {"limit": limit, "offset": offset, **values},
    )
    return damage.decode_all(rows, _decode_topic)


def _decode_topic(row: Row) -> Topic:
    values = _TOPIC.decode(row, ("id", "name"))
    try:
        return Topic(values["id"], values["name"], row["stories"], moment(row["newest_at"]))
    except ValueError as error:
        raise _TOPIC.damaged(row, "newest story", str(error)) from error


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
    if query.providers:
        conditions.append("lower(a.provider) IN (SELECT value FROM json_each(?))")
        values.append(json.dumps([provider.lower() for provider in query.providers]))
    if query.kinds:
        conditions.append(
            "coalesce(json_extract((SELECT unpacked(content) FROM documents"
            " WHERE id = a.document_id), '$.kind'), 'article') IN (SELECT value FROM json_each(?))"
        )
        values.append(json.dumps(query.kinds))
    return conditions, values


def _match_expression(text: str, *, column: str | None = None) -> str | None:
    """An FTS5 expression that requires all words of `text`, or None if it has no word.

    The last word may be the beginning of a word, as while typing, unless it is a single letter or
    digit of ASCII: no index has those. In other scripts, one character may be a word.
    """
    words = _WORD.findall(text)[:_MAX_WORDS]
    if not words:
        return None
    *others, last = words
    # A repeated word would be searched for again.
    terms = [f'"{word}"' for word in dict.fromkeys(others) if word != last]
    terms.append(f'"{last}"' if last.isascii() and len(last) == 1 else f'"{last}" *')
    expression = " AND ".join(terms)
    return f"{column} : ({expression})" if column else expression
