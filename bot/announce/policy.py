"""The rules that decide whether a channel gets a story: pure, and each with its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from bot.announce.tokenize import searchable
from bot.announce.verdicts import (
    AboutTopics,
    AboutUnwantedTopics,
    AllTopicsWanted,
    ArchiveWhenRead,
    Bar,
    FromOtherProvider,
    FromProvider,
    HasNoneOfWords,
    HasUnwantedWords,
    HasWords,
    InChannel,
    KnownBefore,
    MeetsEveryRule,
    NewSinceSubscription,
    NotAboutTopics,
    OfKind,
    OfOtherKind,
    RuleName,
    Verdict,
    YoungEnough,
)
from storage.models import Kind, Rules, Story, Subscription
from storage.posts import PlannerView, PostStatus
from storage.reasons import Cause, TooOld


@dataclass(frozen=True, slots=True)
class Check:
    """What a rule found about a story, whether it passed or not."""

    rule: RuleName
    passed: bool
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """Every rule's verdict on a story for a subscription, in the order of the rules."""

    checks: tuple[Check, ...]

    @property
    def announce(self) -> bool:
        """Whether the channel gets the story."""
        return all(check.passed for check in self.checks)

    @property
    def reason(self) -> Verdict:
        """The verdict of the first rule that speaks against it."""
        return next((x.verdict for x in self.checks if not x.passed), MeetsEveryRule())


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
            Check(RuleName.ONCE, told is None, InChannel(told)),
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
            told = channel_id in channels or (story.id, channel_id) in view.posted
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
        self.provider = None if provider is None else provider.name or provider.domain or None
        names = () if provider is None else (provider.name, provider.domain or "")
        self.providers = {name.casefold() for name in names if name}

    def topics_in(self, folded_topics: frozenset[str]) -> tuple[str, ...]:
        """The story's topics that are among these."""
        return tuple([topic for topic, folded in self.topics if folded in folded_topics])

    def words_among(self, words: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        """Those of the words, each with its searchable form, that the story has."""
        return tuple([word for word, form in words if form.strip() and form in self.text])

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
    yield Check(RuleName.AGE, too_old is None, too_old or YoungEnough(now - story.dated_at))
    yield _check_new(story, subscription, seen)


def _check_rules(facts: _Facts, wanted: _Wanted) -> Iterator[Check]:
    article, rules = facts.story.article, wanted.rules
    if facts.story.withdrawn:
        yield Check(RuleName.PUBLISHED, False, Cause.STORY_WITHDRAWN)
    yield _check_topics(facts, wanted)
    if wanted.without_topics:
        yield _check_without_topics(facts, wanted)
    if wanted.providers:
        yield _check_providers(facts, wanted)
    yield _check_bar(RuleName.QUALITY, article.quality, rules.min_quality)
    if rules.min_heat is not None:
        yield _check_bar(RuleName.HEAT, article.heat, rules.min_heat)
    if rules.kinds:
        yield _check_kinds(article.kind, rules.kinds)
    if wanted.words:
        yield _check_words(facts, wanted)
    if wanted.without_words:
        yield _check_without_words(facts, wanted)


def _check_topics(facts: _Facts, wanted: _Wanted) -> Check:
    if not wanted.topics:
        return Check(RuleName.TOPICS, True, AllTopicsWanted())
    common = facts.topics_in(wanted.topics)
    if common:
        return Check(RuleName.TOPICS, True, AboutTopics(common))
    return Check(RuleName.TOPICS, False, NotAboutTopics(wanted.rules.topics))


def _check_without_topics(facts: _Facts, wanted: _Wanted) -> Check:
    common = facts.topics_in(wanted.without_topics)
    if common:
        return Check(RuleName.WITHOUT_TOPICS, False, AboutUnwantedTopics(common))
    return Check(RuleName.WITHOUT_TOPICS, True, NotAboutTopics(wanted.rules.without_topics))


def _check_providers(facts: _Facts, wanted: _Wanted) -> Check:
    if facts.provider and facts.providers & wanted.providers:
        return Check(RuleName.PROVIDERS, True, FromProvider(facts.provider))
    other = FromOtherProvider(facts.provider, wanted.rules.providers)
    return Check(RuleName.PROVIDERS, False, other)


def _check_bar(rule: Literal[RuleName.QUALITY, RuleName.HEAT], value: int, bar: int) -> Check:
    return Check(rule, value >= bar, Bar(rule, value, bar))


def _check_kinds(kind: Kind, wanted: tuple[Kind, ...]) -> Check:
    if kind in wanted:
        return Check(RuleName.KIND, True, OfKind(kind))
    return Check(RuleName.KIND, False, OfOtherKind(kind, wanted))


def _check_words(facts: _Facts, wanted: _Wanted) -> Check:
    found = facts.words_among(wanted.words)
    if found:
        return Check(RuleName.WORDS, True, HasWords(found))
    return Check(RuleName.WORDS, False, HasNoneOfWords(wanted.rules.words))


def _check_without_words(facts: _Facts, wanted: _Wanted) -> Check:
    found = facts.words_among(wanted.without_words)
    if found:
        return Check(RuleName.WITHOUT_WORDS, False, HasUnwantedWords(found))
    return Check(RuleName.WITHOUT_WORDS, True, HasNoneOfWords(wanted.rules.without_words))


def _check_new(story: Story, subscription: Subscription, seen: bool) -> Check:
    since = subscription.fresh_after
    if story.archive:
        return Check(RuleName.NEW, False, ArchiveWhenRead())
    if seen or (since is not None and story.dated_at < since):
        return Check(RuleName.NEW, False, KnownBefore())
    return Check(RuleName.NEW, True, NewSinceSubscription())


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
