import asyncio
from datetime import timedelta

from bot.fetching.poll_schedule import JITTER, PollSchedule
from tests.support.clock import FakeClock

QUARTER = timedelta(minutes=15)


def schedule(clock: FakeClock, random: float = 0.0, every: timedelta = QUARTER) -> PollSchedule:
    return PollSchedule(every, clock, lambda: random)


def test_it_is_time_at_once_and_then_every_so_often() -> None:
    """The first question waits for nothing."""
    clock = FakeClock()
    due = schedule(clock)
    assert due.seconds_left == 0
    due.succeeded()
    assert due.seconds_left == 900


def test_intervals_vary_and_are_never_longer() -> None:
    """Up to a tenth shorter, so that what is new is there within the interval."""
    due = schedule(FakeClock(), random=1.0)
    due.succeeded()
    assert due.seconds_left == 900 * (1 - JITTER)


def test_who_is_in_trouble_is_asked_less_and_less_often() -> None:
    """Twice as long each time, up to an hour; the first answer ends it."""
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


def test_an_interval_that_is_longer_than_an_hour_is_not_shortened() -> None:
    """Trouble never makes it ask more often."""
    due = schedule(FakeClock(), every=timedelta(days=1))
    for _ in range(40):
        due.failed()
    assert due.seconds_left == 86400


def test_a_server_is_left_alone_for_as_long_as_it_wants() -> None:
    """Retry-After counts where it is longer than the own wait."""
    due = schedule(FakeClock(), random=1.0)
    due.failed(timedelta(hours=3))
    assert due.seconds_left == 3 * 3600
    due.succeeded()
    due.failed(timedelta(seconds=5))
    assert due.seconds_left == 900 * (1 - JITTER)


async def test_ticks_come_when_it_is_time() -> None:
    """Also for one that begins to listen anew after trouble."""
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
