"""Running migrations; test_upgrading.py checks the rows."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.errors import StoreUnusableError
from storage.sqlite.database import Database
from storage.sqlite.migrating import Migration, load_migrations
from tests.storage.sqlite.old_databases import build_old_database


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
