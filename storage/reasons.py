"""Why a post or a pause is as it is: codes with typed parameters.

A reason is recorded, compared and grouped by its code; `discordapp.messages` and `cli` turn it into
text for a person. `str()` of a reason is for logs: the code with its parameters.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import time, timedelta
from functools import cache
from typing import ClassVar, TypeAlias, get_args

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class ReasonBase:
    """What all reasons have: a `code`, unique among them and stable, as databases hold it."""

    code: ClassVar[str]

    def __str__(self) -> str:
        parameters = ", ".join(
            f"{field.name}={_plain(getattr(self, field.name))}" for field in fields(self)
        )
        return f"{self.code}({parameters})" if parameters else self.code


@dataclass(frozen=True, slots=True)
class SubscriptionRemoved(ReasonBase):
    """The subscription that the post was planned for no longer exists."""

    code: ClassVar = "subscription_removed"


@dataclass(frozen=True, slots=True)
class SubscriptionMoved(ReasonBase):
    """The subscription posts in another channel now."""

    code: ClassVar = "subscription_moved"


@dataclass(frozen=True, slots=True)
class RulesChanged(ReasonBase):
    """The subscription's new rules do not want the story."""

    code: ClassVar = "rules_changed"


@dataclass(frozen=True, slots=True)
class WaitedDuringPause(ReasonBase):
    """The post waited while an admin had paused the subscription, which was then resumed."""

    code: ClassVar = "waited_during_pause"


@dataclass(frozen=True, slots=True)
class StoryWithdrawn(ReasonBase):
    """The story was withdrawn before it was posted."""

    code: ClassVar = "story_withdrawn"


@dataclass(frozen=True, slots=True)
class DigestChanged(ReasonBase):
    """A story of the digest was withdrawn, so the digest is composed again."""

    code: ClassVar = "digest_changed"


@dataclass(frozen=True, slots=True)
class TooOld(ReasonBase):
    """The story is older than `limit`, the age up to which a story is news."""

    age: timedelta
    limit: timedelta
    code: ClassVar = "too_old"


@dataclass(frozen=True, slots=True)
class DigestFull(ReasonBase):
    """The digest has `best` stories at most, and they are better."""

    best: int
    code: ClassVar = "digest_full"


@dataclass(frozen=True, slots=True)
class SameStory(ReasonBase):
    """Another post covers the same story; `title` is that of the other post's story then."""

    post: int
    title: str
    code: ClassVar = "same_story"


@dataclass(frozen=True, slots=True)
class BotStopped(ReasonBase):
    """The bot stopped while it was sending the post."""

    code: ClassVar = "bot_stopped"


@dataclass(frozen=True, slots=True)
class OperatorRetried(ReasonBase):
    """An operator asked for the post to be sent again."""

    code: ClassVar = "operator_retried"


@dataclass(frozen=True, slots=True)
class OperatorSkipped(ReasonBase):
    """An operator skipped the post; `note` is what the operator said about it."""

    note: str | None = None
    code: ClassVar = "operator_skipped"


@dataclass(frozen=True, slots=True)
class QuietHours(ReasonBase):
    """The subscription's quiet hours last `until` a local time."""

    until: time
    code: ClassVar = "quiet_hours"


@dataclass(frozen=True, slots=True)
class PausedByAdmin(ReasonBase):
    """An admin of the server paused the subscription."""

    code: ClassVar = "paused_by_admin"


@dataclass(frozen=True, slots=True)
class PermissionsMissing(ReasonBase):
    """The bot lacks permissions in the channel; `permissions` are their names in Discord."""

    permissions: tuple[str, ...]
    code: ClassVar = "permissions_missing"


@dataclass(frozen=True, slots=True)
class EmbedRemoved(ReasonBase):
    """Discord removed the message's embed, as it does without Embed Links.

    Unlike `PermissionsMissing` this is not confirmed by the permissions that the gateway reports.
    """

    code: ClassVar = "embed_removed"


@dataclass(frozen=True, slots=True)
class AccessRefused(ReasonBase):
    """Discord answered 403; `answer` is Discord's own text."""

    answer: str
    code: ClassVar = "access_refused"


@dataclass(frozen=True, slots=True)
class ChannelNotFound(ReasonBase):
    """Discord answered 404 without saying that the channel was deleted; `answer` is its text."""

    answer: str
    code: ClassVar = "channel_not_found"


@dataclass(frozen=True, slots=True)
class ChannelDeleted(ReasonBase):
    """The channel was deleted; `answer` is Discord's own text."""

    answer: str
    code: ClassVar = "channel_deleted"


@dataclass(frozen=True, slots=True)
class MessageDeleted(ReasonBase):
    """The message was deleted in Discord."""

    code: ClassVar = "message_deleted"


@dataclass(frozen=True, slots=True)
class MessageRefused(ReasonBase):
    """Discord refuses the message itself; `answer` is its text, or the HTTP status."""

    answer: str
    code: ClassVar = "message_refused"


@dataclass(frozen=True, slots=True)
class RenderingFailed(ReasonBase):
    """The message could not be rendered because of an error in Storywire; the log has it."""

    code: ClassVar = "rendering_failed"


@dataclass(frozen=True, slots=True)
class ConnectionFailed(ReasonBase):
    """No connection to Discord could be made."""

    code: ClassVar = "connection_failed"


@dataclass(frozen=True, slots=True)
class ConnectionLost(ReasonBase):
    """The connection broke during the request; `error` is the network library's text."""

    error: str
    code: ClassVar = "connection_lost"


@dataclass(frozen=True, slots=True)
class RateLimited(ReasonBase):
    """Discord's rate limit was reached."""

    code: ClassVar = "rate_limited"


@dataclass(frozen=True, slots=True)
class SlowMode(ReasonBase):
    """The channel is in slow mode."""

    code: ClassVar = "slow_mode"


@dataclass(frozen=True, slots=True)
class TokenRejected(ReasonBase):
    """Discord does not accept the bot's token."""

    code: ClassVar = "token_rejected"


@dataclass(frozen=True, slots=True)
class ServerError(ReasonBase):
    """Discord answered with an HTTP `status` of 500 or above."""

    status: int
    code: ClassVar = "server_error"


@dataclass(frozen=True, slots=True)
class TooManyRefusals(ReasonBase):
    """Discord refused so many requests lately that the bot sends none for a while."""

    code: ClassVar = "too_many_refusals"


@dataclass(frozen=True, slots=True)
class GuildUnavailable(ReasonBase):
    """The gateway has not yet delivered the server's data."""

    code: ClassVar = "guild_unavailable"


@dataclass(frozen=True, slots=True)
class ChannelInvisible(ReasonBase):
    """The post may have been sent, and the bot can't see the channel."""

    code: ClassVar = "channel_invisible"


@dataclass(frozen=True, slots=True)
class HistoryForbidden(ReasonBase):
    """The post may have been sent, and the bot lacks Read Message History."""

    code: ClassVar = "history_forbidden"


@dataclass(frozen=True, slots=True)
class HistoryUnreadable(ReasonBase):
    """The post may have been sent, and the channel's history could not be read."""

    error: str
    code: ClassVar = "history_unreadable"


@dataclass(frozen=True, slots=True)
class HistoryTooLong(ReasonBase):
    """The post may have been sent, but is not among the first `limit` messages since then."""

    limit: int
    code: ClassVar = "history_too_long"


@dataclass(frozen=True, slots=True)
class Legacy(ReasonBase):
    """Text that an earlier version recorded and that no code stands for."""

    text: str
    code: ClassVar = "legacy"


Reason: TypeAlias = (
    SubscriptionRemoved
    | SubscriptionMoved
    | RulesChanged
    | WaitedDuringPause
    | StoryWithdrawn
    | DigestChanged
    | TooOld
    | DigestFull
    | SameStory
    | BotStopped
    | OperatorRetried
    | OperatorSkipped
    | QuietHours
    | PausedByAdmin
    | PermissionsMissing
    | EmbedRemoved
    | AccessRefused
    | ChannelNotFound
    | ChannelDeleted
    | MessageDeleted
    | MessageRefused
    | RenderingFailed
    | ConnectionFailed
    | ConnectionLost
    | RateLimited
    | SlowMode
    | TokenRejected
    | ServerError
    | TooManyRefusals
    | GuildUnavailable
    | ChannelInvisible
    | HistoryForbidden
    | HistoryUnreadable
    | HistoryTooLong
    | Legacy
)


def encode_reason(reason: Reason) -> str:
    """A reason as a JSON object: its `code` and its parameters."""
    parameters: dict[str, object] = _adapter(reason.code).dump_python(reason, mode="json")
    return json.dumps({"code": reason.code, **parameters}, ensure_ascii=False)


def decode_reason(text: str) -> Reason:
    """What `encode_reason` wrote. A code that this version does not know becomes `Legacy`."""
    parameters: dict[str, object] = json.loads(text)
    code = str(parameters.pop("code"))
    return _adapter(code).validate_python(parameters) if code in _kinds() else Legacy(text)


@cache
def _kinds() -> dict[str, type[Reason]]:
    return {kind.code: kind for kind in get_args(Reason)}


# Each takes milliseconds to build, and few of the codes occur.
@cache
def _adapter(code: str) -> TypeAdapter[Reason]:
    return TypeAdapter(_kinds()[code])


def _plain(value: object) -> str:
    """A parameter for a log line."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case tuple():
            return "[" + ", ".join(map(_plain, value)) + "]"
        case _:
            return str(value)
