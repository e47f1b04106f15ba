"""What became of a subscription's stories."""

from __future__ import annotations

from datetime import datetime

from storage.models import SubscriptionActivity
from storage.posts import Post, PostStatus
from storage.reasons import decode_reason
from storage.sqlite.codec import ArticleCodec, decode_optional_time, decode_post, encode_time
from storage.sqlite.database import Database, fetch_all, fetch_one, fetch_value
from storage.sqlite.subscriptions import find_subscription

_WAITING = "subscription_id = ? AND status IN ('planned', 'claimed', 'retry')"


class SqliteActivity:
    """Activity, of `storage.protocols.SubscriptionStore`."""

    def __init__(self, database: Database, codec: ArticleCodec) -> None:
        self._database = database
        self._codec = codec

    async def subscription_activity(
        self, guild_id: int, subscription_id: int, since: datetime
    ) -> SubscriptionActivity:
        """See `SubscriptionStore`."""
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
                f"SELECT min(due_at) FROM posts WHERE {_WAITING} AND told_by IS NULL",
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

    async def find_post(self, story_id: int, channel_id: int) -> Post | None:
        """See `SubscriptionStore`."""
        async with self._database.read() as connection:
            row = await fetch_one(
                connection,
                "SELECT * FROM posts WHERE article_id = ? AND channel_id = ?",
                (story_id, channel_id),
            )
        return None if row is None else decode_post(row)

    async def seen_by(self, guild_id: int, story_id: int) -> frozenset[int]:
        """See `SubscriptionStore`."""
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT s.id FROM subscription_seen AS x"
                " JOIN subscriptions AS s ON s.id = x.subscription_id"
                " WHERE x.article_id = ? AND s.guild_id = ?",
                (story_id, guild_id),
            )
        return frozenset(row[0] for row in rows)
