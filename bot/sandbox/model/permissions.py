"""Permissions: their bits, and how they follow from roles and overwrites.

https://docs.discord.com/developers/topics/permissions
"""

from enum import IntEnum

from bot.sandbox.model.entities import Channel, Guild, Member


class Permission(IntEnum):
    """The permissions that the sandbox knows by name; other bits are kept as they are."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38


ALL_PERMISSIONS = sum(Permission)

# The names in Discord's client, which the page shows.
PERMISSION_NAMES = {
    permission: (permission.name or "").replace("_", " ").title().replace("Guild", "Server")
    for permission in Permission
}

# The permissions that a posting bot needs; the page shows which of them are missing.
POSTING_PERMISSIONS = (
    Permission.VIEW_CHANNEL,
    Permission.SEND_MESSAGES,
    Permission.EMBED_LINKS,
    Permission.ATTACH_FILES,
    Permission.READ_MESSAGE_HISTORY,
    Permission.MENTION_EVERYONE,
)

THREAD_POSTING_PERMISSIONS = tuple(
    Permission.SEND_MESSAGES_IN_THREADS if each is Permission.SEND_MESSAGES else each
    for each in POSTING_PERMISSIONS
)

# In a direct message both sides have these permissions.
DIRECT_MESSAGE_PERMISSIONS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_APPLICATION_COMMANDS
)


def permission_named(name: str) -> Permission | None:
    """A permission by its name, written as `Send Messages` or `send_messages`; None if unknown."""
    wanted = name.strip().replace("_", " ").casefold()
    return next((p for p, n in PERMISSION_NAMES.items() if n.casefold() == wanted), None)


def guild_permissions(guild: Guild, member: Member) -> int:
    """The permissions of a member in a server: those of `@everyone` and of its roles."""
    if member.user_id == guild.owner_id:
        return ALL_PERMISSIONS
    allowed = guild.roles[guild.id].permissions
    for role_id in member.roles:
        if role := guild.roles.get(role_id):
            allowed |= role.permissions
    return ALL_PERMISSIONS if allowed & Permission.ADMINISTRATOR else allowed


def channel_permissions(
    guild: Guild, channel: Channel, member: Member, *, in_thread: bool = False
) -> int:
    """The permissions of a member in a channel, or in its threads, after its overwrites.

    Order: the overwrite of `@everyone`, those of all of the member's roles together (denied, then
    allowed), the member's own. Without View Channel nothing is left, and without Send Messages
    neither mentions, embeds nor files. In threads Send Messages in Threads takes its place.
    https://docs.discord.com/developers/topics/threads#permissions
    """
    needed = Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES
    allowed = guild_permissions(guild, member)
    if allowed & Permission.ADMINISTRATOR:
        return ALL_PERMISSIONS
    if everyone := channel.overwrites.get(guild.id):
        allowed = (allowed & ~everyone.deny) | everyone.allow
    allow = deny = 0
    for role_id in member.roles:
        if overwrite := channel.overwrites.get(role_id):
            allow |= overwrite.allow
            deny |= overwrite.deny
    allowed = (allowed & ~deny) | allow
    if own := channel.overwrites.get(member.user_id):
        allowed = (allowed & ~own.deny) | own.allow
    if not allowed & Permission.VIEW_CHANNEL:
        return 0
    if not allowed & needed:
        allowed &= ~(
            Permission.MENTION_EVERYONE
            | Permission.SEND_TTS_MESSAGES
            | Permission.ATTACH_FILES
            | Permission.EMBED_LINKS
        )
    return allowed
