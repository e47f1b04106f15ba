"""Convert between rows and models."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache, lru_cache

from pydantic import TypeAdapter

from storage.models import (
    NO_FINDINGS,
    Article,
    DeliveryOptions,
    PausedBy,
    Rules,
    SourceFindings,
    Story,
    Subscription,
    SubscriptionSpec,
)
from storage.posts import NewPost, Post, PostStatus
from storage.reasons import Reason, decode_reason, encode_reason
from storage.sqlite.database import Row, Value

STORY_COLUMNS = "a.id, a.revision, a.first_seen_at, a.withdrawn, a.archive, d.content"
STORY_TABLES = "articles AS a JOIN documents AS d ON d.id = a.document_id"
SELECT_STORIES = f"SELECT {STORY_COLUMNS} FROM {STORY_TABLES}"
# Stories with much related coverage take half a millisecond each.
_DECODED_AT_ONCE = 25


def encode_article(article: Article) -> str:
    """Encode an article as JSON; equal articles give equal text."""
    return _article_adapter().dump_json(article, exclude_defaults=True).decode()


def decode_article(content: str) -> Article:
    """Decode what `encode_article` wrote."""
    return _article_adapter().validate_json(content)


@cache
def _article_adapter() -> TypeAdapter[Article]:
    return TypeAdapter(Article)


def encode_findings(findings: SourceFindings) -> str:
    """Encode what was noticed of a source as JSON."""
    return _findings_adapter().dump_json(findings, exclude_defaults=True).decode()


def decode_findings(text: str | None) -> SourceFindings:
    """Decode what `encode_findings` wrote; nothing is noticed of a source that was never read."""
    return NO_FINDINGS if text is None else _findings_adapter().validate_json(text)


@cache
def _findings_adapter() -> TypeAdapter[SourceFindings]:
    return TypeAdapter(SourceFindings)


def decode_story(row: Row) -> Story:
    """Decode a row of `STORY_COLUMNS`."""
    return Story(
        id=row["id"],
        revision=row["revision"],
        first_seen_at=decode_time(row["first_seen_at"]),
        withdrawn=bool(row["withdrawn"]),
        article=decode_article(row["content"]),
        archive=bool(row["archive"]),
    )


async def decode_stories(rows: Sequence[Row]) -> list[Story]:
    """Decode rows of `STORY_COLUMNS`: many in a thread, as a thousand take 50 ms or more."""
    if len(rows) <= _DECODED_AT_ONCE:
        return list(map(decode_story, rows))
    return await asyncio.to_thread(lambda: list(map(decode_story, rows)))


def hash_content(content: str) -> str:
    """A short hash of a document's content."""
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def hash_visible(article: Article) -> str:
    """A hash of what readers see of an article."""
    return hash_content(repr(article.visible))


def encode_fields(model: NewPost | Post) -> dict[str, Value]:
    """Encode the fields by name, with times and reasons as text."""
    return {each.name: _encode_field(getattr(model, each.name)) for each in fields(model)}


def _encode_field(value: Value) -> Value:
    if isinstance(value, datetime):
        return encode_time(value)
    return encode_reason(value) if isinstance(value, Reason) else value


def encode_time(time: datetime) -> str:
    """Encode a time in UTC with microseconds, so that texts sort like times."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def encode_optional_time(time: datetime | None) -> str | None:
    """`encode_time` for a column that may be NULL."""
    return None if time is None else encode_time(time)


def decode_time(text: str) -> datetime:
    """Decode what `encode_time` wrote."""
    return datetime.fromisoformat(text)


def decode_optional_time(text: str | None) -> datetime | None:
    """`decode_time` for a column that may be NULL."""
    return None if text is None else decode_time(text)


def decode_optional_reason(text: str | None) -> Reason | None:
    """Decode the reason in a column that may be NULL."""
    return None if text is None else decode_reason(text)


def decode_subscription(row: Row) -> Subscription:
    """Decode a row of `subscriptions`."""
    return Subscription(
        id=row["id"],
        guild_id=row["guild_id"],
        created_by=row["created_by"],
        created_at=decode_time(row["created_at"]),
        spec=SubscriptionSpec(
            channel_id=row["channel_id"],
            rules=_decode_rules(row["rules"]),
            max_per_hour=row["max_per_hour"],
            delivery=_decode_delivery(row["delivery"]),
        ),
        fresh_after=decode_optional_time(row["fresh_after"]),
        paused_by=PausedBy(row["paused_by"]) if row["paused_by"] else None,
        paused_reason=decode_optional_reason(row["paused_reason"]),
    )


def encode_rules(rules: Rules) -> str:
    """Encode rules as JSON."""
    return _rules_adapter().dump_json(rules, exclude_defaults=True).decode()


def encode_delivery(delivery: DeliveryOptions) -> str:
    """Encode delivery options as JSON."""
    return _delivery_adapter().dump_json(delivery, exclude_defaults=True).decode()


# Thousands of subscriptions have equal rules and options.
@lru_cache(maxsize=1000)
def _decode_rules(text: str) -> Rules:
    return _rules_adapter().validate_json(text)


@lru_cache(maxsize=1000)
def _decode_delivery(text: str) -> DeliveryOptions:
    return _delivery_adapter().validate_json(text)


@cache
def _rules_adapter() -> TypeAdapter[Rules]:
    return TypeAdapter(Rules)


@cache
def _delivery_adapter() -> TypeAdapter[DeliveryOptions]:
    return TypeAdapter(DeliveryOptions)


def decode_post(row: Row) -> Post:
    """Decode a row of `posts`."""
    return Post(
        id=row["id"],
        story_id=row["article_id"],
        subscription_id=row["subscription_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        nonce=row["nonce"],
        status=PostStatus(row["status"]),
        catch_up=bool(row["catch_up"]),
        planned_at=decode_time(row["planned_at"]),
        due_at=decode_time(row["due_at"]),
        attempts=row["attempts"],
        claimed_at=decode_optional_time(row["claimed_at"]),
        unknown_since=decode_optional_time(row["unknown_since"]),
        settled_at=decode_optional_time(row["settled_at"]),
        message_id=row["message_id"],
        reason=decode_optional_reason(row["reason"]),
        lead_post_id=row["lead_post_id"],
        digest_position=row["place"],
        shown=row["shown_hash"],
        message_removed=bool(row["message_removed"]),
        replaceable=bool(row["replaceable"]),
    )
