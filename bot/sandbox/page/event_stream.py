"""The event stream of the page, over WebSockets."""

import asyncio
import json
from collections.abc import Callable

from aiohttp import WSCloseCode, WSMsgType, web

from bot.sandbox.interactions.person import Person
from bot.sandbox.model import payloads
from bot.sandbox.model.entities import Json
from bot.sandbox.model.world import Event, World
from bot.sandbox.page import page_payloads
from bot.sandbox.rest.api import RequestRecord

_MESSAGE_EVENTS = {"MESSAGE_CREATE": "message_create", "MESSAGE_UPDATE": "message_update"}
_PERSONAL_EVENTS = {"SANDBOX_INTERACTION_FAILED": "interaction_failed", "SANDBOX_MODAL": "modal"}
# A page with this many unread events has been closed; on reconnecting it reloads everything.
_MAX_QUEUED_EVENTS = 5000


class PageEvents:
    """The open pages, each with the person that it acts as."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pages: dict[web.WebSocketResponse, tuple[Person, asyncio.Queue[str]]] = {}
        self.sequence = 0

    async def handle(self, request: web.Request, person: Person) -> web.WebSocketResponse:
        """Serve one open page until it is closed."""
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        queue: asyncio.Queue[str] = asyncio.Queue(_MAX_QUEUED_EVENTS)
        self._pages[socket] = (person, queue)
        writer = asyncio.create_task(self._write(socket, queue))
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            del self._pages[socket]
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    @staticmethod
    async def _write(socket: web.WebSocketResponse, queue: asyncio.Queue[str]) -> None:
        while True:
            await socket.send_str(await queue.get())

    async def close(self) -> None:
        """Close the connection of every page."""
        for socket in tuple(self._pages):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    def _send(self, kind: str, build: Callable[[Person], Json | list[Json] | None]) -> None:
        """Send each page what `build` returns for its person; None: nothing."""
        self.sequence += 1
        for person, queue in self._pages.values():
            data = build(person)
            if data is not None and not queue.full():
                queue.put_nowait(json.dumps({"type": kind, "data": data}))

    def on_request(self, record: RequestRecord) -> None:
        """Publish a request of the bot."""
        if self._pages:
            self._send("request", lambda _: page_payloads.request(record))

    def on_event(self, event: Event) -> None:
        """Publish an event of the world."""
        if not self._pages:
            self.sequence += 1
        elif event.name in _MESSAGE_EVENTS:
            self._send(
                _MESSAGE_EVENTS[event.name], lambda person: self._message_payload(event, person)
            )
        elif event.name == "MESSAGE_DELETE":
            self._send(
                "message_delete",
                lambda person: event.build() if self._can_see(event, person) else None,
            )
        elif event.name == "SANDBOX_COMMANDS":
            self._send("commands", lambda _: self._world.commands)
        elif event.name in _PERSONAL_EVENTS:
            data = event.build()
            self._send(
                _PERSONAL_EVENTS[event.name],
                lambda person: data if data["user_id"] == str(person.user_id) else None,
            )
        elif event.name == "SANDBOX_BOT":
            self._send("bot", lambda _: event.build())
        elif event.name in {"THREAD_CREATE", "THREAD_UPDATE"}:
            self._send_thread(int(event.build()["id"]))
        elif event.name == "THREAD_DELETE":
            deleted = event.build()
            self._send("thread_delete", lambda _: deleted)
        elif event.guild_id is not None and event.name != "INTERACTION_CREATE":
            self._send_guild(event.guild_id)

    def _message_payload(self, event: Event, person: Person) -> Json | None:
        if event.message is None or not self._can_see(event, person):
            return None
        return payloads.message_event(self._world, event.message)

    @staticmethod
    def _can_see(event: Event, person: Person) -> bool:
        message = event.message
        if message is None or message.ephemeral_for not in {None, person.user_id}:
            return False
        return person.sees(message.channel_id)

    def _send_thread(self, thread_id: int) -> None:
        """Send a new or changed thread to the pages of those who can see it."""
        thread = self._world.channel(thread_id)
        self._send(
            "thread",
            lambda person: (
                page_payloads.channel(self._world, thread, person)
                if person.sees(thread_id)
                else None
            ),
        )

    def _send_guild(self, guild_id: int) -> None:
        """Send the changed server to the pages of its members."""
        guild = self._world.guilds.get(guild_id)
        if guild is None:
            self._send("guild_delete", lambda _: {"id": str(guild_id)})
            return
        self._send(
            "guild_update",
            lambda person: (
                page_payloads.guild(self._world, guild, person)
                if person.user_id in guild.members
                else None
            ),
        )
