"""The rules that decide whether a channel gets a story: pure, and each with a reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.models import Rules, Story, Subscription
from storage.posts import PlannerView


@dataclass(frozen=True, slots=True)
class Check:
    """A rule's verdict. `reason` says what was found, for a person, whether it passed or not."""

    rule: str
    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Every rule's verdict on a story for a subscription, in the order of the rules."""

    checks: tuple[Check, ...]

    @property
    def announce(self) -> bool:
        """Whether the channel gets the story."""
        return all(check.passed for check in self.checks)

    @property
    def reason(self) -> str:
        """Why it does not, or that it meets every rule."""
        return next((check.reason for check in self.checks if not check.passed), "meets every rule")


def decide(
    story: Story,
    subscription: Subscription,
    *,
    now: datetime,
    max_age: timedelta | None,
    told: bool,
    seen: bool,
) -> Decision:
    """Decide about a story for a subscription.

    `told`: the channel has the story or awaits it. `seen`: the story met the subscription's rules
    when that was made. `max_age` None: no limit.
    """
    return Decision(
        (
            *check_rules(story, subscription.rules),
            _check_told(told),
            check_age(story, now, max_age),
            _check_new(story, subscription, seen),
        )
    )


def meets_rules(story: Story, rules: Rules) -> bool:
    """Whether a story is of the kind that is wanted, whatever its age."""
    return all(check.passed for check in check_rules(story, rules))


def check_rules(story: Story, rules: Rules) -> Iterator[Check]:
    """What the rules themselves say of a story."""
    if story.withdrawn:
        yield Check("published", False, "the story was withdrawn")
    yield _check_topics(story, rules.topics)
    quality, bar = story.article.quality, rules.min_quality
    passed = quality >= bar
    yield Check(
        "quality", passed, f"quality {quality} is {'at least' if passed else 'below'} {bar}"
    )


def check_age(story: Story, now: datetime, max_age: timedelta | None) -> Check:
    """Whether a story is still news; checked when deciding, and again when sending."""
    age = now - story.dated_at
    if max_age is None or age <= max_age:
        return Check("age", True, f"published {_days(age)} ago")
    return Check("age", False, f"published {_days(age)} ago, older than {_days(max_age)}")


def decide_all(
    view: PlannerView, now: datetime, max_age: timedelta | None
) -> Iterator[tuple[Story, Subscription]]:
    """The announcements that follow from the planner's view.

    A channel gets a story once, through its oldest subscription that matches.
    """
    for story in view.stories:
        channels: set[int] = set()
        for subscription in view.subscriptions:
            decision = decide(
                story,
                subscription,
                now=now,
                max_age=max_age,
                told=(story.id, subscription.channel_id) in view.told
                or subscription.channel_id in channels,
                seen=(subscription.id, story.id) in view.seen,
            )
            if decision.announce:
                channels.add(subscription.channel_id)
                yield story, subscription


def _check_topics(story: Story, wanted: Iterable[str]) -> Check:
    names = tuple(wanted)
    if not names:
        return Check("topics", True, "all topics are wanted")
    folded = {name.casefold() for name in names}
    common = [topic for topic in story.article.topics if topic.casefold() in folded]
    if common:
        return Check("topics", True, f"is about {', '.join(common)}")
    return Check("topics", False, f"is not about {' or '.join(names)}")


def _check_told(told: bool) -> Check:
    return Check("once", not told, "already posted here" if told else "not yet posted here")


def _check_new(story: Story, subscription: Subscription, seen: bool) -> Check:
    since = subscription.fresh_after
    if seen or (since is not None and story.dated_at < since):
        return Check("new", False, "met the rules before the subscription")
    return Check("new", True, "new since the subscription")


def _days(time: timedelta) -> str:
    if abs(time) < timedelta(hours=1):
        return _count(time / timedelta(minutes=1), "minute")
    if abs(time) < timedelta(days=2):
        return _count(time / timedelta(hours=1), "hour")
    return _count(time / timedelta(days=1), "day")


def _count(number: float, unit: str) -> str:
    whole = int(number)
    return f"{whole} {unit}" if whole == 1 else f"{whole} {unit}s"
