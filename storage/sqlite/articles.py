"""What an article shows: recomputed from its documents whenever one of them changes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby

import aiosqlite

from storage.models import Story
from storage.sqlite.codec import (
    STORY_COLUMNS,
    STORY_TABLES,
    ArticleCodec,
    decode_time,
    encode_time,
    hash_content,
    hash_visible,
)
from storage.sqlite.database import Row, fetch_all, fetch_value


async def refresh_articles(
    connection: aiosqlite.Connection, codec: ArticleCodec, article_ids: Iterable[int]
) -> None:
    """Let each article show its first live document, and raise its revision if that changes it.

    First by source order, then the newest date, then the key: the same documents always give the
    same article. An article without a live document is withdrawn and keeps what it last showed.
    """
    ids = json.dumps(sorted(set(article_ids)))
    articles = await fetch_all(
        connection,
        "SELECT id, document_id, content_hash, first_seen_at, withdrawn FROM articles"
        " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (ids,),
    )
    told = await fetch_all(
        connection,
        "SELECT d.article_id, d.id, d.content"
        " FROM documents AS d JOIN sources AS s ON s.id = d.source_id"
        " WHERE d.state = 'live' AND d.article_id IN (SELECT value FROM json_each(?))"
        " ORDER BY d.article_id, s.rank, s.id, d.published_at DESC, d.key",
        (ids,),
    )
    first = {key: next(rows) for key, rows in groupby(told, key=lambda row: row["article_id"])}
    revision = await fetch_value(connection, "SELECT max(0, max(revision)) FROM articles") or 0
    for row in articles:
        shown = first.get(row["id"])
        if shown is None:
            if not row["withdrawn"]:
                revision += 1
                await _withdraw(connection, row["id"], revision)
            continue
        content_hash = hash_content(shown["content"])
        if content_hash == row["content_hash"] and not row["withdrawn"]:
            if shown["id"] != row["document_id"]:
                await connection.execute(
                    "UPDATE articles SET document_id = ? WHERE id = ?", (shown["id"], row["id"])
                )
            continue
        revision += 1
        await _show(connection, codec, row, shown, content_hash, revision)


async def _withdraw(connection: aiosqlite.Connection, article_id: int, revision: int) -> None:
    await connection.execute(
        "UPDATE articles SET withdrawn = 1, visible_hash = 'withdrawn', revision = ? WHERE id = ?",
        (revision, article_id),
    )
    await _forget_lookups(connection, article_id)


async def _forget_lookups(connection: aiosqlite.Connection, article_id: int) -> None:
    await connection.execute("DELETE FROM article_topics WHERE article_id = ?", (article_id,))
    await connection.execute("DELETE FROM articles_fts WHERE rowid = ?", (article_id,))


async def _show(
    connection: aiosqlite.Connection,
    codec: ArticleCodec,
    row: Row,
    shown: Row,
    content_hash: str,
    revision: int,
) -> None:
    article = codec.decode(shown["content"])
    story = Story(row["id"], revision, decode_time(row["first_seen_at"]), False, article)
    provider = article.provider.name if article.provider else ""
    await connection.execute(
        "UPDATE articles SET revision = ?, document_id = ?, content_hash = ?, visible_hash = ?,"
        " withdrawn = 0, title = ?, dated_at = ?, quality = ?, provider = ? WHERE id = ?",
        (
            revision,
            shown["id"],
            content_hash,
            hash_visible(article),
            article.title,
            encode_time(story.dated_at),
            article.quality,
            provider,
            row["id"],
        ),
    )
    if row["content_hash"]:
        await _forget_lookups(connection, row["id"])
    await connection.executemany(
        "INSERT INTO topics (name, folded) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(topic, topic.casefold()) for topic in article.topics],
    )
    await connection.execute(
        "INSERT INTO article_topics (topic_id, article_id)"
        " SELECT id, ? FROM topics WHERE folded IN (SELECT value FROM json_each(?))",
        (row["id"], json.dumps([topic.casefold() for topic in article.topics])),
    )
    await connection.execute(
        "INSERT INTO articles_fts (rowid, title, excerpt, provider, topics, related)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            row["id"],
            article.title,
            article.excerpt,
            provider,
            " ".join(article.topics),
            " ".join(related.title for related in article.related),
        ),
    )


async def fetch_story(
    connection: aiosqlite.Connection, codec: ArticleCodec, story_id: int
) -> Story | None:
    """One story, withdrawn or not."""
    rows = await fetch_all(
        connection,
        f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES} WHERE a.id = ?",
        (story_id,),
    )
    return codec.decode_story(rows[0]) if rows else None
