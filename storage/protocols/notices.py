"""Notices to a server's admins about channels in which the bot can't post."""

from typing import Protocol

from storage.models import Notice


class NoticeStore(Protocol):
    """Stores the last notice of each channel, so that no cause is reported twice."""

    async def get_notice(self, channel_id: int) -> Notice | None:
        """The channel's last notice, or None."""

    async def save_notice(self, channel_id: int, notice: Notice) -> None:
        """Replace the channel's notice."""

    async def clear_notice(self, channel_id: int) -> None:
        """Remove the channel's notice, if there is one."""
