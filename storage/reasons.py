"""Why a post or a pause is as it is: codes with typed parameters.

A reason is recorded, compared and grouped by its code; `discordapp.messages` and `cli` turn it into
text for a person. `str()` of a reason is for logs: the code with its parameters. Codes are unique
and stable, as databases hold them.
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
    # The subscription's new rules do not want the story.
    RULES_CHANGED = "rules_changed"
    # The post waited while an admin had paused the subscription, which was then resumed.
    WAITED_DURING_PAUSE = "waited_during_pause"
    STORY_WITHDRAWN = "story_withdrawn"
    # The digest lost a withdrawn story and is composed again.
    DIGEST_CHANGED = "digest_changed"
    BOT_STOPPED = "bot_stopped"
    OPERATOR_RETRIED = "operator_retried"
    PAUSED_BY_ADMIN = "paused_by_admin"
    # Discord removed the embed, as it does without Embed Links, which the gateway reports as held.
    EMBED_REMOVED = "embed_removed"
    MESSAGE_DELETED = "message_deleted"
    # The message could not be rendered because of an error in Storywire; the log has it.
    RENDERING_FAILED = "rendering_failed"
    CONNECTION_FAILED = "connection_failed"
    RATE_LIMITED = "rate_limited"
    SLOW_MODE = "slow_mode"
    TOKEN_REJECTED = "token_rejected"  # noqa: S105 - a code
    # Discord refused so many requests lately that the bot sends none for a while.
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
    """The story is older than `limit`, the age up to which a story is news."""

    age: timedelta
    limit: timedelta
    code: ClassVar = "too_old"


@dataclass(frozen=True, slots=True)
class DigestFull(Detailed):
    """The digest has `best` stories at most, and they are better."""

    best: int
    code: ClassVar = "digest_full"


@dataclass(frozen=True, slots=True)
class SameStory(Detailed):
    """Another post covers the same story; `title` is that of the other post's story then."""

    post: int
    title: str
    code: ClassVar = "same_story"


@dataclass(frozen=True, slots=True)
class OperatorSkipped(Detailed):
    """An operator skipped the post; `note` is what the operator said about it."""

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
    """Discord answered 403; `answer` is Discord's own text."""

    answer: str
    code: ClassVar = "access_refused"


@dataclass(frozen=True, slots=True)
class ChannelNotFound(Detailed):
    """Discord answered 404 without saying that the channel was deleted; `answer` is its text."""

    answer: str
    code: ClassVar = "channel_not_found"


@dataclass(frozen=True, slots=True)
class ChannelDeleted(Detailed):
    """The channel was deleted; `answer` is Discord's own text."""

    answer: str
    code: ClassVar = "channel_deleted"


@dataclass(frozen=True, slots=True)
class MessageRefused(Detailed):
    """Discord refuses the message itself; `answer` is its text, or the HTTP status."""

    answer: str
    code: ClassVar = "message_refused"


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
class Legacy(Detailed):
    """Text that an earlier version recorded and that no code stands for."""

    text: str
    code: ClassVar = "legacy"


Reason: TypeAlias = (
    Cause
    | TooOld
    | DigestFull
    | SameStory
    | OperatorSkipped
    | QuietHours
    | PermissionsMissing
    | AccessRefused
    | ChannelNotFound
    | ChannelDeleted
    | MessageRefused
    | ConnectionLost
    | ServerError
    | HistoryUnreadable
    | HistoryTooLong
    | Legacy
)


def encode_reason(reason: Reason) -> str:
    """A reason as a JSON object: its `code` and its parameters."""
    if isinstance(reason, Cause):
        return json.dumps({"code": reason.value})
    parameters: dict[str, object] = _adapter(reason.code).dump_python(reason, mode="json")
    return json.dumps({"code": reason.code, **parameters}, ensure_ascii=False)


def decode_reason(text: str) -> Reason:
    """What `encode_reason` wrote. A code that this version does not know becomes `Legacy`."""
    parameters: dict[str, object] = json.loads(text)
    code = str(parameters.pop("code"))
    if code in _kinds():
        return _adapter(code).validate_python(parameters)
    return Cause(code) if code in set(Cause) else Legacy(text)


@cache
def _kinds() -> dict[str, type[Reason]]:
    return {kind.code: kind for kind in get_args(Reason) if kind is not Cause}


# Each takes milliseconds to build, and few of the codes occur.
@cache
def _adapter(code: str) -> TypeAdapter[Reason]:
    return TypeAdapter(_kinds()[code])


def _plain(value: object) -> str:
    """A parameter for a log line."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
