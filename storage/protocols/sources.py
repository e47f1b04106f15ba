"""The results of reading sources."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.models import SourceState


class SourceStore(Protocol):
    """Stores the result of the last read of each source."""

    async def record_run(self, source: str, at: datetime, error: str | None) -> None:
        """Record that a source was read at this time, or failed with this `error`."""

    async def list_sources(self) -> Sequence[SourceState]:
        """All sources that have been read, in the order of the settings."""
