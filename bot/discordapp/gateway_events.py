"""Reads events of the gateway: checks them, and repairs those that the bot can't do without.

discord.py applies an event field by field. One that it can't read would leave a server half
changed, for example a channel without its permissions, so events are checked before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord
from discord.state import ConnectionState

from bot.discordapp.malformed import MALFORMED, json_kind

State: TypeAlias = ConnectionState[Any]
Data: TypeAlias = dict[str, Any]
# What was left out of GUILD_CREATE, and why.
OnSkipped: TypeAlias = Callable[[str, BaseException], None]

_LARGEST_ID, _MOST_DIGITS = 2**63 - 1, 19
# Events about a part of a server: where GUILD_CREATE has it.
_PARTS: Mapping[str, str] = {
    "CHANNEL_CREATE": "channels",
    "CHANNEL_UPDATE": "channels",
    "THREAD_CREATE": "threads",
    "THREAD_UPDATE": "threads",
    "GUILD_ROLE_CREATE": "roles",
    "GUILD_ROLE_UPDATE": "roles",
    "GUILD_MEMBER_UPDATE": "members",
}
_ABOUT_SERVER = frozenset({"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"})
CACHED = frozenset(
    {
        *_PARTS,
        *_ABOUT_SERVER,
        "CHANNEL_DELETE",
        "THREAD_DELETE",
        "THREAD_LIST_SYNC",
        "GUILD_ROLE_DELETE",
    }
)
"""The events without which discord.py's picture of a server is out of date."""
# discord.py takes these as they are, and fails later, for example when it sorts channels.
_TYPES: Mapping[str, Mapping[str, type]] = {
    "channels": {"name": str, "position": int},
    "roles": {"name": str, "position": int},
    "threads": {"name": str},
}


# Types of channels that discord.py keeps; it ignores those that it does not know.
# https://discord.com/developers/docs/resources/channel#channel-object-channel-types
_KEPT_TYPES, _DIRECT_TYPES = (0, 2, 4, 5, 13, 15, 16), (1, 3)


@dataclass(frozen=True, slots=True)
class Ready:
    """The usable part of READY: what is needed to resume, and the ids of the servers."""

    session_id: str | None
    resume_url: str | None
    guild_ids: tuple[int, ...]


def read_ready(data: object) -> Ready:
    """Read READY, or what came in its place.

    Skipped: what can't be read. Without a session id the session can't be resumed; a new one
    follows it. Servers that are missing here arrive with their GUILD_CREATE.
    """
    content = data if isinstance(data, dict) else {}
    session_id, url, guilds = map(content.get, ("session_id", "resume_gateway_url", "guilds"))
    entries = guilds if isinstance(guilds, list) else []
    ids = [read_id(each.get("id")) for each in entries if isinstance(each, dict)]
    return Ready(
        session_id if isinstance(session_id, str) and session_id else None,
        url if isinstance(url, str) else None,
        tuple(dict.fromkeys(each for each in ids if each is not None)),
    )


def minimal_ready(ready: Ready, user: discord.ClientUser) -> Data:
    """READY for discord.py: the user that logged in, and the servers by their ids."""
    return {
        "user": {
            "id": str(user.id),
            "username": user.name,
            "discriminator": user.discriminator,
            "avatar": None,
            "bot": True,
        },
        "guilds": [{"id": str(each), "unavailable": True} for each in ready.guild_ids],
    }


def read_id(value: object) -> int | None:
    """An id, which may be a string or a number; None if it is neither, or too large."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value) if len(value) <= _MOST_DIGITS else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _LARGEST_ID else None


def find_guild(state: State, guild_id: int | None) -> discord.Guild | None:
    """A server of this session, loaded or not."""
    return state._get_guild(guild_id)  # noqa: SLF001 - what `Client.get_guild` does


def check_event(event: str, data: object, state: State) -> None:
    """Check an event, except GUILD_CREATE, before it is applied. Raises one of `MALFORMED`.

    An event about a server, channel or role that is not known is malformed, too.
    """
    if event not in CACHED and event != "INTERACTION_CREATE":
        return
    content = _object(data)
    _check_ids(content)
    if event == "INTERACTION_CREATE":
        return
    guild_id = read_id(content.get("id" if event in _ABOUT_SERVER else "guild_id"))
    guild = find_guild(state, guild_id)
    if guild is None:
        if event.startswith("CHANNEL") and content.get("type") in _DIRECT_TYPES:
            return
        raise ValueError("it is about an unknown server")
    if not _is_known(event, content, guild):
        raise ValueError("it is about something unknown")
    if event == "GUILD_UPDATE":
        _check_guild(content, state)
    elif event == "THREAD_LIST_SYNC":
        _check_guild({"id": guild_id, "threads": content.get("threads", [])}, state)
    elif (key := _PARTS.get(event)) is not None:
        part = content["role"] if key == "roles" else content
        # discord.py demands `flags` of new members only.
        _check_guild({"id": guild_id, key: [{"flags": 0, **_object(part)}]}, state)


def _is_known(event: str, data: Data, guild: discord.Guild) -> bool:
    """Whether the server has the channel or role that an event is about."""
    if event in {"CHANNEL_UPDATE", "CHANNEL_DELETE"} and data.get("type") in _KEPT_TYPES:
        return guild.get_channel(int(data["id"])) is not None
    if event == "GUILD_ROLE_UPDATE":
        return guild.get_role(int(data["role"]["id"])) is not None
    return True


def prepare_guild(data: object) -> Data:
    """The content of GUILD_CREATE, with id and availability repaired.

    Raises one of `MALFORMED` if the server has no usable id.
    """
    content = _object(data)
    if (guild_id := read_id(content.get("id"))) is None:
        raise ValueError("the server has no id")
    content = content | {"id": str(guild_id)}
    if "channels" in content or not isinstance(content.get("unavailable", False), bool):
        # All of its data is here, so it is available.
        content["unavailable"] = False
    return content


def check_guild_types(data: Data) -> None:
    """Check the fields of a server that discord.py takes as they are. Raises `MALFORMED`."""
    if not isinstance(data.get("name", ""), str):
        raise TypeError("the name of a server is not text")
    for key, types in _TYPES.items():
        for each in _list(data.get(key, [])):
            if read_id(_object(each).get("id")) is None:
                raise ValueError(f"an id in {key} is not a number")
            for name, kind in types.items():
                if not isinstance(each.get(name), kind):
                    raise TypeError(f"a {name} in {key} has an unexpected type")


def repair_guild(data: Data, state: State, on_skipped: OnSkipped) -> Data:
    """Leave out of a prepared GUILD_CREATE what can't be read, such as one channel or role.

    A server that is not loaded has no permissions and no names, so most of it is better than
    nothing. `on_skipped` is called with the key of each part that is left out.
    """
    repaired: Data = {"id": data["id"]}

    def is_readable(key: str, value: object) -> bool:
        try:
            _check_guild({"id": data["id"], key: value}, state)
        except MALFORMED as error:
            on_skipped(key, error)
            return False
        return True

    for key, value in data.items():
        rest = value
        if isinstance(value, list):
            rest = [each for each in value if is_readable(key, [each])]
        if is_readable(key, rest):
            repaired[key] = rest
    return repaired


def knows_own_roles(guild: discord.Guild, user_id: int, data: Data) -> bool:
    """Whether a server has the bot's member (`user_id`) and all its roles.

    `data` is its GUILD_CREATE. discord.py ignores roles of a member that the server does not have.
    """
    me = guild.get_member(user_id)
    if me is None or guild.get_role(guild.id) is None:
        return False
    own = str(user_id)
    return all(
        guild.get_role(read_id(role) or 0) is not None
        for member in data["members"]
        if member["user"]["id"] == own
        for role in member["roles"]
    )


def _check_guild(data: Data, state: State) -> None:
    """Convert a server, or some of it, into objects that nobody uses. Raises `MALFORMED`."""
    check_guild_types(data)
    discord.Guild(data=data, state=state)  # type: ignore[arg-type] # it is untrusted


def _check_ids(value: object) -> None:
    """Check every id within an event. Larger ones can't be stored."""
    if isinstance(value, list):
        for each in value:
            _check_ids(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            is_id = key == "id" or (key.endswith("_id") and key not in {"custom_id", "session_id"})
            if is_id and each is not None and read_id(each) is None:
                raise ValueError(f"{key} is not an id")
            _check_ids(each)


def _object(value: object) -> Data:
    if not isinstance(value, dict):
        raise TypeError(f"{json_kind(value)} instead of an object")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{json_kind(value)} instead of a list")
    return value
