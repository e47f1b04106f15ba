"""Where a member asks: which messages of that server they may read.

The store knows where a story was posted. What a member may see is for their permissions to decide,
so a link never shows that a channel exists which they can't view.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord

from bot.discordapp.interactions import Interaction
from bot.discordapp.malformed import MALFORMED
from storage.models import PostedMessage


@dataclass(frozen=True, slots=True)
class Place:
    """A channel of a server in which a member uses a command or a component."""

    guild: discord.Guild
    member: discord.Member
    channel_id: int

    def readable(self, posted: Sequence[PostedMessage]) -> list[PostedMessage]:
        """The first of these messages in each channel that the member may read, this one first."""
        by_channel = dict[int, PostedMessage]()
        for each in posted:
            by_channel.setdefault(each.channel_id, each)
        found = [
            self._in_thread(each) for each in by_channel.values() if self._may_read(each.channel_id)
        ]
        return sorted(found, key=lambda each: each.channel_id != self.channel_id)

    def _in_thread(self, message: PostedMessage) -> PostedMessage:
        """In a forum, the thread of a message has its id, also if that is not recorded."""
        is_forum = isinstance(self.guild.get_channel(message.channel_id), discord.ForumChannel)
        return replace(message, thread_id=message.message_id) if is_forum else message

    def _may_read(self, channel_id: int) -> bool:
        if channel_id == self.channel_id:
            return True
        # An archived thread is unknown, and so are the members of a private one.
        channel = self.guild.get_channel_or_thread(channel_id)
        if channel is None or (isinstance(channel, discord.Thread) and channel.is_private()):
            return False
        try:
            held = channel.permissions_for(self.member)
        except (discord.ClientException, *MALFORMED):
            return False  # the gateway has sent the server's data only in part
        return held.view_channel and held.read_message_history


def place_of(interaction: Interaction) -> Place | None:
    """Where an interaction was used; None in direct messages, and in servers without the bot."""
    guild = interaction.client.get_guild(interaction.guild_id or 0)
    if guild is None or guild.unavailable or interaction.channel_id is None:
        return None
    # Their roles are those that Discord sent with the interaction.
    if not isinstance(interaction.user, discord.Member):
        return None
    return Place(guild, interaction.user, interaction.channel_id)
