"""The rate limiter of the whole bot."""

import asyncio

from bot.announce.circuit_breaker import CircuitBreaker
from bot.announce.delivery import Delivery
from bot.announce.outbox import Outbox
from bot.announce.poster_port import Outcome
from bot.announce.rate_limiter import RateLimiter
from bot.announce.sender import MAX_IN_FLIGHT, Sender
from storage.posts import ClaimedPost
from storage.protocols import Store
from tests.announce.newsroom import Newsroom
from tests.announce.support import ScriptedPoster
from tests.support.clock import FakeClock


async def test_the_pace_holds_after_a_stall() -> None:
    """Delayed requests are sent first, and later ones wait for them."""
    clock = FakeClock()
    limiter = RateLimiter(45, clock)
    times: list[float] = []

    async def ask() -> None:
        while True:
            await limiter.acquire()
            times.append(clock.monotonic())

    tasks = [asyncio.create_task(ask()) for _ in range(16)]
    steps = 0
    while len(times) < 450:
        steps += 1
        # Every other second the program stands still for 0.3 s, and then sees the time.
        clock.skip(0.3 if steps % 400 == 0 else 0.005)
        for _ in range(4):
            await clock.advance(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    most = max(sum(start <= time < start + 0.999 for time in times) for start in times)
    assert most <= 45
    # Of the 1.5 s that were lost, some is made good.
    assert times[-1] - times[0] < 450 / 45 + 1.5


class TimedPoster(ScriptedPoster):
    """Records the times of its sends."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock
        self.times: list[float] = []

    async def send(self, claimed: ClaimedPost) -> Outcome:
        """See `Poster`."""
        self.times.append(self._clock.monotonic())
        return await super().send(claimed)


async def test_one_story_to_many_channels_keeps_the_pace(store: Store) -> None:
    """The clock only advances while all tasks sleep, so a slow machine does not matter."""
    clock = FakeClock()
    newsroom = Newsroom(store, clock)
    poster = TimedPoster(clock)
    for channel in range(150):
        await newsroom.subscribe(channel)
    await newsroom.add_stories(1)
    sender = Sender(
        Outbox(store),
        store,
        poster,
        clock,
        delivery=Delivery(max_age=None, delete_withdrawn=False, jitter=lambda: 0.0),
        rate_limiter=RateLimiter(45, clock),
        circuit_breaker=CircuitBreaker(lambda: 0.0),
        planned=newsroom.planned,
    )

    def all_sleep() -> bool:
        """Every delivery under way waits for its turn, and the sender for something to do."""
        return len(clock.wake_times()) > min(MAX_IN_FLIGHT, 150 - len(poster.times))

    running = asyncio.create_task(sender.run())
    await clock.wait_until(all_sleep)
    while len(poster.times) < 150:
        await clock.advance(min(clock.wake_times()) - clock.monotonic())
        await clock.wait_until(all_sleep)
    sender.stop()
    await clock.advance(1)
    await running
    times = poster.times
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.96 * 45
    assert max(sum(start <= time < start + 0.999 for time in times) for start in times) <= 45


async def test_the_rate_can_change(clock: FakeClock) -> None:
    """What was sent before still counts."""
    limiter = RateLimiter(10, clock)
    await limiter.acquire()
    limiter.set_rate(1)
    waiting = asyncio.create_task(limiter.acquire())
    await clock.advance(0.5)
    assert not waiting.done()
    await clock.advance(0.5)
    await waiting
