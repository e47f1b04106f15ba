"""Which follow-up is next, and what an outcome means: pure, and in any order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.announce.follow_ups import (
    MAX_AGE,
    MAX_PUBLISHED,
    PERIOD,
    PERMISSION_WAIT,
    Choice,
    begin_follow_ups,
    choose,
    claim_follow_up,
    settle_follow_up,
)
from bot.announce.poster_port import (
    Accepted,
    ChannelClosed,
    FollowUpOutcome,
    Impossible,
    Refused,
    Unavailable,
)
from storage.models import PausedBy
from storage.posts import (
    FollowUp,
    FollowUpAction,
    FollowUpStatus,
    Post,
    PostStatus,
    SubscriptionState,
    WaitingFollowUp,
)
from storage.reasons import (
    AccessRefused,
    Cause,
    ConnectionLost,
    MessageRefused,
    Reason,
    ServerError,
    TooOld,
)
from tests.support.clock import START

PUBLISH = FollowUpAction.PUBLISH
CHANNEL, SUBSCRIPTION = 20, 1
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WANTED = SubscriptionState(
    SUBSCRIPTION, CHANNEL, None, removed=False, digest_best=None, follow_ups=frozenset({PUBLISH})
)
LIMITED = Unavailable(Cause.PUBLISHING_LIMIT, unknown=False, retry_after=30 * MINUTE)
LOST = Unavailable(ConnectionLost("reset"), unknown=True)
AWAY = Unavailable(Cause.CONNECTION_FAILED, unknown=False)
FORBIDDEN = ChannelClosed(AccessRefused("Missing Permissions"))
DELETED = Impossible(Cause.MESSAGE_DELETED)


def waits(post_id: int, quality: int = 80, *, withdrawn: bool = False) -> WaitingFollowUp:
    """A follow-up of a message that was just sent."""
    follow_up = FollowUp(post_id, PUBLISH, CHANNEL, sent_at=START, due_at=START)
    return WaitingFollowUp(follow_up, SUBSCRIPTION, quality, withdrawn)


def wait(outcome: Unavailable, _attempts: int) -> timedelta:
    """The wait before the next attempt."""
    return outcome.retry_after or MINUTE


def choose_from(
    *waiting: WaitingFollowUp,
    tried: tuple[FollowUp, ...] = (),
    now: datetime = START,
    subscription: SubscriptionState | None = WANTED,
) -> Choice:
    """Choose at a time."""
    states: Mapping[int, SubscriptionState] = (
        {} if subscription is None else {SUBSCRIPTION: subscription}
    )
    return choose(waiting, tried, states, lambda sent_at: now - sent_at, now)


def published(post_id: int, at: datetime) -> FollowUp:
    """A follow-up that was done at a time."""
    done = waits(post_id).follow_up
    return replace(done, status=FollowUpStatus.DONE, tried_at=at)


def settle(before: FollowUp, outcome: FollowUpOutcome, now: datetime = START) -> FollowUp:
    """Claim a follow-up, and record its outcome."""
    return settle_follow_up(claim_follow_up(before, now), before, outcome, now, wait)


def test_the_best_story_comes_first() -> None:
    """Of equally good ones, the oldest."""
    chosen = choose_from(waits(1, 80), waits(3, 90), waits(2, 90)).next
    assert chosen == waits(2).follow_up


def test_the_eleventh_waits_for_the_first() -> None:
    """All that wait are due when there is a place again, with the reason."""
    tried = tuple(published(number, START + number * MINUTE) for number in range(MAX_PUBLISHED))
    now = START + 30 * MINUTE
    held = choose_from(waits(50), waits(51), tried=tried, now=now)
    assert held.next is None
    assert [(each.due_at, each.reason) for each in held.changed] == [
        (START + PERIOD, Cause.PUBLISHING_LIMIT)
    ] * 2
    assert PERIOD > HOUR
    assert choose_from(waits(50), tried=tried[1:], now=START + PERIOD).next is not None


def test_a_full_hour_waits_for_a_free_place() -> None:
    """A corrected clock may have counted more than ten messages."""
    tried = tuple(published(each, START + each * MINUTE) for each in range(MAX_PUBLISHED + 2))
    held = choose_from(waits(50), tried=tried, now=START + 30 * MINUTE)
    assert [each.due_at for each in held.changed] == [START + 2 * MINUTE + PERIOD]


def test_what_may_be_published_keeps_its_place() -> None:
    """It is tried again before better ones, although the channel has no place left."""
    doubtful = settle(waits(1, 10).follow_up, LOST)
    assert (doubtful.status, doubtful.tried_at) == (FollowUpStatus.WAITING, START)
    now = START + 2 * HOUR
    others = [published(number, now - MINUTE) for number in range(2, 2 + MAX_PUBLISHED - 1)]
    again = replace(waits(1, 10), follow_up=doubtful)
    assert choose_from(again, waits(99, 100), tried=(doubtful, *others), now=now).next == doubtful
    later = replace(doubtful, due_at=now + MINUTE)
    held = choose_from(
        replace(again, follow_up=later), waits(99, 100), tried=(later, *others), now=now
    )
    assert held.next is None
    assert [each.due_at for each in held.changed] == [now - MINUTE + PERIOD]


def test_a_stated_wait_holds_the_whole_channel() -> None:
    """Also what arrives later."""
    limited = settle(waits(1).follow_up, LIMITED)
    assert (limited.due_at, limited.tried_at) == (START + 30 * MINUTE, None)
    late = choose_from(replace(waits(1), follow_up=limited), waits(2, 99), now=START + MINUTE)
    assert late.next is None
    assert [(each.post_id, each.due_at, each.reason) for each in late.changed] == [
        (2, START + 30 * MINUTE, Cause.PUBLISHING_LIMIT)
    ]


def test_threads_are_not_counted() -> None:
    """Only publications have an hourly limit."""
    discuss = FollowUpAction.DISCUSS
    wanted = replace(WANTED, follow_ups=frozenset({discuss}))
    waiting = replace(waits(50), follow_up=replace(waits(50).follow_up, action=discuss))
    tried = tuple(replace(published(each, START), action=discuss) for each in range(20))
    assert choose_from(waiting, tried=tried, subscription=wanted).next == waiting.follow_up


def test_one_failure_does_not_hold_the_others() -> None:
    """If a message may be published, the next one is tried at once."""
    lost = replace(waits(1, 99), follow_up=settle(waits(1).follow_up, LOST))
    assert choose_from(lost, waits(2, 10), tried=(lost.follow_up,)).next == waits(2).follow_up


def test_outcomes_end_a_follow_up_or_make_it_wait() -> None:
    before = waits(1).follow_up
    done = settle(before, Accepted(5))
    assert (done.status, done.tried_at, done.reason) == (FollowUpStatus.DONE, START, None)
    gone = settle(before, DELETED)
    assert (gone.status, gone.reason) == (FollowUpStatus.SKIPPED, Cause.MESSAGE_DELETED)
    refused = settle(before, Refused(MessageRefused("no")))
    assert (refused.status, refused.reason) == (FollowUpStatus.FAILED, MessageRefused("no"))
    closed = settle(before, FORBIDDEN)
    assert (closed.status, closed.due_at) == (FollowUpStatus.WAITING, START + PERMISSION_WAIT)
    assert settle(before, AWAY).tried_at is None
    assert settle(settle(before, LOST), AWAY, START + HOUR).tried_at == START


def reason_to_skip(
    waiting: WaitingFollowUp,
    subscription: SubscriptionState | None = WANTED,
    now: datetime = START,
) -> tuple[FollowUpStatus, Reason | None]:
    """What becomes of a follow-up that is not carried out."""
    choice = choose_from(waiting, now=now, subscription=subscription)
    assert choice.next is None
    (changed,) = choice.changed
    return changed.status, changed.reason


def test_what_is_not_wanted_is_skipped_with_a_reason() -> None:
    skipped = FollowUpStatus.SKIPPED
    assert reason_to_skip(waits(1), None) == (skipped, Cause.SUBSCRIPTION_REMOVED)
    moved = replace(WANTED, channel_id=99)
    assert reason_to_skip(waits(1), moved) == (skipped, Cause.SUBSCRIPTION_MOVED)
    off = replace(WANTED, follow_ups=frozenset())
    assert reason_to_skip(waits(1), off) == (skipped, Cause.OPTION_CHANGED)
    assert reason_to_skip(waits(1, withdrawn=True)) == (skipped, Cause.STORY_WITHDRAWN)


def test_what_is_too_old_ends_with_its_last_failure() -> None:
    """Without one, it is skipped for its age."""
    late = START + MAX_AGE + MINUTE
    assert reason_to_skip(waits(1), now=late) == (
        FollowUpStatus.SKIPPED,
        TooOld(MAX_AGE + MINUTE, MAX_AGE),
    )
    forbidden = replace(waits(1), follow_up=settle(waits(1).follow_up, FORBIDDEN))
    assert reason_to_skip(forbidden, now=late) == (FollowUpStatus.FAILED, FORBIDDEN.reason)


def test_a_damaged_subscription_decides_nothing() -> None:
    """Its follow-ups wait until it can be read again."""
    damaged = replace(WANTED, damaged=True, follow_ups=frozenset())
    assert choose_from(waits(1), subscription=damaged) == Choice(None)


def test_follow_ups_begin_if_the_subscription_wants_them() -> None:
    """The age of a message that was found later counts from the time of its attempt."""
    lead = Post(1, 1, SUBSCRIPTION, 10, CHANNEL, "n", PostStatus.CLAIMED, False, START, START)
    lead = replace(lead, claimed_at=START + HOUR, unknown_since=START)
    (begun,) = begin_follow_ups(lead, replace(WANTED, paused_by=PausedBy.ADMIN), START + DAY)
    assert begun == FollowUp(1, PUBLISH, CHANNEL, sent_at=START, due_at=START + DAY)
    assert begin_follow_ups(lead, replace(WANTED, follow_ups=frozenset()), START) == []
    assert begin_follow_ups(lead, None, START) == []


@dataclass
class FakeChannel:
    """Discord's side: what was published, when; it answers a request over the limit with 429."""

    at: list[datetime] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    too_many: int = 0

    def publish(self, post_id: int, now: datetime) -> FollowUpOutcome:
        """Publish a message."""
        if post_id in self.known:
            return Accepted(post_id)
        if len([each for each in self.at if each > now - HOUR]) >= MAX_PUBLISHED:
            self.too_many += 1
            return LIMITED
        self.at.append(now)
        self.known.add(post_id)
        return Accepted(post_id)


class PublishingMachine(RuleBasedStateMachine):
    """Messages arrive, time passes, answers are lost and the bot is killed, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.stored: dict[int, FollowUp] = {}
        self.quality: dict[int, int] = {}
        self.channel = FakeChannel()

    @rule(qualities=st.lists(st.integers(0, 100), min_size=1, max_size=15))
    def arrive(self, qualities: list[int]) -> None:
        """Messages are sent."""
        for quality in qualities:
            number = len(self.stored) + 1
            new = FollowUp(number, PUBLISH, CHANNEL, sent_at=self.now, due_at=self.now)
            self.stored[number], self.quality[number] = new, quality

    @rule(minutes=st.integers(0, 90))
    def pass_time(self, minutes: int) -> None:
        """Time passes without work, as while the bot is stopped."""
        self.now += minutes * MINUTE

    @precondition(lambda self: self.stored)
    @rule(
        ends=st.lists(
            st.sampled_from(["answered", "lost", "unsent", "killed before", "killed after"]),
            min_size=1,
            max_size=25,
        )
    )
    def work(self, ends: list[str]) -> None:
        """The bot carries out what is due; each request ends in one of several ways."""
        for end in ends:
            choice = self._choose()
            for each in choice.changed:
                self.stored[each.post_id] = each
            if (before := choice.next) is None:
                return
            claimed = claim_follow_up(before, self.now)
            self.stored[before.post_id] = claimed
            if end == "killed before":
                continue
            self.now += timedelta(seconds=1)
            if end == "unsent":
                outcome: FollowUpOutcome = AWAY
            else:
                outcome = self.channel.publish(before.post_id, self.now)
            self.now += timedelta(seconds=1)
            if end == "killed after":
                continue
            if end == "lost":
                outcome = Unavailable(ServerError(502), unknown=True)
            settled = settle_follow_up(claimed, before, outcome, self.now, wait)
            self.stored[before.post_id] = settled

    def _choose(self) -> Choice:
        waiting = [
            WaitingFollowUp(each, SUBSCRIPTION, self.quality[each.post_id], withdrawn=False)
            for each in self.stored.values()
            if each.status is FollowUpStatus.WAITING
        ]
        tried = [
            each
            for each in self.stored.values()
            if each.tried_at is not None
            and (each.status is FollowUpStatus.WAITING or each.tried_at > self.now - PERIOD)
        ]
        tried.sort(key=lambda each: each.tried_at or START)
        states = {SUBSCRIPTION: WANTED}
        return choose(waiting, tried, states, lambda sent_at: self.now - sent_at, self.now)

    @invariant()
    def discord_never_refuses(self) -> None:
        """The bot's own count keeps it within the limit."""
        assert self.channel.too_many == 0

    @invariant()
    def what_is_done_is_published(self) -> None:
        """A follow-up that ended otherwise may be published only if its answer was lost."""
        for each in self.stored.values():
            if each.status is FollowUpStatus.DONE:
                assert each.post_id in self.channel.known
            elif each.post_id in self.channel.known:
                assert each.tried_at is not None

    def teardown(self) -> None:
        """In the end, the bot works until nothing waits: everything ends."""
        for _ in range(60):
            if self.stored:
                self.work(["answered"] * 25)
            self.now += 30 * MINUTE
        assert all(each.status is not FollowUpStatus.WAITING for each in self.stored.values())
        self.discord_never_refuses()
        self.what_is_done_is_published()


TestPublishingInAnyOrder = PublishingMachine.TestCase
TestPublishingInAnyOrder.settings = settings(stateful_step_count=20)
