"""One interaction: what a person did, what the bot receives, and how it has responded so far.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from bot.sandbox.clock import MovableClock
from bot.sandbox.errors import InteractionFailedError
from bot.sandbox.interactions.application_commands import NESTING
from bot.sandbox.model import payloads
from bot.sandbox.model.attachments import MAX_FILE_SIZE
from bot.sandbox.model.entities import Channel, ChannelType, Json, Message
from bot.sandbox.model.world import World

_IN_GUILD, _IN_BOT_DM, _IN_PRIVATE_CHANNEL = 0, 1, 2
_GUILD_INSTALL, _USER_INSTALL = 0, 1


class InteractionType(IntEnum):
    """Kinds of interactions."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class ResponseType(IntEnum):
    """Kinds of first responses."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True, eq=False)
class Interaction:
    """An interaction and the bot's responses; tests wait for them here."""

    id: int
    token: str
    kind: InteractionType
    user_id: int
    channel: Channel
    data: Json
    created_at: datetime
    # When the first response is due, in UTC.
    deadline: datetime
    source: Message | None
    clock: MovableClock
    response_type: ResponseType | None = None
    original: Message | None = None
    choices: list[Json] = field(default_factory=list)
    modal: Json | None = None
    # For a submitted modal: the interaction that opened it.
    trigger: "Interaction | None" = None
    follow_ups: list[Message] = field(default_factory=list)
    _acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    _settled: asyncio.Event = field(default_factory=asyncio.Event)

    async def answered(self) -> Message | None:
        """Wait for the first response; returns the reply, or the message that was changed.

        A deferred response is a message with the LOADING flag. Raises InteractionFailedError when
        the deadline has passed.
        """
        if not await self.clock.wait(self._acknowledged, self.deadline):
            raise InteractionFailedError("The application did not respond.")
        return self.original

    async def settled(self, within: timedelta = timedelta(seconds=30)) -> Message:
        """Wait for the final reply, which may follow a deferred response.

        Raises InteractionFailedError if it does not come in time or was deleted.
        """
        await self.answered()
        if not await self.clock.wait(self._settled, self.clock() + within):
            raise InteractionFailedError(f"The deferred reply did not arrive within {within}.")
        if self.original is None:
            raise InteractionFailedError("The reply was deleted.")
        return self.original

    async def opened(self) -> Json:
        """Wait for the first response and return its modal.

        Raises InteractionFailedError if the response is something else.
        """
        await self.answered()
        if self.modal is None:
            raise InteractionFailedError("The response was not a modal.")
        return self.modal

    def acknowledge(self, response_type: ResponseType) -> None:
        """Record the first response."""
        self.response_type = response_type
        self._acknowledged.set()
        if response_type not in {ResponseType.DEFERRED_MESSAGE, ResponseType.DEFERRED_UPDATE}:
            self._settled.set()

    def settle(self) -> None:
        """Record that a deferred response has been completed."""
        self._settled.set()


def context_of(channel: Channel) -> int:
    """Where an interaction happens: 0 in a server, 1 in the bot's direct messages, 2 in others."""
    match channel.type:
        case ChannelType.DM:
            return _IN_BOT_DM
        case ChannelType.GROUP_DM:
            return _IN_PRIVATE_CHANNEL
        case _:
            return _IN_GUILD


def integration_owners(world: World, channel: Channel, user_id: int) -> dict[int, int]:
    """For whom the app is installed that is used here: 0 for the server, 1 for the person.

    In the bot's direct messages the "server" is 0.
    https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-authorizing-integration-owners-object
    """
    owners = dict[int, int]()
    if channel.type is ChannelType.DM:
        owners[_GUILD_INSTALL] = 0
    elif channel.guild_id is not None and world.bot.id in world.guilds[channel.guild_id].members:
        owners[_GUILD_INSTALL] = channel.guild_id
    if world.users[user_id].has_app:
        owners[_USER_INSTALL] = user_id
    return owners


def command_path(data: Json) -> str:
    """The full name of a used command, such as `news topic`."""
    path = [data["name"]]
    options = data.get("options")
    while options and options[0]["type"] in NESTING:
        path.append(options[0]["name"])
        options = options[0].get("options")
    return " ".join(path)


def interaction_payload(world: World, interaction: Interaction) -> Json:
    """The payload of INTERACTION_CREATE."""
    channel = interaction.channel
    allowed = world.permissions_in(channel.id, interaction.user_id)
    payload: Json = {
        "id": str(interaction.id),
        "application_id": str(world.bot.id),
        "type": int(interaction.kind),
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": payloads.channel(world, channel) | {"permissions": str(allowed)},
        "app_permissions": str(world.permissions_in(channel.id, world.bot.id)),
        "locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": _owners(world, interaction),
        "context": context_of(channel),
        "attachment_size_limit": MAX_FILE_SIZE,
    }
    if channel.guild_id is not None:
        guild = world.guilds[channel.guild_id]
        member = guild.members[interaction.user_id]
        payload |= {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": payloads.member_with_permissions(world, channel, member),
        }
    else:
        payload["user"] = payloads.user(world.users[interaction.user_id])
    if interaction.source is not None:
        payload["message"] = payloads.message(world, interaction.source)
    return payload


def interaction_metadata(world: World, interaction: Interaction) -> Json:
    """The `interaction_metadata` of a reply."""
    metadata: Json = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": payloads.user(world.users[interaction.user_id]),
        "authorizing_integration_owners": _owners(world, interaction),
    }
    if interaction.trigger is not None:
        metadata["triggering_interaction_metadata"] = interaction_metadata(
            world, interaction.trigger
        )
    elif interaction.source is not None:
        metadata["interacted_message_id"] = str(interaction.source.id)
    return metadata


def _owners(world: World, interaction: Interaction) -> Json:
    owners = integration_owners(world, interaction.channel, interaction.user_id)
    return {str(kind): str(owner) for kind, owner in owners.items()}
