import asyncio
import json
import logging
import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import SourceError
from bot.ingest.defaults import Defaults
from bot.ingest.feed.source import FeedSource
from bot.ingest.loader import load_source
from bot.ingest.workers import WorkerLimits, Workers
from storage.models import LoadCounts, Provider, SourceFindings
from tests.ingest.feed.support import Opener, item, rss
from tests.ingest.support import stories
from tests.support.clock import START
from tests.support.web import WebServer

UNCHANGED = LoadCounts(unchanged=2)


async def load(opener: Opener, source: FeedSource) -> LoadCounts:
    return await load_source(source, opener.store, opener.clock)


async def test_new_and_changed_entries_are_loaded(server: WebServer, opener: Opener) -> None:
    feed = opener.feed(server.at("/feed", rss(item(1), item(2))))
    assert await load(opener, feed) == LoadCounts(new=2)
    server.at("/feed", rss(item(3), item(2, title="Another title"), item(1)))
    assert await load(opener, feed) == LoadCounts(new=1, changed=1, unchanged=1)
    titles = [story.article.title for story in await stories(opener.store)]
    assert titles == ["Another title", "Story 1", "Story 3"]


async def test_entries_that_leave_the_feed_stay(server: WebServer, opener: Opener) -> None:
    """A feed lists only its newest entries."""
    feed = opener.feed(server.at("/feed", rss(item(1), item(2))))
    await load(opener, feed)
    server.at("/feed", rss(item(3)))
    assert await load(opener, feed) == LoadCounts(new=1)
    assert len(await stories(opener.store)) == 3


async def test_unchanged_feed_costs_one_conditional_request(
    server: WebServer, opener: Opener
) -> None:
    """A restarted bot sends a conditional request, too."""
    address = server.versioned("/feed", rss(item(1), item(2)))
    feed = opener.feed(address)
    await load(opener, feed)
    assert len(server.requests) == 1
    assert await load(opener, feed) == UNCHANGED
    assert await load(opener, opener.feed(address)) == UNCHANGED
    assert len(server.requests) == 3
    assert [headers.get("If-None-Match") for headers in server.headers[1:]] == ['"1"', '"1"']


async def test_new_etag_of_the_same_body_is_used(server: WebServer, opener: Opener) -> None:
    """Otherwise the whole body would be sent each time."""
    address = server.versioned("/feed", rss(item(1), item(2)), etag='"1"')
    feed = opener.feed(address)
    await load(opener, feed)
    server.versioned("/feed", rss(item(1), item(2)), etag='"2"')
    assert [await load(opener, feed) for _ in range(3)] == [UNCHANGED] * 3
    asked_by = [headers.get("If-None-Match") for headers in server.headers]
    assert asked_by == [None, '"1"', '"2"', '"2"']


async def test_same_body_without_validators_is_unchanged(server: WebServer, opener: Opener) -> None:
    """The same bytes are not parsed twice."""
    address = server.at("/feed", rss(item(1), item(2)))
    await load(opener, opener.feed(address))
    assert await load(opener, opener.feed(address)) == UNCHANGED


async def test_entries_that_were_not_stored_are_read_again(
    server: WebServer, opener: Opener
) -> None:
    """A load that is interrupted after the request loses nothing."""
    address = server.versioned("/feed", rss(item(1), item(2)))
    feed = opener.feed(address)
    known = await opener.store.known_documents(feed.name, feed.settings_digest)
    await feed.read(known, None)  # then the bot stops before anything is stored
    assert await load(opener, feed) == LoadCounts(new=2)
    assert await load(opener, opener.feed(address)) == UNCHANGED


async def test_other_settings_read_the_feed_again(server: WebServer, opener: Opener) -> None:
    """All entries are read although the server reports no change."""
    address = server.versioned("/feed", rss(item(1), item(2)))
    await load(opener, opener.feed(address))
    provider = Provider("Our Desk", "desk.example")
    defaults = Defaults(quality=88, topics=("AI",), provider=provider)
    assert await load(opener, opener.feed(address, defaults)) == LoadCounts(changed=2)
    (first, _) = await stories(opener.store)
    article = first.article
    assert (article.quality, article.topics, article.provider) == (88, ("AI",), provider)


async def test_new_ids_for_the_same_entries_change_nothing(
    server: WebServer, opener: Opener
) -> None:
    """The same entry under another id is the same document, even if it is rewritten."""
    feed = opener.feed(server.at("/feed", rss(item(1, guid="a"), item(2, guid="b"))))
    await load(opener, feed)
    server.at("/feed", rss(item(1, guid="c"), item(2, guid="d", title="Rewritten")))
    assert await load(opener, feed) == LoadCounts(changed=1, unchanged=1)
    assert len(await stories(opener.store)) == 2


def episode(number: int, link: str) -> str:
    enclosure = f'<enclosure url="https://cdn.example/{number}.mp3" type="audio/mpeg" length="1"/>'
    return item(number, enclosure, link=link)


@pytest.mark.parametrize("link", ["https://show.example/podcast/", "https://show.example/"])
async def test_episodes_that_share_a_page_are_separate_stories(
    server: WebServer, opener: Opener, link: str
) -> None:
    """They link to their files; the first one does so once there is a second."""
    feed = opener.feed(server.at("/feed", rss(episode(1, link))))
    await load(opener, feed)
    for newest in (2, 3):
        episodes = [episode(number, link) for number in range(newest, 0, -1)]
        server.at("/feed", rss(*episodes))
        assert (await load(opener, feed)).new == 1
    by_title = {story.article.title: story for story in await stories(opener.store)}
    assert sorted(by_title) == ["Story 1", "Story 2", "Story 3"]
    assert by_title["Story 3"].article.url == "https://cdn.example/3.mp3"
    assert [by_title[f"Story {number}"].archive for number in (1, 2, 3)] == [True, False, False]


async def test_episode_with_its_own_page_links_to_it(server: WebServer, opener: Opener) -> None:
    shows = (episode(number, f"https://show.example/{number}") for number in (1, 2))
    await load(opener, opener.feed(server.at("/feed", rss(*shows))))
    urls = [story.article.url for story in await stories(opener.store)]
    assert sorted(urls) == ["https://show.example/1", "https://show.example/2"]


async def test_ids_that_move_to_other_entries_withdraw_none(
    server: WebServer, opener: Opener
) -> None:
    """Some feeds number their entries from the newest on."""
    feed = opener.feed(server.at("/feed", rss(*(item(n, guid=f"{n}") for n in (1, 2, 3)))))
    await load(opener, feed)
    before = {story.article.title: story.id for story in await stories(opener.store)}
    moved = [item(9, guid="1"), *(item(n, guid=f"{n + 1}") for n in (1, 2, 3))]
    server.at("/feed", rss(*moved))
    await load(opener, feed)
    after = {story.article.title: story.id for story in await stories(opener.store)}
    assert after.pop("Story 9") not in before.values()
    assert after == before


async def test_feed_that_is_added_again_is_archive(server: WebServer, opener: Opener) -> None:
    """Its entries existed before, as those of a new feed do."""
    address = server.at("/feed", rss(item(1)))
    await opener.store.register_sources([opener.feed(address).name])
    await load(opener, opener.feed(address))
    await opener.store.register_sources([])
    await opener.store.withdraw_unregistered_sources()
    await opener.store.register_sources([opener.feed(address).name])
    server.at("/feed", rss(item(3), item(2), item(1)))
    await load(opener, opener.feed(address))
    assert [story.archive for story in await stories(opener.store)] == [True] * 3


async def test_undated_entry_keeps_the_time_when_first_seen(
    server: WebServer, opener: Opener
) -> None:
    """Later changes of the entry do not change its date."""
    feed = opener.feed(server.at("/feed", rss(item(1, pubDate=None))))
    await load(opener, feed)
    opener.clock.jump(timedelta(hours=5))
    server.at("/feed", rss(item(1, pubDate=None, title="Rewritten")))
    assert await load(opener, feed) == LoadCounts(changed=1)
    (story,) = await stories(opener.store)
    assert (story.article.title, story.article.published_at) == ("Rewritten", START)


async def test_time_zone_dates_entries_without_one(server: WebServer, opener: Opener) -> None:
    """If the setting changes, all entries are read again; without it, nothing changes."""
    address = server.at("/feed", rss(item(1, pubDate="2026-11-23 10:00")))
    plain, local = opener.feed(address), opener.feed(address, time_zone="Asia/Tokyo")
    assert plain.settings_digest == opener.feed(address, time_zone=None).settings_digest
    assert "time zone" not in plain.settings_digest
    await load(opener, plain)
    assert await load(opener, local) == LoadCounts(changed=1)
    (story,) = await stories(opener.store)
    assert story.article.published_at == datetime(2026, 11, 23, 1, tzinfo=UTC)


async def test_future_date_counts_as_first_seen(server: WebServer, opener: Opener) -> None:
    """Otherwise the story would stay on top until then."""
    address = server.at("/feed", rss(item(1, pubDate="Mon, 23 Nov 2099 10:00:00 GMT")))
    await load(opener, opener.feed(address))
    (story,) = await stories(opener.store)
    assert story.dated_at == START


async def test_unreadable_entries_do_not_stop_the_others(server: WebServer, opener: Opener) -> None:
    """They are rejected with a reason, and their last good version stays."""
    feed = opener.feed(server.at("/feed", rss(item(1), item(2))))
    await load(opener, feed)
    server.at("/feed", rss(item(1, link="javascript:alert(1)"), item(2), item(3)))
    assert await load(opener, feed) == LoadCounts(new=1, unchanged=1, rejected=1)
    (rejected,) = await opener.store.rejected_documents()
    assert rejected.rejection.field == "link"
    assert len(await stories(opener.store)) == 3


async def test_entry_without_a_link_is_rejected(server: WebServer, opener: Opener) -> None:
    """The rejection contains its title, so that the publisher can find it."""
    nameless = item(1, guid=None, link=None, title="Lost", pubDate="Mon, 23 Nov 2026 10:00:00 GMT")
    await load(opener, opener.feed(server.at("/feed", rss(nameless, item(2)))))
    (rejected,) = await opener.store.rejected_documents()
    assert rejected.key == "Lost 2026-11-23T10:00:00+00:00"
    assert str(rejected.rejection) == "link: is missing; an entry needs the address of its page"


@pytest.mark.parametrize("status", [404, 410, 429, 500, 304])
async def test_failing_server_removes_nothing(
    server: WebServer, opener: Opener, status: int
) -> None:
    """The last good state stays, and the feed is read again later."""
    feed = opener.feed(server.at("/feed", rss(item(1), item(2))))
    await load(opener, feed)
    other = opener.feed(server.url("/other"))
    server.at("/other", status=status)
    with pytest.raises(SourceError):
        await load(opener, other)
    if status != 304:
        server.at("/feed", status=status)
        with pytest.raises(SourceError, match=str(status)):
            await load(opener, feed)
    server.at("/feed", "<html>Maintenance</html>")
    with pytest.raises(SourceError, match="not a feed"):
        await load(opener, feed)
    assert len(await stories(opener.store)) == 2
    server.at("/feed", rss(item(3)))
    assert await load(opener, feed) == LoadCounts(new=1)


async def test_moved_feed_is_reported_once(
    server: WebServer, opener: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    """It is still read, and its new address is logged."""
    server.at("/old", status=301, Location="/new")
    server.at("/new", rss(item(1)))
    feed = opener.feed(server.url("/old"))
    with caplog.at_level(logging.WARNING):
        assert await load(opener, feed) == LoadCounts(new=1)
        await load(opener, feed)
    assert [record.getMessage().rsplit(": ", 1)[1] for record in caplog.records] == [
        server.url("/new")
    ]


async def test_failing_feed_is_polled_after_retry_after(server: WebServer, opener: Opener) -> None:
    """Retry-After also counts when iterating starts again."""
    feed = opener.feed(server.at("/feed", status=429, Retry_After="7200"))
    ticks = feed.changes()
    await anext(ticks)
    with pytest.raises(SourceError):
        await load(opener, feed)
    await ticks.aclose()
    ticks = feed.changes()
    waiting = asyncio.ensure_future(anext(ticks))
    await asyncio.sleep(0)
    await opener.clock.advance(7199)
    assert not waiting.done()
    await opener.clock.advance(1)
    await waiting
    await ticks.aclose()


async def test_pause_of_a_host_is_for_all_its_feeds(server: WebServer, opener: Opener) -> None:
    """A feed that is due meanwhile is not requested, and is read after the pause."""
    busy = opener.feed(server.at("/busy", status=429, Retry_After="7200"))
    other = opener.feed(server.at("/other", rss(item(1))), every=timedelta(minutes=5))
    with pytest.raises(SourceError, match="429"):
        await load(opener, busy)
    ticks = other.changes()
    await anext(ticks)
    with pytest.raises(SourceError, match="/other was not requested, because its host asked"):
        await load(opener, other)
    waiting = asyncio.ensure_future(anext(ticks))
    await asyncio.sleep(0)
    await opener.clock.advance(7199)
    assert not waiting.done()
    await opener.clock.advance(1)
    await waiting
    await ticks.aclose()
    assert await load(opener, other) == LoadCounts(new=1)
    assert server.requests == ["/busy", "/other"]


async def test_excess_entries_are_reported(server: WebServer, opener: Opener) -> None:
    """The first ones are read; a rejection counts the others until there are none."""
    items = [{"id": number} for number in range(5)]
    feed = opener.feed(server.at("/feed", json.dumps({"items": items})), max_entries=3)
    assert await load(opener, feed) == LoadCounts(rejected=4)
    reasons = {str(document.rejection) for document in await opener.store.rejected_documents()}
    assert "has 2 entries beyond the limit of 3; they are skipped" in reasons
    server.at("/feed", json.dumps({"items": items[:2]}))
    assert await load(opener, feed) == LoadCounts(unchanged=2)
    assert [each.key for each in await opener.store.rejected_documents()] == ["0", "1"]


@pytest.mark.parametrize(
    "hostile",
    [
        rss(f"<item><author>{'a' * 200_000}</author></item>"),
        rss("<item>" + "&nbsp;" + "<a/>" * 900_000 + "</item>"),
    ],
    ids=["author", "tags"],
)
async def test_feed_that_takes_too_long_to_parse_is_rejected(
    server: WebServer, opener: Opener, hostile: bytes
) -> None:
    """The bot keeps working meanwhile, and then reads other feeds."""
    async with Workers(os.environ, WorkerLimits(processes=1, seconds=1.0)) as workers:
        opener.workers = workers
        feed = opener.feed(server.at("/hostile", hostile))
        # The CPU time of this process shows that the parser runs in another one.
        started_at = time.process_time()
        with pytest.raises(SourceError, match="/hostile: parsing it takes more than 1 seconds"):
            await load(opener, feed)
        assert time.process_time() - started_at < 0.9
    async with Workers(os.environ) as workers:
        opener.workers = workers
        assert await load(opener, opener.feed(server.at("/other", rss(item(1))))) == LoadCounts(
            new=1
        )


async def test_same_entry_twice_is_one_document(server: WebServer, opener: Opener) -> None:
    """The first one counts, and the other one is reported."""
    feed = opener.feed(server.at("/feed", rss(item(1), item(1, description="Again"))))
    assert await load(opener, feed) == LoadCounts(new=1, merged=1)
    assert [story.article.excerpt for story in await stories(opener.store)] == ["About story 1."]
    (state,) = await opener.store.list_sources()
    assert state.findings == SourceFindings(1, ("Story 1",))


async def test_entry_that_returns_with_another_id_and_link_is_known(
    server: WebServer, opener: Opener
) -> None:
    """It has the same title and date, so the story stays archive."""
    address = server.at("/feed", rss(item(1), item(2)))
    await load(opener, opener.feed(address))
    server.at("/feed", rss(item(1, guid="new", link="https://news.example/new?oc=5"), item(2)))
    await load(opener, opener.feed(address))
    found = await stories(opener.store)
    assert sorted(story.article.title for story in found) == ["Story 1", "Story 2"]
    assert all(story.archive for story in found)


@pytest.mark.parametrize(
    "changes", [{"title": "Another"}, {"pubDate": "Mon, 21 Sep 2020 10:00:00 GMT"}]
)
async def test_entry_with_another_title_or_date_is_another_story(
    server: WebServer, opener: Opener, changes: dict[str, str]
) -> None:
    """The episodes of a series have one title, and a title may be corrected."""
    address = server.at("/feed", rss(item(1)))
    await load(opener, opener.feed(address))
    server.at("/feed", rss(item(1, guid="new", link="https://news.example/new", **changes)))
    await load(opener, opener.feed(address))
    assert len(await stories(opener.store)) == 2


async def test_entries_present_together_are_different_stories(
    server: WebServer, opener: Opener
) -> None:
    """Their title and date are the same, but the feed has both."""
    address = server.at("/feed", rss(item(1)))
    await load(opener, opener.feed(address))
    server.at("/feed", rss(item(1), item(1, guid="new", link="https://news.example/new")))
    await load(opener, opener.feed(address))
    assert len(await stories(opener.store)) == 2


async def test_probe_describes_the_feed(server: WebServer, opener: Opener) -> None:
    """`storywire check` uses it, and nothing is stored."""
    feed = opener.feed(server.at("/feed", rss(item(1), item(2))))
    assert await feed.probe() == "a feed of 2 entries"
    assert await stories(opener.store) == []


async def test_first_read_of_a_feed_is_archive(server: WebServer, opener: Opener) -> None:
    """Later entries are news, also after a restart with other settings."""
    address = server.at("/feed", rss(item(1), item(2)))
    await load(opener, opener.feed(address))
    server.at("/feed", rss(item(3), item(2, guid="another", title="Rewritten")))
    await load(opener, opener.feed(address, Defaults(quality=75)))
    archive = {story.article.title: story.archive for story in await stories(opener.store)}
    assert archive == {"Story 1": True, "Rewritten": True, "Story 3": False}
