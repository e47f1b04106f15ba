"""The pace of the whole bot."""

from __future__ import annotations

import asyncio

from bot.announce.pacing import Pacer
from tests.support.clock import ManualClock


class HaltingClock(ManualClock):
    """Time that passes while nobody is woken."""

    def skip(self, seconds: float) -> None:
        """Let so much time have passed."""
        self._move(seconds)


async def test_a_program_that_was_held_up_does_not_exceed_the_pace() -> None:
    """What should have gone out meanwhile goes out at once, and what follows waits for it."""
    clock = HaltingClock()
    pacer = Pacer(45, clock)
    times: list[float] = []

    async def ask() -> None:
        while True:
            await pacer.turn()
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
