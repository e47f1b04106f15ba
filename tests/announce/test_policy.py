"""The rules of subscriptions, compared with their documentation."""

import re
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bot.announce.event_terms import TermFrequencies
from bot.announce.policy import check_rules, decide, decide_all, meets_rules
from bot.announce.same_event_index import SameEventIndex
from bot.announce.verdicts import Check, ListMatch, Minimum, Published, Remark, RuleName
from bot.discordapp.messages.verdicts import describe_rule, describe_verdict
from storage.models import Kind, Provider, Rules, Story, Subscription, SubscriptionSpec
from storage.posts import PlannerSnapshot, PostStatus
from tests.support.articles import make_story
from tests.support.clock import START

WEEK, DAY = timedelta(days=7), timedelta(days=1)
PAGE = Path(__file__).parents[2] / "docs" / "subscriptions.md"


def subscription(number: int = 1, *, channel: int = 20, **changes: Any) -> Subscription:  # noqa: ANN401 - any field
    """A subscription to everything from quality 70 on."""
    rules = changes.pop("rules", Rules(min_quality=70))
    return Subscription(number, 10, 1, START, SubscriptionSpec(channel, rules), **changes)


def verdict(
    story: dict[str, Any] | None = None,
    *,
    rules: Rules | None = None,
    fresh_after: datetime | None = None,
    post: PostStatus | None = None,
    seen: bool = False,
    max_age: timedelta | None = WEEK,
) -> tuple[Check, ...]:
    """The decision about a story now."""
    return decide(
        make_story(**(story or {})),
        subscription(rules=rules or Rules(min_quality=70), fresh_after=fresh_after),
        START + DAY,
        max_age,
        post,
        seen=seen,
    )


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        ({}, None),
        ({"story": {"withdrawn": True}}, Check(RuleName.PUBLISHED, False, Remark.WITHDRAWN)),
        ({"story": {"quality": 70}}, None),
        ({"story": {"quality": 69}}, Check(RuleName.QUALITY, False, Minimum(69, 70))),
        (
            {"rules": Rules(("Space", "Energy"))},
            Check(RuleName.TOPICS, False, ListMatch((), ("Space", "Energy"))),
        ),
        ({"rules": Rules(("ai", "Energy"))}, None),
        ({"post": PostStatus.SENT}, Check(RuleName.ONCE, False, PostStatus.SENT)),
        ({"seen": True}, Check(RuleName.NEW, False, Remark.KNOWN_BEFORE)),
        ({"story": {"published_at": START - 6 * DAY}}, None),
        (
            {"story": {"published_at": START - 7 * DAY}},
            Check(RuleName.AGE, False, Published(START - 7 * DAY, WEEK)),
        ),
        ({"story": {"published_at": START - 99 * DAY}, "max_age": None}, None),
        ({"story": {"published_at": START + 99 * DAY}}, None),
        (
            {
                "story": {"published_at": START - 9 * DAY},
                "fresh_after": START - WEEK,
                "max_age": None,
            },
            Check(RuleName.NEW, False, Remark.TOO_OLD_BEFORE),
        ),
    ],
)
def test_a_decision_has_a_reason(situation: dict[str, Any], reason: Check | None) -> None:
    """The first failed check is the reason; a story without one is posted."""
    assert next((check for check in verdict(**situation) if not check.passed), None) == reason


def test_every_rule_has_a_verdict() -> None:
    """Passed checks have one too, because an admin who asks why sees all of them."""
    assert [worded(check) for check in verdict(rules=Rules(("AI",), 70))] == [
        ("Topics", "✅", "matches AI"),
        ("Quality", "✅", "80 (minimum 70)"),
        ("Not a repeat", "✅", "not posted here yet"),
        ("Age", "✅", "published 1 days ago"),
        ("New", "✅", "new to the subscription"),
    ]


def test_rules_ignore_the_age() -> None:
    """They also choose the best stories of the archive."""
    assert meets_rules(make_story(published_at=START - 999 * DAY), Rules(min_quality=80))
    assert not meets_rules(make_story(withdrawn=True), Rules())


def test_the_oldest_matching_subscription_gets_a_story() -> None:
    """Several subscriptions of a channel may match; other channels are independent."""
    view = PlannerSnapshot(
        cursor=0,
        stories=(make_story(1), make_story(2, topics=("Space",))),
        subscriptions=(
            subscription(1, rules=Rules(("Space",))),
            subscription(2),
            subscription(3),
            subscription(4, channel=21),
        ),
        posted=frozenset({(2, 21)}),
    )
    chosen = [(story.id, each.id) for story, each in decide_all(view, START, WEEK)]
    assert chosen == [(1, 2), (1, 4), (2, 1)]


@pytest.mark.parametrize(
    ("rules", "wanted", "unwanted"),
    [
        (Rules(("ai",)), {"topics": ("AI", "Sport")}, {"topics": ("Sport",)}),
        (Rules(without_topics=("ai",)), {"topics": ("Sport",)}, {"topics": ("Sport", "AI")}),
        (Rules(without_topics=("ai",)), {"topics": ()}, {"topics": ("AI",)}),
        (Rules(providers=("gull",)), {"provider": Provider("Gull")}, {"provider": None}),
        (Rules(providers=("g.example",)), {"provider": Provider("G", "G.example")}, {}),
        (Rules(min_quality=70), {"quality": 70}, {"quality": 69}),
        (Rules(min_heat=5), {"heat": 5}, {"heat": -1}),
        (Rules(min_heat=-1), {"heat": -1}, {"heat": -2}),
        (Rules(kinds=(Kind.VIDEO,)), {"kind": Kind.VIDEO}, {"kind": Kind.ARTICLE}),
        (Rules(words=("a", "b")), {"title": "B"}, {"title": "C"}),
        (Rules(without_words=("a", "b")), {"title": "C"}, {"title": "B"}),
    ],
)
def test_each_rule_accepts_some_and_rejects_others(
    rules: Rules, wanted: dict[str, Any], unwanted: dict[str, Any]
) -> None:
    """The other properties of the story don't matter."""
    assert meets_rules(make_story(**{"excerpt": "", **wanted}), rules)
    assert not meets_rules(make_story(**{"excerpt": "", **unwanted}), rules)


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("launch", "The LAUNCH, at last", True),
        ("launch", "launches", False),
        ("launch", "relaunch", False),
        ("launch", "pre-launch", True),
        ("launch", "snake_launch", True),
        ("Straße", "STRASSE", True),
        ("café", "cafe\u0301s", False),
        ("café", "Cafe\u0301!", True),
        ("don't", "they don\u2019t know", True),
        ("C", "C++ and C#", False),
        ("c++", "C++, C#", True),
        ("AI", "maize", False),
        ("AI", "生成AIの話", True),
        ("ロボット", "小型ロボット、雨", True),
        ("ロボット", "ロボ", False),
        ("सेब", "सेबों", False),
        ("सेब", "एक सेब।", True),
        ("ข่าว", "อ่านข่าววันนี้", True),
        ("الماء", "من الماء!", True),
        ("привет", "ПРИВЕТ", True),
        ("big  data", "Big data", True),
        ("big data", "big new data", False),
        ("data is", "big data", False),
        ("42", "It is 42.", True),
        ("42", "421", False),
        ("...", "", False),
        ("...", "Wait...", False),
        ("|", "A | B", False),
    ],
)
def test_words_are_whole_words_in_any_script(word: str, text: str, found: bool) -> None:
    """They may be in the title or the excerpt, but a phrase can't span both."""
    for story in (
        make_story(title=text, excerpt=""),
        make_story(title="", excerpt=text),
        make_story(title=text, excerpt="Is it?"),
    ):
        assert meets_rules(story, Rules(words=(word,))) == found
        assert meets_rules(story, Rules(without_words=(word,))) == (not found)


def test_only_rules_with_a_condition_have_a_verdict() -> None:
    """Verdicts come in the order of the documentation; topics and quality always have one."""
    always = [RuleName.TOPICS, RuleName.QUALITY]
    assert [check.rule for check in check_rules(make_story(), Rules())] == always
    rules = Rules(("AI",), 70, ("x",), ("x",), 1, (Kind.VIDEO,), ("x",), ("x",), (21,))
    assert [describe_rule(check.rule) for check in check_rules(make_story(), rules)] == list(
        dict.fromkeys(rule for rule, *_ in rows("rule", "the subscription"))
    )


def test_planning_and_explaining_decide_alike() -> None:
    """Planning only makes the checks that it needs."""
    stories = tuple(
        make_story(number, quality=quality, topics=topics, published_at=START - age)
        for number, (quality, topics, age) in enumerate(
            product((60, 80), (("AI",), ("Space",)), (DAY, 9 * DAY)), start=1
        )
    )
    wishes = (Rules(("AI",), 70), Rules(("AI",), 70), Rules(min_quality=50), Rules(words=("3",)))
    view = PlannerSnapshot(
        0,
        (*stories, replace(stories[4], id=99, archive=True)),
        tuple(subscription(n, channel=n, rules=rules) for n, rules in enumerate(wishes)),
        posted=frozenset({(5, 0)}),
        seen=frozenset({(1, 5)}),
    )
    expected = [
        (story.id, each.id)
        for story in view.stories
        for each in view.subscriptions
        if all(
            check.passed
            for check in decide(
                story,
                each,
                START,
                WEEK,
                PostStatus.SENT if (story.id, each.spec.channel_id) in view.posted else None,
                seen=(each.id, story.id) in view.seen,
            )
        )
    ]
    assert [(story.id, each.id) for story, each in decide_all(view, START, WEEK)] == expected
    assert len(expected) == 5


# The names of channels in the documentation; their ids are the positions.
CHANNELS = ("#ai", "#labs")
# What docs/subscriptions.md says, said by the policy and its wording.


def worded(check: Check) -> tuple[str, str, str]:
    """A check as the documentation shows it: rule, verdict and text, as Discord shows it later."""
    sign = "✅" if check.passed else "❌"
    words = re.sub(r"<t:(\d+):R>", as_discord_shows, describe_verdict(check))
    words = re.sub(r"<#(\d+)>", lambda channel: CHANNELS[int(channel[1])], words)
    return describe_rule(check.rule), sign, words


def as_discord_shows(time: re.Match[str]) -> str:
    """A relative time a day after the start: "3 days ago"."""
    age = START + DAY - datetime.fromtimestamp(int(time[1]), UTC)
    return f"{age // DAY} days ago"


def rows(*head: str) -> list[list[str]]:
    """The rows of the documented table whose first columns have these headings."""
    text = PAGE.read_text(encoding="utf-8")
    start = re.search(r"^\| " + r" \| ".join(map(re.escape, head)) + r" \|.*\n", text, re.MULTILINE)
    assert start is not None
    table = text[start.end() :].split("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def said(cell: str) -> dict[str, str]:
    """The options in a table cell: any number of `name: value`."""
    return dict(re.findall(r"`(\w+): ([^`]*)`", cell))


def documented_rules(cell: str) -> Rules:
    """The options of `/subscriptions add` as rules."""
    options: dict[str, Any] = {"min_quality": 0}
    for name, value in said(cell).items():
        if name.startswith("min_"):
            options[name] = int(value)
        elif name == "not_in":
            options[name] = tuple(CHANNELS.index(each) for each in value.split(", "))
        elif name == "kind":
            options["kinds"] = (Kind(value),)
        else:
            options[name] = tuple(value.split(", "))
    return Rules(**options)


def documented_story(cell: str) -> Story:
    """The fields of an article as a story."""
    options = said(cell)
    changes: dict[str, Any] = {"provider": None, "title": "A", "excerpt": "B", "topics": ()}
    if "provider" in options:
        changes["provider"] = Provider(options.pop("provider"), options.pop("domain", None))
    for name, value in options.items():
        match name:
            case "quality" | "heat":
                changes[name] = int(value)
            case "kind":
                changes[name] = Kind(value)
            case "topics":
                changes[name] = tuple(value.split(", "))
            case _:
                changes[name] = value
    return make_story(**changes)


@pytest.mark.parametrize("row", rows("rule", "the subscription", "the story"), ids=" ".join)
def test_a_rule_does_what_its_documentation_says(row: list[str]) -> None:
    """Each line of the documented table is run."""
    rule, wanted, story, verdict, words = row
    taken = [CHANNELS.index(each) for each in re.findall(r"taken by (#\w+)", story)]
    checks = check_rules(documented_story(story), documented_rules(wanted), taken)
    assert (rule, verdict, words) in [worded(check) for check in checks]


def test_every_rule_is_documented_with_both_verdicts() -> None:
    """Each rule that a subscription can have is in the table."""
    table = rows("rule", "the subscription", "the story")
    options = {name for row in table for name in said(row[1])}
    assert {"kinds" if name == "kind" else name for name in options} == {
        field.name for field in fields(Rules)
    }
    assert {(row[0], row[3]) for row in table} == set(product({row[0] for row in table}, "✅❌"))


def test_general_checks_are_documented() -> None:
    """Every verdict that does not depend on rules is in the documentation."""
    withdrawn = make_story(withdrawn=True)
    new = make_story(published_at=START - 2 * DAY)
    old = make_story(published_at=START - 7 * DAY)
    archived = replace(new, archive=True)
    found = {
        worded(check)
        for story, post, seen, since in (
            (withdrawn, None, False, None),
            (new, None, False, None),
            *((new, status, True, None) for status in PostStatus),
            (old, None, False, START),
            (archived, None, False, None),
        )
        for check in decide(
            story, subscription(fresh_after=since), START + DAY, WEEK, post, seen=seen
        )
        if check.rule not in {RuleName.TOPICS, RuleName.QUALITY}
        and (story is not withdrawn or check.rule is RuleName.PUBLISHED)
    }
    assert found == {(rule, verdict, words) for rule, verdict, words in rows("rule", "verdict")}


@pytest.mark.parametrize("row", rows("titles"), ids=" ".join)
def test_documented_titles_are_judged_as_documented(row: list[str]) -> None:
    """The documentation's examples of folding are checked."""
    titles, verdict = row
    one, other = re.findall("“(.*?)”", titles)
    index = SameEventIndex([make_story(1, title=one)], TermFrequencies())
    assert bool(index.find(make_story(2, title=other)).same_events) == (verdict == "yes")
