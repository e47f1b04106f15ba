"""The sources as they were last read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.models import SourceState


class SourceStore(Protocol):
    """How the sources do."""

    async def note_run(self, source: str, at: datetime, error: str | None) -> None:
        """Note that a source was read just now, or what went wrong."""
        ...

    async def list_sources(self) -> Sequence[SourceState]:
        """All sources that were ever read, in the order of the settings."""
        ...
