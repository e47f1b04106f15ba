"""A database that an earlier version filled from difficult feeds announces nothing old.

Entries that the earlier version took for one, that it rejected, or that it dated or linked wrongly
turn up as other stories after the upgrade; all of them existed before.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.ingest.loader import load_source
from storage.models import Story
from storage.open import open_store
from storage.protocols import Store
from tests.ingest.feed.old_feeds import FEEDS, NEW, SAME
from tests.ingest.feed.support import Opener
from tests.ingest.support import stories
from tests.storage.sqlite.old_databases import build_old_database
from tests.support.web import WebServer

ROWS = Path(__file__).with_name("old_feeds.sql")
VERSION = 9
UPGRADED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
# Their entries have no dates, or wrong ones.
UNDATED = {name for name in FEEDS if name.startswith("undated")} | {"wrong-dates"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """The old database, opened by this version."""
    path = tmp_path / "old.db"
    await build_old_database(path, VERSION, ROWS)
    async with open_store(path) as store:
        yield store


@dataclass
class Reader:
    """Reads one of the feeds as the upgraded bot does."""

    server: WebServer
    opener: Opener
    name: str

    async def read(self, reading: int) -> None:
        """Read what the feed lists then."""
        address = self.server.at(f"/{self.name}", FEEDS[self.name](reading))
        feed = self.opener.feed(address, name=f"feed:{self.name}")
        await load_source(feed, self.opener.store, self.opener.clock)

    async def news(self) -> dict[int, Story]:
        """The stories that are news, by number."""
        found = await stories(self.opener.store)
        return {story.id: story for story in found if not story.archive}


@pytest.fixture(params=list(FEEDS))
def reader(request: pytest.FixtureRequest, server: WebServer, opener: Opener) -> Reader:
    opener.clock.jump(UPGRADED_AT - opener.clock.now())
    return Reader(server, opener, request.param)


async def test_nothing_old_becomes_news(reader: Reader) -> None:
    """What was news before remains the same story."""
    before = await reader.news()
    for _ in range(3):
        await reader.read(SAME)
        reader.opener.clock.jump(timedelta(hours=1))
    after = await reader.news()
    assert after.keys() == before.keys()
    assert _titles(after) == _titles(before)


async def test_new_entry_is_news_once(reader: Reader) -> None:
    """Also if its feed generates other ids at every reading."""
    await reader.read(SAME)
    before = await reader.news()
    reader.opener.clock.jump(timedelta(hours=1))
    for _ in range(3):
        await reader.read(NEW)
        reader.opener.clock.jump(timedelta(hours=1))
    new = (await reader.news()).keys() - before.keys()
    assert len(new) == 1


async def test_entry_published_during_the_upgrade_is_news(reader: Reader) -> None:
    """If it has a date: without one, it can't be distinguished from older entries."""
    before = await reader.news()
    reader.opener.clock.jump(timedelta(hours=1))
    await reader.read(NEW)
    new = (await reader.news()).keys() - before.keys()
    assert len(new) == (0 if reader.name in UNDATED else 1)


def _titles(found: dict[int, Story]) -> dict[int, str]:
    return {number: story.article.title for number, story in found.items()}
