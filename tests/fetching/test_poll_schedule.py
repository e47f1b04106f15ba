import asyncio
from datetime import timedelta

from bot.fetching.poll_schedule import JITTER, PollSchedule
from tests.support.clock import FakeClock

QUARTER = timedelta(minutes=15)


def schedule(clock: FakeClock, random: float = 0.0, every: timedelta = QUARTER) -> PollSchedule:
    return PollSchedule(every, clock, lambda: random)


def test_poll_is_due_immediately_and_then_at_intervals() -> None:
    clock = FakeClock()
    due = schedule(clock)
    assert due.seconds_left == 0
    due.succeeded()
    assert due.seconds_left == 900


def test_intervals_vary_but_are_never_longer() -> None:
    """They are up to 10 % shorter, so new documents are found within the interval."""
    due = schedule(FakeClock(), random=1.0)
    due.succeeded()
    assert due.seconds_left == 900 * (1 - JITTER)


def test_wait_doubles_after_each_failure() -> None:
    """It doubles up to an hour; the first success resets it."""
    due = schedule(FakeClock())
    waits = []
    for _ in range(5):
        due.failed()
        waits.append(due.seconds_left / 60)
    assert waits == [15, 30, 60, 60, 60]
    due.succeeded()
    assert due.seconds_left == 900
    due.failed()
    assert due.seconds_left == 900


def test_failures_do_not_shorten_long_intervals() -> None:
    due = schedule(FakeClock(), every=timedelta(days=1))
    for _ in range(40):
        due.failed()
    assert due.seconds_left == 86400


def test_retry_after_extends_the_wait() -> None:
    """Retry-After counts if it is longer than our own wait."""
    due = schedule(FakeClock(), random=1.0)
    due.failed(timedelta(hours=3))
    assert due.seconds_left == 3 * 3600
    due.succeeded()
    due.failed(timedelta(seconds=5))
    assert due.seconds_left == 900 * (1 - JITTER)


async def test_ticks_come_when_a_poll_is_due() -> None:
    """A new iteration after a failure waits, too."""
    clock = FakeClock()
    due = schedule(clock)
    ticks = due.ticks()
    await anext(ticks)
    due.failed()
    await ticks.aclose()
    ticks = due.ticks()
    waiting = asyncio.ensure_future(anext(ticks))
    await asyncio.sleep(0)
    await clock.advance(899)
    assert not waiting.done()
    await clock.advance(1)
    await waiting
    await ticks.aclose()
