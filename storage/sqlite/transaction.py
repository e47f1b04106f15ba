"""Queries and updates inside one SQLite transaction; they make no decisions."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

import aiosqlite
from typing_extensions import override

from storage.errors import NotFoundError
from storage.models import Look, PausedBy, Subscription, SubscriptionSpec
from storage.posts import (
    Announced,
    ClaimedPost,
    FollowUp,
    FollowUpAction,
    NewPost,
    PlannerCursor,
    Post,
    PostStatus,
    RecoveredChannel,
    StoryFacts,
    SubscriptionState,
    WaitingFollowUp,
    follow_ups_of,
)
from storage.protocols.transaction import Transaction
from storage.reasons import Reason, encode_reason
from storage.sqlite import follow_ups as sql
from storage.sqlite.codec import (
    ANNOUNCED,
    ARTICLES,
    EDITS,
    EXPIRED,
    POSTS,
    SELECT_STORIES,
    SETTINGS,
    SUBSCRIPTIONS,
    decode_many,
    decode_post,
    decode_recovered_channel,
    decode_story,
    decode_subscription,
    encode_delivery,
    encode_fields,
    encode_optional_time,
    encode_rules,
    encode_time,
)
from storage.sqlite.columns import HIGHEST_COUNTED, next_id
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import fetch_all, fetch_one, fetch_value
from storage.sqlite.due_posts import fetch_next
from storage.sqlite.matching import write_topics
from storage.sqlite.messages import fetch_claimed
from storage.sqlite.values import Row, Value

_CURSOR = "planner_cursor"
_SUBSCRIPTIONS_CHANGED = "subscriptions_changed"

_LARGEST = 2**63 - 1
_LISTED = "(SELECT value FROM json_each(:ids))"
_CHANGES = "NOT (status = :status AND reason IS :reason AND nonce = :nonce)"
# Encoding one takes up to ten microseconds.
_ENCODED_AT_ONCE = 100
_HISTORY = f"""
    INSERT INTO post_history (id, post_id, at, status, reason)
    SELECT {next_id("post_history")}, id, :now, :status, :reason FROM posts
    WHERE id = :id AND {_CHANGES}
"""
# A damaged row may refer to a subscription or post that does not exist; that part is dropped.
_UPDATE = f"""
    UPDATE posts SET changed_at = iif({_CHANGES}, :now, changed_at),
        subscription_id = (SELECT id FROM subscriptions WHERE id = :subscription_id),
        guild_id = :guild_id, nonce = :nonce, status = :status,
        catch_up = :catch_up, planned_at = :planned_at, due_at = :due_at, attempts = :attempts,
        claimed_at = :claimed_at, unknown_since = :unknown_since, settled_at = :settled_at,
        message_id = :message_id, reason = :reason,
        lead_post_id = (SELECT id FROM posts WHERE id = :lead_post_id),
        place = :digest_position, shown_hash = :shown, message_removed = :message_removed,
        replaceable = :replaceable, thread_id = :thread_id, look = :look
    WHERE id = :id
"""
# Posts shown in a message (`p`), with the lead post of the message.
_OUTDATED = """
    SELECT DISTINCT lead.id FROM posts AS p
    JOIN articles AS a ON a.id = p.article_id
    LEFT JOIN posts AS host ON host.id = p.lead_post_id
    JOIN posts AS lead ON lead.id = coalesce(host.lead_post_id, host.id, p.id)
    WHERE p.status IN ('sent', 'folded') AND p.shown_hash IS NOT a.visible_hash
    AND lead.status = 'sent' AND lead.message_id IS NOT NULL AND NOT lead.message_removed
"""


class SqliteTransaction(Transaction):
    """`storage.protocols.transaction.Transaction` on a connection that has begun a transaction."""

    def __init__(self, connection: aiosqlite.Connection, damage: DamageLog) -> None:
        self._connection = connection
        self._damage = damage

    @override
    async def planner_cursor(self) -> PlannerCursor:
        return await fetch_cursor(self._connection, self._damage)

    @override
    async def move_cursor(self, revision: int) -> None:
        await self._connection.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_CURSOR, str(revision)),
        )

    @override
    async def rewind_cursor(self, revision: int | None) -> None:
        if revision is not None:
            await self._connection.execute(
                "UPDATE settings SET value = min(CAST(value AS INTEGER), ?) WHERE name = ?",
                (revision, _CURSOR),
            )
        await self._connection.execute(
            "UPDATE settings SET value = CAST(value AS INTEGER) + 1 WHERE name = ?",
            (_SUBSCRIPTIONS_CHANGED,),
        )

    @override
    async def get_posts(self, post_ids: Iterable[int]) -> Sequence[Post]:
        return await self._posts(f"id IN {_LISTED}", ids=json.dumps(list(post_ids)))

    @override
    async def find_posts(self, pairs: Iterable[tuple[int, int]]) -> Sequence[Post]:
        rows = await fetch_all(
            self._connection,
            "SELECT posts.* FROM json_each(?) AS pair CROSS JOIN posts"
            " ON posts.article_id = pair.value ->> 0 AND posts.channel_id = pair.value ->> 1"
            " ORDER BY posts.id",
            (json.dumps(list(pairs)),),
        )
        return self._damage.decode_all(rows, decode_post)

    @override
    async def posts_with_status(self, status: PostStatus) -> Sequence[Post]:
        return await self._posts(f"status = '{status.value}'")

    @override
    async def posts_led_by(self, post_ids: Iterable[int]) -> Sequence[Post]:
        return await self._posts(f"lead_post_id IN {_LISTED}", ids=json.dumps(list(post_ids)))

    @override
    async def waiting_posts(
        self, subscription_ids: Iterable[int], due_by: datetime | None = None
    ) -> Sequence[Post]:
        return await self._posts(
            "status IN ('planned', 'retry') AND unknown_since IS NULL AND lead_post_id IS NULL"
            f" AND subscription_id IN {_LISTED} AND (:due_by IS NULL OR due_at <= :due_by)",
            ids=json.dumps(list(subscription_ids)),
            due_by=encode_optional_time(due_by),
        )

    @override
    async def next_posts(
        self, now: datetime, limit: int, busy_channels: Iterable[int]
    ) -> Sequence[Post]:
        return await fetch_next(self._connection, self._damage, now, limit, busy_channels)

    @override
    async def insert_posts(self, posts: Iterable[NewPost], now: datetime) -> int:
        rows = await _encode_posts(posts, now)
        last = await fetch_value(self._connection, f"SELECT {next_id('posts')} - 1")
        inserted = await self._connection.executemany(
            "INSERT INTO posts (id, article_id, subscription_id, guild_id, channel_id, nonce,"
            " status, catch_up, reason, planned_at, changed_at, due_at)"
            f" SELECT {next_id('posts')}, :story_id, id, :guild_id, :channel_id, :nonce,"
            " 'planned', :catch_up, :reason, :now, :now, :due_at FROM subscriptions"
            " WHERE id = :subscription_id AND removed_at IS NULL"
            # The story may have left the archive since it was chosen.
            " AND EXISTS (SELECT 1 FROM articles WHERE id = :story_id"
            f" AND content_hash != '{EXPIRED}')"
            # The post may exist although `find_posts` leaves it out, because it is damaged.
            " ON CONFLICT (article_id, channel_id) DO NOTHING",
            rows,
        )
        await self._connection.execute(
            "INSERT INTO post_history (id, post_id, at, status, reason)"
            f" SELECT {next_id('post_history')} - 1 + row_number() OVER (ORDER BY id),"
            " id, changed_at, status, reason FROM posts WHERE id > ? AND id <= ?",
            (last, HIGHEST_COUNTED),
        )
        return max(0, inserted.rowcount)

    @override
    async def update_posts(self, posts: Iterable[Post], now: datetime) -> None:
        rows = await _encode_posts(posts, now)
        await self._connection.executemany(_HISTORY, rows)
        await self._connection.executemany(_UPDATE, rows)

    @override
    async def record_planned(self, story_ids: Iterable[int], now: datetime) -> None:
        await self._connection.execute(
            "UPDATE articles SET last_planned_at = :now"
            f" WHERE id IN {_LISTED} AND {ARTICLES.intact}",
            {"now": encode_time(now), "ids": json.dumps(list(story_ids))},
        )

    @override
    async def relate_stories(self, pairs: Iterable[tuple[int, int]]) -> None:
        await self._connection.executemany(
            "INSERT INTO related_stories (article_id, other_id) VALUES (:one, :other),"
            " (:other, :one) ON CONFLICT DO NOTHING",
            [{"one": one, "other": other} for one, other in pairs],
        )

    @override
    async def reschedule_posts(self, subscription_id: int, due_at: datetime) -> None:
        await self._connection.execute(
            "UPDATE posts SET due_at = ? WHERE subscription_id = ? AND unknown_since IS NULL AND"
            " (status IN ('planned', 'retry') AND lead_post_id IS NULL OR status = 'folded')"
            f" AND {POSTS.intact}",
            (encode_time(due_at), subscription_id),
        )

    @override
    async def get_message(self, lead_post_id: int) -> ClaimedPost:
        row = await find_post(self._connection, lead_post_id)
        return await fetch_claimed(self._connection, self._damage, row)

    @override
    async def unsettled_posts(self, channel_id: int) -> Sequence[Post]:
        return await self._posts(
            "status IN ('planned', 'retry', 'claimed', 'folded') AND channel_id = :channel",
            channel=channel_id,
        )

    @override
    async def posts_of_messages(
        self, channel_id: int, message_ids: Iterable[int]
    ) -> Mapping[int, Post]:
        posts = await self._posts(
            f"channel_id = :channel AND message_id IN {_LISTED} AND lead_post_id IS NULL",
            channel=channel_id,
            ids=json.dumps(list(message_ids)),
        )
        return {post.message_id: post for post in posts if post.message_id is not None}

    @override
    async def record_recovery(
        self, channel: RecoveredChannel, announced: Mapping[str, Announced]
    ) -> None:
        await self._connection.execute(
            "INSERT OR REPLACE INTO recovered_channels"
            " (channel_id, backup, recovered_at, messages, problem) VALUES (?, ?, ?, ?, ?)",
            (
                channel.channel_id,
                channel.backup,
                encode_time(channel.recovered_at),
                channel.messages,
                None if channel.problem is None else encode_reason(channel.problem),
            ),
        )
        await self._connection.executemany(
            "INSERT OR REPLACE INTO announced_addresses"
            " (channel_id, address, message_id, sent_at, place, thread_id, look, done)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    channel.channel_id,
                    address,
                    each.message_id,
                    encode_time(each.sent_at),
                    each.place,
                    each.thread_id,
                    each.look,
                    ",".join(sorted(each.done)) or None,
                )
                for address, each in announced.items()
            ],
        )

    @override
    async def recovered_channels(self) -> Mapping[int, RecoveredChannel]:
        rows = await fetch_all(self._connection, "SELECT * FROM recovered_channels")
        channels = self._damage.decode_all(rows, decode_recovered_channel)
        return {channel.channel_id: channel for channel in channels}

    @override
    async def find_announced(
        self, pairs: Iterable[tuple[int, int]]
    ) -> Mapping[tuple[int, int], Announced]:
        rows = await fetch_all(
            self._connection,
            "SELECT pair.value ->> 0 AS story_id, found.* FROM json_each(?) AS pair"
            " CROSS JOIN addresses AS a ON a.article_id = pair.value ->> 0"
            " CROSS JOIN announced_addresses AS found"
            " ON found.channel_id = pair.value ->> 1 AND found.address = a.address"
            " ORDER BY CASE found.place WHEN 'story' THEN 2 WHEN 'digest' THEN 1 ELSE 0 END,"
            " found.message_id",
            (json.dumps(list(pairs)),),
        )
        return dict(self._damage.decode_all(rows, _decode_announced))

    @override
    async def outdated_messages(
        self,
        *,
        post_ids: Iterable[int] | None = None,
        revisions: tuple[int, int] | None = None,
        sent_after: datetime | None = None,
    ) -> Sequence[int]:
        query, values = _OUTDATED, dict[str, Value]()
        if post_ids is not None:
            query += f" AND p.id IN {_LISTED}"
            values["ids"] = json.dumps(list(post_ids))
        if revisions is not None:
            query += " AND a.revision > :after AND a.revision <= :up_to"
            values["after"], values["up_to"] = revisions
        if sent_after is not None:
            query += " AND lead.settled_at > :sent_after"
            values["sent_after"] = encode_time(sent_after)
        return [row[0] for row in await fetch_all(self._connection, query, values)]

    @override
    async def schedule_edits(self, lead_post_ids: Iterable[int], due_at: datetime) -> None:
        await self._connection.executemany(
            "INSERT INTO edits (post_id, due_at) VALUES (?, ?)"
            " ON CONFLICT (post_id) DO UPDATE SET due_at = excluded.due_at, attempts = 0"
            f" WHERE {EDITS.intact}",
            [(post_id, encode_time(due_at)) for post_id in lead_post_ids],
        )

    @override
    async def remove_edit(self, lead_post_id: int) -> None:
        await self._connection.execute("DELETE FROM edits WHERE post_id = ?", (lead_post_id,))

    @override
    async def insert_follow_ups(self, follow_ups: Iterable[FollowUp], now: datetime) -> None:
        await sql.insert(self._connection, follow_ups, now)

    @override
    async def waiting_follow_ups(
        self, channel_id: int, action: FollowUpAction
    ) -> Sequence[WaitingFollowUp]:
        return await sql.fetch_waiting(self._connection, self._damage, channel_id, action)

    @override
    async def tried_follow_ups(
        self, channel_id: int, action: FollowUpAction, since: datetime
    ) -> Sequence[FollowUp]:
        return await sql.fetch_tried(self._connection, self._damage, channel_id, action, since)

    @override
    async def update_follow_ups(self, follow_ups: Iterable[FollowUp], now: datetime) -> None:
        await sql.update(self._connection, follow_ups, now)

    @override
    async def story_facts(self, story_ids: Iterable[int]) -> Mapping[int, StoryFacts]:
        rows = await fetch_all(
            self._connection,
            f"{SELECT_STORIES} WHERE a.id IN {_LISTED}",
            {"ids": json.dumps(list(story_ids))},
        )
        return {facts.id: facts for facts in await decode_many(self._damage, rows, _decode_facts)}

    @override
    async def subscription_states(
        self, subscription_ids: Iterable[int | None]
    ) -> Mapping[int, SubscriptionState]:
        rows = await fetch_all(
            self._connection,
            f"SELECT * FROM subscriptions WHERE id IN {_LISTED}",
            {"ids": json.dumps(sorted({each for each in subscription_ids if each is not None}))},
        )
        return {row["id"]: self._subscription_state(row) for row in rows}

    def _subscription_state(self, row: Row) -> SubscriptionState:
        removed = row["removed_at"] is not None
        subscription = self._damage.decode_or_none(row, decode_subscription)
        if subscription is None:
            channel_id = row["channel_id"] if isinstance(row["channel_id"], int) else 0
            return SubscriptionState(row["id"], channel_id, None, removed, None, damaged=True)
        delivery = subscription.spec.delivery
        return SubscriptionState(
            subscription.id,
            subscription.spec.channel_id,
            subscription.paused_by,
            removed,
            delivery.digest.best if delivery.digest else None,
            look=delivery.look,
            follow_ups=follow_ups_of(delivery),
        )

    @override
    async def get_subscription(
        self, guild_id: int, subscription_id: int, *, removed: bool = False
    ) -> Subscription:
        return self._damage.decode(
            await find_subscription(self._connection, guild_id, subscription_id, removed=removed),
            decode_subscription,
        )

    @override
    async def insert_subscription(
        self,
        guild_id: int,
        created_by: int,
        created_at: datetime,
        spec: SubscriptionSpec,
        fresh_after: datetime | None,
    ) -> int:
        subscription_id = int(
            await fetch_value(
                self._connection,
                "INSERT INTO subscriptions (id, guild_id, channel_id, created_by, created_at)"
                f" VALUES ({next_id('subscriptions')}, ?, ?, ?, ?) RETURNING id",
                (guild_id, spec.channel_id, created_by, encode_time(created_at)),
            )
        )
        await self.update_subscription(subscription_id, spec, fresh_after)
        return subscription_id

    @override
    async def update_subscription(
        self, subscription_id: int, spec: SubscriptionSpec, fresh_after: datetime | None
    ) -> None:
        await self._connection.execute(
            "UPDATE subscriptions SET channel_id = ?, rules = ?, max_per_hour = ?,"
            " fresh_after = ?, delivery = ?, digest_best = ? WHERE id = ?",
            (
                spec.channel_id,
                encode_rules(spec.rules),
                spec.max_per_hour,
                encode_optional_time(fresh_after),
                encode_delivery(spec.delivery),
                spec.delivery.digest.best if spec.delivery.digest else None,
                subscription_id,
            ),
        )
        await write_topics(self._connection, subscription_id, spec.rules)

    @override
    async def set_pause(self, subscription_id: int, reason: Reason | None) -> None:
        await self._connection.execute(
            "UPDATE subscriptions SET paused_by = ?, paused_reason = ? WHERE id = ?",
            (
                None if reason is None else PausedBy.ADMIN,
                None if reason is None else encode_reason(reason),
                subscription_id,
            ),
        )

    @override
    async def set_seen(self, subscription_id: int, story_ids: Iterable[int]) -> None:
        await self._connection.execute(
            "DELETE FROM subscription_seen WHERE subscription_id = ?", (subscription_id,)
        )
        await self._connection.executemany(
            "INSERT INTO subscription_seen (subscription_id, article_id) VALUES (?, ?)",
            [(subscription_id, story_id) for story_id in story_ids],
        )

    @override
    async def set_removed(self, subscription_id: int, at: datetime | None) -> int:
        before = await fetch_value(
            self._connection,
            "SELECT removed_cursor FROM subscriptions WHERE id = ?",
            (subscription_id,),
        )
        # Text in place of the number would be damage.
        known = isinstance(before, int)
        revision = int(before) if known else (await self.planner_cursor()).revision
        await self._connection.execute(
            "UPDATE subscriptions SET removed_at = ?, removed_cursor = ? WHERE id = ?"
            f" AND {SUBSCRIPTIONS.intact}",
            (encode_optional_time(at), None if at is None else revision, subscription_id),
        )
        return revision

    @override
    async def find_subscriptions(
        self,
        *,
        channel_id: int | None = None,
        removed_by: datetime | None = None,
        left_before: datetime | None = None,
    ) -> Sequence[int]:
        rows = await fetch_all(
            self._connection,
            "SELECT id FROM subscriptions"
            " WHERE channel_id = ? OR removed_at <= ? OR left_at < ? ORDER BY id",
            (channel_id, encode_optional_time(removed_by), encode_optional_time(left_before)),
        )
        return [row[0] for row in rows]

    @override
    async def delete_subscriptions(self, subscription_ids: Iterable[int]) -> None:
        await self._connection.executemany(
            "DELETE FROM subscriptions WHERE id = ?", [(each,) for each in subscription_ids]
        )

    async def _posts(self, condition: str, **values: Value) -> Sequence[Post]:
        rows = await fetch_all(
            self._connection, f"SELECT * FROM posts WHERE {condition} ORDER BY id", values
        )
        return self._damage.decode_all(rows, decode_post)


async def _encode_posts(posts: Iterable[NewPost | Post], now: datetime) -> list[dict[str, Value]]:
    """The parameters of posts: in a thread, as a story may have thousands."""
    given = list(posts)
    at = encode_time(now)

    def encode() -> list[dict[str, Value]]:
        return [{**encode_fields(post), "now": at} for post in given]

    return encode() if len(given) <= _ENCODED_AT_ONCE else await asyncio.to_thread(encode)


async def fetch_cursor(connection: aiosqlite.Connection, damage: DamageLog) -> PlannerCursor:
    """The planner's position.

    If it is damaged, the planner starts from the beginning: no channel gets a story again, because
    its posts are known.
    """

    async def value(name: str, newest: int) -> int:
        row = await fetch_one(connection, "SELECT * FROM settings WHERE name = ?", (name,))
        return damage.decode_or_none(row, partial(_decode_position, newest=newest)) or 0

    newest = await fetch_value(
        connection,
        "SELECT revision FROM articles WHERE typeof(revision) = 'integer' AND revision <= ?"
        " ORDER BY revision DESC LIMIT 1",
        (HIGHEST_COUNTED,),
    )
    return PlannerCursor(
        await value(_CURSOR, newest or 0), await value(_SUBSCRIPTIONS_CHANGED, _LARGEST)
    )


def _decode_position(row: Row, newest: int) -> int:
    value = SETTINGS.decode(row)["value"]
    if not value.isascii() or not value.isdecimal() or len(value) > len(str(_LARGEST)):
        raise SETTINGS.damaged(row, "value", f"is {value[:40]!r} instead of a number")
    if int(value) > newest:
        raise SETTINGS.damaged(row, "value", f"is {value}, which is more than {newest}")
    return int(value)


def _decode_facts(row: Row) -> StoryFacts:
    story = decode_story(row)
    return StoryFacts(
        story.id,
        story.revision,
        story.article.title,
        story.article.quality,
        story.article.heat,
        story.dated_at,
        story.withdrawn,
        row["visible_hash"],
    )


async def find_post(connection: aiosqlite.Connection, post_id: int) -> Row:
    """The row of a post. Raises `NotFoundError`."""
    row = await fetch_one(connection, "SELECT * FROM posts WHERE id = ?", (post_id,))
    if row is None:
        raise NotFoundError(f"there is no post {post_id}")
    return row


async def find_subscription(
    connection: aiosqlite.Connection, guild_id: int, subscription_id: int, *, removed: bool = False
) -> Row:
    """The row of a subscription, or of one that can be restored. Raises `NotFoundError`."""
    row = await fetch_one(
        connection,
        "SELECT * FROM subscriptions WHERE id = ? AND guild_id = ?"
        f" AND removed_at IS {'NOT NULL' if removed else 'NULL'}",
        (subscription_id, guild_id),
    )
    if row is None:
        raise NotFoundError(f"there is no subscription {subscription_id} here")
    return row


def _decode_announced(row: Row) -> tuple[tuple[int, int], Announced]:
    found = ANNOUNCED.decode(row)
    announced = Announced(
        found["message_id"],
        found["sent_at"],
        found["place"],
        found["thread_id"],
        found["look"] or Look.CARD,
        found["done"] or frozenset(),
    )
    return (row["story_id"], found["channel_id"]), announced
