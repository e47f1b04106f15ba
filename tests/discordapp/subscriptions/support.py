"""Helpers that use an editor as an admin does, and a second server."""

import asyncio
import copy
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.sandbox import Permission, UploadedFile
from bot.sandbox.model.entities import Message
from tests.support.desk import Desk, button_id

EVERYONE = Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | Permission.USE_APPLICATION_COMMANDS
REFUSED = "You need **Manage Server**"
BOT = EVERYONE | Permission.EMBED_LINKS | Permission.READ_MESSAGE_HISTORY


def components(message: Message) -> dict[str, dict[str, Any]]:
    """The components of a message by the last part of their custom_id."""
    return {
        each["custom_id"].rpartition(":")[2]: each
        for row in message.components
        for each in row["components"]
    }


def chosen(message: Message, field: str) -> list[str]:
    """The chosen values of a select."""
    select = components(message)[field]
    if "options" in select:
        return [each["value"] for each in select["options"] if each["default"]]
    return [each["id"] for each in select.get("default_values", [])]


def described(message: Message) -> str:
    """The text of an editor: what it will do, the latest matches, and how many to expect."""
    embed = message.embeds[0]
    fields = [f"{each['name']}: {each['value']}" for each in embed.get("fields", [])]
    footer = embed.get("footer", {}).get("text", "")
    return "\n".join([embed["title"], embed.get("description", ""), *fields, footer])


def problems(message: Message) -> str:
    """The problems that an editor shows above its buttons."""
    assert message.content == ""
    return "\n".join(embed["description"] for embed in message.embeds[1:])


async def until(desk: Desk, path: str, options: dict[str, Any], words: str) -> str:
    """Repeat a command until its answer contains the text, and return the answer."""
    async with asyncio.timeout(60):
        while True:
            answer = await desk.ask(path, options)
            text = answer.content + "".join(described(answer) for _ in answer.embeds)
            if words in text:
                return text


async def choose(
    desk: Desk, message: Message, field: str, *values: str | int, person: str = "Ada"
) -> Message:
    """Choose in one of the editor's selects."""
    custom_id = components(message)[field]["custom_id"]
    used = await desk.sandbox.person(person).select(message.id, custom_id, values)
    return await used.settled()


async def open_look_and_style(desk: Desk, editor: Message) -> None:
    """Open the page of the editor for look, colour, facts and texts."""
    await desk.press(editor, "More…")
    await desk.press(editor, "Look and style…")


async def fill(
    desk: Desk, message: Message, label: str, filled: dict[str, str], person: str = "Ada"
) -> Message:
    """Open a form by its button, fill it in, and submit it."""
    who = desk.sandbox.person(person)
    opened = await who.press(message.id, button_id(message, label))
    await opened.answered()
    return await (await who.submit(opened, filled)).settled()


async def form_values(
    desk: Desk, message: Message, label: str, person: str = "Ada"
) -> dict[str, str]:
    """Open a form by its button, and return the texts of its inputs."""
    opened = await desk.sandbox.person(person).press(message.id, button_id(message, label))
    await opened.answered()
    assert opened.modal is not None
    inputs = [each for row in opened.modal["components"] for each in row["components"]]
    return {each["custom_id"]: each.get("value", "") for each in inputs}


async def only_subscription(desk: Desk) -> str:
    """The id of the only subscription, as autocompletion offers it."""
    (choice,) = await desk.sandbox.person("Ada").autocomplete(
        desk.channel().id, "subscriptions edit", "subscription", ""
    )
    return str(choice["value"])


async def attached(message: Message) -> str:
    """The text of the file that is attached to a message."""
    (file,) = message.attachments
    async with aiohttp.ClientSession() as session, session.get(file["url"]) as answer:
        return await answer.text()


def yaml_file(text: str) -> UploadedFile:
    """A file to import."""
    return UploadedFile("subscriptions.yaml", "application/yaml", text.encode())


def open_to_all(desk: Desk) -> None:
    """Let everyone see the commands, as admins can in Discord's settings."""
    for command in desk.sandbox.world.commands:
        command["default_member_permissions"] = None


@dataclass(frozen=True)
class Elsewhere:
    """A second server of Ada's that the bot is in, too. Max is a plain member of it."""

    desk: Desk
    guild_id: int
    channel_id: int

    async def ask(
        self, path: str, options: dict[str, Any] | None = None, person: str = "Ada"
    ) -> Message:
        """Run a command there."""
        used = await self.desk.sandbox.person(person).command(self.channel_id, path, options or {})
        return await used.settled()


def elsewhere(desk: Desk) -> Elsewhere:
    """Make the second server."""
    world = desk.sandbox.world
    guild = world.add_guild("Elsewhere", world.find_user("Ada").id, everyone=BOT)
    world.add_member(guild.id, world.bot.id)
    world.add_member(guild.id, world.find_user("Max").id)
    channel = world.add_channel(guild.id, "elsewhere")
    return Elsewhere(desk, guild.id, channel.id)


def plant(desk: Desk, channel_id: int, message: Message) -> Message:
    """A message of the bot with the same components, as if a client had crafted the request."""
    world = desk.sandbox.world
    planted = Message(world.snowflakes.next(), channel_id, world.bot.id, world.clock(), "planted")
    planted.components = copy.deepcopy(message.components)
    world.add_message(planted)
    return planted


# Files that are small and mean a lot: aliases of aliases, and depth.
BOMBS = (
    b"a: &a [x]\n"
    + b"".join(
        b"%c: &%c [%s]\n" % (each, each, b",".join([b"*%c" % (each - 1)] * 9))
        for each in range(ord("b"), ord("z"))
    )
    + b"subscriptions: [*y]\n",
    b"subscriptions: " + b"[" * 30_000,
    b"subscriptions: &s [*s]\n",
)


async def import_file(desk: Desk, file: UploadedFile) -> str:
    """Import a file and return the text of the answer."""
    used = await desk.sandbox.person("Ada").command(
        desk.channel().id, "subscriptions import", {"file": file}
    )
    return (await used.settled()).content
