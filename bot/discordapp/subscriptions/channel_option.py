"""The option of a command that is a channel for stories."""

from typing import TypeAlias

import discord
from discord import app_commands
from discord.app_commands.transformers import UnionChannelTransformer
from typing_extensions import override

from bot.discordapp.permissions import PostingChannel

CHANNEL_TYPES = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)


class _PostingChannels(UnionChannelTransformer[discord.Client]):
    """Offers the channels that can get stories; discord.py would add media channels to forums."""

    def __init__(self) -> None:
        super().__init__(discord.TextChannel, discord.Thread, discord.ForumChannel)

    @property
    @override
    def channel_types(self) -> list[discord.ChannelType]:
        return list(CHANNEL_TYPES)


ChannelOption: TypeAlias = app_commands.Transform[PostingChannel, _PostingChannels]
