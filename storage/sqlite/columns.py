"""What each column of each table may contain.

A value that this version can't have written is damage: by a defective disk, by another program, or
by hand. Every decoder raises `ValueError` that says what is wrong; `Table.decode` names the row.
Nothing that is decoded makes a later step fail: a time zone exists, times are aware and within the
calendar, and numbers fit their columns.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from storage.errors import DamagedRowError
from storage.models import Article, DeliveryOptions, Look, PausedBy, Rules, SourceFindings
from storage.posts import FollowUpAction, FollowUpStatus, Placement, PostStatus
from storage.reasons import Reason, decode_reason
from storage.sqlite.packing import unpack
from storage.sqlite.values import Row, Value

T = TypeVar("T")
Decoder: TypeAlias = Callable[[Value], Value]
AnyRow: TypeAlias = Row | Mapping[str, Value]

# Discord accepts no longer nonce:
# https://discord.com/developers/docs/resources/message#create-message
_MAX_NONCE = 25
TIME_LENGTH = len("2026-01-31T12:00:00.000000+00:00")
_LARGEST = 2**63 - 1
# Ids of rows and revisions count up from 1, so a larger one is damage. Counting on from the largest
# number of SQLite is impossible, and the error would be that the disk is full.
HIGHEST_COUNTED = 2**53
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = 60
_SUNDAY = 6


def integer(value: Value) -> int:
    """A whole number."""
    if type(value) is not int:
        raise ValueError(f"is {_show(value)} instead of a whole number")
    return value


def count(value: Value) -> int:
    """A number of things."""
    if integer(value) < 0:
        raise ValueError(f"is {value}, which is negative")
    return int(value)


def snowflake(value: Value) -> int:
    """An id of Discord, or of a row."""
    if integer(value) < 0:
        raise ValueError(f"is {value}, not an id")
    return int(value)


def counted(value: Value) -> int:
    """The id of a row, or a revision."""
    if integer(value) > HIGHEST_COUNTED:
        raise ValueError(f"is {value}, which is too large")
    return int(value)


def flag(value: Value) -> bool:
    """Yes or no."""
    if integer(value) not in {0, 1}:
        raise ValueError(f"is {value} instead of 0 or 1")
    return bool(value)


def text(value: Value) -> str:
    """A text in valid UTF-8."""
    if type(value) is not str:
        raise ValueError(f"is {_show(value)} instead of a text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(f"is not valid UTF-8: {_show(value)}") from None
    return value


def nonce(value: Value) -> str:
    """A nonce that Discord accepts."""
    if not 0 < len(text(value)) <= _MAX_NONCE or not value.isascii() or not value.isprintable():
        raise ValueError(f"is {_show(value)}, not a nonce")
    return str(value)


def moment(value: Value) -> datetime:
    """A time as `codec.encode_time` writes it: in UTC, with microseconds, so that texts sort."""
    if len(text(value)) != TIME_LENGTH or value[10] != "T" or not value.endswith("+00:00"):
        raise ValueError(f"is {_show(value)} instead of a time in UTC")
    try:
        return _check_moment(datetime.fromisoformat(value))
    except ValueError:
        raise ValueError(f"is {_show(value)}, not a time") from None


def microseconds(value: Value) -> datetime:
    """A time in microseconds since 1970 in UTC."""
    try:
        return _check_moment(_EPOCH + timedelta(microseconds=integer(value)))
    except OverflowError:
        raise ValueError(f"is {value}, not a time") from None


def _check_moment(value: datetime) -> datetime:
    """Time zones of all places must be able to show it."""
    if value.tzinfo is None:
        raise ValueError("has a time without a time zone")
    if not MINYEAR < value.year < MAXYEAR:
        raise ValueError("has a time outside of the calendar")
    return value


@dataclass(frozen=True, slots=True)
class Optional:
    """The decoder of a column that may be NULL."""

    decode: Decoder

    def __call__(self, value: Value) -> Value:
        """Decode a value."""
        return None if value is None else self.decode(value)


def member(values: type[StrEnum]) -> Decoder:
    """The decoder of one of some texts."""

    def decode(value: Value) -> StrEnum:
        try:
            return values(text(value))
        except ValueError:
            raise ValueError(f"is {_show(value)}, which is unknown") from None

    return decode


def actions(value: Value) -> frozenset[FollowUpAction]:
    """Follow-ups, separated by commas."""
    decode = member(FollowUpAction)
    return frozenset(decode(each) for each in text(value).split(","))


def reason(value: Value) -> Reason:
    """A reason as `encode_reason` writes it."""
    return decode_reason(text(value))


# The first use of an adapter takes milliseconds, so none is made before it is needed.
@cache
def _make_adapter(model: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - any type
    return TypeAdapter(model)


def adapter(model: type[T]) -> TypeAdapter[T]:
    """The adapter of a model that is stored as JSON."""
    made: Any = model
    return _make_adapter(made)


def _decode_json(model: type[T], value: Value) -> T:
    return adapter(model).validate_json(text(value), strict=True)


def packed(value: Value) -> bytes:
    """Texts of the search index, which `search_texts` decompresses."""
    if type(value) is not bytes:
        raise ValueError(f"is {_show(value)} instead of bytes")
    return value


def article(value: Value) -> Article:
    """The content of a document."""
    decoded = adapter(Article).validate_json(unpack(value), strict=True)
    _check_moment(decoded.published_at)
    for each in decoded.related:
        if each.published_at is not None:
            _check_moment(each.published_at)
    _check_numbers(decoded.quality, decoded.heat)
    return decoded


def findings(value: Value) -> SourceFindings:
    """What was noticed of a source."""
    return _decode_json(SourceFindings, value)


# Thousands of subscriptions have equal rules and options.
@lru_cache(maxsize=1000)
def rules(value: Value) -> Rules:
    """The rules of a subscription."""
    decoded = _decode_json(Rules, value)
    _check_numbers(decoded.min_quality, decoded.min_heat, *decoded.not_in)
    return decoded


@lru_cache(maxsize=1000)
def delivery(value: Value) -> DeliveryOptions:
    """The delivery of a subscription's stories."""
    decoded = _decode_json(DeliveryOptions, value)
    try:
        ZoneInfo(decoded.timezone)
    except (ValueError, KeyError, OSError):
        # `ZoneInfoNotFoundError` is a `KeyError`; a name may also be a folder, or no file at all.
        raise ValueError(f"has the time zone {_show(decoded.timezone)}, which is unknown") from None
    if decoded.digest is not None:
        if not 0 <= decoded.digest.weekday <= _SUNDAY:
            raise ValueError(f"has the weekday {decoded.digest.weekday} instead of 0 to 6")
        if not 0 < decoded.digest.best <= _LARGEST:
            raise ValueError(f"has a digest of {decoded.digest.best} stories")
        _check_local(decoded.digest.at)
    if decoded.quiet is not None:
        _check_local(decoded.quiet.begin, decoded.quiet.end)
    for mention in decoded.mentions:
        _check_numbers(mention.role_id, mention.min_quality)
    return decoded


def _check_local(*times: time) -> None:
    if any(each.tzinfo is not None for each in times):
        raise ValueError("has a local time with a time zone")


def _check_numbers(*numbers: int | None) -> None:
    """SQLite's integers have 64 bits."""
    if any(number is not None and abs(number) > _LARGEST for number in numbers):
        raise ValueError("has a number that is too large")


def _draft(value: Value) -> str:
    """The state of an editor, as JSON."""
    _make_adapter(dict[str, object]).validate_json(text(value))
    return str(value)


class _DocumentState(StrEnum):
    LIVE = "live"
    DRAFT = "draft"
    REJECTED = "rejected"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its primary key, and the decoder of each column."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Decoder]

    def decode(self, row: AnyRow, columns: Iterable[str] | None = None) -> dict[str, Value]:
        """Decode some columns of a row, or all. Raises `DamagedRowError`."""
        decoded: dict[str, Value] = {}
        for name in self.columns if columns is None else columns:
            try:
                decoded[name] = self.columns[name](row[name])
            except ValueError as error:
                raise self.damaged(row, name, _describe(error)) from error
        return decoded

    @property
    def intact(self) -> str:
        """SQL for whether all columns have values of the right type.

        SQLite changes no row of a strict table that has others, and refuses the whole statement.
        """
        return " AND ".join(map(_has_type, self.columns, self.columns.values()))

    def damaged(self, row: AnyRow, column: str, problem: str) -> DamagedRowError:
        """The error for a row of this table."""
        values = [row[name] if name in row.keys() else "?" for name in self.key]  # noqa: SIM118 - a row's `in` compares values
        return DamagedRowError(self.name, _name_row(values), column, problem)


def _has_type(column: str, decode: Decoder) -> str:
    wanted = decode.decode if isinstance(decode, Optional) else decode
    types = (
        "'integer'" if wanted in _NUMBERS else "'blob'" if wanted in {article, packed} else "'text'"
    )
    types += ", 'null'" if isinstance(decode, Optional) else ""
    return f"typeof({column}) IN ({types})"


def _name_row(values: Iterable[Value]) -> str:
    """A primary key for people, such as 7."""
    return ", ".join(str(value) if isinstance(value, int) else _show(value) for value in values)


def _describe(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        return f"can't be decoded ({place + ': ' if place else ''}{first['msg']})"
    return str(error)


def _show(value: Value) -> str:
    """A value for people, shortened."""
    shown = "NULL" if value is None else repr(value)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def next_id(table: str) -> str:
    """The SQL of the next id of a table whose ids are never used again."""
    return (
        f"(SELECT max(coalesce((SELECT max(id) FROM {table} WHERE id <= {HIGHEST_COUNTED}), 0),"
        f" coalesce((SELECT max(seq) FROM sqlite_sequence"
        f" WHERE name = '{table}' AND seq <= {HIGHEST_COUNTED}), 0)) + 1)"
    )


_NUMBERS = (integer, count, counted, snowflake, flag, microseconds)

TABLES = {
    table.name: table
    for table in (
        Table("settings", ("name",), {"name": text, "value": text}),
        Table(
            "sources",
            ("id",),
            {
                "id": integer,
                "name": text,
                "rank": integer,
                "settings": Optional(text),
                "holdings": Optional(text),
                "last_run_at": Optional(moment),
                "last_success_at": Optional(moment),
                "last_error": Optional(text),
                "archive_before": Optional(moment),
                "archive_complete": flag,
                "findings": Optional(findings),
            },
        ),
        Table(
            "documents",
            ("id",),
            {
                "id": integer,
                "source_id": integer,
                "key": text,
                "size": integer,
                "modified_ns": integer,
                "digest": text,
                "state": member(_DocumentState),
                "article_id": Optional(integer),
                "published_at": Optional(moment),
                "content": Optional(article),
                "rejected_reason": Optional(text),
                "rejected_line": Optional(integer),
                "rejected_field": Optional(text),
                "missing": flag,
            },
        ),
        Table(
            "articles",
            ("id",),
            {
                "id": counted,
                "revision": counted,
                "document_id": integer,
                "content_hash": text,
                "visible_hash": text,
                "first_seen_at": moment,
                "withdrawn": flag,
                "dated_at": microseconds,
                "quality": integer,
                "heat": integer,
                "provider_id": Optional(integer),
                "scope": count,
                "last_planned_at": Optional(moment),
                "archive": flag,
            },
        ),
        Table("addresses", ("address",), {"address": text, "article_id": integer}),
        Table("topics", ("id",), {"id": integer, "name": text, "folded": text}),
        Table("providers", ("id",), {"id": integer, "name": text, "folded": text}),
        Table(
            "article_topics",
            ("topic_id", "article_id"),
            {
                "scope": count,
                "topic_id": integer,
                "dated_at": microseconds,
                "article_id": integer,
                "quality": integer,
                "heat": integer,
            },
        ),
        Table(
            "name_counts",
            ("kind", "id"),
            {"scope": count, "kind": text, "id": integer, "folded": text, "stories": count},
        ),
        Table(
            "name_words",
            ("kind", "words", "id"),
            {"kind": text, "words": text, "id": integer, "place": count},
        ),
        Table("search_texts", ("id",), {"id": integer, "texts": packed}),
        Table(
            "search_words",
            ("word",),
            {"word": text, "stories": count, "titles": count},
        ),
        Table(
            "related_stories",
            ("article_id", "other_id"),
            {"article_id": integer, "other_id": integer},
        ),
        Table(
            "subscriptions",
            ("id",),
            {
                "id": counted,
                "guild_id": snowflake,
                "channel_id": snowflake,
                "created_by": snowflake,
                "created_at": moment,
                "max_per_hour": Optional(count),
                "fresh_after": Optional(moment),
                "paused_by": Optional(member(PausedBy)),
                "paused_reason": Optional(reason),
                "left_at": Optional(moment),
                "rules": rules,
                "delivery": delivery,
                "digest_best": Optional(count),
                "removed_at": Optional(moment),
                "removed_cursor": Optional(integer),
            },
        ),
        Table(
            "subscription_topics",
            ("folded", "subscription_id"),
            {"folded": text, "min_quality": integer, "subscription_id": integer},
        ),
        Table(
            "subscription_seen",
            ("subscription_id", "article_id"),
            {"subscription_id": integer, "article_id": integer},
        ),
        Table(
            "posts",
            ("id",),
            {
                "id": counted,
                "article_id": integer,
                "subscription_id": Optional(integer),
                "guild_id": snowflake,
                "channel_id": snowflake,
                "nonce": nonce,
                "status": member(PostStatus),
                "catch_up": flag,
                "planned_at": moment,
                "due_at": moment,
                "changed_at": moment,
                "attempts": integer,
                "claimed_at": Optional(moment),
                "unknown_since": Optional(moment),
                "settled_at": Optional(moment),
                "message_id": Optional(snowflake),
                "shown_hash": Optional(text),
                "reason": Optional(reason),
                "lead_post_id": Optional(integer),
                "place": Optional(count),
                "message_removed": flag,
                "replaceable": flag,
                "thread_id": Optional(snowflake),
                "look": Optional(member(Look)),
            },
        ),
        Table(
            "post_history",
            ("id",),
            {
                "id": counted,
                "post_id": integer,
                "at": moment,
                "status": member(PostStatus),
                "reason": Optional(reason),
            },
        ),
        Table(
            "recovered_channels",
            ("channel_id",),
            {
                "channel_id": snowflake,
                "backup": text,
                "recovered_at": moment,
                "messages": count,
                "problem": Optional(reason),
            },
        ),
        Table(
            "announced_addresses",
            ("channel_id", "address"),
            {
                "channel_id": snowflake,
                "address": text,
                "message_id": snowflake,
                "sent_at": moment,
                "place": member(Placement),
                "thread_id": Optional(snowflake),
                "look": Optional(member(Look)),
                "done": Optional(actions),
            },
        ),
        Table("edits", ("post_id",), {"post_id": integer, "due_at": moment, "attempts": count}),
        Table(
            "follow_ups",
            ("post_id", "action"),
            {
                "post_id": integer,
                "action": member(FollowUpAction),
                "channel_id": snowflake,
                "status": member(FollowUpStatus),
                "sent_at": moment,
                "due_at": moment,
                "attempts": count,
                "tried_at": Optional(moment),
                "changed_at": moment,
                "reason": Optional(reason),
            },
        ),
        Table(
            "notices",
            ("channel_id",),
            {"channel_id": snowflake, "newest_subscription_id": integer, "cause": reason},
        ),
        Table(
            "drafts",
            ("id",),
            {
                "id": integer,
                "guild_id": snowflake,
                "user_id": snowflake,
                "saved_at": moment,
                "content": _draft,
            },
        ),
        Table(
            "upgrade_steps",
            ("name",),
            {
                "name": text,
                "edition": integer,
                "position": integer,
                "done": count,
                "total": count,
                "finished": flag,
            },
        ),
        Table(
            "access_roles", ("guild_id", "role_id"), {"guild_id": snowflake, "role_id": snowflake}
        ),
    )
}
