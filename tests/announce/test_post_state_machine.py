"""The outbox as a state machine: planner, sender, admins and operators in any order."""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.announce.archive_terms import ArchiveTerms
from bot.announce.outbox import Outbox
from bot.announce.planner import Planner
from bot.announce.post_states import LIVE
from bot.announce.subscription_lifecycle import (
    change_subscription,
    delete_subscriptions,
    pause_subscription,
    remove_subscription,
    restore_subscription,
    resume_subscription,
    subscribe,
)
from storage.errors import NotFoundError
from storage.models import (
    Article,
    DeliveryOptions,
    Digest,
    DigestDays,
    NewSubscription,
    PausedBy,
    RelatedArticle,
    Rules,
    Subscription,
    SubscriptionSpec,
)
from storage.open import open_store
from storage.posts import (
    ClaimedPost,
    Failed,
    Held,
    Post,
    PostStatus,
    RetryAt,
    Sent,
    Settlement,
    Skipped,
    Uncertain,
)
from storage.protocols import Store
from storage.reasons import (
    AccessRefused,
    Cause,
    ConnectionLost,
    MessageRefused,
    OperatorSkipped,
    QuietHours,
)
from tests.support.articles import make_article, make_documents
from tests.support.clock import FakeClock

T = TypeVar("T")

GUILD, ADMIN = 10, 1
CHANNELS = (20, 21)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DAILY = DeliveryOptions(digest=Digest(DigestDays.DAILY, time(8), best=2))
AT_ONCE = DeliveryOptions()
UNSETTLED = frozenset({PostStatus.PLANNED, PostStatus.CLAIMED, PostStatus.RETRY})
REASONED = frozenset(
    {PostStatus.SKIPPED, PostStatus.FAILED, PostStatus.UNCERTAIN, PostStatus.FOLDED}
)
numbers = st.integers(min_value=0, max_value=9)


ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"


def documented_transitions() -> set[tuple[str, str]]:
    """The pairs of states in the table of docs/architecture.md."""
    page = ARCHITECTURE.read_text(encoding="utf-8")
    table = page.split("| from | to |")[1].split("\n\n")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines()[2:]]
    return {
        (before.strip(), after.strip())
        for befores, afters in rows
        for before in befores.split(",")
        for after in afters.split(",")
    }


TRANSITIONS = documented_transitions()


class OutboxMachine(RuleBasedStateMachine):
    """A real store, and a fake Discord: a list of the messages in each channel."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.clock = FakeClock()
        self.articles: list[Article] = []
        self.claimed: dict[int, ClaimedPost] = {}
        # How many messages of each channel a story is in.
        self.channels: dict[int, Counter[int]] = {channel: Counter() for channel in CHANNELS}
        # What is in the channel although nobody said so, by nonce.
        self.unknown: dict[str, ClaimedPost] = {}
        self.repeatable: set[tuple[int, int]] = set()
        self.removed: list[int] = []

    @initialize(deliveries=st.lists(st.sampled_from((DAILY, AT_ONCE)), min_size=2, max_size=4))
    def open(self, deliveries: Sequence[DeliveryOptions]) -> None:
        """Open a store with some subscriptions and two planned stories about the same event."""
        self.run(self._open())
        for channel, delivery in zip((*CHANNELS, *CHANNELS), deliveries, strict=False):
            self.subscribe(channel, delivery, 0)
        self.load(80, None)
        self.load(70, 0)

    async def _open(self) -> None:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self.store: Store = await self._stack.enter_async_context(open_store(folder / "test.db"))
        self.outbox = Outbox(self.store)
        chance = random.Random(0)  # noqa: S311 - nonces need not be secret here
        self.make_nonce = lambda: f"{chance.getrandbits(64):x}"
        self.planner = Planner(
            self.outbox,
            self.store,
            self.clock,
            ArchiveTerms(self.store, self.clock),
            make_nonce=self.make_nonce,
            max_age=None,
            changed=asyncio.Event(),
            planned=asyncio.Event(),
        )

    def run(self, work: Awaitable[T]) -> T:
        """Run a coroutine to its end."""

        async def run() -> T:
            return await work

        return self._runner.run(run())

    @property
    def now(self) -> datetime:
        """The time."""
        return self.clock.now()

    # Stories

    @rule(quality=st.integers(min_value=60, max_value=90), related_to=st.none() | numbers)
    @precondition(lambda self: len(self.articles) < 12)
    def load(self, quality: int, related_to: int | None) -> None:
        """A story arrives; it may be about the same event as an earlier one."""
        number = len(self.articles)
        related = self.articles[related_to % number] if number and related_to is not None else None
        # Every other one is about the same event; the others are only related.
        is_same = related is not None and quality % 2 == 0
        letter = "abcdefghijkl"[number]
        article = make_article(
            number,
            title=related.title if related and is_same else f"{letter * 9} {letter * 5} happened",
            quality=quality,
            related=() if related is None else (RelatedArticle(related.title, related.url),),
            published_at=self.now,
        )
        self.articles.append(article)
        self.run(self.store.save_documents("s", make_documents(article), self.now))
        self.run(self.planner.catch_up())

    @rule(which=numbers)
    def change_title(self, which: int) -> None:
        """A story's title changes."""
        number = which % len(self.articles)
        article = self.articles[number]
        self.articles[number] = replace(article, title=article.title + "!")
        self.run(self.store.save_documents("s", make_documents(self.articles[number]), self.now))

    @rule(which=numbers)
    def withdraw(self, which: int) -> None:
        """A story is withdrawn."""
        self.run(self.store.withdraw_documents("s", [f"{which % len(self.articles)}.md"]))

    @rule()
    def plan(self) -> None:
        """The planner plans the changed stories."""
        self.run(self.planner.catch_up())

    # Admins

    @rule(
        channel=st.sampled_from(CHANNELS),
        delivery=st.sampled_from((DAILY, AT_ONCE)),
        catch_up=st.integers(min_value=0, max_value=2),
    )
    def subscribe(self, channel: int, delivery: DeliveryOptions, catch_up: int) -> None:
        """An admin subscribes a channel."""
        if len(self.run(self.store.list_subscriptions(GUILD))) < 4:
            spec = SubscriptionSpec(channel, Rules(), None, delivery)
            new = NewSubscription(GUILD, ADMIN, self.now, spec)
            self.run(
                subscribe(
                    self.store, new, catch_up=catch_up, max_age=None, make_nonce=self.make_nonce
                )
            )

    @rule(which=numbers)
    def pause(self, which: int) -> None:
        """An admin pauses a subscription."""
        if (subscription := self.choose(which)) is not None:
            self.run(pause_subscription(self.store, GUILD, subscription.id, self.now))

    @rule(which=numbers)
    def resume(self, which: int) -> None:
        """An admin resumes a subscription."""
        if (subscription := self.choose(which)) is not None:
            before = [(post.id, post.status, post.lead_post_id) for post in self.posts()]
            self.run(resume_subscription(self.store, subscription, self.now, max_age=None))
            after = [(post.id, post.status, post.lead_post_id) for post in self.posts()]
            assert before == after, "a pause must keep what waits"

    @rule(
        which=numbers,
        channel=st.sampled_from(CHANNELS),
        min_quality=st.sampled_from((0, 75)),
        not_in=st.sampled_from(((), CHANNELS)),
    )
    def change(self, which: int, channel: int, min_quality: int, not_in: tuple[int, ...]) -> None:
        """An admin changes a subscription's rules or channel."""
        if (subscription := self.choose(which)) is not None:
            rules = Rules(min_quality=min_quality, not_in=not_in)
            spec = replace(subscription.spec, channel_id=channel, rules=rules)
            self.run(
                change_subscription(
                    self.store, subscription, spec, max_age=None, due_at=self.now, now=self.now
                )
            )

    @rule(which=numbers)
    def remove(self, which: int) -> None:
        """An admin removes a subscription."""
        if (subscription := self.choose(which)) is not None:
            self.run(remove_subscription(self.store, GUILD, subscription.id, self.now))
            self.removed.append(subscription.id)

    @rule()
    @precondition(lambda self: self.removed)
    def undo(self) -> None:
        """An admin undoes the latest removal."""
        self.run(restore_subscription(self.store, GUILD, self.removed.pop(), self.now))

    @rule()
    def expire(self) -> None:
        """Removals become final."""
        self.run(delete_subscriptions(self.store, self.now, removed_by=self.now))
        self.removed.clear()

    @rule(channel=st.sampled_from(CHANNELS), paused=st.booleans())
    def close_or_open_channel(self, channel: int, paused: bool) -> None:
        """The bot loses or regains its permissions in a channel."""
        if paused:
            self.run(self.store.pause_channel(channel, PausedBy.BOT, AccessRefused("no")))
        else:
            self.run(self.store.resume_channel(channel, PausedBy.BOT))

    @rule(channel=st.sampled_from(CHANNELS))
    @precondition(lambda self: len(self.articles) > 8)
    def delete_channel(self, channel: int) -> None:
        """A channel is deleted, and its subscriptions with it."""
        self.run(delete_subscriptions(self.store, self.now, channel_id=channel))
        self.removed.clear()

    # The sender

    @rule()
    def claim(self) -> None:
        """The sender claims due posts."""
        busy = [each.post.channel_id for each in self.claimed.values()]
        for claimed in self.run(self.outbox.claim(self.now, 4, busy)):
            self.claimed[claimed.post.id] = claimed

    @rule(embed_missing=st.booleans())
    @precondition(lambda self: self.claimed)
    def send(self, embed_missing: bool) -> None:
        """A message is accepted; Discord deduplicates it if an earlier attempt arrived."""
        claimed = self.next_claimed()
        if claimed.post.nonce not in self.unknown:
            self.deliver(claimed)
        self.unknown.pop(claimed.post.nonce, None)
        self.settle(claimed, Sent(claimed.post.id + 1000, embed_missing))

    @rule(out=st.booleans())
    @precondition(lambda self: self.claimed)
    def lose_answer(self, out: bool) -> None:
        """The connection breaks before or after the message arrives."""
        claimed = self.next_claimed()
        if out and claimed.post.nonce not in self.unknown:
            self.deliver(claimed)
            self.unknown[claimed.post.nonce] = claimed
        self.settle(claimed, RetryAt(self.now + MINUTE, ConnectionLost("reset"), unknown=True))

    @rule(outcome=st.sampled_from(("retry", "fail", "hold", "skip", "uncertain")))
    @precondition(lambda self: self.claimed)
    def fail(self, outcome: str) -> None:
        """A message is not sent, for one of many reasons."""
        claimed = self.next_claimed()
        if claimed.post.nonce in self.unknown:
            # The sender searches the history first and finds it.
            self.unknown.pop(claimed.post.nonce)
            self.settle(claimed, Sent(claimed.post.id + 1000))
            return
        settlements: dict[str, Settlement] = {
            "fail": Failed(MessageRefused("bad")),
            "hold": Held(self.now + MINUTE, QuietHours(time(8))),
            "skip": Skipped(Cause.STORY_WITHDRAWN),
            "uncertain": Uncertain(Cause.HISTORY_FORBIDDEN),
            "retry": RetryAt(self.now + MINUTE, AccessRefused("no")),
        }
        self.settle(claimed, settlements[outcome])

    @rule()
    def restart(self) -> None:
        """The bot is killed and starts again: claimed posts have an unknown outcome."""
        self.claimed.clear()
        self.run(self.outbox.recover_claims(self.now))

    @rule(removed=st.booleans())
    def edit(self, removed: bool) -> None:
        """Messages are edited; a message whose stories are all withdrawn may be removed."""
        busy = [each.post.channel_id for each in self.claimed.values()]
        for edit in self.run(self.store.due_edits(self.now, 4, busy)):
            gone = removed and all(story.withdrawn for story in edit.digest or (edit.story,))
            self.run(self.outbox.finish_edit(edit, self.now, removed=gone))

    @rule()
    def refuse_edit(self) -> None:
        """Discord rejects every form of the edited messages."""
        busy = [each.post.channel_id for each in self.claimed.values()]
        for edit in self.run(self.store.due_edits(self.now, 4, busy)):
            self.run(self.outbox.abandon_edit(edit, self.now))
            posts = {post.id: post for post in self.posts()}
            for post in (posts[each] for each in edit.shown):
                host = posts.get(post.lead_post_id or 0)
                shown_there = host is not None and host.status is PostStatus.SENT
                assert post.status is not PostStatus.FOLDED or post.shown or not shown_there

    @rule(hours=st.sampled_from((1, 20)))
    def wait(self, hours: int) -> None:
        """Time passes, and posts that became due are claimed."""
        self.clock.jump(timedelta(hours=hours))
        self.claim()

    # Operators

    @rule(which=numbers, retry=st.booleans())
    def override(self, which: int, retry: bool) -> None:
        """An operator skips a post, or sends it again."""
        posts = self.posts()
        if posts:
            post = posts[which % len(posts)]
            together = [each for each in posts if _lead(each) == _lead(post)]
            settlement = None if retry else Skipped(OperatorSkipped())
            try:
                self.run(self.outbox.override(post.id, settlement, self.now))
            except NotFoundError:
                return
            self.repeatable |= {(each.channel_id, each.story_id) for each in together}

    # What always holds

    @invariant()
    def every_post_is_consistent(self) -> None:
        """Links, reasons and marks of all posts fit together."""
        if not hasattr(self, "store"):
            return
        posts = {post.id: post for post in self.posts()}
        for post in posts.values():
            if post.status in REASONED:
                assert post.reason is not None, f"{post} has no reason"
            if post.replaceable:
                assert post.status in UNSETTLED | {PostStatus.SKIPPED}
                assert post.unknown_since is None
            if post.status is PostStatus.FOLDED:
                host = posts[post.lead_post_id or 0]
                assert host.status in LIVE, f"{post} is folded into {host}"
                assert not host.message_removed
            elif post.lead_post_id is not None and post.status in LIVE:
                lead = posts[post.lead_post_id]
                assert lead.lead_post_id is None
                assert lead.status in LIVE

    @invariant()
    def posts_change_as_documented(self) -> None:
        """Each step of a post's history is in the table of docs/architecture.md."""
        if hasattr(self, "store"):
            for post in self.posts():
                states = [
                    event.status.value for event in self.run(self.store.post_history(post.id))
                ]
                assert states[0] == PostStatus.PLANNED
                for before, after in pairwise(states):
                    # A reason may change while the state stays.
                    assert before == after or (before, after) in TRANSITIONS

    @invariant()
    def no_story_is_in_a_channel_twice(self) -> None:
        """No story is in a channel twice, unless an operator sent it again."""
        for channel, stories in self.channels.items():
            for story, count in stories.items():
                assert count == 1 or (channel, story) in self.repeatable

    def teardown(self) -> None:
        """Check that every waiting post reaches a final state."""
        try:
            if hasattr(self, "store"):
                self.run(self._finish())
        finally:
            self._runner.run(self._stack.aclose())
            self._runner.close()

    async def _finish(self) -> None:
        await self.outbox.recover_claims(self.now)
        for channel in CHANNELS:
            await self.store.resume_channel(channel, PausedBy.BOT)
        for subscription in await self.store.list_subscriptions(GUILD):
            if subscription.paused_by is PausedBy.ADMIN:
                await resume_subscription(self.store, subscription, self.now, max_age=None)
        await delete_subscriptions(self.store, self.now, removed_by=self.now)
        for _ in range(60):
            await self.planner.catch_up()
            self.clock.jump(DAY)
            for claimed in await self.outbox.claim(self.now, 4, []):
                if claimed.post.nonce not in self.unknown:
                    self.deliver(claimed)
                await self.outbox.settle(claimed.post.id, Sent(claimed.post.id + 1000), self.now)
            for edit in await self.store.due_edits(self.now, 4, []):
                await self.outbox.finish_edit(edit, self.now)
        self.no_story_is_in_a_channel_twice()
        left = [post for post in await self._posts() if post.status in UNSETTLED]
        assert not left, f"{left} wait for ever"
        assert await self.store.count_edits() == 0

    # Helpers

    def choose(self, which: int) -> Subscription | None:
        """One of the subscriptions."""
        subscriptions = self.run(self.store.list_subscriptions(GUILD))
        return subscriptions[which % len(subscriptions)] if subscriptions else None

    def next_claimed(self) -> ClaimedPost:
        """The next message to settle."""
        return self.claimed.pop(min(self.claimed))

    def settle(self, claimed: ClaimedPost, settlement: Settlement) -> None:
        """Record the result of a message."""
        self.run(self.outbox.settle(claimed.post.id, settlement, self.now))

    def deliver(self, claimed: ClaimedPost) -> None:
        """Put a message into its channel."""
        for story in claimed.digest or (claimed.story,):
            self.channels[claimed.post.channel_id][story.id] += 1

    def posts(self) -> Sequence[Post]:
        """All posts."""
        return self.run(self._posts())

    async def _posts(self) -> Sequence[Post]:
        count = sum((await self.store.count_posts()).values())
        return await self.store.transact(lambda tx: tx.get_posts(range(1, count + 1)))


def _lead(post: Post) -> int:
    """The lead post of a post's message; a folded post counts as its own."""
    return post.id if post.status is PostStatus.FOLDED else post.lead_post_id or post.id


# Shrinking an example of many steps takes longer than reading it.
PATIENT = settings(
    max_examples=25, stateful_step_count=50, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)


@pytest.mark.timeout(600)
def test_the_outbox_keeps_its_promises_in_any_order() -> None:
    """No story comes twice, every post ends, and every skipped post has a reason."""
    run_state_machine_as_test(OutboxMachine, settings=PATIENT)
