"""Servers that send without end, or nothing, in each phase of a response.

Each request ends with one error: at a limit of size where there is one, else at the time limit.
"""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from bot.errors import FetchError
from bot.fetching.fetcher import Fetcher, Limits
from tests.support.clock import FakeClock

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BLOCK = 64 * 1024


def bomb(layers: int) -> bytes:
    """A hundred megabytes of spaces, compressed several times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    data = b"".join(packer.compress(b" " * 2**20) for _ in range(100)) + packer.flush()
    for _ in range(layers - 1):
        data = gzip.compress(data, mtime=0)
    return data


# What is sent once, and what is sent until the connection ends.
AT_A_LIMIT = {
    "status line": (b"HTTP/1.1 200 ", b"a" * BLOCK),
    "headers": (OK, b"X-A: " + b"b" * 1_000 + b"\r\n"),
    "header line": (OK + b"X-A: ", b"b" * BLOCK),
    "lines": (OK, b"a\n" * BLOCK),
    "line breaks": (b"", b"\r\n" * BLOCK),
    "interim responses": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 1_000),
    "upgrade": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", b"a" * BLOCK),
    "body": (OK + b"\r\n", b"a" * BLOCK),
    "long body": (OK + b"Content-Length: 999999999999999999\r\n\r\n", b"a" * BLOCK),
    "chunk": (CHUNKED + b"FFFFFFFFFFFFFFFFFFFF\r\n", b"a" * BLOCK),
    "trailers": (CHUNKED + b"0\r\n", b"X: y\r\n" * BLOCK),
    "trailer": (CHUNKED + b"0\r\nX: ", b"y" * BLOCK),
    "redirects": (b"HTTP/1.1 302 Found\r\nLocation: /" + b"a" * 60_000 + b"\r\n\r\n", b"a" * BLOCK),
    "error": (b"HTTP/1.1 503 X\r\nRetry-After: " + b"9" * 60_000 + b"\r\n\r\n", b"a" * BLOCK),
    "gzip": (OK + b"Content-Encoding: gzip\r\n\r\n" + bomb(1), None),
    "gzip twice": (OK + b"\r\n" + bomb(2), None),
    "gzip members": (OK + b"\r\n" + gzip.compress(b"", mtime=0) * 200_000, None),
}
AT_THE_TIME_LIMIT = {
    "nothing": (b"", b""),
    "half a status": (b"HTTP/1.1 2", b""),
    "status": (OK, b""),
    "half a header": (OK + b"Content-Le", b""),
    "head": (OK + b"Content-Length: 5\r\n\r\n", b""),
    "half a body": (OK + b"Content-Length: 5\r\n\r\nab", b""),
    "half a chunk": (CHUNKED + b"5\r\nab", b""),
    "chunk extension": (CHUNKED + b"1;", b"a" * BLOCK),
    "chunk size": (CHUNKED, b"0" * BLOCK),
    "half a trailer": (CHUNKED + b"1\r\na\r\n0\r\nX", b""),
}


class HostileServer:
    """Answers every request in the same way, to the end of the connection."""

    def __init__(self) -> None:
        self.port = 0
        self.first: bytes = b""
        self.then: bytes | None = None

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send `first`, and then `then` for ever; None ends the connection, b"" is silence."""
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.first)
            while self.then and not writer.transport.is_closing():
                writer.write(self.then)
                await writer.drain()
            if self.then == b"":
                await reader.read()
        writer.close()


@pytest.fixture
async def hostile() -> AsyncIterator[HostileServer]:
    server = HostileServer()
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server


async def fetch_error(server: HostileServer, seconds: float) -> str:
    limits = Limits(total_seconds=seconds, max_bytes=2**20)
    async with Fetcher(FakeClock(), user_agent="x", limits=limits) as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.get(f"http://127.0.0.1:{server.port}/", allow_private=True)
    return str(caught.value)


@pytest.mark.parametrize("phase", AT_A_LIMIT)
async def test_endless_responses_end_at_a_limit(hostile: HostileServer, phase: str) -> None:
    """They are given up long before the time limit."""
    hostile.first, hostile.then = AT_A_LIMIT[phase]
    error = await fetch_error(hostile, 60)
    assert "did not respond" not in error
    assert "\n" not in error


@pytest.mark.parametrize("phase", AT_THE_TIME_LIMIT)
async def test_silence_ends_at_the_time_limit(hostile: HostileServer, phase: str) -> None:
    """So does what aiohttp reads without keeping it."""
    hostile.first, hostile.then = AT_THE_TIME_LIMIT[phase]
    assert "did not respond within" in await fetch_error(hostile, 0.1)
