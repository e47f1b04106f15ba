"""Roles that may manage subscriptions."""

from typing import Protocol


class AccessStore(Protocol):
    """The roles whose members may manage subscriptions, in addition to a server's admins."""

    async def access_roles(self, guild_id: int) -> frozenset[int]:
        """The roles whose members may manage a server's subscriptions."""

    async def set_access(self, guild_id: int, role_id: int, allowed: bool) -> None:
        """Add a role to `access_roles`, or remove it."""
