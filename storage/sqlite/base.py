"""The base class of the store's parts."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import aiosqlite

from storage.sqlite.database import Database, Readers, fetch_all, fetch_one
from storage.sqlite.values import Row, Value

Parameters: TypeAlias = Sequence[Value] | Mapping[str, Value]


class StorePart:
    """The base class of the store's parts, which share one open database.

    Each method runs one statement in its own transaction.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._damage = database.damage

    async def _fetch_all(
        self, sql: str, parameters: Parameters = (), group: Readers = Readers.OTHER
    ) -> list[Row]:
        async with self._database.read(group) as connection:
            return await fetch_all(connection, sql, parameters)

    async def _fetch_one(
        self, sql: str, parameters: Parameters = (), group: Readers = Readers.OTHER
    ) -> Row | None:
        async with self._database.read(group) as connection:
            return await fetch_one(connection, sql, parameters)

    async def _fetch_value(
        self, sql: str, parameters: Parameters = (), group: Readers = Readers.OTHER
    ) -> Value:
        row = await self._fetch_one(sql, parameters, group)
        return None if row is None else row[0]

    async def _execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Execute a statement; return the number of changed rows."""

        async def work(connection: aiosqlite.Connection) -> int:
            return (await connection.execute(sql, parameters)).rowcount

        return await self._database.write(work)
