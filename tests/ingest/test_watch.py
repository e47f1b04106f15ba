import asyncio
import logging
import os
import resource
import shutil
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest

from bot.clock import Clock, SystemClock
from bot.errors import SourceError
from bot.ingest.folder import missing_files, watcher
from bot.ingest.folder.source import FolderSource
from bot.ingest.source import ChangeSet
from bot.ingest.watch import LAST_RETRY, watch_source
from storage.errors import StorageError
from storage.models import KnownDocuments, LoadCounts, StoryQuery
from storage.protocols import Store
from tests.support.articles import make_markdown
from tests.support.clock import FakeClock
from tests.support.store import with_hook

Loaded = Callable[[Callable[[LoadCounts], bool]], Awaitable[LoadCounts]]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC), auto_advance=True)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten intervals of a second and more."""
    monkeypatch.setattr(watcher, "CHECK_MILLISECONDS", 50)
    monkeypatch.setattr(watcher, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(missing_files, "QUIET_SECONDS", 0.05)


@asynccontextmanager
async def watched(
    folder: Path, store: Store, clock: FakeClock, folder_clock: Clock | None = None
) -> AsyncIterator[Loaded]:
    """Watch a folder; yields a function that waits for a load that meets a condition."""
    loads: asyncio.Queue[LoadCounts] = asyncio.Queue()
    source = FolderSource(
        folder,
        name="news",
        unpublished="skip",
        include=("*.md",),
        exclude=(),
        clock=folder_clock or SystemClock(),
    )

    async def loaded(wanted: Callable[[LoadCounts], bool]) -> LoadCounts:
        async with asyncio.timeout(60):
            while not wanted(counts := await loads.get()):
                pass
        return counts

    task = asyncio.create_task(watch_source(source, store, clock, loads.put_nowait))
    try:
        yield loaded
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def write(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    title = name.encode("utf-8", "replace").decode()
    path.write_bytes(
        make_markdown(
            title=title, webUrl=f"https://news.example/{quote_from_bytes(os.fsencode(name))}"
        )
    )
    return path


def move(path: Path, name: str) -> None:
    path.rename(path.with_name(name))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def remove(path: Path) -> None:
    path.unlink()


def is_new(counts: LoadCounts) -> bool:
    return counts.new == 1


async def test_a_folder_is_loaded_and_then_watched(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """Files that are written, renamed, deleted or in a new folder are noticed."""
    write(folder, "there.md")
    async with watched(folder, store, clock) as loaded:
        await loaded(is_new)
        write(folder, "written.md")
        await loaded(is_new)
        move(write(folder, "renamed.tmp"), "renamed.md")
        await loaded(is_new)
        write(folder / "deep/er", "nested.md")
        await loaded(is_new)
        remove(folder / "written.md")
        await loaded(lambda counts: counts.withdrawn == 1)
        assert (await store.find_stories(StoryQuery())).total == 3
    assert clock.slept == []


async def test_a_folder_that_is_rewritten_withdraws_nothing(
    folder: Path, store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rewriting takes a generator some time; files that stay missing are withdrawn."""
    monkeypatch.setattr(missing_files, "QUIET_SECONDS", 10)
    standing = FakeClock()
    for name in ("a.md", "b.md", "c.md"):
        write(folder, name)
    async with watched(folder, store, clock, standing) as loaded:
        await loaded(lambda counts: counts.new == 3)
        remove(folder / "a.md")
        remove(folder / "b.md")
        write(folder, "d.md")
        assert await loaded(is_new) == LoadCounts(new=1, unchanged=3)
        await standing.advance(9)
        write(folder, "a.md")
        assert (await loaded(lambda counts: counts != LoadCounts(new=1))).withdrawn == 0
        assert (await store.find_stories(StoryQuery())).total == 4
        await standing.advance(9)
        write(folder, "e.md")
        assert (await loaded(is_new)).withdrawn == 0
        await standing.advance(1)
        await loaded(lambda counts: counts.withdrawn == 1)
        assert (await store.find_stories(StoryQuery())).total == 4


async def test_changes_during_the_set_up_are_not_missed(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """The folder is read again as soon as the watch is set up."""
    async with watched(folder, store, clock) as loaded:
        await loaded(lambda counts: counts == LoadCounts())
        write(folder, "a.md")
        await loaded(is_new)


async def test_a_missing_folder_is_retried(
    folder: Path, store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The error is logged once, and the retries become less frequent."""
    move(folder, "elsewhere")
    caplog.set_level(logging.INFO, "bot.ingest.watch")
    async with watched(folder, store, clock) as loaded:
        await clock.wait_for_sleeps(8)
        write(folder, "a.md")
        await loaded(is_new)
    assert clock.slept[:8] == [1, 2, 4, 8, 16, 32, *[LAST_RETRY.total_seconds()] * 2]
    messages = [record.getMessage() for record in caplog.records]
    assert messages[0].startswith(f"Source news: folder {folder} does not exist; create it")
    assert messages[1] == "Source news can be read again"
    assert messages[2] == "Source news: 1 new, 0 changed, 0 unchanged, 0 withdrawn, 0 rejected"


async def test_a_replaced_folder_is_watched(
    folder: Path,
    store: Store,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Removing the folder withdraws nothing; its replacement is read."""
    write(folder, "a.md")
    async with watched(folder, store, clock) as loaded:
        await loaded(is_new)
        move(folder, "elsewhere")
        await clock.wait_for_sleeps(1)
        assert "does not exist" in caplog.text
        assert (await store.find_stories(StoryQuery())).total == 1
        write(folder, "b.md")
        await loaded(lambda counts: counts.withdrawn == 1)
        assert (await store.find_stories(StoryQuery())).total == 1
        move(folder, "away")
        shutil.copytree(folder.with_name("elsewhere"), folder)
        await loaded(lambda counts: counts.withdrawn == 1)
        write(folder, "c.md")
        await loaded(is_new)


async def test_a_folder_is_read_occasionally_without_a_notice(folder: Path) -> None:
    """Some drives send no notices, and a busy system drops them."""
    clock = FakeClock(datetime.now(UTC), auto_advance=True)
    looks = watcher.watch_folder(folder, lambda _: True, lambda: 1, lambda: 1, lambda: False, clock)
    assert await anext(looks)
    clock.skip(watcher.RECHECK_SECONDS + 1)
    async with asyncio.timeout(60):
        assert not await anext(looks)
    await looks.aclose()


async def test_a_check_without_a_change_reads_no_documents(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """The state of the folder is the same as at the last read."""
    compared: list[str] = []

    async def note(method: str) -> None:
        compared.append(method)

    past = SystemClock().now() - timedelta(hours=1)
    os.utime(write(folder, "a.md"), (past.timestamp(), past.timestamp()))
    watching = with_hook(store, ["known_documents"], note)
    async with watched(folder, watching, clock, clock) as loaded:
        await loaded(is_new)
        await loaded(lambda counts: counts.unchanged == 1)  # the watch is set up
        compared.clear()
        clock.skip(watcher.RECHECK_SECONDS + 1)
        await loaded(lambda counts: counts.unchanged == 1)
        assert compared == []
        write(folder, "b.md")
        await loaded(is_new)
        assert compared


def test_a_folder_is_polled_without_system_watches(folder: Path) -> None:
    """A warning names the limit to raise."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    warnings: list[str] = []

    class Relief(logging.Handler):
        """Ends the shortage of open files when the warning is logged."""

        def emit(self, record: logging.LogRecord) -> None:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            warnings.append(record.getMessage())

    relief = Relief()
    watcher.logger.addHandler(relief)
    try:
        looks = watcher.folder_changes(
            folder, lambda _: True, lambda: names_in(folder), threading.Event()
        )
        with closing(looks) as groups:
            with Path("/dev/null").open() as lowest_free:
                number = lowest_free.fileno()
            resource.setrlimit(resource.RLIMIT_NOFILE, (number, limits[1]))
            assert next(groups)
            write(folder, "a.md")
            while not next(groups):
                pass
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        watcher.logger.removeHandler(relief)
    [warning] = warnings
    assert "polling it every second instead" in warning
    assert "Too many open files" in warning


async def test_an_undecodable_name_does_not_stop_the_watch(
    folder: Path,
    store: Store,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The folder is polled for a while, and then watched again."""
    monkeypatch.setattr(watcher, "POLLS", 5)
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "self").symlink_to(".")
    async with watched(folder, store, clock) as loaded:
        await loaded(lambda counts: counts.rejected == 1)
        for name in (os.fsdecode(b"\xff.md"), "a.md", os.fsdecode(b"\xfe.md"), "b.md"):
            write(folder, name)
            await loaded(is_new)
    assert clock.slept == []
    assert "Unable to decode path" in caplog.text
    assert "max_user_watches" not in caplog.text


async def test_changes_behind_a_link_are_ignored(folder: Path, tmp_path: Path) -> None:
    """A change of the link itself is not ignored."""
    write(tmp_path / "elsewhere", "a.md")
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "deep").mkdir()
    seen: list[bool] = []
    with closing(
        watcher.folder_changes(folder, lambda _: True, lambda: 1, threading.Event())
    ) as groups:
        assert next(groups)
        write(tmp_path / "elsewhere", "b.md")
        write(folder / "link", "c.md")
        seen += [next(groups), next(groups)]
        write(folder / "deep", "d.md")
        while not next(groups):
            pass
        (folder / "other.md").symlink_to(tmp_path / "elsewhere/a.md")
        while not next(groups):
            pass
    assert seen == [False, False]


async def test_a_folder_is_watched_anywhere(tmp_path: Path, store: Store, clock: FakeClock) -> None:
    """It may be inside a folder such as `node_modules`; ignored files are not reported."""
    folder = tmp_path / "node_modules" / ".venv" / "news"
    folder.mkdir(parents=True)
    async with watched(folder, store, clock) as loaded:
        await loaded(lambda counts: counts == LoadCounts())
        write(folder, ".git/index.md")
        write(folder, "a.md~")
        write(folder / "node_modules", "a.md")
        assert await loaded(lambda counts: counts != LoadCounts()) == LoadCounts(new=1)


async def test_watching_a_missing_folder_is_an_error(folder: Path) -> None:
    looks = watcher.watch_folder(
        folder / "nowhere", lambda _: True, lambda: 1, lambda: 1, lambda: False, SystemClock()
    )
    with pytest.raises(SourceError, match="does not exist"):
        await anext(looks)


async def watching() -> list[threading.Thread]:
    """Wait for the threads that watch for changes."""
    async with asyncio.timeout(60):
        while True:
            if found := [each for each in threading.enumerate() if each.name == "watch"]:
                return found
            await asyncio.sleep(0.01)  # There is no event for the start of a thread.


async def test_cancelling_a_watch_ends_its_thread(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    async with watched(folder, store, clock) as loaded:
        await loaded(lambda _: True)
        write(folder, "a.md")
        await loaded(is_new)
        threads = await watching()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


class Faulty:
    """A source that raises errors in turn, and then works; it is polled once a day."""

    name = "faulty"
    settings_digest = ""

    def __init__(self, clock: FakeClock, *troubles: Exception | None) -> None:
        self._clock = clock
        self._troubles = list(troubles)

    async def quick_check(self, _: str) -> None:
        """See `Source`."""

    async def read(self, _: KnownDocuments, __: str | None) -> ChangeSet:
        trouble = self._troubles.pop(0) if self._troubles else None
        if trouble is not None:
            raise trouble
        return ChangeSet((), iter(()))

    async def changes(self) -> AsyncGenerator[None]:
        while True:
            yield
            await self._clock.sleep(86_400)


async def loads(store: Store, clock: FakeClock, source: Faulty, count: int) -> None:
    """Watch until it was loaded this many times."""
    loaded: asyncio.Queue[LoadCounts] = asyncio.Queue()
    task = asyncio.create_task(watch_source(source, store, clock, loaded.put_nowait))
    try:
        async with asyncio.timeout(60):
            for _ in range(count):
                getting = asyncio.ensure_future(loaded.get())
                await asyncio.wait({getting, task}, return_when=asyncio.FIRST_COMPLETED)
                assert not task.done(), task.exception()
                await getting
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_an_internal_error_does_not_end_the_watch(
    store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The source's error is recorded, and the log has the traceback."""
    await store.register_sources(["faulty"])
    await loads(store, clock, Faulty(clock, IndexError("x")), 1)
    assert "triggered an internal error" in caplog.text
    assert [record.exc_info is not None for record in caplog.records] == [True, False]
    assert clock.slept[0] == 1


async def test_a_database_error_is_retried_at_once(store: Store, clock: FakeClock) -> None:
    """A source that is polled once a day is stored as soon as the database can be written."""
    await store.register_sources(["faulty"])
    await loads(store, clock, Faulty(clock, StorageError("locked"), StorageError("locked")), 1)
    assert clock.slept[:2] == [1, 2]


async def test_a_success_resets_the_backoff(store: Store, clock: FakeClock) -> None:
    await store.register_sources(["faulty"])
    trouble = SourceError("away")
    await loads(store, clock, Faulty(clock, trouble, trouble, None, trouble), 2)
    assert clock.slept[:4] == [1, 2, 86_400, 1]
