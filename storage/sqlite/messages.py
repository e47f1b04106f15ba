"""Messages: which posts one tells, and what a reader sees in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import aiosqlite

from storage.models import Story, Subscription
from storage.posts import ClaimedPost, Post
from storage.sqlite.codec import (
    STORY_COLUMNS,
    STORY_TABLES,
    ArticleCodec,
    decode_post,
    decode_subscription,
)
from storage.sqlite.database import Row, fetch_all, fetch_one

# A post that is told by itself, or first in a digest, leads its message. The others of the digest
# are told by it; what is folded is told by any of them. `:lead` is the leading post's id.
MESSAGE = """
    SELECT id FROM posts WHERE id = :lead
    UNION SELECT id FROM posts WHERE told_by = :lead
    UNION SELECT f.id FROM posts AS m JOIN posts AS f ON f.told_by = m.id WHERE m.told_by = :lead
"""
# The post `p` with `lead`, the one that leads its message.
LED = """
    FROM posts AS p
    JOIN articles AS a ON a.id = p.article_id
    LEFT JOIN posts AS h ON h.id = p.told_by
    JOIN posts AS lead ON lead.id = coalesce(h.told_by, h.id, p.id)
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a message shows; `hashes` tell by post what a reader sees of each story."""

    story: Story
    digest: tuple[Story, ...]
    coverage: tuple[Story, ...]
    hashes: Mapping[int, str]

    @property
    def visible_hash(self) -> str:
        """Stands for all of it; `decode_hashes` takes it apart."""
        return json.dumps(self.hashes)


def decode_hashes(visible_hash: str) -> Mapping[int, str]:
    """By post, what a message showed."""
    hashes: dict[str, str] = json.loads(visible_hash)
    return {int(post_id): shown for post_id, shown in hashes.items()}


async def fetch_shown(connection: aiosqlite.Connection, codec: ArticleCodec, lead: int) -> Shown:
    """What the message of a post shows: its story, its digest in order, and what is folded in."""
    rows = await fetch_all(
        connection,
        f"SELECT p.id AS post_id, p.status, p.place, a.visible_hash, {STORY_COLUMNS}"
        f" FROM {STORY_TABLES} JOIN posts AS p ON p.article_id = a.id WHERE p.id IN ({MESSAGE})"
        " ORDER BY p.place, p.id",
        {"lead": lead},
    )
    told = [row for row in rows if row["post_id"] == lead or row["status"] != "folded"]
    # What was folded in and withdrawn since is not shown at all.
    folded = [row for row in rows if row not in told and not row["withdrawn"]]
    stories = {row["post_id"]: codec.decode_story(row) for row in (*told, *folded)}
    return Shown(
        story=stories[lead],
        digest=tuple(stories[row["post_id"]] for row in told if row["place"] is not None),
        coverage=tuple(stories[row["post_id"]] for row in folded),
        hashes={row["post_id"]: row["visible_hash"] for row in rows},
    )


async def fetch_claimed(
    connection: aiosqlite.Connection, codec: ArticleCodec, row: Row
) -> ClaimedPost:
    """A row of `posts` with all that its message shows, and whom it is for."""
    post = decode_post(row)
    shown = await fetch_shown(connection, codec, post.id)
    subscription = await fetch_wanting(connection, post)
    return ClaimedPost(post, shown.story, subscription, shown.digest, shown.coverage)


async def fetch_wanting(connection: aiosqlite.Connection, post: Post) -> Subscription | None:
    """The subscription that wants a post in its channel."""
    row = await fetch_one(
        connection,
        "SELECT * FROM subscriptions WHERE id = ? AND channel_id = ? AND removed_at IS NULL",
        (post.subscription_id, post.channel_id),
    )
    return None if row is None else decode_subscription(row)
