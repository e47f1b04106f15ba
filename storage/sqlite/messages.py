"""Read messages: a lead post with all posts and stories that its message shows."""

from collections.abc import Sequence

import aiosqlite

from storage.messages import ShownPost, build_claimed_post
from storage.models import Story, Subscription
from storage.posts import ClaimedPost, Post
from storage.sqlite.codec import (
    POSTS,
    SELECT_STORIES,
    STORY_COLUMNS,
    STORY_TABLES,
    decode_many,
    decode_post,
    decode_stories,
    decode_story,
    decode_subscription,
)
from storage.sqlite.damage import DamageLog
from storage.sqlite.database import fetch_all, fetch_one
from storage.sqlite.values import Row

# The lead post, the other posts of its digest, and posts folded into any of these.
_MESSAGE = """
    SELECT id FROM posts WHERE id = :lead
    UNION SELECT id FROM posts WHERE lead_post_id = :lead
    UNION SELECT folded.id FROM posts AS led JOIN posts AS folded ON folded.lead_post_id = led.id
        WHERE led.lead_post_id = :lead
"""


async def _fetch_shown(
    connection: aiosqlite.Connection, damage: DamageLog, lead: Post
) -> Sequence[ShownPost]:
    """All posts of a lead post's message, with their stories; without damaged ones."""
    rows = await fetch_all(
        connection, f"SELECT * FROM posts WHERE id IN ({_MESSAGE})", {"lead": lead.id}
    )
    posts = {post.id: post for post in damage.decode_all(rows, decode_post)}
    rows = await fetch_all(
        connection,
        f"SELECT p.id AS post_id, {STORY_COLUMNS}"
        f" FROM {STORY_TABLES} JOIN posts AS p ON p.article_id = a.id WHERE p.id IN ({_MESSAGE})",
        {"lead": lead.id},
    )

    def decode(row: Row) -> ShownPost:
        return ShownPost(posts[row["post_id"]], decode_story(row), row["visible_hash"])

    return await decode_many(damage, [row for row in rows if row["post_id"] in posts], decode)


async def fetch_claimed(
    connection: aiosqlite.Connection, damage: DamageLog, row: Row
) -> ClaimedPost:
    """Decode a row of `posts`, with everything that its message shows and its subscription.

    Raises `DamagedRowError` if the post, its story or its subscription is damaged; other damaged
    stories of the message are left out.
    """
    return (await fetch_message(connection, damage, row))[0]


async def fetch_message(
    connection: aiosqlite.Connection, damage: DamageLog, row: Row
) -> tuple[ClaimedPost, Sequence[ShownPost]]:
    """The same, and all posts of the message."""
    post = damage.decode(row, decode_post)
    shown = await _fetch_shown(connection, damage, post)
    if all(each.post.id != post.id for each in shown):
        raise POSTS.damaged(row, "article_id", f"is {post.story_id}, a story that can't be read")
    subscription = await _fetch_subscription_of(connection, damage, post)
    related = await _fetch_related(connection, damage, post)
    return build_claimed_post(post, shown, subscription, related), shown


async def _fetch_related(
    connection: aiosqlite.Connection, damage: DamageLog, post: Post
) -> Sequence[Story]:
    """The stories related to a post's story that its channel has or will have, newest first."""
    rows = await fetch_all(
        connection,
        f"{SELECT_STORIES} WHERE NOT a.withdrawn AND a.id IN ("
        "SELECT r.other_id FROM related_stories AS r JOIN posts AS p ON p.article_id = r.other_id"
        " WHERE r.article_id = :story AND p.channel_id = :channel AND NOT p.message_removed"
        " AND p.status IN ('planned', 'retry', 'claimed', 'sent', 'folded'))"
        " ORDER BY a.dated_at DESC",
        {"story": post.story_id, "channel": post.channel_id},
    )
    return await decode_stories(damage, rows)


async def _fetch_subscription_of(
    connection: aiosqlite.Connection, damage: DamageLog, post: Post
) -> Subscription | None:
    """The post's subscription, if it still posts in the channel."""
    row = await fetch_one(
        connection,
        "SELECT * FROM subscriptions WHERE id = ? AND channel_id = ? AND removed_at IS NULL",
        (post.subscription_id, post.channel_id),
    )
    return None if row is None else damage.decode(row, decode_subscription)
