"""Polling: reading a source at intervals."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta

from bot.clock import Clock
from bot.ingest.source import Source

# Vary the interval by up to 10 %, so that many bots don't poll a server in the same second.
JITTER = 0.1


async def poll_ticks(
    every: timedelta, clock: Clock, random: Callable[[], float]
) -> AsyncGenerator[None]:
    """Yield immediately, then at intervals of about `every`; `random` returns 0 to 1."""
    while True:
        yield
        await clock.sleep(every.total_seconds() * (1 + JITTER * (2 * random() - 1)))


class PollingSource:
    """Wraps a source that is also read at intervals, for changes that it does not notice itself."""

    def __init__(
        self, source: Source, every: timedelta, clock: Clock, random: Callable[[], float]
    ) -> None:
        self.name, self.settings_digest = source.name, source.settings_digest
        self.quick_check, self.read = source.quick_check, source.read
        self._source = source
        self._every = every
        self._clock = clock
        self._random = random

    async def changes(self) -> AsyncGenerator[None]:
        """Yield whenever the source does, and at each interval. Raises `SourceError`."""
        ticks = poll_ticks(self._every, self._clock, self._random)
        async with aclosing(self._source.changes()) as changes, aclosing(ticks):
            await anext(ticks)  # skip the immediate tick: the source has one, too
            change = asyncio.ensure_future(anext(changes))
            tick = asyncio.ensure_future(anext(ticks))
            try:
                while True:
                    await asyncio.wait({change, tick}, return_when=asyncio.FIRST_COMPLETED)
                    if change.done():
                        change.result()
                        change = asyncio.ensure_future(anext(changes))
                    if tick.done():
                        tick = asyncio.ensure_future(anext(ticks))
                    yield
            finally:
                change.cancel()
                tick.cancel()
                await asyncio.gather(change, tick, return_exceptions=True)
