"""The connection to the gateway outlives every frame and every kind of gateway."""

import asyncio
import inspect
import json
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import yarl
from aiohttp import web
from discord.gateway import DiscordWebSocket, KeepAliveHandler, ReconnectWebSocket

from bot.clock import SystemClock
from bot.discordapp.gateway import HELLO_SECONDS, READY_SECONDS
from bot.discordapp.gateway_events import CACHED
from bot.discordapp.gateway_socket import heartbeat_seconds, next_sequence
from bot.errors import TokenError
from bot.sandbox import Sandbox
from bot.sandbox.model.entities import Json
from storage.protocols import Store
from tests.discordapp.connected import Connected, connect, start, until
from tests.fuzz_discord.fields import Place, changes_of, field_name, spoil
from tests.support.clock import FakeClock

FRAME: tuple[Place, ...] = ((), ("op",), ("t",), ("s",), ("d",))


@pytest.fixture
async def hasty(
    sandbox: Sandbox,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[Connected]:
    """A connected client that reconnects without waiting."""
    for name in (
        "_FIRST_WAIT",
        "_LONGEST_WAIT",
        "_LONGEST_IDENTIFY_WAIT",
        "_RENEWAL_WAIT",
        "_FIRST_SERVER_WAIT",
    ):
        monkeypatch.setattr(f"bot.discordapp.gateway.{name}", timedelta(milliseconds=1))
    async with connect(sandbox, store, SystemClock(), caplog) as made:
        yield made


async def loaded(connected: Connected) -> None:
    """Wait until the client has its server again."""
    client, guild_id = connected.client, connected.guild.id

    def is_loaded() -> bool:
        guild = client.get_guild(guild_id)
        return guild is not None and not guild.unavailable and bool(guild.me)

    await until(is_loaded)


def has_slept(clock: FakeClock, seconds: float) -> bool:
    """Whether the latest sleep was that long."""
    return clock.slept[-1:] == [seconds]


class Spoil:
    """Spoils the next frame of that name."""

    def __init__(self, sandbox: Sandbox, name: str, place: Place, change: str) -> None:
        self._done = False
        self._place, self._change = place, change
        sandbox.faults.spoil(self._apply, name)

    def is_done(self) -> bool:
        """Whether the frame was sent."""
        return self._done

    def _apply(self, _: str, frame: Json) -> object:
        self._done = True
        return spoil(frame, self._place, self._change)


READY_FIELDS: tuple[Place, ...] = (
    *FRAME,
    *((("d", name)) for name in ("user", "guilds", "session_id", "resume_gateway_url")),
    ("d", "application"),
    ("d", "user", "id"),
    ("d", "guilds", 0),
    ("d", "guilds", 0, "id"),
)


@pytest.mark.parametrize("place", READY_FIELDS, ids=field_name)
async def test_a_spoiled_ready_begins_a_session(hasty: Connected, place: Place) -> None:
    """The bot knows itself from the login, and its servers from their own events."""
    for change in changes_of(field_name(place)):
        spoiled = Spoil(hasty.sandbox, "READY", place, change)
        hasty.sandbox.faults.lose_sessions()
        await until(spoiled.is_done)
        await loaded(hasty)
        assert hasty.client.user is not None
        assert hasty.client.user.id == hasty.world.bot.id


@pytest.mark.parametrize("place", [*FRAME, ("d", "heartbeat_interval")], ids=field_name)
async def test_a_spoiled_hello_starts_heartbeats(hasty: Connected, place: Place) -> None:
    for change in changes_of(field_name(place)):
        spoiled = Spoil(hasty.sandbox, "HELLO", place, change)
        hasty.sandbox.faults.drop_gateway()
        await until(spoiled.is_done)
        await until(lambda: hasty.client.latency < math.inf)


async def test_an_early_answer_to_a_heartbeat_is_not_late(
    hasty: Connected, caplog: pytest.LogCaptureFixture
) -> None:
    """The thread that sends heartbeats may go on only after the answer was read."""
    await until(lambda: hasty.client.latency < math.inf)
    socket = hasty.client.ws
    keep_alive = socket._keep_alive  # noqa: SLF001 - discord.py shows it nowhere
    assert keep_alive is not None
    minute_ago = time.perf_counter() - 60
    keep_alive._last_send = keep_alive._last_ack = minute_ago  # noqa: SLF001
    await socket.send_heartbeat(keep_alive.get_payload())
    await until(lambda: keep_alive._last_ack > minute_ago)  # noqa: SLF001
    assert hasty.client.latency < 60
    assert "Can't keep up" not in caplog.text


@pytest.mark.parametrize("place", FRAME, ids=field_name)
@pytest.mark.parametrize("name", ["RESUMED", "HEARTBEAT_ACK", "RECONNECT", "INVALID_SESSION"])
async def test_spoiled_frames_of_the_protocol(hasty: Connected, name: str, place: Place) -> None:
    """The connection goes on, or is replaced."""
    faults = hasty.sandbox.faults
    for change in changes_of(field_name(place)):
        spoiled, socket = Spoil(hasty.sandbox, name, place, change), hasty.client.ws
        if name in {"RESUMED", "HEARTBEAT_ACK"}:
            faults.drop_gateway()
        elif name == "RECONNECT":
            faults.ask_to_reconnect()
        else:
            faults.invalidate_sessions()
        await until(spoiled.is_done)
        await until(lambda old: hasty.client.ws is not old, socket)
        await loaded(hasty)
        hasty.emit("CHANNEL_UPDATE", hasty.of_channel())
        await hasty.handled()


@pytest.mark.parametrize(
    ("milliseconds", "seconds"),
    [
        (41_250, 41.25),
        (1e300, 60),
        (10**400, 60),
        (1e-9, 1),
        (1, 1),
        (0, None),
        (-5, None),
        (math.nan, None),
        (math.inf, None),
        ("41250", None),
        (True, None),
        ([], None),
    ],
)
def test_the_interval_of_heartbeats(milliseconds: object, seconds: float | None) -> None:
    assert heartbeat_seconds(milliseconds) == seconds


@pytest.mark.parametrize(
    ("last", "received", "expected"),
    [
        (None, 1, 1),
        (5, 6, 6),
        (5, 8, 8),
        (5, "6", 6),
        (5, None, 6),
        (5, -1, 6),
        (5, 3, 6),
        (5, 10**400, 6),
    ],
)
def test_a_wrong_sequence_number_is_replaced(
    last: int | None, received: object, expected: int
) -> None:
    """With a wrong one the session could not be resumed."""
    assert next_sequence(last, received) == expected


async def test_broken_compression_replaces_the_connection(connected: Connected) -> None:
    """The stream can't be continued, so the session is resumed on a new connection."""
    socket = connected.client.ws
    with pytest.raises(ReconnectWebSocket):
        await socket.received_message(b"not compressed\x00\x00\xff\xff")
    await until(lambda: connected.client.ws is not socket)
    connected.emit("CHANNEL_UPDATE", connected.of_channel() | {"topic": "new"})
    await connected.handled()
    assert connected.sandbox.gateway.identifies == 1


async def test_a_skipped_change_is_made_up_for(connected: Connected, clock: FakeClock) -> None:
    """The connection goes on. Minutes later, a new session brings the cache up to date."""
    gateway = connected.sandbox.gateway
    Spoil(connected.sandbox, "CHANNEL_UPDATE", ("d", "id"), "null")
    connected.emit("CHANNEL_UPDATE", connected.of_channel() | {"topic": "new"})
    await connected.handled()
    await clock.wait_until(partial(has_slept, clock, 600))
    assert gateway.identifies == 1
    await clock.advance(600)
    await until(lambda: gateway.identifies == 2)
    await loaded(connected)


async def test_a_malformed_server_is_asked_for_ever_less(
    connected: Connected, clock: FakeClock
) -> None:
    """It is never usable, so each new session comes later than the one before."""
    gateway = connected.sandbox.gateway

    def without_roles(_: str, frame: Json) -> Json:
        return frame | {"d": frame["d"] | {"roles": None}}

    connected.sandbox.faults.spoil(without_roles, "GUILD_CREATE", times=None)
    connected.emit("GUILD_CREATE", connected.server())
    for session, wait in enumerate([20, 40, 80, 160, 320, 640], 1):
        await clock.wait_until(partial(has_slept, clock, wait))
        assert gateway.identifies == session
        await clock.advance(wait)
        await until(lambda known: gateway.identifies > known, session)


class OtherGateway:
    """A gateway that treats every connection in the same way."""

    def __init__(self, behave: Callable[["OtherGateway", web.Request], Awaitable[Any]]) -> None:
        self.connections = self.identifies = 0
        self._behave = behave

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        self.connections += 1
        answer = await self._behave(self, request)
        return answer if isinstance(answer, web.StreamResponse) else web.Response(status=500)


async def accept(request: web.Request, *frames: Json) -> web.WebSocketResponse:
    """Accept a connection, and send frames."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    for frame in frames:
        await socket.send_str(json.dumps(frame))
    return socket


HELLO: Json = {"op": 10, "d": {"heartbeat_interval": 41250}}
INVALID: Json = {"op": 9, "d": False}


async def close_at_once(_: OtherGateway, request: web.Request) -> web.StreamResponse:
    """Close before HELLO."""
    socket = await accept(request)
    await socket.close()
    return socket


async def close_after_hello(_: OtherGateway, request: web.Request) -> web.StreamResponse:
    """Close before READY."""
    socket = await accept(request, HELLO)
    await socket.close(code=4000)
    return socket


async def refuse(_: OtherGateway, __: web.Request) -> web.StreamResponse:
    """Answer 502."""
    return web.Response(status=502)


async def close_for_good(_: OtherGateway, request: web.Request) -> web.StreamResponse:
    """Close with a code after which clients are to give up."""
    socket = await accept(request, HELLO)
    await socket.close(code=4013)
    return socket


async def reject_token(_: OtherGateway, request: web.Request) -> web.StreamResponse:
    """Close as if the token were wrong."""
    socket = await accept(request, HELLO)
    await socket.close(code=4004)
    return socket


async def stay_silent(_: OtherGateway, request: web.Request) -> web.StreamResponse:
    """Accept and send nothing."""
    socket = await accept(request)
    await socket.receive()
    return socket


async def send_no_ready(_: OtherGateway, request: web.Request) -> web.StreamResponse:
    """Answer heartbeats only."""
    socket = await accept(request, HELLO)
    async for message in socket:
        if json.loads(message.data)["op"] == 1:
            await socket.send_str(json.dumps({"op": 11}))
    return socket


async def invalidate(gateway: OtherGateway, request: web.Request) -> web.StreamResponse:
    """Answer each IDENTIFY with INVALID_SESSION."""
    socket = await accept(request, HELLO)
    async for message in socket:
        if json.loads(message.data)["op"] == 2:
            gateway.identifies += 1
            await socket.send_str(json.dumps(INVALID))
    return socket


@pytest.fixture
async def serve(sandbox: Sandbox) -> AsyncIterator[Callable[..., Awaitable[OtherGateway]]]:
    """Serve a gateway that the sandbox's REST API announces."""
    runners: list[web.AppRunner] = []

    async def start_serving(
        behave: Callable[[OtherGateway, web.Request], Awaitable[Any]],
    ) -> OtherGateway:
        gateway, application = OtherGateway(behave), web.Application()
        application.router.add_get("/", gateway.handle)
        runner = web.AppRunner(application, shutdown_timeout=0)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"ws://127.0.0.1:{runner.addresses[0][1]}"
        sandbox.faults.spoil(lambda *_: {"url": url}, "GET /gateway/bot", times=None)
        return gateway

    yield start_serving
    for runner in runners:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("behave", "silence"),
    [
        (close_at_once, 0),
        (close_after_hello, 0),
        (refuse, 0),
        (close_for_good, 0),
        (reject_token, 0),
        (stay_silent, HELLO_SECONDS),
        (send_no_ready, READY_SECONDS),
    ],
)
async def test_a_bad_gateway_is_tried_at_growing_intervals(
    serve: Callable[..., Awaitable[OtherGateway]],
    behave: Callable[[OtherGateway, web.Request], Awaitable[Any]],
    silence: float,
    sandbox: Sandbox,
    store: Store,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One line is logged, however often it fails in the same way."""
    gateway = await serve(behave)
    async with start(sandbox, store, clock):
        for attempt, wait in enumerate([1, 2, 4, 8, 16], 1):
            if silence:
                await until(lambda now: gateway.connections == now, attempt)
                await clock.wait_until(partial(has_slept, clock, silence))
                await clock.advance(silence)
            await clock.wait_until(partial(has_slept, clock, wait))
            assert gateway.connections == attempt
            await clock.advance(wait)
    lines = [each for each in caplog.messages if "no connection to the gateway" in each]
    assert len(lines) == 1


async def test_new_sessions_are_far_below_the_daily_limit(
    serve: Callable[..., Awaitable[OtherGateway]], sandbox: Sandbox, store: Store, clock: FakeClock
) -> None:
    """Discord accepts 1,000 a day, however often it ends them."""
    gateway = await serve(invalidate)
    async with start(sandbox, store, clock):
        while clock.monotonic() < 9000:
            await clock.wait_until(lambda: bool(clock.wake_times()))
            await clock.advance(1)
    assert 10 < gateway.identifies < 1000 / 12


async def test_a_rejected_token_ends_the_bot(
    sandbox: Sandbox, store: Store, clock: FakeClock
) -> None:
    """The gateway's word alone does not count, but that of the REST API does."""
    with pytest.raises(BaseExceptionGroup) as raised:  # noqa: PT012 - it ends the whole block
        async with start(sandbox, store, clock) as client:
            await client.gateway_connected.wait()
            client.http.token = "revoked"
            sandbox.faults.lose_sessions()
            await asyncio.get_running_loop().create_future()
    assert raised.value.subgroup(TokenError) is not None


@pytest.mark.parametrize(
    "body", [None, [], {}, {"url": None}, {"url": "?"}, {"url": "ws://x.example"}]
)
async def test_a_broken_gateway_address_is_asked_for_again(
    sandbox: Sandbox, store: Store, clock: FakeClock, body: object
) -> None:
    """Another server than Discord has no default."""
    sandbox.faults.spoil(lambda *_: body, "GET /gateway/bot")
    async with start(sandbox, store, clock) as client:
        await clock.wait_until(partial(has_slept, clock, 1))
        await clock.advance(1)
        await client.gateway_connected.wait()


async def test_discord_has_a_default_gateway(
    sandbox: Sandbox, store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken answer about its address does not matter."""
    monkeypatch.setattr("bot.discordapp.endpoint.DISCORD_API_URL", sandbox.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sandbox.gateway_url))
    sandbox.faults.spoil(lambda *_: {}, "GET /gateway/bot", times=None)
    async with start(sandbox, store, clock) as client:
        await client.gateway_connected.wait()


async def test_ready_without_servers_is_followed_by_on_ready(
    sandbox: Sandbox, store: Store, clock: FakeClock
) -> None:
    """The servers are known when their own events have come."""
    sandbox.faults.spoil(lambda *_: {"op": 0, "t": "READY", "s": 1, "d": None}, "READY")
    async with start(sandbox, store, clock) as client:
        await client.wait_until_ready()
        assert [each.id for each in client.guilds] == list(sandbox.world.guilds)


async def test_each_session_is_reported(sandbox: Sandbox, store: Store, clock: FakeClock) -> None:
    """Posts that wait because of an outage are tried when it begins or goes on."""
    sessions: list[str] = []
    async with start(sandbox, store, clock, lambda: sessions.append("connected")):
        await until(lambda: len(sessions) == 1)
        sandbox.faults.drop_gateway()
        await until(lambda: len(sessions) == 2)
        sandbox.faults.lose_sessions()
        for wait in (1, 2):
            await clock.wait_until(partial(has_slept, clock, wait))
            await clock.advance(wait)
        await until(lambda: len(sessions) == 3)
    assert sandbox.gateway.identifies == 2


async def test_the_parts_of_the_library_that_are_relied_on(connected: Connected) -> None:
    """They are private, and may change with every version."""
    socket, client = connected.client.ws, connected.client
    names = ("_keep_alive", "_decompressor", "_discord_parsers", "_connection", "shard_id")
    assert [each for each in names if not hasattr(socket, each)] == []
    state = client._connection  # noqa: SLF001
    assert [
        each for each in ("user", "_get_guild", "_ready_task") if not hasattr(state, each)
    ] == []
    assert {*CACHED, "READY", "RESUMED", "INTERACTION_CREATE"} <= state.parsers.keys()
    assert isinstance(socket._keep_alive, KeepAliveHandler)  # noqa: SLF001
    methods = ("from_client", "identify", "poll_event", "received_message", "send_as_json")
    assert all(inspect.iscoroutinefunction(getattr(DiscordWebSocket, each)) for each in methods)
