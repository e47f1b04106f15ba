"""Notices about channels in which the bot can't post."""

from typing_extensions import override

from storage.models import Notice
from storage.protocols import NoticeStore
from storage.reasons import encode_reason
from storage.sqlite.base import StorePart
from storage.sqlite.codec import decode_notice


class SqliteNotices(StorePart, NoticeStore):
    """`NoticeStore` on the table `notices`."""

    @override
    async def get_notice(self, channel_id: int) -> Notice | None:
        row = await self._fetch_one("SELECT * FROM notices WHERE channel_id = ?", (channel_id,))
        # Without the damaged notice, another one is sent, which replaces it.
        return self._damage.decode_or_none(row, decode_notice)

    @override
    async def save_notice(self, channel_id: int, notice: Notice) -> None:
        await self._execute(
            "INSERT INTO notices (channel_id, newest_subscription_id, cause) VALUES (?, ?, ?)"
            " ON CONFLICT (channel_id) DO UPDATE SET cause = excluded.cause,"
            " newest_subscription_id = excluded.newest_subscription_id",
            (channel_id, notice.newest_subscription_id, encode_reason(notice.cause)),
        )

    @override
    async def clear_notice(self, channel_id: int) -> None:
        await self._execute("DELETE FROM notices WHERE channel_id = ?", (channel_id,))
