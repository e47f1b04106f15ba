"""The same story once: a post that joins the coverage of another one in its channel."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

import aiosqlite

from storage.posts import NewPost
from storage.reasons import Reason, SameStory, SubscriptionRemoved, encode_reason
from storage.sqlite.codec import encode_time
from storage.sqlite.database import fetch_all

# A post that waits for a subscription which is removed, or paused by an admin, and so will skip it:
# another one of the channel may have it.
UNWANTED = """
    posts.status IN ('planned', 'retry') AND posts.unknown_since IS NULL AND posts.told_by IS NULL
    AND EXISTS (
        SELECT 1 FROM subscriptions AS r
        WHERE r.id = posts.subscription_id
        AND (r.removed_at IS NOT NULL OR r.paused_by = 'admin')
    )
"""
# The oldest post of the channel that tells one of the kin, or will; or the one that tells it.
_FOLD = f"""
    UPDATE posts SET status = 'folded', told_by = host.id, settled_at = :now, changed_at = :now,
        reason = json_object('code', '{SameStory.code}', 'post', h.id, 'title', a.title)
    FROM (
        SELECT channel_id, min(iif(status = 'folded', told_by, id)) AS id FROM posts
        WHERE article_id IN (SELECT value FROM json_each(:kin)) AND planned_at > :since
        AND shown_hash IS NOT 'deleted' AND NOT ({UNWANTED})
        AND status IN ('planned', 'claimed', 'retry', 'sent', 'uncertain', 'folded')
        GROUP BY channel_id
    ) AS host
    JOIN posts AS h ON h.id = host.id
    JOIN articles AS a ON a.id = h.article_id
    WHERE posts.nonce IN (SELECT value FROM json_each(:nonces)) AND posts.status = 'planned'
    AND host.channel_id = posts.channel_id AND host.id != posts.id
"""
_FOLDED_INTO = "status = 'folded' AND told_by IN (SELECT value FROM json_each(:hosts))"
_REVIVED = f"{_FOLDED_INTO} AND subscription_id IS NOT :spared"
_GONE = f"""
    UPDATE posts SET status = 'skipped', told_by = NULL, reason = :removed,
        changed_at = :now
    WHERE {_REVIVED} AND NOT EXISTS (
        SELECT 1 FROM subscriptions AS s
        WHERE s.id = posts.subscription_id AND s.removed_at IS NULL
        AND s.channel_id = posts.channel_id
    )
"""
# Not before its own digest's time.
_REVIVE = f"""
    UPDATE posts SET status = 'planned', told_by = NULL, due_at = max(due_at, :now),
        changed_at = :now, settled_at = NULL, shown_hash = NULL, reason = NULL
    WHERE id IN (SELECT min(id) FROM posts WHERE {_REVIVED} GROUP BY told_by)
"""


async def fold_posts(
    connection: aiosqlite.Connection,
    posts: Iterable[NewPost],
    now: datetime,
    since: datetime | None,
) -> None:
    """Fold posts that were just planned into those of their kin, planned after a time.

    In the order of the stories: of two in one batch that tell the same, the first is posted.
    """
    nonces: dict[tuple[int, tuple[int, ...]], list[str]] = {}
    for post in posts:
        if post.kin:
            nonces.setdefault((post.story_id, post.kin), []).append(post.nonce)
    for (_, kin), folding in nonces.items():
        await connection.execute(
            _FOLD,
            {
                "kin": json.dumps(kin),
                "nonces": json.dumps(folding),
                "now": encode_time(now),
                "since": encode_time(since) if since else "",
            },
        )


async def revive_folded(
    connection: aiosqlite.Connection,
    hosts: Sequence[int],
    now: datetime,
    *,
    spared: int | None = None,
) -> None:
    """Let what was folded into posts that are not sent after all be told: the oldest of each.

    It is due now, or when its digest comes, and the others are folded into it. What the `spared`
    subscription has folded stays so.
    """
    # No subscription has the number 0.
    values = {
        "hosts": json.dumps(hosts),
        "now": encode_time(now),
        "spared": spared or 0,
        "removed": encode_reason(SubscriptionRemoved()),
    }
    await connection.execute(_GONE, values)
    waiting = await fetch_all(
        connection,
        f"SELECT min(id) AS id, told_by FROM posts WHERE {_REVIVED} GROUP BY told_by",
        values,
    )
    await connection.execute(_REVIVE, values)
    await connection.executemany(
        "UPDATE posts SET told_by = :id, shown_hash = NULL,"
        f" reason = (SELECT json_object('code', '{SameStory.code}', 'post', h.id, 'title', a.title)"
        " FROM posts AS h JOIN articles AS a ON a.id = h.article_id WHERE h.id = :id)"
        " WHERE status = 'folded' AND told_by = :told_by AND subscription_id IS NOT :spared",
        [{**dict(row), "spared": spared or 0} for row in waiting],
    )


async def skip_folded(
    connection: aiosqlite.Connection, hosts: Sequence[int], reason: Reason, now: datetime
) -> None:
    """Skip what is folded into posts that are skipped for good, for the same reason.

    What other subscriptions have folded into them is told after all.
    """
    await connection.execute(
        "UPDATE posts SET status = 'skipped', told_by = NULL, final = 1, reason = :reason,"
        f" settled_at = :now, changed_at = :now WHERE {_FOLDED_INTO} AND subscription_id ="
        " (SELECT h.subscription_id FROM posts AS h WHERE h.id = posts.told_by)",
        {"hosts": json.dumps(hosts), "reason": encode_reason(reason), "now": encode_time(now)},
    )
    await revive_folded(connection, hosts, now)
