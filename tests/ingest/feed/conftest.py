"""Fixtures for tests of feeds."""

import os
from collections.abc import AsyncIterator

import pytest

from bot.fetching.fetcher import Fetcher, Limits
from bot.ingest.workers import Workers
from storage.protocols import Store
from tests.ingest.feed.support import Opener
from tests.support.clock import FakeClock
from tests.support.web import WebServer, serve_web


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    async with serve_web() as server:
        yield server


@pytest.fixture
async def opener(store: Store) -> AsyncIterator[Opener]:
    clock = FakeClock()
    async with (
        Fetcher(clock, user_agent="x", limits=Limits(total_seconds=5)) as fetcher,
        Workers(os.environ) as workers,
    ):
        yield Opener(fetcher, workers, store, clock)
