"""Buttons that outlive a restart: those that turn pages, and the one below every post.

Nothing is remembered between presses: a custom_id says all (see `lookup.py`), and discord.py's
`DynamicItem` finds its class by pattern.
"""

from __future__ import annotations

import re
from typing import Any, Protocol, TypeAlias

import discord

from bot.discordapp.news.answer import (
    Interaction,
    errors_told,
    replace_page,
    send_page,
    send_words,
)
from bot.discordapp.news.archive import Archive
from bot.discordapp.news.lookup import Button, Lookup, LookupKind, from_custom_id
from bot.discordapp.rendering.page import Page
from bot.discordapp.rendering.story import story_page
from storage.models import Story

_UNKNOWN_BUTTON = "This button is from another version of me. Please ask again with `/news`."
_UNKNOWN_STORY = "I no longer know this story."

_Item: TypeAlias = discord.ui.Item[Any]
DynamicButton: TypeAlias = type[discord.ui.DynamicItem[_Item]]


class PostedStories(Protocol):
    """Knows which story a post told."""

    async def post_story(self, post_id: int, nonce: str, channel_id: int) -> Story | None:
        """The story of this post, or None if the nonce or the channel is not the post's own."""
        ...


def page_view(lookup: Lookup, page: Page) -> discord.ui.View | None:
    """The buttons that turn the pages of this answer, or None if it has but one.

    The view is stopped, so that discord.py keeps nothing of it in memory.
    """
    if page.count == 1:
        return None
    last = page.count - 1
    targets = {
        Button.FIRST: ("First", 0, page.number == 0),
        Button.PREVIOUS: ("Previous", page.number - 1, page.number == 0),
        Button.NEXT: ("Next", page.number + 1, page.number == last),
        Button.LAST: ("Last", last, page.number == last),
    }
    view = discord.ui.View(timeout=None)
    for button, (label, target, disabled) in targets.items():
        custom_id = lookup.to_custom_id(target, button)
        view.add_item(discord.ui.Button(label=label, custom_id=custom_id, disabled=disabled))
    view.stop()
    return view


def page_button(archive: Archive) -> DynamicButton:
    """The class that answers page buttons from this archive."""

    class PageButton(discord.ui.DynamicItem[_Item], template=r"news:(?s:.*)"):
        """A button that leads to another page of an answer."""

        @classmethod
        async def from_custom_id(
            cls, _interaction: Interaction, item: _Item, _match: re.Match[str], /
        ) -> PageButton:
            """The button as discord.py found it in the message."""
            return cls(item)

        async def callback(self, interaction: Interaction) -> None:
            """Look the page up anew and show it."""
            await _turn_page(interaction, archive, self.custom_id)

    return PageButton


def story_button(posted: PostedStories) -> DynamicButton:
    """The class that answers the button below a post (its custom_id is `Post.mark`)."""

    class StoryButton(
        discord.ui.DynamicItem[_Item],
        template=r"story:(?P<post>[0-9]{1,18}):(?P<nonce>[0-9a-f]{24})",
    ):
        """A button that shows everything about a posted story."""

        def __init__(self, item: _Item, post_id: int, nonce: str) -> None:
            super().__init__(item)
            self.post_id = post_id
            self.nonce = nonce

        @classmethod
        async def from_custom_id(
            cls, _interaction: Interaction, item: _Item, match: re.Match[str], /
        ) -> StoryButton:
            """The button with the post that its mark names."""
            return cls(item, int(match["post"]), match["nonce"])

        async def callback(self, interaction: Interaction) -> None:
            """Show the story to whoever pressed, and to nobody else."""
            await _show_story(interaction, posted, self.post_id, self.nonce)

    return StoryButton


async def _turn_page(interaction: Interaction, archive: Archive, custom_id: str) -> None:
    """Change the message for who asked; anybody else gets a copy of their own."""
    asked = from_custom_id(custom_id)
    if asked is None:
        await send_words(interaction, _UNKNOWN_BUTTON)
        return
    lookup, number = asked
    async with errors_told(interaction):
        page = await archive.look_up(lookup, number)
        view = page_view(lookup, page)
        if _asked_by_presser(interaction):
            await replace_page(interaction, page, view)
        else:
            await send_page(interaction, page, view, ephemeral=True)


def _asked_by_presser(interaction: Interaction) -> bool:
    origin = interaction.message.interaction_metadata if interaction.message else None
    return origin is not None and origin.user.id == interaction.user.id


async def _show_story(
    interaction: Interaction, posted: PostedStories, post_id: int, nonce: str
) -> None:
    async with errors_told(interaction):
        story = await posted.post_story(post_id, nonce, interaction.channel_id or 0)
        if story is None or story.withdrawn:
            await send_words(interaction, _UNKNOWN_STORY)
            return
        page = story_page(story, 0)
        view = page_view(Lookup(LookupKind.STORY, subject_id=story.id), page)
        await send_page(interaction, page, view, ephemeral=True)
