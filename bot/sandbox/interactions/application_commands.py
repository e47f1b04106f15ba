"""Validation and registration of application commands.

https://docs.discord.com/developers/interactions/application-commands
"""

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from bot.sandbox.errors import ApiError
from bot.sandbox.model.entities import Json
from bot.sandbox.model.field_validation import Form, Path, length
from bot.sandbox.model.world import World

MAX_COMMANDS = 100
MAX_OPTIONS = 25
MAX_CHOICES = 25
MAX_COMMAND_SIZE = 8000
_CHAT_INPUT = 1
_NAME = re.compile(r"[-_'\w]{1,32}")


class OptionType(IntEnum):
    """Kinds of options of a command."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTING = (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP)


def overwrite_commands(world: World, body: object) -> list[Json]:
    """Replace all global commands; a command keeps its id as long as it keeps its name and type.

    Raises ApiError 50035, or 30032 for more than 100 commands.
    """
    form = Form()
    given = form.items((), body, 1000)
    if sum(1 for each in given if _kind(each) == _CHAT_INPUT) > MAX_COMMANDS:
        sentence = f"Maximum number of application commands reached ({MAX_COMMANDS})"
        raise ApiError(400, 30032, sentence)
    commands = [_CommandReader(form).command((index,), each) for index, each in enumerate(given)]
    seen: set[tuple[str, int]] = set()
    for index, command in enumerate(commands):
        key = (command["name"], command["type"])
        if key in seen:
            sentence = "Application command names must be unique"
            form.fail((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", sentence)
        seen.add(key)
    form.raise_problems()
    earlier = {(each["name"], each["type"]): each for each in world.commands}
    registered = [
        _registered(world, each, earlier.get((each["name"], each["type"]))) for each in commands
    ]
    world.set_commands(registered)
    return registered


def _registered(world: World, command: Json, earlier: Json | None) -> Json:
    if earlier is not None and earlier | command == earlier:
        return earlier
    command_id = earlier["id"] if earlier else str(world.snowflakes.next())
    return command | {
        "id": command_id,
        "application_id": str(world.bot.id),
        "version": str(world.snowflakes.next()),
    }


def _kind(given: object) -> object:
    return (given.get("type") or _CHAT_INPUT) if isinstance(given, dict) else None


def _texts(node: Json) -> Iterator[str]:
    """The texts of a command that count towards its size."""
    yield node["name"]
    yield node.get("description", "")
    for choice in node.get("choices", ()):
        yield choice["name"]
        yield str(choice["value"])
    for option in node.get("options", ()):
        yield from _texts(option)


class _CommandReader:
    def __init__(self, form: Form) -> None:
        self.form = form

    def command(self, path: Path, value: object) -> Json:
        form = self.form
        given = form.mapping(path, value)
        kind = form.choice((*path, "type"), _kind(given), (1, 2, 3))
        command: Json = {
            "type": kind,
            "name": self._name(path, given, strict=kind == _CHAT_INPUT),
            "name_localizations": None,
            "description": "",
            "description_localizations": None,
            "default_member_permissions": _permissions(given),
            "dm_permission": given.get("dm_permission") is not False,
            "contexts": given.get("contexts"),
            "integration_types": given.get("integration_types") or [0],
            "nsfw": bool(given.get("nsfw", False)),
        }
        if kind == _CHAT_INPUT:
            command["description"] = self._description(path, given)
            command["options"] = self._options(path, given, depth=0)
        if sum(map(length, _texts(command))) > MAX_COMMAND_SIZE:
            sentence = f"Command exceeds maximum size ({MAX_COMMAND_SIZE})"
            form.fail(path, "APPLICATION_COMMAND_TOO_LARGE", sentence)
        return command

    def _name(self, path: Path, given: Json, *, strict: bool = True) -> str:
        form, place = self.form, (*path, "name")
        problems = len(form.problems)
        name = form.text(place, given.get("name"), 32, min_length=1, required=True)
        wrong = not _NAME.fullmatch(name) or name != name.lower()
        if strict and wrong and len(form.problems) == problems:
            form.fail(place, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
        return name

    def _description(self, path: Path, given: Json) -> str:
        place = (*path, "description")
        return self.form.text(place, given.get("description"), 100, min_length=1, required=True)

    def _options(self, path: Path, given: Json, depth: int) -> list[Json]:
        form, place = self.form, (*path, "options")
        options = [
            self._option((*place, index), each, depth)
            for index, each in enumerate(form.items(place, given.get("options"), MAX_OPTIONS))
        ]
        names: set[str] = set()
        optional_seen = False
        nested = [each["type"] in NESTING for each in options]
        if any(nested) and not all(nested):
            sentence = (
                "Sub-command and sub-command group option types "
                "are mutually exclusive to all other types"
            )
            form.fail(place, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", sentence)
        for index, option in enumerate(options):
            if option["name"] in names:
                code, sentence = "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name repeats"
                form.fail((*place, index, "name"), code, sentence)
            names.add(option["name"])
            required = option.get("required", False)
            if required and optional_seen:
                code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
                sentence = "Required options must be placed before non-required options"
                form.fail((*place, index), code, sentence)
            optional_seen = optional_seen or not required
        return options

    def _option(self, path: Path, value: object, depth: int) -> Json:
        form = self.form
        given = form.mapping(path, value)
        kind = form.choice((*path, "type"), given.get("type"), tuple(map(int, OptionType)))
        option: Json = {
            "type": kind,
            "name": self._name(path, given),
            "description": self._description(path, given),
        }
        if kind in NESTING:
            # A group may be in a command, a sub-command in either; there are no deeper levels.
            if depth > 1 or (kind == OptionType.SUB_COMMAND_GROUP and depth > 0):
                sentence = "Sub-command groups can't be nested"
                form.fail((*path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", sentence)
            inner = 2 if kind == OptionType.SUB_COMMAND else depth + 1
            return option | {"options": self._options(path, given, inner)}
        option["required"] = bool(given.get("required", False))
        return option | self._limits(path, given, kind)

    def _limits(self, path: Path, given: Json, kind: int) -> Json:
        """The choices, bounds, channel types and autocomplete of an option."""
        form, limits = self.form, dict[str, Any]()
        if given.get("choices"):
            limits["choices"] = read_choices(form, (*path, "choices"), given["choices"], kind)
        if given.get("autocomplete"):
            limits["autocomplete"] = True
            if limits.get("choices"):
                code = "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_WITH_CHOICES"
                form.fail((*path, "autocomplete"), code, "Autocomplete can't be used with choices")
        for key in ("min_value", "max_value", "channel_types"):
            if given.get(key) is not None:
                limits[key] = given[key]
        for key in ("min_length", "max_length"):
            if given.get(key) is not None:
                limits[key] = form.integer((*path, key), given[key], 0, 6000)
        return limits


def read_choices(form: Form, path: Path, value: object, kind: int) -> list[Json]:
    """Check the choices of an option, or of a response to autocomplete."""
    choices: list[Json] = []
    for index, each in enumerate(form.items(path, value, MAX_CHOICES)):
        place: Path = (*path, index)
        given = form.mapping(place, each)
        name = form.text((*place, "name"), given.get("name"), 100, min_length=1, required=True)
        chosen = given.get("value")
        if kind == OptionType.STRING:
            chosen = form.text((*place, "value"), chosen, 100, min_length=1, required=True)
        elif isinstance(chosen, bool) or not isinstance(chosen, int | float):
            form.fail((*place, "value"), "NUMBER_TYPE_COERCE", f'Value "{chosen}" is not a number.')
        choices.append({"name": name, "value": chosen})
    return choices


def _permissions(given: Json) -> str | None:
    value = given.get("default_member_permissions")
    return None if value is None else str(int(value))
