"""Who may change subscriptions."""

from typing import Protocol


class AccessStore(Protocol):
    """The roles whose members may change subscriptions beside a server's admins."""

    async def access_roles(self, guild_id: int) -> frozenset[int]:
        """The roles whose members may change a server's subscriptions as its admins do."""

    async def set_access(self, guild_id: int, role_id: int, allowed: bool) -> None:
        """Add a role to those of `access_roles`, or remove it."""
