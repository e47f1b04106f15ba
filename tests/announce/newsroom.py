"""Planner and sender as a bot has them, with a Discord and a clock that the test controls."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import ParamSpec, TypeVar

from typing_extensions import override

from bot.announce.archive_terms import ArchiveTerms
from bot.announce.circuit_breaker import CircuitBreaker
from bot.announce.delivery import Delivery
from bot.announce.outbox import Outbox
from bot.announce.planner import Planner
from bot.announce.rate_limiter import RateLimiter
from bot.announce.sender import Sender, SenderStore
from bot.announce.subscription_lifecycle import subscribe
from storage.models import Article, DeliveryOptions, NewSubscription, Rules, SubscriptionSpec
from storage.posts import Post, PostStatus
from storage.protocols import Store
from tests.announce.support import ScriptedPoster
from tests.support.articles import make_article, make_documents
from tests.support.clock import FakeClock
from tests.support.store import coroutine_methods, with_context

P = ParamSpec("P")
T = TypeVar("T")

GUILD, CHANNEL = 10, 20
WEEK = timedelta(days=7)
# Between two calls of the store, a task yields to the event loop a few times.
QUIET_ROUNDS = 8


class TrackedThreads(ThreadPoolExecutor):
    """Threads for `asyncio.to_thread`; `started` and `finished` are called on the event loop."""

    def __init__(self, started: Callable[[], None], finished: Callable[[], None]) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._started, self._finished = started, finished

    @override
    def submit(
        self, function: Callable[P, T], /, *arguments: P.args, **options: P.kwargs
    ) -> Future[T]:
        self._started()
        future = super().submit(function, *arguments, **options)
        # Later than asyncio's own callback, so that whoever waits for the thread continues first.
        self._loop.call_soon(future.add_done_callback, self._report)
        return future

    def _report(self, _future: Future[T]) -> None:
        self._loop.call_soon_threadsafe(self._finished)


class Newsroom:
    """Planner and sender on a real store, with a poster and a clock that the test controls."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store = store
        # Used by the planner, and by senders created afterwards if a test replaces them.
        self.tracked_store = with_context(
            store, (*coroutine_methods(SenderStore), "find_stories"), self._tracked
        )
        self.tracked_outbox = Outbox(self.tracked_store)
        self.clock = clock
        self.poster = ScriptedPoster()
        self.planned = asyncio.Event()
        self.deletes = False
        self._nonces = iter(range(1_000_000))
        self._running_calls = 0
        self._call_finished = asyncio.Event()
        # The planner decides in a thread.
        threads = TrackedThreads(self._start_call, self._finish_call)
        asyncio.get_running_loop().set_default_executor(threads)
        self.planner = Planner(
            self.tracked_outbox,
            self.tracked_store,
            clock,
            ArchiveTerms(self.tracked_store, clock),
            make_nonce=self._nonce,
            max_age=WEEK,
            changed=asyncio.Event(),
            planned=self.planned,
        )

    def _nonce(self) -> str:
        return f"nonce{next(self._nonces)}"

    def delivery(self) -> Delivery:
        """The rules of delivery for a sender."""
        return Delivery(max_age=WEEK, delete_withdrawn=self.deletes, jitter=lambda: 0.0)

    def sender(self) -> Sender:
        """A sender as a newly started bot has it."""
        return Sender(
            self.tracked_outbox,
            self.tracked_store,
            self.poster,
            self.clock,
            delivery=self.delivery(),
            rate_limiter=RateLimiter(1000, self.clock),
            circuit_breaker=CircuitBreaker(lambda: 0.0),
            planned=self.planned,
        )

    async def subscribe(
        self,
        channel: int = CHANNEL,
        *,
        catch_up: int = 0,
        max_per_hour: int | None = None,
        rules: Rules | None = None,
        delivery: DeliveryOptions | None = None,
    ) -> int:
        """Subscribe a channel, to everything by default; returns the subscription's id.

        Stories of tests have titles that are much alike: they are not folded by default.
        """
        new = NewSubscription(
            GUILD,
            1,
            self.clock.now(),
            SubscriptionSpec(
                channel, rules or Rules(), max_per_hour, delivery or DeliveryOptions(fold=False)
            ),
        )
        subscription, _ = await subscribe(
            self.store, new, catch_up=catch_up, max_age=WEEK, make_nonce=self._nonce
        )
        return subscription.id

    async def add_stories(self, *numbers: int) -> None:
        """Add stories and plan their posts."""
        await self.load(*map(make_article, numbers))

    async def load(self, *articles: Article) -> None:
        """Add or change articles, and plan their posts and edits."""
        await self.store.save_documents("s", make_documents(*articles), self.clock.now())
        await self.planner.catch_up()

    async def withdraw(self, number: int) -> None:
        """Withdraw a story, and plan the edits."""
        await self.store.withdraw_documents("s", [f"{number}.md"])
        await self.planner.catch_up()

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[Sender]:
        """Run a sender; drain it at the end."""
        sender = self.sender()
        running = asyncio.create_task(sender.run())
        yield sender
        sender.stop()
        while not running.done():
            await self.step()
        await running

    async def step(self, seconds: float = 0.05) -> None:
        """Move the clock a little, and wait until the calls of the store have finished."""
        await self.clock.advance(seconds)
        await self._settle()

    async def _settle(self) -> None:
        """Wait until planner and sender wait only for the clock and the poster.

        Threads take real time, which no fake clock moves.
        """
        quiet = 0
        while quiet < QUIET_ROUNDS:
            if self._running_calls:
                self._call_finished.clear()
                await self._call_finished.wait()
                quiet = 0
            else:
                await asyncio.sleep(0)
                quiet += 1

    @asynccontextmanager
    async def _tracked(self, _method: str) -> AsyncIterator[None]:
        self._start_call()
        try:
            yield
        finally:
            self._finish_call()

    def _start_call(self) -> None:
        self._running_calls += 1

    def _finish_call(self) -> None:
        self._running_calls -= 1
        self._call_finished.set()

    async def until(self, *expected: PostStatus, step: float = 0.05) -> list[Post]:
        """Move the clock until the posts have these statuses, in the order of their ids."""
        for _ in range(3000):
            posts = await self.posts()
            if tuple(post.status for post in posts) == expected:
                return posts
            await self.step(step)
        raise AssertionError(
            f"the statuses of the posts are {[post.status for post in await self.posts()]}"
        )

    async def run(self, time: timedelta, step: float = 1.0) -> None:
        """Move the clock on in small steps."""
        end = self.clock.monotonic() + time.total_seconds()
        while (left := end - self.clock.monotonic()) > 0:
            await self.step(min(step, left))

    async def until_true(self, look: Callable[[], object], step: float = 0.05) -> None:
        """Move the clock until `look` returns something true."""
        for _ in range(3000):
            if look():
                return
            await self.step(step)
        raise AssertionError("the condition did not become true")

    async def posts(self) -> list[Post]:
        """All posts."""
        count = sum((await self.store.count_posts()).values())
        return [await self.store.get_post(number + 1) for number in range(count)]
