"""Recorded reasons as plain text, to be escaped for Discord; `storywire posts` uses it as well.

Nothing here imports `discord`.
"""

from datetime import timedelta

from storage import reasons
from storage.reasons import Cause, Reason

BY_AN_OPERATOR = "an operator skipped it"
_MAYBE = "it may have been sent: "
_CAUSES = {
    Cause.SUBSCRIPTION_REMOVED: "the subscription was removed",
    Cause.SUBSCRIPTION_MOVED: "the subscription was moved to another channel",
    Cause.RULES_CHANGED: "the subscription's rules were changed",
    Cause.WAITED_DURING_PAUSE: "before the subscription was resumed",
    Cause.STORY_WITHDRAWN: "the story was withdrawn",
    Cause.DIGEST_CHANGED: "a story of the digest was withdrawn",
    Cause.BOT_STOPPED: "the bot stopped while sending it",
    Cause.OPERATOR_RETRIED: "an operator sends it again",
    Cause.PAUSED_BY_ADMIN: "by an admin",
    Cause.EMBED_REMOVED: "I lack Embed Links",
    Cause.MESSAGE_DELETED: "the message was deleted",
    Cause.RENDERING_FAILED: "it can't be rendered; the log tells more, please report it",
    Cause.CONNECTION_FAILED: "Discord can't be reached",
    Cause.RATE_LIMITED: "rate limited",
    Cause.SLOW_MODE: "the channel is in slow mode",
    Cause.TOKEN_REJECTED: "Discord no longer takes the token",
    Cause.TOO_MANY_REFUSALS: "Discord refused too much lately",
    Cause.GUILD_UNAVAILABLE: "the server has not come yet",
    Cause.CHANNEL_INVISIBLE: f"{_MAYBE}the channel can't be seen",
    Cause.HISTORY_FORBIDDEN: f"{_MAYBE}Read Message History is missing in the channel",
}


def describe_reason(reason: Reason) -> str:  # noqa: C901, PLR0911, PLR0912 - one line per reason
    """A reason as a phrase that can follow a colon."""
    match reason:
        case Cause():
            return _CAUSES[reason]
        case reasons.TooOld(age, limit):
            return f"{describe_age(age)}, older than {describe_duration(limit)}"
        case reasons.DigestFull(best):
            return f"not among the best {best} of the digest"
        case reasons.SameStory(title=title):
            return f"tells the same as “{title}”"
        case reasons.OperatorSkipped(note):
            return BY_AN_OPERATOR if note is None else note
        case reasons.QuietHours(until):
            return f"quiet until {until:%H:%M}"
        case reasons.PermissionsMissing(permissions):
            return f"I lack {', '.join(permissions)}"
        case reasons.AccessRefused(answer):
            return f"Discord refuses it: {answer}"
        case reasons.ChannelNotFound(answer):
            return f"Discord finds nothing there: {answer}"
        case reasons.ChannelDeleted(answer):
            return f"the channel was deleted: {answer}"
        case reasons.MessageRefused(answer):
            return f"Discord refuses the message: {answer}"
        case reasons.ConnectionLost(error):
            return f"the connection broke: {error}"
        case reasons.ServerError(status):
            return f"Discord answered {status}"
        case reasons.HistoryUnreadable(error):
            return f"{_MAYBE}the channel's history can't be read: {error}"
        case reasons.HistoryTooLong(limit):
            return f"{_MAYBE}it is not among the first {limit} messages since it was sent"
        case reasons.Legacy(text):
            return text


def describe_group(reason: Reason) -> str:
    """What skipped posts with a reason of this code have in common, as `describe_reason`."""
    match reason:
        case reasons.TooOld(limit=limit):
            return f"older than {describe_duration(limit)}"
        case reasons.DigestFull():
            return "not among the best of the digest"
        case reasons.OperatorSkipped():
            return BY_AN_OPERATOR
        case reasons.Legacy():
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
