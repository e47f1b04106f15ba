"""The sentences that versions 1 to 6 of the database recorded as reasons, and their codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import time, timedelta
from functools import lru_cache
from typing import TypeAlias

from storage.posts import PostStatus
from storage.reasons import (
    AccessRefused,
    Cause,
    ChannelDeleted,
    ChannelNotFound,
    ConnectionLost,
    DigestFull,
    HistoryTooLong,
    HistoryUnreadable,
    Legacy,
    MessageRefused,
    OperatorSkipped,
    PermissionsMissing,
    QuietHours,
    Reason,
    SameStory,
    ServerError,
    TooOld,
    encode_reason,
)

_Build: TypeAlias = Callable[[re.Match[str]], Reason]

_EXACT: dict[str, Reason] = {
    "the subscription was removed": Cause.SUBSCRIPTION_REMOVED,
    "the subscription was moved to another channel": Cause.SUBSCRIPTION_MOVED,
    "the subscription's rules were changed": Cause.RULES_CHANGED,
    "before the subscription was resumed": Cause.WAITED_DURING_PAUSE,
    "the story was withdrawn": Cause.STORY_WITHDRAWN,
    "a story of the digest was withdrawn": Cause.DIGEST_CHANGED,
    "the bot stopped while sending it": Cause.BOT_STOPPED,
    "an operator sends it again": Cause.OPERATOR_RETRIED,
    "an operator skipped it": OperatorSkipped(),
    "by an admin": Cause.PAUSED_BY_ADMIN,
    "it can't be rendered; the log tells more, please report it": Cause.RENDERING_FAILED,
    "Discord can't be reached": Cause.CONNECTION_FAILED,
    "rate limited": Cause.RATE_LIMITED,
    "the channel is in slow mode": Cause.SLOW_MODE,
    "Discord no longer takes the token": Cause.TOKEN_REJECTED,
    "Discord refused too much lately": Cause.TOO_MANY_REFUSALS,
    "the server has not come yet": Cause.GUILD_UNAVAILABLE,
    "it may have been sent: the channel can't be seen": Cause.CHANNEL_INVISIBLE,
    "it may have been sent: Read Message History is missing in the channel": (
        Cause.HISTORY_FORBIDDEN
    ),
}
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
_AGE = r"(-?\d+) (minute|hour|day)s?"
_PATTERNS: Sequence[tuple[str, _Build]] = (
    (
        rf"published {_AGE} ago, older than {_AGE}",
        lambda found: TooOld(_age(found[1], found[2]), _age(found[3], found[4])),
    ),
    (r"not among the best (\d+) of the digest", lambda found: DigestFull(int(found[1]))),
    (
        r"quiet until (\d\d):(\d\d)",
        lambda found: QuietHours(time(int(found[1]), int(found[2]))),
    ),
    (r"I lack (.+)", lambda found: _permissions(found[1])),
    (r"Discord refuses it: (.*)", lambda found: AccessRefused(found[1])),
    (r"Discord finds nothing there: (.*)", lambda found: ChannelNotFound(found[1])),
    # Until it was known which channels never come back.
    (r"the channel is gone: (.*)", lambda found: ChannelNotFound(found[1])),
    (r"the channel was deleted: (.*)", lambda found: ChannelDeleted(found[1])),
    (r"Discord refuses the message: (.*)", lambda found: MessageRefused(found[1])),
    (r"the connection broke: (.*)", lambda found: ConnectionLost(found[1])),
    (r"Discord answered (\d+)", lambda found: ServerError(int(found[1]))),
    (
        r"it may have been sent: the channel's history can't be read: (.*)",
        lambda found: HistoryUnreadable(found[1]),
    ),
    (
        r"it may have been sent: it is not among the first (\d+) messages since it was"
        r" (?:sent|planned)",
        lambda found: HistoryTooLong(int(found[1])),
    ),
)
_SAME_STORY = re.compile(r"tells the same as “(.*)”", re.DOTALL)
_MISSING = "missing: "


@lru_cache(maxsize=10_000)
def encode_legacy_reason(text: str, status: str | None, post_id: int | None) -> str:
    """The reason that a sentence stands for, as JSON.

    `status` is the post's, None for a pause; `post_id` is the post that a folded one joined.
    Operators could write what they liked about a post that they skipped.
    """
    if (same := _SAME_STORY.fullmatch(text)) and post_id is not None:
        return encode_reason(SameStory(post_id, same[1]))
    reason = _known_reason(text)
    if reason is None:
        reason = OperatorSkipped(text or None) if status == PostStatus.SKIPPED else Legacy(text)
    return encode_reason(reason)


def encode_legacy_notice(cause: str) -> str:
    """The reason that a notice's cause stands for, as JSON.

    The cause `missing: …` was recorded where the bot saw what was missing, the sentence of the
    refusal where nothing seemed to be.
    """
    if cause.startswith(_MISSING):
        return encode_reason(_permissions(cause.removeprefix(_MISSING)))
    if cause == "I lack Embed Links":
        return encode_reason(Cause.EMBED_REMOVED)
    return encode_legacy_reason(cause, None, None)


def _known_reason(text: str) -> Reason | None:
    if reason := _EXACT.get(text):
        return reason
    for pattern, build in _PATTERNS:
        # What Discord and the network say may have several lines.
        if found := re.fullmatch(pattern, text, re.DOTALL):
            try:
                return build(found)
            except (ValueError, OverflowError):
                # An operator's note that only looks like one of the sentences.
                return None
    return None


def _permissions(names: str) -> PermissionsMissing:
    return PermissionsMissing(tuple(names.split(", ")))


def _age(number: str, unit: str) -> timedelta:
    return int(number) * _UNITS[unit]
