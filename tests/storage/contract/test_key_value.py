"""Small named values."""

from storage.protocols import KeyValueStore, Store
from tests.storage.contract.promises import promises


@promises(KeyValueStore.get_value, KeyValueStore.set_value)
async def test_a_value_is_kept_until_another_replaces_it(store: Store, other: Store) -> None:
    """Each name has one value, and another process reads it."""
    assert await store.get_value("commands") is None
    await store.set_value("commands", "a")
    await store.set_value("“Ä” 🛰", "")
    await store.set_value("commands", "b")
    assert await other.get_value("commands") == "b"
    assert await other.get_value("“Ä” 🛰") == ""
    assert await other.get_value("COMMANDS") is None
