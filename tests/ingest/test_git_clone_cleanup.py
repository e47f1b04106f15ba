"""The removal of clones that no source uses."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from bot.ingest.git.clone import UNUSED_AFTER, clone_folder, remove_unused_clones
from storage.models import NO_DOCUMENTS
from tests.ingest.git_support import Repository, git_source

NOW = datetime.now(UTC)
LONG_AGO = (NOW - UNUSED_AFTER - timedelta(days=1)).timestamp()


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """The folder for clones."""
    return tmp_path / "git"


def make(folder: Path, *, old: bool) -> Path:
    """Create a folder that looks like a clone."""
    folder.mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    if old:
        os.utime(folder, (LONG_AGO, LONG_AGO))
    return folder


def there(*folders: Path) -> list[bool]:
    return [folder.exists() for folder in folders]


async def test_an_unused_clone_is_removed(clones: Path) -> None:
    """Clones of sources and of other bots stay, and so does everything that is not a clone."""
    stays = [
        make(clone_folder(clones, "git:used"), old=True),
        make(clone_folder(clones, "git:other-bot"), old=False),
        make(clones / "mine", old=True),
    ]
    goes = [
        make(clone_folder(clones, "git:former"), old=True),
        make(clone_folder(clones, "git:former").with_suffix(".new"), old=True),
        make(clone_folder(clones, "git:used").with_suffix(".new"), old=True),
    ]
    await remove_unused_clones(clones, ["git:used", "folder:news"], NOW)
    assert there(*stays) == [True] * 3
    assert there(*goes) == [False] * 3


async def test_a_clone_that_is_being_updated_stays(clones: Path) -> None:
    """Its lock is held by the process that updates it."""
    former = make(clone_folder(clones, "git:former"), old=True)
    another = make(clone_folder(clones, "git:another"), old=True)
    with FileLock(former.with_suffix(".lock")):
        await remove_unused_clones(clones, [], NOW)
        assert there(former, another) == [True, False]
    await remove_unused_clones(clones, [], NOW)
    assert there(former) == [False]


async def test_cleaning_up_without_clones_does_nothing(clones: Path) -> None:
    await remove_unused_clones(clones, [], NOW)
    assert there(clones) == [False]


async def test_an_update_without_changes_counts_as_use(tmp_path: Path, clones: Path) -> None:
    """A repository may be unchanged for months."""
    repository = Repository(tmp_path / "site")
    repository.write("a.md")
    repository.commit()
    source = git_source(repository.folder, clones)
    await source.read(NO_DOCUMENTS, None)
    os.utime(clones / "site", (LONG_AGO, LONG_AGO))
    await source.read(NO_DOCUMENTS, None)
    assert (clones / "site").stat().st_mtime > LONG_AGO
