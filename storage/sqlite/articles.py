"""Recompute the content of articles when one of their documents changes."""

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import aiosqlite

from storage.errors import DamagedRowError
from storage.models import Article, Story
from storage.sqlite.codec import (
    ARTICLES,
    DOCUMENTS,
    EXPIRED,
    decode_content,
    encode_microseconds,
    hash_content,
    hash_visible,
    unpack_content,
)
from storage.sqlite.columns import HIGHEST_COUNTED
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.lookup_index import IndexChanges, IndexedStory
from storage.sqlite.values import Row, Value

# The number of articles whose contents are in memory at the same time.
ARTICLES_PER_STEP = 500


class DecodedContent(NamedTuple):
    """What is known of a content that was just encoded: `codec.hash_content` of its JSON."""

    article: Article
    content_hash: str


async def refresh_articles(
    connection: aiosqlite.Connection,
    damage: DamageLog,
    article_ids: Iterable[int],
    decoded: Mapping[bytes, DecodedContent] | None = None,
    news: Collection[int] = (),
) -> None:
    """Update each article to its first live document, and raise its revision if it changes.

    Damaged documents count for nothing, unless an article has no other one: then it stays as it is.

    Documents are ordered by source, then missing ones last, then the newest first, then by key, so
    the same documents always give the same article. An article without a live document is withdrawn
    and keeps its last content. An expired article stays as it is.
    `decoded` maps compressed contents to what the caller knows of them. The revision of the
    articles in `news` is raised even if their content is unchanged.
    """
    ids = sorted(set(article_ids))
    for start in range(0, len(ids), ARTICLES_PER_STEP):
        chosen = json.dumps(ids[start : start + ARTICLES_PER_STEP])
        articles = await fetch_all(
            connection,
            "SELECT id, document_id, content_hash, first_seen_at, withdrawn FROM articles"
            f" WHERE content_hash != '{EXPIRED}' AND id IN (SELECT value FROM json_each(?))"
            " ORDER BY id",
            (chosen,),
        )
        documents = await fetch_all(
            connection,
            "SELECT d.article_id, d.id, d.content"
            " FROM documents AS d JOIN sources AS s ON s.id = d.source_id"
            " WHERE d.state = 'live' AND d.article_id IN (SELECT value FROM json_each(?))"
            " ORDER BY d.article_id, s.rank, s.id, d.missing, d.published_at DESC, d.key",
            (chosen,),
        )
        changes = _Changes(damage, decoded or {}, news, await _newest_revision(connection))
        await asyncio.to_thread(changes.collect, articles, documents)
        await changes.write(connection)


async def _newest_revision(connection: aiosqlite.Connection) -> int:
    """The highest revision, or the planner's position if the story with the highest is damaged."""
    newest = await fetch_value(
        connection,
        "SELECT revision FROM articles WHERE typeof(revision) = 'integer' AND revision <= ?"
        " ORDER BY revision DESC LIMIT 1",
        (HIGHEST_COUNTED,),
    )
    cursor = await fetch_value(
        connection,
        "SELECT CAST(value AS INTEGER) FROM settings"
        " WHERE name = 'planner_cursor' AND length(value) < 16",
    )
    return max(0, newest or 0, cursor or 0)


@dataclass(slots=True)
class _Changes:
    """The changes of several articles, collected to be written with few statements."""

    _damage: DamageLog
    _decoded: Mapping[bytes, DecodedContent]
    _news: Collection[int]
    _revision: int
    _withdrawn: list[tuple[Value, ...]] = field(default_factory=list)
    _replaced_documents: list[tuple[Value, ...]] = field(default_factory=list)
    _shown: list[tuple[Value, ...]] = field(default_factory=list)
    _index: IndexChanges = field(default_factory=IndexChanges)

    def collect(self, articles: Sequence[Row], documents: Sequence[Row]) -> None:
        """Compare each article with its first document; `documents` are sorted by article."""
        by_article = {
            article_id: list(rows)
            for article_id, rows in groupby(documents, key=lambda row: row["article_id"])
        }
        for row in articles:
            shown = by_article.get(row["id"], ())
            if not shown and not row["withdrawn"]:
                self._revision += 1
                self._withdrawn.append((self._revision, row["id"]))
                self._index.remove(row["id"])
            for document in shown:
                try:
                    self._compare(row, document)
                    break
                except DamagedRowError as error:
                    self._damage.note(error)
                    if error.table != DOCUMENTS.name:
                        break

    def _compare(self, row: Row, shown: Row) -> None:
        known = self._decoded.get(shown["content"])
        if known is not None:
            content_hash = known.content_hash
        else:
            content_hash = hash_content(unpack_content(shown["id"], shown["content"]))
        if content_hash != row["content_hash"] or row["withdrawn"] or row["id"] in self._news:
            article = known.article if known else decode_content(shown["id"], shown["content"])
            self._show(row, shown["id"], content_hash, article)
        elif shown["id"] != row["document_id"]:
            self._replaced_documents.append((shown["id"], row["id"]))

    def _show(self, row: Row, document_id: int, content_hash: str, article: Article) -> None:
        first_seen_at = ARTICLES.decode(row, ("first_seen_at",))["first_seen_at"]
        self._revision += 1
        story = Story(row["id"], self._revision, first_seen_at, False, article)
        dated_at = encode_microseconds(story.dated_at)
        self._shown.append(
            (
                row["id"],
                self._revision,
                document_id,
                content_hash,
                hash_visible(article),
                dated_at,
                article.quality,
                article.heat,
            )
        )
        if not row["withdrawn"]:
            self._index.remove(row["id"])
        self._index.add(IndexedStory(row["id"], dated_at, article))

    async def write(self, connection: aiosqlite.Connection) -> None:
        """Write the collected changes, including what lookups read."""
        # It needs the rows of the articles as they were.
        await self._index.write(connection)
        await connection.executemany(
            "UPDATE articles SET withdrawn = 1, visible_hash = 'withdrawn', revision = ?"
            f" WHERE id = ? AND {ARTICLES.intact}",
            self._withdrawn,
        )
        await connection.executemany(
            f"UPDATE articles SET document_id = ? WHERE id = ? AND {ARTICLES.intact}",
            self._replaced_documents,
        )
        # In one statement: for each that checks foreign keys, SQLite keeps copies of all pages that
        # it changes.
        await connection.execute(
            "UPDATE articles SET revision = new.value ->> 1, document_id = new.value ->> 2,"
            " content_hash = new.value ->> 3, visible_hash = new.value ->> 4, withdrawn = 0,"
            " dated_at = new.value ->> 5, quality = new.value ->> 6, heat = new.value ->> 7"
            " FROM (SELECT value FROM json_each(?)) AS new"
            f" WHERE id = new.value ->> 0 AND {ARTICLES.intact}",
            (json.dumps(self._shown),),
        )
