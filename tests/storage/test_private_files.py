"""Only the bot's user may read the files of the database."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.private_files import close_to_others
from storage.sqlite import SqliteStore


def mode(path: Path) -> int:
    """The permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """The umask of the process."""
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
async def test_new_files_are_private(tmp_path: Path) -> None:
    """Whatever the umask is; so are the folders that are created for them."""
    folder = tmp_path / "data" / "bot"
    async with SqliteStore.open(folder / "storywire.db") as store:
        await store.acquire_outbox()
        await store.set_value("x", "y")
        found = {each.name: mode(each) for each in folder.iterdir()}
        assert found == {
            "storywire.db": 0o600,
            "storywire.db-wal": 0o600,
            "storywire.db-shm": 0o600,
            "storywire.db.lock": 0o600,
        }
    assert (mode(folder), mode(folder.parent)) == (0o700, 0o700)


async def test_existing_files_are_made_private(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so once; the mode of an existing folder stays."""
    path, lock = tmp_path / "storywire.db", tmp_path / "storywire.db.lock"
    async with SqliteStore.open(path):
        lock.touch()
    for file, others in ((path, 0o640), (lock, 0o644), (tmp_path, 0o755)):
        file.chmod(others)
    for _ in range(2):
        async with SqliteStore.open(path) as store:
            await store.acquire_outbox()
            assert (mode(path), mode(lock), mode(tmp_path)) == (0o600, 0o600, 0o755)
    assert caplog.messages == [f"other users could read {path}; now its owner alone can"]


def test_the_mode_for_the_owner_stays(tmp_path: Path) -> None:
    """A database that its owner may only read is not made writable."""
    path = tmp_path / "storywire.db"
    path.touch(0o444)
    assert close_to_others([path]) == ([path], [])
    assert mode(path) == 0o400
