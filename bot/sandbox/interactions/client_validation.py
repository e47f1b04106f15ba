"""What Discord's client checks before the bot receives anything: commands, options and selects.

All of it raises `PersonError` with one line for the person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from bot.sandbox.errors import PersonError
from bot.sandbox.interactions.application_commands import NESTING, OptionType
from bot.sandbox.interactions.interaction import context_of
from bot.sandbox.model import payloads
from bot.sandbox.model.attachments import Attachments
from bot.sandbox.model.components import ComponentType
from bot.sandbox.model.entities import Channel, ChannelType, Json
from bot.sandbox.model.field_validation import length
from bot.sandbox.model.permissions import PERMISSION_NAMES, Permission
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
        if command["id"] == command_id:
            break
    else:
        raise PersonError("The bot has no such command.", HTTPStatus.NOT_FOUND)
    allowed = world.permissions_in(channel.id, user_id)
    name = command["name"]
    contexts = command["contexts"]
    if contexts is not None and context_of(channel) not in contexts:
        raise PersonError(f"/{name} can't be used here.", HTTPStatus.FORBIDDEN)
    if channel.type is ChannelType.DM and contexts is None and not command["dm_permission"]:
        raise PersonError(f"/{name} can't be used in direct messages.", HTTPStatus.FORBIDDEN)
    if not allowed & Permission.VIEW_CHANNEL:
        raise PersonError("You can't see this channel.", HTTPStatus.FORBIDDEN)
    if not allowed & Permission.USE_APPLICATION_COMMANDS:
        raise PersonError("You may not use commands in this channel.", HTTPStatus.FORBIDDEN)
    if channel.guild_id is not None:
        _check_default_permissions(command, allowed)
    return command


def _check_default_permissions(command: Json, allowed: int) -> None:
    needed = command["default_member_permissions"]
    if needed is None or allowed & Permission.ADMINISTRATOR:
        return
    lacking = int(needed) & ~allowed
    if lacking or int(needed) == 0:
        names = [name for bit, name in PERMISSION_NAMES.items() if bit & lacking]
        who = f"needs {', '.join(names)}" if names else "is for administrators"
        raise PersonError(f"/{command['name']} {who}.", HTTPStatus.FORBIDDEN)


def options_from_names(command: Json, path: list[str], values: Mapping[str, object]) -> list[Json]:
    """Discord's nested option objects, from a path of sub-commands and values by option name."""
    found: list[Json] = command.get("options", [])
    nesting: list[Json] = []
    for name in path:
        nested = next((o for o in found if o["name"] == name and o["type"] in NESTING), None)
        if nested is None:
            raise PersonError(f"/{command['name']} has no sub-command {name}.")
        nesting.append(nested)
        found = nested["options"]
    by_name = {each["name"]: each for each in found}
    for name in values:
        if name not in by_name:
            raise PersonError(f"/{' '.join([command['name'], *path])} has no option {name}.")
    options: list[Json] = [
        {"name": name, "type": by_name[name]["type"], "value": _as_sent(value)}
        for name, value in values.items()
    ]
    for nested in reversed(nesting):
        options = [{"name": nested["name"], "type": nested["type"], "options": options}]
    return options


def _as_sent(value: object) -> object:
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

    def options(self, known: Iterable[Json], given: object) -> list[Json]:
        """Check a command's options; returns them as Discord sends them to the bot."""
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            raise PersonError("Options must be a list of objects.")
        by_name = {each["name"]: each for each in known}
        checked = [self._option(by_name.get(each.get("name", "")), each) for each in given]
        names = {each["name"] for each in checked}
        if len(names) != len(checked):
            raise PersonError("An option is given twice.")
        if any(option["type"] in NESTING for option in by_name.values()) and len(checked) != 1:
            raise PersonError("Choose one sub-command.")
        missing = [n for n, o in by_name.items() if o.get("required") and n not in names]
        if missing and not self.focused:
            raise PersonError(f"The option {missing[0]} is required.")
        return checked

    def _option(self, known: Json | None, given: Json) -> Json:
        name = given.get("name")
        if known is None:
            raise PersonError(f"There is no option {name}.")
        kind = known["type"]
        if kind in NESTING:
            return {
                "name": name,
                "type": kind,
                "options": self.options(known["options"], given.get("options", [])),
            }
        value = given.get("value")
        if given.get("focused"):
            if not known.get("autocomplete"):
                raise PersonError(f"The option {name} has no completion.")
            return {"name": name, "type": kind, "value": str(value or ""), "focused": True}
        return {"name": name, "type": kind, "value": self._value(known, kind, value)}

    def _value(self, known: Json, kind: int, value: object) -> object:
        name = known["name"]
        if kind == OptionType.STRING:
            checked: object = self._string(known, value)
        elif kind in {OptionType.INTEGER, OptionType.NUMBER}:
            checked = self._number(known, kind, value)
        elif kind == OptionType.BOOLEAN:
            if not isinstance(value, bool):
                raise PersonError(f"{name} must be true or false.")
            checked = value
        elif kind == OptionType.ATTACHMENT:
            checked = self._attachment(name, value)
        else:
            checked = self._reference(name, kind, value, known.get("channel_types"))
        choices = known.get("choices")
        if choices and checked not in [each["value"] for each in choices]:
            offered = ", ".join(each["name"] for each in choices)
            raise PersonError(f"{name} must be one of: {offered}.")
        return checked

    @staticmethod
    def _string(known: Json, value: object) -> str:
        name = known["name"]
        if not isinstance(value, str):
            raise PersonError(f"{name} must be text.")
        least, most = known.get("min_length") or 0, known.get("max_length") or 6000
        if not least <= length(value) <= most:
            raise PersonError(f"{name} must have {least} to {most} characters.")
        return value

    @staticmethod
    def _number(known: Json, kind: int, value: object) -> int | float:
        name = known["name"]
        whole = kind == OptionType.INTEGER
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise PersonError(f"{name} must be a {'whole ' if whole else ''}number.")
        least, most = known.get("min_value"), known.get("max_value")
        if least is not None and value < least:
            raise PersonError(f"{name} must be at least {least}.")
        if most is not None and value > most:
            raise PersonError(f"{name} must be at most {most}.")
        return value

    def _attachment(self, name: str, value: object) -> str:
        """The id of a file that was uploaded before."""
        shape = self.attachments.get(int(str(value))) if str(value).isdecimal() else None
        if shape is None:
            raise PersonError(f"{name} must be a file.")
        self._resolve("attachments", int(shape["id"]), shape)
        return str(shape["id"])

    def selection(self, select: Json, values: Sequence[str]) -> None:
        """Check what is chosen in a select, and resolve its ids."""
        least, most = select["min_values"], select["max_values"]
        if not least <= len(set(values)) <= most or len(set(values)) != len(values):
            raise PersonError(f"Choose {least} to {most}." if least != most else f"Choose {least}.")
        if select["type"] == ComponentType.STRING_SELECT:
            if not {each["value"] for each in select["options"]}.issuperset(values):
                raise PersonError("That is not offered.")
            return
        kind = _SELECT_OPTIONS[ComponentType(select["type"])]
        for value in values:
            self._reference("The menu", kind, value, select.get("channel_types"))

    def _reference(
        self, name: str, kind: int, value: object, channel_types: list[int] | None = None
    ) -> str:
        """Check the id of a user, a channel or a role, and resolve it."""
        if not str(value).isdigit():
            raise PersonError(f"{name} must be an id.")
        target = int(str(value))
        guild = self.world.guilds.get(self.channel.guild_id or 0)
        found = False
        if kind in {OptionType.USER, OptionType.MENTIONABLE} and target in self.world.users:
            found = True
            self._resolve("users", target, payloads.user(self.world.users[target]))
            if guild and (member := guild.members.get(target)):
                shape = payloads.member_with_permissions(self.world, self.channel, member)
                del shape["user"]
                self._resolve("members", target, shape)
        if guild and kind in {OptionType.ROLE, OptionType.MENTIONABLE} and target in guild.roles:
            found = True
            self._resolve("roles", target, payloads.role(guild.roles[target]))
        if guild and kind == OptionType.CHANNEL and target in guild.channels:
            channel = guild.channels[target]
            if channel_types and channel.type not in channel_types:
                raise PersonError(f"{name} takes no channel of this kind.")
            found = True
            allowed = str(self.world.permissions_in(target, self.user_id))
            self._resolve(
                "channels", target, payloads.channel(self.world, channel) | {"permissions": allowed}
            )
        if not found:
            raise PersonError(f"{name}: nothing here has the id {target}.")
        return str(target)

    def _resolve(self, kind: str, target: int, shape: Json) -> None:
        self.resolved.setdefault(kind, {})[str(target)] = shape
