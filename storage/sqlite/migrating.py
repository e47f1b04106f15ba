"""Bringing a database file to the version that this program writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from importlib import resources

import aiosqlite

from storage.errors import StoreTooNewError, StoreUnusableError

APPLICATION_ID = 0x53746F72  # "Stor": https://www.sqlite.org/pragma.html#pragma_application_id


def load_migrations() -> Sequence[str]:
    """The migrations' SQL in order; the first brings an empty file to version 1."""
    files = resources.files("storage.sqlite.migrations").iterdir()
    named = sorted(
        (file for file in files if file.name.endswith(".sql")), key=lambda file: file.name
    )
    return [file.read_text(encoding="utf-8") for file in named]


async def migrate(connection: aiosqlite.Connection, path: str, migrations: Sequence[str]) -> None:
    """Run what is missing, each migration and its version mark in one transaction.

    Raises `StoreTooNewError` for a database of a newer program, `StoreUnusableError` for one of
    another program.
    """
    while True:
        # The lock is taken before the version is read: two programs may start at once.
        await connection.execute("BEGIN IMMEDIATE")
        try:
            version = await read_version(connection, path, len(migrations))
            if version == len(migrations):
                return
            for statement in _statements(migrations[version]):
                await connection.execute(statement)
            await connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            await connection.execute(f"PRAGMA user_version = {version + 1}")
            await connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                await connection.execute("ROLLBACK")


async def read_version(connection: aiosqlite.Connection, path: str, newest: int) -> int:
    """The database's version, 0 for an empty file; raises as `migrate` does."""
    async with connection.execute(
        "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema)"
        " FROM pragma_application_id AS a, pragma_user_version AS v"
    ) as rows:
        row = await rows.fetchone()
    assert row is not None
    application_id, version, tables = (int(value) for value in row)
    if tables == 0:
        return 0
    if application_id != APPLICATION_ID:
        raise StoreUnusableError(f"{path} is the database of another program; name another file")
    if version > newest:
        raise StoreTooNewError(
            f"{path} has version {version} and this Storywire knows {newest} only;"
            " update Storywire or name another file"
        )
    return version


def _statements(script: str) -> Iterator[str]:
    """Split a script, each statement on lines of its own.

    `executescript` would commit the transaction that it runs in.
    """
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
