"""Reading a feed is one request: no address in it, in its entries or in its headers is asked."""

import asyncio
import logging
from contextlib import suppress

import pytest

from bot.errors import SourceError
from bot.ingest.loader import load_source
from storage.models import LoadCounts
from tests.ingest.feed.support import Opener, item, rss
from tests.support.web import WebServer


async def test_addresses_in_a_feed_are_not_requested(server: WebServer, opener: Opener) -> None:
    """Neither its own address, hubs and further pages, nor pictures, files, icons and scripts."""
    other = server.url("/other")
    links = "".join(
        f'<atom:link rel="{rel}" href="{other}?{rel}" xmlns:atom="http://www.w3.org/2005/Atom"/>'
        for rel in ("self", "hub", "next", "first", "alternate", "current", "prev-archive", "icon")
    )
    entry = item(
        1,
        f'<enclosure url="{other}.jpg" type="image/jpeg" length="1"/>',
        f'<media:content url="{other}.png" medium="image" width="900" height="600"/>',
        f"<source url='{other}'>Other</source><comments>{other}</comments>",
        link=f"{other}/story",
        description=f"&lt;img src='{other}.gif'&gt;&lt;script src='{other}.js'&gt;",
    )
    image = f"<image><url>{other}.ico</url><link>{other}</link></image><docs>{other}</docs>"
    body = rss(links, image, entry).replace(
        b'<?xml version="1.0" encoding="UTF-8"?>',
        f'<?xml version="1.0"?><?xml-stylesheet href="{other}.xsl"?>'
        f'<!DOCTYPE rss [<!ENTITY % x SYSTEM "{other}.dtd"> %x;]>'.encode(),
    )
    address = server.at(
        "/feed",
        body,
        Link=f'<{other}>; rel="next", <{other}>; rel="preload"; as=image, <{other}>; rel="self"',
        Refresh=f"0; url={other}",
        Content_Location=other,
        Alt_Svc=f'h3="127.0.0.1:{server.port}"',
    )
    counts = await load_source(opener.feed(address), opener.store, opener.clock)
    assert (counts, server.requests) == (LoadCounts(new=1), ["/feed"])


async def test_no_library_logs_a_secret(
    server: WebServer, opener: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    """At every level, before the program's own log hides it."""
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    server.at("/feed", rss(item(1)))
    server.at("/moved", status=301, Location="/feed?token=c4nary")
    server.raw("/broken", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nc4nary")
    for path in ("/feed", "/moved", "/broken", "/none"):
        with suppress(SourceError):
            feed = opener.feed(server.url(f"{path}?token=c4nary"), name="x")
            await load_source(feed, opener.store, opener.clock)
    ours = [each for each in caplog.records if each.name != "aiohttp.access"]  # of the server here
    assert "has permanently moved" in caplog.text
    assert [each.getMessage() for each in ours if "c4nary" in each.getMessage()] == []
