"""Write a database as text, and make a database of that: JSON Lines, readable without Storywire.

The first line names the format and the version of the schema, each further line is a row
(`{"topics": {"id": 1, "name": "AI", "folded": "ai"}}`), and the last one their number, so that a
truncated file is noticed. Contents of documents are text, and other bytes are in base64. What
follows from other tables is left out, and computed again.
"""

import base64
import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import BinaryIO, NoReturn, TypeAlias

from storage.errors import BackupError, StoreTooNewError, StoreUnusableError
from storage.private_files import create_file, create_folder
from storage.protocols.recovery import BACKUP_MADE_AT
from storage.sqlite.backup import (
    StoppedError,
    explained_errors,
    fetch_program,
    new_file,
    require_free,
)
from storage.sqlite.database import (
    Database,
    connect_in_thread,
    database_exists,
    files_of,
    in_stoppable_thread,
    real_path,
    translated_errors,
)
from storage.sqlite.lookup_step import DERIVED
from storage.sqlite.migrating import APPLICATION_ID, describe_too_new, load_migrations
from storage.sqlite.owner_lock import OwnerLock
from storage.sqlite.packing import pack, unpack
from storage.sqlite.upgrades import STEPS
from storage.sqlite.values import Value

Line: TypeAlias = tuple[str, Mapping[str, Value]]
"""A table, and a row of it: its values by column."""

_FORMAT = "storywire_archive"
_EDITION = 1
# The first version of the schema that was ever written as an archive.
_OLDEST = 13
_END = "end"
_BYTES = "base64"
_CONTENT = ("documents", "content")
# The counters of ids, which SQLite keeps.
_SEQUENCES = "sqlite_sequence"
# No row is nearly as long.
_MAX_LINE = 64 * 1024 * 1024
_LINES_PER_CHECK = 1000
_SURROGATE = re.compile("[\ud800-\udfff]")
_VERSION = re.compile(r"[0-9A-Za-z.+]{1,20}")


def write_archive(path: Path, target: Path, now: datetime, stopped: Callable[[], bool]) -> int:
    """Write a database as an archive that is made at `now`; returns the number of rows.

    The archive has the state of one moment, also while a bot uses the database, and exists only
    once it is complete. Raises `BackupError`, or the errors of opening the database.
    """
    if not database_exists(path):
        raise BackupError(f"there is no database at {path}; check the setting `database`")
    with (
        new_file(target) as part,
        part.open("w", encoding="utf-8") as file,
        translated_errors(path),
        closing(connect_in_thread(path, "ro")) as connection,
    ):
        connection.execute("BEGIN")
        version = _require_current(connection, path)
        header = {_FORMAT: _EDITION, "schema": version, "storywire": metadata.version("storywire")}
        file.write(f"{json.dumps(header)}\n")
        rows = 0
        for rows, (table, row) in enumerate(_rows(connection, now), start=1):
            if rows % _LINES_PER_CHECK == 0 and stopped():
                raise StoppedError
            file.write(f"{encode_line(table, row)}\n")
        file.write(f"{json.dumps({_END: {'rows': rows}})}\n")
    return rows


async def read_archive(archive: Path, path: Path) -> int:
    """Make a database of an archive, where there is none; returns the number of rows.

    Raises `BackupError` or `StoreLockedError`; then no database was made.
    """
    path = real_path(path)
    lock = OwnerLock(path)
    try:
        with archive.open("rb") as file, explained_errors(path):
            create_folder(path.parent)
            lock.acquire_path()
            rows = await _make_in_place(path, _Lines(file), archive)
    except OSError as error:
        raise BackupError(f"{archive} can't be read: {error.strerror}") from error
    finally:
        lock.release()
    # Computes what was left out. If it is interrupted, the next start continues.
    async with Database.open(path, steps=STEPS):
        return rows


async def _make_in_place(path: Path, lines: "_Lines", archive: Path) -> int:
    require_free(path)
    part = path.with_name(f".{path.name}.part")
    _remove(part)
    create_file(part)
    try:
        rows = await _make(part, lines)
        require_free(path)
        part.rename(path)
    except ValueError as error:
        raise BackupError(f"{archive}: line {lines.number} {error}") from error
    else:
        return rows
    finally:
        _remove(part)


class _Lines:
    """The lines of a file. `number` is that of the last one, from 1, or of the missing one."""

    def __init__(self, file: BinaryIO) -> None:
        self.number = 0
        self._file = file

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> bytes:
        self.number += 1
        if line := self._file.readline(_MAX_LINE):
            return line
        raise StopIteration


class _Table:
    """Inserts rows into a table, which is empty at first.

    SQLite counts ids while they are inserted; the counters of the archive replace its own.
    """

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        columns = [row["name"] for row in connection.execute(f"PRAGMA table_info({name})")]
        self._columns = set(columns)
        places = ", ".join(f":{column}" for column in columns)
        self._insert = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({places})"
        connection.execute(f"DELETE FROM {name}")

    def insert(self, row: Mapping[str, Value]) -> None:
        """Insert a row. Raises `ValueError` if it is none of this table."""
        if row.keys() != self._columns:
            raise ValueError("does not have the columns of its table")
        try:
            if self._name == _SEQUENCES:
                self._connection.execute(f"DELETE FROM {_SEQUENCES} WHERE name = :name", dict(row))
            self._connection.execute(self._insert, dict(row))
        except (sqlite3.IntegrityError, sqlite3.DataError) as error:
            raise ValueError(f"is refused by the database ({error})") from error


async def _make(part: Path, lines: _Lines) -> int:
    """Fill a new database of the version that the archive has; returns the number of rows."""
    version = read_header(next(lines, b""))
    migrations = [each for each in load_migrations() if each.version <= version]
    steps = [each for each in STEPS if each.since <= version and not each.after_all]
    async with Database.open(part, migrations, steps=steps):
        pass
    return await in_stoppable_thread(lambda stopped: _fill(part, lines, stopped))


def _fill(part: Path, lines: _Lines, stopped: Callable[[], bool]) -> int:
    """Replace all rows of a database by those of an archive. Raises `ValueError`."""
    with translated_errors(part), closing(connect_in_thread(part, "rw")) as connection:
        # Nobody uses it before it is complete.
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        tables = {name: _Table(connection, name) for name in _tables(connection)}
        rows = _insert_all(lines, tables, stopped)
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise ValueError("is the last one, but some rows refer to rows that are missing")
        connection.execute("COMMIT")
        return rows


def _insert_all(lines: _Lines, tables: Mapping[str, _Table], stopped: Callable[[], bool]) -> int:
    for rows, line in enumerate(lines):
        if rows % _LINES_PER_CHECK == 0 and stopped():
            raise StoppedError
        table, row = decode_line(line)
        if table == _END:
            if row != {"rows": rows} or next(lines, None) is not None:
                raise ValueError("does not match the other lines; the archive is damaged")
            return rows
        if table not in tables:
            raise ValueError("has a table that no archive has")
        tables[table].insert(row)
    raise ValueError("is missing; the archive is incomplete")


def _remove(part: Path) -> None:
    for file in files_of(part):
        with suppress(OSError):
            file.unlink(missing_ok=True)


def encode_line(table: str, row: Mapping[str, Value]) -> str:
    """A row as a line. A text that is not UTF-8, which is damage, loses its unreadable bytes."""
    values = {column: _encode(table, column, value) for column, value in row.items()}
    text = json.dumps({table: values}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", errors="replace").decode()


def decode_line(line: bytes) -> Line:
    """A table and its row. Raises `ValueError` for anything that no archive has."""
    parsed = _parse(line)
    if len(parsed) != 1:
        raise ValueError("is not a row of a table")
    ((table, row),) = parsed.items()
    if not isinstance(row, dict):
        raise ValueError("is not a row of a table")  # noqa: TRY004 - a mistake in the file
    return table, {column: _decode(table, column, value) for column, value in row.items()}


def read_header(line: bytes) -> int:
    """The version of the schema that an archive has. Raises `ValueError`."""
    header = _parse(line)
    edition, version = header.get(_FORMAT), header.get("schema")
    if type(edition) is not int or type(version) is not int:
        raise ValueError("does not say that this is an archive of Storywire")
    newest = load_migrations()[-1].version
    if edition > _EDITION or version > newest:
        program = header.get("storywire")
        raise ValueError(
            f"is of a newer version; use Storywire {program} or later"
            if isinstance(program, str) and _VERSION.fullmatch(program)
            else "is of a newer version; update Storywire"
        )
    if version < _OLDEST:
        raise ValueError(f"names version {version}, which no archive has")
    return version


def _require_current(connection: sqlite3.Connection, path: Path) -> int:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    if application_id != APPLICATION_ID:
        raise StoreUnusableError(f"{path} is not a database of Storywire")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    newest = load_migrations()[-1].version
    if version > newest:
        raise StoreTooNewError(describe_too_new(path, version, newest, fetch_program(connection)))
    if version < newest:
        raise BackupError(
            f"{path} has version {version}; upgrade it first, with `storywire load` for example"
        )
    return int(version)


def _rows(connection: sqlite3.Connection, now: datetime) -> Iterator[Line]:
    """All rows, and that this is a backup made at `now`, unless it was made of an older one."""
    for table in _tables(connection):
        for row in connection.execute(f"SELECT * FROM {table}"):
            yield table, dict(row)
    made = "SELECT 1 FROM settings WHERE name = ?"
    if connection.execute(made, (BACKUP_MADE_AT,)).fetchone() is None:
        value = now.astimezone(UTC).isoformat()
        yield "settings", {"name": BACKUP_MADE_AT, "value": value}


def _tables(connection: sqlite3.Connection) -> Sequence[str]:
    """The tables of an archive; the counters of ids come last, since rows change them."""
    names = [
        row["name"]
        for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        if row["name"] not in {*DERIVED, "upgrade_steps"}
        and not row["name"].startswith(("articles_fts", "sqlite_"))
    ]
    return [*names, _SEQUENCES]


def _encode(table: str, column: str, value: Value) -> Value:
    if type(value) is not bytes:
        return value
    if (table, column) == _CONTENT:
        with suppress(ValueError):  # UnicodeDecodeError is one
            return unpack(value).decode()
    return {_BYTES: base64.b64encode(value).decode()}


def _decode(table: str, column: str, value: object) -> Value:
    if isinstance(value, dict):
        if value.keys() != {_BYTES} or not isinstance(value[_BYTES], str):
            raise ValueError(f"has an object as {column!r:.40}")
        try:
            return base64.b64decode(value[_BYTES], validate=True)
        except ValueError:
            raise ValueError(f"has bytes as {column!r:.40} that are not base64") from None
    if value is not None and type(value) not in {int, float, str}:
        raise ValueError(f"has a value as {column!r:.40} that no database has")
    if type(value) is int and not -(2**63) <= value < 2**63:
        raise ValueError(f"has a number as {column!r:.40} that is too large")
    if type(value) is str and _SURROGATE.search(value):
        raise ValueError(f"has a text as {column!r:.40} that is not Unicode")
    if (table, column) == _CONTENT and type(value) is str:
        return pack(value.encode())
    return value


def _parse(line: bytes) -> dict[str, object]:
    try:
        parsed: object = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    if not isinstance(parsed, dict):
        raise ValueError("is not an object of JSON")  # noqa: TRY004 - a mistake in the file
    return parsed


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
