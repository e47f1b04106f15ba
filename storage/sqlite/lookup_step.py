"""Fills what lookups read from the stories, after an upgrade that changes how it is computed."""

import asyncio
import json
import zlib
from collections.abc import Sequence

import aiosqlite

from storage.errors import DamagedRowError
from storage.search.terms import VERSION
from storage.sqlite.codec import ARTICLES, decode_content, encode_microseconds
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.lookup_index import (
    PROVIDER,
    TOPIC,
    IndexChanges,
    IndexedStory,
    write_name_words,
)
from storage.sqlite.search_texts import merge_segments
from storage.sqlite.upgrade_steps import Batch, Step
from storage.sqlite.values import Row, Value

# Counts up when this program computes other rows from the same stories and prepared texts.
_EDITION = 2
_STORIES_PER_BATCH = 2000
# The tables that this step fills, besides the search index.
DERIVED = ("search_texts", "article_topics", "name_counts", "name_words", "search_words")


async def _begin(connection: aiosqlite.Connection) -> int:
    """Empty all tables, and write the words of the names, of which there are few."""
    for table in DERIVED:
        await connection.execute(f"DELETE FROM {table}")
    await connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')")
    for kind, table in ((TOPIC, "topics"), (PROVIDER, "providers")):
        names = await fetch_all(
            connection, f"SELECT id, name FROM {table} WHERE typeof(name) = 'text'"
        )
        await write_name_words(connection, kind, [(row["id"], row["name"]) for row in names])
    return int(await fetch_value(connection, "SELECT count(*) FROM articles"))


async def _fill(connection: aiosqlite.Connection, after: int) -> Batch | None:
    rows = await fetch_all(
        connection,
        "SELECT a.id, a.first_seen_at, a.withdrawn, a.scope, d.content, d.id AS content_id"
        " FROM articles AS a LEFT JOIN documents AS d ON d.id = a.document_id"
        " WHERE a.id > ? ORDER BY a.id LIMIT ?",
        (after, _STORIES_PER_BATCH),
    )
    if not rows:
        return Batch(after, 0) if await merge_segments(connection) else None
    changes = IndexChanges()
    dates = await asyncio.to_thread(_collect, rows, changes)
    await connection.execute(
        "UPDATE articles SET dated_at = new.value ->> 1, heat = new.value ->> 2"
        " FROM (SELECT value FROM json_each(?)) AS new"
        f" WHERE id = new.value ->> 0 AND {ARTICLES.intact}",
        (json.dumps(dates),),
    )
    await changes.write(connection)
    return Batch(rows[-1]["id"], len(rows))


def _collect(rows: Sequence[Row], changes: IndexChanges) -> Sequence[tuple[Value, ...]]:
    dates: list[tuple[Value, ...]] = []
    for row in rows:
        try:
            values = ARTICLES.decode(row, ("id", "first_seen_at", "withdrawn", "scope"))
            article = decode_content(row["content_id"], row["content"])
        except DamagedRowError:
            continue  # `storywire check` lists it; the next reading of its source replaces it
        dated_at = encode_microseconds(min(article.published_at, values["first_seen_at"]))
        dates.append((row["id"], dated_at, article.heat))
        if not values["withdrawn"]:
            changes.add(IndexedStory(row["id"], dated_at, article, values["scope"]))
    return dates


# The other tables of the version that needs it are made by later migrations, too.
LOOKUPS = Step(
    name="lookups",
    edition=zlib.crc32(f"{_EDITION} {VERSION}".encode()),
    since=12,
    doing="building the search index",
    begin=_begin,
    batch=_fill,
    after_all=True,
)
