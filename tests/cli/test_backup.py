"""`storywire backup`."""

import stat
import threading
from pathlib import Path

import pytest

from storage.errors import BackupError, StoreUnusableError
from storage.open import back_up_store, open_store
from tests.cli.support import Terminal
from tests.support.articles import make_news_markdown
from tests.support.database import execute

DATABASE = "var/storywire.db"


@pytest.fixture
def loaded(terminal: Terminal) -> Terminal:
    """A terminal with a database that contains a story."""
    terminal.write("storywire.yaml", "sources:\n  - folder: articles\n")
    terminal.write("articles/one.md", make_news_markdown("one"))
    assert terminal.run("load").status == 0
    return terminal


def test_a_backup_is_a_complete_private_database(loaded: Terminal) -> None:
    result = loaded.run("backup", "copy.db")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith(f"{DATABASE} is backed up to copy.db (")
    copy = loaded.folder / "copy.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in loaded.folder.glob("*copy.db*")] == ["copy.db"]
    used = loaded.run("check", "--deep", DISCORD_TOKEN="made-up", STORYWIRE_DATABASE="copy.db")
    assert "copy.db contains 1 story" in used.out


def test_an_existing_file_is_not_overwritten(loaded: Terminal) -> None:
    kept = loaded.write("copy.db", "something")
    complaint = loaded.run("backup", "copy.db").complaint
    assert complaint == "copy.db exists already; choose another name"
    assert kept.read_text(encoding="utf-8") == "something"


def test_what_prevents_a_backup_is_said_in_one_line(terminal: Terminal) -> None:
    assert "there is no database at var/storywire.db" in terminal.run("backup", "a.db").complaint
    terminal.write(DATABASE, "no database" * 100)
    assert "var/storywire.db" in terminal.run("backup", "a.db").complaint
    execute(terminal.folder / "other.db", "CREATE TABLE t (a)")
    refused = terminal.run("backup", "a.db", STORYWIRE_DATABASE="other.db")
    assert refused.complaint == "other.db is not a database of Storywire; nothing was copied"
    assert sorted(path.name for path in terminal.folder.iterdir()) == ["other.db", "var"]


def test_a_folder_that_does_not_exist_is_named(loaded: Terminal) -> None:
    complaint = loaded.run("backup", "nowhere/a.db").complaint
    assert complaint == "nowhere/a.db can't be written: No such file or directory; choose another"


async def test_a_backup_has_the_state_of_one_moment(tmp_path: Path) -> None:
    """Two values are always written together, while backups are made."""
    database, stop = tmp_path / "storywire.db", threading.Event()
    async with open_store(database) as store:
        for name in ("a", "b"):
            await store.set_value(name, "0")

        def write() -> None:
            while not stop.is_set():
                execute(database, "UPDATE settings SET value = value + 1 WHERE name IN ('a', 'b')")

        writer = threading.Thread(target=write)
        writer.start()
        try:
            copies = [tmp_path / f"{number}.db" for number in range(5)]
            for copy in copies:
                assert await back_up_store(database, copy) > 0
        finally:
            stop.set()
            writer.join()
    for copy in copies:
        async with open_store(copy) as store:
            assert await store.get_value("a") == await store.get_value("b")


async def test_a_damaged_database_is_not_backed_up(tmp_path: Path) -> None:
    """A backup that can't be restored would replace good ones."""
    database = tmp_path / "storywire.db"
    async with open_store(database) as store:
        await store.set_value("a", "b" * 100)
    content = bytearray(database.read_bytes())
    content[8192:16384] = b"x" * 8192
    database.write_bytes(content)
    with pytest.raises(StoreUnusableError, match="damaged"):
        await back_up_store(database, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


async def test_a_backup_into_itself_is_refused(tmp_path: Path) -> None:
    database = tmp_path / "storywire.db"
    async with open_store(database):
        with pytest.raises(BackupError, match="exists already"):
            await back_up_store(database, database)
