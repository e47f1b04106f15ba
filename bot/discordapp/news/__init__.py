"""`/news` and the buttons that go with it."""

from __future__ import annotations

from typing import TypeVar

import discord
from discord import app_commands

from bot.clock import Clock
from bot.discordapp.news.archive import Archive
from bot.discordapp.news.commands import NewsCommands
from bot.discordapp.news.pages import page_button
from bot.discordapp.news.posted import PostedStories, story_button
from storage.protocols import StoryStore

ClientT = TypeVar("ClientT", bound=discord.Client)


def setup(
    tree: app_commands.CommandTree[ClientT],
    store: StoryStore,
    clock: Clock,
    posted: PostedStories,
) -> None:
    """Let the tree's client answer `/news`, its page buttons, and the button below every post.

    `posted` tells which stories a post told. Call it once, before the commands are synced.
    """
    tree.add_command(NewsCommands(store, clock))
    tree.client.add_dynamic_items(page_button(Archive(store, clock)), story_button(posted))
