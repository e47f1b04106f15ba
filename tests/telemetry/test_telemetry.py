"""Health and metrics of a running bot, over HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.config.settings import TelemetrySettings
from bot.config.sources import FolderSettings
from bot.sandbox import Sandbox
from tests.support.desk import Desk


@dataclass(frozen=True, slots=True)
class Operator:
    """Reads what the bot serves at a port."""

    http: aiohttp.ClientSession
    url: str

    async def get(self, path: str) -> tuple[int, str]:
        """The status and body of a response."""
        async with self.http.get(f"{self.url}{path}") as response:
            return response.status, await response.text()

    async def metrics(self) -> dict[str, float]:
        """The values by name, with labels after it."""
        _, text = await self.get("/metrics")
        return {
            " ".join([sample.name, *sample.labels.values()]): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    async def until(self, name: str, value: float) -> dict[str, float]:
        """Wait until a metric has a value; return all of them."""
        async with asyncio.timeout(60):
            while True:
                metrics = await self.metrics()
                if metrics.get(name) == value:
                    return metrics
                await asyncio.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def operator() -> AsyncIterator[Operator]:
    async with aiohttp.ClientSession() as http:
        yield Operator(http, f"http://127.0.0.1:{free_port()}")


async def test_an_operator_sees_what_the_bot_does(
    desk: Desk, operator: Operator, sandbox: Sandbox
) -> None:
    """A source that can't be read makes it degraded, and a lost gateway not ready."""
    port = int(operator.url.rpartition(":")[2])
    away = FolderSettings(folder=desk.folder / "away")
    settings = desk.settings()
    settings = settings.model_copy(
        update={
            "telemetry": TelemetrySettings(port=port),
            "sources": (*settings.sources, away),
        }
    )
    desk.write("one")
    async with desk.bot(settings):
        assert await operator.get("/healthz") == (200, "ok\n")
        await operator.until("storywire_gateway_connected", 1)
        status, body = await operator.get("/readyz")
        assert status == 200
        assert '{"state": "degraded", "parts": {"gateway": {"state": "ok"' in body
        assert f"1 of 2 can't be read: {away.name}" in body
        await desk.subscribe()
        await desk.wait_for_stories(1)
        metrics = await operator.until("storywire_posts_total sent", 1)
        expected = {
            "storywire_ready": 1,
            "storywire_servers": 1,
            "storywire_database_readable": 1,
            "storywire_posts_total failed": 0,
            "storywire_outbox_due": 0,
            "storywire_pace_limit": 45,
            "storywire_posting_paused": 0,
            "storywire_send_seconds_count accepted": 1,
            "storywire_answer_seconds_count subscriptions add": 1,
            "storywire_answer_seconds_count component": 1,
            "storywire_discord_responses_total 429": 0,
            f"storywire_source_failing {away.name}": 1,
            f"storywire_source_failing {settings.sources[0].name}": 0,
        }
        assert {name: metrics.get(name) for name in expected} == expected
        assert metrics["storywire_database_bytes"] > 0
        assert metrics["storywire_process_resident_memory_bytes"] > 0
        status, page = await operator.get("/")
        assert status == 200
        assert f"1 of 2 can&#x27;t be read: {away.name}" in page
        assert "1 sent, 0 failed or uncertain" in page
        assert {name.partition("_")[0] for name in metrics} == {"storywire"}
        sandbox.faults.begin_outage()
        await operator.until("storywire_gateway_connected", 0)
        assert (await operator.get("/readyz"))[0] == 503
        assert await operator.get("/healthz") == (200, "ok\n")
        sandbox.faults.end_outage()
        await operator.until("storywire_ready", 1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await operator.get("/healthz")
