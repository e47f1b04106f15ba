"""Notices to a server's admins about a channel."""

from storage.models import Notice
from storage.protocols import NoticeStore
from storage.reasons import AccessRefused, PermissionsMissing
from tests.storage.contract.promises import promises
from tests.support.outbox import CHANNEL

MISSING = Notice(3, PermissionsMissing(("Send Messages", "Embed Links")))


@promises(NoticeStore.get_notice, NoticeStore.save_notice)
async def test_a_channel_has_its_last_notice(store: NoticeStore) -> None:
    """A notice replaces the previous one; other channels keep theirs."""
    assert await store.get_notice(CHANNEL) is None
    await store.save_notice(CHANNEL + 1, MISSING)
    await store.save_notice(CHANNEL, MISSING)
    await store.save_notice(CHANNEL, Notice(4, AccessRefused("Missing Access")))
    assert await store.get_notice(CHANNEL) == Notice(4, AccessRefused("Missing Access"))
    assert await store.get_notice(CHANNEL + 1) == MISSING


@promises(NoticeStore.clear_notice)
async def test_a_notice_is_cleared(store: NoticeStore) -> None:
    """Clearing a missing notice changes nothing."""
    await store.clear_notice(CHANNEL)
    await store.save_notice(CHANNEL, MISSING)
    await store.save_notice(CHANNEL + 1, MISSING)
    await store.clear_notice(CHANNEL)
    assert await store.get_notice(CHANNEL) is None
    assert await store.get_notice(CHANNEL + 1) == MISSING
