"""Serves small web applications of the bot: bounded, and unable to end it."""

import asyncio
import errno
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.errors import WebServerError

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

logger = logging.getLogger(__name__)

_LINGERING_SECONDS = 2.0
_SHUTDOWN_SECONDS = 0.5
_SWEEPS = 20

_HEADERS = {"Cache-Control": "no-store", "Connection": "close", "X-Content-Type-Options": "nosniff"}
_PROBLEMS = {
    errno.EADDRINUSE: "is in use; use another one",
    errno.EACCES: "needs more privileges; use one above 1023",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What requests may cost. A connection carries one request.

    `largest_body` is in bytes. A connection may take longer than the work on its request, as it
    waits for the network.
    """

    largest_body: int = 1024
    request_seconds: float = 10.0
    connection_seconds: float = 20.0
    connections: int = 64


DEFAULT_BOUNDS = Bounds()


@asynccontextmanager
async def serve(
    routes: Iterable[web.AbstractRouteDef],
    host: str,
    port: int,
    *,
    section: str,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> AsyncIterator[str]:
    """Serve until the block ends; port 0 selects a free one. Yields the address.

    `section` is that of the settings. A handler that fails is logged, and its request is answered
    with status 500. Raises `WebServerError` if host or port can't be used.
    """
    application = web.Application(
        client_max_size=bounds.largest_body, middlewares=[_answer_safely(bounds)]
    )
    application.on_response_prepare.append(_complete_headers)
    application.add_routes(routes)
    async with AsyncExitStack() as stack:
        runner = web.AppRunner(
            application,
            access_log=None,
            # What the handlers don't cause: malformed requests and broken connections.
            logger=logging.Logger("unheard", logging.CRITICAL + 1),  # noqa: LOG001 - ours alone
            auto_decompress=False,
            lingering_time=_LINGERING_SECONDS,
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        assert runner.server is not None
        connections = _Connections(runner.server, bounds)
        try:
            server = await asyncio.get_running_loop().create_server(
                connections.accept, host, port, reuse_address=True
            )
        except (OSError, UnicodeError) as error:
            raise _explain(error, host, port, section) from error
        stack.callback(server.close)
        sweeping = asyncio.create_task(connections.close_old())
        stack.push_async_callback(_cancel, sweeping)
        yield _address(server.sockets[0])


class _Connections:
    """Bounds the number of a server's connections, and how long they stay open.

    aiohttp would wait forever for the first request of a connection.
    """

    def __init__(self, server: web.Server, bounds: Bounds) -> None:
        self._server = server
        self._bounds = bounds
        self._loop = asyncio.get_running_loop()
        self._opened: dict[web.RequestHandler, float] = {}

    def accept(self) -> asyncio.Protocol:
        if len(self._server.connections) >= self._bounds.connections:
            return _Refusal()
        connection = self._server()
        self._opened[connection] = self._loop.time()
        return connection

    async def close_old(self) -> None:
        while True:
            await asyncio.sleep(self._bounds.connection_seconds / _SWEEPS)
            now, open_connections = self._loop.time(), set(self._server.connections)
            for connection, opened in list(self._opened.items()):
                if connection not in open_connections:
                    del self._opened[connection]
                elif now - opened >= self._bounds.connection_seconds:
                    connection.force_close()


class _Refusal(asyncio.Protocol):
    """Closes a connection at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


def _answer_safely(bounds: Bounds) -> Middleware:
    """Answer in time, and with a plain line if the handler fails."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        if "Content-Encoding" in request.headers:
            return _plain(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        try:
            async with asyncio.timeout(bounds.request_seconds):
                return await handler(request)
        except TimeoutError:
            return _plain(HTTPStatus.SERVICE_UNAVAILABLE)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception:
            logger.exception("%s %s failed; the bot continues", request.method, request.path)
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR)

    return answer


def _plain(status: HTTPStatus) -> web.Response:
    return web.Response(status=status, text=f"{status.value}: {status.phrase}\n")


async def _complete_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.force_close()
    response.headers.pop("Server", None)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _explain(error: OSError | UnicodeError, host: str, port: int, section: str) -> WebServerError:
    if problem := _PROBLEMS.get(getattr(error, "errno", None) or 0):
        return WebServerError(f"{section}.port: port {port} of {host} {problem}")
    return WebServerError(
        f"{section}.host: {host} can't be used; write an address of this machine, such as 127.0.0.1"
    )


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
