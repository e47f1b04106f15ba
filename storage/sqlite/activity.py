"""What became of a subscription's stories."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import override

from storage.models import SubscriptionActivity
from storage.posts import PostStatus
from storage.protocols import SubscriptionStore
from storage.reasons import decode_reason
from storage.sqlite.aggregate import Aggregate
from storage.sqlite.codec import decode_optional_time, encode_time
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.transaction import find_subscription

_WAITING = "subscription_id = ? AND status IN ('planned', 'claimed', 'retry')"


class SqliteActivity(Aggregate, SubscriptionStore):
    """What became of the posts of `SubscriptionStore`."""

    @override
    async def subscription_activity(
        self, guild_id: int, subscription_id: int, since: datetime
    ) -> SubscriptionActivity:
        async with self._database.read() as connection:
            await find_subscription(connection, guild_id, subscription_id)
            settled = await fetch_all(
                connection,
                # With max(), `reason` is that of the row that has the maximum.
                "SELECT status, iif(status = 'skipped', json_extract(reason, '$.code'), NULL)"
                " AS code, count(*) AS posts, reason, max(settled_at) FROM posts"
                " WHERE subscription_id = ? AND settled_at >= ?"
                " AND status IN ('sent', 'folded', 'failed', 'uncertain', 'skipped')"
                " GROUP BY 1, 2 ORDER BY 3 DESC, 2",
                (subscription_id, encode_time(since)),
            )
            waiting = await fetch_value(
                connection, f"SELECT count(*) FROM posts WHERE {_WAITING}", (subscription_id,)
            )
            next_at = await fetch_value(
                connection,
                f"SELECT min(due_at) FROM posts WHERE {_WAITING} AND lead_post_id IS NULL",
                (subscription_id,),
            )
        counts = {row["status"]: row["posts"] for row in settled if row["code"] is None}
        return SubscriptionActivity(
            posted=counts.get(PostStatus.SENT, 0),
            folded=counts.get(PostStatus.FOLDED, 0),
            waiting=waiting,
            failed=counts.get(PostStatus.FAILED, 0),
            uncertain=counts.get(PostStatus.UNCERTAIN, 0),
            skipped=tuple(
                (decode_reason(row["reason"]), row["posts"])
                for row in settled
                if row["code"] is not None
            ),
            next_at=decode_optional_time(next_at),
        )

    @override
    async def seen_by(self, guild_id: int, story_id: int) -> frozenset[int]:
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT s.id FROM subscription_seen AS x"
                " JOIN subscriptions AS s ON s.id = x.subscription_id"
                " WHERE x.article_id = ? AND s.guild_id = ?",
                (story_id, guild_id),
            )
        return frozenset(row[0] for row in rows)
