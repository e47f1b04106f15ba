"""Reasons for the state of a post or a pause: codes with typed parameters.

A reason is recorded, compared and grouped by its code; `discordapp.messages` and `cli` turn it into
text for a person. `str()` of a reason is for logs: the code with its parameters. Codes are unique
and never change, because databases contain them.
"""

import json
from dataclasses import dataclass, fields
from datetime import time, timedelta
from enum import StrEnum
from functools import cache
from typing import ClassVar, TypeAlias, get_args

from pydantic import TypeAdapter


class Cause(StrEnum):
    """Reasons without parameters."""

    SUBSCRIPTION_REMOVED = "subscription_removed"
    # The subscription posts in another channel now.
    SUBSCRIPTION_MOVED = "subscription_moved"
    # The story does not meet the subscription's new rules.
    RULES_CHANGED = "rules_changed"
    # The post waited during a pause by an admin. Earlier versions skipped it when the pause ended.
    WAITED_DURING_PAUSE = "waited_during_pause"
    STORY_WITHDRAWN = "story_withdrawn"
    # The digest lost a withdrawn story and is composed again.
    DIGEST_CHANGED = "digest_changed"
    BOT_STOPPED = "bot_stopped"
    OPERATOR_RETRIED = "operator_retried"
    PAUSED_BY_ADMIN = "paused_by_admin"
    # Discord removed the embed, as it does if the bot lacks Embed Links, although the gateway
    # reports that permission as granted.
    EMBED_REMOVED = "embed_removed"
    MESSAGE_DELETED = "message_deleted"
    # The message could not be rendered because of an error in Storywire, which is in the log.
    RENDERING_FAILED = "rendering_failed"
    # The subscription no longer wants what was to be done with the message.
    OPTION_CHANGED = "option_changed"
    # Discord limits how many messages of a channel are published, and how often those are edited.
    PUBLISHING_LIMIT = "publishing_limit"
    # Only messages of announcement channels can be published.
    NO_ANNOUNCEMENT_CHANNEL = "no_announcement_channel"
    # Threads can be opened under messages of text and announcement channels only.
    NO_THREADS = "no_threads"
    # The post, its story or its subscription can't be read.
    MESSAGE_DAMAGED = "message_damaged"
    CONNECTION_FAILED = "connection_failed"
    RATE_LIMITED = "rate_limited"
    SLOW_MODE = "slow_mode"
    TOKEN_REJECTED = "token_rejected"  # noqa: S105 - a code
    # The bot lacks Manage Threads, which a locked thread needs.
    THREAD_LOCKED = "thread_locked"
    # The server has as many active threads as it may have.
    TOO_MANY_THREADS = "too_many_threads"
    # The forum requires a tag, and none applies to the story.
    TAG_REQUIRED = "tag_required"
    # Discord refused so many requests recently that the bot sends none for a while.
    TOO_MANY_REFUSALS = "too_many_refusals"
    # The gateway has not yet delivered the server's data.
    GUILD_UNAVAILABLE = "guild_unavailable"
    # The post may have been sent, and the bot can't see the channel.
    CHANNEL_INVISIBLE = "channel_invisible"
    # The post may have been sent, and the bot lacks Read Message History.
    HISTORY_FORBIDDEN = "history_forbidden"


@dataclass(frozen=True, slots=True)
class Detailed:
    """The base of reasons with parameters."""

    code: ClassVar[str]

    def __str__(self) -> str:
        parameters = (f"{each.name}={_plain(getattr(self, each.name))}" for each in fields(self))
        return f"{self.code}({', '.join(parameters)})"


@dataclass(frozen=True, slots=True)
class TooOld(Detailed):
    """The story is older than `limit`, the maximum age of news."""

    age: timedelta
    limit: timedelta
    code: ClassVar = "too_old"


@dataclass(frozen=True, slots=True)
class BestSoFar(Detailed):
    """The post was planned for a catch-up, as one of the `count` best existing stories."""

    count: int
    code: ClassVar = "best_so_far"


@dataclass(frozen=True, slots=True)
class DigestFull(Detailed):
    """The digest already has its maximum of `best` stories, all better than this one."""

    best: int
    code: ClassVar = "digest_full"


@dataclass(frozen=True, slots=True)
class SameStory(Detailed):
    """`post` is about the same event; `title` was the title of its story at that time.

    Both titles have `words`, and the stories are `apart` in time; earlier versions recorded
    neither.
    """

    post: int
    title: str
    words: tuple[str, ...] = ()
    apart: timedelta | None = None
    code: ClassVar = "same_story"


@dataclass(frozen=True, slots=True)
class OperatorSkipped(Detailed):
    """An operator skipped the post; `note` is the operator's comment."""

    note: str | None = None
    code: ClassVar = "operator_skipped"


@dataclass(frozen=True, slots=True)
class QuietHours(Detailed):
    """The subscription's quiet hours last `until` a local time."""

    until: time
    code: ClassVar = "quiet_hours"


@dataclass(frozen=True, slots=True)
class PermissionsMissing(Detailed):
    """The bot lacks permissions in the channel; `permissions` are their names in Discord."""

    permissions: tuple[str, ...]
    code: ClassVar = "permissions_missing"


@dataclass(frozen=True, slots=True)
class AccessRefused(Detailed):
    """Discord answered 403; `answer` is Discord's text."""

    answer: str
    code: ClassVar = "access_refused"


@dataclass(frozen=True, slots=True)
class ChannelNotFound(Detailed):
    """Discord answered 404 without saying that the channel was deleted; `answer` is its text."""

    answer: str
    code: ClassVar = "channel_not_found"


@dataclass(frozen=True, slots=True)
class ChannelDeleted(Detailed):
    """The channel was deleted; `answer` is Discord's text."""

    answer: str
    code: ClassVar = "channel_deleted"


@dataclass(frozen=True, slots=True)
class MessageRefused(Detailed):
    """Discord refuses the message itself; `answer` is its text, or the HTTP status."""

    answer: str
    code: ClassVar = "message_refused"


class Part(StrEnum):
    """A part of a message that Discord may reject; `EMBED`: the message is plain text."""

    ICON = "icon"
    AUTHOR = "author"
    PICTURE = "picture"
    FOOTER = "footer"
    DATE = "date"
    COLOUR = "colour"
    LINK = "link"
    EXCERPT = "excerpt"
    FIELD = "field"
    BUTTON = "button"
    MENU = "menu"
    MENTION = "mention"
    LINE = "line"
    EMBED = "embed"


@dataclass(frozen=True, slots=True)
class MessageReduced(Detailed):
    """The message was sent without `parts`, because Discord rejected them; `answer` is its text."""

    parts: tuple[Part, ...]
    answer: str
    code: ClassVar = "message_reduced"


@dataclass(frozen=True, slots=True)
class ConnectionLost(Detailed):
    """The connection broke during the request; `error` is the network library's text."""

    error: str
    code: ClassVar = "connection_lost"


@dataclass(frozen=True, slots=True)
class ServerError(Detailed):
    """Discord answered with an HTTP `status` of 500 or above."""

    status: int
    code: ClassVar = "server_error"


@dataclass(frozen=True, slots=True)
class HistoryUnreadable(Detailed):
    """The post may have been sent, and the channel's history could not be read."""

    error: str
    code: ClassVar = "history_unreadable"


@dataclass(frozen=True, slots=True)
class HistoryTooLong(Detailed):
    """The post may have been sent, but is not among the first `limit` messages since then."""

    limit: int
    code: ClassVar = "history_too_long"


@dataclass(frozen=True, slots=True)
class FoundAfterRestore(Detailed):
    """The channel's history contains the story, in `message`, and the restored backup did not."""

    message: int
    code: ClassVar = "found_after_restore"


@dataclass(frozen=True, slots=True)
class Legacy(Detailed):
    """Text that an earlier version recorded and that matches no code."""

    text: str
    code: ClassVar = "legacy"


Reason: TypeAlias = (
    Cause
    | TooOld
    | BestSoFar
    | DigestFull
    | SameStory
    | OperatorSkipped
    | QuietHours
    | PermissionsMissing
    | AccessRefused
    | ChannelNotFound
    | ChannelDeleted
    | MessageRefused
    | MessageReduced
    | ConnectionLost
    | ServerError
    | HistoryUnreadable
    | HistoryTooLong
    | FoundAfterRestore
    | Legacy
)


def encode_reason(reason: Reason) -> str:
    """Encode a reason as a JSON object with its `code` and parameters."""
    if isinstance(reason, Cause):
        return json.dumps({"code": reason.value})
    parameters: dict[str, object] = _adapter(reason.code).dump_python(reason, mode="json")
    return json.dumps({"code": reason.code, **parameters}, ensure_ascii=False)


def decode_reason(text: str) -> Reason:
    """Decode what `encode_reason` wrote. An unknown code becomes `Legacy`.

    Raises `ValueError` for anything else.
    """
    parameters = _object_adapter().validate_json(text)
    code = str(parameters.pop("code", None))
    if code in _kinds():
        return _adapter(code).validate_python(parameters)
    return Cause(code) if code in set(Cause) else Legacy(text)


@cache
def _kinds() -> dict[str, type[Reason]]:
    return {kind.code: kind for kind in get_args(Reason) if kind is not Cause}


@cache
def _object_adapter() -> TypeAdapter[dict[str, object]]:
    return TypeAdapter(dict[str, object])


# Building an adapter takes milliseconds, and few of the codes occur.
@cache
def _adapter(code: str) -> TypeAdapter[Reason]:
    return TypeAdapter(_kinds()[code])


def _plain(value: object) -> str:
    """Format a parameter for a log line."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
