"""The texts of verdicts; tests/announce/test_policy.py compares them with the documentation."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announce.verdicts import (
    Check,
    KindMatch,
    ListMatch,
    Minimum,
    ProviderMatch,
    Published,
    Remark,
    RuleName,
)
from bot.discordapp.messages.verdicts import describe_rule, describe_verdict
from storage.models import Kind
from storage.posts import PostStatus


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (Check(RuleName.TOPICS, True, ListMatch(("AI", "Space"), ())), "matches AI, Space"),
        (
            Check(RuleName.PROVIDERS, False, ProviderMatch(None, ("A", "B"))),
            "unknown provider, not A or B",
        ),
        (Check(RuleName.HEAT, False, Minimum(-1, 0)), "-1 (minimum 0)"),
        (Check(RuleName.QUALITY, True, Minimum(70, 70)), "70 (minimum 70)"),
        (
            Check(RuleName.KIND, False, KindMatch(Kind.ARTICLE, (Kind.VIDEO,))),
            "article, not video",
        ),
        (
            Check(RuleName.KIND, False, KindMatch(Kind.SHORT, (Kind.ARTICLE, Kind.VIDEO))),
            "Short, not article or video",
        ),
        (
            Check(RuleName.WORDS, False, ListMatch((), ("a", "{b} c"))),
            "no match for “a” or “{b} c”",
        ),
        (Check(RuleName.ONCE, False, PostStatus.UNCERTAIN), "may already be posted here"),
    ],
)
def test_a_verdict_is_described(check: Check, words: str) -> None:
    """The text follows the rule's label and a colon."""
    assert describe_verdict(check) == words


# As everywhere, times have a zone.
st.register_type_strategy(
    Published,
    st.builds(
        Published,
        st.datetimes(timezones=st.just(UTC)),
        st.none() | st.timedeltas(min_value=timedelta()),
    ),
)


@given(st.from_type(Check))
def test_any_verdict_can_be_described(check: Check) -> None:
    """No parameters make a description fail or leave it empty."""
    assert describe_verdict(check).strip()


@pytest.mark.parametrize(
    "verdict", [*Remark, *PostStatus, *(KindMatch(kind, ()) for kind in Kind)], ids=str
)
def test_every_member_is_described(verdict: Remark | PostStatus | KindMatch) -> None:
    """The tables of texts are complete."""
    assert describe_verdict(Check(RuleName.NEW, True, verdict))


def test_every_rule_has_its_own_label() -> None:
    """Labels are shown before the verdicts."""
    names = [describe_rule(rule) for rule in RuleName]
    assert len(set(names)) == len(names)
    assert not any("_" in name for name in names)
