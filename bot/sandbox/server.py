"""The composition root of the sandbox: its parts, and the HTTP server that runs them."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from aiohttp import WSCloseCode, web

from bot.sandbox.clock import MovableClock
from bot.sandbox.errors import SandboxError
from bot.sandbox.faults import Faults
from bot.sandbox.gateway.connections import Gateway
from bot.sandbox.gateway.sessions import Sessions
from bot.sandbox.interactions.lifecycle import Interactions
from bot.sandbox.interactions.person import Person
from bot.sandbox.model.attachments import Attachments
from bot.sandbox.model.entities import Message
from bot.sandbox.model.messages import Messages, Nonces
from bot.sandbox.model.persistence import open_state, restore
from bot.sandbox.model.seed import seed, seed_samples
from bot.sandbox.model.snowflakes import Snowflakes
from bot.sandbox.model.threads import Threads
from bot.sandbox.model.world import Change, World
from bot.sandbox.options import SandboxOptions
from bot.sandbox.page.api import PageApi
from bot.sandbox.page.event_stream import PageEvents
from bot.sandbox.rest.api import PREFIX, RequestRecord, RestApi
from bot.sandbox.rest.application_routes import ApplicationRoutes
from bot.sandbox.rest.cdn import Cdn
from bot.sandbox.rest.guild_routes import GuildRoutes
from bot.sandbox.rest.interaction_routes import InteractionRoutes
from bot.sandbox.rest.message_routes import MessageRoutes
from bot.sandbox.rest.openapi_contract import Contract, Violation
from bot.sandbox.rest.rate_limits import RateLimits
from bot.sandbox.rest.routing import Routes
from bot.sandbox.rest.thread_routes import ThreadRoutes
from bot.sandbox.spoiling import Spoiler

T = TypeVar("T")

_GATEWAY_PATH = "/gateway"
_SHUTDOWN_SECONDS = 0.5
_WAIT_SECONDS = 30.0


class Sandbox:
    """A Discord on this machine.

    `world`, `faults` and `person()` work from the beginning; the addresses and the saved state
    only while `serve()` runs.
    """

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions()
        self.clock = MovableClock(self.options.clock)
        self.world = World(self.clock, Snowflakes(self.clock))
        self.token = ""
        self.url = ""
        self.rates = RateLimits(self.options.rates, self.clock)
        self._contract = Contract.load(self.options.openapi) if self.options.openapi else None
        self._nonces = Nonces(self.options.nonce_window)
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._sessions = Sessions(self.world)
        spoiler = Spoiler()
        self.gateway = Gateway(
            self.world,
            self._sessions,
            self.clock,
            heartbeat_seconds=self.options.heartbeat.total_seconds(),
            privileged_intents=self.options.privileged_intents,
            spoiler=spoiler,
        )
        self._attachments = Attachments(self.world.snowflakes, lambda: self.url)
        self._messages = Messages(self.world, self._nonces, self._attachments, self.options)
        self._interactions = Interactions(
            self.world, self._messages, self.clock, self._spawn, self.options.response_time
        )
        self.faults = Faults(self.world, self.clock, self.gateway, spoiler)
        self._api = RestApi(
            self._routes(),
            self.faults.next_for,
            spoiler,
            self.rates,
            self._contract,
            self.clock,
            authorized=lambda header: header == f"Bot {self.token}",
            kept_requests=self.options.kept_requests,
            on_request=self._on_request,
        )
        self._page_events = PageEvents(self.world)
        self.world.on_event(self._sessions.on_event)
        self.world.on_event(lambda _: self._changed.set())
        self.world.on_event(self._page_events.on_event)

    def _routes(self) -> Routes:
        return Routes(
            [
                *ApplicationRoutes(self.world, self.gateway).all(),
                *GuildRoutes(self.world, self._messages).all(),
                *ThreadRoutes(self.world, Threads(self.world, self._messages)).all(),
                *MessageRoutes(self.world, self._messages, self.options.privileged_intents).all(),
                *InteractionRoutes(self.world, self._interactions).all(),
            ]
        )

    def _page(self) -> PageApi:
        return PageApi(
            self.world,
            self._page_events,
            self.faults,
            self.options.actions,
            person=self.person,
            requests=lambda: self.requests,
            is_online=lambda: self.gateway.sessions.online,
        )

    # Inspecting

    @property
    def api_url(self) -> str:
        """The address of the REST API; the bot's `discord.api_url`."""
        return f"{self.url}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        """The address of the gateway, as `GET /gateway/bot` returns it."""
        return self.gateway.url

    @property
    def requests(self) -> list[RequestRecord]:
        """The bot's latest requests, oldest first."""
        return list(self._api.requests)

    @property
    def unknown_routes(self) -> list[str]:
        """Requests that were answered with 501; tests expect none."""
        return self._api.unknown_routes

    @property
    def failures(self) -> list[str]:
        """Requests that triggered an error in the sandbox itself; tests expect none."""
        return self._api.failures

    @property
    def violations(self) -> list[Violation]:
        """Requests and responses that do not match Discord's API description."""
        return self._contract.violations if self._contract else []

    def person(self, who: int | str) -> Person:
        """A person by id or by name; PersonError if there is none."""
        user_id = self.world.find_user(who).id if isinstance(who, str) else who
        return Person(self.world, self._interactions, self._attachments, user_id)

    # Waiting

    async def bot_ready(self, within: float = _WAIT_SECONDS) -> None:
        """Wait until a shard is connected; TimeoutError after `within` real seconds."""
        async with asyncio.timeout(within):
            await self.gateway.ready.wait()

    async def wait_until(
        self, condition: Callable[[], T | None], within: float = _WAIT_SECONDS
    ) -> T:
        """Call `condition` after every event and request until its result is true; returns it.

        Raises TimeoutError after `within` real seconds.
        """
        async with asyncio.timeout(within):
            while not (found := condition()):
                self._changed.clear()
                await self._changed.wait()
        return found

    async def wait_for_message(
        self,
        channel_id: int,
        matching: Callable[[Message], bool] = lambda _: True,
        within: float = _WAIT_SECONDS,
    ) -> Message:
        """Wait for a message of a channel; returns the oldest that matches."""

        def condition() -> Message | None:
            return next(filter(matching, self.world.log(channel_id).all()), None)

        return await self.wait_until(condition, within)

    async def wait_for_request(
        self, matching: Callable[[RequestRecord], bool], within: float = _WAIT_SECONDS
    ) -> RequestRecord:
        """Wait for a request of the bot; returns the oldest that is kept and matches."""
        return await self.wait_until(
            lambda: next(filter(matching, self._api.requests), None), within
        )

    def _on_request(self, record: RequestRecord) -> None:
        self._changed.set()
        self._page_events.on_request(record)

    # Running

    @asynccontextmanager
    async def serve(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator["Sandbox"]:
        """Serve on a loopback address until the block ends; port 0 selects a free one.

        Raises OSError if the port is busy and SandboxError if the state can't be opened.
        """
        async with AsyncExitStack() as stack:
            await self._prepare(stack)
            application = web.Application(client_max_size=30 * 1024 * 1024)
            application.router.add_route("*", PREFIX + "/{path:.*}", self._api.handle)
            application.router.add_get(_GATEWAY_PATH, self._accept_shard)
            application.router.add_get(_GATEWAY_PATH + "/", self._accept_shard)
            Cdn(self._attachments).add_to(application)
            self._page().add_to(application)
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                address = f"{host}:{port}"
                error.strerror = f"the sandbox can't listen on {address}: {error.strerror}"
                raise
            bound: tuple[str, int] = runner.addresses[0][:2]
            self.url = f"http://{f'[{bound[0]}]' if ':' in bound[0] else bound[0]}:{bound[1]}"
            self.gateway.url = f"ws{self.url.removeprefix('http')}{_GATEWAY_PATH}"
            stack.push_async_callback(self._stop)
            yield self

    async def _prepare(self, stack: AsyncExitStack) -> None:
        """Load the saved world, or seed a new one."""
        if self.options.state is None:
            if not self.world.users:
                self._seed_world()
            return
        state = await stack.enter_async_context(open_state(self.options.state))
        saved = await state.load()
        self.world.on_change(state.schedule_write)
        if identity := saved["bot"].get(0):
            self.token = identity["token"]
            for message in restore(self.world, saved):
                self._nonces.remember(message, str(message.nonce))
            self.world.bot = self.world.users[identity["id"]]
        else:
            self._seed_world()
            identity = {"id": self.world.bot.id, "token": self.token}
            state.schedule_write(Change("bot", 0, identity))

    def _seed_world(self) -> None:
        self.world.bot = self.world.add_user(self.options.bot_name, bot=True)
        self.token = f"sandbox.{self.world.bot.id}.{secrets.token_urlsafe(24)}"
        seed(self.world)
        if self.options.has_samples:
            seed_samples(self.world)

    async def _accept_shard(self, request: web.Request) -> web.StreamResponse:
        if self.faults.has_outage:
            return web.Response(status=503)
        return await self.gateway.handle(request, self.token)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the background until the sandbox stops."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stop(self) -> None:
        """Close all connections, so that the server can stop at once."""
        await self._page_events.close()
        for connection in tuple(self.gateway.connections):
            await connection.close(WSCloseCode.GOING_AWAY)
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        errors = [each for each in results if isinstance(each, Exception)]
        if errors:
            raise SandboxError(
                f"a background task of the sandbox failed: {errors[0]!r}"
            ) from errors[0]
