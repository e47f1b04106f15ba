"""Feeds to test with."""

from collections.abc import Sequence
from datetime import timedelta

from bot.fetching.fetcher import Fetcher
from bot.fetching.poll_schedule import PollSchedule
from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.feed.source import ACCEPT, FeedSource
from bot.ingest.web_page import WebPage
from bot.ingest.workers import Workers
from storage.models import Story, StoryQuery
from storage.protocols import Store
from tests.support.clock import FakeClock

DATE = "Mon, 23 Nov 2026 10:00:00 GMT"


def item(number: int = 1, *more: str, **changes: str | None) -> str:
    """An entry of RSS; fields are changed or (None) left out."""
    fields = {
        "title": f"Story {number}",
        "link": f"https://news.example/{number}",
        "guid": f"id-{number}",
        "pubDate": DATE,
        "description": f"What story {number} tells.",
        **changes,
    }
    told = [f"<{name}>{value}</{name}>" for name, value in fields.items() if value is not None]
    return "".join(["<item>", *told, *more, "</item>"])


def rss(*items: str) -> bytes:
    """A feed of RSS 2.0."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:media="http://search.yahoo.com/mrss/"><channel><title>The Example</title>'
        "<link>https://news.example/</link>" + "".join(items) + "</channel></rss>"
    ).encode()


class Opener:
    """Opens feeds of one address."""

    def __init__(self, fetcher: Fetcher, workers: Workers, store: Store, clock: FakeClock) -> None:
        self.fetcher, self.workers, self.store, self.clock = fetcher, workers, store, clock

    def feed(
        self, address: str, defaults: Defaults = NO_DEFAULTS, every: timedelta = timedelta(hours=1)
    ) -> FeedSource:
        """A feed as a bot that was just started has it."""
        schedule = PollSchedule(every, self.clock, lambda: 0.0)
        name = f"feed:{address}"
        page = WebPage(
            address,
            self.fetcher,
            self.workers,
            schedule,
            name=name,
            accept=ACCEPT,
            allow_private=True,
        )
        return FeedSource(page, clock=self.clock, defaults=defaults)


async def stories(store: Store) -> Sequence[Story]:
    """All stories by title."""
    page = await store.find_stories(StoryQuery(limit=1000))
    return sorted(page.stories, key=lambda story: story.article.title)
