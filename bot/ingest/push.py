"""The source of pushed articles: `bot/push` stores them, so there is nothing to read."""

import asyncio
from collections.abc import AsyncGenerator

from bot.ingest.source import ChangeSet
from storage.models import KnownDocuments


class PushSource:
    """Keeps its documents as they are."""

    settings_digest = "push"

    def __init__(self, name: str) -> None:
        self.name = name

    async def quick_check(self, state: str) -> int | None:  # noqa: ARG002 - the protocol's signature
        """Nothing is faster than `read`."""
        return None

    async def read(self, known: KnownDocuments, state: str | None) -> ChangeSet:  # noqa: ARG002 - the protocol's signature
        """Find no change."""
        return ChangeSet((), iter(()), unchanged=len(known.keys()))

    async def changes(self) -> AsyncGenerator[None]:
        """Yield once, so that the source counts as read."""
        yield
        await asyncio.Event().wait()
