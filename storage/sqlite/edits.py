"""Edits: messages that are to show their stories as they are now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

import aiosqlite

from storage.posts import DueEdit, NewPost
from storage.sqlite.codec import ArticleCodec, decode_post, encode_time
from storage.sqlite.database import Database, fetch_all, fetch_value
from storage.sqlite.folding import revive_folded
from storage.sqlite.messages import LED, MESSAGE, decode_hashes, fetch_shown, fetch_wanting

# Messages of which a story does not look as it is told there.
_BEHIND = f"""
    INSERT INTO edits (post_id, due_at)
    SELECT lead.id, :now {LED}
    WHERE p.status IN ('sent', 'folded') AND p.shown_hash IS NOT a.visible_hash
    AND lead.status = 'sent' AND lead.shown_hash IS NOT 'deleted'
"""
_AGAIN = " ON CONFLICT (post_id) DO UPDATE SET due_at = excluded.due_at, attempts = 0"


class SqliteEdits:
    """The edits' part of `storage.protocols.OutboxStore`."""

    def __init__(self, database: Database, codec: ArticleCodec) -> None:
        self._database = database
        self._codec = codec

    async def due_edits(
        self, now: datetime, limit: int, busy_channels: Sequence[int]
    ) -> Sequence[DueEdit]:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
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
                post = decode_post(row)
                shown = await fetch_shown(connection, self._codec, post.id)
                edits.append(
                    DueEdit(
                        post,
                        shown.story,
                        shown.visible_hash,
                        row["edit_attempts"],
                        shown.digest,
                        shown.coverage,
                        await fetch_wanting(connection, post),
                    )
                )
        return edits

    async def finish_edit(self, edit: DueEdit, now: datetime, *, deleted: bool = False) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute("DELETE FROM edits WHERE post_id = ?", (edit.post.id,))
            await connection.executemany(
                "UPDATE posts SET shown_hash = ? WHERE id = ?",
                [
                    ("deleted" if deleted else shown, post_id)
                    for post_id, shown in decode_hashes(edit.visible_hash).items()
                ],
            )
            await plan_edit_if_changed(connection, edit.post.id, now)
            if deleted:
                # What was folded into it was shown there only.
                await revive_folded(connection, list(decode_hashes(edit.visible_hash)), now)

        await self._database.write(work)

    async def delay_edit(self, edit: DueEdit, until: datetime) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "UPDATE edits SET due_at = ?, attempts = attempts + 1 WHERE post_id = ?",
                (encode_time(until), edit.post.id),
            )

        await self._database.write(work)

    async def drop_edit(self, edit: DueEdit) -> None:
        """See `OutboxStore`."""

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute("DELETE FROM edits WHERE post_id = ?", (edit.post.id,))

        await self._database.write(work)

    async def count_edits(self) -> int:
        """See `OutboxStore`."""
        async with self._database.read() as connection:
            return int(await fetch_value(connection, "SELECT count(*) FROM edits"))


async def plan_edits(
    connection: aiosqlite.Connection, cursor: int, new_cursor: int, now: datetime, since: datetime
) -> int:
    """Plan edits of messages sent since a time whose stories changed between two revisions."""
    planned = await connection.execute(
        f"{_BEHIND} AND a.revision > :cursor AND a.revision <= :new_cursor"
        f" AND lead.settled_at > :since {_AGAIN}",
        {
            "now": encode_time(now),
            "cursor": cursor,
            "new_cursor": new_cursor,
            "since": encode_time(since),
        },
    )
    return planned.rowcount


async def plan_coverage_edits(
    connection: aiosqlite.Connection, posts: Iterable[NewPost], now: datetime, since: datetime
) -> int:
    """Plan edits of messages sent since a time that one of the new posts was folded into."""
    nonces = json.dumps([post.nonce for post in posts if post.kin])
    planned = await connection.execute(
        f"{_BEHIND} AND p.nonce IN (SELECT value FROM json_each(:nonces))"
        f" AND lead.settled_at > :since {_AGAIN}",
        {"now": encode_time(now), "nonces": nonces, "since": encode_time(since)},
    )
    return planned.rowcount


async def plan_edit_if_changed(
    connection: aiosqlite.Connection, post_id: int, now: datetime
) -> None:
    """Plan the edit of a message of which a story changed while it was being sent or edited."""
    await connection.execute(
        f"{_BEHIND} AND p.id IN ({MESSAGE}) {_AGAIN}", {"now": encode_time(now), "lead": post_id}
    )


async def show_again(connection: aiosqlite.Connection, lead: int, now: datetime) -> None:
    """Plan the edit of a message that is to show less than it does, if there is one."""
    await connection.execute(
        "INSERT INTO edits (post_id, due_at) SELECT id, :now FROM posts WHERE id = :lead"
        f" AND status = 'sent' AND shown_hash IS NOT 'deleted' {_AGAIN}",
        {"now": encode_time(now), "lead": lead},
    )


async def note_shown(connection: aiosqlite.Connection, lead: int) -> None:
    """Note what a message shows that is about to be sent.

    If an earlier attempt may have shown it otherwise, nobody knows what is there.
    """
    await connection.execute(
        "UPDATE posts SET shown_hash = (SELECT iif(lead.unknown_since IS NULL"
        " OR posts.shown_hash = a.visible_hash, a.visible_hash, 'unknown')"
        " FROM articles AS a JOIN posts AS lead ON lead.id = :lead WHERE a.id = posts.article_id)"
        f" WHERE id IN ({MESSAGE})",
        {"lead": lead},
    )
