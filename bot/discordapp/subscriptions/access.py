"""Who may manage a server's subscriptions.

Checked for every interaction: a server's settings can open the commands to anybody.
"""

import discord
from discord import app_commands

from bot.discordapp.interactions import Interaction, Refusal, answer_privately, server_of
from storage.protocols import AccessStore

NOT_ALLOWED = (
    "You need **Manage Server** to change what arrives here, or a role that your admins named with"
    " `/subscriptions access`."
)
_ROLES = 50


def is_admin(interaction: Interaction) -> bool:
    """Whether the person holds Manage Server, according to the interaction."""
    return interaction.guild_id is not None and interaction.permissions.manage_guild


async def may_manage(interaction: Interaction, store: AccessStore) -> bool:
    """Whether the person is an admin or has a role that admins named."""
    if interaction.guild_id is None:
        return False
    if is_admin(interaction):
        return True
    person = interaction.user
    if not isinstance(person, discord.Member):
        return False
    named = await store.access_roles(interaction.guild_id)
    return any(person.get_role(role_id) is not None for role_id in named)


async def check_access(interaction: Interaction, store: AccessStore) -> None:
    """Raise `Refusal` unless the person may manage subscriptions."""
    if not await may_manage(interaction, store):
        raise Refusal(NOT_ALLOWED)


def add_access(group: app_commands.Group, store: AccessStore) -> None:
    """Add `/subscriptions access` to the group."""

    @group.command(description="Let the members of a role decide here, too, or no longer")
    @app_commands.describe(role="Which role (shows who may)", allow="Whether they may (yes)")
    async def access(
        interaction: Interaction, role: discord.Role | None = None, allow: bool = True
    ) -> None:
        if role is not None:
            await _set_access(interaction, store, role, allow=allow)
        guild = server_of(interaction)
        named = await store.access_roles(guild.id)
        shown = [each.mention for each in guild.roles if each.id in named]
        text = "Those with **Manage Server** may decide what arrives here"
        if shown:
            text += (
                f", and the members of {', '.join(shown[:_ROLES])}."
                "\nDiscord hides the commands from them until you allow it: Server Settings →"
                " Integrations → this app → `/subscriptions` → Add Roles or Members."
            )
        await answer_privately(interaction, text if shown else f"{text}.")


async def _set_access(
    interaction: Interaction, store: AccessStore, role: discord.Role, *, allow: bool
) -> None:
    """Only admins may do this, or else those with a named role could name others."""
    guild = server_of(interaction)
    if not is_admin(interaction):
        raise Refusal("Only those with **Manage Server** can change who may decide here.")
    if guild.get_role(role.id) is None:
        raise Refusal("That role is not there any more. Please choose another one.")
    if role.is_default() and allow:
        raise Refusal("That would be everybody. Please choose another role.")
    await store.set_access(guild.id, role.id, allow)
