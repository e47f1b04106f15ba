"""Subscriptions: what they begin with, and how admins change them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import aiosqlite

from storage.errors import NotFoundError
from storage.models import (
    NewSubscription,
    Order,
    PausedBy,
    Rules,
    StoryQuery,
    Subscription,
    SubscriptionSpec,
    SubscriptionView,
)
from storage.posts import NewPost
from storage.reasons import (
    Reason,
    RulesChanged,
    SubscriptionMoved,
    WaitedDuringPause,
    encode_reason,
)
from storage.sqlite.codec import (
    STORY_COLUMNS,
    STORY_TABLES,
    ArticleCodec,
    decode_subscription,
    encode_delivery,
    encode_rules,
    encode_time,
)
from storage.sqlite.database import Database, Row, fetch_all, fetch_one, fetch_value
from storage.sqlite.matching import write_topics
from storage.sqlite.planning import LATEST_REVISION, REVIVABLE, insert_posts, look_again
from storage.sqlite.stories import ORDERS, story_conditions
from storage.sqlite.waiting import release_waiting, skip_waiting

# So many of the best stories are looked at for a rule that SQL can't tell.
_CANDIDATES = 1000
# What is folded into a post that waits may have to be told by itself.
_WAITS = """
    subscription_id = ? AND (status IN ('planned', 'retry', 'claimed') OR status = 'folded' AND (
        SELECT h.status IN ('planned', 'retry', 'claimed')
        FROM posts AS h WHERE h.id = posts.told_by
    ))
    AND channel_id = (SELECT channel_id FROM subscriptions WHERE id = subscription_id)
"""


class SqliteSubscriptions:
    """The subscriptions themselves, of `storage.protocols.SubscriptionStore`."""

    def __init__(self, database: Database, codec: ArticleCodec) -> None:
        self._database = database
        self._codec = codec

    async def subscription_view(
        self,
        rules: Rules,
        channel_id: int,
        fresh_after: datetime | None,
        best: int,
        *,
        subscription_id: int | None = None,
    ) -> SubscriptionView:
        """See `SubscriptionStore`."""
        conditions, values = story_conditions(
            StoryQuery(topics=rules.topics, min_quality=rules.min_quality)
        )
        told_in_sql = rules == Rules(topics=rules.topics, min_quality=rules.min_quality)
        candidates = best if told_in_sql or not best else max(best, _CANDIDATES)
        every = f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES} WHERE"
        stories = f"{every} {' AND '.join(conditions)} AND"
        async with self._database.read() as connection:
            revision = await fetch_value(connection, LATEST_REVISION)
            fresh = await fetch_all(
                connection,
                f"{stories} a.dated_at >= ?",
                [*values, encode_time(fresh_after) if fresh_after else ""],
            )
            top = await fetch_all(
                connection,
                f"{stories} a.id NOT IN (SELECT article_id FROM posts WHERE channel_id = ?"
                f" AND NOT {REVIVABLE}) ORDER BY {ORDERS[Order.BEST]} LIMIT ?",
                [*values, channel_id, candidates],
            )
            waiting = await fetch_all(
                connection,
                f"{every} a.id IN (SELECT article_id FROM posts WHERE {_WAITS}) ORDER BY a.id",
                (subscription_id,),
            )
        decode = self._codec.decode_story
        return SubscriptionView(
            revision,
            tuple(map(decode, fresh)),
            tuple(map(decode, top)),
            tuple(map(decode, waiting)),
        )

    async def add_subscription(
        self,
        new: NewSubscription,
        *,
        revision: int,
        seen: Sequence[int],
        catch_up: Sequence[NewPost],
    ) -> Subscription:
        """See `SubscriptionStore`."""

        async def work(connection: aiosqlite.Connection) -> Subscription:
            subscription_id = await fetch_value(
                connection,
                "INSERT INTO subscriptions (guild_id, channel_id, created_by, created_at)"
                " VALUES (?, ?, ?, ?) RETURNING id",
                (new.guild_id, new.spec.channel_id, new.created_by, encode_time(new.created_at)),
            )
            await _write(connection, subscription_id, new.spec, new.fresh_after)
            await _begin(connection, subscription_id, revision, seen)
            await insert_posts(
                connection, catch_up, new.created_at, subscription_id=subscription_id
            )
            return await _read(connection, subscription_id)

        return await self._database.write(work)

    async def get_subscription(self, guild_id: int, subscription_id: int) -> Subscription:
        """See `SubscriptionStore`."""
        async with self._database.read() as connection:
            return decode_subscription(
                await find_subscription(connection, guild_id, subscription_id)
            )

    async def list_subscriptions(
        self, guild_id: int, channel_id: int | None = None
    ) -> Sequence[Subscription]:
        """See `SubscriptionStore`."""
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT * FROM subscriptions WHERE guild_id = :guild_id AND removed_at IS NULL"
                " AND (:channel_id IS NULL OR channel_id = :channel_id) ORDER BY id",
                {"guild_id": guild_id, "channel_id": channel_id},
            )
        return [decode_subscription(row) for row in rows]

    async def change_subscription(
        self,
        guild_id: int,
        subscription_id: int,
        spec: SubscriptionSpec,
        fresh_after: datetime | None,
        *,
        revision: int,
        seen: Sequence[int],
        dropped: Sequence[int],
        due_at: datetime,
        now: datetime,
    ) -> Subscription:
        """See `SubscriptionStore`."""

        async def work(connection: aiosqlite.Connection, row: Row) -> None:
            if row["channel_id"] != spec.channel_id:
                await skip_waiting(connection, [subscription_id], SubscriptionMoved(), now)
            else:
                await skip_waiting(
                    connection, [subscription_id], RulesChanged(), now, stories=dropped
                )
            await connection.execute(
                "UPDATE posts SET due_at = ? WHERE subscription_id = ? AND unknown_since IS NULL"
                " AND (status IN ('planned', 'retry') AND told_by IS NULL OR status = 'folded')",
                (encode_time(due_at), subscription_id),
            )
            await _write(connection, subscription_id, spec, fresh_after)
            await _begin(connection, subscription_id, revision, seen)

        return await self._change(guild_id, subscription_id, work)

    async def pause_subscription(
        self,
        guild_id: int,
        subscription_id: int,
        reason: Reason,
        now: datetime,
    ) -> Subscription:
        """See `SubscriptionStore`."""

        async def work(connection: aiosqlite.Connection, _: Row) -> None:
            await connection.execute(
                "UPDATE subscriptions SET paused_by = 'admin', paused_reason = ? WHERE id = ?",
                (encode_reason(reason), subscription_id),
            )
            await release_waiting(connection, subscription_id, now)

        return await self._change(guild_id, subscription_id, work)

    async def resume_subscription(
        self,
        guild_id: int,
        subscription_id: int,
        *,
        revision: int,
        seen: Sequence[int],
        now: datetime,
    ) -> Subscription:
        """See `SubscriptionStore`."""

        async def work(connection: aiosqlite.Connection, row: Row) -> None:
            if row["paused_by"] == PausedBy.ADMIN:
                await skip_waiting(connection, [subscription_id], WaitedDuringPause(), now)
                await _begin(connection, subscription_id, revision, seen)
            await connection.execute(
                "UPDATE subscriptions SET paused_by = NULL, paused_reason = NULL WHERE id = ?",
                (subscription_id,),
            )

        return await self._change(guild_id, subscription_id, work)

    async def _change(
        self,
        guild_id: int,
        subscription_id: int,
        work: Callable[[aiosqlite.Connection, Row], Awaitable[None]],
    ) -> Subscription:
        """Change a server's subscription in one transaction; answers what it is then."""

        async def transaction(connection: aiosqlite.Connection) -> Subscription:
            await work(connection, await find_subscription(connection, guild_id, subscription_id))
            return await _read(connection, subscription_id)

        return await self._database.write(transaction)


async def find_subscription(
    connection: aiosqlite.Connection, guild_id: int, subscription_id: int, *, removed: bool = False
) -> Row:
    """A server's subscription, or one that can be brought back. Raises `NotFoundError`."""
    row = await fetch_one(
        connection,
        "SELECT * FROM subscriptions WHERE id = ? AND guild_id = ?"
        f" AND removed_at IS {'NOT NULL' if removed else 'NULL'}",
        (subscription_id, guild_id),
    )
    if row is None:
        raise NotFoundError(f"there is no subscription {subscription_id} here")
    return row


async def _read(connection: aiosqlite.Connection, subscription_id: int) -> Subscription:
    row = await fetch_one(
        connection, "SELECT * FROM subscriptions WHERE id = ?", (subscription_id,)
    )
    assert row is not None, "it was just written"
    return decode_subscription(row)


async def _write(
    connection: aiosqlite.Connection,
    subscription_id: int,
    spec: SubscriptionSpec,
    fresh_after: datetime | None,
) -> None:
    """Write what an admin may choose."""
    digest = spec.delivery.digest
    await connection.execute(
        "UPDATE subscriptions SET channel_id = ?, rules = ?, max_per_hour = ?, fresh_after = ?,"
        " delivery = ?, digest_best = ? WHERE id = ?",
        (
            spec.channel_id,
            encode_rules(spec.rules),
            spec.max_per_hour,
            encode_time(fresh_after) if fresh_after else None,
            encode_delivery(spec.delivery),
            digest.best if digest else None,
            subscription_id,
        ),
    )
    await write_topics(connection, subscription_id, spec.rules)


async def _begin(
    connection: aiosqlite.Connection, subscription_id: int, revision: int, seen: Sequence[int]
) -> None:
    """Let news count from a revision on; a story may have come since, and the planner passed it."""
    await connection.execute(
        "DELETE FROM subscription_seen WHERE subscription_id = ?", (subscription_id,)
    )
    await connection.executemany(
        "INSERT INTO subscription_seen (subscription_id, article_id) VALUES (?, ?)",
        [(subscription_id, story_id) for story_id in seen],
    )
    await look_again(connection, revision)
