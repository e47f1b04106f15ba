"""Drafts of subscriptions."""

from __future__ import annotations

import pytest

from bot.announce.subscription_lifecycle import remove_expired
from storage.errors import NotFoundError
from storage.protocols import DraftStore, Store
from tests.storage.contract.promises import promises
from tests.support.clock import START
from tests.support.outbox import GUILD, HOUR


@promises(
    DraftStore.get_draft,
    DraftStore.remove_draft,
    DraftStore.save_draft,
    DraftStore.update_draft,
)
async def test_a_draft_is_kept_for_a_day_in_its_server(store: Store) -> None:
    """Another server finds nothing under its number."""
    draft = await store.save_draft(GUILD, 1, '{"a": 1}', START)
    await store.update_draft(GUILD, draft, '{"a": 2}')
    assert await store.get_draft(GUILD, draft) == '{"a": 2}'
    with pytest.raises(NotFoundError):
        await store.get_draft(GUILD + 1, draft)
    with pytest.raises(NotFoundError):
        await store.update_draft(GUILD + 1, draft, "stolen")
    await store.remove_draft(GUILD + 1, draft)
    await remove_expired(store, START, START + 24 * HOUR)
    assert await store.get_draft(GUILD, draft) == '{"a": 2}'
    await remove_expired(store, START, START + 25 * HOUR)
    with pytest.raises(NotFoundError):
        await store.get_draft(GUILD, draft)


@promises(DraftStore.get_draft, DraftStore.remove_draft, DraftStore.save_draft)
async def test_a_draft_that_was_saved_is_gone(store: Store) -> None:
    """Removing it twice does no harm."""
    draft = await store.save_draft(GUILD, 1, "{}", START)
    await store.remove_draft(GUILD, draft)
    await store.remove_draft(GUILD, draft)
    with pytest.raises(NotFoundError):
        await store.get_draft(GUILD, draft)
