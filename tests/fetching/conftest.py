"""Fixtures for tests of fetching."""

from collections.abc import AsyncIterator

import pytest

from bot.fetching.fetcher import Fetcher, Limits
from tests.support.clock import FakeClock
from tests.support.web import WebServer, serve_web


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    async with serve_web() as server:
        yield server


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    """A fetcher with a small limit of size."""
    limits = Limits(max_bytes=100_000)
    async with Fetcher(FakeClock(), user_agent="Storywire/1.2.3", limits=limits) as fetcher:
        yield fetcher
