"""The bot's web server: its bounds, and what goes wrong with it."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web

from bot.errors import WebServerError
from bot.web_server import Bounds, serve

LOOPBACK = "127.0.0.1"
IMPATIENT = Bounds(largest_body=100, request_seconds=0.1, connection_seconds=0.1, connections=3)


async def _echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def _fail(_: web.Request) -> web.Response:
    raise RuntimeError("a bug")


async def _hang(_: web.Request) -> web.Response:
    await asyncio.sleep(3600)
    raise AssertionError


ROUTES = [web.post("/echo", _echo), web.get("/fail", _fail), web.get("/hang", _hang)]


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """The address of a server."""
    async with serve(ROUTES, LOOPBACK, 0, section="telemetry", bounds=IMPATIENT) as url:
        yield url


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_response_has_few_headers_and_ends_its_connection(
    url: str, http: aiohttp.ClientSession
) -> None:
    async with http.post(f"{url}/echo", data=b"words") as response:
        assert await response.read() == b"words"
    assert set(response.headers) == {
        "Cache-Control", "Connection", "Content-Length", "Content-Type", "Date",
        "X-Content-Type-Options",
    }  # fmt: skip
    assert response.headers["Connection"] == "close"


async def test_an_unknown_page_has_the_same_headers(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/other") as response:
        assert response.status == 404
    assert "Server" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"


async def test_a_body_above_the_bound_is_refused(url: str, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{url}/echo", data=b"x" * 101) as response:
        assert response.status == 413


async def test_a_compressed_body_is_refused(url: str, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{url}/echo", data=b"x", compress="gzip") as response:
        assert response.status == 415


async def test_a_handler_that_fails_is_logged_and_answered(
    url: str, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    async with http.get(f"{url}/fail") as response:
        assert (response.status, await response.text()) == (500, "500: Internal Server Error\n")
    assert [record.getMessage() for record in caplog.records] == [
        "GET /fail failed; the bot continues"
    ]


async def test_a_handler_that_takes_too_long_is_ended(
    url: str, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{url}/hang") as response:
        assert response.status == 503


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"\x16\x03\x01\x02\x00 not HTTP\r\n\r\n", id="another protocol"),
        pytest.param(b"GET / HTTP/1.1\r\nno colon\r\n\r\n", id="a malformed header"),
        pytest.param(b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", id="a long address"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 500 + b"\r\n", id="many headers"),
    ],
)
async def test_a_malformed_request_is_answered_and_not_logged(
    url: str, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reader, writer = await _connect(url)
    writer.write(sent)
    assert (await reader.read()).startswith(b"HTTP/1.0 400")
    writer.close()
    assert [record for record in caplog.records if record.name != "asyncio"] == []


async def test_a_connection_without_a_request_is_closed(url: str) -> None:
    reader, writer = await _connect(url)
    writer.write(b"GET / HTTP/1.1\r\n")
    assert await reader.read() == b""
    writer.close()


async def test_one_connection_too_many_is_refused_alone() -> None:
    bounds = Bounds(connections=2)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(
            serve(ROUTES, LOOPBACK, 0, section="telemetry", bounds=bounds)
        )
        connections = [await _connect(url) for _ in range(3)]
        for _, writer in connections:
            stack.callback(writer.close)
        refused, _ = connections[2]
        assert await refused.read() == b""
        reader, writer = connections[0]
        writer.write(b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 404")


async def test_the_server_stops_while_a_request_is_in_progress() -> None:
    async with AsyncExitStack() as stack:
        async with serve(ROUTES, LOOPBACK, 0, section="telemetry") as url:
            reader, writer = await _connect(url)
            stack.callback(writer.close)
            writer.write(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await reader.read() == b""


async def test_a_port_in_use_is_an_error_with_a_remedy() -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(WebServerError) as caught:
            async with serve([], LOOPBACK, port, section="telemetry"):
                pass
    assert str(caught.value) == (
        f"telemetry.port: port {port} of 127.0.0.1 is in use; use another one"
    )


@pytest.mark.parametrize("host", ["nosuch.invalid", "192.0.2.1", "not a host", "a" * 300])
async def test_a_host_of_another_machine_is_an_error_with_a_remedy(host: str) -> None:
    with pytest.raises(WebServerError) as caught:
        async with serve([], host, 0, section="push"):
            pass
    assert str(caught.value) == (
        f"push.host: {host} can't be used; write an address of this machine, such as 127.0.0.1"
    )


async def test_an_ipv6_address_is_written_in_brackets() -> None:
    async with serve(ROUTES, "::1", 0, section="telemetry") as url:
        assert url.startswith("http://[::1]:")


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(LOOPBACK, int(url.rpartition(":")[2]))
