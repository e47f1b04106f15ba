"""Digests: the best of a subscription's due stories, told by one post together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import aiosqlite

from storage.posts import PostStatus
from storage.reasons import DigestFull, Reason, StoryWithdrawn, encode_reason
from storage.sqlite.codec import encode_time
from storage.sqlite.database import Value, fetch_all
from storage.sqlite.folding import revive_folded, skip_folded

# The due stories of a post's subscription, if that wants a digest, the best first. One that may be
# out already keeps the digest that it has.
_DUE = """
    SELECT q.id, a.withdrawn, s.digest_best
    FROM posts AS p
    JOIN subscriptions AS s ON s.id = p.subscription_id AND s.channel_id = p.channel_id
    JOIN posts AS q ON q.subscription_id = s.id AND q.channel_id = p.channel_id
    JOIN articles AS a ON a.id = q.article_id
    JOIN documents AS d ON d.id = a.document_id
    WHERE p.id = :post AND p.unknown_since IS NULL AND s.digest_best IS NOT NULL
    AND s.removed_at IS NULL AND q.status IN ('planned', 'retry') AND q.told_by IS NULL
    AND q.unknown_since IS NULL AND q.due_at <= :now
    ORDER BY a.quality DESC, coalesce(json_extract(d.content, '$.heat'), -1) DESC,
        a.dated_at DESC, q.id
"""
# Those that are told with a post, in its digest.
_FOLLOWERS = "told_by = :lead AND status != 'folded'"


async def compose_digest(
    connection: aiosqlite.Connection, post_id: int, now: datetime
) -> int | None:
    """Gather a digest, if that is what the post's turn means; answers the post that is to be sent.

    The best story leads and the others follow it. Those over the digest's best are skipped, and so
    are the withdrawn ones; that post itself may be one of them, and there may be none to send.
    """
    rows = await fetch_all(connection, _DUE, {"post": post_id, "now": encode_time(now)})
    if not rows:
        return post_id
    withdrawn = [row["id"] for row in rows if row["withdrawn"]]
    if withdrawn:
        await _skip(connection, withdrawn, StoryWithdrawn(), now, final=False)
        # What was folded into them is due now, too.
        await revive_folded(connection, withdrawn, now)
        rows = await fetch_all(connection, _DUE, {"post": post_id, "now": encode_time(now)})
        if not rows:
            return None
    best = rows[0]["digest_best"]
    chosen, over = [row["id"] for row in rows[:best]], [row["id"] for row in rows[best:]]
    if over:
        reason = DigestFull(best)
        await _skip(connection, over, reason, now, final=True)
        await skip_folded(connection, over, reason, now)
    lead: int = chosen[0]
    await connection.executemany(
        "UPDATE posts SET place = ?, told_by = nullif(?, id) WHERE id = ?",
        [(place, lead, member) for place, member in enumerate(chosen, start=1)],
    )
    return lead


async def settle_followers(
    connection: aiosqlite.Connection, lead: int, changes: Mapping[str, Value], now: datetime
) -> None:
    """Let what became of a post become of all that is told with it.

    If it is known not to be out, each story waits by itself again: until it is due, the best may be
    others. What was folded into a post that will not be sent is told after all.
    """
    status, unknown = changes["status"], changes.get("unknown_since") is not None
    if status in {PostStatus.PLANNED, PostStatus.RETRY}:
        if not unknown:
            await dissolve_digest(connection, lead, changes["due_at"])
        return
    members = await fetch_all(
        connection,
        "UPDATE posts SET status = :status, reason = :reason, message_id = :message_id,"
        " final = :final, settled_at = :now, changed_at = :now"
        f" WHERE {_FOLLOWERS} RETURNING id",
        {
            "lead": lead,
            "status": status,
            "reason": changes["reason"],
            "message_id": changes.get("message_id"),
            "final": changes.get("final", 0),
            "now": encode_time(now),
        },
    )
    if status in {PostStatus.FAILED, PostStatus.SKIPPED}:
        await revive_folded(connection, [lead, *(row["id"] for row in members)], now)


async def dissolve_digest(connection: aiosqlite.Connection, lead: int, due_at: str) -> None:
    """Let each story of a post's digest wait by itself, until a time."""
    await connection.execute(
        "UPDATE posts SET told_by = NULL, place = NULL, shown_hash = NULL, due_at = :due_at"
        f" WHERE {_FOLLOWERS}",
        {"lead": lead, "due_at": due_at},
    )
    await connection.execute(
        "UPDATE posts SET place = NULL, shown_hash = NULL WHERE id = ?", (lead,)
    )


async def _skip(
    connection: aiosqlite.Connection,
    posts: Sequence[int],
    reason: Reason,
    now: datetime,
    *,
    final: bool,
) -> None:
    await connection.execute(
        "UPDATE posts SET status = 'skipped', reason = :reason, final = :final,"
        " settled_at = :now, changed_at = :now WHERE id IN (SELECT value FROM json_each(:posts))",
        {
            "posts": json.dumps(posts),
            "reason": encode_reason(reason),
            "final": final,
            "now": encode_time(now),
        },
    )
