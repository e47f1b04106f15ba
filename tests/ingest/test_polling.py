"""Reading a source at intervals."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import timedelta

import pytest

from bot.errors import SourceError
from bot.ingest.polling import PollingSource, poll_ticks
from bot.ingest.source import ChangeSet
from storage.models import Fingerprint
from tests.support.clock import FakeClock

MINUTES = timedelta(minutes=10)


class Announced:
    """A source whose changes the test makes."""

    name = "announced"
    settings_digest = "x"

    def __init__(self) -> None:
        self.told: asyncio.Queue[Exception | None] = asyncio.Queue()
        self.told.put_nowait(None)
        self.closed = False

    async def quick_check(self, state: str) -> int | None:
        """One document, in the state "held"."""
        return 1 if state == "held" else None

    async def read(self, known: Mapping[str, Fingerprint | None], state: str | None) -> ChangeSet:
        """See `Source`."""
        return ChangeSet((), iter(()), unchanged=len(known), state_token=lambda: state)

    async def changes(self) -> AsyncGenerator[None]:
        """See `Source`."""
        try:
            while True:
                if error := await self.told.get():
                    raise error
                yield
        finally:
            self.closed = True


@pytest.mark.parametrize(("random", "seconds"), [(0.0, 540), (0.5, 600), (1.0, 660)])
async def test_it_is_looked_at_at_once_and_then_about_that_often(
    random: float, seconds: float
) -> None:
    """A tenth earlier or later, as chance has it."""
    clock = FakeClock(auto_advance=True)
    async with aclosing(poll_ticks(MINUTES, clock, lambda: random)) as ticks:
        for slept in ([], [seconds], [seconds] * 2):
            await anext(ticks)
            assert clock.slept == pytest.approx(slept)


async def test_a_source_that_tells_its_changes_can_also_be_looked_at(clock: FakeClock) -> None:
    """Whichever comes first; what it is stays what it was."""
    announced = Announced()
    source = PollingSource(announced, MINUTES, clock, lambda: 0.5)
    assert (source.name, source.settings_digest) == ("announced", "x")
    assert await source.quick_check("held") == 1
    change_set = await source.read({"a": Fingerprint(1, 1, "")}, "held")
    assert (change_set.unchanged, change_set.state_token()) == (1, "held")
    async with aclosing(source.changes()) as changes:
        await anext(changes)
        announced.told.put_nowait(None)
        await anext(changes)
        tick = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        await clock.advance(599)
        assert not tick.done()
        await clock.advance(1)
        await asyncio.wait_for(tick, 10)
    assert announced.closed


async def test_what_ends_its_changes_is_passed_on(clock: FakeClock) -> None:
    """And nothing of it goes on running."""
    announced = Announced()
    async with aclosing(PollingSource(announced, MINUTES, clock, lambda: 0.5).changes()) as changes:
        await anext(changes)
        announced.told.put_nowait(SourceError("gone"))
        with pytest.raises(SourceError, match="gone"):
            await anext(changes)
    assert announced.closed
