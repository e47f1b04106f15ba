"""The error of a failing source is recorded until the source can be read."""

import asyncio
from contextlib import suppress
from pathlib import Path

from bot.ingest.watch import watch_source
from storage.models import LoadCounts
from storage.protocols import Store
from tests.ingest.git_support import Repository, git_source
from tests.support.clock import FakeClock


async def test_the_error_of_a_failing_source_is_recorded(tmp_path: Path, store: Store) -> None:
    """The source is retried, and the error is removed when it can be read."""
    clock = FakeClock()
    loads: asyncio.Queue[LoadCounts] = asyncio.Queue()
    source = git_source(tmp_path / "site", tmp_path / "clones", clock=clock)
    task = asyncio.create_task(watch_source(source, store, clock, loads.put_nowait))
    try:
        await clock.wait_for_sleepers(1)
        await clock.advance(1)
        await clock.wait_for_sleepers(1)
        [state] = await store.list_sources()
        assert state.error is not None
        assert "is not a repository" in state.error
        assert (state.last_run_at, state.last_success_at) == (clock.now(), None)
        repository = Repository(tmp_path / "new")
        repository.write("a.md")
        repository.commit()
        repository.folder.rename(tmp_path / "site")
        await clock.advance(2)
        async with asyncio.timeout(60):
            assert await loads.get() == LoadCounts(new=1)
        [state] = await store.list_sources()
        assert (state.error, state.last_success_at) == (None, clock.now())
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
