"""JSON payloads of the page that differ from Discord's."""

from bot.sandbox.interactions.person import Person
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Channel, Guild, Json
from bot.sandbox.model.permissions import (
    PERMISSION_NAMES,
    POSTING_PERMISSIONS,
    THREAD_POSTING_PERMISSIONS,
    Permission,
    guild_permissions,
)
from bot.sandbox.model.world import World
from bot.sandbox.rest.api import RequestRecord


def guild(world: World, entity: Guild, person: Person) -> Json:
    """A server as one person sees it, with its archived threads, too."""
    channels = entity.channels.values()
    return payloads.guild(world, entity, all_members=True) | {
        "channels": [channel(world, each, person) for each in channels if not each.is_thread],
        "threads": [channel(world, each, person) for each in channels if each.is_thread],
    }


def channel(world: World, entity: Channel, person: Person) -> Json:
    """A channel as one person sees it, with the permissions that the bot lacks there."""
    allowed = world.permissions_in(entity.id, world.bot.id)
    needed = THREAD_POSTING_PERMISSIONS if entity.is_thread else POSTING_PERMISSIONS
    missing = [PERMISSION_NAMES[each] for each in needed if not each & allowed]
    return payloads.channel(world, entity) | {
        "visible": person.sees(entity.id),
        "bot_permissions": {"missing": missing},
    }


def direct_channel(world: World, person: Person) -> Json:
    """A person's direct messages with the bot, which are named after it."""
    entity = world.direct_channel(person.user_id)
    return payloads.channel(world, entity) | {"name": world.bot.username}


def people(world: World) -> list[Json]:
    """The people that the page can act as."""
    return [
        payloads.user(user)
        | {"admin_of": [str(each) for each in _administered_guilds(world, user.id)]}
        for user in world.users.values()
        if not user.bot
    ]


def request(record: RequestRecord) -> Json:
    """A request of the bot, for the side panel."""
    payload: Json = {
        "at": record.at.isoformat(),
        "method": record.method,
        "path": record.path,
        "status": record.status,
        "milliseconds": round(record.milliseconds, 1),
    }
    if record.note:
        payload["note"] = record.note
    return payload


def _administered_guilds(world: World, user_id: int) -> list[int]:
    return [
        guild.id
        for guild in world.guilds.values()
        if user_id in guild.members
        and guild_permissions(guild, guild.members[user_id]) & Permission.MANAGE_GUILD
    ]
