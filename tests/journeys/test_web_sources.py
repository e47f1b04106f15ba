"""Stories from web servers, on their way into a channel."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.cli.load import load_all
from bot.config.settings import Settings
from bot.config.sources import ApiSettings, FeedSettings, FolderSettings
from storage.models import LoadCounts
from tests.ingest.feed.support import item, rss
from tests.support.desk import Desk
from tests.support.web import WebServer, serve_web

# Shorter than settings may say, so that nobody waits.
EVERY = timedelta(milliseconds=50)


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    async with serve_web() as server:
        yield server


def settings(desk: Desk, server: WebServer) -> Settings:
    """A folder, a feed and an API; the feed's stories are news of now."""
    feed = FeedSettings(feed=server.url("/feed"), allow_private=True)
    api = ApiSettings(api=server.url("/api"), allow_private=True)
    often = {"every": EVERY}
    return desk.settings().model_copy(
        update={
            "sources": (
                FolderSettings(folder=desk.folder),
                feed.model_copy(update=often),
                api.model_copy(update=often),
            )
        }
    )


def fresh(number: int) -> str:
    """An entry without a date: it is dated when first seen."""
    return item(number, pubDate=None)


async def test_what_a_feed_held_before_is_archive_and_what_comes_is_news(
    desk: Desk, server: WebServer
) -> None:
    """A feed that is added to a running desk floods nobody; members find what it held."""
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
    server.at("/feed", rss(fresh(1), fresh(2)))
    server.at("/api", json.dumps({"value": []}))
    async with desk.bot(settings(desk, server)):
        server.at("/feed", rss(fresh(3), fresh(1), fresh(2)))
        assert await desk.told(1) == ["Story 3"]
        await server.wait_for_requests("/feed")
        assert desk.titles() == ["Story 3"]
        found = await desk.ask("news search", {"query": "story"})
        assert "Story 1" in found.embeds[0]["description"]


async def test_a_story_from_a_feed_a_folder_and_an_api_is_told_once(
    desk: Desk, server: WebServer
) -> None:
    """It is the same article at the same address, whoever tells it first."""
    server.at("/feed", rss())
    server.at("/api", json.dumps({"value": []}))
    async with desk.bot(settings(desk, server)):
        await desk.ask("subscriptions add", {"catch_up": 0})
        await server.wait_for_requests("/feed")
        await server.wait_for_requests("/api")
        told = {
            "path": "one.md",
            "title": "As the API tells it",
            "webUrl": "http://www.news.example/one/?utm_source=api",
            "publishedDateTime": "2099-01-01T00:00:00Z",
        }
        server.at("/api", json.dumps({"value": [told]}))
        link = "https://news.example/one#more"
        server.at("/feed", rss(item(1, title="As the feed tells it", link=link, pubDate=None)))
        desk.write("one", title="As the folder tells it")
        await server.wait_for_requests("/feed")
        await server.wait_for_requests("/api")
        assert len(await desk.told(1)) == 1
        desk.write("two")
        assert (await desk.told(2))[1:] == ["Story two"]


async def test_what_stands_rejected_but_is_shown_no_more_is_not_taken_from_what_is(
    desk: Desk, server: WebServer
) -> None:
    """The report of `storywire load` counts no less than nothing."""
    only_feed = settings(desk, server)
    only_feed = only_feed.model_copy(update={"sources": only_feed.sources[1:2]})
    bad = [item(number, link="javascript:alert(1)") for number in (7, 8, 9)]
    server.at("/feed", rss(item(1), *bad))
    assert (await load_all(only_feed)).counts == LoadCounts(new=1, rejected=3)
    server.at("/feed", rss(item(2)))
    assert (await load_all(only_feed)).counts == LoadCounts(new=1, rejected=3)
