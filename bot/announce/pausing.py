"""Pause and resume all posting."""

from datetime import datetime

from bot.announce.posting_pause import STORED_AS, Pauses, decode_pauses, encode_pauses
from storage.protocols import KeyValueStore


async def read_pauses(store: KeyValueStore) -> Pauses:
    """The pauses of posting so far."""
    return decode_pauses(await store.get_value(STORED_AS))


async def pause_posting(store: KeyValueStore, now: datetime) -> tuple[datetime, bool]:
    """Pause posting; return since when it is paused, and whether it was paused before."""
    before = await read_pauses(store)
    after = before.begin(now)
    await store.set_value(STORED_AS, encode_pauses(after))
    return after.paused_since or now, before.paused_since is not None


async def resume_posting(store: KeyValueStore, now: datetime) -> datetime | None:
    """Go on posting; return since when it was paused, or None if it wasn't."""
    before = await read_pauses(store)
    await store.set_value(STORED_AS, encode_pauses(before.end(now)))
    return before.paused_since
