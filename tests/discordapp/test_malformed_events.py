"""Every field of every event may be missing, null, of another type, huge or deep."""

from collections.abc import Callable

import discord
import pytest

from bot.discordapp.gateway_socket import GatewaySocket
from bot.discordapp.permissions import missing_permissions
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Json
from tests.discordapp.connected import Connected
from tests.fuzz_discord.fields import Place, changes_of, field_name, places, spoil

Spoiled = tuple[Place, str]

MANY_FIELDS, FEW_CHANGES = 50, ("missing", "null", "text", "object")


async def send_spoiled(
    connected: Connected, name: str, place: Place, change: str, payload: Json
) -> None:
    """Send a spoiled event, then the server's data, so that nothing is left of it."""
    connected.sandbox.faults.spoil(lambda _, frame: spoil(frame, place, change), name)
    connected.emit(name, payload)
    connected.emit("GUILD_CREATE", connected.server())
    await connected.handled()


def spoils(payload: Json) -> list[Spoiled]:
    """Every way to spoil every field of a frame; of equal elements of a list, the first."""
    frame = {"op": 0, "t": "NAME", "s": 1, "d": payload}
    fields: dict[str, Place] = {}
    for place in places(frame):
        fields.setdefault(field_name(place), place)
    # The fuzz test covers the rest of large ones.
    few = len(fields) > MANY_FIELDS
    return [
        (place, change)
        for field, place in fields.items()
        for change in changes_of(field)
        if not few or change in FEW_CHANGES
    ]


def interaction(each: Connected) -> Json:
    """The content of INTERACTION_CREATE, for a command that does not exist."""
    member = each.guild.members[each.world.find_user("Ada").id]
    return {
        "id": "1",
        "application_id": str(each.world.bot.id),
        "type": 2,
        "token": "t",
        "version": 1,
        "guild_id": str(each.guild.id),
        "channel": each.of_channel() | {"permissions": "0"},
        "channel_id": str(each.channel.id),
        "member": payloads.member(each.world, member) | {"permissions": "8"},
        "app_permissions": "8",
        "attachment_size_limit": 1,
        "locale": "de",
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(each.guild.id)},
        "context": 0,
        "data": {
            "id": "2",
            "type": 1,
            "name": "news",
            "options": [{"name": "latest", "type": 1, "options": []}],
        },
    }


def thread(each: Connected) -> Json:
    """The content of an event about a thread."""
    return payloads.channel(each.world, each.thread)


EVENTS: dict[str, Callable[[Connected], Json]] = {
    "CHANNEL_CREATE": lambda each: each.of_channel(),
    "CHANNEL_UPDATE": lambda each: each.of_channel(),
    "CHANNEL_DELETE": lambda each: each.of_channel(),
    "THREAD_CREATE": thread,
    "THREAD_UPDATE": thread,
    "THREAD_DELETE": thread,
    "GUILD_ROLE_CREATE": lambda each: {
        "guild_id": str(each.guild.id),
        "role": payloads.role(next(iter(each.guild.roles.values()))),
    },
    "GUILD_ROLE_UPDATE": lambda each: {
        "guild_id": str(each.guild.id),
        "role": payloads.role(next(iter(each.guild.roles.values()))),
    },
    "GUILD_ROLE_DELETE": lambda each: {
        "guild_id": str(each.guild.id),
        "role_id": str(next(iter(each.guild.roles))),
    },
    "GUILD_MEMBER_UPDATE": lambda each: (
        payloads.member(each.world, each.guild.members[each.world.bot.id])
        | {"guild_id": str(each.guild.id)}
    ),
    "GUILD_UPDATE": lambda each: each.server(),
    "THREAD_LIST_SYNC": lambda each: {
        "guild_id": str(each.guild.id),
        "threads": [thread(each)],
        "members": [],
    },
    "GUILD_CREATE": lambda each: each.server(),
    "GUILD_DELETE": lambda each: {"id": str(each.guild.id), "unavailable": True},
    "INTERACTION_CREATE": interaction,
}


@pytest.mark.parametrize("name", EVENTS)
async def test_spoiled_events_do_not_end_the_connection(connected: Connected, name: str) -> None:
    """Each is skipped or repaired, and the next event is handled on the same connection."""
    socket, payload = connected.client.ws, EVENTS[name](connected)
    for place, change in spoils(payload):
        await send_spoiled(connected, name, place, change, payload)
    assert connected.client.ws is socket
    assert connected.sandbox.gateway.identifies == 1
    guild = connected.client.get_guild(connected.guild.id)
    assert guild is not None
    known = {each.id for each in connected.world.channels.values() if each.guild_id == guild.id}
    assert not guild.unavailable
    assert known <= {each.id for each in (*guild.channels, *guild.threads)}


@pytest.mark.parametrize("key", ["channels", "roles", "threads", "members"])
@pytest.mark.parametrize("bad", [None, "?", {}, {"id": []}, {"id": "9" * 5_000, "type": 0}])
async def test_one_bad_part_of_a_server_leaves_the_rest(
    connected: Connected, key: str, bad: object
) -> None:
    """Everything else is known, and so are the bot's permissions."""

    def with_bad_part(_: str, frame: Json) -> Json:
        server = frame["d"]
        return frame | {"d": server | {key: [*server[key], bad]}}

    connected.sandbox.faults.spoil(with_bad_part, "GUILD_CREATE")
    connected.emit("GUILD_CREATE", connected.server())
    await connected.handled()
    guild = connected.client.get_guild(connected.guild.id)
    assert guild is not None
    channel = guild.get_channel(connected.channel.id)
    assert isinstance(channel, discord.TextChannel)
    assert missing_permissions(channel) == []
    assert len(guild.roles) == len(connected.guild.roles)
    assert guild.get_thread(connected.thread.id) is not None


@pytest.mark.parametrize("members", [None, [], [{}], "?", [{"user": None, "roles": []}]])
async def test_without_itself_the_bot_knows_no_permissions(
    connected: Connected, members: object
) -> None:
    """None is missing, so posting goes on; what needs the server's data waits for it."""
    connected.emit("GUILD_DELETE", {"id": str(connected.guild.id)})
    connected.sandbox.faults.spoil(
        lambda _, frame: frame | {"d": frame["d"] | {"members": members}}, "GUILD_CREATE"
    )
    connected.emit("GUILD_CREATE", connected.server())
    await connected.handled()
    guild = connected.client.get_guild(connected.guild.id)
    assert guild is not None
    assert guild.unavailable
    channel = guild.get_channel(connected.channel.id)
    assert isinstance(channel, discord.TextChannel)
    assert missing_permissions(channel) == []


async def test_a_channel_of_an_unknown_type_is_ignored(connected: Connected) -> None:
    """Discord may add types; they are not a fault."""
    channel = connected.of_channel() | {"id": "5", "type": 99}
    for name in ("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"):
        connected.emit(name, channel)
    connected.emit("CHANNEL_CREATE", {"id": "6", "type": 1, "recipients": []})
    await connected.handled()
    socket: object = connected.client.ws
    assert isinstance(socket, GatewaySocket)
    assert not socket.outdated.is_set()


async def test_an_error_in_a_handler_is_one_line(
    connected: Connected, caplog: pytest.LogCaptureFixture
) -> None:
    """A server may lack what the handler needs, because of an earlier event."""
    try:
        object.__getattribute__(connected.guild, "nothing")
    except AttributeError:
        await connected.client.on_error("on_thread_update")
    (line,) = [each for each in caplog.records if "on_thread_update" in each.getMessage()]
    assert line.exc_info is None
