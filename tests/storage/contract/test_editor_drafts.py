"""Drafts of subscriptions."""

import pytest

from storage.errors import NotFoundError
from storage.protocols import EditorDraftStore, Store
from tests.storage.contract.promises import promises
from tests.support.clock import START
from tests.support.outbox import GUILD, SECOND


@promises(
    EditorDraftStore.get_draft,
    EditorDraftStore.remove_draft,
    EditorDraftStore.remove_old_drafts,
    EditorDraftStore.save_draft,
    EditorDraftStore.update_draft,
)
async def test_a_draft_is_kept_in_its_server(store: Store) -> None:
    """Another server finds nothing with its number."""
    draft = await store.save_draft(GUILD, 1, '{"a": 1}', START)
    await store.update_draft(GUILD, draft, '{"a": 2}')
    assert await store.get_draft(GUILD, draft) == '{"a": 2}'
    with pytest.raises(NotFoundError):
        await store.get_draft(GUILD + 1, draft)
    with pytest.raises(NotFoundError):
        await store.update_draft(GUILD + 1, draft, "stolen")
    await store.remove_draft(GUILD + 1, draft)
    await store.remove_old_drafts(START)
    assert await store.get_draft(GUILD, draft) == '{"a": 2}'
    await store.remove_old_drafts(START + SECOND)
    with pytest.raises(NotFoundError):
        await store.get_draft(GUILD, draft)


@promises(EditorDraftStore.get_draft, EditorDraftStore.remove_draft, EditorDraftStore.save_draft)
async def test_a_draft_can_be_removed(store: Store) -> None:
    """Removing it twice is harmless."""
    draft = await store.save_draft(GUILD, 1, "{}", START)
    await store.remove_draft(GUILD, draft)
    await store.remove_draft(GUILD, draft)
    with pytest.raises(NotFoundError):
        await store.get_draft(GUILD, draft)
