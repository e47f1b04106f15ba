"""`storywire backup` and `restore`."""

import re
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.announce.subscription_lifecycle import subscribe
from storage.errors import BackupError, StoreLockedError, StoreTooNewError, StoreUnusableError
from storage.models import NewSubscription, Rules, SubscriptionSpec
from storage.open import back_up_store, open_store, restore_store
from storage.posts import ChannelToRecover, RecoveredChannel
from storage.protocols.recovery import BACKUP_MADE_AT
from tests.cli.support import Terminal
from tests.support.articles import make_news_markdown
from tests.support.clock import START
from tests.support.database import execute

DATABASE = "var/storywire.db"
NOW = datetime(2026, 11, 29, 6, 5, tzinfo=UTC)


def leftovers(folder: Path) -> list[str]:
    """Unfinished files, and databases that were replaced."""
    return [path.name for path in folder.iterdir() if re.search("part|replaced", path.name)]


def read_files(database: Path) -> dict[Path, bytes]:
    """A database and its log, as a killed bot leaves them."""
    paths = [database.with_name(f"{database.name}{ending}") for ending in ("", "-wal")]
    return {path: path.read_bytes() for path in paths}


def write_file(path: Path, content: bytes) -> None:
    """Replace the content of a file."""
    path.write_bytes(content)


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
                assert await back_up_store(database, copy, START) > 0
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
        await back_up_store(database, tmp_path / "copy.db", START)
    assert not (tmp_path / "copy.db").exists()


async def test_a_backup_into_itself_is_refused(tmp_path: Path) -> None:
    database = tmp_path / "storywire.db"
    async with open_store(database):
        with pytest.raises(BackupError, match="exists already"):
            await back_up_store(database, database, START)


def test_a_restored_backup_takes_the_place_of_the_database(loaded: Terminal) -> None:
    loaded.run("backup", "copy.db")
    loaded.write("articles/two.md", make_news_markdown("two"))
    loaded.run("load")
    result = loaded.run("restore", "copy.db")
    assert (result.status, result.err) == (0, "")
    first, second, _ = result.out.splitlines()
    assert first == f"{DATABASE} is restored from copy.db"
    kept = second.removeprefix("the database that was there is now ")
    assert "contains 1 story" in loaded.run("check", DISCORD_TOKEN="made-up").out
    check = loaded.run("check", DISCORD_TOKEN="made-up", STORYWIRE_DATABASE=kept)
    assert "contains 2 stories" in check.out


def test_a_backup_is_restored_where_no_database_is(loaded: Terminal) -> None:
    loaded.run("backup", "copy.db")
    result = loaded.run("restore", "copy.db", STORYWIRE_DATABASE="new/folder/storywire.db")
    assert result.status == 0
    assert len(result.out.splitlines()) == 2
    assert stat.S_IMODE((loaded.folder / "new/folder/storywire.db").stat().st_mode) == 0o600


async def test_the_log_of_a_killed_bot_is_kept_with_its_database(tmp_path: Path) -> None:
    """It contains what was written last."""
    database, copy = tmp_path / "storywire.db", tmp_path / "copy.db"
    async with open_store(database) as store:
        await store.set_value("a", "old")
    await back_up_store(database, copy, START)
    async with open_store(database) as store:
        await store.set_value("a", "new")
        left = read_files(database)
    for path, content in left.items():
        write_file(path, content)
    kept = await restore_store(database, copy, NOW)
    assert kept == tmp_path / "storywire.db.replaced-20261129T060500Z"
    for path, value in ((database, "old"), (kept, "new")):
        async with open_store(path) as store:
            assert await store.get_value("a") == value


async def test_a_restore_that_was_killed_changes_nothing(tmp_path: Path) -> None:
    """The database has both names for a moment, and then is replaced at once."""
    database, copy = tmp_path / "storywire.db", tmp_path / "copy.db"
    async with open_store(database) as store:
        await store.set_value("a", "old")
    await back_up_store(database, copy, START)
    aside = tmp_path / "storywire.db.replaced-20261129T060400Z"
    aside.hardlink_to(database)
    async with open_store(database) as store:
        assert await store.get_value("a") == "old"
        assert leftovers(tmp_path) == []
    aside.hardlink_to(database)
    kept = await restore_store(database, copy, NOW)
    assert kept is not None
    assert leftovers(tmp_path) == [kept.name]


async def test_a_link_leads_to_the_restored_database(tmp_path: Path) -> None:
    database, link = tmp_path / "storywire.db", tmp_path / "link.db"
    async with open_store(database) as store:
        await store.set_value("a", "old")
    await back_up_store(database, tmp_path / "copy.db", START)
    link.symlink_to(database)
    kept = await restore_store(link, tmp_path / "copy.db", NOW)
    assert kept == tmp_path / "storywire.db.replaced-20261129T060500Z"
    assert link.is_symlink()
    async with open_store(link) as store:
        assert await store.get_value("a") == "old"


async def test_nothing_is_restored_beside_a_running_bot(tmp_path: Path) -> None:
    """Even if somebody moved its database away."""
    database, copy, moved = (tmp_path / f"{name}.db" for name in ("storywire", "copy", "moved"))
    async with open_store(database) as store:
        await store.acquire_outbox()
        await back_up_store(database, copy, START)
        database.rename(moved)
        with pytest.raises(StoreLockedError, match="another Storywire"):
            await restore_store(database, copy, NOW)
        moved.rename(database)


@pytest.mark.parametrize("mark", ["", START.isoformat()])
async def test_a_copy_of_a_recovered_one_is_read_again(tmp_path: Path, mark: str) -> None:
    """It contains the progress of an earlier recovery, with the same mark."""
    database, copy = tmp_path / "storywire.db", tmp_path / "copy.db"
    async with open_store(database) as store:
        new = NewSubscription(10, 1, START, SubscriptionSpec(20, Rules()))
        await subscribe(store, new, catch_up=0, max_age=None, make_nonce=str)
        await store.set_value(BACKUP_MADE_AT, mark)
        read = RecoveredChannel(20, mark, START, 0, None)
        await store.transact(lambda transaction: transaction.record_recovery(read, {}))
        assert await store.channels_to_recover(mark) == []
    await back_up_store(database, copy, START)
    await restore_store(database, copy, NOW)
    async with open_store(database) as store:
        assert await store.get_value(BACKUP_MADE_AT) == mark
        assert await store.channels_to_recover(mark) == [ChannelToRecover(10, 20)]


async def test_a_database_in_use_is_not_replaced(tmp_path: Path) -> None:
    database, copy = tmp_path / "storywire.db", tmp_path / "copy.db"
    async with open_store(database) as store:
        await store.acquire_outbox()
        await back_up_store(database, copy, START)
        with pytest.raises(StoreLockedError, match="another Storywire"):
            await restore_store(database, copy, NOW)
        await store.set_value("a", "b")
    assert leftovers(tmp_path) == []


async def test_an_unusable_backup_changes_nothing(tmp_path: Path) -> None:
    """It is missing, of a newer version, of another program, or the database itself."""
    database, copy = tmp_path / "storywire.db", tmp_path / "copy.db"
    async with open_store(database) as store:
        await store.set_value("a", "b")
    with pytest.raises(BackupError, match="no backup at"):
        await restore_store(database, copy, NOW)
    with pytest.raises(BackupError, match="the database itself"):
        await restore_store(database, database, NOW)
    await back_up_store(database, copy, START)
    execute(copy, "PRAGMA user_version = 999")
    with pytest.raises(StoreTooNewError, match="version 999"):
        await restore_store(database, copy, NOW)
    execute(copy, "PRAGMA application_id = 7")
    with pytest.raises(StoreUnusableError, match="not a database of Storywire"):
        await restore_store(database, copy, NOW)
    assert leftovers(tmp_path) == []
    async with open_store(database) as store:
        assert await store.get_value("a") == "b"


def test_an_archive_is_exported_and_imported(loaded: Terminal) -> None:
    exported = loaded.run("export", "archive", "a.jsonl")
    assert exported.err == ""
    assert exported.out.startswith(f"{DATABASE} is exported to a.jsonl (")
    assert loaded.run("import", "archive", "a.jsonl").complaint.startswith(f"{DATABASE} exists")
    imported = loaded.run("import", "archive", "a.jsonl", STORYWIRE_DATABASE="new.db")
    assert imported.err == ""
    assert imported.out.startswith("new.db is made of a.jsonl (")
    check = loaded.run("check", DISCORD_TOKEN="made-up", STORYWIRE_DATABASE="new.db")
    assert "new.db contains 1 story" in check.out
