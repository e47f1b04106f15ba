"""How the last reads of the sources ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.models import SourceState


class SourceStore(Protocol):
    """What `storywire sources` and the supervision of sources need."""

    async def note_run(self, source: str, at: datetime, error: str | None) -> None:
        """Note that a source was read at this time, or that it failed with this `error`."""

    async def list_sources(self) -> Sequence[SourceState]:
        """All sources that were ever read, in the order of the settings."""
