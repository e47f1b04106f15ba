"""The outbox: its owner, its transactions, and queries for planning, sending and editing."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import aiosqlite
from filelock import FileLock, Timeout
from typing_extensions import override

from storage.errors import NotFoundError, StoreLockedError
from storage.messages import build_due_edit
from storage.posts import ClaimedPost, DueEdit, PlannerSnapshot, Post, PostEvent, PostStatus
from storage.protocols import OutboxStore
from storage.protocols.transaction import Transaction
from storage.sqlite.base import StorePart
from storage.sqlite.codec import (
    SELECT_STORIES,
    decode_optional_reason,
    decode_optional_time,
    decode_post,
    decode_stories,
    decode_time,
    encode_optional_time,
    encode_time,
)
from storage.sqlite.database import Database, Readers, fetch_all, fetch_value
from storage.sqlite.due_posts import fetch_next_due_at, has_capped, has_due
from storage.sqlite.matching import fetch_matching
from storage.sqlite.messages import fetch_claimed, fetch_message
from storage.sqlite.transaction import SqliteTransaction, fetch_cursor, find_post

T = TypeVar("T")

# No digest is planned further ahead; if one is, it was planned while the clock was wrong.
_DIGEST_AHEAD = timedelta(days=8)


class SqliteOutbox(StorePart, OutboxStore):
    """`OutboxStore`."""

    def __init__(self, database: Database, owner: FileLock) -> None:
        super().__init__(database)
        self._owner = owner

    @override
    async def acquire_outbox(self) -> None:
        try:
            self._owner.acquire(blocking=False)
        except Timeout as error:
            raise StoreLockedError(
                f"another Storywire is using this database ({self._owner.lock_file} is locked);"
                " stop it first, or use another database"
            ) from error
        except OSError as error:
            raise StoreLockedError(
                f"{self._owner.lock_file} can't be locked: {error.strerror}; check its folder"
            ) from error

    @override
    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._database.write(lambda connection: work(SqliteTransaction(connection)))

    @override
    async def planner_snapshot(
        self, limit: int, *, planned_since: datetime | None = None
    ) -> PlannerSnapshot:
        async with self._database.read(Readers.ANNOUNCEMENTS) as connection:
            cursor = await fetch_cursor(connection)
            rows = await fetch_all(
                connection,
                f"{SELECT_STORIES} WHERE a.revision > ? ORDER BY a.revision LIMIT ?",
                (cursor.revision, limit),
            )
            if not rows:
                return PlannerSnapshot(cursor=cursor.revision, stories=(), subscriptions=())
            stories = tuple(await decode_stories(rows))
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
                subscriptions=tuple(await fetch_matching(connection, stories)),
                posted=frozenset((row[0], row[1]) for row in posted),
                seen=frozenset((row[0], row[1]) for row in seen),
                recent=tuple(await decode_stories(recent)),
                subscriptions_version=cursor.subscriptions_version,
            )

    @override
    async def has_due_posts(self, now: datetime, busy_channels: Sequence[int]) -> bool:
        async with self._database.read(Readers.ANNOUNCEMENTS) as connection:
            return await has_due(connection, now, busy_channels)

    @override
    async def due_edits(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[DueEdit]:
        async with self._database.read(Readers.ANNOUNCEMENTS) as connection:
            rows = await fetch_all(
                connection,
                "SELECT p.*, min(e.due_at), e.attempts AS edit_attempts"
                " FROM edits AS e JOIN posts AS p ON p.id = e.post_id WHERE e.due_at <= ?"
                " AND p.channel_id NOT IN (SELECT value FROM json_each(?))"
                " AND p.channel_id NOT IN (SELECT channel_id FROM subscriptions"
                " WHERE (paused_by = 'bot' OR left_at IS NOT NULL) AND removed_at IS NULL)"
                " GROUP BY p.channel_id ORDER BY e.due_at LIMIT ?",
                (encode_time(now), json.dumps(list(busy_channels)), limit),
            )
            edits = []
            for row in rows:
                claimed, shown = await fetch_message(connection, row)
                edits.append(build_due_edit(claimed, shown, row["edit_attempts"]))
        return edits

    @override
    async def delay_edit(self, edit: DueEdit, until: datetime) -> None:
        await self._execute(
            "UPDATE edits SET due_at = ?, attempts = attempts + 1 WHERE post_id = ?",
            (encode_time(until), edit.post.id),
        )

    @override
    async def drop_edit(self, edit: DueEdit) -> None:
        await self._execute("DELETE FROM edits WHERE post_id = ?", (edit.post.id,))

    @override
    async def count_edits(self) -> int:
        return int(await self._fetch_value("SELECT count(*) FROM edits"))

    @override
    async def reset_future_due_times(self, now: datetime) -> None:

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "UPDATE posts SET due_at = :now WHERE status IN ('planned', 'retry')"
                " AND lead_post_id IS NULL AND changed_at > :now AND (due_at > :digest OR"
                " NOT EXISTS (SELECT 1 FROM subscriptions AS s WHERE s.id = posts.subscription_id"
                " AND s.digest_best IS NOT NULL AND posts.unknown_since IS NULL))",
                {"now": encode_time(now), "digest": encode_time(now + _DIGEST_AHEAD)},
            )
            await connection.execute(
                "UPDATE edits SET due_at = :now WHERE due_at > :now", {"now": encode_time(now)}
            )

        await self._database.write(work)

    @override
    async def next_due_at(self, now: datetime) -> datetime | None:
        async with self._database.read(Readers.ANNOUNCEMENTS) as connection:
            post = await fetch_next_due_at(connection, now)
            edit = await fetch_value(
                connection, "SELECT min(due_at) FROM edits WHERE due_at > ?", (encode_time(now),)
            )
        return min(filter(None, [post, decode_optional_time(edit)]), default=None)

    @override
    async def has_capped_posts(self, now: datetime) -> bool:
        async with self._database.read(Readers.ANNOUNCEMENTS) as connection:
            return await has_capped(connection, now)

    @override
    async def data_version(self) -> object:
        return await self._database.version()

    @override
    async def get_post(self, post_id: int) -> Post:
        async with self._database.read() as connection:
            return decode_post(await find_post(connection, post_id))

    @override
    async def get_delivered(self, post_id: int) -> ClaimedPost:
        async with self._database.read() as connection:
            return await fetch_claimed(connection, await find_post(connection, post_id))

    @override
    async def find_post(self, story_id: int, channel_id: int) -> Post | None:
        row = await self._fetch_one(
            "SELECT * FROM posts WHERE article_id = ? AND channel_id = ?", (story_id, channel_id)
        )
        return None if row is None else decode_post(row)

    @override
    async def list_posts(self, statuses: Sequence[PostStatus], limit: int) -> Sequence[ClaimedPost]:
        async with self._database.read() as connection:
            rows = await fetch_all(
                connection,
                "SELECT * FROM posts WHERE status IN (SELECT value FROM json_each(?))"
                " ORDER BY changed_at DESC, id DESC LIMIT ?",
                (json.dumps(list(statuses)), limit),
            )
            return [await fetch_claimed(connection, row) for row in rows]

    @override
    async def post_history(self, post_id: int) -> Sequence[PostEvent]:
        rows = await self._fetch_all(
            "SELECT at, status, reason FROM post_history WHERE post_id = ? ORDER BY id", (post_id,)
        )
        if not rows:
            raise NotFoundError(f"there is no post {post_id}")
        return [
            PostEvent(decode_time(at), PostStatus(status), decode_optional_reason(reason))
            for at, status, reason in rows
        ]

    @override
    async def count_posts(self) -> Mapping[PostStatus, int]:
        rows = await self._fetch_all("SELECT status, count(*) FROM posts GROUP BY status")
        return {PostStatus(status): posts for status, posts in rows}
