"""One page of an answer, and the components below a message."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord

from storage.models import Story, Topic

# Storywire's own colour, for messages that are not about one provider.
ACCENT = discord.Colour(0x3B82C4)
QUIET = discord.Colour(0x6B7785)


# A story and the number that it has in a list.
NumberedStory: TypeAlias = tuple[int, Story]


@dataclass(frozen=True, slots=True)
class Page:
    """An embed that is page `number` (from 0) of `count` pages.

    The select below it opens one of the stories `listed`, or of the `topics`; `charted` is the
    topic whose chart belongs to it.
    """

    embed: discord.Embed
    number: int = 0
    count: int = 1
    listed: tuple[NumberedStory, ...] = ()
    topics: tuple[Topic, ...] = ()
    charted: Topic | None = None


def page_count(total: int, size: int) -> int:
    """How many pages `total` entries need, with `size` on each; at least one."""
    return max(1, -(-total // size))


def without_pictures(embed: discord.Embed) -> discord.Embed:
    """A copy of an embed without its picture and its icon."""
    copy = embed.copy().set_image(url=None).set_thumbnail(url=None)
    if copy.author.name:
        copy.set_author(name=copy.author.name)
    return copy


def only_text(embed: discord.Embed) -> discord.Embed:
    """A copy of an embed without anything but title, description, fields and footer."""
    copy = discord.Embed(title=embed.title, description=embed.description)
    for field in embed.fields:
        copy.add_field(name=field.name, value=field.value, inline=field.inline)
    if embed.footer.text:
        copy.set_footer(text=embed.footer.text)
    return copy


def persistent_view(items: Iterable[discord.ui.Item[Any]]) -> discord.ui.View:
    """Components that are answered by their custom_ids, also after a restart.

    The view is stopped, so that discord.py does not keep it in memory.
    """
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view
