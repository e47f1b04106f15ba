"""Removing old articles from the archive."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SweepStep:
    """What a step of a sweep did; `after` is where the next one continues, None at the end."""

    after: int | None
    expired: int
    forgotten: int


class RetentionStore(Protocol):
    """Removes old articles. A sweep consists of many steps, each in a short transaction."""

    async def sweep_articles(self, before: datetime, after: int) -> SweepStep:
        """Examine the next articles whose id is above `after`, in the order of ids.

        An article that is dated before `before` *expires*: its content, its posts and whatever
        lookups read of it are deleted. It stays while a post of it waits or was changed since then,
        while its message is to be edited, or shows other stories that stay. What remains of it
        makes sure that its documents are known and never announced again.

        An expired article is *forgotten*, with all that remains, if no source lists it and all of
        its documents have a date of their own before `before`: that date says that it is no news.
        """

    async def forget_names(self) -> int:
        """Delete some of the topics and providers that no story has; return their number."""
