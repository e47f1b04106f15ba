"""Convert the sentences that versions 1 to 6 of the database recorded as reasons to codes."""

import re
from collections.abc import Callable, Sequence
from datetime import time, timedelta
from functools import lru_cache
from typing import TypeAlias

from storage import reasons
from storage.posts import PostStatus
from storage.reasons import Cause, Reason, encode_reason

_Build: TypeAlias = Callable[..., Reason]


def _permissions(names: str) -> reasons.PermissionsMissing:
    return reasons.PermissionsMissing(tuple(names.split(", ")))


_EXACT: dict[str, Reason] = {
    "the subscription was removed": Cause.SUBSCRIPTION_REMOVED,
    "the subscription was moved to another channel": Cause.SUBSCRIPTION_MOVED,
    "the subscription's rules were changed": Cause.RULES_CHANGED,
    "before the subscription was resumed": Cause.WAITED_DURING_PAUSE,
    "the story was withdrawn": Cause.STORY_WITHDRAWN,
    "a story of the digest was withdrawn": Cause.DIGEST_CHANGED,
    "the bot stopped while sending it": Cause.BOT_STOPPED,
    "an operator sends it again": Cause.OPERATOR_RETRIED,
    "an operator skipped it": reasons.OperatorSkipped(),
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
        lambda age, unit, limit, per: reasons.TooOld(_age(age, unit), _age(limit, per)),
    ),
    (r"not among the best (\d+) of the digest", lambda number: reasons.DigestFull(int(number))),
    (
        r"quiet until (\d\d):(\d\d)",
        lambda hour, minute: reasons.QuietHours(time(int(hour), int(minute))),
    ),
    (r"I lack (.+)", _permissions),
    (r"Discord refuses it: (.*)", reasons.AccessRefused),
    (r"Discord finds nothing there: (.*)", reasons.ChannelNotFound),
    # Recorded by versions that did not distinguish deleted channels.
    (r"the channel is gone: (.*)", reasons.ChannelNotFound),
    (r"the channel was deleted: (.*)", reasons.ChannelDeleted),
    (r"Discord refuses the message: (.*)", reasons.MessageRefused),
    (r"the connection broke: (.*)", reasons.ConnectionLost),
    (r"Discord answered (\d+)", lambda number: reasons.ServerError(int(number))),
    (
        r"it may have been sent: the channel's history can't be read: (.*)",
        reasons.HistoryUnreadable,
    ),
    (
        r"it may have been sent: it is not among the first (\d+) messages since it was"
        r" (?:sent|planned)",
        lambda number: reasons.HistoryTooLong(int(number)),
    ),
)
_SAME_STORY = re.compile(r"tells the same as “(.*)”", re.DOTALL)
_MISSING = "missing: "


@lru_cache(maxsize=10_000)
def encode_legacy_reason(text: str, status: str | None, post_id: int | None) -> str:
    """Convert a sentence to a reason, as JSON.

    `status` is the status of the post, None for a pause; `post_id` is the post into which a folded
    post was folded. For a skipped post, an unknown sentence is an operator's comment.
    """
    if (same := _SAME_STORY.fullmatch(text)) and post_id is not None:
        return encode_reason(reasons.SameStory(post_id, same[1]))
    reason = _known_reason(text)
    if reason is None:
        reason = (
            reasons.OperatorSkipped(text or None)
            if status == PostStatus.SKIPPED
            else reasons.Legacy(text)
        )
    return encode_reason(reason)


def encode_legacy_notice(cause: str) -> str:
    """Convert the cause of a notice to a reason, as JSON.

    The cause is `missing: …` if the bot knew the missing permissions, else the sentence of the
    refusal.
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
        # Texts from Discord and the network may have several lines.
        if found := re.fullmatch(pattern, text, re.DOTALL):
            try:
                return build(*found.groups())
            except (ValueError, OverflowError):
                # An operator's comment that only looks like one of the sentences.
                return None
    return None


def _age(number: str, unit: str) -> timedelta:
    return int(number) * _UNITS[unit]
