"""Databases of earlier versions of the program.

`fixtures/version_N.sql` contains the rows, written by the code of that version; the schema comes
from the migrations up to N. All databases have the same data up to post 14; versions from 4 on add
their new features: rules of every kind, digests, folding, pauses by admins, removals, drafts.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.sqlite.database import Database
from storage.sqlite.migrating import load_migrations

_FIXTURES = Path(__file__).parent / "fixtures"
VERSIONS = sorted(int(file.stem.removeprefix("version_")) for file in _FIXTURES.glob("*.sql"))


async def build_old_database(path: Path, version: int, rows: Path | None = None) -> None:
    """Create a database of an earlier version, with the rows in the fixture or in another file."""
    migrations = [each for each in load_migrations() if each.version <= version]
    async with Database.open(path, migrations):
        pass
    script = (rows or _FIXTURES / f"version_{version}.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
