"""Interactions of each kind, and data that no client sends."""

from collections.abc import Awaitable, Callable

from bot.sandbox.interactions.interaction import Interaction, InteractionType
from bot.sandbox.model.entities import Json, Message
from tests.discordapp.subscriptions.support import components, yaml_file
from tests.support.desk import Desk, button_id

Start = Callable[[], Awaitable[Interaction]]


def text_option(name: str, value: object, kind: int = 3, **more: object) -> Json:
    """An option of a command as Discord sends it."""
    return {"name": name, "type": kind, "value": value, **more}


def command(desk: Desk, path: str, *options: Json) -> Json:
    """The data of a command."""
    name, nested = path.split()
    (found,) = (each for each in desk.sandbox.world.commands if each["name"] == name)
    inner = {"name": nested, "type": 1, "options": list(options)}
    return {"id": found["id"], "name": name, "type": 1, "options": [inner]}


async def kinds(desk: Desk, editor: Message) -> dict[str, Start]:
    """Each kind of interaction, with as many fields as possible."""
    ada, channel_id = desk.sandbox.person("Ada"), desk.channel().id
    role = desk.sandbox.world.add_role(desk.channel().guild_id or 0, "Readers")
    options = {
        "channel": channel_id,
        "mention": role.id,
        "best": 3,
        "silent": True,
        "mode": "daily",
    }
    parts = components(editor)
    form = await ada.press(editor.id, button_id(editor, "Filters…"))
    await form.answered()
    typed = text_option("topics", "a", focused=True)
    return {
        "command": lambda: ada.command(channel_id, "subscriptions add", options),
        "file": lambda: ada.command(
            channel_id, "subscriptions import", {"file": yaml_file("x: y")}
        ),
        "completion": lambda: ada.forge(
            channel_id, InteractionType.AUTOCOMPLETE, command(desk, "subscriptions add", typed)
        ),
        "select": lambda: ada.select(editor.id, parts["mention"]["custom_id"], [role.id]),
        "form": lambda: ada.submit(form, {"words": "moon"}),
    }
