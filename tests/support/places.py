"""The kinds of places in which stories appear, and the messages in them."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from bot.sandbox import Sandbox, World
from bot.sandbox.model.entities import ChannelType, Message
from bot.sandbox.options import SEND_MESSAGE

EDIT_MESSAGE = "PATCH /channels/{channel_id}/messages/{message_id}"
# What a story in a place needs, by how reports call it.
REQUESTS = {"message": SEND_MESSAGE, "edit": EDIT_MESSAGE}
# The address of a message's button, also within a request for a post in a forum.
BUTTON_ADDRESSES = ("components.0.components.1.url", "message.components.0.components.1.url")
# The notes of the sandbox about a request that took effect, and whose response was lost.
LOST = frozenset({"simulated: response lost", "simulated: connection broken"})


class Place(StrEnum):
    """Where a subscription posts."""

    TEXT = "text"
    ANNOUNCEMENT = "announcement"
    THREAD = "thread"


_TYPES = {Place.ANNOUNCEMENT: ChannelType.ANNOUNCEMENT}


def add_place(world: World, guild_id: int, place: Place, name: str) -> int:
    """Add a place to a server; returns the id of the channel to subscribe."""
    channel = world.add_channel(guild_id, name, _TYPES.get(place, ChannelType.TEXT))
    return world.add_thread(channel.id, name).id if place is Place.THREAD else channel.id


def messages_in(world: World, channel_id: int) -> Sequence[Message]:
    """The messages of a place."""
    return world.log(channel_id).all()


def lost_responses(sandbox: Sandbox) -> Counter[str]:
    """How many responses were lost, by what was requested."""
    names = {route: name for name, route in REQUESTS.items()}
    return Counter(
        names[each.route] for each in sandbox.requests if each.note in LOST and each.route in names
    )
