"""What the planner looks at."""

from __future__ import annotations

import json
from datetime import datetime

import aiosqlite
from typing_extensions import override

from storage.posts import PlannerCursor, PlannerView
from storage.protocols import OutboxStore
from storage.sqlite.aggregate import Aggregate
from storage.sqlite.codec import (
    STORY_COLUMNS,
    STORY_TABLES,
    encode_optional_time,
)
from storage.sqlite.database import fetch_all, fetch_value
from storage.sqlite.matching import fetch_matching

CURSOR = "planner_cursor"
SUBSCRIPTIONS_CHANGED = "subscriptions_changed"
LATEST_REVISION = "SELECT coalesce(max(revision), 0) FROM articles"


class SqlitePlanning(Aggregate, OutboxStore):
    """The planner's part of `OutboxStore`."""

    @override
    async def planner_view(
        self, limit: int, *, planned_since: datetime | None = None
    ) -> PlannerView:
        async with self._database.read() as connection:
            cursor = await fetch_cursor(connection)
            rows = await fetch_all(
                connection,
                f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES}"
                " WHERE a.revision > ? ORDER BY a.revision LIMIT ?",
                (cursor.revision, limit),
            )
            if not rows:
                return PlannerView(cursor=cursor.revision, stories=(), subscriptions=())
            stories = tuple(self._codec.decode_story(row) for row in rows)
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
                f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES} WHERE a.last_planned_at > ?"
                " AND NOT a.withdrawn ORDER BY a.id",
                (encode_optional_time(planned_since),),
            )
            return PlannerView(
                cursor=cursor.revision,
                stories=stories,
                subscriptions=tuple(await fetch_matching(connection, stories)),
                posted=frozenset((row[0], row[1]) for row in posted),
                seen=frozenset((row[0], row[1]) for row in seen),
                recent=tuple(self._codec.decode_story(row) for row in recent),
                subscriptions_version=cursor.subscriptions_version,
            )


async def fetch_cursor(connection: aiosqlite.Connection) -> PlannerCursor:
    """Where the planner stands."""

    async def value(name: str) -> int:
        return int(
            await fetch_value(connection, "SELECT value FROM settings WHERE name = ?", (name,))
        )

    return PlannerCursor(await value(CURSOR), await value(SUBSCRIPTIONS_CHANGED))
