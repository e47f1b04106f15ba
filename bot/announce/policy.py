"""The rules that decide whether a channel gets a story, each with its verdict. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cached_property

from bot.announce.tokenize import searchable
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
from storage.models import Rules, Story, Subscription
from storage.posts import PlannerSnapshot, PostStatus
from storage.reasons import TooOld


def decide(
    story: Story,
    subscription: Subscription,
    now: datetime,
    max_age: timedelta | None,
    post: PostStatus | None,
    *,
    seen: bool,
) -> tuple[Check, ...]:
    """Check a story against every rule of a subscription, which gets it if all checks pass.

    `post`: the status of the channel's post of the story; None if it has none. `seen`: the story
    met the rules when the subscription was made, so it is not news. `max_age` None: no limit.
    """
    return (
        *check_rules(story, subscription.spec.rules),
        Check(RuleName.ONCE, post is None, post or Remark.NOT_IN_CHANNEL),
        *_check_rest(story, subscription, now, max_age, seen),
    )


def meets_rules(story: Story, rules: Rules) -> bool:
    """Whether a story meets a subscription's rules, whatever its age."""
    return all(check.passed for check in check_rules(story, rules))


def check_rules(story: Story, rules: Rules) -> Iterator[Check]:
    """Check a story against a subscription's rules, without those that set no condition.

    (Topics and quality are always included.)
    """
    return _check_rules(_PreparedStory(story), _PreparedRules(rules))


def find_too_old(story: Story, now: datetime, max_age: timedelta | None) -> TooOld | None:
    """Why a story is too old to be news, or None; checked when deciding and again when sending."""
    age = now - story.dated_at
    return None if max_age is None or age <= max_age else TooOld(age, max_age)


def decide_all(
    snapshot: PlannerSnapshot, now: datetime, max_age: timedelta | None
) -> Iterator[tuple[Story, Subscription]]:
    """Decide which stories of the planner's snapshot to post for which subscriptions.

    A channel gets a story once, for its oldest subscription that matches.
    """
    # Many subscriptions have equal rules; each set of rules is checked once per story.
    numbers = {
        rules: number for number, rules in enumerate({x.spec.rules for x in snapshot.subscriptions})
    }
    wanted = [_PreparedRules(rules) for rules in numbers]
    subscriptions = [(each, numbers[each.spec.rules]) for each in snapshot.subscriptions]
    for story in snapshot.stories:
        facts = _PreparedStory(story)
        meets = [all(check.passed for check in _check_rules(facts, each)) for each in wanted]
        channels: set[int] = set()
        for subscription, number in subscriptions:
            channel_id = subscription.spec.channel_id
            in_channel = channel_id in channels or (story.id, channel_id) in snapshot.posted
            if in_channel or not meets[number]:
                continue
            seen = (subscription.id, story.id) in snapshot.seen
            rest = _check_rest(story, subscription, now, max_age, seen)
            if all(check.passed for check in rest):
                channels.add(channel_id)
                yield story, subscription


class _PreparedStory:
    """A story, prepared for checks against many rules."""

    def __init__(self, story: Story) -> None:
        self.story = story
        article = story.article
        self.topics = [(topic, topic.casefold()) for topic in article.topics]
        provider = article.provider
        self.provider = None if provider is None else provider.name or provider.domain or None
        names = () if provider is None else (provider.name, provider.domain or "")
        self.providers = {name.casefold() for name in names if name}

    def topics_in(self, folded_topics: frozenset[str]) -> tuple[str, ...]:
        """The story's topics that are in `folded_topics`."""
        return tuple([topic for topic, folded in self.topics if folded in folded_topics])

    def words_among(self, words: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        """The words that the story contains; each is given with its searchable form."""
        return tuple([word for word, form in words if form.strip() and form in self.text])

    @cached_property
    def text(self) -> str:
        """Title and excerpt in searchable form, with two spaces between: no phrase spans both."""
        return searchable(self.story.article.title) + searchable(self.story.article.excerpt)


class _PreparedRules:
    """Rules, prepared for checks of many stories; words are paired with their searchable form."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.topics = _folded(rules.topics)
        self.without_topics = _folded(rules.without_topics)
        self.providers = _folded(rules.providers)
        self.words = [(word, searchable(word)) for word in rules.words]
        self.without_words = [(word, searchable(word)) for word in rules.without_words]


def _check_rules(facts: _PreparedStory, wanted: _PreparedRules) -> Iterator[Check]:
    article, rules = facts.story.article, wanted.rules
    if facts.story.withdrawn:
        yield Check(RuleName.PUBLISHED, False, Remark.WITHDRAWN)
    if wanted.topics:
        found = facts.topics_in(wanted.topics)
        yield Check(RuleName.TOPICS, bool(found), ListMatch(found, rules.topics))
    else:
        yield Check(RuleName.TOPICS, True, Remark.ALL_TOPICS_WANTED)
    if wanted.without_topics:
        found = facts.topics_in(wanted.without_topics)
        yield Check(RuleName.WITHOUT_TOPICS, not found, ListMatch(found, rules.without_topics))
    if wanted.providers:
        passed = bool(facts.provider and facts.providers & wanted.providers)
        yield Check(RuleName.PROVIDERS, passed, ProviderMatch(facts.provider, rules.providers))
    yield _check_minimum(RuleName.QUALITY, article.quality, rules.min_quality)
    if rules.min_heat is not None:
        yield _check_minimum(RuleName.HEAT, article.heat, rules.min_heat)
    if rules.kinds:
        yield Check(
            RuleName.KIND, article.kind in rules.kinds, KindMatch(article.kind, rules.kinds)
        )
    if wanted.words:
        found = facts.words_among(wanted.words)
        yield Check(RuleName.WORDS, bool(found), ListMatch(found, rules.words))
    if wanted.without_words:
        found = facts.words_among(wanted.without_words)
        yield Check(RuleName.WITHOUT_WORDS, not found, ListMatch(found, rules.without_words))


def _check_minimum(rule: RuleName, value: int, minimum: int) -> Check:
    return Check(rule, value >= minimum, Minimum(value, minimum))


def _check_rest(
    story: Story, subscription: Subscription, now: datetime, max_age: timedelta | None, seen: bool
) -> Iterator[Check]:
    recent = find_too_old(story, now, max_age) is None
    yield Check(RuleName.AGE, recent, Published(story.dated_at, max_age))
    since = subscription.fresh_after
    if story.archive:
        yield Check(RuleName.NEW, False, Remark.ARCHIVE_WHEN_READ)
    elif seen:
        yield Check(RuleName.NEW, False, Remark.KNOWN_BEFORE)
    elif since is not None and story.dated_at < since:
        yield Check(RuleName.NEW, False, Remark.TOO_OLD_BEFORE)
    else:
        yield Check(RuleName.NEW, True, Remark.NEW_SINCE_SUBSCRIPTION)


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
