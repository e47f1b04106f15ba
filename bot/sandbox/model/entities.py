"""The entities of Discord: users, servers, roles, channels, members, messages.

Plain state without behaviour; only `world.World` changes it. Ids are integers here and strings
in payloads. Times are UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

Json = dict[str, Any]


class ChannelType(IntEnum):
    """Kinds of channels.

    https://docs.discord.com/developers/resources/channel#channel-object-channel-types
    """

    TEXT = 0
    DM = 1
    VOICE = 2
    GROUP_DM = 3
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


THREADS = frozenset(
    {ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD}
)
TEXT_CHANNELS = THREADS | {
    ChannelType.TEXT,
    ChannelType.DM,
    ChannelType.GROUP_DM,
    ChannelType.VOICE,
    ChannelType.ANNOUNCEMENT,
}


class MessageFlag(IntEnum):
    """Flags of a message.

    https://docs.discord.com/developers/resources/message#message-object-message-flags
    """

    CROSSPOSTED = 1 << 0
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_COMPONENTS_V2 = 1 << 15


class ChannelFlag(IntEnum):
    """Flags of a channel.

    https://docs.discord.com/developers/resources/channel#channel-object-channel-flags
    """

    REQUIRE_TAG = 1 << 4


class OverwriteType(IntEnum):
    """Whose permissions an overwrite changes."""

    ROLE = 0
    MEMBER = 1


@dataclass(slots=True)
class User:
    """An account: a person, or the bot."""

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False
    has_app: bool = False
    """Whether the bot's application is installed for this account."""


@dataclass(slots=True)
class Role:
    """A role of a server. The one with the server's own id is `@everyone`."""

    id: int
    guild_id: int
    name: str
    permissions: int
    position: int = 0
    color: int = 0
    managed: bool = False
    mentionable: bool = False


@dataclass(slots=True)
class Overwrite:
    """The permissions that one role or member is allowed and denied in one channel."""

    id: int
    type: OverwriteType
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class ForumTag:
    """A tag that threads of a forum can have; only moderators apply a moderated one."""

    id: int
    name: str
    moderated: bool = False


@dataclass(slots=True)
class Channel:
    """A channel or thread of a server, or direct messages.

    These are between the bot and one person, its `recipient_id`, or among a group of people without
    the bot, the `recipient_ids`. A thread's `parent_id` is its channel. Only threads and groups
    have an owner; only threads are archived or locked. `applied_tags` are ids of the
    `available_tags` of the forum in which a thread is.
    """

    id: int
    type: ChannelType
    name: str = ""
    guild_id: int | None = None
    position: int = 0
    topic: str | None = None
    parent_id: int | None = None
    recipient_id: int | None = None
    recipient_ids: list[int] = field(default_factory=list)
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    owner_id: int | None = None
    archived: bool = False
    locked: bool = False
    archive_changed_at: datetime | None = None
    archive_minutes: int = 4320
    age_restricted: bool = False
    flags: int = 0
    available_tags: list[ForumTag] = field(default_factory=list)
    applied_tags: list[int] = field(default_factory=list)

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread of another channel."""
        return self.type in THREADS


@dataclass(slots=True)
class Member:
    """A user in a server."""

    guild_id: int
    user_id: int
    joined_at: datetime
    nick: str | None = None
    roles: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Guild:
    """A server with its roles, channels and members."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)


@dataclass(slots=True)
class Message:
    """A message. Embeds, components and attachments are stored as Discord returns them."""

    id: int
    channel_id: int
    author_id: int
    timestamp: datetime
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    # Ids of the attachments that only the embeds show.
    embedded: list[int] = field(default_factory=list)
    mentions: list[int] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    flags: int = 0
    type: int = 0
    edited_timestamp: datetime | None = None
    webhook_id: int | None = None
    # For a reply to an interaction: its metadata, and the full command name, such as `news topic`.
    interaction: Json | None = None
    command: str | None = None
    reference: Json | None = None
    # Stored only if the sender set `enforce_nonce`; never returned.
    nonce: str | None = None
    # For an ephemeral reply: the person who sees it.
    ephemeral_for: int | None = None
