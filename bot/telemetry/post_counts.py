"""Numbers of posts per hour for the last week, brought up to date with what was added."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from storage.posts import PostStatus
from storage.protocols import MonitoringStore

SPAN = timedelta(days=8)


class PostCounts:
    """Reads each change of a post once."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._by_hour: Counter[tuple[datetime, PostStatus]] = Counter()

    async def update(self, store: MonitoringStore, now: datetime) -> Mapping[PostStatus, int]:
        """Read what was added; return the numbers of new changes, without those of the first read.

        Raises the errors of the store.
        """
        first = self._last is None
        if self._last is None:
            self._last = await store.last_change_before(now - SPAN)
        changes = await store.count_changes(self._last)
        self._last = changes.last
        self._by_hour.update(changes.counts)
        for key in [key for key in self._by_hour if key[0] < now - SPAN]:
            del self._by_hour[key]
        added = Counter[PostStatus]()
        for (_, status), count in changes.counts.items():
            added[status] += 0 if first else count
        return added

    def by_hour(self) -> Mapping[tuple[datetime, PostStatus], int]:
        """The numbers of changes by the hour in which they began, and new status."""
        return self._by_hour
