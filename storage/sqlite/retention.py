"""Remove old articles from the archive.

An expired article keeps its row, its addresses, and its documents without their contents, so that
its sources know them. Its row has `codec.EXPIRED` in place of the hash of its content.
"""

import json
from collections.abc import Sequence
from datetime import datetime

import aiosqlite
from typing_extensions import override

from storage.protocols.retention import RetentionStore, SweepStep
from storage.sqlite.base import StorePart
from storage.sqlite.codec import (
    ARTICLES,
    DOCUMENTS,
    EXPIRED,
    encode_microseconds,
    encode_time,
)
from storage.sqlite.database import fetch_all
from storage.sqlite.lookup_index import OPERATOR, PROVIDER, TOPIC, IndexChanges
from storage.sqlite.values import Value

# Articles examined per step, and those changed per transaction: it takes some hundredths of a
# second, in which nothing else can be written.
_EXAMINED = 2000
_CHANGED = 100
_NAMES = 1000
_LISTED = "(SELECT value FROM json_each(:ids))"

# A message is made from all of its posts, so its lead post goes last.
_EXPIRES = f"""
    content_hash != '{EXPIRED}' AND dated_at < :dated_before AND {ARTICLES.intact}
    AND NOT EXISTS (
        SELECT 1 FROM posts AS p WHERE p.article_id = articles.id AND (
            p.status NOT IN ('sent', 'folded', 'skipped', 'failed', 'uncertain')
            OR p.changed_at >= :before
            OR EXISTS (SELECT 1 FROM edits AS e WHERE e.post_id = p.id)
            OR EXISTS (SELECT 1 FROM posts AS led WHERE led.lead_post_id = p.id)
        )
    )
"""
# A date says by itself that a document is old, unless it was in the future when it was first seen.
# The date of an undated document is when it was first seen: it would be new if it were seen again.
HAS_DATE = "coalesce(abs(unixepoch(published_at) - modified_ns / 1000000000) > 1, 0)"
# The highest ids and revisions stay, as the next ones are counted from them.
_FORGOTTEN = f"""
    content_hash = '{EXPIRED}'
    AND id < (SELECT max(id) FROM articles) AND revision < (SELECT max(revision) FROM articles)
    AND NOT EXISTS (
        SELECT 1 FROM documents AS d WHERE d.article_id = articles.id
        AND NOT (d.state = 'gone' AND {HAS_DATE} AND d.published_at < :before)
    )
"""


class SqliteRetention(StorePart, RetentionStore):
    """`RetentionStore`."""

    @override
    async def sweep_articles(self, before: datetime, after: int) -> SweepStep:
        values: dict[str, Value] = {
            "dated_before": encode_microseconds(before),
            "before": encode_time(before),
        }
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?",
                (after, _EXAMINED),
            )
            values["ids"] = json.dumps([row[0] for row in rows])
            changed = await fetch_all(
                connection,
                f"SELECT id FROM articles WHERE id IN {_LISTED}"
                f" AND ({_EXPIRES} OR {_FORGOTTEN}) ORDER BY id LIMIT {_CHANGED}",
                values,
            )
        if not changed:
            return SweepStep(rows[-1][0] if len(rows) == _EXAMINED else None, 0, 0)
        values["ids"] = json.dumps([row[0] for row in changed])

        async def work(connection: aiosqlite.Connection) -> SweepStep:
            # Both conditions again: others may have written since.
            expired = await fetch_all(
                connection, f"SELECT id FROM articles WHERE id IN {_LISTED} AND {_EXPIRES}", values
            )
            forgotten = await fetch_all(
                connection,
                f"SELECT id FROM articles WHERE id IN {_LISTED} AND {_FORGOTTEN}",
                values,
            )
            await _expire(connection, [row[0] for row in expired])
            await _forget(connection, [row[0] for row in forgotten])
            return SweepStep(changed[-1][0], len(expired), len(forgotten))

        return await self._database.write(work)

    @override
    async def forget_names(self) -> int:
        async def work(connection: aiosqlite.Connection) -> int:
            forgotten = 0
            for kind, table in ((TOPIC, "topics"), (PROVIDER, "providers")):
                used = "name_counts AS u WHERE u.scope = :scope AND u.kind = :kind AND u.id"
                rows = await fetch_all(
                    connection,
                    f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} AS n"
                    f" WHERE id < (SELECT max(id) FROM {table})"
                    f" AND NOT EXISTS (SELECT 1 FROM {used} = n.id)"
                    + (
                        " AND NOT EXISTS (SELECT 1 FROM article_topics AS t"
                        " WHERE t.scope = :scope AND t.topic_id = n.id)"
                        if kind == TOPIC
                        else ""
                    )
                    + " LIMIT :limit) RETURNING id",
                    {"scope": OPERATOR, "kind": kind, "limit": _NAMES},
                )
                await connection.execute(
                    "DELETE FROM name_words WHERE kind = ?"
                    " AND id IN (SELECT value FROM json_each(?))",
                    (kind, json.dumps([row[0] for row in rows])),
                )
                forgotten += len(rows)
            return forgotten

        return await self._database.write(work)


async def _expire(connection: aiosqlite.Connection, ids: Sequence[int]) -> None:
    if not ids:
        return
    values = {"ids": json.dumps(ids)}
    changes = IndexChanges()
    for article_id in ids:
        changes.remove(article_id)
    # It needs the rows of the articles as they were.
    await changes.write(connection)
    for statement in (
        "DELETE FROM post_history WHERE post_id IN"
        f" (SELECT id FROM posts WHERE article_id IN {_LISTED})",
        f"DELETE FROM posts WHERE article_id IN {_LISTED}",
        f"DELETE FROM subscription_seen WHERE article_id IN {_LISTED}",
        f"DELETE FROM related_stories WHERE article_id IN {_LISTED} OR other_id IN {_LISTED}",
        f"UPDATE documents SET content = NULL WHERE article_id IN {_LISTED} AND {DOCUMENTS.intact}",
        f"UPDATE articles SET content_hash = '{EXPIRED}', withdrawn = 1, provider_id = NULL,"
        f" last_planned_at = NULL WHERE id IN {_LISTED}",
    ):
        await connection.execute(statement, values)


async def _forget(connection: aiosqlite.Connection, ids: Sequence[int]) -> None:
    if not ids:
        return
    values = {"ids": json.dumps(ids)}
    for statement in (
        # Only what an article refers to may be deleted before it.
        f"DELETE FROM documents WHERE article_id IN {_LISTED}",
        f"DELETE FROM addresses WHERE article_id IN {_LISTED}",
        f"DELETE FROM articles WHERE id IN {_LISTED}",
    ):
        await connection.execute(statement, values)
