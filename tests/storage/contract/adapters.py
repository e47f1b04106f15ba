"""The databases that the contract runs against.

A new adapter needs an entry in `ADAPTERS` and nothing else to be tested with the whole contract.
"""

import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Protocol

from typing_extensions import override

from tests.support.database import damage, locked


class Adapter(Protocol):
    """A separate database for one test."""

    @property
    def url(self) -> str:
        """The URL to pass to `open_store`."""

    def locked(self) -> AbstractContextManager[None]:
        """Hold the lock that writers need, on a connection of another program."""

    def contents(self) -> Mapping[str, Sequence[object]]:
        """All rows by table, for comparisons."""

    def damage(self, kind: str, row_id: int) -> None:
        """Damage a subscription, a post or a story so that it can't be decoded.

        `title`: damage a copy of a story's title, which can still be decoded.
        """

    def copy_to(self, folder: Path) -> "Adapter":
        """Copy the database, which no store may have open."""


class SqliteAdapter(Adapter):
    """An SQLite file in a folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "contract.db"

    @property
    @override
    def url(self) -> str:
        return f"sqlite:///{self._path}"

    @override
    def locked(self) -> AbstractContextManager[None]:
        return locked(self._path)

    @override
    def contents(self) -> Mapping[str, Sequence[object]]:
        with closing(sqlite3.connect(self._path)) as connection:
            tables = connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
                " AND name != 'articles_fts' ORDER BY name"
            ).fetchall()
            contents = {
                name: connection.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 - a table
                for (name,) in tables
            }
        # The mark of the owner is random.
        contents["settings"] = [
            (name, "" if name == "owner" else value) for name, value in contents["settings"]
        ]
        return contents

    @override
    def damage(self, kind: str, row_id: int) -> None:
        table, column, value = {
            "subscription": ("subscriptions", "delivery", """'{"timezone": "Mars/Phobos"}'"""),
            "post": ("posts", "reason", "'garbage'"),
            "story": ("documents", "content", "pack('{\"title\": 1}')"),
            "quality": ("articles", "quality", "81"),
        }[kind]
        damage(self._path, table, column, value, f"id = {row_id}")

    @override
    def copy_to(self, folder: Path) -> Adapter:
        copy = SqliteAdapter(folder)
        shutil.copy(self._path, copy._path)
        return copy


ADAPTERS: Mapping[str, Callable[[Path], Adapter]] = {"sqlite": SqliteAdapter}
