"""Clones that nobody needs any more."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from bot.ingest.git.clone import UNUSED_AFTER, clone_folder, remove_unused_clones
from tests.ingest.git_support import Repository, git_source

NOW = datetime.now(UTC)
LONG_AGO = (NOW - UNUSED_AFTER - timedelta(days=1)).timestamp()


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """Where clones lie."""
    return tmp_path / "git"


def make(folder: Path, *, old: bool) -> Path:
    """A clone, as far as this goes."""
    folder.mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    if old:
        os.utime(folder, (LONG_AGO, LONG_AGO))
    return folder


def there(*folders: Path) -> list[bool]:
    return [folder.exists() for folder in folders]


async def test_a_clone_that_no_source_uses_goes_in_the_end(clones: Path) -> None:
    """Not one of a source, not one of another bot, and nothing that is no clone."""
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
    """Whoever does that needs it; and it is no trouble."""
    former = make(clone_folder(clones, "git:former"), old=True)
    another = make(clone_folder(clones, "git:another"), old=True)
    with FileLock(former.with_suffix(".lock")):
        await remove_unused_clones(clones, [], NOW)
        assert there(former, another) == [True, False]
    await remove_unused_clones(clones, [], NOW)
    assert there(former) == [False]


async def test_where_there_are_no_clones_nothing_is_done(clones: Path) -> None:
    """Most bots have none."""
    await remove_unused_clones(clones, [], NOW)
    assert there(clones) == [False]


async def test_an_update_without_news_counts_as_use(tmp_path: Path, clones: Path) -> None:
    """A repository may be quiet for months."""
    repository = Repository(tmp_path / "site")
    repository.write("a.md")
    repository.commit()
    source = git_source(repository.folder, clones)
    await source.read({}, None)
    os.utime(clones / "site", (LONG_AGO, LONG_AGO))
    await source.read({}, None)
    assert (clones / "site").stat().st_mtime > LONG_AGO
