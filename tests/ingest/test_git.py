"""A git repository as a source: which files are read, changes, history and damage."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.ingest.defaults import Defaults
from bot.ingest.git.output_parser import Entry
from bot.ingest.git.source import BATCH_FILES, MAX_BYTES, batches
from bot.ingest.loader import load_source
from bot.ingest.source import ChangeSet
from storage.models import (
    NO_DOCUMENTS,
    Article,
    Document,
    KnownDocuments,
    LoadCounts,
    Rejection,
    StoryQuery,
    UnpublishedDocument,
)
from storage.protocols import Store
from tests.ingest.git_support import Repository, git_source
from tests.ingest.support import titles
from tests.support.articles import make_markdown
from tests.support.clock import FakeClock

CLOCK = FakeClock()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty local repository."""
    return Repository(tmp_path / "site")


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """The folder for clones, which is created when needed."""
    return tmp_path / "var/git"


def documents(change_set: ChangeSet) -> dict[str, Document]:
    return {document.key: document for document in change_set.documents}


def reason(document: Document) -> str:
    assert isinstance(document.reading, Rejection)
    return document.reading.reason


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_all_documents_of_a_branch_are_read(repository: Repository, clones: Path) -> None:
    """A key is the path within the repository; patterns work as in a folder."""
    repository.write("one.md")
    repository.write("2020/09/two.md", make_markdown(published="false"))
    repository.write("three.md", b"nothing")
    for name in ("README.md", "notes.txt", ".hidden/x.md", "a.md~", ".github/y.md"):
        repository.write(name)
    repository.commit()
    change_set = await git_source(repository.folder, clones).read(NO_DOCUMENTS, None)
    assert (change_set.changed, change_set.unchanged, change_set.gone) == (3, 0, ())
    assert {key: type(read.reading) for key, read in documents(change_set).items()} == {
        "one.md": Article,
        "2020/09/two.md": UnpublishedDocument,
        "three.md": Rejection,
    }


async def test_branch_and_folder_can_be_set(repository: Repository, clones: Path) -> None:
    """Files elsewhere are not read; a key is the path within the folder."""
    repository.write("_news/deep/a.md")
    repository.write("_news_/b.md")
    repository.write("c.md")
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "old/drafts")
    repository.write("_news/d.md")
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    main = await git_source(repository.folder, clones, path="_news").read(NO_DOCUMENTS, None)
    assert [*documents(main)] == ["deep/a.md"]
    drafts = git_source(repository.folder, clones / "x", branch="old/drafts", path="_news")
    assert [*documents(await drafts.read(NO_DOCUMENTS, None))] == ["d.md", "deep/a.md"]


async def test_only_changed_blobs_are_read(
    repository: Repository, clones: Path, store: Store
) -> None:
    """A new process also reads only changed ones."""
    for name in ("same.md", "changed.md", "gone.md", "renamed.md"):
        repository.write(name)
    repository.commit()
    assert await load_source(git_source(repository.folder, clones), store, CLOCK) == LoadCounts(
        new=4
    )
    change_set = await git_source(repository.folder, clones).read(
        await store.known_documents("git:site", git_source("x", clones).settings_digest),
        None,
    )
    assert (change_set.changed, change_set.unchanged, change_set.gone) == (0, 4, ())
    repository.write("changed.md", make_markdown(name="changed.md", title="Other"))
    (repository.folder / "gone.md").unlink()
    (repository.folder / "renamed.md").rename(repository.folder / "to.md")
    repository.commit()
    change_set = await git_source(repository.folder, clones).read(
        await store.known_documents("git:site", git_source("x", clones).settings_digest),
        None,
    )
    assert sorted(change_set.gone) == ["gone.md", "renamed.md"]
    assert sorted(documents(change_set)) == ["changed.md", "to.md"]
    await load_source(git_source(repository.folder, clones), store, CLOCK)
    assert await titles(store) == ["Other", "renamed.md", "same.md"]


async def test_history_may_be_rewritten(repository: Repository, clones: Path, store: Store) -> None:
    """A force-push is read like any other change; the clone has only one commit."""
    source = git_source(repository.folder, clones)
    repository.write("a.md")
    first = repository.commit()
    repository.write("b.md")
    repository.commit()
    await load_source(source, store, CLOCK)
    repository.git("reset", "--quiet", "--hard", first)
    repository.write("c.md")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--amend", "--message=again")
    assert await load_source(source, store, CLOCK) == LoadCounts(new=1, unchanged=1, withdrawn=1)
    assert await titles(store) == ["a.md", "c.md"]
    repository.git("--git-dir", str(clones / "site"), "fsck")
    count = repository.git("--git-dir", str(clones / "site"), "rev-list", "--count", "--all")
    assert count == "1"


async def test_links_submodules_and_large_files_are_not_read(
    repository: Repository, clones: Path
) -> None:
    """Links and large files are rejected; submodules are ignored."""
    repository.write("a.md")
    (repository.folder / "link.md").symlink_to("/etc/passwd")
    repository.write("large.md", make_markdown() + b"x" * MAX_BYTES)
    repository.git("add", "--all")
    module = "160000,4b825dc642cb6eb9a060e54bf8d69288fbee4904,module.md"
    repository.git("update-index", "--add", "--cacheinfo", module)
    repository.git("commit", "--quiet", "--message=x")
    source = git_source(repository.folder, clones)
    read = documents(await source.read(NO_DOCUMENTS, None))
    assert sorted(read) == ["a.md", "large.md", "link.md"]
    assert isinstance(read["a.md"].reading, Article)
    assert reason(read["link.md"]) == "is a symbolic link; put the file itself here"
    assert reason(read["large.md"]) == "is larger than 1024 KB"
    again = await source.read(
        KnownDocuments({key: each.fingerprint for key, each in read.items()}), None
    )
    assert (again.changed, again.unchanged) == (0, 3)


async def test_a_link_that_becomes_a_file_is_read(repository: Repository, clones: Path) -> None:
    """It is read even if the content is the path of the link's target."""
    (repository.folder / "a.md").symlink_to("b.md")
    repository.commit()
    source = git_source(repository.folder, clones)
    known = {
        key: each.fingerprint
        for key, each in documents(await source.read(NO_DOCUMENTS, None)).items()
    }
    (repository.folder / "a.md").unlink()
    repository.write("a.md", b"b.md")
    repository.commit()
    assert "front matter" in reason(
        documents(await source.read(KnownDocuments(known), None))["a.md"]
    )


async def test_names_of_any_bytes_have_a_printable_key(
    repository: Repository, clones: Path
) -> None:
    """Tabs, line breaks and quotes in names work as in a folder."""
    names = [
        "a b.md",
        "a\tb.md",
        "a\nb.md",
        '"q".md',
        "schön 漢.md",
        "-x.md",
        "[a]*.md",
        "a\\nb.md",
    ]
    for name in names:
        repository.write(name, make_markdown())
    repository.commit()
    read = documents(await git_source(repository.folder, clones).read(NO_DOCUMENTS, None))
    keys = [
        "a b.md",
        "a\\tb.md",
        "a\\nb.md",
        '"q".md',
        "schön 漢.md",
        "-x.md",
        "[a]*.md",
        "a\\\\nb.md",
    ]
    assert sorted(read) == sorted(keys)
    assert all(isinstance(each.reading, Article) for each in read.values())


async def test_deeply_nested_folders_are_read(repository: Repository, clones: Path) -> None:
    """No file system could store this tree."""
    content = make_markdown(name="x.md")
    commit = b"commit refs/heads/main\ncommitter Ada <ada@news.example> 0 +0000\ndata 1\nx\n"
    for name in (f"{'d/' * 1100}x.md", f".hidden/{'d/' * 1100}x.md"):
        commit += b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(content), content)
    repository.git("fast-import", "--quiet", stdin=commit)
    read = documents(await git_source(repository.folder, clones).read(NO_DOCUMENTS, None))
    assert {key: type(each.reading) for key, each in read.items()} == {
        f"{'d/' * 1100}x.md": Article
    }


def test_documents_are_read_in_batches() -> None:
    """Memory use is limited by number and by size."""
    small = [
        Entry(f"{number:04}.md", "blob", 100, is_link=False) for number in range(BATCH_FILES + 1)
    ]
    large = [Entry(f"{number}.md", "blob", MAX_BYTES - 1000, is_link=False) for number in range(10)]
    assert [len(batch) for batch in batches([*small, *large])] == [BATCH_FILES, 9, 2]
    assert list(batches([])) == []


async def test_settings_affect_how_documents_are_read(
    repository: Repository, clones: Path, store: Store
) -> None:
    repository.write("a.md", make_markdown(name="a.md", published="false"))
    repository.commit()
    drafts = await load_source(git_source(repository.folder, clones), store, CLOCK)
    assert drafts == LoadCounts(drafts=1)
    source = git_source(
        repository.folder, clones, unpublished="announce", defaults=Defaults(quality=75)
    )
    assert await load_source(source, store, CLOCK) == LoadCounts(new=1)
    [found] = (await store.find_stories(StoryQuery())).stories
    assert found.article.quality == 75


async def test_a_vanished_repository_keeps_its_last_state(
    repository: Repository, clones: Path, store: Store
) -> None:
    """A vanished branch or folder does as well; reading continues when it is back."""
    repository.write("news/a.md")
    repository.commit()
    source = git_source(repository.folder, clones, branch="main", path="news")
    await load_source(source, store, CLOCK)
    for away, back, words in (
        (("branch", "-m", "main", "other"), ("branch", "-m", "other", "main"), "no branch main"),
        (("mv", "news", "elsewhere"), ("mv", "elsewhere", "news"), "no folder news"),
    ):
        repository.git(*away)
        repository.commit()
        with pytest.raises(SourceError, match=words):
            await load_source(source, store, CLOCK)
        repository.git(*back)
        repository.commit()
        assert await load_source(source, store, CLOCK) == LoadCounts(unchanged=1)
    moved = repository.folder.rename(repository.folder.with_name("moved"))
    with pytest.raises(SourceError, match="is not a repository, or access is denied"):
        await load_source(source, store, CLOCK)
    assert await titles(store) == ["news/a.md"]
    moved.rename(repository.folder)
    assert await load_source(source, store, CLOCK) == LoadCounts(unchanged=1)


async def test_a_replaced_folder_keeps_its_last_state(repository: Repository, clones: Path) -> None:
    """A submodule or a file with its name is not the folder."""
    repository.write("news/a.md")
    repository.commit()
    source = git_source(repository.folder, clones, path="news")
    known = {
        key: each.fingerprint
        for key, each in documents(await source.read(NO_DOCUMENTS, None)).items()
    }
    repository.git("rm", "-r", "--quiet", "news")
    module = "160000,4b825dc642cb6eb9a060e54bf8d69288fbee4904,news"
    repository.git("update-index", "--add", "--cacheinfo", module)
    repository.git("commit", "--quiet", "--message=x")
    with pytest.raises(SourceError, match="no folder news"):
        await source.read(KnownDocuments(known), None)
    repository.git("rm", "--cached", "--quiet", "news")
    repository.write("news")
    repository.commit()
    with pytest.raises(SourceError, match="no folder news"):
        await source.read(KnownDocuments(known), None)


async def test_a_repository_without_a_commit_is_an_error(
    repository: Repository, clones: Path
) -> None:
    """The failed first load does not prevent the next one."""
    source = git_source(repository.folder, clones)
    with pytest.raises(SourceError, match=r"site is empty or has no default branch; set `branch`"):
        await source.read(NO_DOCUMENTS, None)
    repository.write("a.md")
    repository.commit()
    assert (await source.read(NO_DOCUMENTS, None)).changed == 1


def empty(clone: Path) -> None:
    shutil.rmtree(clone)
    clone.mkdir()


def lose_objects(clone: Path) -> None:
    shutil.rmtree(clone / "objects")
    (clone / "objects").mkdir()


def lose_configuration(clone: Path) -> None:
    (clone / "config").write_text("[core\n")


def lose_head(clone: Path) -> None:
    (clone / "HEAD").unlink()


def spoil_branch(clone: Path) -> None:
    (clone / "refs/storywire/head").write_text("0" * 39 + "1\n")


def leave_locks(clone: Path) -> None:
    for name in ("shallow.lock", "refs/storywire/head.lock", "config.lock"):
        (clone / name).touch()


@pytest.mark.parametrize(
    "damage",
    [empty, lose_objects, lose_configuration, lose_head, spoil_branch, leave_locks],
    ids=lambda damage: damage.__name__,
)
@pytest.mark.parametrize("moved_on", [False, True])
async def test_a_damaged_clone_is_cloned_again(
    repository: Repository, clones: Path, damage: object, moved_on: bool
) -> None:
    """It makes no difference what is damaged or whether the branch has changed."""
    assert callable(damage)
    source = git_source(repository.folder, clones)
    repository.write("a.md")
    repository.commit()
    await source.read(NO_DOCUMENTS, None)
    damage(clones / "site")
    if moved_on:
        repository.write("b.md")
        repository.commit()
    assert len(documents(await source.read(NO_DOCUMENTS, None))) == 1 + moved_on


async def test_a_clone_without_a_blob_is_cloned_again(repository: Repository, clones: Path) -> None:
    """Reading the blob fails, and the next read clones again."""
    source = git_source(repository.folder, clones)
    repository.write("a.md")
    repository.commit()
    change_set = await source.read(NO_DOCUMENTS, None)
    lose_objects(clones / "site")
    with pytest.raises(SourceError, match="the clone can't be read"):
        documents(change_set)
    assert [*documents(await source.read(NO_DOCUMENTS, None))] == ["a.md"]


async def test_a_damaged_clone_stays_while_the_server_is_down(
    repository: Repository, clones: Path
) -> None:
    """The error is that of the repository."""
    source = git_source(repository.folder, clones)
    repository.write("a.md")
    repository.commit()
    await source.read(NO_DOCUMENTS, None)
    repository.folder.rename(repository.folder.with_name("moved"))
    with pytest.raises(SourceError, match="is not a repository"):
        await source.read(NO_DOCUMENTS, None)
    assert (clones / "site/HEAD").is_file()


async def test_old_objects_are_cleaned_up(repository: Repository, clones: Path) -> None:
    """A repository that is rewritten for weeks does not fill the disk."""
    source = git_source(repository.folder, clones)
    for number in range(46):
        repository.write("a.md", make_markdown(name="a.md", title=f"Version {number}"))
        repository.commit()
        await source.read(NO_DOCUMENTS, None)
        if number == 23:
            for file in (clones / "site/objects").rglob("*"):
                os.utime(file, (0, 0))
    git_dir = ("--git-dir", str(clones / "site"))
    kept = repository.git(*git_dir, "cat-file", "--batch-all-objects", "--batch-check")
    assert len(kept.splitlines()) < 3 * 30
    assert len(list((clones / "site/objects/pack").glob("*.pack"))) <= 20


async def test_two_processes_can_share_a_clone(repository: Repository, clones: Path) -> None:
    """Only one at a time updates it."""
    repository.write("a.md")
    repository.commit()
    sources = [git_source(repository.folder, clones) for _ in range(4)]
    change_sets = await asyncio.gather(*(source.read(NO_DOCUMENTS, None) for source in sources))
    assert [change_set.changed for change_set in change_sets] == [1] * 4


async def test_probing_a_repository_creates_no_clone(repository: Repository, clones: Path) -> None:
    repository.write("a.md")
    repository.commit()
    assert "exists" in await git_source(repository.folder, clones).probe()
    with pytest.raises(SourceError, match="has no branch other; check `branch`"):
        await git_source(repository.folder, clones, branch="other").probe()
    assert names_in(repository.folder.parent) == ["site"]


async def test_a_tree_bomb_is_an_error(repository: Repository, clones: Path) -> None:
    """A few nested trees of some hundred bytes list ten million files."""
    blob = repository.git("hash-object", "-w", "--stdin", stdin=make_markdown())
    tree, lines = "", [f"100644 blob {blob}\tf{number}.txt" for number in range(10)]
    for _ in range(7):
        tree = repository.git("mktree", stdin="\n".join(lines).encode())
        lines = [f"040000 tree {tree}\td{number}" for number in range(10)]
    commit = repository.git("commit-tree", tree, "-m", "x")
    repository.git("update-ref", "refs/heads/main", commit)
    with pytest.raises(SourceError, match="lists more than 64 MB of names; set `path`"):
        await git_source(repository.folder, clones).read(NO_DOCUMENTS, None)
