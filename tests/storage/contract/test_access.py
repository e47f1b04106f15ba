"""Roles that may manage subscriptions."""

from storage.protocols import AccessStore, Store
from tests.storage.contract.promises import promises
from tests.support.outbox import GUILD


@promises(AccessStore.access_roles, AccessStore.set_access)
async def test_access_roles_belong_to_a_server(store: Store) -> None:
    """Adding or removing a role twice changes nothing."""
    for _ in range(2):
        await store.set_access(GUILD, 5, True)
    await store.set_access(GUILD, 6, True)
    assert await store.access_roles(GUILD) == {5, 6}
    assert await store.access_roles(GUILD + 1) == frozenset()
    for _ in range(2):
        await store.set_access(GUILD, 5, False)
    assert await store.access_roles(GUILD) == {6}
