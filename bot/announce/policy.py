"""The rules that decide whether a channel gets a story, each with its verdict. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from bot.announce.tokenize import searchable
from bot.announce.verdicts import (
    ChannelMatch,
    Check,
    KindMatch,
    ListMatch,
    Minimum,
    ProviderMatch,
    Published,
    Remark,
    RuleName,
)
from storage.models import PausedBy, Rules, Story, Subscription, SubscriptionSpec
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
    taken: Collection[int] = (),
) -> tuple[Check, ...]:
    """Check a story against every rule of a subscription, which gets it if all checks pass.

    `post`: the status of the channel's post of the story; None if it has none. `seen`: the story
    met the rules when the subscription was made, so it is not news. `max_age` None: no limit.
    `taken`: the server's channels that take the story (see `find_takers`).
    """
    spec = subscription.spec
    return (
        *check_rules(story, spec.rules, {*taken} - {spec.channel_id}),
        Check(RuleName.ONCE, post is None, post or Remark.NOT_IN_CHANNEL),
        *_check_rest(story, subscription, now, max_age, seen),
    )


def meets_rules(story: Story, rules: Rules) -> bool:
    """Whether a story meets a subscription's rules, whatever its age and whoever takes it."""
    return all(check.passed for check in check_rules(story, rules))


def check_rules(story: Story, rules: Rules, taken: Collection[int] = ()) -> Iterator[Check]:
    """Check a story against a subscription's rules, without those that set no condition.

    (Topics and quality are always included.) `taken`: the other channels that take the story.
    """
    yield from _check_rules(_PreparedStory(story), _PreparedRules(rules))
    if rules.not_in:
        found = tuple(channel for channel in rules.not_in if channel in taken)
        yield Check(RuleName.NOT_IN, not found, ChannelMatch(found, rules.not_in))


def select_wanted(
    stories: Iterable[Story], spec: SubscriptionSpec, server: Sequence[SubscriptionSpec]
) -> list[Story]:
    """The stories that a subscription wants, whatever their age and what is posted already.

    They meet its rules, and no channel of its `not_in` takes them. `server` is the result of
    `takers_of`.
    """
    wanted = _PreparedRules(spec.rules)
    others = [(each, _PreparedRules(each.rules)) for each in _concerned(spec, server)]
    selected = []
    for story in stories:
        facts = _PreparedStory(story)
        if not _meets(facts, wanted):
            continue
        taken = find_takers([each for each, rules in others if _meets(facts, rules)])
        if taken.isdisjoint(left_to(spec)):
            selected.append(story)
    return selected


def takers_of(
    subscriptions: Iterable[Subscription],
    spec: SubscriptionSpec,
    subscription_id: int | None = None,
) -> list[SubscriptionSpec]:
    """The specifications of a server's subscriptions that take stories, the oldest first.

    `spec` replaces that of `subscription_id`, or is the newest. Nothing is planned during a pause
    by an admin, so `not_in` must not leave stories to a subscription that is paused.
    """
    specs = [
        spec if each.id == subscription_id else each.spec
        for each in subscriptions
        if each.id == subscription_id or each.paused_by is not PausedBy.ADMIN
    ]
    return specs if subscription_id is not None else [*specs, spec]


def left_to(spec: SubscriptionSpec) -> set[int]:
    """The channels to which a subscription leaves stories: its `not_in`, without its own."""
    return {*spec.rules.not_in} - {spec.channel_id}


def find_takers(
    wanting: Sequence[SubscriptionSpec], having: Collection[int] = ()
) -> frozenset[int]:
    """The channels of a server that take a story, which `not_in` of others can name.

    `wanting` are the subscriptions that want it if `not_in` is ignored, the oldest first. `having`
    are the channels that have a post of it. Whoever leaves a story to another channel does not
    take it; of those that leave it to each other in a circle, the oldest takes it. So a story that
    anybody wants is taken by somebody.
    """
    takers, undecided = {*having}, list(wanting)
    open_in = Counter(each.channel_id for each in wanting)
    while undecided:
        decided = next(
            (
                each
                for each in undecided
                if all(channel in takers or not open_in[channel] for channel in left_to(each))
            ),
            undecided[0],
        )
        undecided.remove(decided)
        open_in[decided.channel_id] -= 1
        if takers.isdisjoint(left_to(decided)):
            takers.add(decided.channel_id)
    return frozenset(takers)


def find_takers_of_news(
    story: Story,
    subscriptions: Iterable[Subscription],
    now: datetime,
    max_age: timedelta | None,
    *,
    seen: Collection[int],
    having: Collection[int],
) -> frozenset[int]:
    """`find_takers` of a story that arrived or changed. `subscriptions` are those of a server.

    `seen` are the subscriptions to which the story is not news (by id).
    """
    wanting = [
        each.spec
        for each in subscriptions
        if each.paused_by is not PausedBy.ADMIN
        and meets_rules(story, each.spec.rules)
        and _is_news(story, each, now, max_age, each.id in seen)
    ]
    return find_takers(wanting, having)


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
    posted_in = defaultdict[int, set[int]](set)
    for story_id, channel_id in snapshot.posted:
        posted_in[story_id].add(channel_id)
    for story in snapshot.stories:
        facts = _PreparedStory(story)
        meets = [_meets(facts, each) for each in wanted]
        channels = posted_in[story.id]
        wanting = [
            each
            for each, number in subscriptions
            if meets[number]
            and each.spec.channel_id not in channels
            and _is_news(story, each, now, max_age, (each.id, story.id) in snapshot.seen)
        ]
        taken = _find_takers_in_servers(wanting, channels)
        for subscription in wanting:
            spec = subscription.spec
            left = not spec.rules.not_in or taken[subscription.guild_id].isdisjoint(left_to(spec))
            if left and spec.channel_id not in channels:
                channels.add(spec.channel_id)
                yield story, subscription


def _find_takers_in_servers(
    wanting: Sequence[Subscription], having: set[int]
) -> dict[int, frozenset[int]]:
    """`find_takers` for the servers in which a subscription has a `not_in`.

    `having` are channels of all servers.
    """
    servers = {
        each.guild_id: list[SubscriptionSpec]() for each in wanting if each.spec.rules.not_in
    }
    if servers:
        for each in wanting:
            if each.guild_id in servers:
                servers[each.guild_id].append(each.spec)
    return {
        guild_id: find_takers(specs, set().union(*map(left_to, specs)) & having)
        for guild_id, specs in servers.items()
    }


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


def _meets(facts: _PreparedStory, wanted: _PreparedRules) -> bool:
    return all(check.passed for check in _check_rules(facts, wanted))


def _concerned(
    spec: SubscriptionSpec, server: Sequence[SubscriptionSpec]
) -> list[SubscriptionSpec]:
    """The subscriptions of the channels in `not_in`, and in that of these, and so on."""
    channels, size = {*spec.rules.not_in}, -1
    while len(channels) != size:
        size = len(channels)
        for each in server:
            if each.channel_id in channels:
                channels.update(each.rules.not_in)
    return [each for each in server if each.channel_id in channels]


def _is_news(
    story: Story, subscription: Subscription, now: datetime, max_age: timedelta | None, seen: bool
) -> bool:
    return all(check.passed for check in _check_rest(story, subscription, now, max_age, seen))


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
