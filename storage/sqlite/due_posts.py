"""Select the posts that may be sent now, and the next ones to send."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import aiosqlite

from storage.posts import Post
from storage.sqlite.codec import (
    SELECT_STORIES,
    decode_post,
    decode_stories,
    decode_subscription,
    encode_time,
    is_time,
)
from storage.sqlite.columns import moment
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.values import Row, Value

# Waiting posts that their subscription allows to be sent; posts in a digest are left out, because
# they are sent with their lead post. A post with an unknown outcome is settled regardless of the
# hourly cap, and even if its subscription was removed; until then it counts as sent. Digests have
# no cap. After the clock was set back, posts sent "in the future" count for at most an hour.
_WAITING = """
    FROM posts AS p
    JOIN articles AS a ON a.id = p.article_id
    LEFT JOIN subscriptions AS s
        ON s.id = p.subscription_id AND s.channel_id = p.channel_id AND s.removed_at IS NULL
    WHERE p.status IN ('planned', 'retry') AND p.lead_post_id IS NULL
    AND CASE
        WHEN s.id IS NULL THEN p.unknown_since IS NOT NULL
        WHEN s.paused_by IS NOT NULL OR s.left_at IS NOT NULL THEN 0
        WHEN p.unknown_since IS NOT NULL OR s.max_per_hour IS NULL THEN 1
        WHEN s.digest_best IS NOT NULL THEN 1
        ELSE s.max_per_hour > (
            SELECT count(*) FROM posts AS q
            WHERE q.subscription_id = s.id AND q.status IN ('sent', 'uncertain')
            AND q.settled_at > :hour_ago AND q.settled_at < :hour_ahead AND q.place IS NULL
        ) + (
            SELECT count(*) FROM posts AS q
            WHERE q.subscription_id = s.id AND q.status IN ('claimed', 'retry')
            AND (q.status = 'claimed' OR q.unknown_since IS NOT NULL) AND q.place IS NULL
        )
    END
"""
# The same, including posts that an hourly cap holds.
_NOT_PAUSED = """
    FROM posts AS p
    LEFT JOIN subscriptions AS s
        ON s.id = p.subscription_id AND s.channel_id = p.channel_id AND s.removed_at IS NULL
    WHERE p.status IN ('planned', 'retry') AND p.lead_post_id IS NULL
    AND iif(s.id IS NULL, p.unknown_since IS NOT NULL, s.paused_by IS NULL AND s.left_at IS NULL)
"""
_DUE = (
    f"{_WAITING} AND p.due_at <= :now AND p.channel_id NOT IN (SELECT value FROM json_each(:busy))"
)
# Channels are read from an index, and only as many as needed are examined: ranking all waiting
# posts would take most of a processor's time.
_OF_CHANNEL = f"""
    {_WAITING} AND p.due_at <= :now AND p.channel_id = c.channel_id
    ORDER BY p.unknown_since IS NULL, NOT p.catch_up, iif(p.catch_up, 0, -a.quality), p.id
"""
_NEXT = f"""
    SELECT (SELECT p.id {_OF_CHANNEL} LIMIT 1) AS id
    FROM (
        SELECT channel_id, min(due_at) AS first_due_at, max(unknown_since IS NOT NULL) AS doubt
        FROM posts WHERE status IN ('planned', 'retry') AND lead_post_id IS NULL
        AND due_at <= :now AND channel_id NOT IN (SELECT value FROM json_each(:busy))
        AND typeof(channel_id) = 'integer'
        AND (unknown_since IS NOT NULL OR channel_id NOT IN (SELECT channel_id FROM subscriptions
            WHERE removed_at IS NULL GROUP BY channel_id
            HAVING min(paused_by IS NOT NULL OR left_at IS NOT NULL)))
        GROUP BY channel_id ORDER BY doubt DESC, first_due_at, channel_id
    ) AS c WHERE id IS NOT NULL LIMIT :limit
"""
_HOUR = timedelta(hours=1)
# When to look again if a due time can't be read.
_LOOK_AGAIN = timedelta(minutes=1)
# Posts of a channel that are decoded at once, to find one that is not damaged.
_PAGE = 50


async def has_due(
    connection: aiosqlite.Connection, now: datetime, busy_channels: Iterable[int]
) -> bool:
    """Whether a post may be sent now."""
    query = f"SELECT EXISTS (SELECT 1 {_DUE})"
    return bool(await fetch_value(connection, query, _parameters(now, busy_channels)))


async def fetch_due(connection: aiosqlite.Connection, now: datetime) -> tuple[int, datetime | None]:
    """How many posts may be sent now, and since when the first of them is due."""
    (row,) = await fetch_all(
        connection,
        f"SELECT count(*), min(iif({is_time('p.due_at')}, p.due_at, NULL)) {_DUE}",
        _parameters(now, ()),
    )
    return row[0], None if row[1] is None else moment(row[1])


async def fetch_next(
    connection: aiosqlite.Connection,
    damage: DamageLog,
    now: datetime,
    limit: int,
    busy_channels: Iterable[int],
) -> Sequence[Post]:
    """The next posts to send, at most one per channel.

    A post that can't be sent, because its row, its story or its subscription is damaged, holds
    neither its channel nor another one.
    """
    found, busy = list[Post](), list(busy_channels)
    while len(found) < limit:
        rows = await fetch_all(
            connection,
            f"SELECT posts.* FROM ({_NEXT}) AS next JOIN posts ON posts.id = next.id",
            {**_parameters(now, busy), "limit": limit - len(found)},
        )
        readable = {post.id: post for post in await _readable(connection, damage, rows)}
        for row in rows:
            post = readable.get(row["id"])
            post = post or await _next_readable(connection, damage, now, row["channel_id"])
            found += [post] if post else []
        if len(readable) == len(rows):
            break
        busy += [row["channel_id"] for row in rows]
    return found


async def _next_readable(
    connection: aiosqlite.Connection, damage: DamageLog, now: datetime, channel_id: int
) -> Post | None:
    """The next post of a channel whose first one is damaged."""
    parameters = {**_parameters(now, ()), "channel": channel_id, "page": _PAGE, "offset": 0}
    query = f"SELECT p.* {_OF_CHANNEL} LIMIT :page OFFSET :offset"
    query = query.replace("c.channel_id", ":channel")
    while rows := await fetch_all(connection, query, parameters):
        if posts := await _readable(connection, damage, rows):
            return posts[0]
        parameters["offset"] += _PAGE
    return None


async def _readable(
    connection: aiosqlite.Connection, damage: DamageLog, rows: Sequence[Row]
) -> Sequence[Post]:
    """The posts that are not damaged, and whose stories and subscriptions aren't either."""
    posts = damage.decode_all(rows, decode_post)
    listed = "(SELECT value FROM json_each(?))"
    stories = await fetch_all(
        connection,
        f"{SELECT_STORIES} WHERE a.id IN {listed}",
        (json.dumps([post.story_id for post in posts]),),
    )
    subscriptions = await fetch_all(
        connection,
        f"SELECT * FROM subscriptions WHERE removed_at IS NULL AND id IN {listed}",
        (json.dumps([post.subscription_id for post in posts]),),
    )
    readable_stories = {story.id for story in await decode_stories(damage, stories)}
    damaged = {row["id"] for row in subscriptions}
    damaged -= {each.id for each in damage.decode_all(subscriptions, decode_subscription)}
    return [
        post
        for post in posts
        if post.story_id in readable_stories and post.subscription_id not in damaged
    ]


async def has_capped(connection: aiosqlite.Connection, now: datetime) -> bool:
    """Whether a post is due that only an hourly cap may hold."""
    query = (
        f"SELECT EXISTS (SELECT 1 {_NOT_PAUSED} AND p.due_at <= ?"
        " AND s.max_per_hour IS NOT NULL AND s.digest_best IS NULL)"
    )
    return bool(await fetch_value(connection, query, (encode_time(now),)))


async def fetch_next_due_at(connection: aiosqlite.Connection, now: datetime) -> datetime | None:
    """The time after `now` when the next post becomes due; posts held by a pause don't count."""
    due_at = await fetch_value(
        connection,
        f"SELECT p.due_at {_NOT_PAUSED} AND p.due_at > ? AND {is_time('p.due_at')}"
        " ORDER BY p.due_at LIMIT 1",
        (encode_time(now),),
    )
    return decode_wake_up(due_at, now)


def decode_wake_up(due_at: Value, now: datetime) -> datetime | None:
    """Decode the time when something becomes due; a moment after `now` if it can't be read."""
    try:
        return None if due_at is None else moment(due_at)
    except ValueError:
        return now + _LOOK_AGAIN


def _parameters(now: datetime, busy_channels: Iterable[int]) -> dict[str, Value]:
    return {
        "now": encode_time(now),
        "hour_ago": encode_time(now - _HOUR),
        "hour_ahead": encode_time(now + _HOUR),
        "busy": json.dumps(list(busy_channels)),
    }
