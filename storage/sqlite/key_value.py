"""Small named values."""

from __future__ import annotations

import aiosqlite
from typing_extensions import override

from storage.protocols import KeyValueStore
from storage.sqlite.aggregate import Aggregate
from storage.sqlite.database import fetch_value


class SqliteKeyValues(Aggregate, KeyValueStore):
    """`KeyValueStore` on the table `settings`."""

    @override
    async def get_value(self, name: str) -> str | None:
        async with self._database.read() as connection:
            value = await fetch_value(
                connection, "SELECT value FROM settings WHERE name = ?", (name,)
            )
        return None if value is None else str(value)

    @override
    async def set_value(self, name: str, value: str) -> None:
        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "INSERT INTO settings (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

        await self._database.write(work)
