"""Secrets of working settings are in no output and not in the database."""

import asyncio
import json
from collections.abc import Iterator
from functools import partial

from tests.cli.support import Terminal
from tests.ingest.feed.support import item, rss
from tests.support.web import WebServer, serve_web

SECRET = "c4nary-0f8fad5bd9cb469f"


def private_sources(server: WebServer) -> Iterator[str]:
    """The entries of private feeds and APIs that work, have moved, and fail in every way."""
    secret = f"token={SECRET}"
    own = f'<atom:link rel="self" href="{server.url("/feed")}?{secret}" xmlns:atom="http://www.w3.org/2005/Atom"/>'
    relative = [
        *(item(1), item(2, link="#2", guid=None), item(3, link="?p=3"), item(4, link="")),
        item(
            5, link="", guid="#5", description="&lt;a href='#6'&gt;x&lt;/a&gt;&lt;img src='#7'&gt;"
        ),
    ]
    body = rss(own, *relative)
    pages = {"value": [{"title": "a"}], "nextPage": f"/none?{secret}"}
    server.at(f"/feed?{secret}", body)
    server.at(f"/bare?{secret}", body.replace(b"<link>https://news.example/</link>", b""))
    server.at("/moved", status=301, Location=f"/feed?{secret}")
    server.at("/circle", status=302, Location=f"/circle?{secret}")
    server.at("/away", status=302, Location=f"http://[::1]:1/x?{secret}")
    server.at("/wrong", status=302, Location=f"http://ann:{SECRET}@127.1/?{secret}")
    server.at("/api", json.dumps(pages))
    server.at("/page", f"<html><link rel=alternate type=application/rss+xml href='/x?{secret}'>")
    server.at("/json", "{")
    server.raw("/raw", f"HTTP/1.1 200 {SECRET}\r\nContent-Length: 9\r\n\r\n{SECRET[:4]}".encode())
    for path in ("feed", "bare", "moved", "circle", "away", "wrong", "page", "json", "raw", "none"):
        yield f"{{feed: '{server.url('/' + path)}?{secret}', allow_private: true}}"
    yield f"{{api: '{server.url('/api')}?key={SECRET}', allow_private: true}}"
    yield f"{{api: '{server.url('/api')}?{SECRET}'}}"
    yield f"{{feed: 'http://127.0.0.1:1/?{secret}', allow_private: true}}"
    yield f"{{feed: 'https://a.invalid/?{secret}'}}"


async def test_secrets_of_private_feeds_are_hidden(terminal: Terminal) -> None:
    """The whole program shows and stores names of parameters only, also of what servers answer."""
    async with serve_web() as server:
        sources = "".join(f"\n  - {each}" for each in private_sources(server))
        terminal.write("storywire.yaml", f"database: here/news.db\nsources:{sources}\n")
        token = "MTE5NjE4NDA3NTM0MjQ4MzA0" + ".GuHq3x" + f".dL7aVd-{SECRET}"
        variables = {"DISCORD_TOKEN": token, "DISCORD_API_URL": "http://127.0.0.1:9/api"}
        results = {
            name: await asyncio.to_thread(partial(terminal.run, *name.split(), **variables))
            for name in ("load", "check --online", "sources")
        }
    assert "2 of" in results["load"].out or "new" in results["load"].out
    for name, result in results.items():
        assert SECRET not in result.out + result.err, name
        assert "Traceback" not in result.err
    assert "?token=…" in results["sources"].out
    files = [each for each in terminal.folder.rglob("*") if each.is_file()]
    holding = [each.name for each in files if SECRET.encode() in each.read_bytes()]
    assert holding == ["storywire.yaml"]


SLIPS = f"""\
'Authorization: Bearer {SECRET}': x
{SECRET}: x
database: postgres://news:{SECRET}@a.example/x
sources:
  - {{git: "news:{SECRET}@a.example:x.git"}}
  - {{git: "https://a.example/x.git?token={SECRET}"}}
  - {{git: https://a.example/x.git, token_variable: {SECRET.replace("-", "")}}}
  - {{git: https://a.example/x.git, Authorization: Bearer {SECRET}}}
  - {{feed: "news:{SECRET}@a.example/x"}}
  - {{feed: "https://a.example/x#access_token={SECRET}"}}
  - {{feed: "https://discord.com/api/webhooks/1196184075342483046/{SECRET}"}}
  - {{feed: "https://a.example/?key={SECRET}", name: {SECRET}}}
  - {{folder: "https://news:{SECRET}@a.example/x", provider: {SECRET}}}
"""


def test_secrets_in_the_wrong_place_are_not_repeated(terminal: Terminal) -> None:
    """Every slip is an error with its place, and no command begins to work."""
    terminal.write("storywire.yaml", SLIPS)
    variables = {"STORYWIRE_DISCORD__API_URL": f"https://bot:{SECRET}@a.example/"}
    for name in ("check", "load"):
        result = terminal.run(name, **variables)
        assert result.status == 1
        assert SECRET not in result.out + result.err
        assert SECRET.replace("-", "") not in result.out + result.err
        lines = [line for line in result.err.splitlines() if ", line " in line]
        numbers = {int(line.partition(", line ")[2].split()[0].strip(":")) for line in lines}
        assert numbers == {1, 2, 3, *range(5, 14)}
        assert "STORYWIRE_DISCORD__API_URL contains what looks like" in result.err
    assert [each.name for each in terminal.folder.iterdir()] == ["storywire.yaml"]
