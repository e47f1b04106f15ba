"""The roles whose members may change subscriptions."""

from storage.protocols import AccessStore, Store
from tests.storage.contract.promises import promises
from tests.support.outbox import GUILD


@promises(AccessStore.access_roles, AccessStore.set_access)
async def test_access_is_a_servers_own(store: Store) -> None:
    """Given and taken, twice if need be."""
    for _ in range(2):
        await store.set_access(GUILD, 5, True)
    await store.set_access(GUILD, 6, True)
    assert await store.access_roles(GUILD) == {5, 6}
    assert await store.access_roles(GUILD + 1) == frozenset()
    for _ in range(2):
        await store.set_access(GUILD, 5, False)
    assert await store.access_roles(GUILD) == {6}
