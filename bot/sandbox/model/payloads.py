"""JSON payloads of the entities, as the REST API, the gateway and the page send them.

https://docs.discord.com/developers/resources/message#message-object and the other resources.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.sandbox.model.entities import (
    Channel,
    ChannelType,
    Guild,
    Json,
    Member,
    Message,
    MessageFlag,
    Role,
    User,
)
from bot.sandbox.model.snowflakes import moment_of
from bot.sandbox.model.world_state import WorldState


def timestamp(moment: datetime) -> str:
    """ISO 8601 with an offset, as Discord writes times."""
    return moment.isoformat(timespec="microseconds")


def user(entity: User) -> Json:
    """A user as others see it."""
    return {
        "id": str(entity.id),
        "username": entity.username,
        "discriminator": "0000" if entity.bot else "0",
        "global_name": entity.global_name,
        "avatar": None,
        "bot": entity.bot,
        "public_flags": 0,
        "flags": 0,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
    }


def own_user(entity: User) -> Json:
    """The bot's own account, as `GET /users/@me` shows it."""
    return user(entity) | {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}


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


def role(entity: Role, bot_id: int | None = None) -> Json:
    """A role; a managed one belongs to the bot."""
    payload: Json = {
        "id": str(entity.id),
        "name": entity.name,
        "permissions": str(entity.permissions),
        "position": entity.position,
        "color": entity.color,
        "colors": {"primary_color": entity.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": entity.managed,
        "mentionable": entity.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if entity.managed and bot_id is not None:
        payload["tags"] = {"bot_id": str(bot_id)}
    return payload


def member_without_user(entity: Member) -> Json:
    """A member as part of a message, which contains the user separately."""
    return {
        "roles": [str(role_id) for role_id in entity.roles],
        "joined_at": timestamp(entity.joined_at),
        "nick": entity.nick,
        "avatar": None,
        "banner": None,
        "premium_since": None,
        "communication_disabled_until": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def member(world: WorldState, entity: Member) -> Json:
    """A member with its user."""
    return member_without_user(entity) | {"user": user(world.users[entity.user_id])}


def channel(world: WorldState, entity: Channel) -> Json:
    """A channel of a server, or a direct message."""
    last = world.last_message_id(entity.id)
    payload: Json = {
        "id": str(entity.id),
        "type": int(entity.type),
        "flags": entity.flags,
        "last_message_id": str(last) if last else None,
    }
    if entity.is_thread:
        return payload | _thread(world, entity)
    if entity.type is ChannelType.DM:
        recipient = world.users[entity.recipient_id or 0]
        return payload | {"recipients": [user(recipient)]}
    if entity.type is ChannelType.GROUP_DM:
        recipients = [user(world.users[each]) for each in entity.recipient_ids]
        owner = {"owner_id": str(entity.owner_id), "icon": None}
        return payload | owner | {"name": entity.name, "recipients": recipients}
    payload |= {
        "guild_id": str(entity.guild_id),
        "name": entity.name,
        "position": entity.position,
        "parent_id": str(entity.parent_id) if entity.parent_id else None,
        "topic": entity.topic,
        "nsfw": entity.age_restricted,
        "rate_limit_per_user": 0,
        "permission_overwrites": [
            {
                "id": str(overwrite.id),
                "type": int(overwrite.type),
                "allow": str(overwrite.allow),
                "deny": str(overwrite.deny),
            }
            for overwrite in entity.overwrites.values()
        ],
    }
    if entity.type is ChannelType.VOICE:
        payload |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    if entity.type is ChannelType.FORUM:
        payload |= {
            "available_tags": [
                {
                    "id": str(tag.id),
                    "name": tag.name,
                    "moderated": tag.moderated,
                    "emoji_id": None,
                    "emoji_name": None,
                }
                for tag in entity.available_tags
            ],
            "default_reaction_emoji": None,
        }
    return payload


def _thread(world: WorldState, entity: Channel) -> Json:
    """What only a thread has.

    https://docs.discord.com/developers/topics/threads#thread-fields
    """
    log = world.log(entity.id)
    # The first message of a forum's thread, which has the thread's id, is not counted.
    count = len(log) - (log.get(entity.id) is not None)
    changed_at = entity.archive_changed_at
    return {
        "guild_id": str(entity.guild_id),
        "name": entity.name,
        "parent_id": str(entity.parent_id),
        "owner_id": str(entity.owner_id),
        "rate_limit_per_user": 0,
        "message_count": count,
        "total_message_sent": count,
        "member_count": 1,
        "thread_metadata": {
            "archived": entity.archived,
            "locked": entity.locked,
            "auto_archive_duration": entity.archive_minutes,
            "archive_timestamp": timestamp(changed_at) if changed_at else None,
        },
        "applied_tags": [str(tag_id) for tag_id in entity.applied_tags],
    }


def thread_member(entity: Channel, user_id: int) -> Json:
    """The membership of a thread's owner."""
    return {
        "id": str(entity.id),
        "user_id": str(user_id),
        "join_timestamp": timestamp(moment_of(entity.id)),
        "flags": 0,
    }


def guild_properties(entity: Guild, bot_id: int) -> Json:
    """A server with its roles, as in GUILD_UPDATE."""
    return {
        "id": str(entity.id),
        "name": entity.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "owner_id": str(entity.owner_id),
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
        "roles": [role(each, bot_id) for each in entity.roles.values()],
    }


def guild(world: WorldState, entity: Guild, *, all_members: bool) -> Json:
    """A server with its channels and members, as in GUILD_CREATE.

    Without the members intent it contains only the bot's own member.
    """
    shown: Iterable[Member] = entity.members.values()
    if not all_members:
        shown = [entity.members[world.bot.id]] if world.bot.id in entity.members else []
    return guild_properties(entity, world.bot.id) | {
        "joined_at": timestamp(entity.members[world.bot.id].joined_at)
        if world.bot.id in entity.members
        else None,
        "large": False,
        "unavailable": False,
        "member_count": len(entity.members),
        "members": [member(world, each) for each in shown],
        "channels": [
            channel(world, each) for each in entity.channels.values() if not each.is_thread
        ],
        # Archived threads are not synced.
        # https://docs.discord.com/developers/topics/threads#active-archived-threads
        "threads": [channel(world, each) for each in world.active_threads(entity.id)],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def message(world: WorldState, entity: Message) -> Json:
    """A message as REST returns it: without its nonce."""
    payload: Json = {
        "id": str(entity.id),
        "channel_id": str(entity.channel_id),
        "author": user(world.users[entity.author_id]),
        "type": entity.type,
        "content": entity.content,
        "embeds": entity.embeds,
        "components": entity.components,
        "attachments": [
            each for each in entity.attachments if int(each["id"]) not in entity.embedded
        ],
        "mentions": [user(world.users[each]) for each in entity.mentions],
        "mention_roles": [str(each) for each in entity.mention_roles],
        "mention_everyone": entity.mention_everyone,
        "timestamp": timestamp(entity.timestamp),
        "edited_timestamp": timestamp(entity.edited_timestamp) if entity.edited_timestamp else None,
        "flags": entity.flags,
        "pinned": False,
        "tts": False,
    }
    if entity.webhook_id is not None:
        payload |= {"webhook_id": str(entity.webhook_id), "application_id": str(entity.webhook_id)}
    if entity.interaction is not None:
        payload["interaction_metadata"] = entity.interaction
        if entity.command is not None:
            # The deprecated object, which alone contains the command's name.
            # https://docs.discord.com/developers/interactions/receiving-and-responding#message-interaction-object
            payload["interaction"] = {
                "id": entity.interaction["id"],
                "type": entity.interaction["type"],
                "name": entity.command,
                "user": entity.interaction["user"],
            }
    if entity.reference is not None:
        payload["message_reference"] = entity.reference
    thread = world.channels.get(entity.id)
    if entity.flags & MessageFlag.HAS_THREAD and thread is not None:
        payload["thread"] = channel(world, thread)
    return payload


def message_event(world: WorldState, entity: Message) -> Json:
    """A message as the gateway sends it: with its server and its author's member."""
    payload = message(world, entity)
    found = world.channels.get(entity.channel_id)
    if found is None or found.guild_id is None:
        return payload
    payload["guild_id"] = str(found.guild_id)
    author = world.guilds[found.guild_id].members.get(entity.author_id)
    if author is not None:
        payload["member"] = member_without_user(author)
    return payload


def without_content(payload: Json, bot_id: int) -> Json:
    """A message as a bot without the message content intent receives it.

    Its own messages and those that mention it are unchanged; so are direct messages, for which
    callers don't use this.
    https://docs.discord.com/developers/events/gateway#message-content-intent
    """
    own = str(bot_id)
    if (
        payload["author"]["id"] == own
        or payload.get("application_id") == own
        or any(each["id"] == own for each in payload["mentions"])
    ):
        return payload
    return payload | {"content": "", "embeds": [], "components": [], "attachments": []}


def member_with_permissions(world: WorldState, found: Channel, entity: Member) -> Json:
    """A member as part of an interaction: with its permissions in the channel."""
    allowed = world.permissions_in(found.id, entity.user_id)
    return member(world, entity) | {"permissions": str(allowed)}
