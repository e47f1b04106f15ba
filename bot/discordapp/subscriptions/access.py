"""Who may decide what arrives in a server, checked on our side: a server can open its commands."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from typing import TypeAlias

import discord
from discord import app_commands

from bot.discordapp.client import answer_privately
from storage.errors import NotFoundError, StorywireError
from storage.models import Subscription
from storage.protocols import AccessStore, SubscriptionStore

logger = logging.getLogger(__name__)

Interaction: TypeAlias = discord.Interaction[discord.Client]

# The interaction's three seconds are over (10062), or it has been answered already (40060):
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
_TOO_LATE = {10062, 40060}

NOT_ALLOWED = (
    "You need **Manage Server** to change what arrives here, or a role that your admins named with"
    " `/subscriptions access`."
)
NOT_THERE = (
    "There is no such subscription here any more. `/subscriptions list` shows what there is."
)


class Refusal(app_commands.CheckFailure):
    """What an admin asked for can't be done; the sentence says why and what to do."""


def is_admin(interaction: Interaction) -> bool:
    """Whether the person holds Manage Server, as Discord tells it with the interaction."""
    return interaction.guild_id is not None and interaction.permissions.manage_guild


async def may_manage(interaction: Interaction, store: AccessStore) -> bool:
    """Whether the person may decide: an admin, or somebody with a role that admins named."""
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
    """Raise `Refusal` for whoever may not decide."""
    if not await may_manage(interaction, store):
        raise Refusal(NOT_ALLOWED)


def server_of(interaction: Interaction) -> discord.Guild:
    """The server, when it has come with all that is known of it. Raises `Refusal`."""
    guild = interaction.guild
    own = interaction.client.user
    if guild is None or own is None:
        raise Refusal("This works in servers only.")
    if guild.unavailable or guild.get_member(own.id) is None:
        raise Refusal("I am still finding out about this server. Please try again in a moment.")
    return guild


def person_of(interaction: Interaction) -> discord.Member:
    """Who asks, as a member of the server. Raises `Refusal`."""
    if not isinstance(interaction.user, discord.Member):
        raise Refusal("This works in servers only.")
    return interaction.user


@contextlib.asynccontextmanager
async def errors_told(interaction: Interaction) -> AsyncIterator[None]:
    """Answer a component or a form where the command tree would have answered a command."""
    try:
        yield
    except Refusal as refusal:
        await answer_privately(interaction, str(refusal))
    except NotFoundError:
        await answer_privately(interaction, NOT_THERE)
    except discord.HTTPException as error:
        if error.code not in _TOO_LATE:
            raise
        logger.warning("an answer came too late: %s", error)
    except StorywireError as error:
        logger.warning("a component failed: %s", error)
        await answer_privately(
            interaction, "I can't read the archive just now. Please try again in a moment."
        )


async def find_subscription(store: SubscriptionStore, guild_id: int, typed: str) -> Subscription:
    """What a choice stands for; a subscription of another server is not there."""
    typed = typed.strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 18):  # noqa: PLR2004 - fits 64 bits
        raise Refusal("Please choose one from the list.")
    try:
        return await store.get_subscription(guild_id, int(typed))
    except NotFoundError as error:
        raise Refusal(NOT_THERE) from error
