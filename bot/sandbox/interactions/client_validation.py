"""The checks of Discord's client before the bot receives anything: commands, options, selects.

Each raises `PersonError` with one line for the person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from bot.sandbox.errors import PersonError
from bot.sandbox.interactions.application_commands import NESTING, OptionType
from bot.sandbox.interactions.interaction import context_of, integration_owners
from bot.sandbox.model import payloads
from bot.sandbox.model.attachments import Attachments
from bot.sandbox.model.components import ComponentType
from bot.sandbox.model.entities import Channel, ChannelType, Json
from bot.sandbox.model.field_validation import length
from bot.sandbox.model.permissions import PERMISSION_NAMES, Permission
from bot.sandbox.model.snowflakes import read_id
from bot.sandbox.model.world import World

# What each select offers, in the terms of a command's options.
_SELECT_OPTIONS = {
    ComponentType.USER_SELECT: OptionType.USER,
    ComponentType.ROLE_SELECT: OptionType.ROLE,
    ComponentType.MENTIONABLE_SELECT: OptionType.MENTIONABLE,
    ComponentType.CHANNEL_SELECT: OptionType.CHANNEL,
}


def find_command(world: World, channel: Channel, user_id: int, command_id: str) -> Json:
    """A registered command, if the user may use it in the channel."""
    for command in world.commands:
        if command["id"] == command_id and is_offered(command, channel):
            break
    else:
        raise PersonError("The bot has no such command.", HTTPStatus.NOT_FOUND)
    allowed = world.permissions_in(channel.id, user_id)
    name = command["name"]
    contexts = command["contexts"]
    installed = integration_owners(world, channel, user_id)
    if not installed.keys() & set(command["integration_types"]):
        raise PersonError(f"/{name} is not installed here.", HTTPStatus.FORBIDDEN)
    if contexts is not None and context_of(channel) not in contexts:
        raise PersonError(f"/{name} can't be used here.", HTTPStatus.FORBIDDEN)
    if channel.type is ChannelType.DM and contexts is None and not command["dm_permission"]:
        raise PersonError(f"/{name} can't be used in direct messages.", HTTPStatus.FORBIDDEN)
    if not allowed & Permission.VIEW_CHANNEL:
        raise PersonError("You can't see this channel.", HTTPStatus.FORBIDDEN)
    if not allowed & Permission.USE_APPLICATION_COMMANDS:
        raise PersonError(
            "You don't have permission to use commands in this channel.", HTTPStatus.FORBIDDEN
        )
    if channel.guild_id is not None:
        _check_default_permissions(command, allowed)
    return command


def is_offered(command: Json, channel: Channel) -> bool:
    """Whether a command is global, or one of the channel's server."""
    return command.get("guild_id") in {None, str(channel.guild_id)}


def _check_default_permissions(command: Json, allowed: int) -> None:
    required = command["default_member_permissions"]
    if required is None or allowed & Permission.ADMINISTRATOR:
        return
    missing = int(required) & ~allowed
    if missing or int(required) == 0:
        names = [name for bit, name in PERMISSION_NAMES.items() if bit & missing]
        requirement = f"requires {', '.join(names)}" if names else "is for administrators only"
        raise PersonError(f"/{command['name']} {requirement}.", HTTPStatus.FORBIDDEN)


def options_from_names(command: Json, path: list[str], values: Mapping[str, object]) -> list[Json]:
    """Discord's nested option objects, from a path of subcommands and values by option name."""
    found: list[Json] = command.get("options", [])
    nesting: list[Json] = []
    for name in path:
        nested = next((o for o in found if o["name"] == name and o["type"] in NESTING), None)
        if nested is None:
            raise PersonError(f"/{command['name']} has no subcommand {name}.")
        nesting.append(nested)
        found = nested["options"]
    by_name = {each["name"]: each for each in found}
    for name in values:
        if name not in by_name:
            raise PersonError(f"/{' '.join([command['name'], *path])} has no option {name}.")
    options: list[Json] = [
        {"name": name, "type": by_name[name]["type"], "value": _serialize_id(value)}
        for name, value in values.items()
    ]
    for nested in reversed(nesting):
        options = [{"name": nested["name"], "type": nested["type"], "options": options}]
    return options


def _serialize_id(value: object) -> object:
    """Convert an id that is given as an integer to the text that Discord sends."""
    is_id = isinstance(value, int) and not isinstance(value, bool) and value > 2**40
    return str(value) if is_id else value


@dataclass
class InputChecker:
    """Checks what a person enters and collects the objects that it refers to (`resolved`)."""

    world: World
    channel: Channel
    user_id: int
    attachments: Attachments
    focused: bool = False
    resolved: dict[str, dict[str, Any]] = field(default_factory=dict)

    def options(self, declared: Iterable[Json], raw: object) -> list[Json]:
        """Check a command's options; returns them as Discord sends them to the bot."""
        if not isinstance(raw, list) or not all(isinstance(each, dict) for each in raw):
            raise PersonError("Options must be a list of objects.")
        by_name = {each["name"]: each for each in declared}
        checked = [self._option(by_name.get(each.get("name", "")), each) for each in raw]
        names = {each["name"] for each in checked}
        if len(names) != len(checked):
            raise PersonError("An option is given twice.")
        if any(option["type"] in NESTING for option in by_name.values()) and len(checked) != 1:
            raise PersonError("Choose one subcommand.")
        missing = [n for n, o in by_name.items() if o.get("required") and n not in names]
        if missing and not self.focused:
            raise PersonError(f"The option {missing[0]} is required.")
        return checked

    def _option(self, option: Json | None, raw: Json) -> Json:
        name = raw.get("name")
        if option is None:
            raise PersonError(f"The command has no option {name}.")
        kind = option["type"]
        if kind in NESTING:
            return {
                "name": name,
                "type": kind,
                "options": self.options(option["options"], raw.get("options", [])),
            }
        value = raw.get("value")
        if raw.get("focused"):
            if not option.get("autocomplete"):
                raise PersonError(f"The option {name} does not support autocomplete.")
            return {"name": name, "type": kind, "value": str(value or ""), "focused": True}
        return {"name": name, "type": kind, "value": self._value(option, kind, value)}

    def _value(self, option: Json, kind: int, value: object) -> object:
        name = option["name"]
        if kind == OptionType.STRING:
            checked: object = self._string(option, value)
        elif kind in {OptionType.INTEGER, OptionType.NUMBER}:
            checked = self._number(option, kind, value)
        elif kind == OptionType.BOOLEAN:
            if not isinstance(value, bool):
                raise PersonError(f"{name} must be true or false.")
            checked = value
        elif kind == OptionType.ATTACHMENT:
            checked = self._attachment(name, value)
        else:
            checked = self._reference(name, kind, value, option.get("channel_types"))
        choices = option.get("choices")
        if choices and checked not in [each["value"] for each in choices]:
            offered = ", ".join(each["name"] for each in choices)
            raise PersonError(f"{name} must be one of: {offered}.")
        return checked

    @staticmethod
    def _string(option: Json, value: object) -> str:
        name = option["name"]
        if not isinstance(value, str):
            raise PersonError(f"{name} must be text.")
        minimum, maximum = option.get("min_length") or 0, option.get("max_length") or 6000
        if not minimum <= length(value) <= maximum:
            raise PersonError(f"{name} must have {minimum} to {maximum} characters.")
        return value

    @staticmethod
    def _number(option: Json, kind: int, value: object) -> int | float:
        name = option["name"]
        is_integer = kind == OptionType.INTEGER
        if isinstance(value, bool) or not isinstance(value, int if is_integer else int | float):
            raise PersonError(f"{name} must be a {'whole ' if is_integer else ''}number.")
        minimum, maximum = option.get("min_value"), option.get("max_value")
        if minimum is not None and value < minimum:
            raise PersonError(f"{name} must be at least {minimum}.")
        if maximum is not None and value > maximum:
            raise PersonError(f"{name} must be at most {maximum}.")
        return value

    def _attachment(self, name: str, value: object) -> str:
        """The id of a file that was uploaded before."""
        file_id = read_id(value)
        payload = None if file_id is None else self.attachments.get(file_id)
        if payload is None:
            raise PersonError(f"{name} must be a file.")
        self._resolve("attachments", int(payload["id"]), payload)
        return str(payload["id"])

    def selection(self, select: Json, values: Sequence[str]) -> None:
        """Check the values chosen in a select, and resolve their ids."""
        minimum, maximum = select["min_values"], select["max_values"]
        if not minimum <= len(set(values)) <= maximum or len(set(values)) != len(values):
            raise PersonError(
                f"Choose {minimum} to {maximum}." if minimum != maximum else f"Choose {minimum}."
            )
        if select["type"] == ComponentType.STRING_SELECT:
            if not {each["value"] for each in select["options"]}.issuperset(values):
                raise PersonError("This value is not one of the options.")
            return
        kind = _SELECT_OPTIONS[ComponentType(select["type"])]
        for value in values:
            self._reference("The menu", kind, value, select.get("channel_types"))

    def _reference(
        self, name: str, kind: int, value: object, channel_types: list[int] | None = None
    ) -> str:
        """Check the id of a user, a channel or a role, and resolve it."""
        object_id = read_id(value)
        if object_id is None:
            raise PersonError(f"{name} must be an id.")
        guild = self.world.guilds.get(self.channel.guild_id or 0)
        found = False
        if kind in {OptionType.USER, OptionType.MENTIONABLE} and object_id in self.world.users:
            found = True
            self._resolve("users", object_id, payloads.user(self.world.users[object_id]))
            if guild and (member := guild.members.get(object_id)):
                payload = payloads.member_with_permissions(self.world, self.channel, member)
                del payload["user"]
                self._resolve("members", object_id, payload)
        if guild and kind in {OptionType.ROLE, OptionType.MENTIONABLE} and object_id in guild.roles:
            found = True
            self._resolve("roles", object_id, payloads.role(guild.roles[object_id]))
        if guild and kind == OptionType.CHANNEL and object_id in guild.channels:
            channel = guild.channels[object_id]
            if channel_types and channel.type not in channel_types:
                raise PersonError(f"{name} does not accept channels of this type.")
            found = True
            allowed = str(self.world.permissions_in(object_id, self.user_id))
            self._resolve(
                "channels",
                object_id,
                payloads.channel(self.world, channel) | {"permissions": allowed},
            )
        if not found:
            raise PersonError(f"{name}: there is nothing with the id {object_id}.")
        return str(object_id)

    def _resolve(self, kind: str, object_id: int, payload: Json) -> None:
        self.resolved.setdefault(kind, {})[str(object_id)] = payload
