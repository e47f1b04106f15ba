"""Running migrations; test_upgrading.py checks the rows."""

import sqlite3
import stat
from contextlib import closing
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest

from storage.errors import BackupError, StoreTooNewError, StoreUnusableError
from storage.open import open_store, restore_store
from storage.sqlite.backup import copy_before_upgrade
from storage.sqlite.database import Database
from storage.sqlite.migrating import Migration, load_migrations
from tests.storage.sqlite.old_databases import build_old_database
from tests.support.clock import START
from tests.support.database import DAMAGE, damage, execute, larger_than_the_disk, query


def copies(folder: Path) -> list[str]:
    """The copies that were made before upgrades."""
    return sorted(path.name for path in folder.glob("*before*"))


async def test_migrations_are_numbered_and_gaps_are_allowed(tmp_path: Path) -> None:
    """The number is the version, and all missing migrations run in order."""
    path = tmp_path / "a.db"
    first, *_ = load_migrations()
    assert first.version == 1
    later = [Migration(5, "CREATE TABLE five (x);"), Migration(9, "CREATE TABLE nine (x);")]
    async with Database.open(path, [first, later[0]]):
        pass
    async with Database.open(path, [first, *later]) as database, database.read() as connection:
        names = await connection.execute_fetchall("SELECT name FROM sqlite_schema")
        version = await connection.execute_fetchall("PRAGMA user_version")
    assert {"five", "nine"} <= {row[0] for row in names}
    assert [row[0] for row in version] == [9]


async def test_a_migration_with_dangling_rows_is_rolled_back(tmp_path: Path) -> None:
    """Foreign keys are not enforced while it runs, so they are checked at its end."""
    path = tmp_path / "old.db"
    await build_old_database(path, 1)
    broken = Migration(2, "DELETE FROM posts;")
    with pytest.raises(StoreUnusableError, match="can't be migrated to version 2"):
        async with Database.open(path, [load_migrations()[0], broken]):
            pass
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM posts").fetchone() == (14,)


async def test_a_database_is_copied_before_its_upgrade(tmp_path: Path) -> None:
    """Once, however many migrations there are."""
    path = tmp_path / "a.db"
    await build_old_database(path, 8)
    async with open_store(path):
        pass
    copy = tmp_path / "a.db.before-8"
    assert copies(tmp_path) == [copy.name]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert query(copy, "PRAGMA user_version") == [8]
    assert query(copy, "SELECT count(*) FROM posts") == [24]
    assert query(copy, "SELECT count(*) FROM settings WHERE name = 'backup_made_at'") == [1]
    copy.unlink()
    async with open_store(path):
        assert not copy.exists()


async def test_a_new_database_is_not_copied(tmp_path: Path) -> None:
    async with open_store(tmp_path / "a.db"):
        assert copies(tmp_path) == []


async def test_a_copy_of_the_same_version_is_replaced(tmp_path: Path) -> None:
    """After a rollback, the old one lacks what was written since then."""
    path = tmp_path / "a.db"
    await build_old_database(path, 12)
    copy = tmp_path / "a.db.before-12"
    copy.touch()
    async with open_store(path):
        assert query(copy, "PRAGMA user_version") == [12]


async def test_damage_does_not_prevent_an_upgrade(tmp_path: Path) -> None:
    """The copy has it, too."""
    path = tmp_path / "a.db"
    await build_old_database(path, 12)
    damage(path, "articles", "quality", DAMAGE["a text"])
    async with open_store(path):
        assert query(tmp_path / "a.db.before-12", "SELECT quality FROM articles")[0] == "garbage"


async def test_a_failed_upgrade_leaves_the_old_database(tmp_path: Path) -> None:
    """After an earlier migration of the same upgrade, its copy is what it was before."""
    path = tmp_path / "a.db"
    await build_old_database(path, 1)
    migrations = [load_migrations()[0], Migration(2, "CREATE TABLE two (x);")]
    copy = partial(copy_before_upgrade, path)
    for broken in ("DELETE FROM posts;", "DELETE FROM nothing;"):
        with pytest.raises((StoreUnusableError, sqlite3.OperationalError)):
            async with Database.open(
                path, [*migrations, Migration(3, broken)], before_upgrade=copy
            ):
                pass
        assert "a.db.before-1" in copies(tmp_path)
        for file, reached in ((path, 2), (tmp_path / "a.db.before-1", 1)):
            assert query(file, "PRAGMA user_version") == [reached]
            assert query(file, "SELECT count(*) FROM posts") == [14]


async def test_an_upgrade_waits_for_space_for_the_copy(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await build_old_database(path, 12)
    with larger_than_the_disk(path), pytest.raises(BackupError, match=r"before-12 needs .* MB"):
        async with open_store(path):
            pass
    assert query(path, "PRAGMA user_version") == [12]
    assert copies(tmp_path) == []


async def test_a_newer_database_names_the_program_to_use(tmp_path: Path) -> None:
    """Each opening records the version of the program; a damaged record names none."""
    path = tmp_path / "a.db"
    async with open_store(path) as store:
        assert await store.get_value("storywire_version") == version("storywire")
    execute(path, "UPDATE settings SET value = '9.8.7' WHERE name = 'storywire_version'")
    async with open_store(path) as store:
        assert await store.get_value("storywire_version") == version("storywire")
    execute(
        path,
        "PRAGMA user_version = 999;"
        "UPDATE settings SET value = '9.8.7' WHERE name = 'storywire_version'",
    )
    with pytest.raises(StoreTooNewError, match=r"999.*; update to Storywire 9\.8\.7 or later"):
        async with open_store(path):
            pass
    with pytest.raises(StoreTooNewError, match=r"999.*; update to Storywire 9\.8\.7 or later"):
        await restore_store(tmp_path / "b.db", path, START)
    execute(path, "DROP TABLE settings")
    with pytest.raises(StoreTooNewError, match="; update Storywire, or"):
        async with open_store(path):
            pass
