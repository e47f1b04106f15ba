"""Answering interactions: responses, private answers, errors."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable
from http import HTTPStatus
from typing import TypeAlias, TypeVar

import discord
from discord import app_commands

from bot.discordapp.member_limits import Excess
from bot.discordapp.messages import errors
from bot.discordapp.outcomes import FAILURES
from bot.discordapp.replies import ACKNOWLEDGED, UNKNOWN_INTERACTION, deliver, reply_to
from bot.errors import one_line
from storage.errors import DamagedRowError, NotFoundError, StoreBusyError, StorywireError

logger = logging.getLogger(__name__)

ClientT = TypeVar("ClientT", bound=discord.Client)
Interaction: TypeAlias = discord.Interaction[discord.Client]
Choices: TypeAlias = list[app_commands.Choice[str]]

# After more than three seconds, or two responses.
TOO_LATE = {UNKNOWN_INTERACTION, ACKNOWLEDGED}
COMPLETE_WITHIN = 2.5
"""Seconds after which completing an option is given up: choices can't be deferred."""


class Refusal(app_commands.CheckFailure):
    """The request is refused; the text states why, and what to do instead."""


async def answer_privately(interaction: discord.Interaction[ClientT], text: str) -> None:
    """Send an answer that only this person sees, also after another answer."""
    try:
        await reply_to(interaction).send(text, private=True)
    except FAILURES as error:
        logger.warning("could not answer an interaction: %s", one_line(error))


async def answer_error(
    interaction: discord.Interaction[ClientT], error: Exception, *, not_found: str = errors.GONE
) -> None:
    """Answer an error, and log what concerns the operator.

    `not_found` is the text for a `NotFoundError`. A broken connection is logged like an error that
    Discord answers: the person sees that Discord has no answer.
    """
    match error:
        case Refusal():
            await answer_privately(interaction, str(error))
        case NotFoundError():
            await answer_privately(interaction, not_found)
        case StoreBusyError() | DamagedRowError():
            # The store has logged the damaged row.
            busy = isinstance(error, StoreBusyError)
            await answer_privately(interaction, errors.TOO_SLOW if busy else errors.DAMAGED)
        case StorywireError():
            logger.warning("an interaction failed: %s", error)
            await answer_privately(interaction, errors.NO_DATABASE)
        case app_commands.TransformerError():
            await answer_privately(interaction, errors.GONE)
        case app_commands.AppCommandError():
            logger.warning("a command failed: %s", one_line(error))
            await answer_privately(interaction, errors.OUTDATED)
        case discord.HTTPException() if error.code in TOO_LATE:
            logger.warning("answered an interaction too late: %s", one_line(error))
        case _ if isinstance(error, FAILURES):
            logger.warning("could not answer an interaction: %s", one_line(error))
            if isinstance(error, discord.HTTPException) and error.status == HTTPStatus.BAD_REQUEST:
                await answer_privately(interaction, errors.INTERNAL)
        case _:
            logger.error("an interaction failed", exc_info=error)
            await answer_privately(interaction, errors.INTERNAL)


@contextlib.asynccontextmanager
async def errors_answered(
    interaction: Interaction, *, not_found: str | None = None
) -> AsyncIterator[None]:
    """Answer errors that are raised within the context, as `answer_error` does.

    A `NotFoundError` is answered with `not_found`, or with its own message.
    """
    try:
        yield
    except (StorywireError, Refusal, *FAILURES) as error:
        await answer_error(interaction, error, not_found=not_found or str(error))


async def offer_choices(interaction: Interaction, completing: Awaitable[Choices]) -> Choices:
    """Answer an autocompletion; returns what discord.py has to send, which is nothing more.

    If the database can't be read there are no choices: Discord shows no errors while someone types.
    """
    choices: Choices = []
    try:
        async with asyncio.timeout(COMPLETE_WITHIN):
            choices = await completing
    except (StoreBusyError, TimeoutError):
        pass  # what was typed matches too much
    except StorywireError as error:
        logger.warning("can't complete an option: %s", error)
    try:
        await deliver(interaction.response.autocomplete(choices))
    except FAILURES as error:
        # Usually somebody typed on, so that Discord wants no answer any more.
        logger.info("could not complete an option: %s", one_line(error))
    if not interaction.response.is_done():
        # discord.py would answer again, and log its error with a traceback. Nobody waits for this
        # task, so it may end here.
        raise asyncio.CancelledError
    return []


def slow_down(excess: Excess) -> str:
    """What the person reads whose request is refused, as there were too many."""
    return errors.slow_down(excess.retry_at, server=excess.server)


def server_asking(interaction: discord.Interaction[ClientT]) -> int | None:
    """The server whose members share an allowance; None where the bot is not a member."""
    return interaction.guild_id if interaction.is_guild_integration() else None


def server_of(interaction: Interaction) -> discord.Guild:
    """Return the server. Raises `Refusal` until the gateway has sent its details."""
    guild = interaction.guild
    own = interaction.client.user
    if guild is None or own is None:
        raise Refusal(errors.SERVERS_ONLY)
    is_known = interaction.client.get_guild(guild.id) is not None
    if not is_known and (interaction.client.is_ready() or not interaction.is_guild_integration()):
        # Used by somebody who installed the app for themselves.
        raise Refusal(errors.NOT_IN_SERVER)
    if guild.unavailable or guild.get_member(own.id) is None:
        raise Refusal(errors.SERVER_LOADING)
    return guild


def person_of(interaction: Interaction) -> discord.Member:
    """Return the person as a member of the server. Raises `Refusal` in a direct message."""
    if not isinstance(interaction.user, discord.Member):
        raise Refusal(errors.SERVERS_ONLY)
    return interaction.user
