"""Convert between rows and models.

Decoding raises `DamagedRowError` for a row that this program can't have written: see
`storage.sqlite.columns`. Readers of several rows leave it out: see `storage.sqlite.damage`.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from storage.models import (
    Article,
    DeliveryOptions,
    Look,
    Notice,
    Rules,
    SourceFindings,
    Story,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import FollowUp, NewPost, Post, PostEvent, PostStatus, RecoveredChannel
from storage.reasons import Reason, encode_reason
from storage.sqlite.columns import TABLES, TIME_LENGTH, adapter, microseconds
from storage.sqlite.damage import DamageLog
from storage.sqlite.packing import unpack
from storage.sqlite.values import Row, Value

T = TypeVar("T")

ACCESS_ROLES = TABLES["access_roles"]
ANNOUNCED = TABLES["announced_addresses"]
ARTICLES = TABLES["articles"]
DOCUMENTS = TABLES["documents"]
DRAFTS = TABLES["drafts"]
EDITS = TABLES["edits"]
FOLLOW_UPS = TABLES["follow_ups"]
HISTORY = TABLES["post_history"]
NOTICES = TABLES["notices"]
POSTS = TABLES["posts"]
RECOVERED = TABLES["recovered_channels"]
SETTINGS = TABLES["settings"]
SOURCES = TABLES["sources"]
SUBSCRIPTIONS = TABLES["subscriptions"]

STORY_COLUMNS = (
    "a.id, a.revision, a.first_seen_at, a.withdrawn, a.archive, a.visible_hash,"
    " d.content, d.id AS content_id"
)
# In place of an article's content_hash: its content has left the archive (see `retention`).
EXPIRED = "expired"
STORY_TABLES = (
    f"articles AS a JOIN documents AS d ON d.id = a.document_id AND a.content_hash != '{EXPIRED}'"
)
SELECT_STORIES = f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Stories with much related coverage take half a millisecond each.
_DECODED_AT_ONCE = 10
_STORY = ("id", "revision", "first_seen_at", "withdrawn", "archive", "visible_hash")


def encode_article(article: Article) -> bytes:
    """Encode an article as JSON; equal articles give equal bytes. `packing` compresses them."""
    return adapter(Article).dump_json(article, exclude_defaults=True)


def unpack_content(content_id: int, content: Value) -> bytes:
    """The JSON of a document, by its id. Raises `DamagedRowError`."""
    try:
        return unpack(content)
    except ValueError as error:
        raise DOCUMENTS.damaged({"id": content_id}, "content", str(error)) from error


def decode_content(content_id: int, content: Value) -> Article:
    """Decode the compressed content of a document, by its id. Raises `DamagedRowError`."""
    row = {"id": content_id, "content": content}
    article: Article | None = DOCUMENTS.decode(row, ("content",))["content"]
    if article is None:
        raise DOCUMENTS.damaged(row, "content", "is missing")
    return article


def encode_findings(findings: SourceFindings) -> str:
    """Encode what was noticed of a source as JSON."""
    return adapter(SourceFindings).dump_json(findings, exclude_defaults=True).decode()


def decode_story(row: Row) -> Story:
    """Decode a row of `STORY_COLUMNS`."""
    article = ARTICLES.decode(row, _STORY)
    return Story(
        id=article["id"],
        revision=article["revision"],
        first_seen_at=article["first_seen_at"],
        withdrawn=article["withdrawn"],
        article=decode_content(row["content_id"], row["content"]),
        archive=article["archive"],
    )


async def decode_many(
    damage: DamageLog, rows: Sequence[Row], decode: Callable[[Row], T]
) -> list[T]:
    """Decode rows, and leave out the damaged ones: many in a thread.

    Otherwise nothing else would go on meanwhile: a thousand stories take 50 ms or more.
    """
    if len(rows) <= _DECODED_AT_ONCE:
        return damage.decode_all(rows, decode)
    return await asyncio.to_thread(damage.decode_all, rows, decode)


async def decode_stories(damage: DamageLog, rows: Sequence[Row]) -> list[Story]:
    """Decode rows of `STORY_COLUMNS`, as `decode_many` does."""
    return await decode_many(damage, rows, decode_story)


def is_time(column: str) -> str:
    """SQL for whether a column has a time as `encode_time` writes it."""
    return f"length({column}) = {TIME_LENGTH} AND julianday({column}) IS NOT NULL"


def hash_content(content: bytes) -> str:
    """A short hash of a document's JSON, which does not depend on its compression."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def hash_visible(article: Article) -> str:
    """A hash of what readers see of an article."""
    return hash_content(repr(article.visible).encode(errors="surrogateescape"))


def encode_fields(model: NewPost | Post | FollowUp) -> dict[str, Value]:
    """Encode the fields by name, with times and reasons as text."""
    return {each.name: _encode_field(getattr(model, each.name)) for each in fields(model)}


def _encode_field(value: Value) -> Value:
    if isinstance(value, datetime):
        return encode_time(value)
    return encode_reason(value) if isinstance(value, Reason) else value


def encode_time(time: datetime) -> str:
    """Encode a time in UTC with microseconds, so that texts sort like times."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def encode_microseconds(time: datetime) -> int:
    """Encode a time as microseconds since 1970 in UTC, for columns that lists compare."""
    return (time - _EPOCH) // _MICROSECOND


def decode_microseconds(value: Value) -> datetime:
    """Decode a time of `encode_microseconds`. Raises `ValueError`."""
    return microseconds(value)


def encode_optional_time(time: datetime | None) -> str | None:
    """`encode_time` for a column that may be NULL."""
    return None if time is None else encode_time(time)


def decode_subscription(row: Row) -> Subscription:
    """Decode a row of `subscriptions`."""
    values = SUBSCRIPTIONS.decode(row)
    delivery: DeliveryOptions = values["delivery"]
    best = delivery.digest.best if delivery.digest else None
    if values["digest_best"] != best:
        raise SUBSCRIPTIONS.damaged(row, "digest_best", f"differs from delivery, which has {best}")
    return Subscription(
        id=values["id"],
        guild_id=values["guild_id"],
        created_by=values["created_by"],
        created_at=values["created_at"],
        spec=SubscriptionSpec(
            channel_id=values["channel_id"],
            rules=values["rules"],
            max_per_hour=values["max_per_hour"],
            delivery=delivery,
        ),
        fresh_after=values["fresh_after"],
        paused_by=values["paused_by"],
        paused_reason=values["paused_reason"],
    )


def encode_rules(rules: Rules) -> str:
    """Encode rules as JSON."""
    return adapter(Rules).dump_json(rules, exclude_defaults=True).decode()


def encode_delivery(delivery: DeliveryOptions) -> str:
    """Encode delivery options as JSON."""
    return adapter(DeliveryOptions).dump_json(delivery, exclude_defaults=True).decode()


_MAYBE_SENT = frozenset({PostStatus.CLAIMED, PostStatus.SENT, PostStatus.UNCERTAIN})


def decode_post(row: Row) -> Post:
    """Decode a row of `posts`."""
    values = POSTS.decode(row)
    return Post(
        id=values["id"],
        story_id=values["article_id"],
        subscription_id=values["subscription_id"],
        guild_id=values["guild_id"],
        channel_id=values["channel_id"],
        nonce=values["nonce"],
        status=values["status"],
        catch_up=values["catch_up"],
        planned_at=values["planned_at"],
        due_at=values["due_at"],
        attempts=values["attempts"],
        claimed_at=values["claimed_at"],
        unknown_since=values["unknown_since"],
        settled_at=values["settled_at"],
        message_id=values["message_id"],
        reason=values["reason"],
        lead_post_id=values["lead_post_id"],
        digest_position=values["place"],
        shown=values["shown_hash"],
        message_removed=values["message_removed"],
        # A flipped bit must not have a story sent again.
        replaceable=values["replaceable"] and values["status"] not in _MAYBE_SENT,
        thread_id=values["thread_id"],
        look=values["look"] or Look.CARD,
    )


def decode_event(row: Row) -> PostEvent:
    """Decode a row of `post_history`."""
    values = HISTORY.decode(row)
    return PostEvent(values["at"], values["status"], values["reason"])


def decode_notice(row: Row) -> Notice:
    """Decode a row of `notices`."""
    values = NOTICES.decode(row)
    return Notice(values["newest_subscription_id"], values["cause"])


def decode_recovered_channel(row: Row) -> RecoveredChannel:
    """Decode a row of `recovered_channels`."""
    values = RECOVERED.decode(row)
    return RecoveredChannel(
        channel_id=values["channel_id"],
        backup=values["backup"],
        recovered_at=values["recovered_at"],
        messages=values["messages"],
        problem=values["problem"],
    )
