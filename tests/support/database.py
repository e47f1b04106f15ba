"""Access to the database file of a store, which no protocol offers.

Outside tests/storage, only this module depends on the kind of database.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from storage.protocols import Store
from storage.sqlite import SqliteStore
from storage.sqlite.packing import pack, unpack


def path_of(store: Store) -> Path:
    """The file of an open store."""
    assert isinstance(store, SqliteStore)
    return store._database._path  # noqa: SLF001 - only tests ask


async def set_pragma(store: Store, pragma: str) -> None:
    """Set a pragma on the connection that the store writes with, such as `query_only = 1`."""
    assert isinstance(store, SqliteStore)
    writer = store._database._writer  # noqa: SLF001 - a pragma holds for one connection
    await writer.execute(f"PRAGMA {pragma}")


def query(path: Path, sql: str, *values: object) -> list[Any]:
    """The first column of a query."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute(sql, values)]


def execute(path: Path, script: str) -> None:
    """Run statements in one transaction; `pack` and `unpack` are functions for contents."""
    with closing(sqlite3.connect(path)) as connection:
        _add_functions(connection)
        connection.executescript(f"BEGIN IMMEDIATE; {script}; COMMIT")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that a writer needs, as another program may."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def larger_than_the_disk(path: Path) -> Iterator[None]:
    """Let a database be larger than the free space of its disk, without using any."""
    size = path.stat().st_size
    os.truncate(path, shutil.disk_usage(path.parent).free + 10**9)
    yield
    os.truncate(path, size)


# Values that no version writes into a column: of the wrong type, or of the right one but without a
# meaning; as SQL.
DAMAGE = {
    "nothing": "NULL",
    "a blob": "x'00ff'",
    "a number": "-3",
    "a text": "'garbage'",
    "an empty text": "''",
    "not UTF-8": "CAST(x'7b2274ff' AS TEXT)",
}


def damage(path: Path, table: str, column: str, value: str, where: str = "TRUE") -> None:
    """Set a column to a value (as SQL) that the schema does not allow, as a defective disk may.

    Only the first row that meets the condition is damaged. `pack` is a function for contents.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        _add_functions(connection)
        schema = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL"))
        primary = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5]]
        key = ", ".join(primary)
        _write_schema(connection, table, _lenient(schema[table]))
        connection.execute("PRAGMA ignore_check_constraints = ON")
        changed = connection.execute(
            f"UPDATE {table} SET {column} = {value} WHERE ({key}) ="  # noqa: S608 - of a test
            f" (SELECT {key} FROM {table} WHERE {where} ORDER BY {key} LIMIT 1)"
        )
        assert changed.rowcount == 1
        _write_schema(connection, table, schema[table])


def _add_functions(connection: sqlite3.Connection) -> None:
    connection.create_function("pack", 1, lambda text: pack(text.encode()))
    connection.create_function("unpack", 1, lambda content: unpack(content).decode())


def _lenient(sql: str) -> str:
    return (
        sql.replace("NOT NULL", "").replace("STRICT, WITHOUT", "WITHOUT").replace(") STRICT", ")")
    )


def _write_schema(connection: sqlite3.Connection, table: str, sql: str) -> None:
    version = connection.execute("PRAGMA schema_version").fetchone()[0]
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (sql, table))
    connection.execute(f"PRAGMA schema_version = {version + 1}")
    connection.execute("PRAGMA writable_schema = RESET")
