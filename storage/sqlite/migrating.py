"""Migrate a database file to the version that this program uses."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from importlib import metadata, resources
from pathlib import Path
from typing import NamedTuple

import aiosqlite

from storage.errors import StoreTooNewError, StoreUnusableError
from storage.sqlite.migrations.legacy_reasons import encode_legacy_notice, encode_legacy_reason
from storage.sqlite.upgrade_steps import (
    ProgressLog,
    Step,
    find_unfinished,
    run_batch,
    take_turn,
)

APPLICATION_ID = 0x53746F72  # "Stor": https://www.sqlite.org/pragma.html#pragma_application_id
# The version of Storywire that used the database last.
_PROGRAM = "storywire_version"
PROGRAM_QUERY = f"SELECT value FROM settings WHERE name = '{_PROGRAM}'"


class Migration(NamedTuple):
    """A script that migrates a database of an earlier version to this one."""

    version: int
    script: str


def load_migrations() -> Sequence[Migration]:
    """Load the migrations in order; a file name starts with its version, and gaps are allowed."""
    files = resources.files("storage.sqlite.migrations").iterdir()
    return sorted(
        Migration(int(file.name.split("_", 1)[0]), file.read_text(encoding="utf-8"))
        for file in files
        if file.name.endswith(".sql")
    )


async def migrate(
    connection: aiosqlite.Connection,
    path: str,
    migrations: Sequence[Migration],
    steps: Sequence[Step],
    before_first: Callable[[int], Awaitable[None]] | None = None,
) -> None:
    """Run the missing migrations, each with its version number in one transaction, and all steps.

    Each batch of a step is a transaction of its own: see `upgrade_steps`. `before_first` is called
    with the version of an existing database before it is migrated, while nobody else writes.

    Foreign keys must not be enforced, so that a migration can rebuild a table that others refer to
    (https://www.sqlite.org/lang_altertable.html#otheralter); they are checked before each commit.
    Raises `StoreTooNewError` for a database of a newer version of Storywire, `StoreUnusableError`
    for one of another program.
    """
    # SQLite's lower() only knows ASCII.
    await connection.create_function("casefold", 1, str.casefold, deterministic=True)
    await connection.create_function("legacy_reason", 3, encode_legacy_reason, deterministic=True)
    await connection.create_function("legacy_notice", 1, encode_legacy_notice, deterministic=True)
    # Fewer migrations than there are make a database of an earlier version.
    newest = migrations[-1].version
    steps = [each for each in steps if each.since <= newest]
    log = ProgressLog(path)
    try:
        # What begins with a step continues an upgrade, before which it was called.
        while await _advance(connection, path, migrations, steps, log, before_first):
            before_first = None
    except asyncio.CancelledError:
        log.interrupted()
        raise


async def _advance(
    connection: aiosqlite.Connection,
    path: str,
    migrations: Sequence[Migration],
    steps: Sequence[Step],
    log: ProgressLog,
    before_migration: Callable[[int], Awaitable[None]] | None,
) -> bool:
    """Run one migration, or one batch of a step; returns whether there was one."""
    # The version is read after taking the lock, because two programs may start at once.
    await take_turn(connection)
    try:
        version = await read_version(connection, path, migrations)
        progress = await find_unfinished(connection, steps, version, migrations[-1].version)
        missing = next((each for each in migrations if each.version > version), None)
        if progress is not None:
            progress = await run_batch(connection, progress.step)
        elif missing is not None:
            if version and before_migration is not None:
                await before_migration(version)
            await _run(connection, path, missing)
            await _record_program(connection)
        else:
            if await _record_program(connection):
                await connection.execute("COMMIT")
            return False
        await connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            await connection.execute("ROLLBACK")
    if progress is not None:
        log.report(progress)
    return True


async def _run(connection: aiosqlite.Connection, path: str, migration: Migration) -> None:
    for statement in _statements(migration.script):
        await connection.execute(statement)
    async with connection.execute("PRAGMA foreign_key_check") as violations:
        if await violations.fetchone() is not None:
            raise StoreUnusableError(
                f"{path} can't be migrated to version {migration.version}: some rows"
                " refer to missing rows; restore a backup"
            )
    await connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    await connection.execute(f"PRAGMA user_version = {migration.version}")


async def _record_program(connection: aiosqlite.Connection) -> bool:
    """Record that this version of Storywire uses the database; returns whether that is new."""
    program = metadata.version("storywire")
    if await _fetch_program(connection) == program:
        return False
    await connection.execute(
        "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (_PROGRAM, program)
    )
    return True


async def _fetch_program(connection: aiosqlite.Connection) -> str | None:
    with suppress(sqlite3.Error):
        for row in await connection.execute_fetchall(PROGRAM_QUERY):
            return str(row[0])
    return None


def describe_too_new(path: str | Path, version: int, newest: int, program: str | None) -> str:
    """Why a database is refused; `program` is the version of Storywire that used it last."""
    known = program is not None and program != metadata.version("storywire")
    update = f"update to Storywire {program} or later" if known else "update Storywire"
    return (
        f"{path} has version {version}, but this Storywire only supports up to {newest};"
        f" {update}, or use another file"
    )


async def read_version(
    connection: aiosqlite.Connection, path: str, migrations: Sequence[Migration]
) -> int:
    """The database's version, 0 for an empty file. Raises the same errors as `migrate`."""
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
        raise StoreUnusableError(f"{path} is the database of another program; use another file")
    newest = migrations[-1].version
    if version > newest:
        program = await _fetch_program(connection)
        raise StoreTooNewError(describe_too_new(path, version, newest, program))
    return version


def _statements(script: str) -> Iterator[str]:
    """Split a script into statements; each one starts on a new line.

    `executescript` would commit the transaction in which it runs.
    """
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
