"""JSON payloads of the entities, as the REST API, the gateway and the page send them.

https://docs.discord.com/developers/resources/message#message-object and the other resources.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.sandbox.model import permissions
from bot.sandbox.model.entities import (
    Channel,
    ChannelType,
    Guild,
    Json,
    Member,
    Message,
    Role,
    User,
)
from bot.sandbox.model.world_state import WorldState


def timestamp(moment: datetime) -> str:
    """ISO 8601 with an offset, as Discord writes times."""
    return moment.isoformat(timespec="microseconds")


def user(one: User) -> Json:
    """A user as others see it."""
    return {
        "id": str(one.id),
        "username": one.username,
        "discriminator": "0000" if one.bot else "0",
        "global_name": one.global_name,
        "avatar": None,
        "bot": one.bot,
        "public_flags": 0,
        "flags": 0,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
    }


def own_user(one: User) -> Json:
    """The bot's own account, as `GET /users/@me` shows it."""
    return user(one) | {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}


def application(bot: User, owner: User, guild_count: int) -> Json:
    """The bot's application."""
    return {
        "id": str(bot.id),
        "name": bot.username,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user(bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "integration_types_config": {"0": {}, "1": {}},
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "summary": "",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(owner),
        "approximate_guild_count": guild_count,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


def role(one: Role, bot_id: int | None = None) -> Json:
    """A role; a managed one belongs to the bot."""
    shape: Json = {
        "id": str(one.id),
        "name": one.name,
        "permissions": str(one.permissions),
        "position": one.position,
        "color": one.color,
        "colors": {"primary_color": one.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": one.managed,
        "mentionable": one.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if one.managed and bot_id is not None:
        shape["tags"] = {"bot_id": str(bot_id)}
    return shape


def member_without_user(one: Member) -> Json:
    """A member as a part of a message, which has the user elsewhere."""
    return {
        "roles": [str(role_id) for role_id in one.roles],
        "joined_at": timestamp(one.joined_at),
        "nick": one.nick,
        "avatar": None,
        "banner": None,
        "premium_since": None,
        "communication_disabled_until": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def member(world: WorldState, one: Member) -> Json:
    """A member with its user."""
    return member_without_user(one) | {"user": user(world.users[one.user_id])}


def channel(world: WorldState, one: Channel) -> Json:
    """A channel of a server, or a direct message."""
    last = world.last_message_id(one.id)
    shape: Json = {
        "id": str(one.id),
        "type": int(one.type),
        "flags": 0,
        "last_message_id": str(last) if last else None,
    }
    if one.type is ChannelType.DM:
        recipient = world.users[one.recipient_id or 0]
        return shape | {"recipients": [user(recipient)]}
    shape |= {
        "guild_id": str(one.guild_id),
        "name": one.name,
        "position": one.position,
        "parent_id": str(one.parent_id) if one.parent_id else None,
        "topic": one.topic,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "permission_overwrites": [
            {
                "id": str(overwrite.id),
                "type": int(overwrite.type),
                "allow": str(overwrite.allow),
                "deny": str(overwrite.deny),
            }
            for overwrite in one.overwrites.values()
        ],
    }
    if one.type is ChannelType.VOICE:
        shape |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    if one.type is ChannelType.FORUM:
        shape |= {"available_tags": [], "default_reaction_emoji": None}
    return shape


def guild_properties(one: Guild, bot_id: int) -> Json:
    """A server with its roles, as in GUILD_UPDATE."""
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "owner_id": str(one.owner_id),
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "widget_enabled": False,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "nsfw": False,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US",
        "vanity_url_code": None,
        "application_id": None,
        "features": [],
        "emojis": [],
        "stickers": [],
        "max_members": 500_000,
        "max_presences": None,
        "max_video_channel_users": 25,
        "roles": [role(each, bot_id) for each in one.roles.values()],
    }


def guild(world: WorldState, one: Guild, *, all_members: bool) -> Json:
    """A server with its channels and members, as in GUILD_CREATE.

    Without the members intent it contains only the bot's own member.
    """
    shown: Iterable[Member] = one.members.values()
    if not all_members:
        shown = [one.members[world.bot.id]] if world.bot.id in one.members else []
    return guild_properties(one, world.bot.id) | {
        "joined_at": timestamp(one.members[world.bot.id].joined_at)
        if world.bot.id in one.members
        else None,
        "large": False,
        "unavailable": False,
        "member_count": len(one.members),
        "members": [member(world, each) for each in shown],
        "channels": [channel(world, each) for each in one.channels.values()],
        "threads": [],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def message(world: WorldState, one: Message) -> Json:
    """A message as REST returns it: without its nonce."""
    shape: Json = {
        "id": str(one.id),
        "channel_id": str(one.channel_id),
        "author": user(world.users[one.author_id]),
        "type": one.type,
        "content": one.content,
        "embeds": one.embeds,
        "components": one.components,
        "attachments": one.attachments,
        "mentions": [user(world.users[each]) for each in one.mentions],
        "mention_roles": [str(each) for each in one.mention_roles],
        "mention_everyone": one.mention_everyone,
        "timestamp": timestamp(one.timestamp),
        "edited_timestamp": timestamp(one.edited_timestamp) if one.edited_timestamp else None,
        "flags": one.flags,
        "pinned": False,
        "tts": False,
    }
    if one.webhook_id is not None:
        shape |= {"webhook_id": str(one.webhook_id), "application_id": str(one.webhook_id)}
    if one.interaction is not None:
        shape["interaction_metadata"] = one.interaction
        if one.command is not None:
            # The deprecated object, which alone contains the command's name.
            # https://docs.discord.com/developers/interactions/receiving-and-responding#message-interaction-object
            shape["interaction"] = {
                "id": one.interaction["id"],
                "type": one.interaction["type"],
                "name": one.command,
                "user": one.interaction["user"],
            }
    if one.reference is not None:
        shape["message_reference"] = one.reference
    return shape


def message_event(world: WorldState, one: Message) -> Json:
    """A message as the gateway sends it: with its server and its author's member."""
    shape = message(world, one)
    found = world.channels.get(one.channel_id)
    if found is None or found.guild_id is None:
        return shape
    shape["guild_id"] = str(found.guild_id)
    author = world.guilds[found.guild_id].members.get(one.author_id)
    if author is not None:
        shape["member"] = member_without_user(author)
    return shape


def without_content(shape: Json, bot_id: int) -> Json:
    """A message as a bot without the message content intent receives it.

    Its own messages and those that mention it are unchanged; so are direct messages, for which
    callers don't use this.
    https://docs.discord.com/developers/events/gateway#message-content-intent
    """
    own = str(bot_id)
    if (
        shape["author"]["id"] == own
        or shape.get("application_id") == own
        or any(each["id"] == own for each in shape["mentions"])
    ):
        return shape
    return shape | {"content": "", "embeds": [], "components": [], "attachments": []}


def member_with_permissions(world: WorldState, found: Channel, one: Member) -> Json:
    """A member as a part of an interaction: with its permissions in the channel."""
    allowed = permissions.channel_permissions(world.guilds[one.guild_id], found, one)
    return member(world, one) | {"permissions": str(allowed)}
