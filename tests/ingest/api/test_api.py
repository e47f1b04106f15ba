import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.fetching.fetcher import Fetcher, Limits
from bot.fetching.poll_schedule import PollSchedule
from bot.ingest.api import source as api_source
from bot.ingest.api.pages import MAX_PAGE_ITEMS, parse_page
from bot.ingest.api.source import ACCEPT, ApiSource
from bot.ingest.defaults import Defaults
from bot.ingest.document import read_fields
from bot.ingest.frontmatter import RejectedError
from bot.ingest.loader import load_source
from bot.ingest.web_page import WebPage
from bot.ingest.workers import Workers
from storage.models import LoadCounts, Story
from storage.protocols import Store
from tests.ingest.support import REAL_ARTICLES, stories
from tests.support.clock import FakeClock
from tests.support.web import WebServer, serve_web


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    async with serve_web() as server:
        yield server


class Api:
    """An API on the server, and the source that reads it."""

    def __init__(self, server: WebServer, store: Store, fetcher: Fetcher, workers: Workers) -> None:
        self.server, self.store, self.fetcher, self.workers = server, store, fetcher, workers
        self.clock = FakeClock()

    def show(self, *pages: list[Any]) -> None:
        """Serve pages that are linked by numbers."""
        for number, items in enumerate(pages, start=1):
            page: dict[str, Any] = {"page": number, "value": items}
            if number < len(pages):
                page["nextPage"] = number + 1
            self.put(number, json.dumps(page))

    def put(self, number: int, body: str, status: int = 200) -> None:
        """Serve one page."""
        self.server.at("/api" if number == 1 else f"/api?page={number}", body, status=status)

    def source(
        self,
        pages: str | None = None,
        path: str = "/api",
        defaults: Defaults = Defaults(quality=75),  # noqa: B008 - it is frozen
    ) -> ApiSource:
        """Return the API as after a restart."""
        schedule = PollSchedule(timedelta(hours=1), self.clock, lambda: 0.0)
        address = self.server.url(path)
        page = WebPage(
            address,
            self.fetcher,
            self.workers,
            schedule,
            name="api",
            accept=ACCEPT,
            allow_private=True,
        )
        return ApiSource(page, clock=self.clock, pages=pages, unpublished="skip", defaults=defaults)

    async def load(self, source: ApiSource | None = None) -> LoadCounts:
        """Load the API; the requested pages are in `server.requests`."""
        self.server.requests.clear()
        return await load_source(source or self.source(), self.store, self.clock)

    async def stories(self) -> Sequence[Story]:
        """All stories, sorted by title."""
        return await stories(self.store)


@pytest.fixture
async def api(server: WebServer, store: Store) -> AsyncIterator[Api]:
    async with (
        Fetcher(FakeClock(auto_advance=True), user_agent="x", limits=Limits()) as fetcher,
        Workers(os.environ) as workers,
    ):
        yield Api(server, store, fetcher, workers)


def api_article(number: int, **changes: object) -> dict[str, object]:
    """Return an article as an API lists it: missing values are null."""
    return {
        "path": f"_news/{number}.md",
        "title": f"Story {number}",
        "webUrl": f"https://news.example/{number}",
        "originalUrl": None,
        "publishedDateTime": "2026-11-23T02:00:00-08:00",
        "topics": ["AI"],
        **changes,
    }


async def test_later_reads_stop_at_a_page_without_news(api: Api) -> None:
    """The first read fetches all pages."""
    api.show([api_article(5), api_article(4)], [api_article(3), api_article(2)], [api_article(1)])
    assert await api.load() == LoadCounts(new=5)
    assert api.server.requests == ["/api", "/api?page=2", "/api?page=3"]
    api.show(
        [api_article(6), api_article(5)],
        [api_article(4), api_article(3)],
        [api_article(2), api_article(1)],
    )
    assert await api.load() == LoadCounts(new=1, unchanged=3)
    assert api.server.requests == ["/api", "/api?page=2"]


async def test_field_names_of_site_generators_are_accepted(api: Api) -> None:
    """Addresses within the site are relative to `base_url`, as in front matter."""
    api.show(
        [
            {
                "title": "A story",
                "date": "2026-11-23",
                "url": "/stories/1/",
                "description": "A description.",
                "tags": ["AI"],
                "image": "/a.png",
            }
        ]
    )
    source = api.source(defaults=Defaults(quality=75, base_url="https://news.example/"))
    assert await api.load(source) == LoadCounts(new=1)
    [story] = await api.stories()
    assert story.article.url == "https://news.example/stories/1/"
    assert story.article.excerpt == "A description."
    assert story.article.topics == ("AI",)
    assert [image.url for image in story.article.images] == ["https://news.example/a.png"]


async def test_unchanged_api_costs_one_request(api: Api) -> None:
    """That is also true after a restart."""
    api.show([api_article(2)], [api_article(1)])
    await api.load()
    assert await api.load() == LoadCounts(unchanged=2)
    assert api.server.requests == ["/api"]


async def test_real_pages_are_read(api: Api) -> None:
    """They are the portal's; the settings fill in missing values."""
    path = REAL_ARTICLES / "power-apps-api-page-1.json"
    if not path.is_file():
        pytest.skip("the real page is not beside this checkout")
    page = json.loads(path.read_text(encoding="utf-8"))
    api.put(1, json.dumps(page))
    api.put(2, json.dumps({"page": 2, "value": []}))
    assert await api.load() == LoadCounts(new=25)
    assert {story.article.quality for story in await api.stories()} == {75}


async def test_address_of_pages_comes_from_settings_or_api(api: Api) -> None:
    """It is a pattern in the settings, or a nextPage that is an address."""
    api.server.at("/index.json", json.dumps({"value": [api_article(2)], "nextPage": 2}))
    api.server.at("/pages/2.json", json.dumps({"value": [api_article(1)], "nextPage": "last.json"}))
    api.server.at("/pages/last.json", json.dumps([api_article(0)]))
    assert await api.load(api.source("/pages/{page}.json", "/index.json")) == LoadCounts(new=3)
    assert api.server.requests == ["/index.json", "/pages/2.json", "/pages/last.json"]


async def test_repeated_page_does_not_cause_a_loop(api: Api) -> None:
    """The articles read so far are stored, and the error names the setting to add."""
    api.server.at("/api", json.dumps({"page": 1, "value": [api_article(1)], "nextPage": 2}))
    with pytest.raises(SourceError, match=r"pages: https://example.org/api/\{page\}.json"):
        await api.load()
    assert len(await api.stories()) == 1


async def test_number_of_pages_is_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_source, "MAX_PAGES", 3)
    api.show(*([api_article(number)] for number in range(9)))
    assert await api.load() == LoadCounts(new=3)


async def test_articles_after_a_broken_page_are_read_later(api: Api) -> None:
    """The pages before it are stored; the next read does not stop at the known first page."""
    api.show([api_article(3)], [api_article(2)], [api_article(1)])
    await api.load()
    api.show([api_article(6)], [api_article(5)], [api_article(4)], [api_article(3)])
    api.put(2, "", status=500)
    with pytest.raises(SourceError, match=r"page 2: .*500"):
        await api.load()
    assert [story.article.title for story in await api.stories()][-1] == "Story 6"
    api.show([api_article(6)], [api_article(5)], [api_article(4)], [api_article(3)])
    assert await api.load() == LoadCounts(new=2, unchanged=2)
    assert len(await api.stories()) == 6


async def test_broken_page_does_not_extend_the_first_read(api: Api) -> None:
    """Articles that are published after the first attempt are news, and no others."""
    api.show([api_article(2)], [api_article(1)])
    api.put(2, "", status=500)
    with pytest.raises(SourceError, match="page 2"):
        await api.load()
    later = (api.clock.now() + timedelta(hours=1)).isoformat()
    await api.clock.advance(7200)
    news = api_article(3, publishedDateTime=later)
    api.show([news, api_article(2)], [api_article(1)])
    api.put(2, "", status=500)
    with pytest.raises(SourceError, match="page 2"):
        await api.load()
    api.show([news, api_article(2)], [api_article(1)])
    await api.load()
    archived = {story.article.title: story.archive for story in await api.stories()}
    assert archived == {"Story 1": True, "Story 2": True, "Story 3": False}


async def test_retry_after_of_a_later_page_is_used(api: Api) -> None:
    api.show([api_article(2)], [api_article(1)])
    api.server.at("/api?page=2", status=429, Retry_After="7200")
    source = api.source()
    ticks = source.changes()
    await anext(ticks)
    with pytest.raises(SourceError, match="429"):
        await api.load(source)
    following = asyncio.ensure_future(anext(ticks))
    await api.clock.advance(timedelta(minutes=119))
    assert not following.done()
    await api.clock.advance(timedelta(minutes=2))
    await following
    await ticks.aclose()


@pytest.mark.parametrize("following", ["/api", "//", 2])
async def test_pages_that_link_back_are_read_once(api: Api, following: object) -> None:
    """Their articles are stored."""
    page = {"value": [api_article(1)], "nextPage": following}
    api.server.at("/api", json.dumps(page))
    api.server.at("/api?page=2", json.dumps({**page, "nextPage": "/api?page=2"}))
    with pytest.raises(SourceError, match=r"leads back|nextPage is neither"):
        await api.load()
    assert len(api.server.requests) <= 2
    assert len(await api.stories()) == 1


async def test_excess_articles_of_a_page_are_skipped(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    """The first ones are stored, and the log reports the others."""
    api.show([api_article(1), *([0] * MAX_PAGE_ITEMS)])
    assert await api.load() == LoadCounts(new=1, rejected=1)
    assert "skipped the rest" in caplog.text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<html>", "not valid JSON: line 1"),
        ("5", "no list of articles"),
        ('{"value": 5}', "no list of articles"),
        ('{"value": [], "nextPage": 0}', "nextPage"),
        ('{"value": [], "nextPage": {}}', "nextPage"),
        ('{"value": [], "nextPage": "ftp://a.example"}', "nextPage"),
        ('{"value": [], "nextPage": "http://["}', "nextPage"),
        ('{"value": ' + "[" * 500 + "]" * 500 + "}", ""),
    ],
)
async def test_invalid_responses_are_rejected(api: Api, body: str, message: str) -> None:
    """The error is one line that names the address."""
    api.put(1, body)
    if not message:
        assert (await api.load()).rejected == 1
        return
    with pytest.raises(SourceError, match=message) as caught:
        await api.load()
    assert api.server.url("/api") in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_articles_of_wrong_types_are_rejected(api: Api) -> None:
    """The others are read."""
    api.show(
        [
            5,
            None,
            api_article(1, title=["x"]),
            api_article(2, published=False),
            api_article(3, webUrl=7),
            api_article(4),
        ]
    )
    counts = await api.load()
    assert counts == LoadCounts(new=1, rejected=4, drafts=1)
    reasons = {str(document.rejection) for document in await api.store.rejected_documents()}
    assert "title: must be text, not a list" in reasons


async def test_probe_describes_the_api(api: Api) -> None:
    """`storywire check` uses it."""
    api.show([api_article(2)], [api_article(1)])
    assert await api.source().probe() == "a page of 1 article and more pages"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
fields = st.dictionaries(st.sampled_from([*api_article(1), "id", "images", "provider"]), values)


@given(values | st.fixed_dictionaries({"value": st.lists(fields | values), "nextPage": values}))
def test_any_json_is_a_page_or_a_source_error(content: Any) -> None:  # noqa: ANN401 - any JSON
    """Every article of a page is read or rejected."""
    try:
        page = parse_page(json.dumps(content).encode(), "https://news.example/api", 1, None)
    except SourceError:
        return
    for item in page.items:
        item.key.encode()
        if item.fields is not None:
            with suppress(RejectedError):
                read_fields(item.fields, unpublished="announce")
