import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.fetching.fetcher import Fetcher, Limits
from bot.fetching.poll_schedule import PollSchedule
from bot.ingest.api.pages import MAX_PAGE_ITEMS, ApiPage, Item, parse_page
from bot.ingest.api.source import ACCEPT, DEFAULT_LIMITS, ApiLimits, ApiSource
from bot.ingest.article import as_reading, read_fields
from bot.ingest.defaults import NO_DEFAULTS, Defaults
from bot.ingest.frontmatter import RejectedError
from bot.ingest.loader import load_source
from bot.ingest.sites.fields import translate
from bot.ingest.web_page import WebPage
from bot.ingest.workers import Workers
from storage.models import Article, LoadCounts, Story
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
        limits: ApiLimits = DEFAULT_LIMITS,
    ) -> ApiSource:
        """Return the API as after a restart."""
        schedule = PollSchedule(timedelta(hours=1), self.clock, lambda: 0.0)
        address = self.server.url(path)
        page = WebPage(
            address,
            self.fetcher,
            self.workers,
            schedule,
            clock=self.clock,
            name="api",
            accept=ACCEPT,
            allow_private=True,
            further=(pages,) if pages else (),
        )
        return ApiSource(
            page,
            clock=self.clock,
            pages=pages,
            unpublished="skip",
            defaults=defaults,
            limits=limits,
        )

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
                "lang": "pt-BR",
            }
        ]
    )
    source = api.source(defaults=Defaults(quality=75, base_url="https://news.example/"))
    assert await api.load(source) == LoadCounts(new=1)
    [story] = await api.stories()
    assert story.article.url == "https://news.example/stories/1/"
    assert story.article.excerpt == "A description."
    assert story.article.topics == ("AI",)
    assert story.article.language == "pt-BR"
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


@pytest.mark.parametrize(
    "limits",
    [ApiLimits(pages=3), ApiLimits(items=5), ApiLimits(bytes=900), ApiLimits(page_items=1)],
)
async def test_what_is_read_is_bounded(
    api: Api, limits: ApiLimits, caplog: pytest.LogCaptureFixture
) -> None:
    """The log reports it, and the next read is as cheap as any."""
    pages = [[api_article(2 * number), api_article(2 * number + 1)] for number in range(9)]
    api.show(*pages)
    new = 9 if limits.page_items == 1 else 6
    assert await api.load(api.source(limits=limits)) == LoadCounts(new=new)
    assert "skipped the rest" in caplog.text
    assert await api.load(api.source(limits=limits)) == LoadCounts(unchanged=new)
    assert api.server.requests == ["/api"]


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


@pytest.mark.parametrize(
    ("pages", "requests"),
    [
        pytest.param({"/api": "/api"}, 1, id="itself"),
        pytest.param({"/api": "//"}, 1, id="empty address"),
        pytest.param({"/api": "#more"}, 1, id="fragment"),
        pytest.param({"/api": 0}, 1, id="zero"),
        pytest.param({"/api": -1}, 1, id="negative"),
        pytest.param({"/api": "1"}, 1, id="its own number as text"),
        pytest.param({"/api": 2, "/api?page=2": "/api?page=2"}, 2, id="itself, later"),
        pytest.param({"/api": 2, "/api?page=2": 1}, 2, id="back to the first"),
        pytest.param({"/api": "?a=1&b=2", "/api?a=1&b=2": "?b=2&a=1"}, 2, id="order of the query"),
        pytest.param({"/api": "?a=%41", "/api?a=A": "?a=A#x"}, 2, id="encoding"),
        pytest.param({"/api": "?n=1", "/api?n=1": "?n=2", "/api?n=2": "?n=1"}, 3, id="B, C, B"),
        pytest.param(
            {"/api": "?n=1", "/api?n=1": "?n=2", "/api?n=2": "?n=3", "/api?n=3": "/api"},
            4,
            id="A, B, C, D, A",
        ),
    ],
)
async def test_reading_ends_where_pages_lead_back(
    api: Api, pages: dict[str, object], requests: int
) -> None:
    """That is no error, and the next read costs one request."""
    for number, (path, following) in enumerate(pages.items()):
        page = {"value": [api_article(number)], "nextPage": following}
        api.server.at(path, json.dumps(page))
    assert await api.load() == LoadCounts(new=len(pages))
    assert len(api.server.requests) == requests
    assert await api.load() == LoadCounts(unchanged=len(pages))
    assert api.server.requests == ["/api"]


@pytest.mark.parametrize("repeated", [[1], [2, 1], [1, 2, 3]])
async def test_reading_ends_at_a_page_without_further_articles(
    api: Api, repeated: list[int]
) -> None:
    """Some APIs repeat their articles under ever new addresses."""
    first = [api_article(number) for number in (3, 2, 1)]
    api.server.at("/api", json.dumps({"value": first, "nextPage": "?cursor=1"}))
    for cursor in range(1, 9):
        again = [api_article(number, title=f"Version {cursor}") for number in repeated]
        page = {"value": again, "nextPage": f"?cursor={cursor + 1}"}
        api.server.at(f"/api?cursor={cursor}", json.dumps(page))
    assert await api.load() == LoadCounts(new=3)
    assert api.server.requests == ["/api", "/api?cursor=1"]
    assert await api.load() == LoadCounts(unchanged=3)


async def test_page_after_the_last_may_be_the_last_again(api: Api) -> None:
    """Some APIs return their last page for every higher number."""
    api.server.at("/api", json.dumps({"page": 1, "value": [api_article(2)], "nextPage": 2}))
    last = {"page": 2, "value": [api_article(1)], "nextPage": 3}
    api.put(2, json.dumps(last))
    api.put(3, json.dumps(last))
    assert await api.load() == LoadCounts(new=2)


async def test_empty_page_is_not_the_last(api: Api) -> None:
    """OData services filter pages after dividing their lists into pages."""
    api.show([api_article(2)], [], [api_article(1)])
    assert await api.load() == LoadCounts(new=2)


def next_page(content: dict[str, object], address: str, pattern: str | None) -> str | None:
    body = json.dumps({"value": [], **content}).encode()
    page = parse_page(body, address, None, pattern)
    assert not page.problem
    return page.next_address


ADDRESS = "https://n.example/v1/api?limit=5"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, None),
        ({"nextPage": None}, None),
        ({"nextPage": False}, None),
        ({"nextPage": ""}, None),
        ({"nextPage": 2}, f"{ADDRESS}&page=2"),
        ({"nextPage": "2"}, f"{ADDRESS}&page=2"),
        ({"nextPage": " 2 "}, f"{ADDRESS}&page=2"),
        ({"nextPage": 2.0}, f"{ADDRESS}&page=2"),
        ({"page": "7", "nextPage": "8"}, f"{ADDRESS}&page=8"),
        ({"page": 0, "nextPage": 1}, f"{ADDRESS}&page=1"),
        ({"page": 7, "nextPage": 7}, None),
        ({"page": True, "nextPage": 2}, f"{ADDRESS}&page=2"),
        ({"page": {"number": 3}, "nextPage": 2}, f"{ADDRESS}&page=2"),
        ({"nextPage": "2.json"}, "https://n.example/v1/2.json"),
        ({"nextPage": "?page=2"}, "https://n.example/v1/api?page=2"),
        ({"nextPage": "/2"}, "https://n.example/2"),
        ({"nextPage": "//m.example/2"}, "https://m.example/2"),
        ({"nextPage": {"href": "/2"}}, "https://n.example/2"),
        ({"nextPage": {"url": "/2"}}, "https://n.example/2"),
        ({"nextPage": {"href": None}}, None),
        ({"next": "/2"}, "https://n.example/2"),
        ({"next": 2}, f"{ADDRESS}&page=2"),
        ({"next": None, "next_url": "/2"}, "https://n.example/2"),
        ({"next_url": "/2"}, "https://n.example/2"),
        ({"nextLink": "/2"}, "https://n.example/2"),
        ({"@odata.nextLink": "/2"}, "https://n.example/2"),
        ({"next_page_url": "/2"}, "https://n.example/2"),
        ({"links": {"next": "/2"}}, "https://n.example/2"),
        ({"links": {"next": {"href": "/2"}}}, "https://n.example/2"),
        ({"_links": {"next": {"href": "/2"}}}, "https://n.example/2"),
        ({"links": {"next": None}}, None),
        ({"links": [{"rel": "next"}]}, None),
        ({"nextPage": None, "next": "/2"}, None),
        # Something else that has such a name.
        ({"next": {"title": "Story"}}, None),
        ({"next": "ftp://a.example/2"}, None),
        ({"next": True}, None),
        ({"page": 1, "totalPages": 3}, None),
    ],
)
def test_next_page_is_found(content: dict[str, object], expected: str | None) -> None:
    """APIs name it, and write numbers and addresses, in different ways."""
    assert next_page(content, ADDRESS, None) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"nextPage": 2}, "https://n.example/p/2.json"),
        ({"page": 1, "totalPages": 3}, "https://n.example/p/2.json"),
        ({"page": "2", "total_pages": "3"}, "https://n.example/p/3.json"),
        ({"totalPages": 2}, "https://n.example/p/2.json"),
        ({"page": 3, "totalPages": 3}, None),
        ({"page": 1, "totalPages": 3, "nextPage": None}, None),
        ({"page": 1, "totalPages": {}}, None),
        ({}, None),
    ],
)
def test_pattern_is_used_for_numbers(content: dict[str, object], expected: str | None) -> None:
    """With a pattern in the settings, the number of all pages is enough."""
    assert next_page(content, ADDRESS, "/p/{page}.json") == expected


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
        ("<html>", "it is a web page, not JSON; check the address"),
        ("5", "no list of articles"),
        ('{"value": 5}', "no list of articles"),
        ('{"value": [], "nextPage": 1000001}', "nextPage"),
        ('{"value": [], "nextPage": true}', "nextPage"),
        ('{"value": [1,]}', "not valid JSON: line 1, column"),
        ('{"value": []} x', "not valid JSON"),
        ("", "empty response"),
        ('{"value": ' + "[" * 100_000, "nested too deeply"),
        ('{"value": ' + "[" * 1_100 + "]" * 1_100 + "}", "nested too deeply"),
        ('{"value": [], "nextPage": {}}', "nextPage"),
        ('{"value": [], "nextPage": "ftp://a.example"}', "nextPage"),
        ('{"value": [], "nextPage": "http://["}', "nextPage"),
        ('{"value": ' + "[" * 500 + "]" * 500 + "}", ""),
        ('{"value": [[' + '{"a": [' * 240 + "]}" * 240 + "]]}", ""),
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


def read(body: bytes | str) -> ApiPage:
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return parse_page(content, ADDRESS, None, None)


def only(content: object) -> Item:
    """Parse a page with one article."""
    [item] = read(json.dumps([content])).items
    return item


DEEP = "[" * 400 + "]" * 400


@pytest.mark.parametrize(
    "unknown",
    ["1", '"x"', "null", "{}", DEEP, '{"a": ' * 400 + "1" + "}" * 400, "1" * 5_000, "1e999", "NaN"],
)
def test_unknown_fields_are_left_out(unknown: str) -> None:
    """They are no part of the digest, so a counter of views changes no article."""

    def article(**more: str) -> str:
        related = [{"title": "A", "webUrl": "/1", **more}]
        provider = {"name": "A", "images": [{"url": "/i.png", **more}], **more}
        return json.dumps(api_article(1, provider=provider, related=related, **more))

    with_unknown = article(views="@", body="@").replace('"@"', unknown)
    [expected], [item] = read(f"[{article()}]").items, read(f"[{with_unknown}]").items
    assert item == expected


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (1, "1", True),
        (1, 1.0, True),
        (10**25, str(10**25), True),
        (0, "0", True),
        (-5, "-5", True),
        (1, 2, False),
        (1.5, 1, False),
        (1.5, "1.5", True),
        (True, 1, False),
        (False, 0, False),
        (None, "None", False),
    ],
)
def test_ids_are_the_same_as_numbers_and_text(first: object, second: object, *, same: bool) -> None:
    """Booleans are no ids."""
    keys = {only({"id": value, "title": "A story"}).key for value in (first, second)}
    assert len(keys) == (1 if same else 2)


@pytest.mark.parametrize("value", [True, False, None, "", [], {}, ["a"], {"$oid": "a"}])
def test_what_is_no_id_is_skipped(value: object) -> None:
    """The address is the key then."""
    article = api_article(1, path=None, id=value)
    assert only(article).key == "https://news.example/1"


def test_long_number_is_an_id() -> None:
    """It is longer than any that Python converts."""
    digits = "7" * 5_000
    [number], [text] = read(f'[{{"id": {digits}}}]').items, read(f'[{{"id": "{digits}"}}]').items
    assert number.key == text.key


@pytest.mark.parametrize(
    "body",
    [
        b'[{"id": 1, "title": "A \xc3\xa9"}]',
        b'\xef\xbb\xbf[{"id": 1, "title": "A \xc3\xa9"}]',
        b'\r\n\t [{"id": 1, "title": "A \xc3\xa9"}]\n',
        '[{"id": 1, "title": "A é"}]'.encode("utf-16"),
        '[{"id": 1, "title": "A é"}]'.encode("utf-16-le"),
        '[{"id": 1, "title": "A é"}]'.encode("utf-16-be"),
        '[{"id": 1, "title": "A é"}]'.encode("utf-32"),
        b'[{"id": 1, "title": "A \\u00e9"}]',
        b'[{"id": 1, "title": "A \\u00e9\\ud800"}]',
        b'[{"id": 1, "title": "\\udfffA \\u00e9"}]',
        b'[{"id": 1, "title": "A \\u0000\\u00e9"}]',
        b'[{"id": 1, "title": "A\n\xc3\xa9"}]',
        b'[{"id": 1, "title": "A\t\xc3\xa9\x00"}]',
        b'[{"id": 1, "title": "no", "title": "A \xc3\xa9"}]',
        b'[{"id": 1, "title": "A \xc3\xa9", "quality": NaN, "heat": -Infinity}]',
        b'[{"id": 1, "title": "A \xc3\xa9", "quality": 1e999}]',
        b'[{"id": 1, "title": "A \xc3\xa9", "topics": null}]',
        b'{"value": [{"id": 1, "title": "A \xc3\xa9"}]}',
        b'{"items": [{"id": 1, "title": "A \xc3\xa9"}], "value": 5}',
    ],
)
def test_variants_of_json_are_read(body: bytes) -> None:
    """They contain the same article."""
    [item] = read(body).items
    assert (item.key, item.fields) == ("1", {"title": "A é"})


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("quality", "75", "quality", 75),
        ("quality", " 75 ", "quality", 75),
        ("quality", 75.0, "quality", 75),
        ("quality", "75.0", "quality", 75),
        ("quality", None, "quality", 0),
        ("heat", "7", "heat", 7),
        ("heat", {"a": 1}, "heat", -1),
        ("title", 2026, "title", "2026"),
        ("title", "  A  \n story ", "title", "A story"),
        ("title", "a" * 5_000, "title", "a" * 999 + "…"),
        ("excerpt", "b" * 1_000_000, "excerpt", "b" * 4_999 + "…"),
        ("excerpt", ["b"], "excerpt", ""),
        ("topics", ["A", "a", 5, None, ["x"], "b" * 101], "topics", ("A", "5")),
        ("topics", "A", "topics", ("A",)),
        ("topics", [f"T{n}" for n in range(900)], "topics", tuple(f"T{n}" for n in range(50))),
        ("category", "c" * 500, "category", "c" * 99 + "…"),
        ("type", "Video", "kind", "video"),
        ("publishedDateTime", " 2026-11-23 ", "published_at", datetime(2026, 11, 23, tzinfo=UTC)),
        ("webUrl", "https://a.example/%D0%B6" + "%D0%B6" * 500, "url", None),
    ],
)
def test_known_fields_are_read(name: str, value: object, field: str, expected: object) -> None:
    """They are bounded as those of other sources are, and cut off in the same way."""
    item = only(api_article(1, **{name: value}))
    article = read_fields(item.fields, unpublished="announce")
    read_whole = read_fields({**api_article(1), name: value}, unpublished="announce")
    assert article == read_whole
    assert expected is None or getattr(article, field) == expected


@pytest.mark.parametrize(
    ("written", "zone", "expected"),
    [
        (1_795_428_000, None, "2026-11-23T10:00:00+00:00"),
        (1_795_428_000_000, None, "2026-11-23T10:00:00+00:00"),
        (1_795_428_000.0, None, "2026-11-23T10:00:00+00:00"),
        ("1795428000", None, "2026-11-23T10:00:00+00:00"),
        ("Mon, 23 Nov 2026 10:00:00 GMT", None, "2026-11-23T10:00:00+00:00"),
        ("2026-11-23T10:00:00+02:00", "Asia/Tokyo", "2026-11-23T08:00:00+00:00"),
        ("2026-11-23T10:00:00", None, "2026-11-23T10:00:00+00:00"),
        ("2026-11-23T10:00:00", "Europe/Berlin", "2026-11-23T09:00:00+00:00"),
        ("2026-11-23 10:00", "America/New_York", "2026-11-23T15:00:00+00:00"),
    ],
)
@pytest.mark.parametrize("name", ["publishedDateTime", "date", "pubDate"])
def test_dates_are_read_as_those_of_feeds(
    written: object, zone: str | None, expected: str, name: str
) -> None:
    """They may be numbers, and the source may have a time zone."""
    article = {"title": "A", "webUrl": "https://a.example/", name: written}
    body = json.dumps([{**article, "related": [article]}]).encode()
    [item] = parse_page(body, ADDRESS, None, None, time_zone=zone).items
    read_article = read_fields(item.fields, unpublished="announce")
    assert isinstance(read_article, Article)
    assert read_article.published_at.isoformat() == expected


@pytest.mark.parametrize(
    "written", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0, "1900-01-01"]
)
def test_implausible_date_is_none(written: object) -> None:
    """An article needs a date, so it is rejected instead of being older than the Web."""
    with pytest.raises(RejectedError):
        read_fields(only(api_article(1, publishedDateTime=written)).fields, unpublished="announce")


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://a.example/Tax Crackdown", "https://a.example/Tax%20Crackdown"),
        (' https://a.example/say "hi"\n', "https://a.example/say%20%22hi%22"),
        (r"https:\\a.example\b", "https://a.example/b"),
        ("http:/a.example/b", "http://a.example/b"),
        ("https://a.example/日本?q=é", "https://a.example/日本?q=é"),
    ],
)
def test_addresses_are_repaired(written: str, url: str) -> None:
    """As those of feeds are; valid ones stay as they are."""
    images = [{"url": "https://a.example/My Photo.jpg"}]
    article = read_fields(
        only(api_article(1, webUrl=written, images=images)).fields, unpublished="announce"
    )
    assert isinstance(article, Article)
    assert article.url == url
    assert [image.url for image in article.images] == ["https://a.example/My%20Photo.jpg"]


def test_article_is_small_whatever_it_contains() -> None:
    """Every text, list and group of fields is bounded, also those within others."""
    text, group = "x" * 20_000, {str(number): "x" * 9 for number in range(10)}
    images = [{"url": text, "width": text, "height": group, "type": text, **group}] * 40
    provider = {"name": text, "domain": text, "images": images[:9], **group}
    article = dict.fromkeys(api_article(1), text) | {
        "provider": provider,
        "images": images,
        "topics": [f"{number} {text}" for number in range(60)],
        "related": [{**api_article(1), "excerpt": text, "provider": provider, **group}] * 60,
        "quality": [group],
        "heat": group,
        "draft": text,
        **group,
    }
    item = only(article)
    assert len(json.dumps(item.fields)) < 4_000_000
    assert "5" not in item.fields


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
addresses = st.sampled_from(["/a", "https://b.example/", " https://b.example ", "c.png", "#", ""])
dates = st.sampled_from(["2026-11-23", "2026-11-23T10:00:00Z", " 2026/1/2 ", "now", ""])
images = st.lists(
    st.dictionaries(st.sampled_from(["url", "width", "type", "mime_type"]), values | addresses)
)
providers = values | st.dictionaries(st.sampled_from(["name", "domain", "images"]), values | images)
strategies: dict[str, st.SearchStrategy[object]] = {
    "title": st.text(),
    "webUrl": addresses,
    "originalUrl": addresses,
    "publishedDateTime": dates,
    "date": dates,
    "url": addresses,
    "topics": st.lists(st.text(max_size=5)),
    "tags": st.lists(st.text(max_size=5)),
    "images": images,
    "image": addresses,
    "provider": providers,
    "quality": st.integers(-9, 9).map(str),
    "draft": st.sampled_from(["true", "no", 1, 0]),
    "Published": st.booleans(),
    "type": st.sampled_from(["video", "Video ", "article"]),
}
related = st.lists(
    st.dictionaries(st.sampled_from(["title", "webUrl", "provider"]), values | addresses)
)
fields = st.fixed_dictionaries(
    {},
    optional={
        name: strategies.get(name, st.nothing()) | values
        for name in (*strategies, *api_article(1), "id", "heat", "category", "excerpt")
    }
    | {"related": related | values},
)


@given(values | st.fixed_dictionaries({"value": st.lists(fields | values), "nextPage": values}))
def test_any_json_is_a_page_or_a_source_error(content: Any) -> None:  # noqa: ANN401 - any JSON
    """Every article of a page is read or rejected."""
    try:
        page = parse_page(json.dumps(content).encode(), "https://news.example/api", 1, None)
    except SourceError:
        return
    for item in page.items:
        item.key.encode()
        with suppress(RejectedError):
            read_fields(item.fields, unpublished="announce")


def outcome(fields: Mapping[str, object], defaults: Defaults) -> object:
    return as_reading(lambda: read_fields(defaults.fill(fields), unpublished="skip"))


@given(fields, st.sampled_from([NO_DEFAULTS, Defaults(quality=75, base_url="https://a.example/")]))
def test_known_fields_are_read_like_all_fields(
    content: dict[str, object], defaults: Defaults
) -> None:
    """Leaving out what is unknown changes no article and no rejection."""
    content = json.loads(json.dumps(content).replace("NaN", "null").replace("Infinity", "5"))
    item = only(content)
    if item.rejection is None:
        whole = translate(content, "", NO_DEFAULTS, is_page=False)
        assert outcome(item.fields, defaults) == outcome(whole, defaults)


async def test_change_that_waited_is_taken_from_a_later_page(api: Api) -> None:
    """It is on a later page, to which no change of page 1 leads."""

    async def read(title: str, excerpt: str, **more: object) -> str:
        api.show([api_article(2, title=title, **more)], [api_article(1, excerpt=excerpt)])
        await api.load()
        return (await api.stories())[0].article.excerpt

    assert await read("Story 2", "First.") == "First."
    assert await read("Story 2, corrected", "Second.") == "Second."
    assert await read("Story 2, corrected again", "Retracted.") == "Second."
    assert await read("Story 2, corrected again", "Retracted.", views=9) == "Second."
    api.clock.skip(2 * 3600)
    assert await read("Story 2, corrected again", "Retracted.", views=9) == "Retracted."
    await api.load()
    assert api.server.requests == ["/api"]


async def test_new_parameters_edit_nothing(api: Api) -> None:
    """Signatures and sessions are generated for every request."""
    found = list[Sequence[Story]]()
    for token in ("a", "b", "c"):
        picture = {"url": f"https://news.example/a.jpg?signature={token}"}
        provider = {"name": "News", "images": [picture]}
        article = api_article(
            1,
            webUrl=f"https://news.example/1?s={token}",
            images=[picture],
            provider=provider,
            related=[{"title": "Other", "webUrl": f"https://news.example/2?s={token}"}],
        )
        api.show([article])
        await api.load()
        found.append(await api.stories())
    assert all(each == found[0] for each in found)


async def test_a_next_page_may_not_be_on_another_private_server(api: Api) -> None:
    """The permission of the API's own server does not cover it, unless the settings name it."""
    async with serve_web() as other:
        other.at("/api?page=2", json.dumps({"value": [api_article(2)]}))
        listed = {"value": [api_article(1)], "nextPage": other.url("/api?page=2")}
        api.server.at("/api", json.dumps(listed))
        with pytest.raises(SourceError, match=r"page 2: .*only a server that the settings name"):
            await api.load()
        assert other.requests == []
        pages = other.url("/api?page={page}")
        assert await api.load(api.source(pages=pages)) == LoadCounts(new=1, unchanged=1)
        assert other.requests == ["/api?page=2"]
