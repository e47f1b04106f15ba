from typing import Any

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.clock import system_clock
from bot.sandbox.errors import ApiError
from bot.sandbox.interactions.application_commands import overwrite_commands
from bot.sandbox.model.snowflakes import Snowflakes
from bot.sandbox.model.world import World
from tests.sandbox.support import Rest


def option(**changes: object) -> dict[str, Any]:
    return {"type": 3, "name": "topic", "description": "d"} | changes


def command(*options: dict[str, Any], **changes: object) -> dict[str, Any]:
    return {"name": "news", "description": "d", "options": list(options)} | changes


def nested(depth: int) -> dict[str, Any]:
    inner = option()
    for _ in range(depth):
        inner = {"type": 2, "name": "g", "description": "d", "options": [inner]}
    return inner


@pytest.mark.parametrize(
    ("commands", "path", "code"),
    [
        ([command(name="News")], "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
        ([command(name="two words")], "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
        ([command(name="n" * 33)], "0.name", "BASE_TYPE_BAD_LENGTH"),
        ([command(description="")], "0.description", "BASE_TYPE_REQUIRED"),
        ([command(description="d" * 101)], "0.description", "BASE_TYPE_BAD_LENGTH"),
        ([command(), command()], "1.name", "APPLICATION_COMMANDS_DUPLICATE_NAME"),
        ([command(*[option(name=f"o{n}") for n in range(26)])],
         "0.options", "BASE_TYPE_MAX_LENGTH"),
        ([command(option(), option())], "0.options.1.name",
         "APPLICATION_COMMAND_OPTIONS_NAME_INVALID"),
        ([command(option(), option(name="b", required=True))], "0.options.1",
         "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"),
        ([command(option(choices=[{"name": "n", "value": "v"}] * 26))],
         "0.options.0.choices", "BASE_TYPE_MAX_LENGTH"),
        ([command(option(choices=[{"name": "n", "value": 5}]))],
         "0.options.0.choices.0.value", "STRING_TYPE_CONVERT"),
        ([command(option(type=4, choices=[{"name": "n", "value": "v"}]))],
         "0.options.0.choices.0.value", "NUMBER_TYPE_COERCE"),
        ([command(option(choices=[{"name": "n", "value": "v"}], autocomplete=True))],
         "0.options.0.autocomplete", "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_WITH_CHOICES"),
        ([command(nested(1), option())], "0.options",
         "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
        ([command(nested(2))], "0.options.0.options.0.type",
         "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
        ([command(*[option(name=f"o{n}", description="d" * 100,
                           choices=[{"name": "c" * 100, "value": "v" * 100}] * 2)
                    for n in range(20)])], "0", "APPLICATION_COMMAND_TOO_LARGE"),
    ],
)  # fmt: skip
def test_broken_rule_is_reported_with_its_path(commands: list[Any], path: str, code: str) -> None:
    """Names, counts, nesting and size follow Discord's rules."""
    with pytest.raises(ApiError) as caught:
        overwrite_commands(World(system_clock, Snowflakes(system_clock)), commands)
    node: Any = caught.value.errors
    for part in path.split("."):
        node = node[part]
    assert code in [each["code"] for each in node["_errors"]]


def test_more_than_a_hundred_commands_are_refused() -> None:
    """The code is 30032 instead of a form error."""
    commands = [command(name=f"c{n}") for n in range(101)]
    with pytest.raises(ApiError, match="30032"):
        overwrite_commands(World(system_clock, Snowflakes(system_clock)), commands)


async def test_command_keeps_its_id_while_its_name_stays(sandbox: Sandbox, rest: Rest) -> None:
    """Registering it again keeps the id; the version changes only with the command."""
    path = f"/applications/{sandbox.world.bot.id}/commands"
    _, first = await rest.call("PUT", path, [command(option())])
    _, same = await rest.call("PUT", path, [command(option())])
    _, changed = await rest.call("PUT", path, [command(option(), description="other")])
    assert same == first
    assert changed[0]["id"] == first[0]["id"]
    assert changed[0]["version"] != first[0]["version"]
    assert await rest.call("GET", path) == (200, changed)
    status, answer = await rest.call("GET", "/applications/5/commands")
    assert (status, answer["code"]) == (404, 10002)
