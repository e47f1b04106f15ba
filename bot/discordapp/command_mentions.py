"""Writes mentions of the registered commands into answers.

Discord interprets them in the content of a message, and in an embed's description and the values
of its fields. Elsewhere, and while the ids are unknown, the name is shown.
"""

import json
from collections.abc import Mapping

import discord

from bot.discordapp.ids import parse_id
from bot.discordapp.markdown import discord_length
from bot.discordapp.messages.command_names import plain_command, quoted_command, replace_commands

# https://docs.discord.com/developers/resources/message#embed-object-embed-limits
_CONTENT, _DESCRIPTION, _VALUE, _EMBEDS = 2000, 4096, 1024, 6000


class CommandMentions:
    """The ids of the commands, once they are known. All subcommands have the id of their group."""

    def __init__(self) -> None:
        self.ids: Mapping[str, int] = {}
        """By the names of commands and groups."""

    def learn(self, ids: Mapping[str, int]) -> None:
        """Use these ids from now on, and those of other commands that are known."""
        self.ids = {**self.ids, **ids}

    def in_content(self, text: str) -> str:
        """The content of a message, with mentions if they fit."""
        return self._written(text, _CONTENT)

    def in_embeds(self, embeds: list[discord.Embed]) -> list[discord.Embed]:
        """Copies of the embeds of one message, with mentions if they fit."""
        written = [self._in_embed(each) for each in embeds]
        if sum(map(len, written)) <= _EMBEDS:
            return written
        return [_NO_MENTIONS._in_embed(each) for each in embeds]

    def _in_embed(self, embed: discord.Embed) -> discord.Embed:
        copy = embed.copy()
        copy.title = replace_commands(copy.title, plain_command) if copy.title else None
        if copy.description:
            copy.description = self._written(copy.description, _DESCRIPTION)
        for index, field in enumerate(copy.fields):
            value = self._written(field.value or "", _VALUE)
            name = replace_commands(field.name or "", plain_command)
            copy.set_field_at(index, name=name, value=value, inline=field.inline)
        if copy.footer.text:
            text = replace_commands(copy.footer.text, plain_command)
            copy.set_footer(text=text, icon_url=copy.footer.icon_url)
        return copy

    def _written(self, text: str, limit: int) -> str:
        written = replace_commands(text, self._mention)
        if discord_length(written) <= limit:
            return written
        return replace_commands(text, quoted_command)

    def _mention(self, name: str) -> str:
        command_id = self.ids.get(name.partition(" ")[0])
        return quoted_command(name) if command_id is None else f"</{name}:{command_id}>"


_NO_MENTIONS = CommandMentions()


def encode_ids(ids: Mapping[str, int]) -> str:
    """The ids as a value that can be stored."""
    return json.dumps({name: str(command_id) for name, command_id in ids.items()}, sort_keys=True)


def read_ids(answer: object) -> dict[str, int]:
    """The ids in Discord's list of commands; what can't be read is left out."""
    ids = dict[str, int]()
    for each in answer if isinstance(answer, list) else []:
        name = each.get("name") if isinstance(each, dict) else None
        if isinstance(name, str) and (command_id := parse_id(str(each.get("id", "")))) is not None:
            ids[name] = command_id
    return ids


def decode_ids(stored: str | None) -> dict[str, int]:
    """The ids of a stored value; none if it is damaged."""
    try:
        found: object = json.loads(stored or "{}")
    except ValueError:
        return {}
    items = found.items() if isinstance(found, dict) else []
    return read_ids([{"name": name, "id": value} for name, value in items])
