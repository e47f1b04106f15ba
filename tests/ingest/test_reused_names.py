"""Which story a file belongs to when its name had another story, or its address changes."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.ingest.folder.missing_files import QUIET_SECONDS
from bot.ingest.folder.source import FolderSource
from bot.ingest.loader import BatchSizes, load_source
from storage.models import LoadCounts, StoryQuery
from storage.protocols import Store
from tests.ingest.git_support import Repository, git_source
from tests.support.articles import make_markdown
from tests.support.clock import FakeClock

BATCH = 20
SIZES = BatchSizes(stored=BATCH, undecided=10 * BATCH)


def folder_source(folder: Path, clock: FakeClock) -> FolderSource:
    return FolderSource(
        folder, name="news", unpublished="skip", include=("*.md",), exclude=(), clock=clock
    )


@asynccontextmanager
async def watched(
    folder: Path, store: Store, clock: FakeClock
) -> AsyncIterator[Callable[[], Awaitable[LoadCounts]]]:
    """Watch a folder, so that missing files are awaited; yields a function that loads it."""
    source = folder_source(folder, clock)
    async with aclosing(source.changes()) as changes:
        await anext(changes)
        yield lambda: load_source(source, store, clock, sizes=SIZES)


def numbered(number: int | str, host: str = "news.example", size: int = 0, **more: str) -> bytes:
    """Return the content of story `number` on a host, made longer by `size` bytes."""
    fields = {"title": f"Story {number}", "webUrl": f"https://{host}/{number}", **more}
    return make_markdown(**fields) + b"x" * size


async def stories(store: Store) -> dict[str, int]:
    """The ids of the stories by title."""
    page = await store.find_stories(StoryQuery(limit=10_000))
    return {each.article.title: each.id for each in page.stories}


async def test_renumbered_files_keep_their_stories(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """When numbered files all move up by one, only the new first one is a new story."""
    count = 3 * BATCH + 10
    for number in range(1, count + 1):
        (folder / f"{number}.md").write_bytes(numbered(number))
    await load_source(folder_source(folder, clock), store, clock, sizes=SIZES)
    before = await stories(store)
    for number in range(1, count + 2):
        (folder / f"{number}.md").write_bytes(numbered(number - 1))
    loaded = await load_source(folder_source(folder, clock), store, clock, sizes=SIZES)
    assert loaded == LoadCounts(new=1, changed=count)
    after = await stories(store)
    assert after.pop("Story 0") not in before.values()
    assert after == before


async def test_renumbered_files_keep_their_stories_across_batches(
    tmp_path: Path, store: Store, clock: FakeClock
) -> None:
    """A repository is read in batches by size."""
    repository = Repository(tmp_path / "site")
    size = 1000
    old, new = range(10), range(10, 13)
    source = git_source(repository.folder, tmp_path / "clones", batch_bytes=8 * size)
    for commit in ([*old], [*new, *old]):
        for place, number in enumerate(commit):
            repository.write(f"{place:02}.md", numbered(number, size=size))
        repository.commit()
        await load_source(source, store, clock, sizes=BatchSizes(stored=5))
    assert len(await stories(store)) == len(old) + len(new)


@pytest.mark.parametrize("undecided", [BATCH, 10_000])
async def test_corrected_addresses_make_no_new_stories(
    folder: Path, store: Store, clock: FakeClock, undecided: int
) -> None:
    """Two files may have the same story and be in different batches."""
    sizes = BatchSizes(stored=BATCH, undecided=undecided)
    names = {f"{number:03}.md": number for number in range(3 * BATCH)}
    names |= {f"z-{number}.md": number for number in range(5)}
    for name, number in names.items():
        (folder / name).write_bytes(numbered(number))
    await load_source(folder_source(folder, clock), store, clock, sizes=sizes)
    before = await stories(store)
    for name, number in names.items():
        (folder / name).write_bytes(numbered(number, "moved.example"))
    await load_source(folder_source(folder, clock), store, clock, sizes=sizes)
    assert await stories(store) == before


class Halfway:
    """Counts the stories with a title after each batch."""

    def __init__(self, database: Path, title: str) -> None:
        self._database = database
        self._title = title
        self.counts: list[int] = []

    def started(self, source: str, total: int) -> None:
        """See `Progress`."""

    def advanced(self, documents: int) -> None:  # noqa: ARG002 - as `Progress` has it
        """See `Progress`."""
        with closing(sqlite3.connect(self._database)) as database:
            query = "SELECT coalesce(sum(titles), 0) FROM search_words WHERE word = ?"
            self.counts += database.execute(query, (self._title.lower(),)).fetchone()

    def finished(self, counts: LoadCounts) -> None:
        """See `Progress`."""


async def test_the_number_of_undecided_documents_is_limited(
    folder: Path, store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """They are kept in memory."""
    sizes = BatchSizes(stored=BATCH, undecided=BATCH // 2)
    for host, title in (("news.example", "Here"), ("moved.example", "Moved")):
        for number in range(2 * BATCH):
            (folder / f"{number:04}.md").write_bytes(numbered(number, host, title=title))
        halfway = Halfway(tmp_path / "storywire.db", title)
        await load_source(folder_source(folder, clock), store, clock, halfway, sizes)
        assert halfway.counts == [BATCH, 2 * BATCH]


async def test_a_renamed_and_readdressed_file_keeps_its_story(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """Its old name is still awaited when the address changes."""
    (folder / "one.md").write_bytes(numbered("one"))
    async with watched(folder, store, clock) as look:
        await look()
        before = await stories(store)
        (folder / "one.md").rename(folder / "two.md")
        await look()
        await clock.advance(3)
        (folder / "two.md").write_bytes(numbered("one", "moved.example"))
        await look()
        await clock.advance(QUIET_SECONDS)
        await look()
        assert await stories(store) == before


async def test_a_renamed_and_edited_file_shows_the_new_version(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    (folder / "a.md").write_bytes(numbered("one"))
    async with watched(folder, store, clock) as look:
        await look()
        (folder / "a.md").unlink()
        (folder / "b.md").write_bytes(numbered("one", title="Edited"))
        await look()
        assert list(await stories(store)) == ["Edited"]


async def test_a_new_story_under_a_missing_name_is_new(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """It makes no difference how long the file was missing."""
    (folder / "latest.md").write_bytes(numbered("one"))
    (folder / "other.md").write_bytes(numbered("other"))
    async with watched(folder, store, clock) as look:
        await look()
        before = await stories(store)
        (folder / "latest.md").unlink()
        await look()
        assert await stories(store) == before
        (folder / "latest.md").write_bytes(numbered("two"))
        await look()
        after = await stories(store)
        assert sorted(after) == ["Story other", "Story two"]
        assert after["Story two"] not in before.values()


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_file_that_comes_back_is_no_longer_missing(
    folder: Path, store: Store, clock: FakeClock, *, restarted: bool
) -> None:
    """Its address can then be corrected; a restart forgets which files were awaited."""
    (folder / "one.md").write_bytes(numbered("one"))
    (folder / "other.md").write_bytes(numbered("other"))
    await clock.advance(3600)
    async with watched(folder, store, clock) as look:
        await look()
        before = await stories(store)
        (folder / "one.md").rename(folder / "one.away")
        await look()
        if not restarted:
            (folder / "one.away").rename(folder / "one.md")
            await look()
    if restarted:
        (folder / "one.away").rename(folder / "one.md")
    await store.register_sources(["news"])
    async with watched(folder, store, clock) as look:
        await look()
        (folder / "one.md").write_bytes(numbered("one", "moved.example"))
        await look()
        assert await stories(store) == before


async def test_a_file_that_comes_back_broken_keeps_its_story(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """It is not missing, so its story is not withdrawn."""
    (folder / "one.md").write_bytes(numbered("one"))
    (folder / "other.md").write_bytes(numbered("other"))
    async with watched(folder, store, clock) as look:
        await look()
        (folder / "one.md").unlink()
        await look()
        (folder / "one.md").write_bytes(b"---\ntitle: [\n---\n")
        assert (await look()).rejected == 1
        await clock.advance(QUIET_SECONDS)
        await look()
        assert sorted(await stories(store)) == ["Story one", "Story other"]
        (folder / "one.md").write_bytes(numbered("one", title="Fixed"))
        await look()
        assert sorted(await stories(store)) == ["Fixed", "Story other"]
