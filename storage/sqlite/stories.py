"""Look up stories."""

import json
from collections.abc import Sequence
from functools import cached_property

import aiosqlite
from typing_extensions import override

from storage.errors import NotFoundError, StoryExpiredError
from storage.models import (
    EVERYWHERE,
    MOST_FOUND,
    Order,
    PostedMessage,
    Scope,
    Story,
    StoryPage,
    StoryQuery,
)
from storage.protocols import StoryStore
from storage.search.query import parse
from storage.sqlite.base import StorePart
from storage.sqlite.codec import (
    EXPIRED,
    SELECT_STORIES,
    decode_stories,
    decode_story,
    encode_microseconds,
)
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import Readers, fetch_all, fetch_value
from storage.sqlite.lookup_index import count_stories
from storage.sqlite.story_lists import Listed, ListQuery, list_stories
from storage.sqlite.story_search import complete, search
from storage.sqlite.topics import SqliteTopics
from storage.sqlite.values import Value
from storage.sqlite.vocabulary import CachedVocabulary

_MESSAGES = 25


class SqliteStories(SqliteTopics, StorePart, StoryStore):
    """`StoryStore`."""

    @cached_property
    def _vocabulary(self) -> CachedVocabulary:
        return CachedVocabulary()

    @override
    async def find_stories(self, query: StoryQuery) -> StoryPage:
        most = max(MOST_FOUND, query.limit)
        async with self._database.read(Readers.LOOKUPS) as connection:
            found, complete = await _find(connection, query, most + 1)
            found = found[:most]
            stories = await fetch_stories(
                connection, self._damage, found[query.offset : query.offset + query.limit]
            )
        return StoryPage(stories, len(found), complete=complete)

    @override
    async def complete_titles(self, typed: str, limit: int) -> Sequence[Story]:
        async with self._database.read(Readers.LOOKUPS) as connection:
            if parse(typed).is_empty:
                ids = (await list_stories(connection, ListQuery(Order.NEWEST), limit)).ids
            else:
                ids = await complete(connection, typed, limit)
            return await fetch_stories(connection, self._damage, ids)

    @override
    async def get_story(self, story_id: int) -> Story:
        row = await self._fetch_one(
            f"{SELECT_STORIES} WHERE a.id = ?", (story_id,), Readers.LOOKUPS
        )
        if row is None:
            await self._raise_if_expired("id = ?", story_id)
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
            found = "id = (SELECT article_id FROM addresses WHERE address = ?)"
            await self._raise_if_expired(found, address)
            raise NotFoundError(f"there is no story with the address {address}")
        return self._damage.decode(row, decode_story)

    async def _raise_if_expired(self, condition: str, value: Value) -> None:
        query = f"SELECT id FROM articles WHERE {condition} AND content_hash = '{EXPIRED}'"
        story_id = await self._fetch_value(query, (value,), Readers.LOOKUPS)
        if story_id is not None:
            raise StoryExpiredError(f"story {story_id} is no longer in the archive")

    @override
    async def find_messages(self, story_id: int, guild_id: int) -> Sequence[PostedMessage]:
        rows = await self._fetch_all(
            "SELECT DISTINCT l.channel_id, l.message_id, l.thread_id FROM posts AS p"
            " JOIN posts AS l ON l.id = coalesce(p.lead_post_id, p.id)"
            " WHERE p.article_id = ? AND p.guild_id = ? AND p.status IN ('sent', 'folded')"
            " AND l.status = 'sent' AND l.message_id > 0 AND l.channel_id > 0"
            " AND NOT l.message_removed ORDER BY l.message_id DESC LIMIT ?",
            (story_id, guild_id, _MESSAGES),
            Readers.LOOKUPS,
        )
        return [
            PostedMessage(row["channel_id"], row["message_id"], row["thread_id"]) for row in rows
        ]

    @override
    async def suggest_words(self, text: str, scope: Scope = EVERYWHERE) -> Sequence[str]:
        corrected = (await self._vocabulary.get(self._database)).correct(text)
        return () if corrected is None else (corrected,)

    @override
    async def count_stories(self, scope: Scope = EVERYWHERE) -> int:
        async with self._database.read(Readers.LOOKUPS) as connection:
            return await count_stories(connection)


async def _find(connection: aiosqlite.Connection, query: StoryQuery, most: int) -> Listed:
    """The ids of the stories that a query finds, in its order."""
    if query.text or query.providers or query.kinds or len(query.topics) > 1:
        return await search(connection, query, most)
    topic_id = None
    if query.topics:
        topic_id = await fetch_value(
            connection, "SELECT id FROM topics WHERE folded = ?", (query.topics[0].casefold(),)
        )
        if topic_id is None:
            return Listed((), complete=True)
    order = Order.BEST if query.order is Order.RELEVANT else query.order
    since = None if query.since is None else encode_microseconds(query.since)
    listed = ListQuery(order, topic_id, query.min_quality, since)
    return await list_stories(connection, listed, most)


async def fetch_stories(
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
