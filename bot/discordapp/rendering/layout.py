"""A message that consists of components ("V2"): a container with texts, pictures and buttons. Pure.

Discord allows 4,000 characters in all texts of a message, and 40 components. Such a message has no
content and no embeds, and an edit can't turn it into one that has.
https://docs.discord.com/developers/components/reference
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord

from bot.discordapp.markdown import discord_length
from storage.reasons import Part

# Without the line above the container, which may have as many as are left.
TEXT_LENGTH = 3600

Component: TypeAlias = discord.ui.Item[Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A text; `part` is its name if it can be left out."""

    content: str
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Pictures:
    """One to ten pictures: pairs of an address and a description for screen readers."""

    items: tuple[tuple[str, str], ...]


Block: TypeAlias = Text | Pictures


@dataclass(frozen=True, slots=True)
class Layout:
    """A container with blocks, from top to bottom; the buttons are below them."""

    blocks: tuple[Block, ...]
    colour: discord.Colour | None = None

    @property
    def texts(self) -> list[str]:
        """The texts, from top to bottom."""
        return [block.content for block in self.blocks if isinstance(block, Text)]

    def view(self, above: str, buttons: Iterable[Component]) -> discord.ui.LayoutView:
        """The components of the message. A mention works only in the text `above` the container."""
        view = discord.ui.LayoutView(timeout=None)
        if above:
            view.add_item(discord.ui.TextDisplay(above))
        container = discord.ui.Container[Any](
            *map(_component, self.blocks),
            discord.ui.ActionRow(*buttons),
            accent_colour=self.colour,
        )
        view.add_item(container)
        view.stop()
        return view


def text_length(block: Block) -> int:
    """How much of a message's text a block takes, in UTF-16 units."""
    return discord_length(block.content) if isinstance(block, Text) else 0


def _component(block: Block) -> Component:
    match block:
        case Text(content):
            return discord.ui.TextDisplay(content)
        case Pictures(items):
            gallery = (
                discord.MediaGalleryItem(url, description=description or None)
                for url, description in items
            )
            return discord.ui.MediaGallery(*gallery)
