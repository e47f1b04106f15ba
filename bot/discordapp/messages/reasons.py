"""Why a post or a pause is as it is, as plain text.

A reason is a phrase that follows a colon or stands in parentheses. Escape it for Discord.
"""

from datetime import timedelta

from storage import reasons
from storage.reasons import Cause, Part, Reason

_PARTS = {
    Part.ICON: "its icon",
    Part.AUTHOR: "its source",
    Part.PICTURE: "its picture",
    Part.FOOTER: "its footer",
    Part.DATE: "its date",
    Part.COLOUR: "its colour",
    Part.LINK: "a link",
    Part.EXCERPT: "its excerpt",
    Part.FIELD: "a field",
    Part.BUTTON: "a button",
    Part.MENU: "the menu",
    Part.MENTION: "the mention",
    Part.LINE: "the line above it",
}
BY_AN_OPERATOR = "by an operator"
# The error of `HistoryUnreadable` if it is not one of the network.
DAMAGED_HISTORY = "a message in it is damaged"
_UNITS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)
_CAUSES = {
    Cause.SUBSCRIPTION_REMOVED: "the subscription was removed",
    Cause.SUBSCRIPTION_MOVED: "the subscription was moved to another channel",
    Cause.RULES_CHANGED: "it no longer matches the subscription's rules",
    Cause.WAITED_DURING_PAUSE: "it waited while the subscription was paused",
    Cause.STORY_WITHDRAWN: "the story was withdrawn",
    Cause.DIGEST_CHANGED: "a story in the digest was withdrawn",
    Cause.BOT_STOPPED: "the bot stopped while sending it",
    Cause.OPERATOR_RETRIED: "retried by an operator",
    Cause.PAUSED_BY_ADMIN: "paused by an admin",
    Cause.EMBED_REMOVED: "missing permission: Embed Links",
    Cause.MESSAGE_DELETED: "the message was deleted",
    Cause.RENDERING_FAILED: "internal error – see the bot's log and please report it",
    Cause.OPTION_CHANGED: "the subscription was changed",
    Cause.PUBLISHING_LIMIT: "Discord limits publishing in the channel",
    Cause.NO_ANNOUNCEMENT_CHANNEL: "the channel is not an announcement channel",
    Cause.NO_THREADS: "threads can't be opened in the channel",
    Cause.MESSAGE_DAMAGED: "it is damaged in the bot's database",
    Cause.CONNECTION_FAILED: "can't connect to Discord",
    Cause.RATE_LIMITED: "rate limited by Discord",
    Cause.SLOW_MODE: "the channel is in slow mode",
    Cause.TOKEN_REJECTED: "Discord rejected the bot's token",
    Cause.THREAD_LOCKED: "the thread is locked – unlock it or grant Manage Threads",
    Cause.TOO_MANY_THREADS: "the server has too many active threads – archive some",
    Cause.TAG_REQUIRED: "the forum requires a tag, and none is chosen for this story",
    Cause.TOO_MANY_REFUSALS: "Discord rejected too many requests recently",
    Cause.GUILD_UNAVAILABLE: "the server isn't available yet",
    Cause.CHANNEL_INVISIBLE: "it may have been sent, but the bot can't see the channel",
    Cause.HISTORY_FORBIDDEN: (
        "it may have been sent, but the bot needs Read Message History to check"
    ),
}


def describe_reason(reason: Reason) -> str:  # noqa: C901, PLR0911, PLR0912 - one line per reason
    """A reason with its parameters."""
    match reason:
        case Cause():
            return _CAUSES[reason]
        case reasons.TooOld(limit=limit):
            # Its age at that time would soon be wrong.
            return older_than(limit)
        case reasons.BestSoFar(count):
            return "the best so far" if count == 1 else f"one of the {count} best so far"
        case reasons.DigestFull(best):
            return f"not among the top {best} of the digest"
        case reasons.SameStory(title=title):
            evidence = describe_evidence(reason)
            return f"same event as “{title}”" + (f": {evidence}" if evidence else "")
        case reasons.OperatorSkipped(note):
            return BY_AN_OPERATOR if note is None else note
        case reasons.QuietHours(until):
            return f"quiet hours until {until:%H:%M}"
        case reasons.PermissionsMissing(permissions):
            plural = "" if len(permissions) == 1 else "s"
            return f"missing permission{plural}: {', '.join(permissions)}"
        case reasons.AccessRefused(answer):
            return f"Discord denied access: {answer}"
        case reasons.ChannelNotFound(answer):
            return f"Discord can't find the channel: {answer}"
        case reasons.ChannelDeleted(answer):
            return f"the channel was deleted: {answer}"
        case reasons.MessageRefused(answer):
            return f"Discord rejected the message: {answer}"
        case reasons.MessageReduced(parts, answer):
            if Part.EMBED in parts:
                return f"as plain text, because Discord rejected the message: {answer}"
            left_out = ", ".join(_PARTS[part] for part in parts)
            return f"without {left_out}, which Discord rejected: {answer}"
        case reasons.ConnectionLost():
            return "the connection to Discord was lost"
        case reasons.ServerError(status):
            return f"Discord had a server error (HTTP {status})"
        case reasons.HistoryUnreadable():
            return "it may have been sent, but the bot can't read the channel's history"
        case reasons.HistoryTooLong(limit):
            return f"it may have been sent, but isn't among the first {limit:,} messages since then"
        case reasons.FoundAfterRestore():
            return "found in the channel after a backup was restored"
        case reasons.Legacy(text):
            return text


def describe_for_operator(reason: Reason) -> str:
    """The same, with the error of a library, which says nothing to other people."""
    match reason:
        case reasons.ConnectionLost(error) | reasons.HistoryUnreadable(error):
            return f"{describe_reason(reason)}: {error}"
        case _:
            return describe_reason(reason)


def describe_group(reason: Reason) -> str:
    """What skipped posts with a reason of this code have in common, as `describe_reason`."""
    match reason:
        case reasons.DigestFull():
            return "not among the top stories of the digest"
        case reasons.OperatorSkipped():
            return BY_AN_OPERATOR
        case reasons.Legacy():
            return "reason recorded by an earlier version"
        case _:
            return describe_reason(reason)


def older_than(limit: timedelta) -> str:
    """`older than 7 days`."""
    return f"older than {describe_duration(limit)}"


def describe_evidence(reason: reasons.SameStory) -> str:
    """Why two stories are about the same event; empty where it was not recorded."""
    parts = [f"both mention {', '.join(reason.words)}"] if reason.words else []
    if reason.apart is not None:
        parts.append(_describe_apart(reason.apart))
    return "; ".join(parts)


def _describe_apart(apart: timedelta) -> str:
    """How far two stories are apart, in whole hours."""
    hours = round(apart / timedelta(hours=1))
    if hours == 0:
        return "less than an hour apart"
    return "1 hour apart" if hours == 1 else f"{hours} hours apart"


def describe_duration(duration: timedelta) -> str:
    """`7 days`, `36 hours`: the largest unit that needs no fraction; seconds are cut off."""
    unit, name = next((each for each in _UNITS if not duration % each[0]), _UNITS[-1])
    count = duration // unit
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
