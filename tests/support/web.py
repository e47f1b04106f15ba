"""A web server for tests with configurable responses, which records its requests."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from aiohttp import web

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class WebServer:
    """Listens on a free local port. Unknown paths return 404."""

    port: int = 0
    requests: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    handlers: dict[str, Handler] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str) -> str:
        """Return the address of a path, which begins with a slash."""
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> str:
        """Serve this at a path and return its address. `_` in a header's name stands for `-`."""
        header_fields = {name.replace("_", "-"): value for name, value in headers.items()}

        async def handle(_: web.Request) -> web.Response:
            content = body.encode() if isinstance(body, str) else body
            return web.Response(body=content, status=status, headers=header_fields)

        self.handlers[path] = handle
        return self.url(path)

    def versioned(self, path: str, body: bytes | str, etag: str = '"1"') -> str:
        """Serve this with an ETag; return 304 to requests with the same ETag."""
        content = body.encode() if isinstance(body, str) else body

        async def handle(request: web.Request) -> web.Response:
            if request.headers.get("If-None-Match") == etag:
                return web.Response(status=304, headers={"ETag": etag})
            return web.Response(body=content, headers={"ETag": etag})

        self.handlers[path] = handle
        return self.url(path)

    def raw(self, path: str, *chunks: bytes, pause: float = 0, close: bool = True) -> str:
        """Send these bytes, including the headers, with a pause after each, and then disconnect."""

        async def handle(request: web.Request) -> web.StreamResponse:
            transport = request.transport
            assert transport is not None
            for chunk in chunks:
                transport.write(chunk)
                await asyncio.sleep(pause)
            if not close:
                await asyncio.Event().wait()
            transport.close()
            return web.StreamResponse()

        self.handlers[path] = handle
        return self.url(path)

    async def wait_for_requests(self, path: str, times: int = 2) -> None:
        """Wait for a number of further requests of a path.

        When the second request arrives, the result of the first one has been stored.
        """
        target = self.requests.count(path) + times
        async with asyncio.timeout(60):
            while self.requests.count(path) < target:
                self._changed.clear()
                await self._changed.wait()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Record a request and return the configured response."""
        self.requests.append(request.path_qs)
        self.headers.append(dict(request.headers))
        self._changed.set()
        handler = self.handlers.get(request.path_qs) or self.handlers.get(request.path)
        return await handler(request) if handler else web.Response(status=404)


@asynccontextmanager
async def serve_web() -> AsyncIterator[WebServer]:
    """Run a server within the `with` block."""
    server = WebServer()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()


def gzipped(body: bytes | str) -> bytes:
    """Compress with gzip, reproducibly: parametrized tests are named by the result."""
    return gzip.compress(body.encode() if isinstance(body, str) else body, mtime=0)
