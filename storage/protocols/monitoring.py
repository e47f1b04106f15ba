"""What operators watch. Nothing here reads more rows when the archive grows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.models import SourceRun
from storage.posts import OutboxState, PostChanges


class MonitoringStore(Protocol):
    """Reads the state of the outbox and of the sources."""

    async def outbox_state(self, now: datetime) -> OutboxState:
        """The number of waiting posts, edits and follow-ups, and what is due."""

    async def source_runs(self) -> Sequence[SourceRun]:
        """The last read of every source, in the order of the settings."""

    async def last_change_before(self, time: datetime) -> int:
        """The id of the last change of a post before a time; 0 if there is none."""

    async def count_changes(self, after: int) -> PostChanges:
        """The changes of posts with ids above `after`, by hour and new status."""
