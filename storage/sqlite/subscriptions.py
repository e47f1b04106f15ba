"""Subscriptions, the stories that they start with, and statistics of their posts."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from typing_extensions import override

from storage.errors import DamagedRowError
from storage.models import (
    DamagedSubscription,
    Rules,
    Subscription,
    SubscriptionActivity,
    SubscriptionSnapshot,
)
from storage.posts import FollowUpAction, PostStatus
from storage.protocols import SubscriptionStore
from storage.reasons import MessageReduced, Reason
from storage.sqlite.base import StorePart
from storage.sqlite.codec import (
    POSTS,
    SELECT_STORIES,
    decode_stories,
    decode_subscription,
    encode_microseconds,
    encode_time,
    is_time,
)
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.due_posts import decode_wake_up
from storage.sqlite.follow_ups import fetch_waiting_messages
from storage.sqlite.lookup_index import OPERATOR
from storage.sqlite.transaction import find_subscription
from storage.sqlite.values import Row, Value

# The number of the best stories to read if SQL can't check all of the rules.
_CANDIDATES = 1000
_BEST = "a.quality DESC, a.dated_at DESC, a.id DESC"
# Earlier than any time, in microseconds.
_EVER = -(2**62)
# Posts folded into a waiting post count, as they may have to be sent themselves.
_WAITING_STORIES = """
    subscription_id = ? AND (status IN ('planned', 'retry', 'claimed') OR status = 'folded' AND (
        SELECT h.status IN ('planned', 'retry', 'claimed')
        FROM posts AS h WHERE h.id = posts.lead_post_id
    ))
    AND channel_id = (SELECT channel_id FROM subscriptions WHERE id = subscription_id)
"""
_WAITING_POSTS = "subscription_id = ? AND status IN ('planned', 'claimed', 'retry')"


class SqliteSubscriptions(StorePart, SubscriptionStore):
    """`SubscriptionStore`."""

    @override
    async def subscription_snapshot(
        self,
        rules: Rules,
        channel_id: int,
        fresh_after: datetime | None,
        best: int,
        *,
        subscription_id: int | None = None,
    ) -> SubscriptionSnapshot:
        conditions, values = _story_conditions(rules)
        sql_checks_all = rules == Rules(topics=rules.topics, min_quality=rules.min_quality)
        candidates = best if sql_checks_all or not best else max(best, _CANDIDATES)
        stories = f"{SELECT_STORIES} WHERE {' AND '.join(conditions)} AND"
        async with self._database.read() as connection:
            revision = await fetch_value(
                connection, "SELECT coalesce(max(revision), 0) FROM articles"
            )
            fresh = await fetch_all(
                connection,
                f"{stories} a.dated_at >= ?",
                [*values, encode_microseconds(fresh_after) if fresh_after else _EVER],
            )
            top = await fetch_all(
                connection,
                f"{stories} a.id NOT IN (SELECT article_id FROM posts WHERE channel_id = ?"
                f" AND NOT replaceable) ORDER BY {_BEST} LIMIT ?",
                [*values, channel_id, candidates],
            )
            waiting = await fetch_all(
                connection,
                f"{SELECT_STORIES} WHERE a.id IN"
                f" (SELECT article_id FROM posts WHERE {_WAITING_STORIES}) ORDER BY a.id",
                (subscription_id,),
            )
        return SubscriptionSnapshot(
            revision,
            tuple(await decode_stories(self._damage, fresh)),
            tuple(await decode_stories(self._damage, top)),
            tuple(await decode_stories(self._damage, waiting)),
        )

    @override
    async def get_subscription(self, guild_id: int, subscription_id: int) -> Subscription:
        async with self._database.read() as connection:
            row = await find_subscription(connection, guild_id, subscription_id)
            return self._damage.decode(row, decode_subscription)

    @override
    async def list_subscriptions(
        self, guild_id: int, channel_id: int | None = None
    ) -> Sequence[Subscription]:
        rows = await self._fetch_all(
            "SELECT * FROM subscriptions WHERE guild_id = :guild_id AND removed_at IS NULL"
            " AND (:channel_id IS NULL OR channel_id = :channel_id) ORDER BY id",
            {"guild_id": guild_id, "channel_id": channel_id},
        )
        return self._damage.decode_all(rows, decode_subscription)

    @override
    async def damaged_subscriptions(self, guild_id: int) -> Sequence[DamagedSubscription]:
        rows = await self._fetch_all(
            "SELECT * FROM subscriptions WHERE guild_id = ? AND removed_at IS NULL ORDER BY id",
            (guild_id,),
        )
        damaged = []
        for row in rows:
            try:
                decode_subscription(row)
            except DamagedRowError as error:
                self._damage.note(error)
                channel_id = row["channel_id"] if isinstance(row["channel_id"], int) else None
                damaged.append(DamagedSubscription(row["id"], channel_id))
        return damaged

    @override
    async def subscription_activity(
        self, guild_id: int, subscription_id: int, since: datetime
    ) -> SubscriptionActivity:
        async with self._database.read() as connection:
            await find_subscription(connection, guild_id, subscription_id)
            settled = await fetch_all(
                connection,
                # With max(), SQLite takes `reason` from the row with the maximum.
                "SELECT id, status, iif(status IN ('skipped', 'failed', 'sent')"
                " AND json_valid(reason), json_extract(reason, '$.code'), NULL) AS code,"
                " count(*) AS posts, reason, max(settled_at) FROM posts"
                " WHERE subscription_id = ? AND settled_at >= ?"
                " AND status IN ('sent', 'folded', 'failed', 'uncertain', 'skipped')"
                " GROUP BY 2, 3 ORDER BY 4 DESC, 3",
                (subscription_id, encode_time(since)),
            )
            waiting = await fetch_value(
                connection, f"SELECT count(*) FROM posts WHERE {_WAITING_POSTS}", (subscription_id,)
            )
            next_at = await fetch_value(
                connection,
                f"SELECT due_at FROM posts WHERE {_WAITING_POSTS} AND lead_post_id IS NULL"
                f" AND {is_time('due_at')} ORDER BY due_at LIMIT 1",
                (subscription_id,),
            )
            unpublished, without_thread = [
                await fetch_waiting_messages(connection, self._damage, subscription_id, action)
                for action in (FollowUpAction.PUBLISH, FollowUpAction.DISCUSS)
            ]
        counts = Counter[str]()
        reasons = defaultdict[str, list[tuple[Reason, int]]](list)
        for row in settled:
            counts[row["status"]] += row["posts"]
            if row["code"] is not None:
                for reason in self._damage.decode_all([row], _decode_reason):
                    reasons[row["status"]].append((reason, row["posts"]))
        return SubscriptionActivity(
            posted=counts[PostStatus.SENT],
            folded=counts[PostStatus.FOLDED],
            waiting=waiting,
            failed=counts[PostStatus.FAILED],
            uncertain=counts[PostStatus.UNCERTAIN],
            skipped=tuple(reasons[PostStatus.SKIPPED]),
            next_at=decode_wake_up(next_at, since),
            failures=tuple(reasons[PostStatus.FAILED]),
            reduced=tuple(
                each for each in reasons[PostStatus.SENT] if isinstance(each[0], MessageReduced)
            ),
            unpublished=unpublished,
            without_thread=without_thread,
        )

    @override
    async def seen_by(self, guild_id: int, story_id: int) -> frozenset[int]:
        rows = await self._fetch_all(
            "SELECT s.id FROM subscription_seen AS x"
            " JOIN subscriptions AS s ON s.id = x.subscription_id"
            " WHERE x.article_id = ? AND s.guild_id = ?",
            (story_id, guild_id),
        )
        return frozenset(row[0] for row in rows)


def _story_conditions(rules: Rules) -> tuple[list[str], list[Value]]:
    """The conditions on `articles AS a` of topics and minimum quality, and their values."""
    conditions = ["a.scope = ?", "a.withdrawn = 0", "a.quality >= ?"]
    values: list[Value] = [OPERATOR, rules.min_quality]
    if rules.topics:
        conditions.append(
            "a.id IN (SELECT x.article_id FROM topics AS t"
            " JOIN article_topics AS x ON x.scope = ? AND x.topic_id = t.id"
            " WHERE t.folded IN (SELECT value FROM json_each(?)))"
        )
        values += [OPERATOR, json.dumps([topic.casefold() for topic in rules.topics])]
    return conditions, values


def _decode_reason(row: Row) -> Reason:
    reason: Reason = POSTS.decode(row, ("reason",))["reason"]
    return reason
