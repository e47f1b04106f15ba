"""Reading a source at intervals."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

import pytest

from bot.errors import SourceError
from bot.ingest.polling import PollingSource, poll_ticks
from bot.ingest.source import ChangeSet
from storage.models import Fingerprint, KnownDocuments
from tests.support.clock import FakeClock

MINUTES = timedelta(minutes=10)


class ManualSource:
    """A source whose changes the test triggers."""

    name = "manual"
    settings_digest = "x"

    def __init__(self) -> None:
        self.events: asyncio.Queue[Exception | None] = asyncio.Queue()
        self.events.put_nowait(None)
        self.closed = False

    async def quick_check(self, state: str) -> int | None:
        """Return one document for the state "known"."""
        return 1 if state == "known" else None

    async def read(self, known: KnownDocuments, state: str | None) -> ChangeSet:
        """See `Source`."""
        return ChangeSet((), iter(()), unchanged=len(known), state_token=lambda: state)

    async def changes(self) -> AsyncGenerator[None]:
        """See `Source`."""
        try:
            while True:
                if error := await self.events.get():
                    raise error
                yield
        finally:
            self.closed = True


@pytest.mark.parametrize(("random", "seconds"), [(0.0, 540), (0.5, 600), (1.0, 660)])
async def test_ticks_come_immediately_and_at_intervals(random: float, seconds: float) -> None:
    """The interval varies by up to 10 %."""
    clock = FakeClock(auto_advance=True)
    async with aclosing(poll_ticks(MINUTES, clock, lambda: random)) as ticks:
        for slept in ([], [seconds], [seconds] * 2):
            await anext(ticks)
            assert clock.slept == pytest.approx(slept)


async def test_changes_and_intervals_both_trigger_a_read(clock: FakeClock) -> None:
    """Name, digest and methods are those of the source."""
    manual = ManualSource()
    source = PollingSource(manual, MINUTES, clock, lambda: 0.5)
    assert (source.name, source.settings_digest) == ("manual", "x")
    assert await source.quick_check("known") == 1
    change_set = await source.read(KnownDocuments({"a": Fingerprint(1, 1, "")}), "known")
    assert (change_set.unchanged, change_set.state_token()) == (1, "known")
    async with aclosing(source.changes()) as changes:
        await anext(changes)
        manual.events.put_nowait(None)
        await anext(changes)
        tick = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        await clock.advance(599)
        assert not tick.done()
        await clock.advance(1)
        await asyncio.wait_for(tick, 60)
    assert manual.closed


async def test_error_of_the_source_is_raised(clock: FakeClock) -> None:
    """No task is left running."""
    manual = ManualSource()
    async with aclosing(PollingSource(manual, MINUTES, clock, lambda: 0.5).changes()) as changes:
        await anext(changes)
        manual.events.put_nowait(SourceError("gone"))
        with pytest.raises(SourceError, match="gone"):
            await anext(changes)
    assert manual.closed
