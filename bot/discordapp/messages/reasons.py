"""Recorded reasons as plain text, to be escaped for Discord; `storywire posts` uses it as well.

Nothing here imports `discord`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from storage.reasons import (
    AccessRefused,
    BotStopped,
    ChannelDeleted,
    ChannelInvisible,
    ChannelNotFound,
    ConnectionFailed,
    ConnectionLost,
    DigestChanged,
    DigestFull,
    EmbedRemoved,
    GuildUnavailable,
    HistoryForbidden,
    HistoryTooLong,
    HistoryUnreadable,
    Legacy,
    MessageDeleted,
    MessageRefused,
    OperatorRetried,
    OperatorSkipped,
    PausedByAdmin,
    PermissionsMissing,
    QuietHours,
    RateLimited,
    Reason,
    RenderingFailed,
    RulesChanged,
    SameStory,
    ServerError,
    SlowMode,
    StoryWithdrawn,
    SubscriptionMoved,
    SubscriptionRemoved,
    TokenRejected,
    TooManyRefusals,
    TooOld,
    WaitedDuringPause,
)

BY_AN_OPERATOR = "an operator skipped it"
_MAYBE = "it may have been sent: "


def describe_reason(reason: Reason) -> str:  # noqa: C901, PLR0911, PLR0912 - one line per reason
    """A reason as a phrase that can follow a colon."""
    match reason:
        case SubscriptionRemoved():
            return "the subscription was removed"
        case SubscriptionMoved():
            return "the subscription was moved to another channel"
        case RulesChanged():
            return "the subscription's rules were changed"
        case WaitedDuringPause():
            return "before the subscription was resumed"
        case StoryWithdrawn():
            return "the story was withdrawn"
        case DigestChanged():
            return "a story of the digest was withdrawn"
        case TooOld(age, limit):
            return f"{describe_age(age)}, older than {describe_duration(limit)}"
        case DigestFull(best):
            return f"not among the best {best} of the digest"
        case SameStory(title=title):
            return f"tells the same as “{title}”"
        case BotStopped():
            return "the bot stopped while sending it"
        case OperatorRetried():
            return "an operator sends it again"
        case OperatorSkipped(note):
            return BY_AN_OPERATOR if note is None else note
        case QuietHours(until):
            return f"quiet until {until:%H:%M}"
        case PausedByAdmin():
            return "by an admin"
        case PermissionsMissing(permissions):
            return f"I lack {', '.join(permissions)}"
        case EmbedRemoved():
            return "I lack Embed Links"
        case AccessRefused(answer):
            return f"Discord refuses it: {answer}"
        case ChannelNotFound(answer):
            return f"Discord finds nothing there: {answer}"
        case ChannelDeleted(answer):
            return f"the channel was deleted: {answer}"
        case MessageDeleted():
            return "the message was deleted"
        case MessageRefused(answer):
            return f"Discord refuses the message: {answer}"
        case RenderingFailed():
            return "it can't be rendered; the log tells more, please report it"
        case ConnectionFailed():
            return "Discord can't be reached"
        case ConnectionLost(error):
            return f"the connection broke: {error}"
        case RateLimited():
            return "rate limited"
        case SlowMode():
            return "the channel is in slow mode"
        case TokenRejected():
            return "Discord no longer takes the token"
        case ServerError(status):
            return f"Discord answered {status}"
        case TooManyRefusals():
            return "Discord refused too much lately"
        case GuildUnavailable():
            return "the server has not come yet"
        case ChannelInvisible():
            return f"{_MAYBE}the channel can't be seen"
        case HistoryForbidden():
            return f"{_MAYBE}Read Message History is missing in the channel"
        case HistoryUnreadable(error):
            return f"{_MAYBE}the channel's history can't be read: {error}"
        case HistoryTooLong(limit):
            return f"{_MAYBE}it is not among the first {limit} messages since it was sent"
        case Legacy(text):
            return text
    assert_never(reason)


def describe_group(reason: Reason) -> str:
    """What skipped posts with a reason of this code have in common, as `describe_reason`."""
    match reason:
        case TooOld(limit=limit):
            return f"older than {describe_duration(limit)}"
        case DigestFull():
            return "not among the best of the digest"
        case OperatorSkipped():
            return BY_AN_OPERATOR
        case Legacy():
            return "for a reason that an earlier version recorded"
        case _:
            return describe_reason(reason)


def describe_age(age: timedelta) -> str:
    """`published 8 days ago`."""
    return f"published {describe_duration(age)} ago"


def describe_duration(duration: timedelta) -> str:
    """`8 days`: whole minutes below an hour, hours below two days, and days."""
    if abs(duration) < timedelta(hours=1):
        return _count(duration / timedelta(minutes=1), "minute")
    if abs(duration) < timedelta(days=2):
        return _count(duration / timedelta(hours=1), "hour")
    return _count(duration / timedelta(days=1), "day")


def _count(number: float, unit: str) -> str:
    whole = int(number)
    return f"{whole} {unit}" if whole == 1 else f"{whole} {unit}s"
