"""The kinds of places in which stories appear, and the messages in them."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from bot.sandbox import Sandbox, World
from bot.sandbox.model.entities import Channel, ChannelType, Json, Message, MessageFlag
from bot.sandbox.model.world import Event
from bot.sandbox.options import SEND_MESSAGE, START_THREAD

EDIT_MESSAGE = "PATCH /channels/{channel_id}/messages/{message_id}"
PUBLISH = "POST /channels/{channel_id}/messages/{message_id}/crosspost"
READ_HISTORY = "GET /channels/{channel_id}/messages"
LIST_ACTIVE = "GET /guilds/{guild_id}/threads/active"
LIST_ARCHIVED = "GET /channels/{channel_id}/threads/archived/public"
DISCUSS = "POST /channels/{channel_id}/messages/{message_id}/threads"
# What shows which stories a place has: a channel or thread, and a forum.
READ_PLACE = (READ_HISTORY, LIST_ACTIVE, LIST_ARCHIVED)
# What a story in a place needs, by how reports call it.
REQUESTS = {
    "message": SEND_MESSAGE,
    "thread": START_THREAD,
    "edit": EDIT_MESSAGE,
    "publication": PUBLISH,
}
# The address of a message's button, also within a request for a post in a forum.
BUTTON_ADDRESSES = ("components.0.components.1.url", "message.components.0.components.1.url")
# The notes of the sandbox about a request that took effect, and whose response was lost.
LOST = frozenset({"simulated: response lost", "simulated: connection broken"})


# Enough for every request of the largest test.
KEPT_REQUESTS = 1_000_000
# Discord publishes so many messages of a channel in an hour.
MOST_PUBLISHED = 10
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_HOUR = timedelta(hours=1)


class Place(StrEnum):
    """Where a subscription posts; in an announcement channel, it publishes its messages."""

    TEXT = "text"
    DISCUSSED = "text with discussions"
    ANNOUNCEMENT = "announcement"
    FORUM = "forum"
    THREAD = "thread"


_TYPES = {Place.ANNOUNCEMENT: ChannelType.ANNOUNCEMENT, Place.FORUM: ChannelType.FORUM}


def add_place(world: World, guild_id: int, place: Place, name: str) -> int:
    """Add a place to a server; returns the id of the channel to subscribe."""
    channel = world.add_channel(guild_id, name, _TYPES.get(place, ChannelType.TEXT))
    return world.add_thread(channel.id, name).id if place is Place.THREAD else channel.id


def messages_in(world: World, channel_id: int) -> Sequence[Message]:
    """The messages of a place; those of a forum are in its threads."""
    channel = world.channel(channel_id)
    if channel.type is not ChannelType.FORUM:
        return world.log(channel_id).all()
    return [message for each in threads_of(world, channel) for message in world.log(each).all()]


def story_in(message: Message) -> tuple[str, str] | None:
    """The name and the title of the story that a message shows; None if it was withdrawn.

    Its title is a link to it, in an embed or in the first text with one.
    """
    if message.embeds:
        embed = message.embeds[0]
        return (story_name(embed["url"]), embed["title"]) if "url" in embed else None
    links = (_LINK.search(text) for text in (message.content, *_texts(message.components)))
    found = next(filter(None, links), None)
    return None if found is None else (story_name(found[2]), found[1])


def _texts(components: Iterable[Json]) -> Iterator[str]:
    for each in components:
        if "content" in each:
            yield each["content"]
        yield from _texts(each.get("components", ()))


def story_name(address: str) -> str:
    """The name of a story, which ends its address."""
    return address.rsplit("/", 1)[1]


def threads_of(world: World, forum: Channel) -> Sequence[int]:
    """The threads of a forum."""
    guild = world.guild(forum.guild_id or 0)
    return [each.id for each in guild.channels.values() if each.parent_id == forum.id]


def lost_responses(sandbox: Sandbox) -> Counter[str]:
    """How many responses were lost, by what was requested."""
    names = {route: name for name, route in REQUESTS.items()}
    return Counter(
        names[each.route] for each in sandbox.requests if each.note in LOST and each.route in names
    )


def is_published(message: Message) -> bool:
    """Whether a message was published to the channels that follow its channel."""
    return bool(message.flags & MessageFlag.CROSSPOSTED)


def is_discussed(message: Message) -> bool:
    """Whether a message has a thread under it."""
    return bool(message.flags & MessageFlag.HAS_THREAD)


class Publications:
    """When messages were published, by channel, as the sandbox saw it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._clock = sandbox.clock
        self._published: set[int] = set()
        self._times: defaultdict[int, list[datetime]] = defaultdict(list)
        self.latest: Event | None = None
        """The event of the latest one."""
        sandbox.world.on_event(self._on_event)

    def _on_event(self, event: Event) -> None:
        message = event.message
        if message is None or not is_published(message) or message.id in self._published:
            return
        self.latest = event
        self._published.add(message.id)
        self._times[message.channel_id].append(self._clock())

    @property
    def count(self) -> int:
        """How many messages were published."""
        return len(self._published)

    def in_last_hour(self, channel_id: int) -> int:
        """How many messages of a channel were published in the last hour."""
        times = self._times[channel_id]
        return len(times) - bisect_left(times, self._clock() - _HOUR)

    @property
    def most_in_an_hour(self) -> int:
        """How many messages were published in one hour in one channel, at most."""
        return max(
            (
                bisect_left(times, begin + _HOUR) - number
                for times in self._times.values()
                for number, begin in enumerate(times)
            ),
            default=0,
        )
