"""Stories from web servers are posted in a channel."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.announce.subscription_lifecycle import subscribe
from bot.cli.load import load_all
from bot.clock import SystemClock
from bot.config.settings import Settings, load_settings
from bot.config.settings_file import add_sources
from bot.config.sources import ApiSettings, FeedSettings, FolderSettings
from bot.switching.monitorrss import read_monitorrss
from bot.switching.opml import read_opml
from bot.switching.subscriptions import Terms, plan_import
from storage.models import LoadCounts, NewSubscription
from storage.open import open_store
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
    """Settings with a folder, a feed and an API; the feed's stories count as new."""
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
    """An entry without a date, which is dated when it is first seen."""
    return item(number, pubDate=None)


async def test_only_new_entries_of_a_feed_are_news(desk: Desk, server: WebServer) -> None:
    """A feed that is added to a running bot does not flood channels.

    Members find its earlier entries.
    """
    async with desk.bot():
        await desk.ask("subscriptions add", {"catch_up": 0})
    server.at("/feed", rss(fresh(1), fresh(2)))
    server.at("/api", json.dumps({"value": []}))
    async with desk.bot(settings(desk, server)):
        server.at("/feed", rss(fresh(3), fresh(1), fresh(2)))
        assert await desk.wait_for_stories(1) == ["Story 3"]
        await server.wait_for_requests("/feed")
        assert desk.titles() == ["Story 3"]
        found = await desk.ask("news latest")
        assert "Story 1" in found.embeds[0]["description"]


async def test_a_story_from_three_sources_is_posted_once(desk: Desk, server: WebServer) -> None:
    """It is the same article at the same address, whichever source has it first."""
    server.at("/feed", rss())
    server.at("/api", json.dumps({"value": []}))
    async with desk.bot(settings(desk, server)):
        await desk.ask("subscriptions add", {"catch_up": 0})
        await server.wait_for_requests("/feed")
        await server.wait_for_requests("/api")
        entry = {
            "path": "one.md",
            "title": "From the API",
            "webUrl": "http://www.news.example/one/?utm_source=api",
            "publishedDateTime": "2099-01-01T00:00:00Z",
        }
        server.at("/api", json.dumps({"value": [entry]}))
        link = "https://news.example/one#more"
        server.at("/feed", rss(item(1, title="From the feed", link=link, pubDate=None)))
        desk.write("one", title="From the folder")
        await server.wait_for_requests("/feed")
        await server.wait_for_requests("/api")
        assert len(await desk.wait_for_stories(1)) == 1
        desk.write("two")
        assert (await desk.wait_for_stories(2))[1:] == ["Story two"]


async def test_rejected_entries_are_not_subtracted_from_shown_ones(
    desk: Desk, server: WebServer
) -> None:
    """The report of `storywire load` has no negative counts."""
    only_feed = settings(desk, server)
    only_feed = only_feed.model_copy(update={"sources": only_feed.sources[1:2]})
    bad = [item(number, link="javascript:alert(1)") for number in (7, 8, 9)]
    server.at("/feed", rss(item(1), *bad))
    assert (await load_all(only_feed)).counts == LoadCounts(new=1, rejected=3)
    server.at("/feed", rss(item(2), *bad))
    assert (await load_all(only_feed)).counts == LoadCounts(new=1, rejected=3)
    server.at("/feed", rss(item(3)))
    assert (await load_all(only_feed)).counts == LoadCounts(new=1)


async def test_entries_of_one_page_are_posted_once_each(desk: Desk, server: WebServer) -> None:
    """A changelog has one page, and its ids and the parameters of its links change at each poll."""
    titles = [
        "Gates open at dawn",
        "Ferry line extended",
        "Museum closes early",
        "Rain ends drought",
    ]

    def serve(count: int, poll: int) -> None:
        entries = [
            item(
                number,
                title=titles[number],
                guid=f"{poll}-{number}",
                link=f"https://news.example/changes?session={poll}#{number}",
                pubDate=f"Mon, 23 Nov 2026 1{number}:00:00 GMT",
            )
            for number in reversed(range(count))
        ]
        server.at("/feed", rss(*entries))

    server.at("/api", json.dumps({"value": []}))
    serve(1, 0)
    async with desk.bot(settings(desk, server)):
        await desk.ask("subscriptions add", {"catch_up": 0})
        await server.wait_for_requests("/feed")
        for poll in range(1, 4):
            serve(poll + 1, poll)
            assert len(await desk.wait_for_stories(poll)) == poll
        serve(4, 4)
        await server.wait_for_requests("/feed")
        assert desk.titles() == titles[1:]


async def test_nothing_old_of_an_imported_feed_is_news(
    desk: Desk, server: WebServer, tmp_path: Path
) -> None:
    """Entries from before the first reading are not announced; later ones are."""
    address = server.at("/feed", rss(fresh(1), item(2, pubDate="Sat, 28 Nov 2026 00:00:00 GMT")))
    file = tmp_path / "storywire.yaml"
    (imported,) = read_opml(
        f'<opml><body><outline text="A" xmlUrl="{address}"/></body></opml>'.encode()
    )
    add_sources(file, [{**imported.settings, "allow_private": True}])
    (source,) = load_settings(file).sources
    often = source.model_copy(update={"every": EVERY})
    async with desk.bot(desk.settings().model_copy(update={"sources": (often,)})):
        await desk.ask("subscriptions add", {"catch_up": 0})
        server.at("/feed", rss(fresh(3), fresh(1)))
        assert await desk.wait_for_stories(1) == ["Story 3"]
        await server.wait_for_requests("/feed")
        assert desk.titles() == ["Story 3"]


async def test_a_channel_of_monitorss_gets_its_feed_and_no_other(
    desk: Desk, server: WebServer, tmp_path: Path
) -> None:
    """Its subscription wants the provider that the import gave to the source."""
    ours, other = server.at("/feed", rss(fresh(1))), server.at("/other", rss(fresh(2)))
    channel = {"id": str(desk.channel().id), "guildId": str(desk.channel().guild_id)}
    exported = {
        "title": "Feed",
        "url": ours,
        "connections": {"discordChannels": [{"details": {"channel": channel}}]},
    }
    file = tmp_path / "storywire.yaml"
    plan = plan_import(
        read_monitorrss(json.dumps(exported).encode()), (), {}, Terms(50, 25, 70, None)
    )
    entries = [*plan.sources, {"feed": other, "provider": "Another feed"}]
    add_sources(file, [{**each, "allow_private": True} for each in entries])
    often = [source.model_copy(update={"every": EVERY}) for source in load_settings(file).sources]
    ((guild_id, spec),) = plan.subscriptions
    async with open_store(desk.database) as store:
        new = NewSubscription(guild_id, 0, SystemClock().now(), spec)
        await subscribe(store, new, catch_up=0, max_age=None, make_nonce=str)
    async with desk.bot(desk.settings().model_copy(update={"sources": tuple(often)})):
        server.at("/other", rss(fresh(4), fresh(2)))
        await server.wait_for_requests("/other")
        server.at("/feed", rss(fresh(3), fresh(1)))
        assert await desk.wait_for_stories(1) == ["Story 3"]
