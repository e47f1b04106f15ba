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
from bot.sandbox.model.snowflakes import read_id
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


def overwrite_commands(world: World, body: object, guild_id: int | None = None) -> list[Json]:
    """Replace the commands of a server, or all global ones.

    A command keeps its id as long as it keeps its name and type.

    Raises ApiError 50035, or 30032 for more than 100 commands.
    """
    form = Form()
    raw = form.items((), body, 1000)
    if sum(1 for each in raw if _command_type(each) == _CHAT_INPUT) > MAX_COMMANDS:
        message = f"Maximum number of application commands reached ({MAX_COMMANDS})"
        raise ApiError(400, 30032, message)
    commands = [_CommandReader(form).command((index,), each) for index, each in enumerate(raw)]
    seen: set[tuple[str, int]] = set()
    for index, command in enumerate(commands):
        key = (command["name"], command["type"])
        if key in seen:
            message = "Application command names must be unique"
            form.fail((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    form.raise_problems()
    scope: Json = {} if guild_id is None else {"guild_id": str(guild_id)}
    previous = {(each["name"], each["type"]): each for each in commands_of(world, guild_id)}
    registered = [
        _registered(world, each | scope, previous.get((each["name"], each["type"])))
        for each in commands
    ]
    others = [each for each in world.commands if each.get("guild_id") != scope.get("guild_id")]
    world.set_commands([*others, *registered])
    return registered


def commands_of(world: World, guild_id: int | None) -> list[Json]:
    """The commands of a server, or all global ones."""
    wanted = None if guild_id is None else str(guild_id)
    return [each for each in world.commands if each.get("guild_id") == wanted]


def _registered(world: World, command: Json, previous: Json | None) -> Json:
    if previous is not None and previous | command == previous:
        return previous
    command_id = previous["id"] if previous else str(world.snowflakes.next())
    return command | {
        "id": command_id,
        "application_id": str(world.bot.id),
        "version": str(world.snowflakes.next()),
    }


def _command_type(raw: object) -> object:
    return (raw.get("type") or _CHAT_INPUT) if isinstance(raw, dict) else None


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
        raw = form.mapping(path, value)
        kind = form.choice((*path, "type"), _command_type(raw), (1, 2, 3))
        command: Json = {
            "type": kind,
            "name": self._name(path, raw, strict=kind == _CHAT_INPUT),
            "name_localizations": None,
            "description": "",
            "description_localizations": None,
            "default_member_permissions": _read_permissions(
                form, (*path, "default_member_permissions"), raw.get("default_member_permissions")
            ),
            "dm_permission": raw.get("dm_permission") is not False,
            "contexts": raw.get("contexts"),
            "integration_types": raw.get("integration_types") or [0],
            "nsfw": bool(raw.get("nsfw", False)),
        }
        if kind == _CHAT_INPUT:
            command["description"] = self._description(path, raw)
            command["options"] = self._options(path, raw, depth=0)
        if sum(map(length, _texts(command))) > MAX_COMMAND_SIZE:
            message = f"Command exceeds maximum size ({MAX_COMMAND_SIZE})"
            form.fail(path, "APPLICATION_COMMAND_TOO_LARGE", message)
        return command

    def _name(self, path: Path, raw: Json, *, strict: bool = True) -> str:
        form, field_path = self.form, (*path, "name")
        problem_count = len(form.problems)
        name = form.text(field_path, raw.get("name"), 32, min_length=1, required=True)
        is_invalid = not _NAME.fullmatch(name) or name != name.lower()
        if strict and is_invalid and len(form.problems) == problem_count:
            form.fail(field_path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
        return name

    def _description(self, path: Path, raw: Json) -> str:
        field_path = (*path, "description")
        return self.form.text(field_path, raw.get("description"), 100, min_length=1, required=True)

    def _options(self, path: Path, raw: Json, depth: int) -> list[Json]:
        form, field_path = self.form, (*path, "options")
        options = [
            self._option((*field_path, index), each, depth)
            for index, each in enumerate(form.items(field_path, raw.get("options"), MAX_OPTIONS))
        ]
        names: set[str] = set()
        optional_seen = False
        is_nesting = [each["type"] in NESTING for each in options]
        if any(is_nesting) and not all(is_nesting):
            message = (
                "Sub-command and sub-command group option types "
                "are mutually exclusive to all other types"
            )
            form.fail(field_path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
        for index, option in enumerate(options):
            if option["name"] in names:
                code, message = "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name repeats"
                form.fail((*field_path, index, "name"), code, message)
            names.add(option["name"])
            required = option.get("required", False)
            if required and optional_seen:
                code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
                message = "Required options must be placed before non-required options"
                form.fail((*field_path, index), code, message)
            optional_seen = optional_seen or not required
        return options

    def _option(self, path: Path, value: object, depth: int) -> Json:
        form = self.form
        raw = form.mapping(path, value)
        kind = form.choice((*path, "type"), raw.get("type"), tuple(map(int, OptionType)))
        option: Json = {
            "type": kind,
            "name": self._name(path, raw),
            "description": self._description(path, raw),
        }
        if kind in NESTING:
            # A group may be in a command, a subcommand in either; there are no deeper levels.
            if depth > 1 or (kind == OptionType.SUB_COMMAND_GROUP and depth > 0):
                message = "Sub-command groups can't be nested"
                form.fail((*path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
            inner_depth = 2 if kind == OptionType.SUB_COMMAND else depth + 1
            return option | {"options": self._options(path, raw, inner_depth)}
        option["required"] = bool(raw.get("required", False))
        return option | self._limits(path, raw, kind)

    def _limits(self, path: Path, raw: Json, kind: int) -> Json:
        """The choices, bounds, channel types and autocomplete of an option."""
        form, limits = self.form, dict[str, Any]()
        if raw.get("choices"):
            limits["choices"] = read_choices(form, (*path, "choices"), raw["choices"], kind)
        if raw.get("autocomplete"):
            limits["autocomplete"] = True
            if limits.get("choices"):
                code = "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_WITH_CHOICES"
                form.fail((*path, "autocomplete"), code, "Autocomplete can't be used with choices")
        for key in ("min_value", "max_value", "channel_types"):
            if raw.get(key) is not None:
                limits[key] = raw[key]
        for key in ("min_length", "max_length"):
            if raw.get(key) is not None:
                limits[key] = form.integer((*path, key), raw[key], 0, 6000)
        return limits


def read_choices(form: Form, path: Path, value: object, kind: int) -> list[Json]:
    """Check the choices of an option, or of a response to autocomplete."""
    choices: list[Json] = []
    for index, each in enumerate(form.items(path, value, MAX_CHOICES)):
        field_path: Path = (*path, index)
        raw = form.mapping(field_path, each)
        name = form.text((*field_path, "name"), raw.get("name"), 100, min_length=1, required=True)
        choice_value = raw.get("value")
        if kind == OptionType.STRING:
            choice_value = form.text(
                (*field_path, "value"), choice_value, 100, min_length=1, required=True
            )
        elif isinstance(choice_value, bool) or not isinstance(choice_value, int | float):
            form.fail(
                (*field_path, "value"),
                "NUMBER_TYPE_COERCE",
                f'Value "{choice_value}" is not a number.',
            )
        choices.append({"name": name, "value": choice_value})
    return choices


def _read_permissions(form: Form, path: Path, value: object) -> str | None:
    """The permissions that a member needs by default: bits as text or number."""
    if value is None:
        return None
    if (bits := read_id(value)) is None:
        form.fail(path, "NUMBER_TYPE_COERCE", f'Value "{str(value)[:100]}" is not int.')
    return str(bits)
