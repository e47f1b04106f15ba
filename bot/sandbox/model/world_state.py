"""The state of the local Discord, for reading; `world.World` changes it."""

from collections import defaultdict

from bot.sandbox.errors import SandboxError
from bot.sandbox.model.entities import Channel, Guild, Json, Message, User
from bot.sandbox.model.message_log import MessageLog
from bot.sandbox.model.permissions import DIRECT_MESSAGE_PERMISSIONS, channel_permissions


class WorldState:
    """Users, servers, channels, messages and the bot's registered commands.

    `bot` is the bot's account, whose id is also its application's.
    """

    def __init__(self) -> None:
        self.bot = User(id=0, username="")
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.commands: list[Json] = []
        self._logs: dict[int, MessageLog] = defaultdict(MessageLog)
        self._ephemeral: dict[tuple[int, int], MessageLog] = defaultdict(MessageLog)

    # People and servers

    def guild(self, guild_id: int) -> Guild:
        """A server; SandboxError if there is none."""
        if (guild := self.guilds.get(guild_id)) is None:
            raise SandboxError(f"the sandbox has no server {guild_id}")
        return guild

    def channel(self, channel_id: int) -> Channel:
        """A channel; SandboxError if there is none."""
        if (channel := self.channels.get(channel_id)) is None:
            raise SandboxError(f"the sandbox has no channel {channel_id}")
        return channel

    def find_channel(self, name: str, guild_id: int | None = None) -> Channel:
        """A channel of a server by its name (without `#`); SandboxError if there is none."""
        for channel in self.channels.values():
            if channel.name == name and guild_id in {None, channel.guild_id}:
                return channel
        raise SandboxError(f"the sandbox has no channel #{name}")

    def find_user(self, username: str) -> User:
        """A user by name; SandboxError if there is none."""
        for user in self.users.values():
            if username in {user.username, user.global_name}:
                return user
        raise SandboxError(f"the sandbox has no user {username}")

    def permissions_in(self, channel_id: int, user_id: int) -> int:
        """The permissions of a user in a channel, as bits; 0 if the user is not in it."""
        channel = self.channel(channel_id)
        if channel.guild_id is None:
            alone_with_bot = {self.bot.id, channel.recipient_id}
            is_participant = user_id in (channel.recipient_ids or alone_with_bot)
            return int(DIRECT_MESSAGE_PERMISSIONS) if is_participant else 0
        guild = self.guilds[channel.guild_id]
        member = guild.members.get(user_id)
        if member is None:
            return 0
        if channel.is_thread and channel.parent_id is not None:
            parent = self.channel(channel.parent_id)
            return channel_permissions(guild, parent, member, in_thread=True)
        return channel_permissions(guild, channel, member)

    def active_threads(self, guild_id: int) -> list[Channel]:
        """The threads of a server that are not archived."""
        channels = self.guild(guild_id).channels.values()
        return [each for each in channels if each.is_thread and not each.archived]

    # Messages

    def log(self, channel_id: int) -> MessageLog:
        """The messages of a channel, without ephemeral ones."""
        return self._logs[channel_id]

    def ephemeral_log(self, channel_id: int, user_id: int) -> MessageLog:
        """The ephemeral messages that one person sees in a channel."""
        return self._ephemeral[channel_id, user_id]

    def log_of(self, message: Message) -> MessageLog:
        """The log that contains a message."""
        if message.ephemeral_for is None:
            return self._logs[message.channel_id]
        return self._ephemeral[message.channel_id, message.ephemeral_for]

    def last_message_id(self, channel_id: int) -> int | None:
        """The id of the newest message of a channel, or None."""
        log = self._logs.get(channel_id)
        return log.last_id if log else None
