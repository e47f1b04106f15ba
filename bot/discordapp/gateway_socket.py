"""One connection to the gateway: reads its frames, and skips what can't be read.

https://discord.com/developers/docs/events/gateway
"""

import asyncio
import json
import logging
import math
from typing import Any

import aiohttp
import yarl
from discord.gateway import DiscordWebSocket, KeepAliveHandler, ReconnectWebSocket
from typing_extensions import override

from bot.discordapp.endpoint import is_gateway
from bot.discordapp.gateway_events import (
    CACHED,
    Data,
    check_event,
    check_guild_types,
    find_guild,
    knows_own_roles,
    minimal_ready,
    prepare_guild,
    read_ready,
    repair_guild,
)
from bot.discordapp.malformed import MALFORMED, MalformedData, json_kind

logger = logging.getLogger(__name__)

# What Discord asks for. It closes connections that send more than 120 frames a minute, and those
# whose heartbeats are late.
HEARTBEAT_SECONDS = 41.25
_MOST_OFTEN_SECONDS, _LEAST_OFTEN_SECONDS = 1.0, 60.0
# So many events can't have been skipped since the last one.
_LARGEST_GAP = 1000
# How long the other side may take to answer a close frame.
_CLOSE_SECONDS = 1.0


class GatewaySocket(DiscordWebSocket):
    """discord.py's connection with a reader of frames that ends for none of them."""

    malformed: MalformedData
    """Shared by all connections of a client, whose subclass sets it."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, *, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(socket, loop=loop)
        self.established = asyncio.Event()
        """Set by READY, or by the first event of a resumed session."""
        self.outdated = asyncio.Event()
        """Set when an event was skipped without which the cache is wrong."""
        self.incomplete = False
        """Whether a server can't be used until the next session."""
        self._identified = False

    @override
    async def identify(self) -> None:
        """Ask for a new session."""
        self._identified = True
        await super().identify()

    async def abandon(self, *, ends_session: bool = False) -> None:
        """Close the connection; don't wait long for the answer."""
        if self._keep_alive is not None:
            self._keep_alive.stop()
            self._keep_alive = None
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.socket.close(code=1000 if ends_session else 4000)
        except TimeoutError:
            pass  # cancelling it has closed the transport

    @override
    async def send_heartbeat(self, data: Any) -> None:
        """Send what the thread that keeps the connection alive hands over."""
        # That thread notes the time only when it goes on, perhaps after the answer was read. The
        # answer then seems as late as the last heartbeat is old, and discord.py says that it
        # can't keep up.
        if self._keep_alive is not None:
            self._keep_alive.beat()
        await super().send_heartbeat(data)

    @override
    async def poll_event(self) -> None:
        """Handle the next frame."""
        try:
            await super().poll_event()
        except asyncio.CancelledError:
            await self.abandon()
            raise

    @override
    async def received_message(self, msg: Any, /) -> None:
        """Handle a frame. Raises `ReconnectWebSocket` if the connection must be replaced."""
        if self._keep_alive is not None:
            self._keep_alive.tick()
        text = await self._decompress(msg)
        if text is None:
            return
        try:
            frame = json.loads(text)
            if not isinstance(frame, dict):
                raise TypeError(f"{json_kind(frame)} instead of an object")
        except MALFORMED as error:
            if self._keep_alive is None:
                self._skip("HELLO", error, "the usual interval is used")
            else:
                self._skip_change("frame", error)
            frame = {}
        if self._keep_alive is None:
            # The first frame is HELLO, whatever has become of it.
            await self._start_heartbeats(frame.get("d"))
        if frame:
            await self._handle(frame)

    async def _decompress(self, message: bytes | str) -> str | None:
        """The text of a frame; None if the rest of it follows."""
        if isinstance(message, str):
            return message
        try:
            return self._decompressor.decompress(message)
        except Exception as error:
            # Each codec has errors of its own. Later frames can't be decompressed without this
            # one, but a new connection starts afresh and sends it again.
            self._skip("compressed frame", error, "the connection is replaced")
            await self.abandon()
            raise ReconnectWebSocket(self.shard_id) from error

    async def _start_heartbeats(self, hello: object) -> None:
        asked = hello.get("heartbeat_interval") if isinstance(hello, dict) else None
        interval = heartbeat_seconds(asked)
        if interval is None:
            interval = HEARTBEAT_SECONDS
            self._skip(
                "HELLO",
                ValueError(f"heartbeat_interval is {json_kind(asked)}"),
                "the usual interval is used",
            )
        self._keep_alive = KeepAliveHandler(ws=self, interval=interval, shard_id=self.shard_id)
        await self.send_as_json(self._keep_alive.get_payload())
        self._keep_alive.start()

    async def _handle(self, frame: Data) -> None:
        op, keep_alive = frame.get("op"), self._keep_alive
        if isinstance(op, bool):
            op = None  # else it would equal a number
        if op == self.DISPATCH:
            self.sequence = next_sequence(self.sequence, frame.get("s"))
            self._receive_event(frame.get("t"), frame.get("d"))
        elif op == self.HEARTBEAT_ACK and keep_alive is not None:
            keep_alive.ack()
        elif op == self.HEARTBEAT and keep_alive is not None:
            await self.send_as_json(keep_alive.beat())
        elif op == self.RECONNECT:
            await self.abandon()
            raise ReconnectWebSocket(self.shard_id)
        elif op == self.INVALIDATE_SESSION:
            # Anything but true ends the session.
            resumable = frame.get("d") is True
            await self.abandon(ends_session=not resumable)
            raise ReconnectWebSocket(self.shard_id, resume=resumable)
        elif op != self.HELLO:
            self._skip_change("frame", ValueError(f"the opcode {str(op)[:20]}"))

    def _receive_event(self, event: object, data: object) -> None:
        """Apply an event, or skip it if it can't be read."""
        name = event if isinstance(event, str) else ""
        try:
            self._apply(name, data)
        except MALFORMED as error:
            if name in CACHED or not name:
                self._skip_change(f"event {name}", error)
            else:
                self._skip(f"event {name}", error, "the others are read")

    def _apply(self, name: str, data: object) -> None:
        parser = self._discord_parsers.get(name)
        if not self.established.is_set():
            self.established.set()
            if self._identified:
                # The first event is READY, whatever has become of it. If it is another one, READY
                # was skipped.
                self._begin_session(data if name == "READY" or parser is None else None)
            else:
                # discord.py uses nothing of RESUMED. The events that were missed come before it.
                self._discord_parsers["RESUMED"]({})
        if name in {"READY", "RESUMED"}:
            return
        if not name:
            raise TypeError("an event without a name")
        if name == "GUILD_CREATE":
            self._add_guild(data)
        elif parser is not None:
            check_event(name, data, self._connection)
            parser(data)

    def _begin_session(self, data: object) -> None:
        """Apply READY. What it lacks is taken from the login."""
        ready = read_ready(data)
        user = self._connection.user
        if user is None:
            raise TypeError("READY before the login")
        if ready.session_id is None:
            self._skip("event READY", ValueError("no session_id"), "the login is used instead")
        self.session_id = ready.session_id
        url = ready.resume_url
        self.gateway = yarl.URL(url) if url and is_gateway(url) else self.DEFAULT_GATEWAY
        self._discord_parsers["READY"](minimal_ready(ready, user))

    def _add_guild(self, data: object) -> None:
        """Apply GUILD_CREATE, without those parts of it that can't be read."""
        content, add = prepare_guild(data), self._discord_parsers["GUILD_CREATE"]
        try:
            check_guild_types(content)
            add(content)
        except MALFORMED:
            content = repair_guild(content, self._connection, self._skip_part)
            add(content)
        guild = find_guild(self._connection, int(content["id"]))
        user = self._connection.user
        if guild is None or guild.unavailable or user is None:
            return
        if not knows_own_roles(guild, user.id, content):
            # Without the bot's roles its permissions are not known, so the server's data is not
            # relied on. discord.py would assume a member without these roles.
            guild.unavailable = True
            self._skip_change("event GUILD_CREATE", ValueError("a role of the bot is missing"))

    def _skip_part(self, key: str, error: BaseException) -> None:
        self._skip_change(f"part of GUILD_CREATE ({key})", error, "the rest of the server is used")

    def _skip_change(self, kind: str, error: BaseException, kept: str | None = None) -> None:
        """Skip something without which the cache is wrong."""
        if kind.endswith(" GUILD_CREATE"):
            self.incomplete = True
        if kept is None:
            self._skip(kind, error, "the connection goes on, and a later session makes up for it")
        else:
            self._skip(kind, error, kept)
        self.outdated.set()

    def _skip(self, kind: str, error: BaseException, kept: str) -> None:
        self.malformed.skip(f"gateway {kind}", error, kept)


def heartbeat_seconds(milliseconds: object) -> float | None:
    """The interval that HELLO asks for, within sensible limits; None if it is not an interval."""
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool):
        return None
    if not 0 < milliseconds < math.inf:
        return None
    # Divided last: a large integer can't become a float.
    limit = int(_LEAST_OFTEN_SECONDS * 1000)
    return max(_MOST_OFTEN_SECONDS, min(milliseconds, limit) / 1000)


def next_sequence(last: int | None, received: object) -> int:
    """The number of an event: what it says if that is plausible, else the next one.

    A wrong number would end the session when it is resumed.
    """
    last = last or 0
    if isinstance(received, int) and last < received <= last + _LARGEST_GAP:
        return received
    return last + 1
