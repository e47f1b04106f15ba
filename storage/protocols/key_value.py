"""Small named values."""

from typing import Protocol


class KeyValueStore(Protocol):
    """Small values that outlive a run, such as the hash of the commands last synced."""

    async def get_value(self, name: str) -> str | None:
        """The value stored under a name, or None."""

    async def set_value(self, name: str, value: str) -> None:
        """Store a value under a name, replacing the previous one."""

    async def delete_value(self, name: str) -> None:
        """Delete the value stored under a name, if there is one."""
