"""The gateway's WebSocket connections, one per shard, from Hello to the close code.

https://docs.discord.com/developers/events/gateway
"""

import asyncio
import json
import logging
from collections import deque

from aiohttp import WSCloseCode, WSMsgType, web

from bot.sandbox.clock import Clock
from bot.sandbox.gateway.protocol import KNOWN_INTENTS, PRIVILEGED, CloseCode, Intent, Op
from bot.sandbox.gateway.sessions import Session, Sessions, shard_of
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Json
from bot.sandbox.model.world import World
from bot.sandbox.spoiling import Spoiler

_log = logging.getLogger(__name__)

MAX_EVENTS_PER_MINUTE = 120
GUILDS_PER_SHARD = 2500
_MAX_FRAME_LENGTH = 4096
_MINUTE = 60
# A client that closes with one of these ends its session.
_FINAL_CLOSE_CODES = (WSCloseCode.OK, WSCloseCode.GOING_AWAY)


class _CloseConnection(Exception):  # noqa: N818 - control flow, not an error
    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Gateway:
    """Accepts the connections of shards and keeps those that are open."""

    def __init__(
        self,
        world: World,
        sessions: Sessions,
        clock: Clock,
        *,
        heartbeat_seconds: float,
        privileged_intents: int,
        spoiler: Spoiler,
    ) -> None:
        self.world = world
        self.sessions = sessions
        self.clock = clock
        # Set when the server knows its port.
        self.url = ""
        self.heartbeat_seconds = heartbeat_seconds
        self.privileged_intents = privileged_intents
        self.spoiler = spoiler
        self.connections: set[Connection] = set()
        self.identifies = 0
        self.ready = asyncio.Event()

    async def handle(self, request: web.Request, token: str) -> web.WebSocketResponse:
        """Serve one connection until it ends."""
        socket = web.WebSocketResponse(max_msg_size=0, autoping=True)
        await socket.prepare(request)
        connection = Connection(self, socket, request.transport, token)
        self.connections.add(connection)
        try:
            await connection.run()
        finally:
            self.connections.discard(connection)
            self.publish_presence()
        return socket

    def publish_presence(self) -> None:
        """Publish whether the bot is online."""
        if self.sessions.online:
            self.ready.set()
        else:
            self.ready.clear()
        online = self.sessions.online
        self.world.emit("SANDBOX_BOT", lambda: {"online": online})


class Connection:
    """One open connection; `Faults` calls its public methods to make it fail."""

    def __init__(
        self,
        gateway: Gateway,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        token: str,
    ) -> None:
        self._gateway = gateway
        self._transport = transport
        self._token = token
        self._socket = socket
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._received: deque[float] = deque()
        self.session: Session | None = None

    async def run(self) -> None:
        """Send Hello, then answer frames until either side closes."""
        interval = int(self._gateway.heartbeat_seconds * 1000)
        self.send(Op.HELLO, {"heartbeat_interval": interval, "_trace": ["sandbox"]})
        writer = asyncio.create_task(self._write())
        try:
            await self._read()
        except _CloseConnection as close:
            await self.close(close.code, close.reason)
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            self._detach()

    def _detach(self) -> None:
        session, self.session = self.session, None
        if session is None:
            return
        if session.outgoing is self._outgoing:
            session.outgoing = None

    async def close(self, code: int, reason: str = "") -> None:
        """Close the connection with a code."""
        await self._socket.close(code=code, message=reason.encode())

    def drop(self) -> None:
        """Break the connection without a close frame."""
        if self._transport is not None:
            self._transport.abort()

    def reconnect(self) -> None:
        """Ask the client to reconnect and resume (op 7)."""
        self.send(Op.RECONNECT)

    def invalidate(self, *, resumable: bool) -> None:
        """Invalidate the client's session (op 9)."""
        if self.session is not None and not resumable:
            self._gateway.sessions.forget(self.session.id)
        self.send(Op.INVALID_SESSION, resumable)

    def send(self, op: Op, data: object = None) -> None:
        """Send a frame other than an event."""
        self._outgoing.put_nowait(json.dumps({"op": int(op), "d": data, "s": None, "t": None}))

    async def _write(self) -> None:
        while True:
            frame = await self._outgoing.get()
            if self._gateway.spoiler.active:
                frame = self._spoil(frame)
            await self._socket.send_str(frame)

    def _spoil(self, frame: str) -> str:
        content = json.loads(frame)
        name = content["t"] or Op(content["op"]).name
        return self._gateway.spoiler.apply(name, content).decode(errors="replace")

    async def _read(self) -> None:
        # Discord also tolerates a late heartbeat before it closes the connection.
        timeout = self._gateway.heartbeat_seconds * 1.5
        while True:
            try:
                message = await self._socket.receive(timeout=timeout)
            except TimeoutError:
                raise _CloseConnection(CloseCode.SESSION_TIMED_OUT, "Session timed out.") from None
            if (
                message.type is WSMsgType.CLOSE
                and message.data in _FINAL_CLOSE_CODES
                and self.session
            ):
                self._gateway.sessions.forget(self.session.id)
            if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                return
            self._check_frame_rate()
            self._handle_frame(self._decode(message.data))

    def _check_frame_rate(self) -> None:
        """Enforce the rate limit of the client's frames.

        https://docs.discord.com/developers/events/gateway#rate-limiting
        """
        now = self._gateway.clock().timestamp()
        self._received.append(now)
        while now - self._received[0] > _MINUTE:
            self._received.popleft()
        if len(self._received) > MAX_EVENTS_PER_MINUTE:
            raise _CloseConnection(CloseCode.RATE_LIMITED, "You are being rate limited.")

    @staticmethod
    def _decode(data: str | bytes) -> Json:
        if len(data) > _MAX_FRAME_LENGTH:
            raise _CloseConnection(CloseCode.DECODE_ERROR, "Payload is too long.")
        try:
            frame = json.loads(data)
        except ValueError:
            frame = None
        if not isinstance(frame, dict):
            raise _CloseConnection(CloseCode.DECODE_ERROR, "Error while decoding payload.")
        return frame

    def _handle_frame(self, frame: Json) -> None:
        op, data = frame.get("op"), frame.get("d")
        if op == Op.HEARTBEAT:
            self.send(Op.HEARTBEAT_ACK)
        elif op in {Op.IDENTIFY, Op.RESUME}:
            if self.session is not None:
                raise _CloseConnection(CloseCode.ALREADY_AUTHENTICATED, "Already authenticated.")
            payload = data if isinstance(data, dict) else {}
            if payload.get("token") != self._token:
                raise _CloseConnection(CloseCode.AUTHENTICATION_FAILED, "Authentication failed.")
            if op == Op.IDENTIFY:
                self._identify(payload)
            else:
                self._resume(payload)
        elif self.session is None:
            raise _CloseConnection(CloseCode.NOT_AUTHENTICATED, "Not authenticated.")
        elif op == Op.PRESENCE:
            _log.debug("ignored a presence update")
        else:
            _log.warning("the sandbox's gateway does not support opcode %s", op)
            raise _CloseConnection(CloseCode.UNKNOWN_OPCODE, "Unknown opcode.")

    def _identify(self, data: Json) -> None:
        gateway = self._gateway
        shard = data.get("shard") or [0, 1]
        try:
            index, count = map(int, shard)
        except (TypeError, ValueError):
            index = count = 0
        if not 0 <= index < count:
            raise _CloseConnection(CloseCode.INVALID_SHARD, "Invalid shard.")
        shard_guilds = [each for each in gateway.world.guilds if shard_of(each, count) == index]
        if len(shard_guilds) > GUILDS_PER_SHARD:
            raise _CloseConnection(CloseCode.SHARDING_REQUIRED, "Sharding required.")
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            raise _CloseConnection(CloseCode.INVALID_INTENTS, "Invalid intent(s).")
        if intents & PRIVILEGED & ~gateway.privileged_intents:
            raise _CloseConnection(CloseCode.DISALLOWED_INTENTS, "Disallowed intent(s).")
        gateway.identifies += 1
        session = Session(intents, (index, count))
        gateway.sessions.add(session)
        self._attach(session)
        self._send_initial_state(session, shard_guilds)
        gateway.publish_presence()

    def _attach(self, session: Session) -> None:
        self.session = session
        session.outgoing = self._outgoing

    def _send_initial_state(self, session: Session, guild_ids: list[int]) -> None:
        """READY, then each server in full."""
        world = self._gateway.world
        joined = [each for each in guild_ids if world.bot.id in world.guilds[each].members]
        with_guilds = bool(session.intents & Intent.GUILDS)
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": payloads.own_user(world.bot),
                "guilds": [{"id": str(each), "unavailable": True} for each in joined],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": self._gateway.url,
                "shard": list(session.shard),
                "application": {"id": str(world.bot.id), "flags": 0},
                "private_channels": [],
                "user_settings": {},
                "relationships": [],
                "presences": [],
                "guild_join_requests": [],
                "geo_ordered_rtc_regions": [],
                "_trace": ["sandbox"],
            },
        )
        for guild_id in joined if with_guilds else ():
            everyone = bool(session.intents & Intent.GUILD_MEMBERS)
            payload = payloads.guild(world, world.guilds[guild_id], all_members=everyone)
            session.dispatch("GUILD_CREATE", payload)

    def _resume(self, data: Json) -> None:
        gateway = self._gateway
        session = gateway.sessions.by_id.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is None or not isinstance(sequence, int):
            self.send(Op.INVALID_SESSION, False)
            return
        if sequence > session.sequence:
            gateway.sessions.forget(session.id)
            raise _CloseConnection(CloseCode.INVALID_SEQUENCE, "Invalid seq.")
        if not session.can_resume_from(sequence):
            gateway.sessions.forget(session.id)
            self.send(Op.INVALID_SESSION, False)
            return
        for frame in session.after(sequence):
            self._outgoing.put_nowait(frame)
        self._attach(session)
        session.dispatch("RESUMED", {"_trace": ["sandbox"]})
        gateway.publish_presence()
