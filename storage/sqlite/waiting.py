"""What waits for subscriptions, when they no longer want it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import aiosqlite

from storage.reasons import Reason, encode_reason
from storage.sqlite.codec import encode_time
from storage.sqlite.database import Row, Value, fetch_all, fetch_value
from storage.sqlite.folding import revive_folded
from storage.sqlite.messages import MESSAGE
from storage.sqlite.planning import LATEST_REVISION, look_again

# A post that may be out already, and what is in its digest, is settled by the sender.
_WAITS = """
    status IN ('planned', 'retry') AND unknown_since IS NULL AND told_by IS NULL
    AND subscription_id IN (SELECT value FROM json_each(:subscriptions))
"""
_FOLDED = """
    status = 'folded' AND subscription_id IN (SELECT value FROM json_each(:subscriptions))
    AND told_by IN (SELECT value FROM json_each(:posts))
"""
_SKIP = """
    UPDATE posts SET status = 'skipped', reason = :reason, told_by = NULL, settled_at = :now,
        changed_at = :now
"""


async def skip_waiting(
    connection: aiosqlite.Connection,
    subscriptions: Sequence[int],
    reason: Reason,
    now: datetime,
    *,
    stories: Sequence[int] | None = None,
) -> None:
    """Skip what waits for subscriptions, all or some stories, and what is folded into it.

    The planner looks at these stories again: another subscription of the channel may want them.
    What another one has folded into them is told after all.
    """
    values: dict[str, Value] = {
        "subscriptions": json.dumps(subscriptions),
        "stories": json.dumps(stories),
        "reason": encode_reason(reason),
        "now": encode_time(now),
    }
    which = "1" if stories is None else "article_id IN (SELECT value FROM json_each(:stories))"
    skipped = await fetch_all(
        connection, f"{_SKIP} WHERE {_WAITS} AND {which} RETURNING id, article_id", values
    )
    if skipped:
        await look_again(connection, await _before(connection, skipped))
        posts = [row["id"] for row in skipped]
        await connection.execute(
            f"{_SKIP} WHERE {_FOLDED} AND {which}", {**values, "posts": json.dumps(posts)}
        )
        await revive_folded(connection, posts, now)


async def release_waiting(
    connection: aiosqlite.Connection, subscription: int, now: datetime
) -> None:
    """Let the planner look at all that waits for a subscription: others may want it.

    What others have folded into it is told after all.
    """
    waiting = await fetch_all(
        connection,
        f"SELECT id, article_id FROM posts WHERE {_WAITS}",
        {"subscriptions": json.dumps([subscription])},
    )
    await look_again(connection, await _before(connection, waiting))
    await revive_folded(connection, [row["id"] for row in waiting], now, spared=subscription)


async def release_message(connection: aiosqlite.Connection, lead: int) -> None:
    """Let the planner look at what a post was to tell, if its subscription no longer wants it.

    While it was being sent it blocked the channel's other subscriptions.
    """
    unwanted = await fetch_all(
        connection,
        f"SELECT p.article_id FROM posts AS p WHERE p.id IN ({MESSAGE}) AND NOT EXISTS"
        " (SELECT 1 FROM subscriptions AS s WHERE s.id = p.subscription_id"
        " AND s.channel_id = p.channel_id AND s.removed_at IS NULL"
        " AND s.paused_by IS NOT 'admin')",
        {"lead": lead},
    )
    if unwanted:
        await look_again(connection, await _before(connection, unwanted))


async def _before(connection: aiosqlite.Connection, posts: Sequence[Row]) -> int:
    """The revision before those of the posts' stories; the latest one if there are no posts."""
    revision = await fetch_value(
        connection,
        "SELECT min(revision) - 1 FROM articles WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps([row["article_id"] for row in posts]),),
    )
    return int(await fetch_value(connection, LATEST_REVISION) if revision is None else revision)
