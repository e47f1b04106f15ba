"""The wording of verdicts; tests/announce/test_policy.py holds it to docs/subscriptions.md."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.verdicts import (
    AboutTopics,
    Bar,
    FromOtherProvider,
    HasNoneOfWords,
    InChannel,
    MeetsEveryRule,
    OfOtherKind,
    RuleName,
    Verdict,
)
from bot.discordapp.messages.verdicts import describe_rule, describe_verdict
from storage.models import Kind
from storage.posts import PostStatus


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (MeetsEveryRule(), "meets every rule"),
        (AboutTopics(("AI", "Space")), "is about AI, Space"),
        (FromOtherProvider(None, ("A", "B")), "comes from an unnamed provider, not from A or B"),
        (Bar(RuleName.HEAT, -1, 0), "heat -1 is below 0"),
        (Bar(RuleName.QUALITY, 70, 70), "quality 70 is at least 70"),
        (OfOtherKind(Kind.ARTICLE, (Kind.VIDEO,)), "is an article, not a video"),
        (HasNoneOfWords(("a", "b c")), "does not say “a” or “b c”"),
        (InChannel(PostStatus.UNCERTAIN), "may be posted here already"),
    ],
)
def test_a_verdict_is_a_phrase(verdict: Verdict, words: str) -> None:
    """It follows the rule's name and a colon."""
    assert describe_verdict(verdict) == words


@given(st.one_of(*map(st.from_type, get_args(Verdict))))
def test_any_verdict_can_be_worded(verdict: Verdict) -> None:
    """No parameters make the wording fail, and none leaves it empty."""
    assert describe_verdict(verdict).strip()


def test_every_rule_has_a_name_of_its_own() -> None:
    """Names are shown before the verdicts."""
    names = [describe_rule(rule) for rule in RuleName]
    assert len(set(names)) == len(names)
    assert not any("_" in name for name in names)
