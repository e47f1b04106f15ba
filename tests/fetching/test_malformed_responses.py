"""Responses that browsers accept, although they break the rules of HTTP."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fetching.fetcher import Fetcher
from bot.fetching.lenient_http import repair_head
from tests.support.web import WebServer

BODY = b"<rss>" + b"x" * 100 + b"</rss>"
OK = b"HTTP/1.1 200 OK\r\n"
TYPE = b"Content-Type: text/xml\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
END = b"\r\n" + BODY
CHUNKED = b"\r\n%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        OK + TYPE + LENGTH,
        OK + b"a line without a colon\r\n" + TYPE + LENGTH,
        OK + TYPE + LENGTH + b"ver\r\n",
        OK + b"X-XSS-Protection=1;\r\n" + TYPE + LENGTH,
        OK + b"HTTP/1.1 200 OK\r\n" + TYPE + LENGTH,
        OK + b"X-A : b\r\nContent-Type\t: text/xml\r\nContent-Length : %d\r\n" % len(BODY),
        OK + b"Two words: b\r\n" + TYPE + LENGTH,
        OK + b"X(a)/b@c: d\r\n" + TYPE + LENGTH,
        OK + b": b\r\n:\r\n" + TYPE + LENGTH,
        OK + b"X-A: b\r\n  more\r\n\tand more\r\n" + TYPE + LENGTH,
        OK + b"Content-Type:\r\n text/xml\r\n" + LENGTH,
        OK + b" X-A: b\r\n" + TYPE + LENGTH,
        OK + b"broken\r\n folded\r\n" + TYPE + LENGTH,
        OK + b"X-\xe9: \xe9\r\nX-B: caf\xe9 \xf0\x9f\x98\x80\r\n" + TYPE + LENGTH,
        OK + b"X-A: a\0b\r\nX-B: a\x01b\r\nX-C: a\rb\r\n" + TYPE + LENGTH,
        (OK + TYPE + LENGTH).replace(b"\r", b""),
        OK.replace(b"\r", b"") + TYPE + LENGTH,
        OK + TYPE + LENGTH + LENGTH,
        OK + TYPE + LENGTH + LENGTH.replace(b": ", b": 00"),
        OK + TYPE + b"Content-Length: %d, %d\r\n" % (len(BODY), len(BODY)),
        OK + TYPE + b"Content-Length: ninety\r\n",
        OK + TYPE + b"Content-Length: -1\r\n",
        OK + TYPE + b"Content-Length:\r\n",
        OK + TYPE + b"Content-Length: bytes\r\n" + LENGTH,
        OK + TYPE + b"Transfer-Encoding: identity\r\n" + LENGTH,
        OK + TYPE + b"Transfer-Encoding:\r\n" + LENGTH,
        OK + TYPE + TYPE + b"ETag: a\r\nETag: b\r\n" + LENGTH,
        OK + TYPE,
        b"HTTP/1.1 200\r\n" + TYPE + LENGTH,
        b"HTTP/1.1 200 \r\n" + TYPE + LENGTH,
        b"HTTP/1.1  200  OK\r\n" + TYPE + LENGTH,
        b"HTTP/1.1 200 \xc3\x96K \xff\r\n" + TYPE + LENGTH,
        b"http/1.1 200 ok\r\n" + TYPE + LENGTH,
        b"HTTP/1.0 200 OK\r\n" + TYPE,
        b"HTTP/1.2 200 OK\r\n" + TYPE + LENGTH,
        b"HTTP/2 200\r\n" + TYPE + LENGTH,
        b"HTTP 200 OK\r\n" + TYPE,
        b"ICY 200 OK\r\n" + TYPE,
        b"\r\n\r\n" + OK + TYPE + LENGTH,
        b"\xef\xbb\xbf" + OK + TYPE + LENGTH,
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + TYPE + LENGTH,
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nbroken\r\n\r\n" + OK + TYPE + LENGTH,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000 + OK + TYPE + LENGTH,
        OK + b"Content-Security-Policy: " + b"x " * 5_000 + b"\r\n" + TYPE + LENGTH,
        OK + b"Set-Cookie: a=" + b"x" * 60_000 + b"\r\n" + TYPE + LENGTH,
        OK + b"X-A: b\r\n" * 500 + TYPE + LENGTH,
        OK + b"X-A: " + b"b" * 20_000 + b"\r\nX-B: " + b"c" * 50_000 + b"\r\n" + TYPE + LENGTH,
        OK + b"Upgrade: h2,h2c\r\nConnection: Upgrade\r\n" + TYPE + LENGTH,
    ],
)
async def test_malformed_header_lines_are_skipped(
    server: WebServer, fetcher: Fetcher, head: bytes
) -> None:
    """The body and the other fields are read, however the bytes arrive."""
    whole = head + END
    at_once = server.raw("/feed", whole)
    split = server.raw(
        "/split", *(whole[start : start + 997] for start in range(0, len(whole), 997))
    )
    bytewise = server.raw("/bytewise", *(whole[:300][i : i + 1] for i in range(300)), whole[300:])
    for address in (at_once, split, bytewise):
        response = await fetcher.get(address, allow_private=True)
        assert response.body == BODY
        assert response.content_type.endswith("text/xml")


@pytest.mark.parametrize(
    "head",
    [
        OK + b"Transfer-Encoding: chunked\r\n",
        OK + b"broken\r\ntransfer-encoding : Chunked\r\n",
        OK + LENGTH + b"Transfer-Encoding: chunked\r\n",
        OK + b"Transfer-Encoding: chunked\r\nContent-Length: 7\r\n",
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        OK + b"Transfer-Encoding: identity, chunked\r\n",
    ],
)
async def test_chunks_take_precedence_over_a_length(
    server: WebServer, fetcher: Fetcher, head: bytes
) -> None:
    response = await fetcher.get(server.raw("/feed", head + CHUNKED), allow_private=True)
    assert response.body == BODY


@pytest.mark.parametrize("close", [True, False])
async def test_bytes_after_the_body_are_ignored(
    server: WebServer, fetcher: Fetcher, close: bool
) -> None:
    """The length may count characters instead of bytes. The connection is not used again."""
    short = OK + b"Content-Length: 5\r\n" + END
    chunked = OK + b"Transfer-Encoding: chunked\r\n" + CHUNKED + b"more\r\n"
    for whole, expected in ((short, b"<rss>"), (chunked, BODY)):
        for chunks in ([whole], [whole[:-50], whole[-50:]]):
            address = server.raw("/feed", *chunks, close=close)
            assert (await fetcher.get(address, allow_private=True)).body == expected
        address = server.at("/next", BODY)
        assert (await fetcher.get(address, allow_private=True)).body == BODY


async def test_connections_are_reused(fetcher: Fetcher) -> None:
    """The head of each response is corrected."""
    peers: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.append(writer.get_extra_info("peername")[1])
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(OK + b"broken line\r\n" + LENGTH + END)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as raw_server:
        port = raw_server.sockets[0].getsockname()[1]
        for _ in range(3):
            response = await fetcher.get(f"http://127.0.0.1:{port}/", allow_private=True)
            assert response.body == BODY
        assert len(peers) == 1
        await fetcher.__aexit__()


@given(st.binary(max_size=300))
def test_any_head_is_repaired(fields: bytes) -> None:
    """The result has only lines that are valid, and repairing it again changes nothing."""
    repaired = repair_head(OK + fields + b"\r\n\r\n")
    if repaired is not None:
        assert repaired.status == 200
        assert repaired.lines.endswith(b"\r\n\r\n")
        lines = repaired.lines.split(b"\r\n")[1:-2]
        assert all(b":" in line and not {*b"\r\n\0"} & {*line} for line in lines)
        assert repair_head(repaired.lines) == repaired
