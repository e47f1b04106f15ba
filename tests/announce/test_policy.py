"""The rules, as a table that reads like their documentation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.announce.policy import Decision, decide, decide_all, meets_rules
from storage.models import Rules, Subscription
from storage.posts import PlannerView
from tests.support.articles import make_story
from tests.support.clock import START

WEEK, DAY = timedelta(days=7), timedelta(days=1)


def subscription(number: int = 1, *, channel: int = 20, **changes: Any) -> Subscription:  # noqa: ANN401 - any field
    """A subscription to everything from quality 70 on."""
    rules = changes.pop("rules", Rules(min_quality=70))
    return Subscription(number, 10, channel, 1, START, rules, **changes)


def verdict(
    story: dict[str, Any] | None = None,
    *,
    rules: Rules | None = None,
    fresh_after: datetime | None = None,
    told: bool = False,
    seen: bool = False,
    max_age: timedelta | None = WEEK,
) -> Decision:
    """What is decided for a story now."""
    return decide(
        make_story(**(story or {})),
        subscription(rules=rules or Rules(min_quality=70), fresh_after=fresh_after),
        now=START + DAY,
        max_age=max_age,
        told=told,
        seen=seen,
    )


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        ({}, "meets every rule"),
        ({"story": {"withdrawn": True}}, "the story was withdrawn"),
        ({"story": {"quality": 70}}, "meets every rule"),
        ({"story": {"quality": 69}}, "quality 69 is below 70"),
        ({"rules": Rules(("Space", "Energy"))}, "is not about Space or Energy"),
        ({"rules": Rules(("ai", "Energy"))}, "meets every rule"),
        ({"told": True}, "already posted here"),
        ({"seen": True}, "met the rules before the subscription"),
        ({"story": {"published_at": START - 6 * DAY}}, "meets every rule"),
        (
            {"story": {"published_at": START - 7 * DAY}},
            "published 8 days ago, older than 7 days",
        ),
        ({"story": {"published_at": START - 99 * DAY}, "max_age": None}, "meets every rule"),
        ({"story": {"published_at": START + 99 * DAY}}, "meets every rule"),
        (
            {
                "story": {"published_at": START - 9 * DAY},
                "fresh_after": START - WEEK,
                "max_age": None,
            },
            "met the rules before the subscription",
        ),
    ],
)
def test_a_decision_has_a_reason_in_words(situation: dict[str, Any], reason: str) -> None:
    """The first rule that speaks against it is the reason."""
    decision = verdict(**situation)
    assert decision.reason == reason
    assert decision.announce == (reason == "meets every rule")


def test_every_rule_says_what_it_found() -> None:
    """Also those that passed: an admin who asks why sees them all."""
    assert [(check.rule, check.reason) for check in verdict(rules=Rules(("AI",), 70)).checks] == [
        ("topics", "is about AI"),
        ("quality", "quality 80 is at least 70"),
        ("once", "not yet posted here"),
        ("age", "published 24 hours ago"),
        ("new", "new since the subscription"),
    ]


def test_rules_alone_say_nothing_about_age() -> None:
    """The best of the archive is chosen by them."""
    assert meets_rules(make_story(published_at=START - 999 * DAY), Rules(min_quality=80))
    assert not meets_rules(make_story(withdrawn=True), Rules())


def test_a_channel_gets_a_story_through_its_oldest_subscription_that_matches() -> None:
    """Several may match; other channels are their own matter."""
    view = PlannerView(
        cursor=0,
        stories=(make_story(1), make_story(2, topics=("Space",))),
        subscriptions=(
            subscription(1, rules=Rules(("Space",))),
            subscription(2),
            subscription(3),
            subscription(4, channel=21),
        ),
        told=frozenset({(2, 21)}),
    )
    chosen = [(story.id, each.id) for story, each in decide_all(view, START, WEEK)]
    assert chosen == [(1, 2), (1, 4), (2, 1)]
