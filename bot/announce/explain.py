"""Explain why a channel got a story or not, with the planner's own decision function."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.announce.policy import decide, find_takers_of_news, find_too_old, left_to
from bot.announce.posting_pause import NO_PAUSES, Pauses
from bot.announce.verdicts import Check, Effect, Minimum, Published, Remark, RuleName
from storage.errors import DamagedRowError, NotFoundError
from storage.models import Story, Subscription
from storage.posts import Post, PostEvent, PostStatus
from storage.protocols import OutboxStore, StoryStore, SubscriptionStore
from storage.reasons import BestSoFar, Cause, Reason, TooOld

# The checks that are not rules of the subscription.
_GENERAL = frozenset({RuleName.PUBLISHED, RuleName.ONCE, RuleName.AGE, RuleName.NEW})
_RULES = frozenset(RuleName) - _GENERAL


@dataclass(frozen=True, slots=True)
class Decision:
    """What a subscription's checks did to a story; checks that say nothing are left out.

    `chosen`: the channel's post of the story is for this subscription. `wanted`: all checks pass
    now.
    """

    subscription: Subscription
    chosen: bool
    wanted: bool
    checks: tuple[tuple[Check, Effect], ...]

    @property
    def refused_by(self) -> tuple[Check, ...]:
        """The checks that refused the story."""
        return tuple(check for check, effect in self.checks if effect is Effect.REFUSED)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known about a story in a channel.

    `owner` is the subscription that the post is for, None if it was removed or posts elsewhere.
    `best` is the number of stories of its catch-up; None if it is not part of one, 0 if that was
    not recorded. `lead` is the post whose message also shows this story, with its `lead_story`.
    `too_old`: a post that waits will be skipped for its age. `decisions` are those of the channel's
    subscriptions, the oldest first.
    """

    story: Story
    post: Post | None
    owner: Subscription | None
    history: Sequence[PostEvent]
    best: int | None
    lead: Post | None
    lead_story: Story | None
    too_old: bool
    decisions: Sequence[Decision]


@dataclass(frozen=True, slots=True)
class Explainer:
    """Decides about a story as the planner would now; `max_age` None: no limit.

    `pauses` are those of all posting.
    """

    subscriptions: SubscriptionStore
    stories: StoryStore
    outbox: OutboxStore
    max_age: timedelta | None
    pauses: Pauses = NO_PAUSES

    async def explain(
        self, story: Story, guild_id: int, channel_id: int, now: datetime
    ) -> Explanation:
        """Explain a story in a channel of a server."""
        server = await self.subscriptions.list_subscriptions(guild_id)
        subscriptions = [each for each in server if each.spec.channel_id == channel_id]
        post = await self.outbox.find_post(story.id, channel_id)
        if post is not None and post.guild_id != guild_id:
            post = None
        wanted_by = post.subscription_id if post else None
        owner = next((each for each in subscriptions if each.id == wanted_by), None)
        seen = await self.subscriptions.seen_by(guild_id, story.id)
        history = () if post is None else await self.outbox.post_history(post.id)
        lead, lead_story = await self._lead(post)
        status = _blocking_status(post)
        taken = find_takers_of_news(
            story,
            server,
            now,
            self.max_age,
            seen=seen,
            having=await self._channels_with(story, guild_id, subscriptions),
        )
        decisions = []
        for each in subscriptions:
            checks = decide(
                story, each, now, self.max_age, status, seen=each.id in seen, taken=taken
            )
            decisions.append(_judge(each, checks, post, chosen=each is owner))
        return Explanation(
            story,
            post,
            owner,
            history,
            None if post is None else _find_catch_up(post, history),
            lead,
            lead_story,
            self._is_too_old(story, post, owner, now),
            decisions,
        )

    async def _channels_with(
        self, story: Story, guild_id: int, subscriptions: Sequence[Subscription]
    ) -> set[int]:
        """The channels in `not_in` that have a post of the story."""
        found = set()
        for channel_id in {each for one in subscriptions for each in left_to(one.spec)}:
            post = await self.outbox.find_post(story.id, channel_id)
            if post is not None and post.guild_id == guild_id and not post.replaceable:
                found.add(channel_id)
        return found

    async def _lead(self, post: Post | None) -> tuple[Post | None, Story | None]:
        if post is None or post.lead_post_id is None:
            return None, None
        try:
            lead = await self.outbox.get_post(post.lead_post_id)
            return lead, await self.stories.get_story(lead.story_id)
        except (NotFoundError, DamagedRowError):
            return None, None

    def _is_too_old(
        self, story: Story, post: Post | None, owner: Subscription | None, now: datetime
    ) -> bool:
        """Whether the sender would skip the post now; it doesn't check the age of digests."""
        if post is None or owner is None or post.catch_up or owner.spec.delivery.digest:
            return False
        waited = self.pauses.time_paused(post.planned_at, now)
        return find_too_old(story, now - waited, self.max_age) is not None


def _find_catch_up(post: Post, history: Sequence[PostEvent]) -> int | None:
    """The number of stories of the post's catch-up: see `Explanation.best`."""
    if not post.catch_up:
        return None
    counts = [event.reason.count for event in history if isinstance(event.reason, BestSoFar)]
    if counts:
        return counts[-1]
    retried = any(event.reason is Cause.OPERATOR_RETRIED for event in history)
    return None if retried else 0


def _blocking_status(post: Post | None) -> PostStatus | None:
    """The status of the channel's post for `decide`; None if the planner may plan it again.

    It may replan waiting posts whose subscription no longer wants the story, and most skipped ones
    (see `OutboxStore.planner_snapshot`).
    """
    if post is None or post.replaceable:
        return None
    if post.unknown_since is not None and post.status is PostStatus.RETRY:
        return PostStatus.UNCERTAIN
    return post.status


def _judge(
    subscription: Subscription, checks: Sequence[Check], post: Post | None, *, chosen: bool
) -> Decision:
    if chosen and post is not None:
        effects = _judge_chosen(checks, post)
    elif any(check.rule is RuleName.ONCE and not check.passed for check in checks):
        effects = _judge_other(checks)
    else:
        effects = _judge_new(checks)
    wanted = all(check.passed for check in checks)
    shown = tuple((check, effect) for check, effect in effects if _says_something(check))
    return Decision(subscription, chosen, wanted, shown)


def _judge_new(checks: Sequence[Check]) -> Iterator[tuple[Check, Effect]]:
    """No post decides about the story, so all checks do."""
    wanted = all(check.passed for check in checks)
    too_old = any(check.rule is RuleName.AGE and not check.passed for check in checks)
    for check in checks:
        if not check.passed:
            if not (too_old and check.verdict is Remark.TOO_OLD_BEFORE):
                yield check, Effect.REFUSED
        elif wanted or check.rule in _RULES:
            yield check, Effect.ACCEPTED if wanted else Effect.NONE


def _judge_other(checks: Sequence[Check]) -> Iterator[tuple[Check, Effect]]:
    """The channel has the story, so only the subscription's own rules may have refused it."""
    rules = [check for check in checks if check.rule in _RULES]
    matches = all(check.passed for check in rules)
    for check in rules:
        accepted = Effect.ACCEPTED if matches else Effect.NONE
        yield check, accepted if check.passed else Effect.REFUSED
    if matches:
        yield from ((check, Effect.NONE) for check in checks if check.rule is RuleName.ONCE)


def _judge_chosen(checks: Sequence[Check], post: Post) -> Iterator[tuple[Check, Effect]]:
    """The subscription chose the story earlier; what fails now refused it only if that is why.

    Age and novelty don't matter to catch-up posts, and change after the choice.
    """
    skipped = post.status is PostStatus.SKIPPED
    refusing = _rules_of(post.reason) if skipped else frozenset[RuleName]()
    for check in checks:
        if not check.passed and check.rule in refusing:
            yield check, Effect.REFUSED
        elif check.rule in _RULES:
            yield check, Effect.ACCEPTED if check.passed and not skipped else Effect.NONE
        elif check.passed and check.rule is not RuleName.ONCE and not (skipped or post.catch_up):
            yield check, Effect.ACCEPTED


def _rules_of(reason: Reason | None) -> frozenset[RuleName]:
    """The checks that a post is skipped for, if this is the reason."""
    match reason:
        case TooOld():
            return frozenset({RuleName.AGE})
        case Cause.STORY_WITHDRAWN:
            return frozenset({RuleName.PUBLISHED})
        case Cause.RULES_CHANGED:
            return _RULES
        case _:
            return frozenset()


def _says_something(check: Check) -> bool:
    """Whether a check sets a condition; one that failed does."""
    if not check.passed:
        return True
    match check.verdict:
        case Remark.ALL_TOPICS_WANTED | Remark.NOT_IN_CHANNEL | Published(max_age=None):
            return False
        case Minimum(minimum=minimum):
            return check.rule is not RuleName.QUALITY or minimum > 0
        case _:
            return True
