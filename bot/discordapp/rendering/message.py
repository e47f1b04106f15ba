"""A message in full, in any look, before Discord has rejected anything of it."""

from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot.discordapp.rendering.layout import Layout
from bot.discordapp.rendering.line import FillLine


@dataclass(frozen=True, slots=True)
class Message:
    """A message in full, and (`plain_text`) how to write it if Discord rejects that.

    It has an `embed`, or a `layout`, or a `text` whose links have no previews; `view` contains its
    buttons. `mark` is the custom_id of one of them. `line` fills the line above it; None: there is
    none. `lists_stories`: the embed's description and fields contain the stories of a digest, and
    so do `more_embeds` below it.
    """

    view: discord.ui.View
    mark: str
    plain_text: Callable[[], str]
    embed: discord.Embed | None = None
    layout: Layout | None = None
    text: str = ""
    line: FillLine | None = None
    lists_stories: bool = False
    more_embeds: tuple[discord.Embed, ...] = ()
