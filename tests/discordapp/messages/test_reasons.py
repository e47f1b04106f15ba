"""The texts of recorded reasons."""

import subprocess
import sys
from datetime import time, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.messages.reasons import (
    describe_duration,
    describe_for_operator,
    describe_group,
    describe_reason,
)
from storage.reasons import (
    AccessRefused,
    BestSoFar,
    Cause,
    ChannelDeleted,
    ChannelNotFound,
    ConnectionLost,
    DigestFull,
    FoundAfterRestore,
    HistoryTooLong,
    HistoryUnreadable,
    Legacy,
    MessageReduced,
    MessageRefused,
    OperatorSkipped,
    Part,
    PermissionsMissing,
    QuietHours,
    Reason,
    SameStory,
    ServerError,
    TooOld,
)

PAGE = Path(__file__).parents[3] / "docs" / "subscriptions.md"
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MAYBE = "it may have been sent, but"
TEXTS: dict[str, Reason] = {
    "the subscription was removed": Cause.SUBSCRIPTION_REMOVED,
    "the subscription was moved to another channel": Cause.SUBSCRIPTION_MOVED,
    "it no longer matches the subscription's rules": Cause.RULES_CHANGED,
    "it waited while the subscription was paused": Cause.WAITED_DURING_PAUSE,
    "the story was withdrawn": Cause.STORY_WITHDRAWN,
    "a story in the digest was withdrawn": Cause.DIGEST_CHANGED,
    "older than 7 days": TooOld(8 * DAY, 7 * DAY),
    "older than 1 hour": TooOld(47 * HOUR, HOUR),
    "older than 90 minutes": TooOld(2 * HOUR, 90 * MINUTE),
    "older than 0 days": TooOld(2 * DAY, timedelta()),
    "the best so far": BestSoFar(1),
    "one of the 3 best so far": BestSoFar(3),
    "not among the top 10 of the digest": DigestFull(10),
    "same event as “A story”": SameStory(17, "A story"),
    "the bot stopped while sending it": Cause.BOT_STOPPED,
    "retried by an operator": Cause.OPERATOR_RETRIED,
    "by an operator": OperatorSkipped(),
    "posted elsewhere": OperatorSkipped("posted elsewhere"),
    "quiet hours until 08:00": QuietHours(time(8)),
    "quiet hours until 23:59": QuietHours(time(23, 59)),
    "paused by an admin": Cause.PAUSED_BY_ADMIN,
    "missing permissions: Send Messages, Embed Links": PermissionsMissing(
        ("Send Messages", "Embed Links")
    ),
    "missing permission: Send Messages": PermissionsMissing(("Send Messages",)),
    "missing permission: Embed Links": Cause.EMBED_REMOVED,
    "Discord denied access: Missing Access": AccessRefused("Missing Access"),
    "Discord can't find the channel: 404: Not Found": ChannelNotFound("404: Not Found"),
    "the channel was deleted: Unknown Channel": ChannelDeleted("Unknown Channel"),
    "the message was deleted": Cause.MESSAGE_DELETED,
    "Discord rejected the message: Invalid Form Body": MessageRefused("Invalid Form Body"),
    "without its icon, a button, which Discord rejected: X": MessageReduced(
        (Part.ICON, Part.BUTTON), "X"
    ),
    "as plain text, because Discord rejected the message: X": MessageReduced(
        (Part.ICON, Part.EMBED), "X"
    ),
    "internal error – see the bot's log and please report it": Cause.RENDERING_FAILED,
    "the subscription was changed": Cause.OPTION_CHANGED,
    "Discord limits publishing in the channel": Cause.PUBLISHING_LIMIT,
    "the channel is not an announcement channel": Cause.NO_ANNOUNCEMENT_CHANNEL,
    "threads can't be opened in the channel": Cause.NO_THREADS,
    "it is damaged in the bot's database": Cause.MESSAGE_DAMAGED,
    "can't connect to Discord": Cause.CONNECTION_FAILED,
    "the connection to Discord was lost": ConnectionLost("Server disconnected"),
    "rate limited by Discord": Cause.RATE_LIMITED,
    "the channel is in slow mode": Cause.SLOW_MODE,
    "Discord rejected the bot's token": Cause.TOKEN_REJECTED,
    "Discord had a server error (HTTP 503)": ServerError(503),
    "the thread is locked – unlock it or grant Manage Threads": Cause.THREAD_LOCKED,
    "the server has too many active threads – archive some": Cause.TOO_MANY_THREADS,
    "the forum requires a tag, and none is chosen for this story": Cause.TAG_REQUIRED,
    "Discord rejected too many requests recently": Cause.TOO_MANY_REFUSALS,
    "the server isn't available yet": Cause.GUILD_UNAVAILABLE,
    f"{MAYBE} the bot can't see the channel": Cause.CHANNEL_INVISIBLE,
    f"{MAYBE} the bot needs Read Message History to check": Cause.HISTORY_FORBIDDEN,
    f"{MAYBE} the bot can't read the channel's history": HistoryUnreadable("404 Not Found"),
    f"{MAYBE} isn't among the first 1,000 messages since then": HistoryTooLong(1000),
    "found in the channel after a backup was restored": FoundAfterRestore(5),
    "who knows": Legacy("who knows"),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_reason_has_its_text(text: str) -> None:
    """Each reason is described with its parameters."""
    assert describe_reason(TEXTS[text]) == text


def test_operators_are_shown_the_error_of_a_library() -> None:
    assert describe_for_operator(ConnectionLost("no route")) == (
        "the connection to Discord was lost: no route"
    )
    assert describe_for_operator(HistoryUnreadable("404")).endswith("the channel's history: 404")
    assert describe_for_operator(Cause.SLOW_MODE) == describe_reason(Cause.SLOW_MODE)


def test_the_documentation_quotes_the_reasons() -> None:
    """The reasons in the table of docs/subscriptions.md have the current wording."""
    page = PAGE.read_text(encoding="utf-8")
    table = page.split("| reason | what happened |\n|---|---|\n")[1].split("\n\n")[0]
    shown = {row.split("|")[1].strip() for row in table.splitlines()}
    assert shown <= {*TEXTS, describe_reason(SameStory(17, "…"))}


def test_every_kind_of_reason_is_tested_here() -> None:
    """A reason that is added needs a line in the table of these tests."""
    assert {type(reason) for reason in TEXTS.values()} == set(get_args(Reason))
    assert {reason for reason in TEXTS.values() if isinstance(reason, Cause)} == set(Cause)


@given(st.one_of(*map(st.from_type, get_args(Reason))))
def test_any_parameters_can_be_described(reason: Reason) -> None:
    """No parameters make a description fail, alone or for a group."""
    assert isinstance(describe_reason(reason), str)
    assert isinstance(describe_group(reason), str)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (TooOld(8 * DAY, 7 * DAY), "older than 7 days"),
        (DigestFull(3), "not among the top stories of the digest"),
        (OperatorSkipped("posted elsewhere"), "by an operator"),
        (Legacy("who knows"), "reason recorded by an earlier version"),
        (Cause.STORY_WITHDRAWN, "the story was withdrawn"),
    ],
)
def test_a_group_describes_what_its_reasons_share(reason: Reason, words: str) -> None:
    """Parameters that may differ from post to post are omitted."""
    assert describe_group(reason) == words


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(), "0 days"),
        (MINUTE, "1 minute"),
        (HOUR - timedelta(seconds=1), "59 minutes"),
        (HOUR, "1 hour"),
        (90 * MINUTE, "90 minutes"),
        (36 * HOUR, "36 hours"),
        (60 * HOUR, "60 hours"),
        (7 * DAY, "7 days"),
    ],
)
def test_durations_have_one_unit(duration: timedelta, words: str) -> None:
    """It is the largest one that needs no fraction, so that a limit is shown exactly."""
    assert describe_duration(duration) == words


def test_the_command_line_needs_no_discord() -> None:
    """`storywire posts` describes reasons without importing discord.py."""
    code = "import sys, bot.cli.posts; sys.exit('discord' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own program
