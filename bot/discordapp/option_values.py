"""Checks the values of a command's options, as a client may send anything in place of a choice.

discord.py declares bounds and choices to Discord, but does not check what comes back.
"""

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import AppCommandOptionType as Kind
from discord import app_commands

from bot.discordapp.markdown import discord_length
from bot.discordapp.messages import errors

# Neither SQLite nor Discord takes a lone surrogate, and a text with NUL may be cut off there.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CLASSES: Mapping[Kind, type | tuple[type, ...]] = {
    Kind.string: str,
    Kind.integer: int,
    Kind.boolean: bool,
    # What Discord did not describe is an `Object`.
    Kind.role: discord.Role,
    Kind.channel: (app_commands.AppCommandChannel, app_commands.AppCommandThread),
    Kind.attachment: discord.Attachment,
}


def is_storable(text: str) -> bool:
    """Whether a text can be stored and sent."""
    return _UNSTORABLE.search(text) is None


def problem_with_values(
    command: app_commands.Command[Any, ..., Any], values: Mapping[str, object]
) -> str | None:
    """Why a value of an option is impossible, for the person; None if none is.

    `values` are by the options' names in Discord, as in `Interaction.namespace`.
    """
    for parameter in command.parameters:
        name = parameter.display_name
        if name in values and not _is_possible(parameter, values[name]):
            return errors.impossible_value(name)
    return None


def is_completable(
    command: app_commands.Command[Any, ..., Any], name: str, values: Mapping[str, object]
) -> bool:
    """Whether an option that is being typed has completions, and its text can be searched for."""
    typed = values.get(name)
    named = [each for each in command.parameters if each.display_name == name]
    return bool(named) and named[0].autocomplete and isinstance(typed, str) and is_storable(typed)


def _is_possible(parameter: app_commands.Parameter, value: object) -> bool:
    expected = _CLASSES.get(parameter.type)
    if expected is None or not isinstance(value, expected):
        return False
    if parameter.choices and value not in [choice.value for choice in parameter.choices]:
        return False
    if isinstance(value, discord.Attachment):
        size: object = value.size
        return isinstance(size, int)
    if isinstance(value, str):
        return is_storable(value) and _is_within(parameter, discord_length(value))
    if isinstance(value, bool):
        return parameter.type is Kind.boolean
    return not isinstance(value, int) or _is_within(parameter, value)


def _is_within(parameter: app_commands.Parameter, number: int) -> bool:
    least, most = parameter.min_value, parameter.max_value
    return (least is None or number >= least) and (most is None or number <= most)
