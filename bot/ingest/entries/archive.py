"""Which entries existed before their source was first read, and so are not news. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from storage.models import ArchiveBounds

_LAST_INSTANT = timedelta(days=1) - timedelta(microseconds=1)


def is_archive(
    date: datetime | None, bounds: ArchiveBounds, began_at: datetime, *, date_only: bool = False
) -> bool:
    """Whether an entry with this date (None if it has none) is archive.

    `began_at` is when this reading began. Until one has reached the end of the source, entries
    without a date are archive, and those with a later one: some feeds date all of their entries
    with the time of the request. A date without a time of day stands for the whole day.
    """
    if date is None:
        return not bounds.complete
    if date_only:
        date += _LAST_INSTANT
    return date < bounds.before or (not bounds.complete and date >= began_at)


def completed_bounds(
    bounds: ArchiveBounds, dates: Iterable[datetime | None], began_at: datetime
) -> ArchiveBounds:
    """Return the bounds after a reading that reached the end and found these dates.

    An entry that is newer than all of them was published later, though perhaps before the reading
    began: servers keep copies of feeds for a while.
    """
    if bounds.complete:
        return bounds
    past = [date for date in dates if date is not None and date <= began_at]
    return ArchiveBounds(min(bounds.before, max(past, default=bounds.before)), complete=True)
