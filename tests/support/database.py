"""Access to the database file of a store, which no protocol offers.

Outside tests/storage, only this module depends on the kind of database.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from storage.protocols import Store
from storage.sqlite import SqliteStore


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
    """Run statements in one transaction."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"BEGIN IMMEDIATE; {script}; COMMIT")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that a writer needs, as another program may."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
