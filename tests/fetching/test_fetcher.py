import asyncio
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FetchError
from bot.fetching.fetcher import (
    MAX_REDIRECTS,
    MAX_RETRY_AFTER,
    NO_VALIDATORS,
    Fetcher,
    Limits,
    Response,
    Validators,
    parse_retry_after,
)
from tests.support.clock import FakeClock
from tests.support.web import WebServer, gzipped

BODY = b"<rss/>" * 100


async def get(fetcher: Fetcher, address: str, validators: Validators = NO_VALIDATORS) -> Response:
    return await fetcher.get(address, allow_private=True, validators=validators)


async def fetch_error(fetcher: Fetcher, address: str) -> str:
    """Return the message of the error for an address that can't be fetched."""
    with pytest.raises(FetchError) as caught:
        await get(fetcher, address)
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_response_includes_validators(server: WebServer, fetcher: Fetcher) -> None:
    """A response has body, type and validators; the request has our User-Agent."""
    address = server.at("/feed", BODY, ETag='"7"', Last_Modified="Mon", Content_Type="text/xml")
    assert await get(fetcher, address) == Response(
        address, BODY, "text/xml", Validators('"7"', "Mon"), None
    )
    assert server.headers[0]["User-Agent"] == "Storywire/1.2.3"


async def test_unchanged_body_is_not_sent_again(server: WebServer, fetcher: Fetcher) -> None:
    """The request contains the ETag and the date, and the server returns 304."""
    address = server.versioned("/feed", BODY, etag='W/"x"')
    response = await get(fetcher, address, validators=Validators('W/"x"', "Mon"))
    assert response.body is None
    assert server.headers[0]["If-Modified-Since"] == "Mon"


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("gzip", gzipped(BODY)),
        ("x-gzip", gzipped(BODY)),
        ("gzip", gzipped(BODY[:50]) + gzipped(BODY[50:]) + b"\0\0"),
        ("gzip", gzipped(BODY) + b"\0" * 90_000),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY, wbits=-15)),
        ("identity", BODY),
        ("", gzipped(BODY)),
        ("identity", gzipped(BODY)),
        ("", zlib.compress(BODY)),
        ("gzip", gzipped(gzipped(BODY))),
        ("", gzipped(gzipped(BODY))),
        ("gzip, gzip", gzipped(gzipped(BODY))),
        ("deflate", gzipped(BODY)),
        ("gzip", zlib.compress(BODY)),
        ("identity, gzip", gzipped(BODY)),
        ("utf-8", gzipped(BODY)),
    ],
)
async def test_compressed_response_is_decompressed(
    server: WebServer, fetcher: Fetcher, encoding: str, content: bytes
) -> None:
    address = server.at("/feed", content, Content_Encoding=encoding)
    assert (await get(fetcher, address)).body == BODY


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("utf-8", BODY),
        ("none", BODY),
        ("UTF-8, none", BODY),
        ("text/xml", BODY),
        ("\xff", BODY),
        ("br", BODY),
        ("zstd", b"\n\xef\xbb\xbf" + BODY),
        ("br", BODY.decode().encode("utf-16")),
        ("gzip", BODY),
        ("gzip", b'{"items": []}'),
        ("deflate", BODY),
        ("gzip", b""),
    ],
)
async def test_declared_compression_that_is_missing_is_ignored(
    server: WebServer, fetcher: Fetcher, encoding: str, content: bytes
) -> None:
    """Text is read as it is."""
    address = server.at("/feed", content, Content_Encoding=encoding)
    assert (await get(fetcher, address)).body == content


@pytest.mark.parametrize(
    ("encoding", "content", "expected"),
    [
        ("gzip", gzipped(BODY)[:-9], "ends in the middle"),
        ("gzip", gzipped(BODY)[:1], "ends in the middle"),
        ("deflate", zlib.compress(BODY)[:-5], "ends in the middle"),
        ("gzip", b"\x1f\x8b\x08" + bytes(100), "broken gzip"),
        ("gzip", b"\x8b\x01\x80garbage", "broken gzip"),
        ("deflate", b"\x07\x01\x80garbage", "broken deflate"),
        ("", gzipped(BODY)[:-9], "ends in the middle"),
        ("", gzipped(gzipped(BODY)[:-9]), "ends in the middle"),
        ("br", b"\x8b\x01\x80garbage", "compressed with br, which was not requested"),
        ("ZSTD", b"\x28\xb5\x2f\xfd\x00", "compressed with zstd, which was not requested"),
        ("gzip", gzipped(b"\0" * 50_000_000), "larger than 0.0953674 MB"),
        ("gzip", gzipped(b"\0" * 99_999) + gzipped(b"\0\0"), "larger than"),
        ("", b"\0" * 100_001, "larger than"),
        ("gzip", gzipped(b"") * 6_000, "larger than"),
        ("", gzipped(gzipped(b"\0" * 50_000_000)), "larger than"),
    ],
)
async def test_broken_and_huge_responses_are_rejected(
    server: WebServer, fetcher: Fetcher, encoding: str, content: bytes, expected: str
) -> None:
    """Truncated data and decompression bombs raise an error with a clear message."""
    assert expected in await fetch_error(
        fetcher, server.at("/feed", content, Content_Encoding=encoding)
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (204, "returned 204 No Content; there is nothing at this address"),
        (206, "returned 206 Partial Content; that is only a part"),
        (403, "returned 403 Forbidden; it refuses programs, or requires a login"),
        (404, "returned 404 Not Found; check the address"),
        (410, "permanently gone"),
        (401, "password"),
        (429, "returned 429 Too Many Requests"),
        (500, "returned 500 Internal Server Error"),
        (599, "returned 599"),
    ],
)
async def test_http_error_names_status_and_remedy(
    server: WebServer, fetcher: Fetcher, status: int, expected: str
) -> None:
    assert expected in await fetch_error(fetcher, server.at("/feed", status=status))


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Mon, 23 Nov 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("9" * 400, MAX_RETRY_AFTER),
        ("Mon, 23 Nov 2099 12:10:00 GMT", MAX_RETRY_AFTER),
        ("Mon, 23 Nov 2020 12:10:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Mon, 23 Nov 2026 12:10:00", timedelta(minutes=10)),
        ("Mon Nov 23 12:10:00 2026", timedelta(minutes=10)),
        ("Monday, 23-Nov-26 12:10:00 GMT", timedelta(minutes=10)),
        ("90.5", timedelta(seconds=90.5)),
        ("0.0", None),
        ("\u0665", None),
    ],
)
async def test_retry_after_is_used(
    server: WebServer, fetcher: Fetcher, value: str, wait: timedelta | None
) -> None:
    """It may be seconds or a date, up to a day; invalid values are ignored."""
    with pytest.raises(FetchError) as caught:
        await get(fetcher, server.at("/feed", status=503, Retry_After=value))
    assert caught.value.retry_after == wait


@given(st.text())
def test_any_retry_after_is_bounded(value: str) -> None:
    """Whatever the header contains, the wait is positive and at most a day."""
    wait = parse_retry_after(value, datetime(2026, 1, 1, tzinfo=UTC))
    assert wait is None or timedelta(0) < wait <= MAX_RETRY_AFTER


async def test_permanent_redirects_are_reported(server: WebServer, fetcher: Fetcher) -> None:
    """The new address is reported up to the first temporary redirect."""
    server.at("/old", status=301, Location="/new")
    server.at("/new", status=308, Location="newest")
    newest = server.at("/newest", BODY)
    assert await get(fetcher, server.url("/old")) == Response(
        newest, BODY, "application/octet-stream", Validators(), newest
    )
    server.at("/new", status=302, Location="/newest")
    assert (await get(fetcher, server.url("/old"))).moved_to == server.url("/new")
    assert (await get(fetcher, server.url("/new"))).moved_to is None


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/feed", "redirects to itself"),
        ("", "redirects without a target"),
        ("http://[", "invalid address"),
        ("http://[]@/", "invalid address"),
        ("https://[v1.x]@/", "invalid address"),
        (f"https://{'a' * 64}.example/", "invalid host name"),
        ("https://a..example/", "invalid host name"),
        ("ftp://files.example/", "does not begin with https://"),
        ("file:///etc/passwd", "does not begin with https://"),
        ("http://user:secret@127.0.0.1/", "name or password"),
        ("/loop", "redirects more than 5 times"),
    ],
)
async def test_redirects_are_bounded(
    server: WebServer, fetcher: Fetcher, location: str, expected: str
) -> None:
    """They must lead to web addresses without passwords and must not form a loop."""
    server.at("/feed", status=302, Location=location)
    server.at("/loop", status=302, Location="/loop2")
    server.at("/loop2", status=302, Location="/loop")
    message = await fetch_error(fetcher, server.url("/feed"))
    assert expected in message
    assert "secret" not in message
    assert len(server.requests) <= MAX_REDIRECTS + 1


async def test_unusable_validators_are_dropped(server: WebServer, fetcher: Fetcher) -> None:
    """Otherwise the next request could not be sent at all."""
    for etag in (b'"a\x01"', b'"' + b"a" * 2_000 + b'"'):
        head = HEAD + b"Content-Length: 1\r\nLast-Modified: Mon\r\nETag: " + etag
        response = await get(fetcher, server.raw("/feed", head + b"\r\n\r\nx"))
        assert response.validators == Validators("", "Mon")


@pytest.mark.parametrize("status", [200, 201, 202, 203, 226])
async def test_other_successes_are_read(server: WebServer, fetcher: Fetcher, status: int) -> None:
    assert (await get(fetcher, server.at("/feed", BODY, status=status))).body == BODY


@pytest.mark.parametrize(
    ("status", "headers", "page", "service"),
    [
        (403, {"cf-mitigated": "challenge"}, "", "Cloudflare"),
        (403, {}, "<html><title>Just a moment...</title>", "Cloudflare"),
        (503, {}, "<html><script>window._cf_chl_opt={}</script>", "Cloudflare"),
        (429, {"x-vercel-mitigated": "challenge"}, "", "Vercel"),
        (405, {"x-amzn-waf-action": "captcha"}, "", "AWS WAF"),
        (403, {"server": "ddos-guard"}, "", "DDoS-Guard"),
        (403, {"Content-Encoding": "gzip"}, "<title>DDoS-Guard</title>", "DDoS-Guard"),
    ],
)
async def test_challenge_is_named(
    server: WebServer,
    fetcher: Fetcher,
    status: int,
    headers: dict[str, str],
    page: str,
    service: str,
) -> None:
    """The message says that only browsers pass, and what to do."""
    content = gzipped(page) if "Content-Encoding" in headers else page
    address = server.at("/feed", content, status, Content_Type="text/html", **headers)
    message = await fetch_error(fetcher, address)
    assert f"{status} " in message
    assert f": {service} lets only browsers pass; ask the site" in message


async def test_error_page_that_can_not_be_read_changes_nothing(
    server: WebServer, fetcher: Fetcher
) -> None:
    for content, encoding in ((b"x" * 200_000, ""), (b"\x1f\x8b\x08\x00", "gzip")):
        address = server.at(
            "/feed", content, 403, Content_Type="text/html", Content_Encoding=encoding
        )
        assert "403 Forbidden; it refuses" in await fetch_error(fetcher, address)


@pytest.mark.parametrize("status", [429, 503])
async def test_pause_is_for_all_of_the_host(server: WebServer, status: int) -> None:
    """Requests that wait for the host already are not sent either, and other hosts are asked."""
    clock = FakeClock()

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    server.at("/busy", status=status, Retry_After="600")
    server.at("/feed", BODY)
    one, other = (f"http://{host}.example:{server.port}" for host in ("one", "other"))
    async with Fetcher(clock, user_agent="x", lookup=lookup) as fetcher:
        first, second = await asyncio.gather(
            get(fetcher, f"{one}/busy"), get(fetcher, f"{one}/feed"), return_exceptions=True
        )
        assert isinstance(first, FetchError)
        assert isinstance(second, FetchError)
        assert first.retry_after == second.retry_after == timedelta(minutes=10)
        assert str(second) == (f"{one}/feed was not requested, because its host asked for a pause")
        assert (await get(fetcher, f"{other}/feed")).body == BODY
        await clock.advance(599)
        with pytest.raises(FetchError) as caught:
            await get(fetcher, f"{one}/feed")
        assert caught.value.retry_after == timedelta(seconds=1)
        assert server.requests == ["/busy", "/feed"]
        await clock.advance(1)
        assert (await get(fetcher, f"{one}/feed")).body == BODY


@pytest.mark.parametrize(
    ("status", "value"), [(429, ""), (503, "soon"), (503, "0"), (500, "60"), (403, "60")]
)
async def test_other_errors_concern_one_address(
    server: WebServer, fetcher: Fetcher, status: int, value: str
) -> None:
    """No pause was asked for, or only for this address."""
    await fetch_error(fetcher, server.at("/busy", status=status, Retry_After=value))
    assert (await get(fetcher, server.at("/feed", BODY))).body == BODY


async def test_pause_is_at_most_a_day(server: WebServer) -> None:
    clock = FakeClock()
    async with Fetcher(clock, user_agent="x") as fetcher:
        await fetch_error(fetcher, server.at("/busy", status=429, Retry_After="9" * 9))
        await clock.advance(24 * 3600)
        assert (await get(fetcher, server.at("/feed", BODY))).body == BODY


async def test_cookies_are_not_kept(server: WebServer, fetcher: Fetcher) -> None:
    """The next request begins without any, also after a redirect."""
    address = server.at("/feed", BODY, Set_Cookie="who=you; Path=/")
    redirected = server.at("/old", status=302, Location="/feed", Set_Cookie="a=b")
    for each in (address, address, redirected, address):
        await get(fetcher, each)
    sent = [headers.get("Cookie") for headers in server.headers]
    assert sent == [None, None, None, "a=b", None]


def wall(server: WebServer, *steps: str, cookie: str, location: str = "/feed") -> None:
    """Answer at each step with a cookie and a redirect, unless the cookie came back."""
    for step in steps:

        async def handle(request: web.Request) -> web.Response:
            if "seen=" in request.headers.get("Cookie", ""):
                return web.Response(body=BODY)
            headers = {"Location": location, "Set-Cookie": cookie}
            return web.Response(status=302, headers=headers)

        server.handlers[step] = handle


@pytest.mark.parametrize(
    "cookie",
    [
        "seen=1",
        'seen="a b"; Path=/; HttpOnly; SameSite=Lax',
        "seen=1; Domain=127.0.0.1; Max-Age=3600",
        "seen=; Path=/",
    ],
)
async def test_redirect_to_itself_with_a_cookie_is_followed(
    server: WebServer, fetcher: Fetcher, cookie: str
) -> None:
    """The site wants to see the cookie again, directly or by way of another page."""
    wall(server, "/feed", cookie=cookie)
    response = await get(fetcher, server.url("/feed"))
    assert (response.body, response.moved_to) == (BODY, None)
    server.at("/consent", status=302, Location="/feed", Set_Cookie=cookie)
    wall(server, "/feed", cookie="other=1", location="/consent")
    assert (await get(fetcher, server.url("/feed"))).body == BODY


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "seen=1; Path=/elsewhere",
        "seen=1; Max-Age=0",
        "seen=1; Domain=other.example",
        "=",
    ],
)
async def test_redirect_to_itself_without_a_new_cookie_is_an_error(
    server: WebServer, fetcher: Fetcher, cookie: str
) -> None:
    server.at("/feed", status=302, Location="/feed", Set_Cookie=cookie)
    assert "redirects to itself" in await fetch_error(fetcher, server.url("/feed"))
    assert len(server.requests) == 1


async def test_redirects_with_ever_new_cookies_are_bounded(
    server: WebServer, fetcher: Fetcher
) -> None:
    async def handle(_: web.Request) -> web.Response:
        headers = {"Location": "/feed", "Set-Cookie": f"n={len(server.requests)}"}
        return web.Response(status=302, headers=headers)

    server.handlers["/feed"] = handle
    assert "redirects more than 5 times" in await fetch_error(fetcher, server.url("/feed"))


async def test_cookies_stay_with_their_host(server: WebServer) -> None:
    """Not even a common domain makes another host see them; and no header gets too long."""

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with Fetcher(FakeClock(), user_agent="x", lookup=lookup) as fetcher:
        one, other = (f"http://{host}.site.example:{server.port}" for host in ("one", "other"))
        cookie = "a=b; Domain=site.example; Path=/"
        server.at("/start", status=302, Location=f"{other}/feed", Set_Cookie=cookie)
        server.at("/feed", status=302, Location=f"{one}/end")
        server.at("/end", BODY)
        await fetcher.get(f"{one}/start", allow_private=True, named=(one, other))
        server.at("/start", status=302, Location="/end", Set_Cookie=f"a={'b' * 9_000}; Path=/")
        await get(fetcher, f"{one}/start")
    sent = [headers.get("Cookie") for headers in server.headers]
    assert sent == [None, None, "a=b", None, None]


async def test_target_of_a_redirect_may_be_in_latin_1(server: WebServer, fetcher: Fetcher) -> None:
    server.at("/f%C3%BC", BODY)
    for location in ("/f\xfc".encode("latin-1"), "/f\xfc".encode(), b" /f%C3%BC "):
        head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location
        address = server.raw("/feed", head + b"\r\n\r\n")
        assert (await get(fetcher, address)).body == BODY


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([HEAD + b"Content-Length: 900\r\n\r\n<rss>"], "closed the connection"),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n"], "closed the connection"),
        ([HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n<rss/>"], "invalid HTTP response"),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"z\r\n<rss>"], "invalid HTTP response"),
        ([b"HTTP/1.1 OK\r\n\r\n<rss/>"], "invalid HTTP response"),
        ([b"HTTP/1.1 2000 OK\r\n\r\n<rss/>"], "invalid HTTP response"),
        ([b"<rss/>\n\n"], "invalid HTTP response"),
        ([HEAD + b"X: y\r\n"], "invalid HTTP response"),
        ([b"220 mail.example ESMTP\r\n"], "invalid HTTP response"),
        ([b""], "closed the connection"),
        ([HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n"], "invalid HTTP response"),
        ([HEAD + b"X: y\r\n" * 1_001 + b"\r\n"], "invalid HTTP response"),
        ([HEAD + (b"X: " + b"y" * 1_000 + b"\r\n") * 300 + b"\r\n"], "invalid HTTP response"),
        ([HEAD + b"x\n" * 50_000 + b"\r\n"], "invalid HTTP response"),
        ([b"HTTP/1.1 103 Early\r\n\r\n" * 4_001 + HEAD + b"\r\n<rss/>"], "invalid HTTP response"),
    ],
)
async def test_invalid_http_responses_are_rejected(
    server: WebServer, fetcher: Fetcher, chunks: Sequence[bytes], expected: str
) -> None:
    """A wrong length, a truncated body and another protocol each give one line."""
    assert expected in await fetch_error(fetcher, server.raw("/feed", *chunks))


@pytest.mark.parametrize(
    "chunks", [[], [HEAD], [HEAD + b"Content-Length: 9000\r\n\r\n", *[b"x"] * 99]]
)
async def test_slow_response_times_out(server: WebServer, chunks: Sequence[bytes]) -> None:
    """Silent servers and those that send a byte now and then reach the time limit."""
    address = server.raw("/slow", *chunks, pause=0.1, close=False)
    limits = Limits(total_seconds=0.5)
    async with Fetcher(FakeClock(), user_agent="x", limits=limits) as fetcher:
        assert "did not respond within 0.5 seconds" in await fetch_error(fetcher, address)


async def test_unreachable_host_is_reported(fetcher: Fetcher) -> None:
    """It has a closed port or an unknown name."""
    async with asyncio.timeout(60):
        assert "can't be reached" in await fetch_error(fetcher, "http://127.0.0.1:9/feed")

        async def unknown(host: str, port: int) -> Sequence[str]:
            raise OSError(-2, f"no {host}:{port}")

        async with Fetcher(FakeClock(), user_agent="x", lookup=unknown) as offline_fetcher:
            message = await fetch_error(offline_fetcher, "https://nobody.example/feed")
        assert message == "https://nobody.example/feed: the host was not found; check the address"


async def test_requests_to_one_host_wait_for_each_other(
    server: WebServer, fetcher: Fetcher
) -> None:
    at_once, most = 0, 0

    async def handle(_: web.Request) -> web.Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        # Other requests would arrive before the response from another host.
        await get(fetcher, f"http://localhost:{server.port}/other")
        at_once -= 1
        return web.Response(body=b"x")

    server.handlers["/feed"] = handle
    server.at("/other", BODY)
    await asyncio.gather(*(get(fetcher, server.url("/feed")) for _ in range(6)))
    assert most == 1


async def test_dead_hosts_do_not_delay_others(server: WebServer) -> None:
    """Hosts whose last request failed use none of the normal slots."""
    limits = Limits(slots=2, slots_for_slow_hosts=1)

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    server.raw("/dead")
    server.at("/feed", BODY)
    dead = [f"http://dead{number}.example:{server.port}/dead" for number in range(4)]
    async with Fetcher(FakeClock(), user_agent="x", limits=limits, lookup=lookup) as fetcher:
        for address in dead:
            await fetch_error(fetcher, address)
        server.raw("/dead", close=False)
        waiting = [asyncio.ensure_future(fetch_error(fetcher, address)) for address in dead]
        await asyncio.sleep(0)
        await get(fetcher, f"http://well.example:{server.port}/feed")
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_slow_hosts_do_not_delay_others(server: WebServer) -> None:
    """A slow host shares a slot with the dead ones until it is fast again."""
    clock = FakeClock()
    limits = Limits(slots=1, slots_for_slow_hosts=1)
    slow, pause = asyncio.Event(), 5.0

    async def handle(_: web.Request) -> web.Response:
        await clock.advance(pause)
        await slow.wait()
        return web.Response(body=b"x")

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    server.handlers["/slow"] = handle
    server.at("/feed", BODY)
    server.raw("/broken")
    async with Fetcher(clock, user_agent="x", limits=limits, lookup=lookup) as fetcher:
        await fetch_error(fetcher, f"http://broken.example:{server.port}/broken")
        slow.set()
        address = f"http://slow.example:{server.port}/slow"
        await get(fetcher, address)
        slow.clear()
        waiting = asyncio.ensure_future(get(fetcher, address))
        await server.wait_for_requests("/slow", 1)
        await get(fetcher, f"http://quick.example:{server.port}/feed")
        assert not waiting.done()
        pause = 0.0
        slow.set()
        await waiting
        await get(fetcher, address)
        slow.clear()
        waiting = asyncio.ensure_future(get(fetcher, address))
        await server.wait_for_requests("/slow", 1)
        queued = asyncio.ensure_future(get(fetcher, f"http://quick.example:{server.port}/feed"))
        # It would be faster than this request, which begins later, if the slot were free.
        await get(fetcher, f"http://broken.example:{server.port}/feed")
        assert not queued.done()
        slow.set()
        await asyncio.gather(waiting, queued)


async def test_fetching_works_after_a_broken_connection(
    server: WebServer, fetcher: Fetcher
) -> None:
    address = server.raw("/feed", b"")
    await fetch_error(fetcher, address)
    server.at("/feed", gzipped(BODY), Content_Encoding="gzip")
    assert (await get(fetcher, address)).body == BODY
