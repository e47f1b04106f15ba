"""The wording of recorded reasons."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discordapp.messages.reasons import (
    describe_age,
    describe_duration,
    describe_group,
    describe_reason,
)
from storage.reasons import Cause, DigestFull, Legacy, OperatorSkipped, Reason, SameStory, TooOld
from tests.storage.test_legacy_reasons import SENTENCES

PAGE = Path(__file__).parents[3] / "docs" / "subscriptions.md"
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# Earlier wordings of the same reasons.
REWORDED = {
    "the channel is gone: Unknown Channel",
    "it may have been sent: it is not among the first 1000 messages since it was planned",
}
# Reasons that no earlier version stored as a sentence of their own.
OTHERS: dict[str, Reason] = {
    "tells the same as “A story”": SameStory(17, "A story"),
    "I lack Embed Links": Cause.EMBED_REMOVED,
    "the message was deleted": Cause.MESSAGE_DELETED,
    "told elsewhere": OperatorSkipped("told elsewhere"),
    "who knows": Legacy("who knows"),
}


@pytest.mark.parametrize("sentence", [text for text in SENTENCES if text not in REWORDED])
def test_a_reason_reads_as_it_did(sentence: str) -> None:
    """What earlier versions stored as a sentence is shown as the same sentence."""
    assert describe_reason(SENTENCES[sentence]) == sentence


@pytest.mark.parametrize("sentence", OTHERS)
def test_a_reason_without_a_stored_sentence(sentence: str) -> None:
    """These were never stored as text of this form."""
    assert describe_reason(OTHERS[sentence]) == sentence


def test_the_page_on_subscriptions_shows_them_as_they_are() -> None:
    """The reasons in the table of docs/subscriptions.md are worded like that."""
    page = PAGE.read_text(encoding="utf-8")
    table = page.split("| reason | what happened |\n|---|---|\n")[1].split("\n\n")[0]
    shown = {row.split("|")[1].strip() for row in table.splitlines()}
    assert shown - {"a rule's words"} <= {*SENTENCES, describe_reason(SameStory(17, "…"))}


def test_every_kind_of_reason_has_its_sentence_here() -> None:
    """A reason that is added needs a line in the tables of these tests."""
    tested = [*SENTENCES.values(), *OTHERS.values()]
    assert {type(reason) for reason in tested} == set(get_args(Reason))
    assert {reason for reason in tested if isinstance(reason, Cause)} == set(Cause)


@given(st.one_of(*map(st.from_type, get_args(Reason))))
def test_any_parameters_can_be_worded(reason: Reason) -> None:
    """No parameters make the wording fail, alone or for a group."""
    assert isinstance(describe_reason(reason), str)
    assert isinstance(describe_group(reason), str)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (TooOld(8 * DAY, 7 * DAY), "older than 7 days"),
        (DigestFull(3), "not among the best of the digest"),
        (OperatorSkipped("told elsewhere"), "an operator skipped it"),
        (Legacy("who knows"), "for a reason that an earlier version recorded"),
        (Cause.STORY_WITHDRAWN, "the story was withdrawn"),
    ],
)
def test_a_group_names_what_its_reasons_share(reason: Reason, words: str) -> None:
    """Parameters that may differ from post to post are left out."""
    assert describe_group(reason) == words


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(), "0 minutes"),
        (MINUTE, "1 minute"),
        (HOUR - timedelta(seconds=1), "59 minutes"),
        (HOUR, "1 hour"),
        (2 * DAY - MINUTE, "47 hours"),
        (2 * DAY, "2 days"),
        (-3 * DAY, "-3 days"),
    ],
)
def test_durations_have_one_unit(duration: timedelta, words: str) -> None:
    """Minutes below an hour, hours below two days, then days; parts of a unit are cut off."""
    assert describe_duration(duration) == words
    assert describe_age(duration) == f"published {words} ago"


def test_the_command_line_needs_no_discord() -> None:
    """`storywire posts` words reasons without importing discord.py."""
    code = "import sys, bot.cli.posts; sys.exit('discord' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own program
