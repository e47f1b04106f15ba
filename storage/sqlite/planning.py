"""Planning: what the planner looks at, and how it writes the outbox."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import aiosqlite

from storage.posts import NewPost, PlannerView
from storage.sqlite.codec import STORY_COLUMNS, STORY_TABLES, ArticleCodec, encode_time
from storage.sqlite.database import Database, fetch_all, fetch_value
from storage.sqlite.edits import plan_coverage_edits, plan_edits
from storage.sqlite.folding import UNWANTED, fold_posts
from storage.sqlite.matching import fetch_matching

CURSOR = "planner_cursor"
SUBSCRIPTIONS_CHANGED = "subscriptions_changed"
LATEST_REVISION = "SELECT coalesce(max(revision), 0) FROM articles"
# Never sent, and the bot itself decided so: may be planned anew when that reason has gone.
REVIVABLE = f"""(
    posts.status = 'skipped' AND posts.unknown_since IS NULL AND NOT posts.final
    OR {UNWANTED}
)"""


class SqlitePlanning:
    """The planner's part of `storage.protocols.OutboxStore`."""

    def __init__(self, database: Database, codec: ArticleCodec) -> None:
        self._database = database
        self._codec = codec

    async def planner_view(self, limit: int, *, told_since: datetime | None = None) -> PlannerView:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            cursor = await _value(connection, CURSOR)
            rows = await fetch_all(
                connection,
                f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES}"
                " WHERE a.revision > ? ORDER BY a.revision LIMIT ?",
                (cursor, limit),
            )
            if not rows:
                return PlannerView(cursor=cursor, stories=(), subscriptions=())
            stories = tuple(self._codec.decode_story(row) for row in rows)
            ids = json.dumps([story.id for story in stories])
            told = await fetch_all(
                connection,
                "SELECT article_id, channel_id FROM posts"
                f" WHERE article_id IN (SELECT value FROM json_each(?)) AND NOT {REVIVABLE}",
                (ids,),
            )
            seen = await fetch_all(
                connection,
                "SELECT subscription_id, article_id FROM subscription_seen"
                " WHERE article_id IN (SELECT value FROM json_each(?))",
                (ids,),
            )
            recent = await fetch_all(
                connection,
                f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES} WHERE a.told_at > ?"
                " AND NOT a.withdrawn ORDER BY a.id",
                (encode_time(told_since) if told_since else None,),
            )
            return PlannerView(
                cursor=cursor,
                stories=stories,
                subscriptions=tuple(await fetch_matching(connection, stories)),
                told=frozenset((row[0], row[1]) for row in told),
                seen=frozenset((row[0], row[1]) for row in seen),
                recent=tuple(self._codec.decode_story(row) for row in recent),
                newest_subscription=await _value(connection, SUBSCRIPTIONS_CHANGED),
            )

    async def plan_posts(
        self,
        cursor: int,
        new_cursor: int,
        posts: Sequence[NewPost],
        now: datetime,
        *,
        edit_since: datetime,
        told_since: datetime | None = None,
        newest_subscription: int | None = None,
    ) -> int:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> int:
            if await _value(connection, CURSOR) != cursor:
                return 0
            newest = await _value(connection, SUBSCRIPTIONS_CHANGED)
            if newest_subscription not in {None, newest}:
                return 0
            await connection.execute(
                "UPDATE settings SET value = ? WHERE name = ?", (str(new_cursor), CURSOR)
            )
            edits = await plan_edits(connection, cursor, new_cursor, now, edit_since)
            planned = await insert_posts(connection, posts, now)
            await fold_posts(connection, posts, now, told_since)
            return edits + planned + await plan_coverage_edits(connection, posts, now, edit_since)

        return await self._database.write(work)


async def insert_posts(
    connection: aiosqlite.Connection,
    posts: Sequence[NewPost],
    now: datetime,
    *,
    subscription_id: int | None = None,
) -> int:
    """Write planned posts of subscriptions that still exist; answers how many.

    With `subscription_id` they are all that one's. A story that the bot skipped in the channel is
    planned anew; it was never sent.
    """
    # rowcount, unlike total_changes, leaves out what the triggers write.
    cursor = await connection.executemany(
        "INSERT INTO posts (article_id, subscription_id, guild_id, channel_id, nonce, status,"
        " catch_up, planned_at, changed_at, due_at)"
        " SELECT ?, id, guild_id, channel_id, ?, 'planned', ?, ?, ?, ?"
        " FROM subscriptions WHERE id = ? AND removed_at IS NULL"
        " ON CONFLICT (article_id, channel_id) DO UPDATE SET"
        " subscription_id = excluded.subscription_id, nonce = excluded.nonce, status = 'planned',"
        " catch_up = excluded.catch_up, planned_at = excluded.planned_at, due_at = excluded.due_at,"
        " changed_at = excluded.changed_at, attempts = 0, claimed_at = NULL, settled_at = NULL,"
        " shown_hash = NULL, reason = NULL, told_by = NULL, place = NULL"
        f" WHERE {REVIVABLE}",
        [
            (
                post.story_id,
                post.nonce,
                post.catch_up,
                encode_time(now),
                encode_time(now),
                encode_time(post.due_at),
                post.subscription_id if subscription_id is None else subscription_id,
            )
            for post in posts
        ],
    )
    await connection.execute(
        "UPDATE articles SET told_at = ? WHERE id IN (SELECT value FROM json_each(?))",
        (encode_time(now), json.dumps(sorted({post.story_id for post in posts}))),
    )
    return max(0, cursor.rowcount)


async def look_again(connection: aiosqlite.Connection, revision: int) -> None:
    """Let the planner look at what came after a revision once more, and at all that waits for it.

    What it planned on an older view is not written.
    """
    await connection.execute(
        "UPDATE settings SET value = min(CAST(value AS INTEGER), ?) WHERE name = ?",
        (revision, CURSOR),
    )
    await connection.execute(
        "UPDATE settings SET value = CAST(value AS INTEGER) + 1 WHERE name = ?",
        (SUBSCRIPTIONS_CHANGED,),
    )


async def _value(connection: aiosqlite.Connection, name: str) -> int:
    return int(await fetch_value(connection, "SELECT value FROM settings WHERE name = ?", (name,)))
