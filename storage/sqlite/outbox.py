"""The outbox: its owner, its transactions, and queries for planning, sending and editing."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import aiosqlite
from typing_extensions import override

from storage.errors import DamagedRowError, NotFoundError
from storage.messages import build_due_edit
from storage.models import DeliveryOptions
from storage.posts import (
    ClaimedPost,
    DueEdit,
    FollowUp,
    FollowUpAction,
    FollowUpStatus,
    PlannerSnapshot,
    Post,
    PostEvent,
    PostStatus,
)
from storage.protocols import OutboxStore
from storage.protocols.transaction import Transaction
from storage.sqlite import follow_ups as follow_up_sql
from storage.sqlite.base import StorePart
from storage.sqlite.codec import (
    EDITS,
    POSTS,
    SELECT_STORIES,
    decode_event,
    decode_post,
    decode_stories,
    decode_subscription,
    encode_optional_time,
    encode_time,
    is_time,
)
from storage.sqlite.columns import HIGHEST_COUNTED, TABLES
from storage.sqlite.database import Database, Readers, fetch_all, fetch_value
from storage.sqlite.due_posts import decode_wake_up, fetch_next_due_at, has_capped, has_due
from storage.sqlite.matching import fetch_matching
from storage.sqlite.messages import fetch_claimed, fetch_message
from storage.sqlite.owner_lock import OwnerLock
from storage.sqlite.transaction import SqliteTransaction, fetch_cursor, find_post
from storage.sqlite.values import Row

T = TypeVar("T")

# A post that is due later than its subscription and this wait explain was planned while the clock
# was wrong.
_LONGEST_WAIT = timedelta(hours=1)
_WAITS = (
    "(status = 'folded' OR status = 'planned' AND lead_post_id IS NULL) AND unknown_since IS NULL"
    f" AND {is_time('due_at')}"
)
_RETRIES = (
    "(status = 'retry' OR status = 'planned' AND unknown_since IS NOT NULL)"
    f" AND lead_post_id IS NULL AND {is_time('due_at')}"
)


_DUE_EDITS = f"""
    SELECT p.*, min(e.due_at), e.attempts AS edit_attempts, {follow_up_sql.PUBLISHED} AS published
    FROM edits AS e JOIN posts AS p ON p.id = e.post_id WHERE e.due_at <= :now
    AND p.channel_id NOT IN (SELECT value FROM json_each(:busy))
    AND p.id NOT IN (SELECT value FROM json_each(:set_aside))
    AND p.channel_id NOT IN (SELECT channel_id FROM subscriptions
        WHERE (paused_by = 'bot' OR left_at IS NOT NULL) AND removed_at IS NULL)
    GROUP BY p.channel_id ORDER BY e.due_at LIMIT :limit
"""

# Times that are compared with the current time, and would have an effect until it comes.
_NEVER_AHEAD = [
    ("edits", "due_at"),
    ("posts", "planned_at"),
    ("articles", "last_planned_at"),
    ("subscriptions", "removed_at"),
    ("subscriptions", "left_at"),
    ("subscriptions", "fresh_after"),
    ("drafts", "saved_at"),
    ("follow_ups", "sent_at"),
    ("follow_ups", "tried_at"),
]


class SqliteOutbox(StorePart, OutboxStore):
    """`OutboxStore`."""

    def __init__(self, database: Database, owner: OwnerLock) -> None:
        super().__init__(database)
        self._owner = owner

    @override
    async def acquire_outbox(self) -> None:
        await self._database.guard(self._owner.acquire())

    @override
    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._database.write(
            lambda connection: work(SqliteTransaction(connection, self._damage))
        )

    @override
    async def planner_snapshot(
        self, limit: int, *, planned_since: datetime | None = None
    ) -> PlannerSnapshot:
        async with self._database.read(Readers.ANNOUNCEMENTS) as connection:
            cursor = await fetch_cursor(connection, self._damage)
            rows = await fetch_all(
                connection,
                f"{SELECT_STORIES} WHERE a.revision > ? ORDER BY a.revision LIMIT ?",
                (cursor.revision, limit),
            )
            # A revision that isn't a number, or is too large, comes after all others, and there is
            # no way past it.
            read = [
                row["revision"]
                for row in rows
                if isinstance(row["revision"], int) and row["revision"] <= HIGHEST_COUNTED
            ]
            last_revision = max(read, default=cursor.revision)
            stories = tuple(await decode_stories(self._damage, rows))
            if not stories:
                return PlannerSnapshot(
                    cursor=cursor.revision,
                    stories=(),
                    subscriptions=(),
                    subscriptions_version=cursor.subscriptions_version,
                    last_revision=last_revision,
                )
            ids = json.dumps([story.id for story in stories])
            posted = await fetch_all(
                connection,
                "SELECT article_id, channel_id FROM posts"
                " WHERE article_id IN (SELECT value FROM json_each(?)) AND NOT replaceable",
                (ids,),
            )
            seen = await fetch_all(
                connection,
                "SELECT subscription_id, article_id FROM subscription_seen"
                " WHERE article_id IN (SELECT value FROM json_each(?))",
                (ids,),
            )
            recent = await fetch_all(
                connection,
                f"{SELECT_STORIES} WHERE a.last_planned_at > ? AND NOT a.withdrawn ORDER BY a.id",
                (encode_optional_time(planned_since),),
            )
            return PlannerSnapshot(
                cursor=cursor.revision,
                stories=stories,
                subscriptions=tuple(await fetch_matching(connection, self._damage, stories)),
                posted=frozenset((row[0], row[1]) for row in posted),
                seen=frozenset((row[0], row[1]) for row in seen),
                recent=tuple(await decode_stories(self._damage, recent)),
                subscriptions_version=cursor.subscriptions_version,
                last_revision=last_revision,
            )

    @override
    async def has_due_posts(self, now: datetime, busy_channels: Sequence[int]) -> bool:
        async with self._database.read(Readers.ANNOUNCEMENTS) as connection:
            return await has_due(connection, now, busy_channels)

    @override
    async def due_edits(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[DueEdit]:
        set_aside = list[int]()
        async with self._database.read(Readers.ANNOUNCEMENTS) as connection:
            while True:
                rows = await fetch_all(
                    connection,
                    _DUE_EDITS,
                    {
                        "now": encode_time(now),
                        "busy": json.dumps(list(busy_channels)),
                        "set_aside": json.dumps(set_aside),
                        "limit": limit,
                    },
                )
                edits, damaged = list[DueEdit](), list[int]()
                for row in rows:
                    try:
                        edits.append(await self._due_edit(connection, row))
                    except DamagedRowError as error:
                        self._damage.note(error)
                        damaged.append(row["id"])
                # Without the damaged ones, there may be others.
                if not damaged:
                    return edits
                set_aside += damaged

    async def _due_edit(self, connection: aiosqlite.Connection, row: Row) -> DueEdit:
        edit = {"post_id": row["id"], "attempts": row["edit_attempts"]}
        attempts = EDITS.decode(edit, ("attempts",))["attempts"]
        claimed, shown = await fetch_message(connection, self._damage, row)
        return build_due_edit(claimed, shown, attempts, published=bool(row["published"]))

    @override
    async def delay_edit(self, edit: DueEdit, until: datetime) -> None:
        await self._execute(
            "UPDATE edits SET due_at = ?, attempts = attempts + 1"
            f" WHERE post_id = ? AND {EDITS.intact}",
            (encode_time(until), edit.post.id),
        )

    @override
    async def drop_edit(self, edit: DueEdit) -> None:
        await self._execute("DELETE FROM edits WHERE post_id = ?", (edit.post.id,))

    @override
    async def count_edits(self) -> int:
        return int(await self._fetch_value("SELECT count(*) FROM edits"))

    @override
    async def due_follow_ups(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[tuple[int, FollowUpAction]]:
        async with self._database.read(Readers.ANNOUNCEMENTS) as connection:
            return await follow_up_sql.fetch_due(connection, now, limit, busy_channels)

    @override
    async def list_follow_ups(self, post_id: int) -> Sequence[FollowUp]:
        rows = await self._fetch_all(
            "SELECT * FROM follow_ups WHERE post_id = ? ORDER BY action", (post_id,)
        )
        return self._damage.decode_all(rows, follow_up_sql.decode_follow_up)

    @override
    async def correct_times(
        self, now: datetime, first_due: Callable[[DeliveryOptions, datetime], datetime]
    ) -> None:

        async def work(connection: aiosqlite.Connection) -> None:
            times = {"now": encode_time(now), "late": encode_time(now + _LONGEST_WAIT)}
            rows = await fetch_all(
                connection,
                "SELECT * FROM subscriptions WHERE id IN (SELECT subscription_id FROM posts"
                f" WHERE {_WAITS} AND due_at > :now AND (changed_at > :now OR due_at > :late))",
                times,
            )
            for subscription in self._database.damage.decode_all(rows, decode_subscription):
                delivery = subscription.spec.delivery
                await connection.execute(
                    f"UPDATE posts SET due_at = min(due_at, :due) WHERE {_WAITS}"
                    f" AND {POSTS.intact}"
                    " AND subscription_id = :id AND (changed_at > :now OR due_at > :late)",
                    {
                        "id": subscription.id,
                        "now": encode_time(now),
                        "due": encode_time(first_due(delivery, now)),
                        "late": encode_time(first_due(delivery, now + _LONGEST_WAIT)),
                    },
                )
            await connection.execute(
                f"UPDATE posts SET due_at = :now WHERE {_RETRIES} AND {POSTS.intact}"
                " AND due_at > :now AND (changed_at > :now OR due_at > :late)",
                times,
            )
            await follow_up_sql.correct_times(connection, now, now + _LONGEST_WAIT)
            for table, column in _NEVER_AHEAD:
                await connection.execute(
                    f"UPDATE {table} SET {column} = :now"
                    f" WHERE {column} > :now AND {is_time(column)} AND {TABLES[table].intact}",
                    times,
                )

        await self._database.write(work)

    @override
    async def retry_after_outage(self, now: datetime, codes: Sequence[str]) -> None:

        async def work(connection: aiosqlite.Connection) -> None:
            values = {"now": encode_time(now), "codes": json.dumps(list(codes))}
            for table, status in (
                ("posts", PostStatus.RETRY),
                ("follow_ups", FollowUpStatus.WAITING),
            ):
                await connection.execute(
                    f"UPDATE {table} SET due_at = :now WHERE status = '{status}' AND due_at > :now"
                    " AND CASE WHEN json_valid(reason) THEN json_extract(reason, '$.code') END"
                    " IN (SELECT value FROM json_each(:codes))",
                    values,
                )
            await connection.execute(
                "UPDATE edits SET due_at = :now WHERE due_at > :now AND attempts > 0",
                {"now": encode_time(now)},
            )

        await self._database.write(work)

    @override
    async def next_due_at(self, now: datetime) -> datetime | None:
        async with self._database.read(Readers.ANNOUNCEMENTS) as connection:
            post = await fetch_next_due_at(connection, now)
            edit = await fetch_value(
                connection,
                f"SELECT due_at FROM edits WHERE due_at > ? AND {is_time('due_at')}"
                " ORDER BY due_at LIMIT 1",
                (encode_time(now),),
            )
            follow_up = await follow_up_sql.fetch_next_due_at(connection, now)
        return min(filter(None, [post, decode_wake_up(edit, now), follow_up]), default=None)

    @override
    async def has_capped_posts(self, now: datetime) -> bool:
        async with self._database.read(Readers.ANNOUNCEMENTS) as connection:
            return await has_capped(connection, now)

    @override
    async def data_version(self) -> object:
        version = await self._database.version()
        if self._owner.held:
            await asyncio.to_thread(self._owner.renew)
        return version

    @override
    async def get_post(self, post_id: int) -> Post:
        async with self._database.read() as connection:
            return self._damage.decode(await find_post(connection, post_id), decode_post)

    @override
    async def get_delivered(self, post_id: int) -> ClaimedPost:
        async with self._database.read() as connection:
            row = await find_post(connection, post_id)
            return await fetch_claimed(connection, self._damage, row)

    @override
    async def find_post(self, story_id: int, channel_id: int) -> Post | None:
        row = await self._fetch_one(
            "SELECT * FROM posts WHERE article_id = ? AND channel_id = ?", (story_id, channel_id)
        )
        return None if row is None else self._damage.decode(row, decode_post)

    @override
    async def list_posts(self, statuses: Sequence[PostStatus], limit: int) -> Sequence[ClaimedPost]:
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT * FROM posts WHERE status IN (SELECT value FROM json_each(?))"
                " ORDER BY changed_at DESC, id DESC LIMIT ?",
                (json.dumps(list(statuses)), limit),
            )
            found = []
            for row in rows:
                try:
                    found.append(await fetch_claimed(connection, self._damage, row))
                except DamagedRowError as error:
                    self._damage.note(error)
        return found

    @override
    async def post_history(self, post_id: int) -> Sequence[PostEvent]:
        rows = await self._fetch_all(
            "SELECT * FROM post_history WHERE post_id = ? ORDER BY id", (post_id,)
        )
        if not rows:
            raise NotFoundError(f"there is no post {post_id}")
        return self._damage.decode_all(rows, decode_event)

    @override
    async def count_posts(self) -> Mapping[PostStatus, int]:
        rows = await self._fetch_all("SELECT status, count(*) FROM posts GROUP BY status")
        known = set(PostStatus)
        return {PostStatus(status): posts for status, posts in rows if status in known}
