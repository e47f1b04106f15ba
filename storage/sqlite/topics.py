"""Looking topics up."""

from __future__ import annotations

from collections.abc import Sequence

from storage.errors import NotFoundError
from storage.models import Topic, TopicSummary
from storage.sqlite.codec import STORY_COLUMNS, STORY_TABLES, ArticleCodec, decode_time
from storage.sqlite.database import Database, Row, Value, fetch_all, fetch_one, fetch_value

_TOPICS = (
    "SELECT t.id, t.name, count(*) AS stories, max(a.dated_at) AS newest_at FROM topics AS t"
    " JOIN article_topics AS x ON x.topic_id = t.id JOIN articles AS a ON a.id = x.article_id"
)
_PROVIDERS = 5


class SqliteTopics:
    """The topics' part of `storage.protocols.StoryStore`."""

    def __init__(self, database: Database, codec: ArticleCodec) -> None:
        self._database = database
        self._codec = codec

    async def list_topics(self, limit: int, offset: int = 0) -> Sequence[Topic]:
        """See `StoryStore`."""
        return await self._topics(
            "GROUP BY t.id ORDER BY stories DESC, t.folded LIMIT ? OFFSET ?", limit, offset
        )

    async def count_topics(self) -> int:
        """See `StoryStore`."""
        async with self._database.read() as connection:
            return int(
                await fetch_value(connection, "SELECT count(DISTINCT topic_id) FROM article_topics")
            )

    async def complete_topics(self, typed: str, limit: int) -> Sequence[Topic]:
        """See `StoryStore`."""
        folded = typed.strip().casefold()
        return await self._topics(
            "WHERE instr(t.folded, ?) > 0 GROUP BY t.id"
            " ORDER BY instr(t.folded, ?) != 1, stories DESC, t.folded LIMIT ?",
            folded,
            folded,
            limit,
        )

    async def get_topic(self, name: str) -> Topic:
        """See `StoryStore`."""
        topics = await self._topics("WHERE t.folded = ? GROUP BY t.id", name.strip().casefold())
        if not topics:
            raise NotFoundError(f"there is no topic {name}")
        return topics[0]

    async def get_topic_by_id(self, topic_id: int) -> Topic:
        """See `StoryStore`."""
        topics = await self._topics("WHERE t.id = ? GROUP BY t.id", topic_id)
        if not topics:
            raise NotFoundError(f"there is no topic {topic_id}")
        return topics[0]

    async def summarise_topic(self, topic_id: int) -> TopicSummary:
        """See `StoryStore`."""
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
