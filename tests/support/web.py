"""A web server for tests: it answers as it is told, and notes what it was asked."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from aiohttp import web

Answering: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class WebServer:
    """Listens on a free port of this machine. Unknown paths are 404."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    answers: dict[str, Answering] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str) -> str:
        """The address of a path (with its slash)."""
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> str:
        """Answer this at a path; gives its address. `_` in a header's name stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def answer(_: web.Request) -> web.Response:
            content = body.encode() if isinstance(body, str) else body
            return web.Response(body=content, status=status, headers=named)

        self.answers[path] = answer
        return self.url(path)

    def versioned(self, path: str, body: bytes | str, etag: str = '"1"') -> str:
        """Answer this to whoever does not have it yet."""
        content = body.encode() if isinstance(body, str) else body

        async def answer(request: web.Request) -> web.Response:
            if request.headers.get("If-None-Match") == etag:
                return web.Response(status=304, headers={"ETag": etag})
            return web.Response(body=content, headers={"ETag": etag})

        self.answers[path] = answer
        return self.url(path)

    def raw(self, path: str, *pieces: bytes, pause: float = 0, close: bool = True) -> str:
        """Answer these bytes, headers and all, with a pause after each, and then hang up."""

        async def answer(request: web.Request) -> web.StreamResponse:
            transport = request.transport
            assert transport is not None
            for piece in pieces:
                transport.write(piece)
                await asyncio.sleep(pause)
            if not close:
                await asyncio.Event().wait()
            transport.close()
            return web.StreamResponse()

        self.answers[path] = answer
        return self.url(path)

    async def asked_again(self, path: str, times: int = 2) -> None:
        """Wait until it has been asked for a path so often from now on.

        When the second question comes, what the first one brought has been stored.
        """
        enough = self.asked.count(path) + times
        async with asyncio.timeout(20):
            while self.asked.count(path) < enough:
                self._changed.clear()
                await self._changed.wait()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Note what was asked, and answer as told."""
        self.asked.append(request.path_qs)
        self.headers.append(dict(request.headers))
        self._changed.set()
        answer = self.answers.get(request.path_qs) or self.answers.get(request.path)
        return await answer(request) if answer else web.Response(status=404)


@asynccontextmanager
async def serve_web() -> AsyncIterator[WebServer]:
    """Serve until it is left."""
    server = WebServer()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()


def packed(body: bytes | str) -> bytes:
    """As gzip, always the same: a test that is named by it has one name."""
    return gzip.compress(body.encode() if isinstance(body, str) else body, mtime=0)
