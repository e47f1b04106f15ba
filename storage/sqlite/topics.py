"""Looking topics up."""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import override

from storage.errors import NotFoundError
from storage.models import Topic, TopicSummary
from storage.protocols import StoryStore
from storage.sqlite.aggregate import Aggregate
from storage.sqlite.codec import STORY_COLUMNS, STORY_TABLES, decode_time
from storage.sqlite.database import Row, Value, fetch_all, fetch_one, fetch_value

_TOPICS = (
    "SELECT t.id, t.name, count(*) AS stories, max(a.dated_at) AS newest_at FROM topics AS t"
    " JOIN article_topics AS x ON x.topic_id = t.id JOIN articles AS a ON a.id = x.article_id"
)
_PROVIDERS = 5


class SqliteTopics(Aggregate, StoryStore):
    """The topics of `StoryStore`."""

    @override
    async def list_topics(self, limit: int, offset: int = 0) -> Sequence[Topic]:
        return await self._topics(
            "GROUP BY t.id ORDER BY stories DESC, t.folded LIMIT ? OFFSET ?", limit, offset
        )

    @override
    async def count_topics(self) -> int:
        async with self._database.read() as connection:
            return int(
                await fetch_value(connection, "SELECT count(DISTINCT topic_id) FROM article_topics")
            )

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
        topics = await self._topics("WHERE t.folded = ? GROUP BY t.id", name.strip().casefold())
        if not topics:
            raise NotFoundError(f"there is no topic {name}")
        return topics[0]

    @override
    async def get_topic_by_id(self, topic_id: int) -> Topic:
        topics = await self._topics("WHERE t.id = ? GROUP BY t.id", topic_id)
        if not topics:
            raise NotFoundError(f"there is no topic {topic_id}")
        return topics[0]

    @override
    async def summarise_topic(self, topic_id: int) -> TopicSummary:
        stories = (
            f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES}"
            " JOIN article_topics AS x ON x.article_id = a.id WHERE x.topic_id = ? ORDER BY"
        )
        async with self._database.read() as connection:
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
            topic=_decode(topic),
            best=self._codec.decode_story(best),
            newest=self._codec.decode_story(newest),
            providers=tuple((row["provider"], row["stories"]) for row in providers),
        )

    async def _topics(self, rest: str, *values: Value) -> Sequence[Topic]:
        async with self._database.read() as connection:
            return [
                _decode(row) for row in await fetch_all(connection, f"{_TOPICS} {rest}", values)
            ]


def _decode(row: Row) -> Topic:
    return Topic(row["id"], row["name"], row["stories"], decode_time(row["newest_at"]))
