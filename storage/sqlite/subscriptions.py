"""Subscriptions: what they begin with, and how admins change them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from typing_extensions import override

from storage.models import (
    Order,
    Rules,
    StoryQuery,
    Subscription,
    SubscriptionView,
)
from storage.protocols import SubscriptionStore
from storage.sqlite.aggregate import Aggregate
from storage.sqlite.codec import (
    STORY_COLUMNS,
    STORY_TABLES,
    decode_subscription,
    encode_time,
)
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.planning import LATEST_REVISION
from storage.sqlite.stories import ORDERS, story_conditions
from storage.sqlite.transaction import find_subscription

# So many of the best stories are looked at for a rule that SQL can't tell.
_CANDIDATES = 1000
# What is folded into a post that waits may have to be told by itself.
_WAITS = """
    subscription_id = ? AND (status IN ('planned', 'retry', 'claimed') OR status = 'folded' AND (
        SELECT h.status IN ('planned', 'retry', 'claimed')
        FROM posts AS h WHERE h.id = posts.lead_post_id
    ))
    AND channel_id = (SELECT channel_id FROM subscriptions WHERE id = subscription_id)
"""


class SqliteSubscriptions(Aggregate, SubscriptionStore):
    """The subscriptions of `SubscriptionStore`."""

    @override
    async def subscription_view(
        self,
        rules: Rules,
        channel_id: int,
        fresh_after: datetime | None,
        best: int,
        *,
        subscription_id: int | None = None,
    ) -> SubscriptionView:
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
                f" AND NOT replaceable) ORDER BY {ORDERS[Order.BEST]} LIMIT ?",
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

    @override
    async def get_subscription(self, guild_id: int, subscription_id: int) -> Subscription:
        async with self._database.read() as connection:
            return decode_subscription(
                await find_subscription(connection, guild_id, subscription_id)
            )

    @override
    async def list_subscriptions(
        self, guild_id: int, channel_id: int | None = None
    ) -> Sequence[Subscription]:
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT * FROM subscriptions WHERE guild_id = :guild_id AND removed_at IS NULL"
                " AND (:channel_id IS NULL OR channel_id = :channel_id) ORDER BY id",
                {"guild_id": guild_id, "channel_id": channel_id},
            )
        return [decode_subscription(row) for row in rows]
