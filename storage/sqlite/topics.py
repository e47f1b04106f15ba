"""Look up topics and providers: lists, names that are being typed, a topic's page."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import aiosqlite
from rapidfuzz import fuzz, process
from typing_extensions import override

from storage.errors import NotFoundError
from storage.models import EVERYWHERE, Order, ProviderCount, Scope, Story, Topic, TopicSummary
from storage.protocols import StoryStore
from storage.sqlite.base import StorePart
from storage.sqlite.codec import (
    SELECT_STORIES,
    decode_microseconds,
    decode_stories,
    encode_microseconds,
)
from storage.sqlite.columns import TABLES
from storage.sqlite.database import Readers, fetch_all, fetch_one
from storage.sqlite.lookup_index import OPERATOR, PROVIDER, TOPIC, fold_name
from storage.sqlite.story_lists import ListQuery, list_stories
from storage.sqlite.values import Row

T = TypeVar("T")

_SHOWN = 5
# A topic's page counts the providers and other topics of so many of its newest stories.
SUMMARISED = 50
# Of a topic's best and newest stories, so many may be damaged.
_TRIED = 20
# A beginning of so many names is compared with all of them, a shorter one with the largest.
_COMPARED = 500
_SIMILAR = 65
# A name may be similar in so many places.
_PLACES = 3
_WEEK = timedelta(weeks=1)
_TOPICS, _PROVIDERS = TABLES["topics"], TABLES["providers"]

_LAST = "\U0010ffff"
_COUNTED = "name_counts AS c WHERE c.scope = :scope AND c.kind = :kind"


class SqliteTopics(StorePart, StoryStore):
    """The part of `StoryStore` about topics and providers."""

    @override
    async def list_topics(
        self, limit: int, offset: int = 0, scope: Scope = EVERYWHERE
    ) -> Sequence[Topic]:
        async with self._database.read(Readers.LOOKUPS) as connection:
            rows = await fetch_all(
                connection,
                f"SELECT c.id FROM {_COUNTED} ORDER BY c.stories DESC, c.folded"
                " LIMIT :limit OFFSET :offset",
                {"scope": OPERATOR, "kind": TOPIC, "limit": limit, "offset": offset},
            )
            return await self._topics(connection, [row["id"] for row in rows])

    @override
    async def count_topics(self, scope: Scope = EVERYWHERE) -> int:
        count = await self._fetch_value(
            f"SELECT count(*) FROM {_COUNTED}",
            {"scope": OPERATOR, "kind": TOPIC},
            Readers.LOOKUPS,
        )
        return int(count)

    @override
    async def complete_topics(
        self, typed: str, limit: int, scope: Scope = EVERYWHERE
    ) -> Sequence[Topic]:
        async with self._database.read(Readers.LOOKUPS) as connection:
            found = await _complete(connection, TOPIC, typed, limit)
            return await self._topics(connection, found)

    @override
    async def complete_providers(
        self, typed: str, limit: int, scope: Scope = EVERYWHERE
    ) -> Sequence[ProviderCount]:
        async with self._database.read(Readers.LOOKUPS) as connection:
            found = await _complete(connection, PROVIDER, typed, limit)
            return await self._providers(connection, found)

    @override
    async def get_topic(self, name: str) -> Topic:
        async with self._database.read(Readers.LOOKUPS) as connection:
            row = await fetch_one(
                connection,
                "SELECT id FROM topics WHERE folded = ?",
                (name.strip().casefold(),),
            )
            return _only(await self._topics(connection, [row["id"]] if row else []), "topic", name)

    @override
    async def get_topic_by_id(self, topic_id: int) -> Topic:
        async with self._database.read(Readers.LOOKUPS) as connection:
            return _only(await self._topics(connection, [topic_id]), "topic", topic_id)

    @override
    async def get_provider(self, name: str) -> ProviderCount:
        async with self._database.read(Readers.LOOKUPS) as connection:
            row = await fetch_one(
                connection,
                "SELECT id FROM providers WHERE folded = ?",
                (name.strip().casefold(),),
            )
            found = await self._providers(connection, [row["id"]] if row else [])
            return _only(found, "provider", name)

    @override
    async def get_provider_by_id(self, provider_id: int) -> ProviderCount:
        async with self._database.read(Readers.LOOKUPS) as connection:
            found = await self._providers(connection, [provider_id])
            return _only(found, "provider", provider_id)

    @override
    async def summarise_topic(self, topic_id: int) -> TopicSummary:
        async with self._database.read(Readers.LOOKUPS) as connection:
            topic = _only(await self._topics(connection, [topic_id]), "topic", topic_id)
            best = await self._first_story(
                connection,
                (await list_stories(connection, ListQuery(Order.BEST, topic_id), _TRIED)).ids,
            )
            summarised = await list_stories(
                connection, ListQuery(Order.NEWEST, topic_id), SUMMARISED
            )
            newest = await self._first_story(connection, summarised.ids)
            sample = json.dumps(summarised.ids)
            providers = await fetch_all(
                connection,
                "SELECT p.name, count(*) AS stories FROM json_each(:sample) AS s"
                " CROSS JOIN articles AS a ON a.id = s.value"
                " CROSS JOIN providers AS p ON p.id = a.provider_id"
                " GROUP BY p.id ORDER BY stories DESC, p.folded LIMIT :limit",
                {"sample": sample, "limit": _SHOWN},
            )
            related = await fetch_all(
                connection,
                "SELECT t.name, count(*) AS stories FROM json_each(:sample) AS s"
                " CROSS JOIN article_topics AS x ON x.article_id = s.value"
                " CROSS JOIN topics AS t ON t.id = x.topic_id WHERE t.id != :topic"
                " GROUP BY t.id ORDER BY stories DESC, t.folded LIMIT :limit",
                {"sample": sample, "topic": topic_id, "limit": _SHOWN},
            )
        if best is None or newest is None:
            raise NotFoundError(f"there is no topic {topic_id}")
        return TopicSummary(topic, best, newest, _named(providers), _named(related))

    @override
    async def count_by_week(self, topic_id: int, since: datetime, until: datetime) -> Sequence[int]:
        weeks = max(1, -(-(until - since) // _WEEK))
        begin = encode_microseconds(until - weeks * _WEEK)
        end = encode_microseconds(until)
        rows = await self._fetch_all(
            "SELECT (dated_at - :begin) / :week AS week, count(*) AS stories FROM article_topics"
            " WHERE scope = :scope AND topic_id = :topic"
            " AND dated_at >= :begin AND dated_at < :end GROUP BY 1",
            {
                "scope": OPERATOR,
                "topic": topic_id,
                "begin": begin,
                "end": end,
                "week": (end - begin) // weeks,
            },
            Readers.LOOKUPS,
        )
        counts = [0] * weeks
        for row in rows:
            counts[row["week"]] = row["stories"]
        return counts

    async def _first_story(
        self, connection: aiosqlite.Connection, ids: Sequence[int]
    ) -> Story | None:
        """The first story that is not damaged."""
        for story_id in ids[:_TRIED]:
            rows = await fetch_all(connection, f"{SELECT_STORIES} WHERE a.id = ?", (story_id,))
            for story in await decode_stories(self._damage, rows):
                return story
        return None

    async def _topics(
        self, connection: aiosqlite.Connection, ids: Sequence[int]
    ) -> Sequence[Topic]:
        """The topics with these ids that have stories, in this order."""
        rows = await fetch_all(
            connection,
            "SELECT t.id, t.name, c.stories, (SELECT max(x.dated_at) FROM article_topics AS x"
            " WHERE x.scope = :scope AND x.topic_id = t.id) AS newest_at"
            " FROM json_each(:ids) AS i CROSS JOIN topics AS t ON t.id = i.value"
            f" CROSS JOIN {_COUNTED} AND c.id = t.id ORDER BY i.key",
            {"scope": OPERATOR, "kind": TOPIC, "ids": json.dumps(ids)},
        )
        return self._damage.decode_all(rows, _decode_topic)

    async def _providers(
        self, connection: aiosqlite.Connection, ids: Sequence[int]
    ) -> Sequence[ProviderCount]:
        rows = await fetch_all(
            connection,
            "SELECT p.id, p.name, c.stories"
            " FROM json_each(:ids) AS i CROSS JOIN providers AS p ON p.id = i.value"
            f" CROSS JOIN {_COUNTED} AND c.id = p.id ORDER BY i.key",
            {"scope": OPERATOR, "kind": PROVIDER, "ids": json.dumps(ids)},
        )
        return self._damage.decode_all(rows, _decode_provider)


async def _complete(
    connection: aiosqlite.Connection, kind: str, typed: str, limit: int
) -> Sequence[int]:
    """The ids of names that begin with a text, or have a word that does; else of similar ones."""
    folded = fold_name(typed)
    values = {"scope": OPERATOR, "kind": kind}
    if not folded:
        largest = f"SELECT c.id FROM {_COUNTED} ORDER BY c.stories DESC, c.folded LIMIT :limit"
        return [
            row["id"] for row in await fetch_all(connection, largest, {**values, "limit": limit})
        ]
    begun = await fetch_all(
        connection,
        "SELECT id, place FROM name_words WHERE kind = :kind AND words >= :first AND words < :last"
        " LIMIT :most",
        {**values, "first": folded, "last": folded + _LAST, "most": _COMPARED + 1},
    )
    if len(begun) > _COMPARED:
        # So many names begin with it that the largest of them are among the largest of all.
        found = await _largest(connection, kind, folded)
    else:
        found = {}
        for row in begun:
            found[row["id"]] = min(found.get(row["id"], True), row["place"] > 0)
    sizes = await fetch_all(
        connection,
        "SELECT c.id, c.stories, c.folded FROM json_each(:ids) AS i"
        f" CROSS JOIN {_COUNTED} AND c.id = i.value",
        {**values, "ids": json.dumps(list(found))},
    )
    ranked = sorted(sizes, key=lambda row: (found[row["id"]], -row["stories"], row["folded"]))
    ids = [row["id"] for row in ranked[:limit]]
    return ids or await _similar(connection, kind, folded, limit)


async def _largest(connection: aiosqlite.Connection, kind: str, folded: str) -> dict[int, bool]:
    """Of the largest names, those with a word that begins so, and whether it is not the first."""
    rows = await _fetch_largest(connection, kind)
    begun = {}
    for row in rows:
        if f" {folded}" in f" {row['folded']}":
            begun[row["id"]] = not row["folded"].startswith(folded)
    return begun


async def _similar(
    connection: aiosqlite.Connection, kind: str, folded: str, limit: int
) -> Sequence[int]:
    """Of the largest names, those with words in a row that are spelled like a text."""
    length = len(folded.split())
    rows = {
        (row["id"], place): " ".join(words[place : place + length])
        for row in await _fetch_largest(connection, kind)
        for words in [row["folded"].split()]
        for place in range(max(1, len(words) - length + 1))
    }
    close = process.extract(
        folded, rows, scorer=fuzz.ratio, score_cutoff=_SIMILAR, limit=limit * _PLACES
    )
    first = sorted(close, key=lambda each: (-each[1], each[2][1]))
    return list(dict.fromkeys(name_id for _, _, (name_id, _) in first))[:limit]


async def _fetch_largest(connection: aiosqlite.Connection, kind: str) -> Sequence[Row]:
    return await fetch_all(
        connection,
        f"SELECT c.id, c.folded FROM {_COUNTED} ORDER BY c.stories DESC, c.folded LIMIT :most",
        {"scope": OPERATOR, "kind": kind, "most": _COMPARED},
    )


def _only(found: Sequence[T], kind: str, label: str | int) -> T:
    if not found:
        raise NotFoundError(f"there is no {kind} {label}")
    return found[0]


def _named(rows: Sequence[Row]) -> tuple[tuple[str, int], ...]:
    return tuple((row["name"], row["stories"]) for row in rows)


def _decode_topic(row: Row) -> Topic:
    values = _TOPICS.decode(row, ("id", "name"))
    try:
        return Topic(
            values["id"], values["name"], row["stories"], decode_microseconds(row["newest_at"])
        )
    except ValueError as error:
        raise _TOPICS.damaged(row, "newest story", str(error)) from error


def _decode_provider(row: Row) -> ProviderCount:
    values = _PROVIDERS.decode(row, ("id", "name"))
    return ProviderCount(values["id"], values["name"], row["stories"])
