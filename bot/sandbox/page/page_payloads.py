"""JSON payloads of the page that differ from Discord's."""

from bot.sandbox.interactions.person import Person
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Guild, Json
from bot.sandbox.model.permissions import (
    PERMISSION_NAMES,
    POSTING_PERMISSIONS,
    Permission,
    guild_permissions,
)
from bot.sandbox.model.world import World
from bot.sandbox.rest.api import RequestRecord


def guild(world: World, entity: Guild, person: Person) -> Json:
    """A server as one person sees it, with the permissions that the bot lacks in each channel."""
    payload = payloads.guild(world, entity, all_members=True)
    for channel in payload["channels"]:
        channel_id = int(channel["id"])
        allowed = world.permissions_in(channel_id, world.bot.id)
        missing = [PERMISSION_NAMES[each] for each in POSTING_PERMISSIONS if not each & allowed]
        channel["visible"] = person.sees(channel_id)
        channel["bot_permissions"] = {"missing": missing}
    return payload


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
