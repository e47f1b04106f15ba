"""Who may manage a server's subscriptions.

This is checked for every interaction, as a server's settings can open the commands to everyone.
"""

import discord
from discord import app_commands

from bot.discordapp.interactions import Interaction, Refusal, answer_privately, server_of
from bot.discordapp.messages import access as messages
from bot.discordapp.messages import errors, subscription_commands, subscription_refusals
from storage.protocols import AccessStore


def is_admin(interaction: Interaction) -> bool:
    """Whether the person has Manage Server, according to the interaction."""
    return interaction.guild_id is not None and interaction.permissions.manage_guild


async def may_manage(interaction: Interaction, store: AccessStore) -> bool:
    """Whether the person is an admin or has a role that an admin allowed."""
    if interaction.guild_id is None:
        return False
    if is_admin(interaction):
        return True
    person = interaction.user
    if not isinstance(person, discord.Member):
        return False
    allowed = await store.access_roles(interaction.guild_id)
    return any(person.get_role(role_id) is not None for role_id in allowed)


async def check_access(interaction: Interaction, store: AccessStore) -> None:
    """Raise `Refusal` unless the person may manage subscriptions."""
    if interaction.guild_id is None:
        raise Refusal(errors.SERVERS_ONLY)
    if not await may_manage(interaction, store):
        raise Refusal(messages.NOT_ALLOWED)


def add_access_command(group: app_commands.Group, store: AccessStore) -> None:
    """Add `/subscriptions access` to the group."""

    @group.command(description=subscription_commands.ACCESS)
    @app_commands.describe(role=subscription_commands.ROLE, allow=subscription_commands.ALLOW)
    async def access(
        interaction: Interaction, role: discord.Role | None = None, allow: bool = True
    ) -> None:
        if role is not None:
            await _set_access(interaction, store, role, allow=allow)
        guild = server_of(interaction)
        allowed = await store.access_roles(guild.id)
        role_ids = [each.id for each in guild.roles if each.id in allowed]
        await answer_privately(interaction, messages.describe_access(role_ids))


async def _set_access(
    interaction: Interaction, store: AccessStore, role: discord.Role, *, allow: bool
) -> None:
    """Allow a role, or stop allowing it.

    Only admins may do this. Otherwise the members of an allowed role could allow other roles.
    """
    guild = server_of(interaction)
    if not is_admin(interaction):
        raise Refusal(messages.ADMINS_ONLY)
    if guild.get_role(role.id) is None:
        raise Refusal(subscription_refusals.ROLE_GONE)
    if role.is_default() and allow:
        raise Refusal(messages.ROLE_IS_EVERYONE)
    await store.set_access(guild.id, role.id, allow)
