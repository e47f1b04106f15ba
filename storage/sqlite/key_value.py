"""Small named values."""

from typing_extensions import override

from storage.protocols import KeyValueStore
from storage.sqlite.base import StorePart


class SqliteKeyValues(StorePart, KeyValueStore):
    """`KeyValueStore` on the table `settings`."""

    @override
    async def get_value(self, name: str) -> str | None:
        row = await self._fetch_one("SELECT value FROM settings WHERE name = ?", (name,))
        return None if row is None else str(row["value"])

    @override
    async def set_value(self, name: str, value: str) -> None:
        await self._execute(
            "INSERT INTO settings (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )
