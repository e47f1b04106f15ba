"""Keeps up to date what lookups read: the search index, lists by topic, numbers of stories.

All of it follows from the stories that are not withdrawn. It is written in the transaction that
changes them, and filled by the step "lookups" of an upgrade.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import aiosqlite

from storage.models import Article, Kind
from storage.search.folding import fold
from storage.search.prepared import PreparedTexts
from storage.search.terms import GAP, index_text, written_text
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.search_texts import (
    IndexedTexts,
    add_texts,
    readable_texts,
    remove_texts,
)
from storage.sqlite.values import Value

# The scope of stories from the operator's sources.
OPERATOR = 0
STORY, TOPIC, PROVIDER = "story", "topic", "provider"
_WORD = re.compile(r"\w+")
_TABLES = {TOPIC: "topics", PROVIDER: "providers"}

# A row of the search index: the day in the upper bits, so that rows are in the order of days.
_ID_BITS = 31
_DAY = 24 * 60 * 60 * 1_000_000
# The first tokens of filters. A quality is filtered in tens, up to a highest one.
_QUALITY_STEP, _HIGHEST_STEP = 10, 30


@dataclass(frozen=True, slots=True)
class IndexedStory:
    """A story that lookups find. `dated_at` is in microseconds since 1970."""

    id: int
    dated_at: int
    article: Article
    scope: int = OPERATOR


async def count_stories(connection: aiosqlite.Connection) -> int:
    """The number of stories that lookups find."""
    count = await fetch_value(
        connection,
        "SELECT stories FROM name_counts WHERE scope = ? AND kind = ? AND id = 0",
        (OPERATOR, STORY),
    )
    return int(count or 0)


def row_number(story_id: int, dated_at: int) -> int:
    """The rowid of a story in the search index."""
    return first_row(dated_at) | story_id


def first_row(dated_at: int) -> int:
    """The lowest rowid of the day of a time in microseconds since 1970."""
    return (dated_at // _DAY) << _ID_BITS


def is_of_day(row: int, dated_at: int) -> bool:
    """Whether a story with a rowid in the search index is of the day of a time."""
    return row >> _ID_BITS == dated_at // _DAY


def story_of(row: int) -> int:
    """The id of the story with a rowid in the search index."""
    return row & ((1 << _ID_BITS) - 1)


def search_texts(article: Article) -> PreparedTexts:
    """The prepared title, excerpt, names of topics and provider, and related titles."""
    language = article.language
    provider = [article.provider.name] if article.provider else []
    related = " \n ".join(each.title for each in article.related)
    return PreparedTexts(
        index_text(article.title, language, forms=True),
        index_text(article.excerpt, language),
        index_text(" \n ".join((*article.topics, *provider)), language, forms=True),
        index_text(related, language),
    )


def distinct_words(texts: PreparedTexts) -> tuple[set[str], set[str]]:
    """The tokens of a story, and the words as they are written in its title and names."""
    title, _, names, _ = texts
    words = {*" ".join(texts).split()}
    words.discard(GAP)
    return words, {*written_text(title).split(), *written_text(names).split()}


def scope_filters(scope: int) -> Sequence[str]:
    """The tokens of the stories of a scope; those of the operator's sources have none."""
    return () if scope == OPERATOR else (f"s{scope}",)


def topic_filter(topic_id: int) -> str:
    """The token of the stories of a topic."""
    return f"t{topic_id}"


def provider_filter(provider_id: int) -> str:
    """The token of the stories of a provider."""
    return f"p{provider_id}"


def kind_filter(kind: Kind) -> str:
    """The token of the stories of a kind."""
    return f"k{kind}"


def quality_filters(min_quality: int) -> tuple[Sequence[str], Sequence[str]]:
    """The tokens of which stories with at least this quality have one, and those they don't have.

    Some stories with a lower quality meet this, too.
    """
    lowest = _quality_step(min_quality)
    steps = [f"q{step}" for step in range(_HIGHEST_STEP + 1)]
    return steps[lowest:], steps[:lowest]


def _quality_step(quality: int) -> int:
    return max(0, min(quality // _QUALITY_STEP, _HIGHEST_STEP))


def fold_name(name: str) -> str:
    """A name as it is compared while somebody types: its words, without case and accents."""
    return " ".join(_WORD.findall(fold(name)))


@dataclass(slots=True)
class IndexChanges:
    """Stories to remove and to add, collected and then written with few statements.

    `add` does the work that takes time, and may run in a thread.
    """

    _added: list[tuple[IndexedStory, PreparedTexts]] = field(default_factory=list)
    _removed: list[int] = field(default_factory=list)
    _words: Counter[str] = field(default_factory=Counter)
    _title_words: Counter[str] = field(default_factory=Counter)
    _counts: Counter[tuple[int, str, int]] = field(default_factory=Counter)

    def remove(self, story_id: int) -> None:
        """Remove a story as it is in the index."""
        self._removed.append(story_id)

    def add(self, story: IndexedStory) -> None:
        """Add a story that is not in the index, or is removed by the same changes."""
        texts = search_texts(story.article)
        self._added.append((story, texts))
        self._count_words(texts, 1)

    async def write(self, connection: aiosqlite.Connection) -> None:
        """Write all changes. The rows of `articles` must still be as they were indexed."""
        await self._remove(connection)
        topics = await _save_names(
            connection, TOPIC, (name for story, _ in self._added for name in story.article.topics)
        )
        providers = await _save_names(
            connection,
            PROVIDER,
            (story.article.provider.name for story, _ in self._added if story.article.provider),
        )
        await self._add(connection, topics, providers)
        await self._write_counts(connection)
        await self._write_words(connection)

    async def _remove(self, connection: aiosqlite.Connection) -> None:
        if not self._removed:
            return
        chosen = json.dumps(self._removed)
        stories = await fetch_all(
            connection,
            "SELECT id, scope, dated_at, provider_id FROM articles WHERE NOT withdrawn"
            " AND typeof(dated_at) = 'integer' AND id IN (SELECT value FROM json_each(?))",
            (chosen,),
        )
        rows = json.dumps([row_number(row["id"], row["dated_at"]) for row in stories])
        stored = await fetch_all(
            connection,
            "SELECT id, texts FROM search_texts WHERE id IN (SELECT value FROM json_each(?))",
            (rows,),
        )
        indexed = list(readable_texts(stored))
        found = {story_of(each["id"]) for each in stored}
        for row in stories:
            if row["id"] in found:
                self._counts[row["scope"], STORY, 0] -= 1
                if row["provider_id"] is not None:
                    self._counts[row["scope"], PROVIDER, row["provider_id"]] -= 1
        for each in indexed:
            self._count_words(each.texts, -1)
        for row in await fetch_all(
            connection,
            "DELETE FROM article_topics WHERE article_id IN (SELECT value FROM json_each(?))"
            " RETURNING scope, topic_id",
            (chosen,),
        ):
            self._counts[row["scope"], TOPIC, row["topic_id"]] -= 1
        await remove_texts(connection, indexed)
        # Damaged texts can't be removed from the index; lookups leave out what has none.
        await connection.execute(
            "DELETE FROM search_texts WHERE id IN (SELECT value FROM json_each(?))", (rows,)
        )

    async def _add(
        self,
        connection: aiosqlite.Connection,
        topics: Mapping[str, int],
        providers: Mapping[str, int],
    ) -> None:
        rows: list[IndexedTexts] = []
        in_topics: list[tuple[int, ...]] = []
        provider_ids: list[tuple[Value, ...]] = []
        for story, texts in self._added:
            article, scope = story.article, story.scope
            provider = article.provider.name.casefold() if article.provider else ""
            provider_id = providers.get(provider)
            topic_ids = sorted({topics[name.casefold()] for name in article.topics})
            self._counts[scope, STORY, 0] += 1
            if provider_id is not None:
                self._counts[scope, PROVIDER, provider_id] += 1
            for topic_id in topic_ids:
                self._counts[scope, TOPIC, topic_id] += 1
                in_topics.append(
                    (scope, topic_id, story.dated_at, story.id, article.quality, article.heat)
                )
            filters = [
                *scope_filters(scope),
                kind_filter(article.kind),
                f"q{_quality_step(article.quality)}",
                *map(topic_filter, topic_ids),
                *([] if provider_id is None else [provider_filter(provider_id)]),
            ]
            rows.append(
                IndexedTexts(row_number(story.id, story.dated_at), texts, " ".join(filters))
            )
            provider_ids.append((story.id, provider_id, scope))
        await connection.execute(
            "UPDATE articles SET provider_id = new.value ->> 1, scope = new.value ->> 2"
            " FROM (SELECT value FROM json_each(?)) AS new WHERE id = new.value ->> 0",
            (json.dumps(provider_ids),),
        )
        await connection.executemany(
            "INSERT INTO article_topics (scope, topic_id, dated_at, article_id, quality, heat)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            sorted(in_topics),
        )
        await add_texts(connection, rows)

    def _count_words(self, texts: PreparedTexts, number: int) -> None:
        words, written = distinct_words(texts)
        if number > 0:
            self._words.update(words)
            self._title_words.update(written)
        else:
            self._words.subtract(words)
            self._title_words.subtract(written)

    async def _write_counts(self, connection: aiosqlite.Connection) -> None:
        names = {
            kind: await _fetch_names(
                connection, table, [each for _, changed, each in self._counts if changed == kind]
            )
            for kind, table in _TABLES.items()
        }
        changed = [(*key, number) for key, number in self._counts.items() if number]
        await connection.executemany(
            "INSERT INTO name_counts (scope, kind, id, stories, folded) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET stories = stories + excluded.stories",
            [
                (scope, kind, each, number, fold_name(names.get(kind, {}).get(each, "")))
                for scope, kind, each, number in changed
            ],
        )
        await connection.executemany(
            "DELETE FROM name_counts WHERE scope = ? AND kind = ? AND id = ? AND stories <= 0",
            [(scope, kind, each) for scope, kind, each, number in changed if number < 0],
        )

    async def _write_words(self, connection: aiosqlite.Connection) -> None:
        # In the order of the table, so that each of its pages is written once.
        await connection.executemany(
            "INSERT INTO search_words (word, stories, titles) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET stories = stories + excluded.stories,"
            " titles = titles + excluded.titles",
            [
                (word, number, self._title_words[word])
                for word, number in sorted(self._words.items())
                if number or self._title_words[word]
            ],
        )
        await connection.executemany(
            "DELETE FROM search_words WHERE word = ? AND stories <= 0",
            [(word,) for word, number in self._words.items() if number < 0],
        )


async def _save_names(
    connection: aiosqlite.Connection, kind: str, names: Iterable[str]
) -> dict[str, int]:
    """Save names that are new; return the ids by the names in lower case."""
    table = _TABLES[kind]
    by_folded: dict[str, str] = {}
    for name in names:
        if name:
            by_folded.setdefault(name.casefold(), name)
    wanted = json.dumps(list(by_folded))
    query = f"SELECT id, folded FROM {table} WHERE folded IN (SELECT value FROM json_each(?))"
    ids = {row["folded"]: row["id"] for row in await fetch_all(connection, query, (wanted,))}
    new = {folded: name for folded, name in by_folded.items() if folded not in ids}
    if new:
        await connection.executemany(
            f"INSERT INTO {table} (folded, name) VALUES (?, ?)", list(new.items())
        )
        missing = json.dumps(list(new))
        for row in await fetch_all(connection, query, (missing,)):
            ids[row["folded"]] = row["id"]
        await write_name_words(connection, kind, [(ids[each], name) for each, name in new.items()])
    return ids


async def _fetch_names(
    connection: aiosqlite.Connection, table: str, ids: Sequence[int]
) -> dict[int, str]:
    rows = await fetch_all(
        connection,
        f"SELECT id, name FROM {table} WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    return {row["id"]: row["name"] for row in rows}


async def write_name_words(
    connection: aiosqlite.Connection, kind: str, names: Iterable[tuple[int, str]]
) -> None:
    """Write the words of names, by which they are completed."""
    await connection.executemany(
        "INSERT INTO name_words (kind, words, id, place) VALUES (?, ?, ?, ?)",
        [
            (kind, words, name_id, place)
            for name_id, name in names
            for words, place in first_places(name).items()
        ],
    )


def first_places(name: str) -> dict[str, int]:
    """A name from each of its words to its end, folded, with the number of words before."""
    words = fold_name(name).split()
    # From the last one, so that of equal ones the first counts.
    return {" ".join(words[place:]): place for place in reversed(range(len(words)))}
