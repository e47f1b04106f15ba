import asyncio
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bot.clock import SystemClock
from bot.errors import SourceError
from bot.ingest.article import Unpublished
from bot.ingest.folder.source import FolderSource
from bot.ingest.loader import BatchSizes, load_source
from bot.ingest.source import ChangeSet
from storage.models import Document, KnownDocuments, LoadCounts, SaveResult, StoryQuery
from storage.protocols import ArticleStore, Store
from tests.ingest.support import real_articles, titles
from tests.support.articles import make_markdown
from tests.support.clock import FakeClock

BATCH = 10
SIZES = BatchSizes(stored=BATCH)
# The files in these tests are older than this clock's time.
CLOCK = FakeClock(datetime.now(UTC) + timedelta(hours=1))


def source(folder: Path, unpublished: Unpublished = "announce") -> FolderSource:
    return FolderSource(
        folder,
        name="folder:news",
        unpublished=unpublished,
        include=("*.md",),
        exclude=("README.md",),
        clock=CLOCK,
    )


async def load(folder: Path, store: Store) -> LoadCounts:
    return await load_source(source(folder), store, CLOCK, sizes=SIZES)


def write(folder: Path, name: str, title: str | None = None) -> Path:
    path = folder / name
    path.write_bytes(make_markdown(name=name, title=title or name))
    return path


class Watcher:
    """Records the progress, and can stop the load."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.events: list[object] = []
        self.stored = asyncio.Event()
        self._stop_after = stop_after

    def started(self, source: str, total: int) -> None:
        """See `Progress`."""
        self.events.append((source, total))

    def advanced(self, documents: int) -> None:
        """See `Progress`."""
        self.events.append(documents)
        self.stored.set()
        if self._stop_after == documents:
            raise asyncio.CancelledError

    def finished(self, counts: LoadCounts) -> None:
        """See `Progress`."""
        self.events.append(counts)


async def test_real_articles_load_once(folder: Path, store: Store) -> None:
    """Loading again or after `touch` changes nothing; a new title changes one."""
    paths = real_articles()
    for path in paths:
        shutil.copyfile(path, folder / path.name)
    assert await load(folder, store) == LoadCounts(new=len(paths))
    assert await load(folder, store) == LoadCounts(unchanged=len(paths))
    for path in paths:
        os.utime(folder / path.name, (1, 1))
    assert await load(folder, store) == LoadCounts(unchanged=len(paths))
    seed = folder / "seed.md"
    seed.write_bytes(seed.read_bytes().replace(b"IBM says", b"IBM says again", 1))
    assert await load(folder, store) == LoadCounts(changed=1, unchanged=len(paths) - 1)


async def test_a_deleted_file_is_withdrawn(folder: Path, store: Store) -> None:
    """The story returns with its file."""
    path = write(folder, "a.md")
    write(folder, "b.md")
    await load(folder, store)
    path.unlink()
    assert await load(folder, store) == LoadCounts(unchanged=1, withdrawn=1)
    assert await titles(store) == ["b.md"]
    write(folder, "a.md")
    await load(folder, store)
    assert await titles(store) == ["a.md", "b.md"]


async def test_a_renamed_file_is_the_same_story(folder: Path, store: Store) -> None:
    """The new name is stored before the old one is withdrawn, so the story is never missing."""
    write(folder, "a.md").rename(folder / "first.md")
    await load(folder, store)
    [before] = (await store.find_stories(StoryQuery())).stories
    (folder / "first.md").rename(folder / "second.md")
    await load(folder, store)
    [after] = (await store.find_stories(StoryQuery())).stories
    assert (after.id, after.revision) == (before.id, before.revision)


async def test_a_broken_file_keeps_its_last_version(folder: Path, store: Store) -> None:
    """It is rejected, and the other files are loaded."""
    path = write(folder, "a.md", "Good")
    await load(folder, store)
    path.write_text("---\ntitle: broken: again\n---\n")
    write(folder, "b.md", "Other")
    assert await load(folder, store) == LoadCounts(new=1, rejected=1)
    assert await titles(store) == ["Good", "Other"]
    [rejected] = await store.rejected_documents()
    assert (rejected.source, rejected.key) == ("folder:news", "a.md")
    assert str(rejected.rejection).startswith("line 2: is not valid YAML: mapping values")


async def test_progress_is_reported(folder: Path, store: Store) -> None:
    """The total comes first, then each batch, then the counts."""
    for number in range(BATCH + 3):
        write(folder, f"{number}.md")
    watcher = Watcher()
    counts = await load_source(source(folder), store, CLOCK, watcher, SIZES)
    assert watcher.events == [("folder:news", BATCH + 3), BATCH, 3, counts]


async def test_a_cancelled_load_is_continued_by_the_next(folder: Path, store: Store) -> None:
    """Stored documents stay stored."""
    for number in range(BATCH + 3):
        write(folder, f"{number}.md")
    with pytest.raises(asyncio.CancelledError):
        await load_source(source(folder), store, CLOCK, Watcher(stop_after=BATCH), SIZES)
    assert len(await titles(store)) == BATCH
    counts = await load(folder, store)
    assert counts.new == 3
    known = await store.known_documents("folder:news", source(folder).settings_digest)
    assert len(known) == BATCH + 3


async def test_new_settings_read_everything_again(folder: Path, store: Store) -> None:
    """Drafts that were announced are withdrawn, and so are files that have vanished."""
    write(folder, "a.md")
    path = write(folder, "b.md")
    path.write_bytes(make_markdown(published="false", webUrl="https://news.example/b"))
    gone = write(folder, "c.md")
    assert await load(folder, store) == LoadCounts(new=3)
    gone.unlink()
    counts = await load_source(source(folder, "skip"), store, CLOCK)
    assert counts == LoadCounts(unchanged=1, withdrawn=2)
    assert await titles(store) == ["a.md"]


async def test_a_missing_folder_withdraws_nothing(folder: Path, store: Store) -> None:
    """A drive may not be mounted."""
    write(folder, "a.md")
    await load(folder, store)
    shutil.rmtree(folder)
    with pytest.raises(SourceError):
        await load(folder, store)
    assert await titles(store) == ["a.md"]


async def test_a_change_within_one_clock_tick_is_found(folder: Path, store: Store) -> None:
    """It changes neither size nor time of the file; this uses the real clock."""
    fresh = FolderSource(
        folder, name="n", unpublished="skip", include=("*",), exclude=(), clock=SystemClock()
    )
    path = write(folder, "a.md", "One")
    times = path.stat()
    await load_source(fresh, store, CLOCK)
    write(folder, "a.md", "Two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert await load_source(fresh, store, CLOCK) == LoadCounts(changed=1)


async def test_a_load_reads_its_source_once(folder: Path, store: Store) -> None:
    """The first load and the first one with other settings do as well."""
    reads: list[int] = []

    class Counted(FolderSource):
        async def read(self, known: KnownDocuments, state: str | None) -> ChangeSet:
            reads.append(len(known))
            return await super().read(known, state)

    def counted(unpublished: Unpublished) -> Counted:
        return Counted(
            folder, name="n", unpublished=unpublished, include=("*",), exclude=(), clock=CLOCK
        )

    write(folder, "a.md")
    write(folder, "b.md")
    assert await load_source(counted("skip"), store, CLOCK) == LoadCounts(new=2)
    assert await load_source(counted("skip"), store, CLOCK) == LoadCounts(unchanged=2)
    assert await load_source(counted("announce"), store, CLOCK) == LoadCounts(unchanged=2)
    assert await load_source(counted("announce"), store, CLOCK) == LoadCounts(unchanged=2)
    assert reads == [0, 2]


async def test_a_file_written_during_a_load_is_found_later(folder: Path, store: Store) -> None:
    """The token represents what was stored, not the current state of the folder."""

    class Author:
        def started(self, source: str, total: int) -> None:
            """See `Progress`."""

        def advanced(self, documents: int) -> None:  # noqa: ARG002 - as `Progress` has it
            write(folder, "b.md")

        def finished(self, counts: LoadCounts) -> None:
            """See `Progress`."""

    write(folder, "a.md")
    assert await load_source(source(folder), store, CLOCK, Author()) == LoadCounts(new=1)
    assert await load(folder, store) == LoadCounts(new=1, unchanged=1)


async def settle(folder: Path, store: Store) -> None:
    """Load until nothing changes."""
    await load(folder, store)
    await load(folder, store)
    assert await is_settled(folder, store)


async def is_settled(folder: Path, store: Store) -> bool:
    """Whether a quick check is sufficient at the next start."""
    restarted = source(folder)
    state = await store.state_token("folder:news", restarted.settings_digest)
    return state is not None and await restarted.quick_check(state) is not None


async def test_an_unchanged_source_is_only_checked_quickly(folder: Path, store: Store) -> None:
    """The result is the same as that of a complete read."""
    write(folder, "a.md")
    write(folder, "b.md").rename(folder / "b\u202e.md")
    write(folder, "broken.md").write_text("nothing")
    assert await load(folder, store) == LoadCounts(new=2, rejected=1)
    # A name that has to be escaped has no quick check.
    assert await is_settled(folder, store) is False
    (folder / "b\u202e.md").rename(folder / "b.md")
    await settle(folder, store)
    watcher = Watcher()
    counts = await load_source(source(folder), store, CLOCK, watcher, SIZES)
    assert counts == LoadCounts(unchanged=3)
    assert watcher.events == [("folder:news", 0), counts]


async def test_after_a_quick_check_every_change_is_found(folder: Path, store: Store) -> None:
    """The change may come before or after a restart."""
    write(folder, "a.md")
    write(folder, "b.md")
    for restart in (True, False):
        await settle(folder, store)
        running = source(folder)
        await load_source(running, store, CLOCK)

        async def look(watching: FolderSource = running, again: bool = restart) -> LoadCounts:
            return await load_source(source(folder) if again else watching, store, CLOCK)

        path = write(folder, f"restart-{restart}.md")
        assert await look() == LoadCounts(new=1, unchanged=2)
        os.utime(path, (5, 5))
        assert await look() == LoadCounts(unchanged=3)
        write(folder, path.name, "Another title")
        assert await look() == LoadCounts(changed=1, unchanged=2)
        path = path.rename(folder / f"again-{restart}.md")
        assert await look() == LoadCounts(new=1, unchanged=2, withdrawn=1)
        path.unlink()
        assert await look() == LoadCounts(unchanged=2, withdrawn=1)
        assert await titles(store) == ["a.md", "b.md"]


async def test_a_deletion_after_a_quick_check_is_found(folder: Path, store: Store) -> None:
    """It may be the last document."""
    write(folder, "a.md")
    write(folder, ".gitkeep")
    await settle(folder, store)
    running = source(folder)
    await load_source(running, store, CLOCK)
    (folder / "a.md").unlink()
    assert await load_source(running, store, CLOCK) == LoadCounts(withdrawn=1)


async def test_a_restored_backup_is_read_again(folder: Path, store: Store) -> None:
    """Its files have their old times, and the load before was interrupted."""
    paths = [write(folder, f"{number:03}.md", "As it was") for number in range(BATCH + 1)]
    await settle(folder, store)
    backup = folder.with_name("backup")
    shutil.copytree(folder, backup)
    for path in paths:
        write(folder, path.name, "Rewritten")
    with pytest.raises(asyncio.CancelledError):
        await load_source(source(folder), store, CLOCK, Watcher(stop_after=BATCH), SIZES)
    shutil.copytree(backup, folder, dirs_exist_ok=True)
    assert await is_settled(folder, store) is False
    assert await load(folder, store) == LoadCounts(changed=BATCH, unchanged=1)
    assert set(await titles(store)) == {"As it was"}


async def test_a_cancelled_load_leaves_no_thread_behind(folder: Path, store: Store) -> None:
    """The next load works."""
    for number in range(3 * BATCH):
        write(folder, f"{number:03}.md")
    watcher = Watcher()
    loading = asyncio.create_task(load_source(source(folder), store, CLOCK, watcher, SIZES))
    async with asyncio.timeout(60):
        await watcher.stored.wait()
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    for thread in threading.enumerate():
        if thread.name == "files":
            await asyncio.to_thread(thread.join, 10)
    assert "files" not in {thread.name for thread in threading.enumerate()}
    assert await store.count_stories() % BATCH == 0


class SlowStore:
    """A store that stores nothing before a reader has come far enough."""

    def __init__(self, store: Store, read: threading.Event) -> None:
        self._store = store
        self._read = read

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def save_documents(self, *arguments: Any, **options: Any) -> SaveResult:  # noqa: ANN401 - as they are
        """See `ArticleStore`."""
        assert await asyncio.to_thread(self._read.wait, 60)
        return await self._store.save_documents(*arguments, **options)


async def test_reading_goes_on_while_documents_are_stored(folder: Path, store: Store) -> None:
    """The second batch is read before the first one is stored."""
    for number in range(BATCH + 1):
        write(folder, f"{number:02}.md")
    read = threading.Event()

    class ObservedSource(FolderSource):
        async def read(self, known: KnownDocuments, state: str | None = None) -> ChangeSet:
            changes = await super().read(known, state)

            def documents() -> Iterator[Document]:
                for number, document in enumerate(changes.documents):
                    if number == BATCH:
                        read.set()
                    yield document

            return replace(changes, documents=documents())

    observed = ObservedSource(
        folder,
        name="folder:news",
        unpublished="announce",
        include=("*.md",),
        exclude=(),
        clock=CLOCK,
    )
    slow = cast("ArticleStore", SlowStore(store, read))
    assert await load_source(observed, slow, CLOCK, sizes=SIZES) == LoadCounts(new=BATCH + 1)
