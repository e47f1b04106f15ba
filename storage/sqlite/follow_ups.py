"""Read and write follow-ups: what is done with messages after they were sent."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

import aiosqlite

from storage.models import WaitingMessages
from storage.posts import FollowUp, FollowUpAction, WaitingFollowUp
from storage.sqlite.codec import FOLLOW_UPS, encode_fields, encode_time, is_time
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.due_posts import decode_wake_up
from storage.sqlite.values import Row

# Follow-ups (`f`) that nothing holds, with their posts and the subscriptions of these. A message
# that waits for an edit is published afterwards, as edits of published messages are limited.
_NOT_HELD = f"""
    FROM (
        SELECT * FROM follow_ups
        WHERE status = 'waiting' AND {is_time("due_at")} AND {FOLLOW_UPS.intact}
    ) AS f
    JOIN posts AS p ON p.id = f.post_id
    JOIN articles AS a ON a.id = p.article_id
    LEFT JOIN subscriptions AS s ON s.id = p.subscription_id
    WHERE s.paused_by IS NULL AND s.left_at IS NULL AND s.removed_at IS NULL
    AND f.post_id NOT IN (SELECT post_id FROM edits)
"""
_WAITING = f"""
    SELECT f.*, p.subscription_id, a.quality,
        p.message_id IS NULL OR p.message_removed OR NOT EXISTS (
            SELECT 1 FROM posts AS shown JOIN articles AS b ON b.id = shown.article_id
            WHERE (shown.id = p.id OR shown.lead_post_id = p.id AND shown.status = 'sent')
            AND NOT b.withdrawn
        ) AS withdrawn
    {_NOT_HELD} AND f.channel_id = ? AND f.action = ? ORDER BY f.post_id
"""
# Whether the bot published the message of a post (`p`).
PUBLISHED = (
    "EXISTS (SELECT 1 FROM follow_ups AS f WHERE f.post_id = p.id"
    f" AND f.action = '{FollowUpAction.PUBLISH}' AND f.tried_at IS NOT NULL)"
)


async def insert(
    connection: aiosqlite.Connection, follow_ups: Iterable[FollowUp], now: datetime
) -> None:
    """Insert follow-ups; a post that has one with the same action keeps that."""
    await connection.executemany(
        "INSERT INTO follow_ups (post_id, action, channel_id, status, sent_at, due_at, attempts,"
        " tried_at, changed_at, reason) VALUES (:post_id, :action, :channel_id, :status, :sent_at,"
        " :due_at, :attempts, :tried_at, :now, :reason) ON CONFLICT DO NOTHING",
        [{**encode_fields(each), "now": encode_time(now)} for each in follow_ups],
    )


async def update(
    connection: aiosqlite.Connection, follow_ups: Iterable[FollowUp], now: datetime
) -> None:
    """Replace stored follow-ups."""
    await connection.executemany(
        "UPDATE follow_ups SET status = :status, due_at = :due_at, attempts = :attempts,"
        " tried_at = :tried_at, changed_at = :now, reason = :reason"
        f" WHERE post_id = :post_id AND action = :action AND {FOLLOW_UPS.intact}",
        [{**encode_fields(each), "now": encode_time(now)} for each in follow_ups],
    )


async def fetch_due(
    connection: aiosqlite.Connection, now: datetime, limit: int, busy_channels: Iterable[int]
) -> Sequence[tuple[int, FollowUpAction]]:
    """Channels, except busy ones, with the actions of their due follow-ups."""
    rows = await fetch_all(
        connection,
        f"SELECT f.channel_id, f.action, min(f.due_at) {_NOT_HELD} AND f.due_at <= :now"
        " AND f.channel_id NOT IN (SELECT value FROM json_each(:busy))"
        " GROUP BY f.channel_id, f.action ORDER BY 3 LIMIT :limit",
        {"now": encode_time(now), "busy": json.dumps(list(busy_channels)), "limit": limit},
    )
    return [(row["channel_id"], FollowUpAction(row["action"])) for row in rows]


async def fetch_waiting(
    connection: aiosqlite.Connection, damage: DamageLog, channel_id: int, action: FollowUpAction
) -> Sequence[WaitingFollowUp]:
    """A channel's follow-ups that wait and that nothing holds."""

    def decode(row: Row) -> WaitingFollowUp:
        follow_up = decode_follow_up(row)
        return WaitingFollowUp(
            follow_up, row["subscription_id"], row["quality"], bool(row["withdrawn"])
        )

    return damage.decode_all(await fetch_all(connection, _WAITING, (channel_id, action)), decode)


async def fetch_tried(
    connection: aiosqlite.Connection,
    damage: DamageLog,
    channel_id: int,
    action: FollowUpAction,
    since: datetime,
) -> Sequence[FollowUp]:
    """A channel's follow-ups that Discord did since, or may have done; see `tried_follow_ups`."""
    rows = await fetch_all(
        connection,
        # Two queries, as each has an index: a channel may have published thousands of messages.
        "SELECT * FROM follow_ups WHERE channel_id = :channel AND action = :action"
        " AND tried_at > :since"
        " UNION SELECT * FROM follow_ups WHERE channel_id = :channel AND action = :action"
        " AND status = 'waiting' AND tried_at IS NOT NULL ORDER BY tried_at",
        {"channel": channel_id, "action": action, "since": encode_time(since)},
    )
    return damage.decode_all(rows, decode_follow_up)


async def fetch_next_due_at(connection: aiosqlite.Connection, now: datetime) -> datetime | None:
    """The time after `now` when the next follow-up becomes due that nothing holds."""
    due_at = await fetch_value(
        connection,
        f"SELECT f.due_at {_NOT_HELD} AND f.due_at > ? ORDER BY f.due_at LIMIT 1",
        (encode_time(now),),
    )
    return decode_wake_up(due_at, now)


async def fetch_waiting_messages(
    connection: aiosqlite.Connection,
    damage: DamageLog,
    subscription_id: int,
    action: FollowUpAction,
) -> WaitingMessages | None:
    """The messages of a subscription that wait for an action; None if there are none."""
    rows = await fetch_all(
        connection,
        # Fewer follow-ups wait than a subscription has posts.
        "SELECT f.* FROM follow_ups AS f CROSS JOIN posts AS p ON p.id = f.post_id"
        " WHERE p.subscription_id = ? AND f.action = ? AND f.status = 'waiting'"
        " ORDER BY f.due_at",
        (subscription_id, action),
    )
    found = damage.decode_all(rows, decode_follow_up)
    return WaitingMessages(len(found), found[0].due_at, found[0].reason) if found else None


async def correct_times(connection: aiosqlite.Connection, now: datetime, late: datetime) -> None:
    """Make follow-ups due that wait until after `late`, or whose times were set in the future."""
    times = {"now": encode_time(now), "late": encode_time(late)}
    await connection.execute(
        "UPDATE follow_ups SET due_at = :now WHERE status = 'waiting' AND due_at > :now"
        f" AND (changed_at > :now OR due_at > :late) AND {FOLLOW_UPS.intact}",
        times,
    )


def decode_follow_up(row: Row) -> FollowUp:
    """Decode a row of `follow_ups`."""
    values = FOLLOW_UPS.decode(row)
    del values["changed_at"]
    return FollowUp(**values)
