"""The rules that decide whether a channel gets a story: pure, and each with a reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from bot.announce.tokenize import searchable
from storage.models import Kind, Rules, Story, Subscription
from storage.posts import PlannerView, PostStatus
from storage.reasons import TooOld

_KINDS = {Kind.ARTICLE: "an article", Kind.VIDEO: "a video"}
_ONCE = {
    None: "not yet posted here",
    PostStatus.PLANNED: "waits here already",
    PostStatus.CLAIMED: "is being sent here",
    PostStatus.RETRY: "waits here already",
    PostStatus.SENT: "already posted here",
    PostStatus.SKIPPED: "was skipped here",
    PostStatus.FAILED: "Discord refused it here",
    PostStatus.UNCERTAIN: "may be posted here already",
    PostStatus.FOLDED: "in another story's coverage here",
}


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
    told: PostStatus | None,
    seen: bool,
) -> Decision:
    """Decide about a story for a subscription.

    `told`: how the channel's post of the story stands; None if it neither has the story nor awaits
    it. `seen`: the story met the subscription's rules when that was made. `max_age` None: no limit.
    """
    return Decision(
        (
            *check_rules(story, subscription.spec.rules),
            Check("once", told is None, _ONCE[told]),
            *_check_rest(story, subscription, now=now, max_age=max_age, seen=seen),
        )
    )


def meets_rules(story: Story, rules: Rules) -> bool:
    """Whether a story is of the kind that is wanted, whatever its age."""
    return all(check.passed for check in check_rules(story, rules))


def check_rules(story: Story, rules: Rules) -> Iterator[Check]:
    """What the rules themselves say of a story; those that set no condition say nothing.

    (Topics and quality always do.)
    """
    return _check_rules(_Facts(story), _Wanted.of(rules))


def find_too_old(story: Story, now: datetime, max_age: timedelta | None) -> TooOld | None:
    """Why a story is no longer news, or None; checked when deciding, and again when sending."""
    age = now - story.dated_at
    return None if max_age is None or age <= max_age else TooOld(age, max_age)


def decide_all(
    view: PlannerView, now: datetime, max_age: timedelta | None
) -> Iterator[tuple[Story, Subscription]]:
    """The announcements that follow from the planner's view.

    A channel gets a story once, through its oldest subscription that matches.
    """
    # Many subscriptions share their rules; those are asked once for each story.
    numbers = {
        rules: number for number, rules in enumerate({x.spec.rules for x in view.subscriptions})
    }
    wanted = [_Wanted.of(rules) for rules in numbers]
    subscriptions = [(each, numbers[each.spec.rules]) for each in view.subscriptions]
    for story in view.stories:
        facts = _Facts(story)
        meets = [all(check.passed for check in _check_rules(facts, each)) for each in wanted]
        channels: set[int] = set()
        for subscription, number in subscriptions:
            channel_id = subscription.spec.channel_id
            told = channel_id in channels or (story.id, channel_id) in view.told
            if (
                meets[number]
                and not told
                and all(
                    check.passed
                    for check in _check_rest(
                        story,
                        subscription,
                        now=now,
                        max_age=max_age,
                        seen=(subscription.id, story.id) in view.seen,
                    )
                )
            ):
                channels.add(channel_id)
                yield story, subscription


class _Facts:
    """A story, ready to be compared with many rules."""

    def __init__(self, story: Story) -> None:
        self.story = story
        article = story.article
        self.topics = [(topic, topic.casefold()) for topic in article.topics]
        provider = article.provider
        self.provider = "" if provider is None else provider.name or provider.domain or ""
        names = () if provider is None else (provider.name, provider.domain or "")
        self.providers = {name.casefold() for name in names if name}

    @cached_property
    def text(self) -> str:
        """Title and excerpt, as words are looked for; no phrase spans the two spaces between."""
        return searchable(self.story.article.title) + searchable(self.story.article.excerpt)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Rules, ready to be compared with many stories. Words come with the form to look for."""

    rules: Rules
    topics: frozenset[str]
    without_topics: frozenset[str]
    providers: frozenset[str]
    words: tuple[tuple[str, str], ...]
    without_words: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, rules: Rules) -> _Wanted:
        return cls(
            rules,
            _folded(rules.topics),
            _folded(rules.without_topics),
            _folded(rules.providers),
            tuple((word, searchable(word)) for word in rules.words),
            tuple((word, searchable(word)) for word in rules.without_words),
        )


def _check_rest(
    story: Story,
    subscription: Subscription,
    *,
    now: datetime,
    max_age: timedelta | None,
    seen: bool,
) -> Iterator[Check]:
    too_old = find_too_old(story, now, max_age)
    if too_old is None:
        yield Check("age", True, f"published {_days(now - story.dated_at)} ago")
    else:
        yield Check(
            "age",
            False,
            f"published {_days(too_old.age)} ago, older than {_days(too_old.limit)}",
        )
    yield _check_new(story, subscription, seen)


def _check_rules(facts: _Facts, wanted: _Wanted) -> Iterator[Check]:
    article, rules = facts.story.article, wanted.rules
    if facts.story.withdrawn:
        yield Check("published", False, "the story was withdrawn")
    yield _check_topics(facts, wanted)
    if wanted.without_topics:
        yield _check_without_topics(facts, wanted)
    if wanted.providers:
        yield _check_providers(facts, wanted)
    yield _check_bar("quality", article.quality, rules.min_quality)
    if rules.min_heat is not None:
        yield _check_bar("heat", article.heat, rules.min_heat)
    if rules.kinds:
        yield _check_kinds(article.kind, rules.kinds)
    if wanted.words:
        yield _check_words(facts, wanted)
    if wanted.without_words:
        yield _check_without_words(facts, wanted)


def _check_topics(facts: _Facts, wanted: _Wanted) -> Check:
    if not wanted.topics:
        return Check("topics", True, "all topics are wanted")
    common = [topic for topic, folded in facts.topics if folded in wanted.topics]
    if common:
        return Check("topics", True, f"is about {', '.join(common)}")
    return Check("topics", False, f"is not about {_either(wanted.rules.topics)}")


def _check_without_topics(facts: _Facts, wanted: _Wanted) -> Check:
    common = [topic for topic, folded in facts.topics if folded in wanted.without_topics]
    if common:
        reason = f"is about {', '.join(common)}, which is unwanted"
        return Check("without topics", False, reason)
    return Check("without topics", True, f"is not about {_either(wanted.rules.without_topics)}")


def _check_providers(facts: _Facts, wanted: _Wanted) -> Check:
    found = f"comes from {facts.provider or 'an unnamed provider'}"
    if facts.providers & wanted.providers:
        return Check("providers", True, found)
    return Check("providers", False, f"{found}, not from {_either(wanted.rules.providers)}")


def _check_bar(rule: str, value: int, bar: int) -> Check:
    passed = value >= bar
    return Check(rule, passed, f"{rule} {value} is {'at least' if passed else 'below'} {bar}")


def _check_kinds(kind: Kind, wanted: tuple[Kind, ...]) -> Check:
    if kind in wanted:
        return Check("kind", True, f"is {_KINDS[kind]}")
    return Check("kind", False, f"is {_KINDS[kind]}, not {_either(_KINDS[x] for x in wanted)}")


def _check_words(facts: _Facts, wanted: _Wanted) -> Check:
    found = _find_words(facts, wanted.words)
    if found:
        return Check("words", True, f"says {', '.join(found)}")
    return Check("words", False, f"does not say {_either(map(_quoted, wanted.rules.words))}")


def _check_without_words(facts: _Facts, wanted: _Wanted) -> Check:
    found = _find_words(facts, wanted.without_words)
    if found:
        return Check("without words", False, f"says {', '.join(found)}, which is unwanted")
    words = _either(map(_quoted, wanted.rules.without_words))
    return Check("without words", True, f"does not say {words}")


def _find_words(facts: _Facts, words: Iterable[tuple[str, str]]) -> list[str]:
    return [_quoted(word) for word, form in words if form.strip() and form in facts.text]


def _check_new(story: Story, subscription: Subscription, seen: bool) -> Check:
    since = subscription.fresh_after
    if story.archive:
        return Check("new", False, "was there when its feed was first read")
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


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)


def _quoted(word: str) -> str:
    return f"“{word}”"
