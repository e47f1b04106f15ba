"""Builders of feeds, and their sources."""

from datetime import timedelta

from bot.fetching.fetcher import Fetcher
from bot.fetching.poll_schedule import PollSchedule
from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.feed.entry import MAX_ENTRIES
from bot.ingest.feed.source import ACCEPT, FeedSource
from bot.ingest.web_page import WebPage
from bot.ingest.workers import Workers
from storage.protocols import Store
from tests.support.clock import FakeClock

DATE = "Mon, 23 Nov 2026 10:00:00 GMT"


def item(number: int = 1, *more: str, **changes: str | None) -> str:
    """Return an RSS entry; fields can be changed or (None) removed."""
    fields = {
        "title": f"Story {number}",
        "link": f"https://news.example/{number}",
        "guid": f"id-{number}",
        "pubDate": DATE,
        "description": f"About story {number}.",
        **changes,
    }
    elements = [f"<{name}>{value}</{name}>" for name, value in fields.items() if value is not None]
    return "".join(["<item>", *elements, *more, "</item>"])


def rss(*items: str) -> bytes:
    """Return an RSS 2.0 feed."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:media="http://search.yahoo.com/mrss/"><channel><title>The Example</title>'
        "<link>https://news.example/</link>" + "".join(items) + "</channel></rss>"
    ).encode()


class Opener:
    """Opens feeds as a newly started bot does."""

    def __init__(self, fetcher: Fetcher, workers: Workers, store: Store, clock: FakeClock) -> None:
        self.fetcher, self.workers, self.store, self.clock = fetcher, workers, store, clock

    def feed(
        self,
        address: str,
        defaults: Defaults = NO_DEFAULTS,
        every: timedelta = timedelta(hours=1),
        max_entries: int = MAX_ENTRIES,
        time_zone: str | None = None,
        name: str | None = None,
    ) -> FeedSource:
        """Return a feed as after a restart."""
        schedule = PollSchedule(every, self.clock, lambda: 0.0)
        page = WebPage(
            address,
            self.fetcher,
            self.workers,
            schedule,
            clock=self.clock,
            name=name or f"feed:{address}",
            accept=ACCEPT,
            allow_private=True,
        )
        return FeedSource(
            page,
            clock=self.clock,
            defaults=defaults,
            max_entries=max_entries,
            time_zone=time_zone,
        )
