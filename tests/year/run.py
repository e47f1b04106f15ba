"""Simulates the bot over a stream of news, from one event to the next."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from bot.announce.archive_terms import ArchiveTerms
from bot.announce.delivery import Delivery
from bot.announce.log_names import Place, Server
from bot.announce.outbox import Outbox
from bot.announce.planner import Planner
from bot.announce.poster_port import (
    Accepted,
    EditOutcome,
    FollowUpOutcome,
    Outcome,
    SearchResult,
)
from bot.announce.sender import MAX_IN_FLIGHT, attempt
from bot.clock import CautiousClock
from storage.models import Story, Subscription
from storage.open import open_store
from storage.posts import ClaimedPost, FollowUpAction, Post
from storage.protocols import Store
from storage.reasons import Reason
from tests.support.articles import make_documents
from tests.support.clock import FakeClock
from tests.support.database import path_of, query
from tests.support.outbox import add_subscription
from tests.year.stream import GUILD, Arrival, make_stream, make_subscriptions

WEEK = timedelta(days=7)
POLL_INTERVAL = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was posted, and when."""

    at: datetime
    subscription: Subscription
    stories: tuple[int, ...]
    digest: bool


@dataclass
class RecordingPoster:
    """A poster that accepts and records everything."""

    clock: FakeClock
    messages: list[Message] = field(default_factory=list)
    edits: int = 0

    async def send(self, claimed: ClaimedPost) -> Outcome:
        """See `Poster`."""
        assert claimed.subscription is not None
        stories = tuple(story.id for story in claimed.digest or (claimed.story,))
        self.messages.append(
            Message(self.clock.now(), claimed.subscription, stories, bool(claimed.digest))
        )
        return Accepted(len(self.messages))

    async def edit(self, claimed: ClaimedPost, *, delete: bool) -> EditOutcome:
        """See `Poster`."""
        assert not delete
        self.edits += 1
        return Accepted(claimed.post.message_id or 0)

    async def follow_up(self, claimed: ClaimedPost, action: FollowUpAction) -> FollowUpOutcome:
        """See `Poster`."""
        raise AssertionError(f"{action} of post {claimed.post.id}")

    def place(self, post: Post) -> Place:
        """See `Poster`."""
        return Place(post.channel_id, server=Server(post.guild_id))

    def keeps_nonces(self, post: Post) -> bool:
        """See `Poster`."""
        del post
        return True

    async def report_closed(self, post: Post, reason: Reason) -> None:
        """See `Poster`."""
        raise AssertionError(f"channel {post.channel_id}: {reason}")

    async def find(self, post: Post, since: datetime) -> SearchResult:
        """See `Poster`."""
        raise AssertionError(f"post {post.id} is looked for since {since}")


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """The state at the end of a simulation."""

    subscriptions: tuple[Subscription, ...]
    stories: tuple[Story, ...]
    posts: tuple[Post, ...]
    messages: tuple[Message, ...]
    edits: int


class Simulation:
    """Runs the bot's parts without waiting: does everything that is due, then moves the clock."""

    def __init__(self, store: Store, start: datetime) -> None:
        self._store = store
        self._clock = FakeClock(start)
        self._poster = RecordingPoster(self._clock)
        self._capped = False
        nonces = count()
        self._outbox = Outbox(store)
        self._planner = Planner(
            self._outbox,
            store,
            self._clock,
            ArchiveTerms(store, self._clock),
            make_nonce=lambda: f"n{next(nonces)}",
            max_age=WEEK,
            changed=asyncio.Event(),
            planned=asyncio.Event(),
        )
        self._delivery = Delivery(max_age=WEEK, delete_withdrawn=False, jitter=lambda: 0.0)

    async def run(self, arrivals: list[Arrival]) -> SimulationResult:
        """Process the arrivals, then continue until nothing is waiting."""
        for new in make_subscriptions(self._clock.now()):
            await add_subscription(self._store, new, revision=0, seen=(), catch_up=())
        for arrival in arrivals:
            await self._pass_time(arrival.at)
            await self._store.save_documents(
                "s", make_documents(arrival.article), self._clock.now()
            )
            await self._planner.catch_up()
            await self._send()
        await self._pass_time(None)
        return await self._result()

    async def _pass_time(self, until: datetime | None) -> None:
        """Do everything that is due before `until`, each at its time; None: until nothing waits."""
        while True:
            now = self._clock.now()
            due_at = await self._store.next_due_at(now)
            if self._capped:
                # The store does not report when an hourly limit allows the next post.
                due_at = min(now + POLL_INTERVAL, due_at or now + POLL_INTERVAL)
            if due_at is None or (until is not None and due_at >= until):
                break
            self._clock.jump(due_at - now)
            await self._send()
        if until is not None:
            self._clock.jump(until - self._clock.now())

    async def _send(self) -> None:
        now = self._clock.now()
        while claimed := await self._outbox.claim(now, MAX_IN_FLIGHT, ()):
            for each in claimed:
                settlement, _ = await attempt(
                    each, self._delivery, self._poster, self._clock, CautiousClock(self._clock)
                )
                await self._outbox.settle(each.post.id, settlement, now)
        while edits := await self._store.due_edits(now, MAX_IN_FLIGHT, ()):
            for edit in edits:
                if self._delivery.is_editable(edit, now):
                    await self._poster.edit(edit, delete=False)
                await self._outbox.finish_edit(edit, now)
        (overdue,) = await self._query(
            "SELECT count(*) FROM posts WHERE status = 'planned' AND due_at <= ?",
            now.isoformat(timespec="microseconds"),
        )
        self._capped = overdue > 0

    async def _query(self, sql: str, *values: object) -> list[int]:
        """Return the first column of a query for which the store has no method."""
        return await asyncio.to_thread(query, path_of(self._store), sql, *values)

    async def _result(self) -> SimulationResult:
        stories = await self._query("SELECT id FROM articles")
        posts = await self._query("SELECT id FROM posts")
        return SimulationResult(
            tuple(await self._store.list_subscriptions(GUILD)),
            tuple([await self._store.get_story(story) for story in stories]),
            tuple([await self._store.get_post(post) for post in posts]),
            tuple(self._poster.messages),
            self._poster.edits,
        )


async def simulate(database: Path, start: datetime, days: int, seed: int) -> SimulationResult:
    """Simulate some days of news."""
    async with open_store(database) as store:
        arrivals = make_stream(start, days, Random(seed))  # noqa: S311 - no secret
        return await Simulation(store, start).run(arrivals)
