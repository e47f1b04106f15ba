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
from tests.support.web import WebServer, packed

BODY = b"<rss/>" * 100


async def ask(fetcher: Fetcher, address: str, validators: Validators = NO_VALIDATORS) -> Response:
    return await fetcher.get(address, allow_private=True, validators=validators)


async def refusal(fetcher: Fetcher, address: str) -> str:
    """What is said of an address that can't be fetched: one line."""
    with pytest.raises(FetchError) as caught:
        await ask(fetcher, address)
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_an_answer_comes_with_what_to_ask_by_next_time(
    server: WebServer, fetcher: Fetcher
) -> None:
    """Body, type, ETag and date are given; the server is told who asks."""
    address = server.at("/feed", BODY, ETag='"7"', Last_Modified="Mon", Content_Type="text/xml")
    assert await ask(fetcher, address) == Response(
        address, BODY, "text/xml", Validators('"7"', "Mon"), None
    )
    assert server.headers[0]["User-Agent"] == "Storywire/1.2.3"


async def test_what_has_not_changed_is_not_sent_again(server: WebServer, fetcher: Fetcher) -> None:
    """The server is asked by its own ETag and date, and answers 304."""
    address = server.versioned("/feed", BODY, etag='W/"x"')
    answer = await ask(fetcher, address, validators=Validators('W/"x"', "Mon"))
    assert answer.body is None
    assert server.headers[0]["If-Modified-Since"] == "Mon"


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("gzip", packed(BODY)),
        ("x-gzip", packed(BODY)),
        ("gzip", packed(BODY[:50]) + packed(BODY[50:]) + b"\0\0"),
        ("gzip", packed(BODY) + b"\0" * 90_000),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY, wbits=-15)),
        ("identity", BODY),
    ],
)
async def test_packed_answers_are_unpacked(
    server: WebServer, fetcher: Fetcher, encoding: str, content: bytes
) -> None:
    """In every way that servers pack them."""
    address = server.at("/feed", content, Content_Encoding=encoding)
    assert (await ask(fetcher, address)).body == BODY


@pytest.mark.parametrize(
    ("encoding", "content", "words"),
    [
        ("gzip", packed(BODY)[:-9], "ends in the middle"),
        ("gzip", packed(BODY)[:1], "ends in the middle"),
        ("deflate", zlib.compress(BODY)[:-5], "ends in the middle"),
        ("gzip", BODY, "broken gzip"),
        ("deflate", BODY, "broken deflate"),
        ("br", BODY, "not requested"),
        ("gzip", packed(b"\0" * 50_000_000), "larger than 0.0953674 MB"),
        ("gzip", packed(b"\0" * 99_999) + packed(b"\0\0"), "larger than"),
        ("", b"\0" * 100_001, "larger than"),
        ("gzip", packed(b"") * 6_000, "larger than"),
    ],
)
async def test_broken_and_huge_answers_are_refused(
    server: WebServer, fetcher: Fetcher, encoding: str, content: bytes, words: str
) -> None:
    """A packed answer that lacks its end, or is a bomb, is an error in words."""
    assert words in await refusal(fetcher, server.at("/feed", content, Content_Encoding=encoding))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "returned 404 Not Found; check the address"),
        (410, "permanently gone"),
        (401, "password"),
        (429, "returned 429 Too Many Requests"),
        (500, "returned 500 Internal Server Error"),
        (599, "returned 599"),
    ],
)
async def test_refusals_say_what_to_do(
    server: WebServer, fetcher: Fetcher, status: int, words: str
) -> None:
    """The status in words, with advice where there is any."""
    assert words in await refusal(fetcher, server.at("/feed", status=status))


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
        ("Mon, 23 Nov 2026 12:10:00", None),
    ],
)
async def test_retry_after_is_heard(
    server: WebServer, fetcher: Fetcher, value: str, wait: timedelta | None
) -> None:
    """Seconds or a date, up to a day; what means nothing is passed over."""
    with pytest.raises(FetchError) as caught:
        await ask(fetcher, server.at("/feed", status=503, Retry_After=value))
    assert caught.value.retry_after == wait


@given(st.text())
def test_any_retry_after_is_read(value: str) -> None:
    """Whatever a server writes there, no wait is longer than a day, and none is backwards."""
    wait = parse_retry_after(value, datetime(2026, 1, 1, tzinfo=UTC))
    assert wait is None or timedelta(0) < wait <= MAX_RETRY_AFTER


async def test_permanent_redirects_are_noted(server: WebServer, fetcher: Fetcher) -> None:
    """What moved for good is told up to the first redirect that is only for now."""
    server.at("/old", status=301, Location="/new")
    server.at("/new", status=308, Location="newest")
    newest = server.at("/newest", BODY)
    assert await ask(fetcher, server.url("/old")) == Response(
        newest, BODY, "application/octet-stream", Validators(), newest
    )
    server.at("/new", status=302, Location="/newest")
    assert (await ask(fetcher, server.url("/old"))).moved_to == server.url("/new")
    assert (await ask(fetcher, server.url("/new"))).moved_to is None


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("/feed", "redirects to itself"),
        ("", "redirects to itself"),
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
async def test_redirects_have_bounds(
    server: WebServer, fetcher: Fetcher, location: str, words: str
) -> None:
    """They lead to web addresses without passwords, and not round and round."""
    server.at("/feed", status=302, Location=location)
    server.at("/loop", status=302, Location="/loop2")
    server.at("/loop2", status=302, Location="/loop")
    said = await refusal(fetcher, server.url("/feed"))
    assert words in said
    assert "secret" not in said
    assert len(server.asked) <= MAX_REDIRECTS + 1


async def test_what_a_server_gave_to_ask_by_is_left_out_if_it_can_t_be_sent(
    server: WebServer, fetcher: Fetcher
) -> None:
    """Else the next question could not be asked at all."""
    for etag in (b'"a\x01"', b'"' + b"a" * 2_000 + b'"'):
        head = HEAD + b"Content-Length: 1\r\nLast-Modified: Mon\r\nETag: " + etag
        answer = await ask(fetcher, server.raw("/feed", head + b"\r\n\r\nx"))
        assert answer.validators == Validators("", "Mon")


async def test_cookies_are_not_kept(server: WebServer, fetcher: Fetcher) -> None:
    """Nobody follows the bot around."""
    address = server.at("/feed", BODY, Set_Cookie="who=you; Path=/")
    await ask(fetcher, address)
    await ask(fetcher, address)
    assert "Cookie" not in server.headers[1]


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([HEAD + b"Content-Length: 900\r\n\r\n<rss>"], "closed the connection"),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n"], "closed the connection"),
        ([HEAD + b"Content-Length: 5\r\n\r\n<rss>more"], "invalid HTTP response"),
        ([HEAD + b"Content-Length: ninety\r\n\r\n<rss>"], "invalid HTTP response"),
        ([b"220 mail.example ESMTP\r\n"], "invalid HTTP response"),
        ([b""], "closed the connection"),
        ([HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n"], "invalid HTTP response"),
    ],
)
async def test_answers_that_are_no_http_are_refused(
    server: WebServer, fetcher: Fetcher, pieces: Sequence[bytes], words: str
) -> None:
    """A wrong length, half an answer, another protocol: one line each."""
    assert words in await refusal(fetcher, server.raw("/feed", *pieces))


@pytest.mark.parametrize(
    "pieces", [[], [HEAD], [HEAD + b"Content-Length: 9000\r\n\r\n", *[b"x"] * 99]]
)
async def test_nobody_waits_for_ever(
    server: WebServer, fetcher: Fetcher, pieces: Sequence[bytes]
) -> None:
    """A server that says nothing, or a byte now and then, is left when the time is up."""
    address = server.raw("/slow", *pieces, pause=0.1, close=False)
    assert "did not respond within 0.5 seconds" in await refusal(fetcher, address)


async def test_a_host_that_is_not_there(fetcher: Fetcher) -> None:
    """A closed port, and a name that nobody knows."""
    async with asyncio.timeout(10):
        assert "can't be reached" in await refusal(fetcher, "http://127.0.0.1:9/feed")

        async def unknown(host: str, port: int) -> Sequence[str]:
            raise OSError(-2, f"no {host}:{port}")

        async with Fetcher(FakeClock(), user_agent="x", lookup=unknown) as lost:
            said = await refusal(lost, "https://nobody.example/feed")
        assert said == ("https://nobody.example/feed: the host was not found; check the address")


async def test_a_host_is_asked_one_thing_at_a_time(server: WebServer, fetcher: Fetcher) -> None:
    """Requests to the same host wait for each other."""
    at_once, most = 0, 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        return web.Response(body=b"x")

    server.answers["/feed"] = answer
    await asyncio.gather(*(ask(fetcher, server.url("/feed")) for _ in range(6)))
    assert most == 1


async def test_dead_hosts_delay_nobody(server: WebServer) -> None:
    """When many hosts were silent the last time, their waiting takes no slot from the others."""
    limits = Limits(total_seconds=0.2, slots=2, slots_for_slow_hosts=1)

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    server.raw("/silent", close=False)
    server.at("/feed", BODY)
    dead = [f"http://dead{number}.example:{server.port}/silent" for number in range(4)]
    async with Fetcher(FakeClock(), user_agent="x", limits=limits, lookup=lookup) as fetcher:
        for address in dead:
            await refusal(fetcher, address)
        waiting = [asyncio.ensure_future(refusal(fetcher, address)) for address in dead]
        await asyncio.sleep(0)
        await ask(fetcher, f"http://well.example:{server.port}/feed")
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_slow_hosts_delay_nobody(server: WebServer) -> None:
    """Who takes long to answer well shares a slot as the dead do, until it is quick again."""
    clock = FakeClock()
    limits = Limits(slots=1, slots_for_slow_hosts=1)
    slow, pause = asyncio.Event(), 5.0

    async def answer(_: web.Request) -> web.Response:
        await clock.advance(pause)
        await slow.wait()
        return web.Response(body=b"x")

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    server.answers["/slow"] = answer
    server.at("/feed", BODY)
    async with Fetcher(clock, user_agent="x", limits=limits, lookup=lookup) as fetcher:
        slow.set()
        address = f"http://slow.example:{server.port}/slow"
        await ask(fetcher, address)
        slow.clear()
        waiting = asyncio.ensure_future(ask(fetcher, address))
        await server.asked_again("/slow", 1)
        await ask(fetcher, f"http://quick.example:{server.port}/feed")
        assert not waiting.done()
        pause = 0.0
        slow.set()
        await waiting
        await ask(fetcher, address)
        slow.clear()
        waiting = asyncio.ensure_future(ask(fetcher, address))
        await server.asked_again("/slow", 1)
        behind = asyncio.ensure_future(ask(fetcher, f"http://quick.example:{server.port}/feed"))
        await asyncio.sleep(0.05)  # it would be answered by now; were it slow, this proves less
        assert not behind.done()
        slow.set()
        await asyncio.gather(waiting, behind)


async def test_a_broken_connection_is_no_reason_to_stop(
    server: WebServer, fetcher: Fetcher
) -> None:
    """After trouble the same address is asked again as if nothing had been."""
    address = server.raw("/feed", b"")
    await refusal(fetcher, address)
    server.at("/feed", packed(BODY), Content_Encoding="gzip")
    assert (await ask(fetcher, address)).body == BODY
