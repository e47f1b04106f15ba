"""Answering interactions: errors, private answers, components that outlive a restart."""

import contextlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import discord
from discord import app_commands

from bot.discordapp.messages import errors
from storage.errors import NotFoundError, StoreBusyError, StorywireError

logger = logging.getLogger(__name__)

ClientT = TypeVar("ClientT", bound=discord.Client)
Interaction: TypeAlias = discord.Interaction[discord.Client]
Item: TypeAlias = discord.ui.Item[Any]
PersistentItem: TypeAlias = type[discord.ui.DynamicItem[Item]]

# Unknown interaction, after more than three seconds (10062), and already acknowledged (40060):
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
TOO_LATE = {10062, 40060}


class Refusal(app_commands.CheckFailure):
    """The request is refused; the text states why, and what to do instead."""


async def answer_privately(interaction: discord.Interaction[ClientT], text: str) -> None:
    """Send an answer that only this person sees, also after another answer."""
    nobody = discord.AllowedMentions.none()
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True, allowed_mentions=nobody)
        else:
            await interaction.response.send_message(text, ephemeral=True, allowed_mentions=nobody)
    except discord.HTTPException as error:
        logger.warning("could not answer an interaction: %s", error)


@contextlib.asynccontextmanager
async def errors_answered(
    interaction: Interaction, *, not_found: str | None = None
) -> AsyncIterator[None]:
    """Answer errors that are raised within the context.

    A `NotFoundError` is answered with `not_found`, or with its own message. A lookup that takes too
    long is no error for the operator. Any other `StorywireError` is logged and answered as a
    database error. If the answer comes too late for Discord, that is only logged.
    """
    try:
        yield
    except Refusal as refusal:
        await answer_privately(interaction, str(refusal))
    except NotFoundError as error:
        await answer_privately(interaction, not_found or str(error))
    except StoreBusyError:
        await answer_privately(interaction, errors.TOO_SLOW)
    except StorywireError as error:
        logger.warning("an interaction failed: %s", error)
        await answer_privately(interaction, errors.NO_DATABASE)
    except discord.HTTPException as error:
        if error.code not in TOO_LATE:
            raise
        logger.warning("answered an interaction too late: %s", error)


def persistent_item(
    pattern: str, answer: Callable[[Interaction, Item, re.Match[str]], Awaitable[None]]
) -> PersistentItem:
    """Return a class for `Client.add_dynamic_items`: its components still work after a restart.

    Nothing is kept in memory: `answer` gets the component that was used, and the match of its
    custom_id with `pattern`.
    """

    class Persistent(discord.ui.DynamicItem[Item], template=pattern):
        """A select or button whose custom_id matches the pattern."""

        def __init__(self, item: Item, match: re.Match[str]) -> None:
            super().__init__(item)
            self._match = match

        @classmethod
        async def from_custom_id(
            cls, _interaction: Interaction, item: Item, match: re.Match[str], /
        ) -> "Persistent":
            """Wrap the component that discord.py found in the message."""
            return cls(item, match)

        async def callback(self, interaction: Interaction) -> None:
            """Answer the component."""
            await answer(interaction, self.item, self._match)

    return Persistent


def server_of(interaction: Interaction) -> discord.Guild:
    """Return the server. Raises `Refusal` until the gateway has sent its details."""
    guild = interaction.guild
    own = interaction.client.user
    if guild is None or own is None:
        raise Refusal(errors.SERVERS_ONLY)
    if guild.unavailable or guild.get_member(own.id) is None:
        raise Refusal(errors.SERVER_LOADING)
    return guild


def person_of(interaction: Interaction) -> discord.Member:
    """Return the person as a member of the server. Raises `Refusal` in a direct message."""
    if not isinstance(interaction.user, discord.Member):
        raise Refusal(errors.SERVERS_ONLY)
    return interaction.user
