"""Drafts of subscriptions that admins are editing."""

from datetime import datetime
from typing import Protocol


class DraftStore(Protocol):
    """Unsaved edits. Whatever takes a `guild_id` sees that server's drafts only."""

    async def save_draft(self, guild_id: int, user_id: int, content: str, now: datetime) -> int:
        """Store a new draft and return its id, which no other draft gets."""

    async def get_draft(self, guild_id: int, draft_id: int) -> str:
        """A draft's content. Raises `NotFoundError`."""

    async def update_draft(self, guild_id: int, draft_id: int, content: str) -> None:
        """Replace a draft's content. Raises `NotFoundError`."""

    async def remove_draft(self, guild_id: int, draft_id: int) -> None:
        """Remove a draft, if it is there."""

    async def remove_old_drafts(self, before: datetime) -> None:
        """Remove the drafts that were begun before a time."""
