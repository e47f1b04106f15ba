"""Small named values."""

from typing_extensions import override

from storage.protocols import KeyValueStore
from storage.sqlite.base import StorePart
from storage.sqlite.codec import SETTINGS


class SqliteKeyValues(StorePart, KeyValueStore):
    """`KeyValueStore` on the table `settings`."""

    @override
    async def get_value(self, name: str) -> str | None:
        row = await self._fetch_one("SELECT name, value FROM settings WHERE name = ?", (name,))
        values = self._damage.decode_or_none(row, SETTINGS.decode)
        return None if values is None else str(values["value"])

    @override
    async def set_value(self, name: str, value: str) -> None:
        await self._execute(
            "INSERT INTO settings (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    @override
    async def delete_value(self, name: str) -> None:
        await self._execute("DELETE FROM settings WHERE name = ?", (name,))
