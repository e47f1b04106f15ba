"""All sources together: when each was tried, and the clean-up after all were read."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.ingest.git.clone import clone_folder
from bot.ingest.source import ChangeSet
from bot.ingest.supervisor import SourceSupervisor
from storage.models import KnownDocuments
from storage.protocols import Store
from tests.ingest.support import titles
from tests.support.articles import make_article, make_documents
from tests.support.clock import START, FakeClock


class Controlled:
    """A source without documents whose reads end when the test says so."""

    settings_digest = "x"

    def __init__(self, name: str) -> None:
        self.name = name
        self.outcomes: asyncio.Queue[SourceError | None] = asyncio.Queue()

    async def quick_check(self, _: str) -> int | None:
        """See `Source`."""

    async def read(self, _: KnownDocuments, __: str | None) -> ChangeSet:
        """See `Source`."""
        if error := await self.outcomes.get():
            raise error
        return ChangeSet((), iter(()))

    async def changes(self) -> AsyncGenerator[None]:
        """See `Source`."""
        while True:
            yield


class Supervised:
    """A supervisor of sources that the test controls."""

    def __init__(self, store: Store, clock: FakeClock, clones: Path, *names: str) -> None:
        self.store, self.clock = store, clock
        self.sources = {name: Controlled(name) for name in names}
        self.changed, self.tried = asyncio.Event(), asyncio.Event()
        self.supervisor = SourceSupervisor(
            [*self.sources.values()],
            store,
            clock,
            clones=clones,
            changed=self.changed,
            tried=self.tried,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run it until the block ends."""
        await self.supervisor.register()
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            task = group.create_task(self.supervisor.run())
            yield
            task.cancel()

    async def read(self, name: str, error: SourceError | None = None) -> None:
        """Let a source be read, or fail."""
        self.changed.clear()
        self.sources[name].outcomes.put_nowait(error)
        if error is None:
            await self.changed.wait()
        else:
            await self.clock.wait_for_sleepers(1)

    async def titles(self) -> Sequence[str]:
        """The titles of all stories."""
        return await titles(self.store)

    async def withdrawn(self) -> None:
        """Wait until there are no stories."""
        self.changed.clear()
        while await self.titles():
            await self.changed.wait()
            self.changed.clear()


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """The folder for clones."""
    return tmp_path / "clones"


async def test_a_source_that_fails_counts_as_tried(
    store: Store, clock: FakeClock, clones: Path
) -> None:
    """Every source is awaited once, whatever the result."""
    supervised = Supervised(store, clock, clones, "good", "bad")
    async with supervised.running():
        await supervised.read("good")
        assert not supervised.tried.is_set()
        await supervised.read("bad", SourceError("away"))
        assert supervised.tried.is_set()


async def test_removed_sources_are_withdrawn_once_all_are_read(
    store: Store, clock: FakeClock, clones: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A failed source may be the removed one under a new name, so it is awaited."""
    caplog.set_level(logging.INFO)
    await store.save_documents("removed", make_documents(make_article(1)), START)
    supervised = Supervised(store, clock, clones, "good", "bad")
    async with supervised.running():
        await supervised.read("good")
        await supervised.read("bad", SourceError("away"))
        assert len(await supervised.titles()) == 1
        supervised.sources["bad"].outcomes.put_nowait(None)
        await clock.advance(1)
        await supervised.withdrawn()
    assert "Withdrew 1 documents of sources no longer in the settings" in caplog.text


async def test_replaced_sources_are_read_at_once(
    store: Store, clock: FakeClock, clones: Path
) -> None:
    """Removed ones are withdrawn once the new ones are read; the others go on undisturbed."""
    supervised = Supervised(store, clock, clones, "kept", "removed")
    async with supervised.running():
        await supervised.read("kept")
        await supervised.read("removed")
        await store.save_documents("removed", make_documents(make_article(1)), START)
        kept, added = supervised.sources["kept"], Controlled("added")
        await supervised.supervisor.replace([added, Controlled("kept")], ())
        supervised.sources["added"] = added
        assert len(await supervised.titles()) == 1
        await supervised.read("added")
        await supervised.withdrawn()
        assert supervised.sources["kept"] is kept
        await supervised.read("kept")


async def test_a_source_with_other_settings_starts_again(
    store: Store, clock: FakeClock, clones: Path
) -> None:
    """Also one whose documents are read differently, because of other rules for topics."""
    supervised = Supervised(store, clock, clones, "a", "b")
    async with supervised.running():
        await supervised.read("a")
        await supervised.read("b")
        a, b = Controlled("a"), Controlled("b")
        b.settings_digest = "y"
        await supervised.supervisor.replace([a, b], ["a"])
        supervised.sources = {"a": a, "b": b}
        await supervised.read("a")
        await supervised.read("b")


async def test_reading_a_source_now_tells_the_result(
    store: Store, clock: FakeClock, clones: Path
) -> None:
    """It is what has changed, or why the source can't be read."""
    supervised = Supervised(store, clock, clones, "a")
    async with supervised.running():
        await supervised.read("a")
        for outcome in (None, SourceError("away")):
            again = Controlled("a")
            result = await supervised.supervisor.read_now(again)
            again.outcomes.put_nowait(outcome)
            if outcome is None:
                assert (await result).new == 0
            else:
                with pytest.raises(SourceError, match="away"):
                    await result


async def test_without_sources_everything_is_withdrawn(
    store: Store, clock: FakeClock, clones: Path
) -> None:
    """Clones of removed sources are deleted as well."""
    await store.save_documents("removed", make_documents(make_article(1)), START)
    former = clone_folder(clones, "git:removed")
    former.mkdir(parents=True)
    os.utime(former, (0, 0))
    supervised = Supervised(store, clock, clones)
    async with supervised.running():
        await supervised.withdrawn()
        assert supervised.tried.is_set()
        async with asyncio.timeout(60):
            while former.exists():  # noqa: ASYNC110 - no event announces it
                await asyncio.sleep(0)
