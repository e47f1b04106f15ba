"""Gateway sessions: the events of a shard, numbered and kept so that they can be replayed.

https://docs.discord.com/developers/events/gateway#resuming
"""

import asyncio
import json
import secrets
from collections import deque
from dataclasses import dataclass, field

from bot.sandbox.gateway.protocol import Intent, Op
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Json
from bot.sandbox.model.permissions import Permission
from bot.sandbox.model.world import Event, World

# How many events are kept for a shard that may resume.
KEPT_EVENTS = 10_000


_REQUIRED_INTENTS = {
    "GUILD_CREATE": Intent.GUILDS,
    "GUILD_UPDATE": Intent.GUILDS,
    "GUILD_DELETE": Intent.GUILDS,
    "GUILD_ROLE_CREATE": Intent.GUILDS,
    "GUILD_ROLE_UPDATE": Intent.GUILDS,
    "GUILD_ROLE_DELETE": Intent.GUILDS,
    "CHANNEL_CREATE": Intent.GUILDS,
    "CHANNEL_UPDATE": Intent.GUILDS,
    "CHANNEL_DELETE": Intent.GUILDS,
    "THREAD_CREATE": Intent.GUILDS,
    "THREAD_UPDATE": Intent.GUILDS,
    "THREAD_DELETE": Intent.GUILDS,
    "GUILD_MEMBER_ADD": Intent.GUILD_MEMBERS,
    "GUILD_MEMBER_UPDATE": Intent.GUILD_MEMBERS,
    "GUILD_MEMBER_REMOVE": Intent.GUILD_MEMBERS,
    "INTERACTION_CREATE": 0,
}
_MESSAGES = ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE")


def shard_of(guild_id: int | None, shards: int) -> int:
    """The shard that a server's events go to; direct messages go to shard 0."""
    return ((guild_id or 0) >> 22) % shards


@dataclass(slots=True, eq=False)
class Session:
    """One shard's session. It outlives its connection, so that it can be resumed."""

    intents: int
    shard: tuple[int, int]
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sequence: int = 0
    recent_events: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))
    outgoing: asyncio.Queue[str] | None = None

    def dispatch(self, name: str, data: Json) -> None:
        """Number an event, keep it, and send it if the shard is connected."""
        self.sequence += 1
        frame = json.dumps({"op": int(Op.DISPATCH), "t": name, "s": self.sequence, "d": data})
        self.recent_events.append((self.sequence, frame))
        if self.outgoing is not None:
            self.outgoing.put_nowait(frame)

    def can_resume_from(self, sequence: int) -> bool:
        """Whether everything after a sequence number is still kept."""
        earliest = self.recent_events[0][0] if self.recent_events else self.sequence + 1
        return earliest - 1 <= sequence <= self.sequence

    def after(self, sequence: int) -> list[str]:
        """The frames that were dispatched after a sequence number."""
        return [frame for number, frame in self.recent_events if number > sequence]


class Sessions:
    """All sessions; dispatches to each the events of its shard and intents."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.by_id: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        """Add a session; it replaces a disconnected one of the same shard."""
        for existing in list(self.by_id.values()):
            if existing.shard == session.shard and existing.outgoing is None:
                del self.by_id[existing.id]
        self.by_id[session.id] = session

    def forget(self, session_id: str) -> None:
        """End a session, so that it can't be resumed."""
        self.by_id.pop(session_id, None)

    @property
    def online(self) -> bool:
        """Whether a shard is connected."""
        return any(session.outgoing is not None for session in self.by_id.values())

    def on_event(self, event: Event) -> None:
        """Dispatch an event of the world."""
        if event.message is not None and event.message.ephemeral_for is not None:
            return
        payload: Json | None = None
        for session in self.by_id.values():
            if shard_of(event.guild_id, session.shard[1]) != session.shard[0]:
                continue
            if self._should_receive(event, session):
                payload = payload if payload is not None else event.build()
                session.dispatch(event.name, self._visible_payload(event, session, payload))

    def _should_receive(self, event: Event, session: Session) -> bool:
        bot_id = self._world.bot.id
        if event.name in _MESSAGES:
            return self._should_receive_message(event, session)
        required = _REQUIRED_INTENTS.get(event.name)
        if required is None:
            return False
        reaches_all = {"GUILD_DELETE", "INTERACTION_CREATE"}  # a person may have the app anywhere
        if event.guild_id is not None and event.name not in reaches_all:
            guild = self._world.guilds.get(event.guild_id)
            if guild is None or bot_id not in guild.members:
                return False
        if event.name == "GUILD_MEMBER_UPDATE" and event.member_id == bot_id:
            return True
        return required & session.intents == required

    def _should_receive_message(self, event: Event, session: Session) -> bool:
        message = event.message
        channel = self._world.channels.get(message.channel_id) if message else None
        if channel is None:
            return False
        direct = channel.guild_id is None
        if not session.intents & (Intent.DIRECT_MESSAGES if direct else Intent.GUILD_MESSAGES):
            return False
        allowed = self._world.permissions_in(channel.id, self._world.bot.id)
        return bool(allowed & Permission.VIEW_CHANNEL)

    def _visible_payload(self, event: Event, session: Session, payload: Json) -> Json:
        has_content = session.intents & Intent.MESSAGE_CONTENT
        if (
            event.name in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}
            and not has_content
            and event.guild_id
        ):
            return payloads.without_content(payload, self._world.bot.id)
        if event.name == "GUILD_CREATE" and not session.intents & Intent.GUILD_MEMBERS:
            bot_id = str(self._world.bot.id)
            own = [each for each in payload["members"] if each["user"]["id"] == bot_id]
            return payload | {"members": own}
        return payload
