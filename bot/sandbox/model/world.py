"""Every way to change the state.

Each method emits an `Event` for the gateway and the page, and a `Change` for the saved state.
Nothing here awaits or does I/O.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from bot.sandbox.clock import Clock
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import (
    Channel,
    ChannelFlag,
    ChannelType,
    ForumTag,
    Guild,
    Json,
    Member,
    Message,
    Overwrite,
    OverwriteType,
    Role,
    User,
)
from bot.sandbox.model.permissions import Permission
from bot.sandbox.model.snowflakes import Snowflakes, moment_of
from bot.sandbox.model.world_state import WorldState

Saved = User | Guild | Channel | Message | list[Json] | Json


class Event(NamedTuple):
    """Something happened; `name` is the name of the gateway's event.

    `build` creates the payload when it is needed; `message` is set for messages and `member_id`
    for members.
    """

    name: str
    build: Callable[[], Json]
    guild_id: int | None = None
    message: Message | None = None
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the saved state to write or, if `value` is None, to delete."""

    kind: str
    key: int
    value: Saved | None


class World(WorldState):
    """The state with the methods that change it.

    The dictionaries are for reading only.
    """

    def __init__(self, clock: Clock, snowflakes: Snowflakes) -> None:
        super().__init__()
        self.clock = clock
        self.snowflakes = snowflakes
        self._listeners: list[Callable[[Event], None]] = []
        self._change_listeners: list[Callable[[Change], None]] = []

    def on_event(self, listener: Callable[[Event], None]) -> None:
        """Add a listener of events."""
        self._listeners.append(listener)

    def remove_listener(self, listener: Callable[[Event], None]) -> None:
        """Remove a listener of events."""
        self._listeners.remove(listener)

    def on_change(self, listener: Callable[[Change], None]) -> None:
        """Add a listener of changes of the saved state."""
        self._change_listeners.append(listener)

    def emit(
        self,
        name: str,
        build: Callable[[], Json],
        guild_id: int | None = None,
        message: Message | None = None,
        member_id: int | None = None,
    ) -> None:
        """Publish an event to the listeners."""
        event = Event(name, build, guild_id, message, member_id)
        for listener in tuple(self._listeners):
            listener(event)

    def _save(self, kind: str, key: int, value: Saved | None) -> None:
        for listener in self._change_listeners:
            listener(Change(kind, key, value))

    def _save_guild(self, guild_id: int) -> None:
        self._save("guild", guild_id, self.guilds.get(guild_id))

    # People and servers

    def add_user(self, username: str, *, global_name: str | None = None, bot: bool = False) -> User:
        """Add an account."""
        user = User(self.snowflakes.next(), username, global_name, bot)
        self.users[user.id] = user
        self._save("user", user.id, user)
        return user

    def install_app(self, user_id: int) -> None:
        """Install the bot's application for an account, which can then use it everywhere."""
        user = self.users[user_id]
        user.has_app = True
        self._save("user", user.id, user)

    def add_guild(
        self, name: str, owner_id: int, *, everyone: int, bot_permissions: int | None = None
    ) -> Guild:
        """Add a server with its owner; with `bot_permissions` the bot joins with a role."""
        guild_id = self.snowflakes.next()
        guild = Guild(guild_id, name, owner_id)
        guild.roles[guild_id] = Role(guild_id, guild_id, "@everyone", everyone)
        guild.members[owner_id] = Member(guild_id, owner_id, self.clock())
        if bot_permissions is not None:
            bot_role = Role(
                self.snowflakes.next(),
                guild_id,
                self.bot.username,
                bot_permissions,
                position=1,
                managed=True,
            )
            guild.roles[bot_role.id] = bot_role
            guild.members[self.bot.id] = Member(
                guild_id, self.bot.id, self.clock(), roles=[bot_role.id]
            )
        self.guilds[guild_id] = guild
        self._save_guild(guild_id)
        if bot_permissions is not None:
            self.emit(
                "GUILD_CREATE", lambda: payloads.guild(self, guild, all_members=True), guild_id
            )
        return guild

    def rename_guild(self, guild_id: int, name: str) -> None:
        """Rename a server."""
        guild = self.guild(guild_id)
        guild.name = name
        self._save_guild(guild_id)
        self.emit("GUILD_UPDATE", lambda: payloads.guild_properties(guild, self.bot.id), guild_id)

    def delete_guild(self, guild_id: int) -> None:
        """Delete a server; the bot sees the same when it is removed from one."""
        guild = self.guild(guild_id)
        for channel_id in guild.channels:
            self._remove_messages(channel_id)
            del self.channels[channel_id]
        del self.guilds[guild_id]
        self._save_guild(guild_id)
        self.emit("GUILD_DELETE", lambda: {"id": str(guild_id)}, guild_id)

    def add_member(self, guild_id: int, user_id: int, roles: Iterable[int] = ()) -> Member:
        """Add a user to a server."""
        guild = self.guild(guild_id)
        member = Member(guild_id, user_id, self.clock(), roles=list(roles))
        guild.members[user_id] = member
        self._member_changed("GUILD_MEMBER_ADD", member)
        return member

    def set_member_roles(self, guild_id: int, user_id: int, roles: Iterable[int]) -> None:
        """Replace the roles of a member."""
        member = self.guild(guild_id).members[user_id]
        member.roles = list(roles)
        self._member_changed("GUILD_MEMBER_UPDATE", member)

    def _member_changed(self, name: str, member: Member) -> None:
        self._save_guild(member.guild_id)
        self.emit(
            name,
            lambda: payloads.member(self, member) | {"guild_id": str(member.guild_id)},
            member.guild_id,
            member_id=member.user_id,
        )

    def remove_member(self, guild_id: int, user_id: int) -> None:
        """Remove a user from a server; for the bot itself this is GUILD_DELETE."""
        del self.guild(guild_id).members[user_id]
        self._save_guild(guild_id)
        if user_id == self.bot.id:
            self.emit("GUILD_DELETE", lambda: {"id": str(guild_id)}, guild_id)
            return
        payload = {"guild_id": str(guild_id), "user": payloads.user(self.users[user_id])}
        self.emit("GUILD_MEMBER_REMOVE", lambda: payload, guild_id)

    # Roles

    def add_role(self, guild_id: int, name: str, permissions: int = 0, *, color: int = 0) -> Role:
        """Add a role above the others."""
        guild = self.guild(guild_id)
        role = Role(
            self.snowflakes.next(),
            guild_id,
            name,
            permissions,
            position=len(guild.roles),
            color=color,
            mentionable=True,
        )
        guild.roles[role.id] = role
        self._role_changed("GUILD_ROLE_CREATE", role)
        return role

    def set_role_permissions(self, guild_id: int, role_id: int, permissions: int) -> None:
        """Replace the permissions of a role; the role `@everyone` has the server's id."""
        role = self.guild(guild_id).roles[role_id]
        role.permissions = permissions
        self._role_changed("GUILD_ROLE_UPDATE", role)

    def _role_changed(self, name: str, role: Role) -> None:
        self._save_guild(role.guild_id)
        self.emit(
            name,
            lambda: {"guild_id": str(role.guild_id), "role": payloads.role(role, self.bot.id)},
            role.guild_id,
        )

    def delete_role(self, guild_id: int, role_id: int) -> None:
        """Delete a role and remove it from its members."""
        guild = self.guild(guild_id)
        del guild.roles[role_id]
        for each in guild.members.values():
            if role_id in each.roles:
                each.roles.remove(role_id)
        self._save_guild(guild_id)
        payload = {"guild_id": str(guild_id), "role_id": str(role_id)}
        self.emit("GUILD_ROLE_DELETE", lambda: payload, guild_id)

    # Channels

    def add_channel(
        self, guild_id: int, name: str, kind: ChannelType = ChannelType.TEXT, *, topic: str = ""
    ) -> Channel:
        """Add a channel at the end of a server's list."""
        guild = self.guild(guild_id)
        channel = Channel(
            self.snowflakes.next(),
            kind,
            name,
            guild_id,
            position=len(guild.channels),
            topic=topic or None,
        )
        guild.channels[channel.id] = self.channels[channel.id] = channel
        self._channel_changed("CHANNEL_CREATE", channel)
        return channel

    def set_forum_tags(
        self,
        forum_id: int,
        names: Iterable[str],
        *,
        moderated: Iterable[str] = (),
        required: bool = False,
    ) -> Channel:
        """Replace the tags of a forum; a tag whose name remains keeps its id."""
        forum = self.channel(forum_id)
        old = {each.name: each.id for each in forum.available_tags}
        moderators = set(moderated)
        forum.available_tags = [
            ForumTag(old.get(name) or self.snowflakes.next(), name, name in moderators)
            for name in dict.fromkeys((*names, *moderators))
        ]
        forum.flags = int(ChannelFlag.REQUIRE_TAG) if required else 0
        self._channel_changed("CHANNEL_UPDATE", forum)
        return forum

    def add_thread(
        self,
        parent_id: int,
        name: str,
        kind: ChannelType = ChannelType.PUBLIC_THREAD,
        *,
        owner_id: int | None = None,
        applied_tags: Iterable[int] = (),
        archive_minutes: int | None = None,
        message_id: int | None = None,
    ) -> Channel:
        """Add a thread to a channel; the owner of the server starts it, unless another is named.

        The thread of a message has the id of the message.
        """
        parent = self.channel(parent_id)
        guild = self.guild(parent.guild_id or 0)
        thread = Channel(
            message_id or self.snowflakes.next(),
            kind,
            name,
            guild.id,
            parent_id=parent_id,
            owner_id=owner_id or guild.owner_id,
            archive_changed_at=self.clock(),
            applied_tags=list(applied_tags),
        )
        if archive_minutes is not None:
            thread.archive_minutes = archive_minutes
        guild.channels[thread.id] = self.channels[thread.id] = thread
        self._thread_changed("THREAD_CREATE", thread, {"newly_created": True})
        return thread

    def update_thread(
        self,
        thread_id: int,
        *,
        name: str | None = None,
        applied_tags: Iterable[int] | None = None,
        archived: bool | None = None,
        locked: bool | None = None,
    ) -> Channel:
        """Change a thread; what is None stays as it is."""
        thread = self.channel(thread_id)
        if name is not None:
            thread.name = name
        if applied_tags is not None:
            thread.applied_tags = list(applied_tags)
        if archived is not None and archived != thread.archived:
            thread.archived = archived
            thread.archive_changed_at = self.clock()
        if locked is not None:
            thread.locked = locked
        self._thread_changed("THREAD_UPDATE", thread, {})
        return thread

    def archive_inactive_threads(self) -> None:
        """Archive the threads without a message for as long as they are to stay active.

        https://docs.discord.com/developers/topics/threads#active-archived-threads
        """
        now = self.clock()
        for thread in [each for each in self.channels.values() if each.is_thread]:
            last_id = self.log(thread.id).last_id
            times = [thread.archive_changed_at, moment_of(last_id) if last_id else None]
            active_at = max(filter(None, times), default=now)
            if not thread.archived and now - active_at >= timedelta(minutes=thread.archive_minutes):
                self.update_thread(thread.id, archived=True)

    def _thread_changed(self, name: str, thread: Channel, extra: Json) -> None:
        """Publish a thread's event, unless the bot can't see its channel."""
        if thread.guild_id is not None:
            self._save_guild(thread.guild_id)
        if self.permissions_in(thread.id, self.bot.id) & Permission.VIEW_CHANNEL:
            self.emit(name, lambda: payloads.channel(self, thread) | extra, thread.guild_id)

    def convert_channel(self, channel_id: int, kind: ChannelType) -> None:
        """Make an announcement channel of a text channel, or the other way round."""
        channel = self.channel(channel_id)
        channel.type = kind
        self._channel_changed("CHANNEL_UPDATE", channel)

    def restrict_channel(self, channel_id: int, *, age_restricted: bool) -> None:
        """Let only adults see a channel, or everybody."""
        channel = self.channel(channel_id)
        channel.age_restricted = age_restricted
        self._channel_changed("CHANNEL_UPDATE", channel)

    def rename_channel(self, channel_id: int, name: str) -> None:
        """Rename a channel."""
        channel = self.channel(channel_id)
        channel.name = name
        self._channel_changed("CHANNEL_UPDATE", channel)

    def set_overwrite(
        self,
        channel_id: int,
        target_id: int,
        kind: OverwriteType,
        *,
        allow: int = 0,
        deny: int = 0,
    ) -> None:
        """Replace the overwrite of a role or member in a channel; without bits it is removed."""
        channel = self.channel(channel_id)
        if allow or deny:
            channel.overwrites[target_id] = Overwrite(target_id, kind, allow, deny)
        else:
            channel.overwrites.pop(target_id, None)
        self._channel_changed("CHANNEL_UPDATE", channel)

    def _channel_changed(self, name: str, channel: Channel) -> None:
        if channel.guild_id is not None:
            self._save_guild(channel.guild_id)
        self.emit(name, lambda: payloads.channel(self, channel), channel.guild_id)

    def delete_channel(self, channel_id: int) -> None:
        """Delete a channel with its messages and threads."""
        channel = self.channel(channel_id)
        if channel.is_thread:
            self._delete_thread(channel)
            return
        for thread in [each for each in self.channels.values() if each.parent_id == channel_id]:
            if thread.is_thread:
                self._forget_thread(thread)
        payload = payloads.channel(self, channel)
        self._remove_messages(channel_id)
        del self.channels[channel_id]
        if channel.guild_id is not None:
            del self.guilds[channel.guild_id].channels[channel_id]
            self._save_guild(channel.guild_id)
        self.emit("CHANNEL_DELETE", lambda: payload, channel.guild_id)

    def _delete_thread(self, thread: Channel) -> None:
        keys = ("id", "guild_id", "parent_id", "type")
        payload = {key: payloads.channel(self, thread)[key] for key in keys}
        visible = self.permissions_in(thread.id, self.bot.id) & Permission.VIEW_CHANNEL
        self._forget_thread(thread)
        if visible:
            self.emit("THREAD_DELETE", lambda: payload, thread.guild_id)

    def _forget_thread(self, thread: Channel) -> None:
        self._remove_messages(thread.id)
        del self.channels[thread.id]
        if thread.guild_id is not None:
            del self.guilds[thread.guild_id].channels[thread.id]
            self._save_guild(thread.guild_id)

    def direct_channel(self, user_id: int) -> Channel:
        """The direct message channel of the bot and a person, created if there is none."""
        for channel in self.channels.values():
            if channel.recipient_id == user_id:
                return channel
        channel = Channel(self.snowflakes.next(), ChannelType.DM, recipient_id=user_id)
        self.channels[channel.id] = channel
        self._save("direct", channel.id, channel)
        return channel

    def add_group(self, name: str, user_ids: Sequence[int]) -> Channel:
        """Add the direct messages of a group of people."""
        owner = user_ids[0]
        channel = Channel(
            self.snowflakes.next(),
            ChannelType.GROUP_DM,
            name,
            recipient_ids=list(user_ids),
            owner_id=owner,
        )
        self.channels[channel.id] = channel
        self._save("direct", channel.id, channel)
        return channel

    # Messages

    def add_message(self, message: Message, *, nonce: str | int | None = None) -> None:
        """Add a message; its event contains the nonce."""
        self.log_of(message).put(message)
        self._message_changed("MESSAGE_CREATE", message, {} if nonce is None else {"nonce": nonce})

    def update_message(self, message: Message) -> None:
        """Publish that a message was changed."""
        self._message_changed("MESSAGE_UPDATE", message, {})

    def _message_changed(self, name: str, message: Message, extra: Json) -> None:
        if message.ephemeral_for is None:
            self._save("message", message.id, message)
        self.emit(
            name,
            lambda: payloads.message_event(self, message) | extra,
            self._guild_of(message.channel_id),
            message,
        )

    def delete_message(self, message: Message) -> None:
        """Delete a message."""
        self.log_of(message).remove(message.id)
        self._save("message", message.id, None)
        guild_id = self._guild_of(message.channel_id)
        payload: Json = {"id": str(message.id), "channel_id": str(message.channel_id)}
        if guild_id is not None:
            payload["guild_id"] = str(guild_id)
        self.emit("MESSAGE_DELETE", lambda: payload, guild_id, message)

    def _guild_of(self, channel_id: int) -> int | None:
        channel = self.channels.get(channel_id)
        return channel.guild_id if channel else None

    def _remove_messages(self, channel_id: int) -> None:
        log = self._logs.pop(channel_id, None)
        for message in log.all() if log else ():
            self._save("message", message.id, None)
        for key in [key for key in self._ephemeral if key[0] == channel_id]:
            del self._ephemeral[key]

    # Commands

    def set_commands(self, commands: list[Json]) -> None:
        """Replace the registered commands, as JSON of the API."""
        self.commands = commands
        self._save("commands", 0, commands)
        # Not an event of Discord's gateway: only the page listens to this name.
        self.emit("SANDBOX_COMMANDS", lambda: {"commands": commands})
