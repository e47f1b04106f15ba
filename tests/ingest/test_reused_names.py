"""Which story a file tells whose name told another, or whose address is new."""

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
    """Looks at a folder that is watched, and so will be looked at again."""
    source = folder_source(folder, clock)
    async with aclosing(source.changes()) as changes:
        await anext(changes)
        yield lambda: load_source(source, store, clock, sizes=SIZES)


def numbered(number: int | str, host: str = "news.example", size: int = 0, **more: str) -> bytes:
    """Return the content of story `number` on a host, made longer by `size` bytes."""
    fields = {"title": f"Story {number}", "webUrl": f"https://{host}/{number}", **more}
    return make_markdown(**fields) + b"x" * size


async def stories(store: Store) -> dict[str, int]:
    """What is shown, and which article it is."""
    page = await store.find_stories(StoryQuery(limit=10_000))
    return {each.article.title: each.id for each in page.stories}


async def test_a_name_that_is_used_again_takes_over_no_story_that_is_seen_elsewhere_later(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """Numbered files that all move up are the same stories, and only the new first one is new."""
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


async def test_it_does_not_where_few_but_large_files_make_several_batches(
    tmp_path: Path, store: Store, clock: FakeClock
) -> None:
    """A repository is read so many bytes at a time."""
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
async def test_corrected_addresses_make_no_new_stories_however_many_they_are(
    folder: Path, store: Store, clock: FakeClock, undecided: int
) -> None:
    """Also where two files tell the same, and are not read together."""
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
    """Counts the stories of a title when the first documents have been stored."""

    def __init__(self, database: Path, title: str) -> None:
        self._database = database
        self._title = title
        self.counts: list[int] = []

    def started(self, source: str, total: int) -> None:
        """See `Progress`."""

    def advanced(self, documents: int) -> None:  # noqa: ARG002 - as `Progress` has it
        """See `Progress`."""
        with closing(sqlite3.connect(self._database)) as database:
            query = "SELECT count(*) FROM articles WHERE title = ?"
            self.counts += database.execute(query, (self._title,)).fetchone()

    def finished(self, counts: LoadCounts) -> None:
        """See `Progress`."""


async def test_no_more_than_so_many_wait_for_the_end(
    folder: Path, store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """They are in memory."""
    sizes = BatchSizes(stored=BATCH, undecided=BATCH // 2)
    for host, title in (("news.example", "Here"), ("moved.example", "Moved")):
        for number in range(2 * BATCH):
            (folder / f"{number:04}.md").write_bytes(numbered(number, host, title=title))
        halfway = Halfway(tmp_path / "storywire.db", title)
        await load_source(folder_source(folder, clock), store, clock, halfway, sizes)
        assert halfway.counts == [BATCH, 2 * BATCH]


async def test_a_renamed_file_whose_address_is_corrected_at_once_is_the_same_story(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """Its old name is still waited for, but tells nothing any more."""
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


async def test_a_file_that_is_renamed_and_edited_at_once_is_shown_as_it_is(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """Not as its old name told it."""
    (folder / "a.md").write_bytes(numbered("one"))
    async with watched(folder, store, clock) as look:
        await look()
        (folder / "a.md").unlink()
        (folder / "b.md").write_bytes(numbered("one", title="Edited"))
        await look()
        assert list(await stories(store)) == ["Edited"]


async def test_another_story_under_a_name_that_was_missing_is_another_story(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """As it is when it has been missing for long."""
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
async def test_a_file_that_comes_back_as_it_was_is_missing_no_more(
    folder: Path, store: Store, clock: FakeClock, *, restarted: bool
) -> None:
    """So that its address may be corrected; a restart forgets who was waited for."""
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


async def test_a_file_that_comes_back_broken_leaves_its_story_as_it_was(
    folder: Path, store: Store, clock: FakeClock
) -> None:
    """It is there again: its story is not withdrawn."""
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
        (folder / "one.md").write_bytes(numbered("one", title="Mended"))
        await look()
        assert sorted(await stories(store)) == ["Mended", "Story other"]
