"""Editor drafts, and the roles whose members may manage subscriptions."""

from datetime import datetime

import aiosqlite
from typing_extensions import override

from storage.errors import NotFoundError
from storage.protocols import AccessStore, EditorDraftStore
from storage.sqlite.base import StorePart
from storage.sqlite.codec import ACCESS_ROLES, DRAFTS, encode_time
from storage.sqlite.columns import next_id
from storage.sqlite.database import fetch_value


class SqliteEditorDrafts(StorePart, EditorDraftStore, AccessStore):
    """`EditorDraftStore` and `AccessStore`."""

    @override
    async def access_roles(self, guild_id: int) -> frozenset[int]:
        rows = await self._fetch_all("SELECT * FROM access_roles WHERE guild_id = ?", (guild_id,))
        allowed = self._damage.decode_all(rows, ACCESS_ROLES.decode)
        return frozenset(each["role_id"] for each in allowed)

    @override
    async def set_access(self, guild_id: int, role_id: int, allowed: bool) -> None:
        await self._execute(
            "INSERT INTO access_roles (guild_id, role_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
            if allowed
            else "DELETE FROM access_roles WHERE guild_id = ? AND role_id = ?",
            (guild_id, role_id),
        )

    @override
    async def save_draft(self, guild_id: int, user_id: int, content: str, now: datetime) -> int:
        async def work(connection: aiosqlite.Connection) -> int:
            return int(
                await fetch_value(
                    connection,
                    "INSERT INTO drafts (id, guild_id, user_id, content, saved_at)"
                    f" VALUES ({next_id('drafts')}, ?, ?, ?, ?) RETURNING id",
                    (guild_id, user_id, content, encode_time(now)),
                )
            )

        return await self._database.write(work)

    @override
    async def get_draft(self, guild_id: int, draft_id: int) -> str:
        row = await self._fetch_one(
            "SELECT * FROM drafts WHERE id = ? AND guild_id = ?", (draft_id, guild_id)
        )
        if row is None:
            raise NotFoundError(f"there is no draft {draft_id} here")
        return str(self._damage.decode(row, DRAFTS.decode)["content"])

    @override
    async def update_draft(self, guild_id: int, draft_id: int, content: str) -> None:
        written = await self._execute(
            f"UPDATE drafts SET content = ? WHERE id = ? AND guild_id = ? AND {DRAFTS.intact}",
            (content, draft_id, guild_id),
        )
        if not written:
            raise NotFoundError(f"there is no draft {draft_id} here")

    @override
    async def remove_draft(self, guild_id: int, draft_id: int) -> None:
        await self._execute(
            "DELETE FROM drafts WHERE id = ? AND guild_id = ?", (draft_id, guild_id)
        )

    @override
    async def remove_old_drafts(self, before: datetime) -> None:
        await self._execute("DELETE FROM drafts WHERE saved_at < ?", (encode_time(before),))
