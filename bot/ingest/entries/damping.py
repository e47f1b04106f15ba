"""When a changed entry is read again: feeds with counters or random parts change at every reading.

The first change counts at once, and so do the first few titles. Each further change within a day
waits longer for its turn, and content that returns waits longest; whatever the feed then has is
taken.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.ingest.entries.record import EntryRecord, ListedEntry, short_digest

_FIRST_WAIT = timedelta(hours=1)
_LONGEST_WAIT = timedelta(days=1)
_WAIT_FOR_RETURNED = timedelta(hours=6)
# Without a change for so long, an entry counts as quiet again.
_FORGOTTEN_AFTER = timedelta(days=1)
_MAX_CHANGES = 9
# So many changes of a title within a day count at once; more are those of a counter in it.
_TITLE_CHANGES = 3


def accept_change(before: EntryRecord, entry: ListedEntry, now: datetime) -> EntryRecord | datetime:
    """Return the record with the entry's content, or the time until which the change has to wait.

    An unchanged content is always accepted.
    """
    content = short_digest(entry.content)
    if content == before.content:
        return before
    changed_at = datetime.fromtimestamp(before.changed_at, now.tzinfo)
    changes = before.content_changes if now - changed_at < _FORGOTTEN_AFTER else 0
    waits_until = changed_at + _wait(before, entry, content, changes)
    if now < waits_until:
        return waits_until
    return replace(
        before,
        content=content,
        previous=before.content,
        content_changes=min(changes + 1, _MAX_CHANGES),
        changed_at=int(now.timestamp()),
    )


def _wait(before: EntryRecord, entry: ListedEntry, content: str, changes: int) -> timedelta:
    wait = min(_FIRST_WAIT * 2 ** (changes - 1), _LONGEST_WAIT) if changes else timedelta(0)
    if content == before.previous:
        return max(wait, _WAIT_FOR_RETURNED)
    is_corrected = entry.traits.title != before.traits.title and changes < _TITLE_CHANGES
    return timedelta(0) if is_corrected else wait
