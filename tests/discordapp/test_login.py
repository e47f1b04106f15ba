"""The login needs little of Discord's responses, and posting needs little of the login."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from bot.app import run_bot
from bot.clock import SystemClock
from bot.discordapp.client import StorywireClient
from bot.discordapp.endpoint import discord_endpoint
from bot.discordapp.gateway import Gateway
from bot.discordapp.http_trace import TracedRequests
from bot.discordapp.membership import Membership
from bot.errors import TokenError
from bot.sandbox import RateLimited, Sandbox, Status
from storage.protocols import Store
from tests.support.clock import FakeClock
from tests.support.desk import Desk

USER = "GET /users/@me"
APPLICATION = "GET /oauth2/applications/@me"
GATEWAY = "GET /gateway/bot"
MISSING = object()
VALUES = [MISSING, None, True, -1, 2**70, "", "x", [], {}, [None], {"id": None}]
BODIES = [b"", b"null", b"[]", b"{}", b"17", b'"x"', b"<html>", b'{"id": "1', b"[" * 100_000]


@pytest.fixture
def clock() -> FakeClock:
    """A clock that every sleep moves."""
    return FakeClock(auto_advance=True)


@pytest.fixture
async def client(
    sandbox: Sandbox, store: Store, clock: FakeClock
) -> AsyncIterator[StorywireClient]:
    """A client that has not logged in yet."""
    membership = Membership(store, clock, asyncio.Event())
    with discord_endpoint(sandbox.api_url):
        client = StorywireClient(clock, membership, http_trace=TracedRequests().trace())
        yield client
        await client.close()


def spoiled(field: str, replacement: object, _name: str, value: dict[str, Any]) -> object:
    """An object with another value in a field, or without it."""
    changed = {**value, field: replacement}
    return {key: each for key, each in changed.items() if each is not MISSING}


def fields_of(sandbox: Sandbox, route: str) -> Callable[[], list[str]]:
    """Look at the next response of a route; returns a function that names its fields."""
    fields: list[str] = []

    def look(_name: str, value: dict[str, Any]) -> object:
        fields.extend(value)
        return value

    sandbox.faults.spoil(look, route)
    return lambda: sorted(fields)


async def test_only_the_id_of_the_bot_is_needed(
    sandbox: Sandbox, client: StorywireClient, clock: FakeClock
) -> None:
    """Without it the login is repeated."""
    named = fields_of(sandbox, USER)
    await client.log_in(sandbox.token)
    for field in named():
        for value in VALUES:
            await client.http.close()
            sandbox.faults.spoil(partial(spoiled, field, value), USER)
            await client.log_in(sandbox.token)
            assert client.user is not None
            assert client.user.id == sandbox.world.bot.id
            assert clock.slept == ([1.0] if field == "id" else [])
            clock.slept.clear()


async def test_no_field_of_the_application_is_needed(
    sandbox: Sandbox, client: StorywireClient, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Without its id, that of the bot is used; this is logged once."""
    named = fields_of(sandbox, APPLICATION)
    await client.log_in(sandbox.token)
    for field in named():
        for value in VALUES:
            await client.http.close()
            sandbox.faults.spoil(partial(spoiled, field, value), APPLICATION)
            await client.log_in(sandbox.token)
            assert client.application_id == sandbox.world.bot.id
    assert clock.slept == []
    assert caplog.text.count("response about the application") == 1


@pytest.mark.parametrize("route", [USER, APPLICATION, GATEWAY])
async def test_no_body_ends_the_login(
    sandbox: Sandbox, client: StorywireClient, clock: FakeClock, route: str
) -> None:
    """The bot waits a little longer each time, and logs in."""
    for body in BODIES:
        sandbox.faults.spoil(partial(lambda body, *_: body, body), route)
        await client.log_in(sandbox.token)
        await Gateway(client, clock, client.malformed).find_address()
        await client.http.close()
    assert len(clock.slept) == (0 if route == APPLICATION else len(BODIES))


@pytest.mark.parametrize(
    "url",
    [None, 17, [], "", "x", "wss://", "ws://discord.example/", "http://127.0.0.1/", "//a", "[" * 9],
)
async def test_an_address_of_no_gateway_is_not_used(
    sandbox: Sandbox, client: StorywireClient, clock: FakeClock, url: object
) -> None:
    """An unencrypted connection would give the token away."""
    sandbox.faults.spoil(partial(spoiled, "url", url), GATEWAY)
    await client.log_in(sandbox.token)
    await Gateway(client, clock, client.malformed).find_address()
    assert clock.slept == [1.0]


async def test_a_login_that_fails_again_is_logged_once(
    sandbox: Sandbox, client: StorywireClient, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The waits grow."""
    sandbox.faults.plan(Status(403), route=USER, times=9)
    await client.log_in(sandbox.token)
    assert clock.slept == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert caplog.text.count("can't log in to Discord") == 1


@pytest.mark.parametrize("via", [True, False])
async def test_a_login_waits_for_a_rate_limit(
    sandbox: Sandbox, client: StorywireClient, clock: FakeClock, via: bool
) -> None:
    """It lasts as long as Discord says."""

    def without_via(_name: str, _path: str, response: web.Response) -> None:
        response.headers.popall("Via", None)

    if not via:
        sandbox.faults.spoil_responses(without_via)
    for route in (USER, GATEWAY):
        sandbox.faults.plan(RateLimited(90), route=route)
    await client.log_in(sandbox.token)
    await Gateway(client, clock, client.malformed).find_address()
    assert clock.slept == [90, 90]


async def test_a_refused_token_ends_the_bot(sandbox: Sandbox, client: StorywireClient) -> None:
    """Whatever the body of the response is."""
    for body in ('{"message": null, "code": []}', "<html>", "[]"):
        sandbox.faults.plan(Status(401, body=body), route=USER)
        with pytest.raises(TokenError):
            await client.log_in(sandbox.token)
        await client.http.close()


async def test_posting_needs_neither_application_nor_gateway(desk: Desk) -> None:
    """Stories are sent while Discord responds with errors to both."""
    async with desk.bot():
        await desk.subscribe()
    sandbox = desk.sandbox
    error = json.dumps({"message": "No.", "code": 0})
    for route in (APPLICATION, GATEWAY):
        sandbox.faults.plan(Status(403, body=error), route=route, times=None)
    desk.write("one")
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(run_bot(desk.settings(), sandbox.token, SystemClock(), stop))
        assert await desk.wait_for_stories(1) == ["Story one"]
        stop.set()
