"""Keeps the client connected to the gateway, with growing waits between attempts.

discord.py's own loop ends if the first connection fails, and reconnects at once and without a log
line to a gateway that closes its connections. docs/decisions/0011-gateway.md lists which parts of
the library are used instead.

https://discord.com/developers/docs/events/gateway#connection-lifecycle
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import discord
import yarl
from discord.gateway import ReconnectWebSocket
from discord.http import Route

from bot.clock import Clock, finish_within
from bot.discordapp.endpoint import is_discord, use_announced_gateway
from bot.discordapp.gateway_socket import GatewaySocket
from bot.discordapp.malformed import MALFORMED, MalformedData
from bot.discordapp.outcomes import FAILURES, longest_wait
from bot.errors import TokenError, one_line
from bot.retry import Backoff

logger = logging.getLogger(__name__)

HELLO_SECONDS = 30.0
READY_SECONDS = 60.0
# A connection that lasted this long counts as good: the next attempt follows at once.
STABLE_SECONDS = 60.0
# Meanwhile commands are not answered, and granted permissions are not noticed.
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=30)
# Discord accepts 1,000 new sessions a day; with this longest wait there are at most 720.
# https://discord.com/developers/docs/events/gateway#session-start-limit-object
_LONGEST_IDENTIFY_WAIT = timedelta(minutes=2)
# A skipped event leaves the cache out of date. The connection goes on, and a later session brings
# the cache up to date. A server that can't be used at all is asked for sooner, but ever less often
# if it can't be used in the new session either.
_RENEWAL_WAIT = timedelta(minutes=10)
_FIRST_SERVER_WAIT, _LONGEST_SERVER_WAIT = timedelta(seconds=20), timedelta(hours=1)
_ENDS = (*FAILURES, ReconnectWebSocket, discord.ConnectionClosed)
_TOKEN_REJECTED = 4004


@dataclass(frozen=True, slots=True)
class _Session:
    """What a lost session is resumed with; `gateway` is None for the default one.

    `outdated`: an event of it was skipped, so that it has to be replaced later.
    """

    id: str
    sequence: int | None
    gateway: yarl.URL | None
    outdated: bool


@dataclass(frozen=True, slots=True)
class _End:
    """How a connection ended. `renewed`: we ended it, because a new session is needed."""

    reason: str
    resumable: bool = True
    code: int | None = None
    renewed: bool = False


class Gateway:
    """Connects a client that has logged in, again and again."""

    def __init__(self, client: discord.Client, clock: Clock, malformed: MalformedData) -> None:
        class Socket(GatewaySocket):
            pass

        Socket.malformed = malformed
        self._socket_class = Socket
        self._client = client
        self._clock = clock
        self._malformed = malformed
        self._session: _Session | None = None
        self._waits = Backoff(_FIRST_WAIT, _LONGEST_WAIT)
        self._retry_at_once = True
        self._identify_waits = Backoff(_FIRST_WAIT, _LONGEST_IDENTIFY_WAIT)
        self._identify_at = clock.monotonic()
        self._server_waits = Backoff(_FIRST_SERVER_WAIT, _LONGEST_SERVER_WAIT)
        self._reported: set[str] = set()

    async def run(self) -> None:
        """Stay connected until the client is closed.

        Raises `TokenError` if Discord rejects the token.
        """
        with self._short_task_errors():
            await self.find_address()
            while not self._client.is_closed():
                started = self._clock.monotonic()
                established, end = await self._connect()
                if self._client.is_closed():
                    return
                if end.code == _TOKEN_REJECTED:
                    await self._check_token()
                lasted = self._clock.monotonic() - started
                if established and lasted >= STABLE_SECONDS:
                    self._waits.reset()
                    self._retry_at_once = True
                    self._reported.clear()
                await self._wait_to_reconnect(established, end)

    async def _wait_to_reconnect(self, established: bool, end: _End) -> None:
        if end.renewed or (established and self._retry_at_once):
            self._retry_at_once = end.renewed and self._retry_at_once
            logger.info("reconnecting to the gateway: %s", end.reason)
            return
        wait = self._waits.next_wait().total_seconds()
        level = logging.DEBUG if end.reason in self._reported else logging.WARNING
        self._reported.add(end.reason)
        logger.log(
            level,
            "no connection to the gateway: %s; retrying in %d s, then at growing intervals",
            end.reason,
            wait,
        )
        await self._clock.sleep(wait)

    async def _connect(self) -> tuple[bool, _End]:
        """Connect, and handle events until the connection ends.

        Returns whether the session was established, and how the connection ended.
        """
        session = self._session
        try:
            wait = self._identify_at - self._clock.monotonic()
            if session is None and wait > 0:
                await self._clock.sleep(wait)
            socket = await finish_within(self._open(session), HELLO_SECONDS, self._clock)
        except _ENDS as error:
            if session is not None:
                self._session = replace(session, gateway=None)
            return False, _explain(error)
        self._client.ws = socket
        if session is None:
            self._count_identify()
        elif session.outdated:
            socket.outdated.set()
        end = _End("the bot stops", resumable=False)
        try:
            end = await self._follow(socket)
        finally:
            await socket.abandon(ends_session=not end.resumable)
        established = socket.established.is_set()
        self._session = None
        if established:
            if not socket.incomplete:
                self._server_waits.reset()
            if end.resumable and socket.session_id is not None:
                self._session = _Session(
                    socket.session_id,
                    socket.sequence,
                    socket.gateway,
                    outdated=socket.outdated.is_set(),
                )
        return established, end

    async def find_address(self) -> None:
        """Ask for the gateway's address until there is one; Discord's own gateway has a default.

        Raises `TokenError` if Discord rejects the token.
        """
        backoff, problem = Backoff(_FIRST_WAIT, _LONGEST_WAIT), ""
        while True:
            try:
                await use_announced_gateway(self._client)
            except FAILURES as error:
                _raise_if_rejected(error)
                if is_discord():
                    logger.info("using the usual address of the gateway: %s", error)
                    return
                wait = longest_wait(backoff.next_wait(), error)
                if str(error) != problem:
                    problem = str(error)
                    logger.warning(
                        "can't find the gateway (%s); retrying, first in %d s", error, wait
                    )
                await self._clock.sleep(wait)
            else:
                return

    async def _open(self, session: _Session | None) -> GatewaySocket:
        """Connect, wait for HELLO, and send IDENTIFY or RESUME."""
        if session is None:
            return await self._socket_class.from_client(self._client)
        return await self._socket_class.from_client(
            self._client,
            gateway=session.gateway,
            session=session.id,
            sequence=session.sequence,
            resume=True,
        )

    def _count_identify(self) -> None:
        """Decide when the next new session may be asked for."""
        now = self._clock.monotonic()
        if now - self._identify_at >= _LONGEST_IDENTIFY_WAIT.total_seconds():
            self._identify_waits.reset()
        self._identify_at = now + self._identify_waits.next_wait().total_seconds()

    async def _follow(self, socket: GatewaySocket) -> _End:
        """Handle events until the connection ends, or has to be replaced."""
        tasks = [
            asyncio.ensure_future(_receive(socket)),
            asyncio.ensure_future(self._watch(socket)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, socket: GatewaySocket) -> _End:
        """Return when a new session is needed."""
        try:
            await finish_within(socket.established.wait(), READY_SECONDS, self._clock)
        except TimeoutError:
            return _End(f"no session within {READY_SECONDS:.0f} s", resumable=False)
        await socket.outdated.wait()
        wait = _RENEWAL_WAIT
        if socket.incomplete:
            wait = self._server_waits.next_wait()
        allowed = self._identify_at - self._clock.monotonic()
        await self._clock.sleep(max(wait.total_seconds(), allowed))
        return _End("some events could not be read", resumable=False, renewed=True)

    async def _check_token(self) -> None:
        """Raise `TokenError` if the REST API rejects the token, too."""
        try:
            await self._client.http.request(Route("GET", "/users/@me"))
        except FAILURES as error:
            # If it can't be found out, the next connection shows it.
            _raise_if_rejected(error)

    @contextmanager
    def _short_task_errors(self) -> Iterator[None]:
        """Log malformed data in a task of discord.py, which has no handler for it, in one line.

        Such a task handles one command or component; only that one is skipped.
        """
        loop = asyncio.get_running_loop()
        before = loop.get_exception_handler()

        def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            error, task = context.get("exception"), context.get("task") or context.get("future")
            name = task.get_name() if isinstance(task, asyncio.Task) else ""
            if isinstance(error, MALFORMED) and name.startswith(("CommandTree", "discord")):
                self._malformed.skip("interaction", error, "the others are answered")
            elif before is not None:
                before(loop, context)
            else:
                loop.default_exception_handler(context)

        loop.set_exception_handler(handle)
        try:
            yield
        finally:
            loop.set_exception_handler(before)


async def _receive(socket: GatewaySocket) -> _End:
    """Handle frames until the connection ends."""
    try:
        while True:
            await socket.poll_event()
    except _ENDS as error:
        return _explain(error, socket.socket.close_code)


def _raise_if_rejected(error: Exception) -> None:
    """Raise `TokenError` if the REST API rejected the token."""
    if isinstance(error, discord.HTTPException) and error.status == 401:  # noqa: PLR2004 - HTTP
        raise TokenError(
            "Discord rejected the token; copy a new one from the application's Bot page"
        ) from error


def _explain(error: Exception, code: int | None = None) -> _End:
    match error:
        case ReconnectWebSocket():
            if code is None:
                return _End("it closed the connection", error.resume)
            return _End(f"it closed with code {code}", error.resume)
        case discord.ConnectionClosed():
            return _End(f"Discord refuses it with code {error.code}", False, error.code)
        case TimeoutError():
            return _End("no answer in time")
        case _:
            return _End(one_line(error))
