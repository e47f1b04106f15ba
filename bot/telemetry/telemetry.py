"""Serves health, metrics and the status page."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path

from aiohttp import web

from bot.clock import Clock
from bot.config.settings import TelemetrySettings
from bot.telemetry.metrics import Metrics
from bot.telemetry.post_counts import PostCounts
from bot.telemetry.readiness import Part, State, judge, worst
from bot.telemetry.reading import Reading, WatchedBot, take_reading
from bot.telemetry.status_page import render
from bot.web_server import serve
from storage.errors import StorageError

logger = logging.getLogger(__name__)

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Nothing that a name or an error contains can be run or loaded.
_PAGE_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
# However many ask, the state is read once in this time.
_READING_SECONDS = 1.0
_LAG_INTERVAL = 1.0


class Telemetry:
    """What a bot reports to its operator. It counts in `metrics`."""

    def __init__(self, settings: TelemetrySettings, database: Path, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._bot: WatchedBot | None = None
        self._counts = PostCounts()
        self._turn = asyncio.Lock()
        self._last: tuple[float, Reading] | None = None
        self.metrics = Metrics()

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """Serve within the block if the settings have a port.

        Raises `WebServerError` if it can't be used.
        """
        if self._settings.port is None:
            yield
            return
        routes = [
            web.get("/", self._status_page),
            web.get("/healthz", self._healthz),
            web.get("/readyz", self._readyz),
            web.get("/metrics", self._metrics),
        ]
        async with serve(
            routes, self._settings.host, self._settings.port, section="telemetry"
        ) as address:
            logger.info("telemetry: health, metrics and status at %s", address)
            measuring = asyncio.create_task(self._measure_lag())
            try:
                yield
            finally:
                measuring.cancel()

    async def watch(self, bot: WatchedBot) -> None:
        """Report the state of a bot that starts now."""
        if self._settings.port is not None:
            self._bot, self._last = bot, None
            await self._read()

    async def _measure_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_INTERVAL
            await asyncio.sleep(_LAG_INTERVAL)
            self.metrics.observe_lag(max(0.0, loop.time() - due))

    async def _read(self) -> Reading:
        async with self._turn:
            now = self._clock.monotonic()
            if self._last is not None and now - self._last[0] < _READING_SECONDS:
                return self._last[1]
            reading = await take_reading(self._bot, self._database, self._clock.now())
            if self._bot is not None and reading.database is not None:
                try:
                    added = await self._counts.update(self._bot.store, reading.at)
                    self.metrics.count_changes(added)
                except StorageError as error:
                    logger.debug("posts could not be counted: %s", error)
            self._last = now, reading
            return reading

    async def _status_page(self, _: web.Request) -> web.Response:
        reading = await self._read()
        page = render(reading, judge(reading), self._counts.by_hour(), version("storywire"))
        return web.Response(text=page, content_type="text/html", headers=_PAGE_HEADERS)

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        parts = judge(await self._read())
        state = worst(parts)
        return web.json_response(
            {"state": state.label, "parts": {part.name: _describe(part) for part in parts}},
            status=_status(state),
        )

    async def _metrics(self, _: web.Request) -> web.Response:
        reading = await self._read()
        ready = worst(judge(reading)) is not State.NOT_READY
        return web.Response(
            body=self.metrics.show(reading, ready=ready), headers={"Content-Type": _METRICS_TYPE}
        )


def _status(state: State) -> HTTPStatus:
    return HTTPStatus.SERVICE_UNAVAILABLE if state is State.NOT_READY else HTTPStatus.OK


def _describe(part: Part) -> dict[str, str]:
    return {"state": part.state.label, "text": part.text}
