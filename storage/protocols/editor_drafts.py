"""Editor drafts: unsaved choices in the editors of subscriptions."""

from datetime import datetime
from typing import Protocol


class EditorDraftStore(Protocol):
    """Stores unsaved choices. Methods with a `guild_id` only see the drafts of that server."""

    async def save_draft(self, guild_id: int, user_id: int, content: str, now: datetime) -> int:
        """Store a new draft; return its id, which is never reused."""

    async def get_draft(self, guild_id: int, draft_id: int) -> str:
        """A draft's content. Raises `NotFoundError`."""

    async def update_draft(self, guild_id: int, draft_id: int, content: str) -> None:
        """Replace a draft's content. Raises `NotFoundError`."""

    async def remove_draft(self, guild_id: int, draft_id: int) -> None:
        """Remove a draft if it exists."""

    async def remove_old_drafts(self, before: datetime) -> None:
        """Remove drafts created before a time."""
