"""The command tree: checks what arrives before a command runs, and answers its errors."""

import logging
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands

from bot.discordapp.interactions import (
    Choices,
    ClientT,
    answer_error,
    answer_privately,
    offer_choices,
    server_asking,
    slow_down,
)
from bot.discordapp.malformed import MALFORMED, MalformedData
from bot.discordapp.member_limits import MemberLimits
from bot.discordapp.messages import errors
from bot.discordapp.option_values import is_completable, problem_with_values
from bot.discordapp.replies import FOR_ADMINS, PUBLIC, Replies
from bot.errors import one_line

logger = logging.getLogger(__name__)


class CommandTree(app_commands.CommandTree[ClientT]):
    """A command tree that answers errors.

    `answers` and `completions` limit how often a member gets an answer, and choices while typing.
    """

    def __init__(
        self,
        client: ClientT,
        answers: MemberLimits,
        completions: MemberLimits,
        malformed: MalformedData,
        replies: Replies,
    ) -> None:
        super().__init__(client)
        self._replies = replies
        self._malformed = malformed
        self._answers = answers
        self._completions = completions

    async def interaction_check(self, interaction: discord.Interaction[ClientT], /) -> bool:
        """Whether to go on with a command or a completion; what is refused is answered here.

        After this, discord.py reads the same data again without an error. An error there would end
        in a task that nobody waits for.
        """
        is_completion = interaction.type is discord.InteractionType.autocomplete
        user: object = interaction.user
        try:
            command, values = interaction.command, dict(iter(interaction.namespace))
            focused = _focused(interaction.data)
        except MALFORMED as error:
            self._malformed.skip("command", error, "others are answered")
            return await self._refuse(interaction, errors.UNREADABLE)
        if not isinstance(user, discord.User | discord.Member):
            self._malformed.skip("command", TypeError("no user"), "others are answered")
            return await self._refuse(interaction, errors.UNREADABLE)
        limits = self._completions if is_completion else self._answers
        server_id = None if _is_for_admins(command) else server_asking(interaction)
        if (excess := limits.take(user.id, server_id)) is not None:
            if is_completion:
                await offer_choices(interaction, _no_choices())
            elif excess.announce:
                await self._refuse(interaction, slow_down(excess))
            return False
        if not isinstance(command, app_commands.Command):
            logger.info("a command that this version does not have was used")
            return await self._refuse(interaction, errors.OUTDATED)
        if is_completion:
            return focused is not None and is_completable(command, focused, values)
        if (problem := problem_with_values(command, values)) is not None:
            return await self._refuse(interaction, problem)
        self._replies.open(interaction, private=not _is_public(command, values))
        return True

    async def _refuse(self, interaction: discord.Interaction[ClientT], text: str) -> bool:
        """Answer a command with a text. Discord shows none while someone types."""
        if interaction.type is discord.InteractionType.application_command:
            await answer_privately(interaction, text)
        return False

    async def on_error(
        self, interaction: discord.Interaction[ClientT], error: app_commands.AppCommandError, /
    ) -> None:
        """Send the person a short answer, and log the details for the operator."""
        if interaction.type is discord.InteractionType.autocomplete:
            logger.warning("could not complete an option: %s", one_line(error))
            return
        cause = error.__cause__ if isinstance(error, app_commands.CommandInvokeError) else error
        await answer_error(interaction, cause if isinstance(cause, Exception) else error)


async def _no_choices() -> Choices:
    return []


def _is_for_admins(command: object) -> bool:
    root = command.root_parent or command if isinstance(command, app_commands.Command) else None
    return root is not None and FOR_ADMINS in root.extras


def _is_public(command: app_commands.Command[Any, ..., Any], values: Mapping[str, object]) -> bool:
    root = command.root_parent or command
    return PUBLIC in root.extras and not values.get("private")


def _focused(data: Any) -> str | None:  # noqa: ANN401 - Discord's JSON
    """The name of the option that is being typed. Raises `MALFORMED` for JSON of another shape."""
    for option in data.get("options", []):
        if option.get("focused"):
            return str(option["name"])
        if "options" in option:
            return _focused(option)
    return None
