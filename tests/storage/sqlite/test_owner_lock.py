"""Only one bot uses a database, by whatever name it opens it."""

import os
from pathlib import Path

import pytest

from storage.errors import StoreLockedError, StoreUnusableError
from storage.sqlite import SqliteStore
from storage.sqlite.diagnostics import SqliteDiagnostics


def lock_of(path: Path) -> Path:
    """The lock file of a database."""
    return path.with_name(f"{path.name}.lock")


def move(path: Path, to: str) -> Path:
    """Rename a file or folder, and return its new path."""
    return path.rename(path.with_name(to))


async def refuses(path: Path) -> None:
    """Assert that a second owner is refused."""
    async with SqliteStore.open(path) as second:
        with pytest.raises(StoreLockedError, match="another Storywire is using this database"):
            await second.acquire_outbox()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database in a folder of its own."""
    return tmp_path / "var" / "storywire.db"


async def test_a_symbolic_link_is_the_same_database(path: Path, tmp_path: Path) -> None:
    """To the file, to its folder, or to another link."""
    async with SqliteStore.open(path) as first:
        await first.acquire_outbox()
        file, folder, link = tmp_path / "file.db", tmp_path / "folder", tmp_path / "link.db"
        file.symlink_to(path)
        folder.symlink_to(path.parent)
        link.symlink_to(file)
        for name in (file, folder / path.name, link):
            await refuses(name)
            assert not lock_of(name).exists() or name.parent == folder


async def test_a_link_can_be_the_first_name(path: Path, tmp_path: Path) -> None:
    """The database that a link leads to is created if its folder exists."""
    link = tmp_path / "link.db"
    path.parent.mkdir()
    link.symlink_to(path)
    async with SqliteStore.open(link) as first:
        await first.acquire_outbox()
        await refuses(path)


async def test_a_relative_path_is_the_same_database(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From wherever the second bot is started."""
    async with SqliteStore.open(path) as first:
        await first.acquire_outbox()
        monkeypatch.chdir(path.parent)
        await refuses(Path("../var/storywire.db"))


async def test_a_removed_lock_file_helps_nobody(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The database is locked as well, and the lock file is created again."""
    async with SqliteStore.open(path) as first:
        await first.acquire_outbox()
        lock_of(path).unlink()
        await refuses(path)
        await first.data_version()
        assert f"{lock_of(path)} was removed, and was created again" in caplog.messages
        await refuses(path)
    async with SqliteStore.open(path) as second:
        await second.acquire_outbox()


async def test_a_replaced_lock_file_helps_nobody(path: Path) -> None:
    """Another file in its place is locked."""
    async with SqliteStore.open(path) as first:
        await first.acquire_outbox()
        lock_of(path).unlink()
        lock_of(path).touch()
        await first.data_version()
        await refuses(path)


async def test_a_moved_folder_is_still_locked(path: Path) -> None:
    """The locks move with it."""
    async with SqliteStore.open(path) as first:
        await first.acquire_outbox()
        await refuses(move(path.parent, "moved") / path.name)


async def test_a_moved_database_helps_nobody(path: Path) -> None:
    """A database that was put in its place is locked by its path."""
    async with SqliteStore.open(path) as first:
        await first.acquire_outbox()
        move(path, "moved.db")
        await refuses(path)


async def test_hard_links_are_refused(path: Path) -> None:
    """SQLite would use two logs for one database, and damage it."""
    async with SqliteStore.open(path) as first:
        await first.acquire_outbox()
        other = path.with_name("other.db")
        os.link(path, other)
        for name in (path, other):
            with pytest.raises(StoreUnusableError, match=r"has 2 names \(hard links\)"):
                async with SqliteStore.open(name):
                    pass
            with pytest.raises(StoreUnusableError, match="hard links"):
                await SqliteDiagnostics(name).inspect_contents([])
        await first.set_value("x", "the first one is not disturbed")
