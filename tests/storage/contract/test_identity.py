"""The article that a document belongs to after changes of its file."""

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.models import (
    Article,
    Document,
    LoadCounts,
    Reading,
    Rejection,
    SaveResult,
    StoryQuery,
    UnpublishedDocument,
)
from storage.open import open_store
from storage.protocols import ArticleStore, Store
from tests.storage.contract.adapters import Adapter
from tests.storage.contract.promises import promises
from tests.support.articles import make_article, make_document
from tests.support.clock import START
from tests.support.examples import of_hundred

SOURCE = "folder:news"
OLD, OTHER, THIRD = make_article(1), make_article(2), make_article(3)
MOVED = make_article(1, url="https://news.example/moved", addresses=("https://news.example/moved",))


@dataclass
class Folder:
    """A folder of files, and a store that reads it as loading does."""

    store: Store
    known: dict[str, Document] = field(default_factory=dict)

    async def look(self, files: Mapping[str, Reading]) -> dict[str, int]:
        """Update the store; return the ids of the stories that lookups find, by title."""
        read = {key: make_document(key, reading) for key, reading in files.items()}
        changed = [read[key] for key in sorted(read) if read[key] != self.known.get(key)]
        await self.store.save_documents(SOURCE, changed, START)
        await self.store.withdraw_documents(SOURCE, sorted(self.known.keys() - read))
        self.known = read
        stories = (await self.store.find_stories(StoryQuery(limit=100))).stories
        return {story.article.title: story.id for story in stories}


@pytest.fixture
def folder(store: Store) -> Folder:
    """An empty folder."""
    return Folder(store)


@promises(ArticleStore.save_documents)
async def test_documents_with_new_addresses_can_be_deferred(folder: Folder) -> None:
    """They are returned instead of stored, until the rest of the source was read."""
    before = await folder.look({"1.md": OLD, "2.md": OTHER})
    moved, known = make_document("1.md", MOVED), make_document("2.md", OTHER)
    new = make_document("3.md", THIRD)
    result = await folder.store.save_documents(
        SOURCE, [moved, known, new], START, unread={"4.md"}, decide_all=False
    )
    assert result == SaveResult(LoadCounts(new=1, unchanged=1), undecided=(moved,))
    page = await folder.store.find_stories(StoryQuery(text=OLD.title))
    assert [(story.id, story.article) for story in page.stories] == [(before[OLD.title], OLD)]
    result = await folder.store.save_documents(SOURCE, result.undecided, START)
    assert result == SaveResult(LoadCounts(changed=1))
    assert (await folder.store.get_story(before[OLD.title])).article == MOVED


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
@pytest.mark.parametrize("looks", [1, 2])
async def test_a_reused_name_belongs_to_a_new_story(folder: Folder, looks: int) -> None:
    """The renamed story is unchanged and the new one is news, in one read or two."""
    before = await folder.look({"1.md": OLD})
    if looks == 2:
        await folder.look({"3.md": OLD})
    after = await folder.look({"1.md": OTHER, "3.md": OLD})
    assert after.keys() == {"Story 1", "Story 2"}
    assert after["Story 1"] == before["Story 1"]


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
async def test_a_new_file_may_come_before_renamed_ones(folder: Folder) -> None:
    """Files with numbers as names are all moved up by one."""
    before = await folder.look({"1.md": OLD, "2.md": OTHER})
    after = await folder.look({"1.md": THIRD, "2.md": OLD, "3.md": OTHER})
    assert after == {**before, "Story 3": 3}


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
@pytest.mark.parametrize("looks", [1, 2])
async def test_swapped_files_are_the_same_stories(folder: Folder, looks: int) -> None:
    """One read may see both files or only one of them."""
    before = await folder.look({"1.md": OLD, "2.md": OTHER})
    if looks == 2:
        half = await folder.look({"1.md": OTHER, "2.md": OTHER})
        assert half == {"Story 2": before["Story 2"]}
    assert before == await folder.look({"1.md": OTHER, "2.md": OLD})


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
async def test_a_name_may_be_reused_after_a_withdrawal(folder: Folder) -> None:
    """The old story keeps its last content, and is the same one if it comes back."""
    old = (await folder.look({"1.md": OLD}))["Story 1"]
    await folder.look({})
    after = await folder.look({"1.md": OTHER})
    assert after.keys() == {"Story 2"}
    gone = await folder.store.get_story(old)
    assert (gone.withdrawn, gone.article) == (True, OLD)
    assert await folder.look({"1.md": OTHER, "2.md": OLD}) == {**after, "Story 1": old}
    assert await folder.look({"1.md": OLD, "2.md": OTHER}) == {**after, "Story 1": old}


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
async def test_a_story_that_overwrites_another_withdraws_it(folder: Folder) -> None:
    """The last content of the overwritten story can still be struck through."""
    before = await folder.look({"1.md": OLD, "2.md": OTHER})
    assert await folder.look({"1.md": OTHER}) == {"Story 2": before["Story 2"]}
    gone = await folder.store.get_story(before["Story 1"])
    assert (gone.withdrawn, gone.article) == (True, OLD)


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
async def test_a_story_may_change_its_address(folder: Folder) -> None:
    """In its only file it remains the same story, known by both addresses afterwards."""
    before = await folder.look({"1.md": OLD})
    assert before == await folder.look({"1.md": MOVED})
    assert before == await folder.look({"2.md": MOVED})
    assert before == await folder.look({"2.md": OLD})


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
async def test_a_story_of_two_files_may_change_its_address_in_both(folder: Folder) -> None:
    """Neither file contains the old address any more."""
    before = await folder.look({"1.md": OLD, "2.md": OLD})
    assert before == await folder.look({"1.md": MOVED, "2.md": MOVED})


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
async def test_one_of_a_storys_two_files_may_get_a_new_story(folder: Folder) -> None:
    """The other file keeps the story, even if both change."""
    before = await folder.look({"1.md": OLD, "2.md": OLD})
    after = await folder.look({"1.md": OTHER, "2.md": OLD})
    assert after == {**before, "Story 2": 2}


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
async def test_an_address_may_change_in_one_source_first(
    folder: Folder,
) -> None:
    """A feed may follow later; until then nothing is posted twice."""
    before = await folder.look({"1.md": OLD})
    await folder.store.save_documents("feed:news", [make_document("guid", OLD)], START)
    assert before == await folder.look({"1.md": MOVED})


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
async def test_unpublished_and_broken_files_keep_their_story(folder: Folder) -> None:
    """With another address they remain the same story, unless another file has it."""
    before = await folder.look({"1.md": OLD})
    assert await folder.look({"1.md": UnpublishedDocument()}) == {}
    assert before == await folder.look({"1.md": MOVED})
    assert before == await folder.look({"1.md": Rejection("is broken")})
    after = await folder.look({"1.md": OTHER, "2.md": Rejection("is broken"), "3.md": MOVED})
    assert after == {**before, "Story 2": 2}
    after = await folder.look({"1.md": OTHER, "2.md": OTHER, "3.md": Rejection("is broken")})
    assert after == {**before, "Story 2": 2}


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
async def test_the_last_document_with_a_key_counts(folder: Folder) -> None:
    """Names may differ only in characters that can't be printed; nothing else is left."""
    documents = [make_document("1.md", article) for article in (OLD, OTHER)]
    await folder.store.save_documents(SOURCE, documents, START)
    assert (await folder.look({"1.md": OTHER})).keys() == {"Story 2"}


@dataclass
class FolderModel:
    """A model of a folder that people change: the story of each file, and its number of moves."""

    files: dict[str, int] = field(default_factory=dict)
    moves: dict[int, int] = field(default_factory=dict)

    def do(self, doing: str, name: str, other: str) -> None:
        """Make a change, if it is possible and every story stays in a file or is removed."""
        files = self.files
        if doing == "write" and self._is_free(name):
            files[name] = self._new()
        elif doing == "bring back" and self.moves and self._is_free(name):
            files[name] = min(self.moves)
        elif name not in files:
            return
        elif doing == "rename and use again" and self._is_free(other):
            files[other], files[name] = files[name], self._new()
        elif doing == "rename" and other not in files:
            files[other] = files.pop(name)
        elif doing == "copy over":
            files[other] = files[name]
        elif doing == "swap" and other in files:
            files[name], files[other] = files[other], files[name]
        elif doing == "remove":
            del files[name]
        elif doing == "change the address":
            self.moves[files[name]] += 1

    def article(self, number: int) -> Article:
        """The current article of a story."""
        address = f"https://news.example/{number}/{self.moves[number]}"
        return make_article(number, url=address, addresses=(address,))

    def _is_free(self, name: str) -> bool:
        return name not in self.files or [*self.files.values()].count(self.files[name]) > 1

    def _new(self) -> int:
        self.moves[len(self.moves)] = 0
        return len(self.moves) - 1


DOINGS = st.sampled_from(
    [
        "write",
        "bring back",
        "rename and use again",
        "rename",
        "copy over",
        "swap",
        "remove",
        "change the address",
    ]
)
NAMES = st.sampled_from(["1.md", "2.md", "3.md", "4.md"])


@promises(ArticleStore.save_documents, ArticleStore.withdraw_documents)
@of_hundred(40)
@given(doings=st.lists(st.tuples(DOINGS, NAMES, NAMES), max_size=20))
def test_each_story_is_one_article_after_any_file_change(
    new_adapter: Callable[[Path], Adapter], doings: list[tuple[str, str, str]]
) -> None:
    """No story gets the article of another story, or a second one."""

    async def live() -> None:
        model, ids = FolderModel(), dict[str, int]()
        with tempfile.TemporaryDirectory() as name:
            async with open_store(new_adapter(Path(name)).url) as store:
                folder = Folder(store)
                for doing in doings:
                    model.do(*doing)
                    found = await folder.look(
                        {key: model.article(number) for key, number in model.files.items()}
                    )
                    assert found.keys() == {f"Story {number}" for number in model.files.values()}
                    assert ids | found == found | ids
                    ids |= found
                    assert len(set(ids.values())) == len(ids)

    asyncio.run(live())
